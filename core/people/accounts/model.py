"""Roles and what they may do; sessions, one-time links, and how long a wrong try makes everybody wait."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from core.kernel.errors import DomainError


class Role(Enum):
    """What somebody is in the office. The administrator looks after the installation; the others belong to an organisation or a building."""

    ADMINISTRATOR = "administrator"
    SYNDIC = "syndic"
    ACCOUNTANT = "accountant"
    COUNCIL = "council"
    AUDITOR = "auditor"


class Act(Enum):
    """What is done in the office."""

    READ = "read"
    """See buildings, people, messages and money."""
    WRITE = "write"
    """Change a building, its people, who owns and who rents."""
    TELL = "tell"
    """Send messages to residents, print letters, deal with what was set aside."""
    BOOK = "book"
    """Enter expenses, calls and payments."""
    SWITCH = "switch"
    """Switch the modules of a building on and off."""
    POLL = "poll"
    """Ask the residents something in a poll."""
    INVITE = "invite"
    """Give residents the codes by which they link a channel."""
    SET = "set"
    """Change channels, languages, reminders and the texts of letters."""
    AUDIT = "audit"
    """Read who did what, when."""
    EMPLOY = "employ"
    """Give others an account and a role."""
    RUN = "run"
    """Look after the installation: its organisations."""


MAY: Mapping[Role, frozenset[Act]] = {
    Role.ADMINISTRATOR: frozenset(Act),
    Role.SYNDIC: frozenset(Act) - {Act.RUN},
    Role.ACCOUNTANT: frozenset({Act.READ, Act.BOOK}),
    Role.COUNCIL: frozenset({Act.READ, Act.SWITCH, Act.POLL}),
    Role.AUDITOR: frozenset({Act.READ, Act.AUDIT}),
}
"""The whole truth about roles. The council supervises and decides on the modules (Civil Code, art. 3.90); the auditor reads (3.91)."""


def may(role: Role, act: Act) -> bool:
    return act in MAY[role]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in an organisation: in one building of it, or (None) in all of them."""

    role: Role
    building: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """All that somebody is in one organisation."""

    grants: tuple[Grant, ...] = ()

    def may(self, act: Act, building: UUID | None = None) -> bool:
        """Whether he may do it in that building; without one, in the organisation as a whole."""
        return any(grant.building in (None, building) and may(grant.role, act) for grant in self.grants)

    def may_somewhere(self, act: Act) -> bool:
        """Whether there is any place in the organisation where he may."""
        return any(may(grant.role, act) for grant in self.grants)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in. `second`: a code of his authenticator is asked too; `administrator`: of the whole installation."""

    account_id: UUID
    email: str
    name: str
    language: str
    has_password: bool
    second: bool
    administrator: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in. `agent`: what it calls itself."""

    session_id: UUID
    created_at: datetime
    last_used: datetime
    agent: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as its browser gets it: `refresh` is shown once; None where the one that the browser has stays good."""

    session_id: UUID
    account_id: UUID
    organisation: UUID
    refresh: str | None


class LinkFor(Enum):
    """What a one-time link is for: a first password, a new one, or to come in."""

    INVITATION = "invitation"
    RECOVERY = "recovery"
    SIGN_IN = "sign_in"


EMPLOYEES = (Role.SYNDIC, Role.ACCOUNTANT, Role.COUNCIL, Role.AUDITOR)
"""What an organisation can make of somebody. The administrator of the installation is made by whoever runs it."""


def check_dismissal(employed: Iterable[tuple[UUID, Grant]], account: UUID, gone: Grant, by: UUID | None) -> None:
    """DomainError where taking this role away would leave the organisation without a syndic, or who does it (`by`) locked out.

    `employed`: everybody's roles in the organisation, this one too. `by` None: somebody whose right is not among them.
    """
    left = [(each, grant) for each, grant in employed if (each, grant) != (account, gone)]
    if gone.role is Role.SYNDIC and not any(
        grant.role is Role.SYNDIC and (grant.building is None or gone.building is not None) for _, grant in left
    ):
        raise DomainError("office.colleagues.last_syndic")
    if by == account and may(gone.role, Act.EMPLOY):
        mine = Standing(tuple(grant for each, grant in left if each == account))
        if not mine.may(Act.EMPLOY):
            raise DomainError("office.colleagues.yourself")


INVITATION_LASTS = timedelta(days=7)
ADMIN_LASTS = timedelta(hours=1)
SENT_LASTS = timedelta(minutes=15)
"""A link that somebody asked for on the sign-in page."""
SESSION_IDLE, SESSION_LASTS = timedelta(days=14), timedelta(days=90)
"""How long a session outlives its last use; and how long it lasts at all."""
OVERLAP = timedelta(seconds=30)
"""For so long a refresh token may come once more after it was used: two tabs wake up at once. It then gives no new one."""
RECOVERY_CODES = 10

TRIES_ACCOUNT, TRIES_ADDRESS = 5, 20
"""Wrong tries before the first pause, for one account and for one network address, behind which a whole office may sit."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
FORGOTTEN = timedelta(days=1)
"""Wrong tries that are older count no more."""

SHORTEST, LONGEST = 12, 200
"""Signs of a password. The longest keeps the check cheap; nobody types so many."""


class WrongPassword(DomainError):
    """A new password that will not do."""


class SignInRefused(DomainError):
    """The same sentence for an unknown address, a wrong password and an account without one."""


class TooManyTries(DomainError):
    """Nothing of this account, or from this address, is looked at until later."""


class LinkOver(DomainError):
    """The one-time link was used, is too old, or never was."""


def pause(wrong: int, free: int) -> timedelta:
    """How long to wait after so many wrong tries: nothing before `free` of them, then twice as long each time, up to an hour."""
    if wrong < free:
        return timedelta(0)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(wrong - free, 10)))


def clean_email(text: str) -> str:
    """An address as accounts are known by it; empty where it can be none."""
    email = unicodedata.normalize("NFC", text).strip().lower()
    local, at, host = email.rpartition("@")
    fits = 3 <= len(email) <= 254 and email.isprintable() and " " not in email
    return email if at and local and host and fits else ""


def check_password(password: str, email: str) -> None:
    """WrongPassword for one that is too short, too long or known to everybody who knows the address. No rule about kinds of signs
    (NIST SP 800-63B, 3.1.1.2)."""
    if len(password) < SHORTEST:
        raise WrongPassword("office.password.short", count=SHORTEST)
    if len(password) > LONGEST:
        raise WrongPassword("office.password.long", count=LONGEST)
    folded = password.casefold()
    if folded in (email, email.partition("@")[0]) or len(set(folded)) < 4:
        raise WrongPassword("office.password.guessed")


def grants_of(rows: Iterable[tuple[str, UUID | None]], administrator: bool) -> Standing:
    granted = tuple(Grant(Role(role), building) for role, building in rows)
    return Standing((*granted, Grant(Role.ADMINISTRATOR)) if administrator else granted)
