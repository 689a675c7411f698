"""Persons and their rights in a building, on any day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from core.buildings.model import Building, Known
from core.kernel.banking import structured_communication
from core.messaging.channel import Address

ROLES = ("owner", "tenant", "council", "syndic", "auditor", "caretaker")
LEGAL_CHANNELS = ("email", "telegram", "matrix", "letter")

EMAIL, LETTER = "email", "letter"
"""The channels of what is on file: handles are e-mail addresses, and for letters the identity of the person."""

FULL, USUFRUCT, BARE = "full", "usufruct", "bare"
RIGHTS = (FULL, USUFRUCT, BARE)


@dataclass(frozen=True, slots=True)
class Resident:
    """A person as one building knows him: a row of `people.csv`. `person` is his code in this building.

    `channels_accepted`: the means other than the registered letter that he accepted for legal notices (3.87 par. 3), on `accepted_on`.
    """

    person: str
    name: str
    email: str
    phone: str
    language: str
    roles: tuple[str, ...]
    channels_accepted: tuple[str, ...] = ()
    accepted_on: date | None = None
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """The full form of an accepted channel: address, day, withdrawal and evidence (3.87 par. 3)."""

    person: str
    channel: str
    address: str
    accepted_on: date
    withdrawn_on: date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Ownership:
    """A right in a lot, from its first day to its last (None: still), for a fraction of it."""

    lot: str
    person: str
    right: str
    numerator: int
    denominator: int
    first: date
    last: date | None
    representative: bool

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def days(self, first: date, last: date) -> int:
        """How many days of a period the right was held, both ends counted."""
        begin, end = max(first, self.first), last if self.last is None else min(last, self.last)
        return max(0, (end - begin).days + 1)


@dataclass(frozen=True, slots=True)
class Tenancy:
    lot: str
    person: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an organisation: one, whatever he writes from. `language` is the one he is spoken to in."""

    person_id: UUID
    name: str
    language: str


YOUNG = timedelta(days=1)
"""For so long an address that was just linked cannot unlink those that were there before it: they can say first that it is not theirs."""


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """An address that leads to a person: since when, and when he last wrote from it (None: never yet)."""

    address: Address
    since: datetime
    last_used: datetime | None = None

    def may_unlink(self, other: OwnAddress, now: datetime) -> bool:
        return self == other or other.since >= self.since or now >= self.since + YOUNG


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in one building: his code and roles there, and the number of his account."""

    building_id: UUID
    person: str
    account: int
    roles: tuple[str, ...] = field(default=())


COUNCIL, SYNDIC = "council", "syndic"
BY_DATE = frozenset({"owner", "tenant"})
"""The roles that ownership and tenancy give, by date; the others are as the files say."""
NO_BOOKS = frozenset({"tenant", "caretaker"})
"""Who has these roles only does not see what the building spends and holds."""


def roles_today(listed: Collection[str], owns: bool, rents: bool) -> frozenset[str]:
    """What somebody is in a building on a day: owner and tenant by what he owns or rents on it, the rest as the files say."""
    dated = {"owner": owns, "tenant": rents}
    return frozenset(listed) - BY_DATE | {role for role, today in dated.items() if today}


@dataclass(frozen=True, slots=True)
class Place:
    """A building in which a person has a place, and what he may do there today.

    `owns`: he owns or owned a lot there; `owns_today`, `rents_today`: he has a right in a lot, or rents one, on this very day.
    """

    known: Known
    membership: Membership
    owns: bool
    owns_today: bool = False
    rents_today: bool = False

    @property
    def building(self) -> Building:
        return self.known.building

    @property
    def roles(self) -> frozenset[str]:
        """What he is there today."""
        return roles_today(self.membership.roles, self.owns_today, self.rents_today)

    @property
    def sees_books(self) -> bool:
        """Whether he may see what the building spends and holds: who owns or owned there, or looks after it (3.89 par. 5)."""
        return self.owns or not NO_BOOKS.issuperset(self.membership.roles)

    @property
    def manages(self) -> bool:
        """Whether he speaks for the building: its council or its syndic (3.89, 3.90)."""
        return not self.roles.isdisjoint((COUNCIL, SYNDIC))

    @property
    def communication(self) -> str:
        """The structured communication of his account there: unique for each person and building."""
        return structured_communication(self.known.number * 100_000 + self.membership.account * 10)
