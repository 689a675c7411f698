"""A person's calls and settlements taken apart: each amount, its key, the lot's weight, the owner's share, the cent of rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.charges.model import WORKING, Call, Expense, Settlement
from core.charges.parts.model import Register, over_owners, settled_calls, settled_expenses
from core.kernel.periods import Period


@dataclass(frozen=True, slots=True)
class Item:
    """One amount on one lot: `total` x `weight` / `whole` = `lot_part`, of which `share` is the person's, `part`. In cents.

    A private cost has a weight of 1 of 1. `rounded`: a cent that was left over fell on this lot's part.
    """

    number: str
    day: date
    title: str
    supplier: str
    key: str
    total: int
    weight: int
    whole: int
    lot: str
    lot_part: int
    share: Fraction
    part: int
    fund: str = WORKING
    document: str = ""

    @property
    def rounded(self) -> bool:
        return abs(self.lot_part) * self.whole > abs(self.total) * self.weight


@dataclass(frozen=True, slots=True)
class Closing:
    """A settlement taken apart: the real expenses, less what was called for them."""

    settlement: Settlement
    expenses: tuple[Item, ...]
    called: int

    @property
    def result(self) -> int:
        return sum(item.part for item in self.expenses) - self.called


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that was called of a person and settled with him in a period, item by item."""

    period: Period
    calls: tuple[Item, ...]
    closings: tuple[Closing, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return (*self.calls, *(item for closing in self.closings for item in closing.expenses))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an explanation is made from: the person's lots, everybody's rights in them, and what fell on them.

    `weights`: (key, lot) -> weight; `wholes`: key -> the sum of its weights; `parts`: (source, lot) -> cents.
    """

    register: Register
    calls: Sequence[Call]
    settlements: Sequence[Settlement]
    expenses: Sequence[Expense]
    weights: Mapping[tuple[str, str], int]
    wholes: Mapping[str, int]
    parts: Mapping[tuple[str, str], int]


def explain(person: str, period: Period, evidence: Evidence) -> Explanation:
    calls = [item for call in evidence.calls if call.due in period for item in _call_items(person, call, evidence)]
    closings = []
    for settlement in evidence.settlements:
        settled = Period(settlement.first, settlement.last)
        expenses = [
            item
            for expense in settled_expenses(settlement, evidence.expenses)
            for item in _expense_items(person, expense, settled, evidence)
        ]
        called = sum(
            item.part
            for call in settled_calls(settlement, evidence.calls)
            for item in _call_items(person, call, evidence)
        )
        closings.append(Closing(settlement, tuple(expenses), called))
    return Explanation(period, tuple(calls), tuple(closings))


def _call_items(person: str, call: Call, evidence: Evidence) -> list[Item]:
    items = []
    for lot in evidence.register.lots:
        cents = evidence.parts.get((f"call:{call.number}", lot), 0)
        owners = evidence.register.called(call, lot)
        if cents and person in owners:
            items.append(
                Item(
                    number=call.number,
                    day=call.due,
                    title=call.title,
                    supplier="",
                    key=call.key,
                    total=call.total,
                    weight=evidence.weights.get((call.key, lot), 0),
                    whole=evidence.wholes[call.key],
                    lot=lot,
                    lot_part=cents,
                    share=Fraction(owners[person], sum(owners.values())),
                    part=_mine(person, lot, cents, owners),
                    fund=call.fund,
                )
            )
    return items


def _expense_items(person: str, expense: Expense, settled: Period, evidence: Evidence) -> list[Item]:
    items = []
    for lot in evidence.register.lots:
        cents = evidence.parts.get((f"expense:{expense.number}", lot), 0)
        owners = evidence.register.bearing(expense, lot, settled)
        if cents and person in owners:
            private = bool(expense.private_lot)
            items.append(
                Item(
                    number=expense.number,
                    day=expense.day,
                    title=expense.description,
                    supplier=expense.supplier,
                    key=expense.key,
                    total=expense.total,
                    weight=1 if private else evidence.weights.get((expense.key, lot), 0),
                    whole=1 if private else evidence.wholes[expense.key],
                    lot=lot,
                    lot_part=cents,
                    share=Fraction(owners[person], sum(owners.values())),
                    part=_mine(person, lot, cents, owners),
                    document=expense.document,
                )
            )
    return items


def _mine(person: str, lot: str, cents: int, owners: Mapping[str, int]) -> int:
    return sum(part.cents for part in over_owners(lot, cents, owners) if part.person == person)
