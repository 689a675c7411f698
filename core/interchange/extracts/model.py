"""A piece of a list, in an order that does not change, and what stands in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Generic, TypeVar
from uuid import UUID

from core.charges.accounts.model import Owed, Posting, owed
from core.charges.ledger.model import OPENING, PAYMENT, payment_entry
from core.charges.model import Payment
from core.kernel.periods import Period
from core.people.model import Ownership, Place, Resident, Tenancy

T = TypeVar("T")

After = tuple[int | str | date, ...]
"""Where a row stands in its list: what the list is ordered by. A piece begins behind one."""


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """Some rows, and where the last of them stands if there are more."""

    rows: tuple[T, ...]
    after: After | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both counted; None: no bound."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A distribution key with what each lot weighs in it, in the order of the lots."""

    key: str
    weights: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """A person of a building with his rights there. `person_id`: the same in all buildings of the organisation."""

    person_id: UUID
    resident: Resident
    present: bool
    ownership: tuple[Ownership, ...]
    tenancies: tuple[Tenancy, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """A person's account: what is to pay in a period, by the definition of `owed`."""

    name: str
    place: Place
    owed: Owed
    postings: tuple[Posting, ...] = field(repr=False, default=())

    @property
    def entries(self) -> list[Posting]:
        """What was booked in the period, oldest first. An opening balance counts as what was there before, whenever it is dated."""
        return sorted((row for row in self.postings if row.kind != OPENING), key=entry_place)

    @property
    def paid_after(self) -> int:
        """What came in after the period and counts for it: `to_pay` = `opening` + the entries - this."""
        return self.owed.paid + sum(row.cents for row in self.postings if row.kind == PAYMENT)


@dataclass(frozen=True, slots=True)
class Received:
    """A payment with a name of its own, which stays the same as long as the payment does. Equal ones are told apart by their ordinal."""

    payment: Payment
    ordinal: int

    @property
    def payment_id(self) -> str:
        return sha256(payment_entry(self.payment, self.ordinal).source.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery without what it said: how far it came. `person`: his code in the building, empty where he has none there."""

    delivery_id: UUID
    person: str
    channel: str
    kind: str
    language: str
    fate: str
    reason: str
    evidence: int
    attempts: int
    created_at: datetime
    sent_at: datetime | None


def entry_place(entry: Posting) -> After:
    """Entries come by day; those of one day always in the same order. What names a document may be long, its hash is not."""
    return entry.booked_on, sha256(entry.source.encode()).hexdigest()[:32]


def balance(name: str, place: Place, postings: Iterable[Posting], period: Period, today: date) -> Balance:
    rows = list(postings)
    within = [row for row in rows if period.first <= row.booked_on <= period.last and row.known_on <= today]
    return Balance(name, place, owed(rows, period, today), tuple(within))


def piece(rows: Sequence[T], where: Callable[[T], After], after: After | None, most: int) -> Piece[T]:
    """The rows of a list behind a place, `most` at a time. The list is in the order of `where`."""
    left = [row for row in rows if after is None or where(row) > after]
    return cut(left, where, most)


def cut(rows: Sequence[T], where: Callable[[T], After], most: int) -> Piece[T]:
    """So many of these rows; there are more where one is left."""
    taken = tuple(rows[:most])
    return Piece(taken, where(taken[-1]) if len(rows) > most else None)
