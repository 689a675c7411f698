"""Persons and their rights in a building, on any day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from uuid import UUID

from core.buildings.model import Building, Known
from core.kernel.banking import structured_communication

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


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in one building: his code and roles there, and the number of his account."""

    building_id: UUID
    person: str
    account: int
    roles: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Place:
    """A building in which a person has a place. `owns`: he owns or owned a lot there."""

    known: Known
    membership: Membership
    owns: bool

    @property
    def building(self) -> Building:
        return self.known.building

    @property
    def communication(self) -> str:
        """The structured communication of his account there: unique for each person and building."""
        return structured_communication(self.known.number * 100_000 + self.membership.account * 10)
