"""Who owns which lot when, as far as the file says: every lot is owned wholly, by nobody twice, with one voice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

from core.interchange.model import Fault, shown
from core.interchange.sheets import Names, Row, Sheet
from core.interchange.tables import OWNERSHIP
from core.kernel.text import Value, say
from core.people.model import BARE, FULL, USUFRUCT

SIDES = {"usufruct": (FULL, USUFRUCT), "bare": (FULL, BARE)}
"""On every day of a lot each of these two adds up to one."""

DAY = timedelta(days=1)


class Owned:
    """The rows of `ownership.csv` by lot.

    `unsure`: lots with a row that could not be read whole. `strays`: rows of a lot that nobody knows; each may be the one that
    another lot lacks. `torn`: rows may be missing altogether.
    """

    def __init__(self, sheet: Sheet, lots: Names) -> None:
        self.torn = sheet.torn
        self.rows: dict[str, list[Row]] = {}
        self.unsure: set[str] = set()
        self.strays: list[Row] = []
        self._may_be_stray: dict[tuple[date, date], bool] = {}
        for row in sheet.rows:
            lot = row.raw.get("lot", "").strip()
            if lot not in lots.known:
                self.strays.append(row)
                continue
            self.rows.setdefault(lot, []).append(row)
            if not _readable(row):
                self.unsure.add(lot)
        self.first = {
            lot: min((row["from"] for row in rows if row.has("from")), default=date.max)
            for lot, rows in self.rows.items()
        }

    def doubtful(self, lot: str, first: date, last: date) -> bool:
        """Whether a row that cannot be read, or not be placed, may say more of the owners of a lot in these days."""
        days = first, last
        if days not in self._may_be_stray:
            self._may_be_stray[days] = any(may_hold(row, first, last) for row in self.strays)
        return self.torn or lot in self.unsure or self._may_be_stray[days]

    def unowned(self, lot: str, day: date) -> bool:
        """Whether a day comes before anybody owned the lot, or nobody ever did."""
        return day < self.first.get(lot, date.max) and not self.doubtful(lot, day, day)

    def unowned_through(self, lot: str, first: date, last: date) -> bool:
        """Whether nobody owned the lot on any day of a period."""
        return not any(may_hold(row, first, last) for row in self.rows.get(lot, ())) and not self.doubtful(
            lot, first, last
        )


def may_hold(row: Row, first: date, last: date) -> bool:
    """Whether a right is held on a day of a period, or may be as far as its row can be read."""
    begins_after = row.has("from") and row["from"] > last
    ended_before = row.has("to") and row["to"] is not None and row["to"] < first
    return not (begins_after or ended_before)


def ownership_faults(owned: Owned) -> Iterator[Fault]:
    for lot, rows in owned.rows.items():
        yield from _two_voices(lot, rows)
        repeated = list(_repeated(lot, rows))
        yield from (fault for fault, _ in repeated)
        if owned.torn or lot in owned.unsure:
            continue
        twice = {id(row) for _, row in repeated}
        sums = list(_sums(lot, rows, owned))
        if twice and not list(_sums(lot, [row for row in rows if id(row) not in twice], owned)):
            continue
        yield from sums


def _readable(row: Row) -> bool:
    if not row.has("right", "numerator", "denominator", "from", "to"):
        return False
    return row["numerator"] <= row["denominator"] and (row["to"] is None or row["from"] <= row["to"])


def _sums(lot: str, rows: Sequence[Row], owned: Owned) -> Iterator[Fault]:
    """The first day on which a side does not make one. Sides that are wrong on the same day by the same are one fault."""
    wrong = {side: found for side, rights in SIDES.items() if (found := _first_wrong(rows, rights))}
    if len(wrong) == 2 and wrong["usufruct"][:2] == wrong["bare"][:2]:
        wrong = {"lot": wrong["usufruct"]}
    for side, (day, whole, line) in wrong.items():
        if whole > 1:
            key = f"{side}_overlap"
        elif owned.doubtful(lot, day, day):
            continue
        else:
            key = f"{side}_gap"
        yield _fault(line, key, lot=shown(lot), day=day.isoformat(), found=str(whole))


def _first_wrong(rows: Sequence[Row], rights: Sequence[str]) -> tuple[date, Fraction, int] | None:
    """(day, sum, line of the last row that begins on that day or ended the day before), from the lot's first day on."""
    changes: dict[date, list[tuple[Fraction, Row]]] = {min(row["from"] for row in rows): []}
    for row in rows:
        part = Fraction(row["numerator"], row["denominator"]) if row["right"] in rights else Fraction(0)
        changes.setdefault(row["from"], []).append((part, row))
        if row["to"] is not None:
            changes.setdefault(row["to"] + DAY, []).append((-part, row))
    whole = Fraction(0)
    for day in sorted(changes):
        whole += sum((part for part, _ in changes[day]), Fraction(0))
        if whole != 1:
            return day, whole, max(row.line for _, row in changes[day])
    return None


def _repeated(lot: str, rows: Sequence[Row]) -> Iterator[tuple[Fault, Row]]:
    """The same person with the same right on the same days, on the later line."""
    last: dict[tuple[str, str], Row] = {}
    for row in _by_day(row for row in rows if row.has("person", "right", "from", "to")):
        before = last.get((row["person"], row["right"]))
        if before is not None and _touch(before, row):
            early, late = sorted((before, row), key=lambda row: row.line)
            values = {"lot": shown(lot), "person": shown(row["person"]), "right": row["right"], "line": str(early.line)}
            yield _fault(late.line, "owner_repeated", **values), late
        if before is None or _reaches_further(row, before):
            last[row["person"], row["right"]] = row


def _two_voices(lot: str, rows: Sequence[Row]) -> Iterator[Fault]:
    before: Row | None = None
    for row in _by_day(row for row in rows if row.has("from", "to", "representative") and row["representative"]):
        if before is not None and _touch(before, row):
            early, late = sorted((before, row), key=lambda row: row.line)
            values = {"lot": shown(lot), "day": row["from"].isoformat(), "line": str(early.line)}
            yield _fault(late.line, "two_representatives", **values)
        if before is None or _reaches_further(row, before):
            before = row


def _by_day(rows: Iterator[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["from"], row.line))


def _touch(before: Row, row: Row) -> bool:
    """Whether `before`, which begins first, lasts to the first day of `row`."""
    return before["to"] is None or row["from"] <= before["to"]


def _reaches_further(row: Row, before: Row) -> bool:
    return before["to"] is not None and (row["to"] is None or row["to"] > before["to"])


def _fault(line: int, key: str, /, **values: Value) -> Fault:
    return Fault(OWNERSHIP.file, line, say(f"interchange.fault.{key}", **values))
