"""What a person owes in a building, for a period and a moment of asking.

The account is a ledger: opening balances, calls for funds (booked on their due date), settlements (on their date), payments. To pay is

    opening balances dated up to the last day of the period and by the moment of asking
    + calls due up to the last day of the period and issued by the moment of asking
    + settlements booked up to the last day of the period and by the moment of asking
    - all payments up to and including the day of asking, each once

What was paid or credited after the period, by the day of asking, counts only as far as it covers what was still open at its end: a bill
of the past that was paid reads 0, not a credit; a credit of the past stays one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.charges.ledger.model import CALL, OPENING, PAYMENT, SETTLEMENT
from core.charges.model import FUNDS
from core.kernel.periods import Period


class Posting(NamedTuple):
    """What one entry of the books means for one person: `cents` above zero is owed by him, below is in his favour."""

    kind: str
    fund: str
    booked_on: date
    known_on: date
    due: date
    cents: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """The answer, in cents: `to_pay` = `opening` + `called` + `settled` - `paid`; negative: a credit in the person's favour."""

    period: Period
    to_pay: int
    opening: int
    called: dict[str, int] = field(default_factory=dict)
    settled: int = 0
    paid: int = 0
    due: date | None = None


@dataclass(frozen=True, slots=True)
class FundBalance:
    """A fund by the books: what was called for it less what it paid, in cents."""

    fund: str
    called: int
    spent: int

    @property
    def balance(self) -> int:
        return self.called - self.spent


def owed(postings: Iterable[Posting], period: Period, asked_on: date) -> Owed:
    """What is to pay; `asked_on` is the day of asking where the building stands. One posting for each document: no reversals.

    A refund takes from what was paid: it is no debt with a due date of its own.
    """
    known = [row for row in postings if row.known_on <= asked_on]
    counted = [row for row in known if row.booked_on <= period.last]
    open_at_end = sum([row.cents for row in counted])
    since = [row for row in known if period.last < row.booked_on <= asked_on]
    later = -sum(row.cents for row in since if row.kind == PAYMENT or row.cents < 0)
    covered = min(max(later, 0), max(open_at_end, 0))
    to_pay = open_at_end - covered

    before = [row for row in counted if row.booked_on < period.first or row.kind == OPENING]
    within = [row for row in counted if row.booked_on >= period.first]
    called = dict.fromkeys(FUNDS, 0)
    for row in within:
        if row.kind == CALL:
            called[row.fund] += row.cents
    return Owed(
        period,
        to_pay,
        opening=sum(row.cents for row in before),
        called=called,
        settled=sum(row.cents for row in within if row.kind == SETTLEMENT),
        paid=covered - sum(row.cents for row in within if row.kind == PAYMENT),
        due=_first_uncovered([row for row in counted if row.cents > 0 and row.kind != PAYMENT], to_pay),
    )


def _first_uncovered(debts: list[Posting], to_pay: int) -> date | None:
    """The earliest due date that is not fully covered, what covers going to the oldest first; None when nothing is to pay."""
    if to_pay <= 0:
        return None
    left = sum(row.cents for row in debts) - to_pay
    for row in sorted(debts, key=lambda row: row.due):
        left -= row.cents
        if left < 0:
            return row.due
    return None
