"""The split of an amount: over the lots by the weights of a key, then over the owners of each lot. Exact, in cents.

An amount is split over the lots by largest remainder in the order of the lots; each lot's part over its owners in the order of the
ownership rows: of a call over those who own the lot on its due date, by their fractions; of an expense over those who owned it during
the settled period, by fraction times days. Each call and each expense is split on its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm

from core.buildings.model import Lot, Weight, key_weights
from core.charges.model import EXTRAORDINARY, WORKING, Call, Expense, Settlement
from core.kernel.money import split
from core.kernel.periods import Period
from core.people.model import BARE, FULL, USUFRUCT, Ownership


def rights_for_fund(fund: str) -> tuple[str, str]:
    """Whose a call is where a lot is held in usufruct: provisions are the usufructuary's, the other funds the bare owner's (3.150-3.154)."""
    return (FULL, USUFRUCT) if fund == WORKING else (FULL, BARE)


def rights_for_nature(nature: str) -> tuple[str, str]:
    """Whose an expense is: ordinary the usufructuary's, extraordinary the bare owner's (3.150-3.154)."""
    return (FULL, BARE) if nature == EXTRAORDINARY else (FULL, USUFRUCT)


@dataclass(frozen=True, slots=True)
class Part:
    """What of one amount falls on one person for one lot."""

    lot: str
    person: str
    cents: int


class Unowned(ValueError):
    """A part falls on a lot that nobody owned then."""

    def __init__(self, lot: str) -> None:
        super().__init__(lot)
        self.lot = lot


class Register:
    """Lots, keys and owners of one building, ready to split by."""

    def __init__(self, lots: Sequence[Lot], weights: Sequence[Weight], ownership: Sequence[Ownership]) -> None:
        self.lots = tuple(lot.lot for lot in lots)
        self._lots, self._given = lots, weights
        self._weights: dict[str, list[int]] = {}
        self._owners: dict[str, list[Ownership]] = {lot: [] for lot in self.lots}
        for row in ownership:
            self._owners[row.lot].append(row)

    def weights(self, key: str) -> list[int]:
        if key not in self._weights:
            self._weights[key] = key_weights(key, self._lots, self._given)
        return self._weights[key]

    def over_lots(self, cents: int, key: str, private_lot: str = "") -> list[int]:
        """The lots' parts, in their order. ValueError where the key weighs nothing."""
        if private_lot:
            return [cents if lot == private_lot else 0 for lot in self.lots]
        return split(cents, self.weights(key))

    def call(self, call: Call) -> list[Part]:
        over_lots = zip(self.lots, self.over_lots(call.total, call.key), strict=True)
        return [part for lot, cents in over_lots if cents for part in over_owners(lot, cents, self.called(call, lot))]

    def called(self, call: Call, lot: str) -> dict[str, int]:
        """The owners of a lot whom a call falls on, with their weights."""
        rights = rights_for_fund(call.fund)
        return _owner_weights([(row, 1) for row in self._owners[lot] if row.right in rights and row.holds(call.due)])

    def expense(self, expense: Expense, period: Period) -> list[Part]:
        """The parts of an expense in a settlement of this period; the expense's own date plays no part."""
        over_lots = zip(self.lots, self.over_lots(expense.total, expense.key, expense.private_lot), strict=True)
        return [
            part
            for lot, cents in over_lots
            if cents
            for part in over_owners(lot, cents, self.bearing(expense, lot, period))
        ]

    def bearing(self, expense: Expense, lot: str, period: Period) -> dict[str, int]:
        """The owners of a lot who bear an expense in a settled period, with their weights: fraction times days."""
        rights = rights_for_nature(expense.nature)
        rows = [row for row in self._owners[lot] if row.right in rights]
        return _owner_weights([(row, days) for row in rows if (days := row.days(period.first, period.last))])

    def settlement(
        self, settlement: Settlement, expenses: Sequence[Expense], calls: Sequence[Call]
    ) -> Mapping[str, tuple[int, int]]:
        """For each person (his part of the real expenses, what he was called for the working fund), both in cents."""
        period = Period(settlement.first, settlement.last)
        borne: dict[str, list[int]] = {}
        for expense in settled_expenses(settlement, expenses):
            for part in self.expense(expense, period):
                borne.setdefault(part.person, [0, 0])[0] += part.cents
        for call in settled_calls(settlement, calls):
            for part in self.call(call):
                borne.setdefault(part.person, [0, 0])[1] += part.cents
        return {person: (real, called) for person, (real, called) in borne.items()}


def settled_expenses(settlement: Settlement, expenses: Sequence[Expense]) -> list[Expense]:
    """The working-fund expenses dated in the settled period."""
    return [row for row in expenses if row.fund == WORKING and settlement.first <= row.day <= settlement.last]


def settled_calls(settlement: Settlement, calls: Sequence[Call]) -> list[Call]:
    """The working-fund calls due in the settled period."""
    return [row for row in calls if row.fund == WORKING and settlement.first <= row.due <= settlement.last]


def _owner_weights(rows: Sequence[tuple[Ownership, int]]) -> dict[str, int]:
    """Fraction times days as integers, in the order of the rows. Two rows of one person are one owner."""
    common = lcm(*(row.denominator for row, _ in rows)) if rows else 1
    weights: dict[str, int] = {}
    for row, days in rows:
        weights[row.person] = weights.get(row.person, 0) + row.numerator * (common // row.denominator) * days
    return weights


def over_owners(lot: str, cents: int, weights: Mapping[str, int]) -> list[Part]:
    """A lot's part over its owners. Unowned where there is none."""
    if not weights:
        raise Unowned(lot)
    parts = zip(weights, split(cents, list(weights.values())), strict=True)
    return [Part(lot, person, part) for person, part in parts if part]
