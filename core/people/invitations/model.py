"""Whom a building can invite, and the code that each of them gets. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from core.kernel.errors import DomainError
from core.kernel.ids import ALPHABET
from core.people.codes.model import INVITED_LASTS, SIGNS

LASTS = INVITED_LASTS
AGAIN = timedelta(minutes=15)
"""For so long the same form gives the same codes once more: somebody pressed twice, or the printer had no paper."""
MOST = 500
"""People invited at once."""


class Given(DomainError):
    """The codes of this form were made some time ago, or are good no more: new ones need a new form."""


@dataclass(frozen=True, slots=True)
class Out:
    """The codes of a person that are good still: how many, since when the newest, until when the last."""

    codes: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody with a lot or a role in a building today. `code`: his in its files; `lots`: owned or rented, as one text.

    `linked`: the channels that he tied, or wrote from (an e-mail address may just be on file); `on_file`: those at which he is known and
    nothing came back. `out`: codes that are on their way to him.
    """

    person_id: UUID
    code: str
    name: str
    language: str
    lots: str
    street: str
    postal_code: str
    city: str
    country: str
    linked: tuple[str, ...]
    on_file: tuple[str, ...]
    out: Out | None

    @property
    def waits(self) -> bool:
        """Whether he has linked nothing, and no code is on its way to him."""
        return not self.linked and self.out is None


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation: to whom, its one-time code, and until when that is good."""

    to: Invitee
    form: UUID
    code: str
    until: datetime

    @property
    def key(self) -> str:
        """What makes a second message of it harmless."""
        return f"invitation:{self.form.hex}:{self.to.person_id.hex}"


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody reaches us on a channel. `where`: our name there; `link`: opens a talk, with `{code}` where the code belongs."""

    channel: str
    where: str
    link: str | None = None


def code_of(key: bytes, form: UUID, person: UUID) -> str:
    """The one-time code of a person in one form: with the installation's key always the same, without it anybody's guess.

    So that a form which is sent twice makes one set of codes, though none is kept. It has a digit, as every code.
    """
    for attempt in range(1000):
        seed = hmac.new(key, form.bytes + person.bytes + attempt.to_bytes(2, "big"), sha256).digest()
        code = "".join(ALPHABET[byte % len(ALPHABET)] for byte in seed[:SIGNS])
        if any(sign.isdigit() for sign in code):
            return code
    raise AssertionError("a thousand codes without a digit")


def invited(people: Sequence[Invitee], form: UUID, key: bytes, now: datetime) -> tuple[Invited, ...]:
    """The invitations that a form makes for these people; nothing is kept yet."""
    return tuple(Invited(each, form, code_of(key, form, each.person_id), now + LASTS) for each in people)
