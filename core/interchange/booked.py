"""What is booked has somebody who bears it, and no opening balance that contains it already."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from core.buildings.model import GENERAL
from core.charges.model import WORKING
from core.charges.parts.model import rights_for_fund
from core.interchange.model import Fault, shown
from core.interchange.owned import DAY, Owned, may_hold
from core.interchange.sheets import Row, Sheet
from core.interchange.tables import CALLS, EXPENSES, LOTS, OPENINGS, PAYMENTS, SETTLEMENTS, WEIGHTS, Table
from core.kernel.text import Value, say

NAMED = 5
"""So many lots or persons are named in one fault, then the others are counted."""


def booked_faults(sheets: Mapping[str, Sheet], owned: Owned) -> Iterator[Fault]:
    bearing = _Bearing(sheets[LOTS.file], sheets[WEIGHTS.file], owned)
    yield from _unowned(sheets[CALLS.file], "due", bearing)
    yield from _unowned(sheets[EXPENSES.file], "date", bearing)
    yield from _settled_unowned(sheets[SETTLEMENTS.file], sheets[EXPENSES.file], bearing)
    opened: dict[str, date] = {}
    for row in sheets[OPENINGS.file].rows:
        if row.has("person", "date"):
            opened[row["person"]] = max(row["date"], opened.get(row["person"], date.min))
    yield from _payments_contained(sheets[PAYMENTS.file], opened)
    yield from _calls_contained(sheets[CALLS.file], opened, bearing)


class _Bearing:
    """Which lots bear what is split by a key: those with a weight above zero."""

    def __init__(self, lots: Sheet, weights: Sheet, owned: Owned) -> None:
        self.owned = owned
        self.lots: dict[str, dict[str, None]] = {GENERAL: {}}
        known = {row["lot"]: None for row in lots.rows if row.has("lot")}
        for row in lots.rows:
            if row.has("lot", "shares") and row["shares"]:
                self.lots[GENERAL][row["lot"]] = None
        for row in weights.rows:
            if row.has("key", "lot", "weight") and row["weight"] and row["key"] != GENERAL and row["lot"] in known:
                self.lots.setdefault(row["key"], {})[row["lot"]] = None
        self._known = known
        self._first: dict[str, tuple[list[date], list[str]]] = {}

    def of(self, row: Row) -> Iterable[str]:
        """The lots that bear a call or an expense."""
        private = row.cells.get("private_lot")
        if private:
            return (private,) if private in self._known else ()
        return self.lots.get(row.cells.get("key", ""), ())

    def not_yet_owned(self, row: Row, day: date) -> list[str]:
        """The lots that bear a call or an expense, and that nobody owned by that day."""
        if row.cells.get("private_lot"):
            return [lot for lot in self.of(row) if self.owned.unowned(lot, day)]
        key = row.cells.get("key", "")
        if key not in self._first:
            order = sorted((self.owned.first.get(lot, date.max), place, lot) for place, lot in enumerate(self.of(row)))
            self._first[key] = [first for first, _, _ in order], [lot for _, _, lot in order]
        days, lots = self._first[key]
        return [lot for lot in lots[bisect_right(days, day) :] if self.owned.unowned(lot, day)]


def _unowned(sheet: Sheet, column: str, bearing: _Bearing) -> Iterator[Fault]:
    for row in sheet.rows:
        if row.has(column) and (lots := bearing.not_yet_owned(row, row[column])):
            yield _fault(sheet.table, row, "unowned", day=row[column].isoformat(), **_some("lots", lots))


def _settled_unowned(settlements: Sheet, expenses: Sheet, bearing: _Bearing) -> Iterator[Fault]:
    """A settlement charges what a lot bears to those who owned it in the period; there has to be one."""
    rows = sorted((row for row in expenses.rows if row.has("date", "fund")), key=lambda row: row["date"])
    rows = [row for row in rows if row["fund"] == WORKING]
    days = [row["date"] for row in rows]
    for settlement in settlements.rows:
        if not settlement.has("period_from", "period_to"):
            continue
        first, last = settlement["period_from"], settlement["period_to"]
        lots: dict[str, None] = {}
        keys: set[str] = set()
        for row in rows[bisect_right(days, first - DAY) : bisect_right(days, last)]:
            key = row.cells.get("key", "")
            if not key or key not in keys:
                lots |= dict.fromkeys(bearing.of(row))
                keys.add(key)
        unowned = [lot for lot in lots if bearing.owned.unowned_through(lot, first, last)]
        if unowned:
            yield _fault(SETTLEMENTS, settlement, "settled_unowned", **_some("lots", unowned))


def _payments_contained(sheet: Sheet, opened: Mapping[str, date]) -> Iterator[Fault]:
    for row in sheet.rows:
        if row.has("person", "date") and row["date"] < opened.get(row["person"], date.min):
            values = {"day": row["date"].isoformat(), "opened": opened[row["person"]].isoformat()}
            yield _fault(PAYMENTS, row, "payment_contained", person=shown(row["person"]), **values)


def _calls_contained(sheet: Sheet, opened: Mapping[str, date], bearing: _Bearing) -> Iterator[Fault]:
    """A call of which somebody bears a part whose opening balance is of a later day."""
    latest = max(opened.values(), default=date.min)
    openers = [
        (lot, row)
        for lot, rows in bearing.owned.rows.items()
        for row in rows
        if row.has("person", "right") and row["person"] in opened
    ]
    for call in sheet.rows:
        if not call.has("due", "key", "fund") or call["due"] >= latest:
            continue
        due, lots, rights = call["due"], bearing.lots.get(call["key"], {}), rights_for_fund(call["fund"])
        persons = dict.fromkeys(
            row["person"]
            for lot, row in openers
            if opened[row["person"]] > due and lot in lots and row["right"] in rights
            if row.has("from", "to") and may_hold(row, due, due)
        )
        if persons:
            yield _fault(CALLS, call, "call_contained", day=due.isoformat(), **_some("persons", persons))


def _some(name: str, found: Iterable[str]) -> dict[str, Value]:
    """The first of these, and how many there are."""
    names = list(found)
    listed = ", ".join(shown(one) for one in names[:NAMED])
    return {"count": len(names), name: f"{listed}, …" if len(names) > NAMED else listed}


def _fault(table: Table, row: Row, key: str, /, **values: Value) -> Fault:
    return Fault(table.file, row.line, say(f"interchange.fault.{key}", **values))
