"""Accounts in minutes: what somebody has, what is held of it, how far it may go; and entries, whose two lines add up to zero. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from core.community.sel.model import HOUR

LIMIT = 20 * HOUR
"""How far above and below zero an account may go where a building says nothing else: `sel_settings.limit_minutes`."""
LEAST_LIMIT, MOST_LIMIT = HOUR, 1_000 * HOUR
POT_BELOW = 5
"""The pot takes over the debts of those who leave down to so many times the limit of the building; above zero it has none."""


class Kind(StrEnum):
    """What an entry is for. `DEPOSIT`: kept by whom a thing was lent by; `POT`: to or from the common account of the building."""

    EXCHANGE = "exchange"
    DEPOSIT = "deposit"
    POT = "pot"


@dataclass(frozen=True, slots=True)
class Account:
    """The hours of one person in one building, in minutes. `held` counts against what he may still ask for, but belongs to nobody yet.

    A move that leads further out than the limit is refused; one that leads back is always possible, wherever the account stands.
    """

    balance: int = 0
    held: int = 0
    limit: int = LIMIT

    @property
    def free(self) -> int:
        """How much help he can still receive."""
        return max(0, self.balance - self.held + self.limit)

    @property
    def room(self) -> int:
        """How much help he can still give for hours."""
        return max(0, self.limit - self.balance)

    def can_receive(self, minutes: int) -> bool:
        return minutes <= self.free

    def can_give(self, minutes: int) -> bool:
        return minutes <= self.room

    def booked(self, minutes: int) -> Account:
        return replace(self, balance=self.balance + minutes)


@dataclass(frozen=True, slots=True)
class Line:
    """`person` None: the pot, the common account of the building."""

    person: UUID | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Minutes, more than none, that pass from one account to another. `subject`: what it follows from; each is booked once for its kind."""

    kind: Kind
    subject: UUID
    debtor: UUID | None
    creditor: UUID | None
    minutes: int

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.debtor == self.creditor:
            raise ValueError("an entry moves minutes from one account to another")

    @property
    def lines(self) -> tuple[Line, Line]:
        return Line(self.debtor, -self.minutes), Line(self.creditor, self.minutes)


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry as one of its persons sees it: `minutes` of his line, and the other side of it (None: the pot)."""

    kind: Kind
    minutes: int
    other: UUID | None
    at: datetime


def kept(minutes: int, lender: Account) -> tuple[int, int]:
    """A deposit that is kept: how much of it goes to the lender, and what is over his limit to the pot."""
    his = min(minutes, lender.room)
    return his, minutes - his


def left_behind(leaver: Account, pot: int) -> int:
    """What passes from the account of somebody who left to the pot: all that he had and that nothing is held of; below zero, what the
    pot takes over of his debt. `pot`: its balance. What it has no room for stays where it is until there is room.
    """
    if leaver.balance > 0:
        return max(0, leaver.balance - leaver.held)
    return -max(0, min(-leaver.balance, pot + POT_BELOW * leaver.limit))


def unbalanced(entries: Sequence[Sequence[int]]) -> bool:
    """Whether one of these entries, each the minutes of its lines, is not of two lines that add up to zero."""
    return any(len(lines) != 2 or sum(lines) != 0 for lines in entries)
