"""What somebody owes, computed a second time, naively: the yardstick that the real computation is measured with.

It reads the files of a building itself and imports nothing of the project, so that a mistake there cannot hide here.
It is slow and plain on purpose: every question walks through all files again. Amounts are integer cents, shares and
weights are fractions, days are dates of the building. The files are taken to be valid.

The rules, in our own words:

- The account of a person holds four kinds of entry: opening balances (on their date), parts of calls for funds (on the
  due date of the call), parts of settlements (on the date of the settlement) and payments (on their date, negative).
- An amount goes first to lots, by the weights of its key in the order of lots.csv, then from each lot to its owners in
  the order of ownership.csv. Each of the two steps is in whole cents: everybody gets his exact part without the
  fraction of a cent, and the cents that are left go one each to the largest fractions, the first in order when equal.
  A negative amount is split as if it were positive, and the sign put back.
- A call falls on those who own on its due date. An expense falls on those who owned on any day of the settlement's
  period, by fraction times days; its own date only says to which settlement it belongs.
- Of a lot in usufruct, the working fund's calls and ordinary expenses fall on the usufructuary; the calls of the other
  funds and extraordinary expenses on the bare owner. Full owners pay both.
- A settlement charges the real expenses of its period that the working fund pays, and gives back what was called for
  the working fund with a due date in that period. Nothing else is netted.
- The answer for a period counts what was booked up to its last day and was known at the moment of asking, and every
  payment up to the day of asking. What was paid or credited after the period can only close what its end left open: it
  never makes a credit, and never undoes one.
- Money received, and everything negative, covers the oldest due date first. The due date of the answer is the first one
  that is not covered in full.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Brussels")
FUNDS = ("working", "reserve", "exceptional")


@dataclass(frozen=True)
class Owed:
    """The answer to "what do I owe?": cents, and the earliest due date that is still open (None: nothing to pay)."""

    to_pay: int
    opening: int
    called_working: int
    called_reserve: int
    called_exceptional: int
    settled: int
    paid: int
    due: date | None


@dataclass(frozen=True)
class Entry:
    """One line of somebody's account. `known` is the day from which a question may take it into account."""

    kind: str  # opening, working, reserve, exceptional (the calls, by fund), settlement, payment
    booked: date
    due: date
    known: date
    cents: int


# ---------------------------------------------------------------------------------------------------- reading the files


@dataclass(frozen=True)
class Files:
    """A building's folder as it was when it was read: building.toml, and the rows of each file (none if absent)."""

    building: dict[str, object]
    tables: dict[str, list[dict[str, str]]]

    def rows(self, name: str) -> list[dict[str, str]]:
        return self.tables.get(name, [])


def read(folder: Path) -> Files:
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    with (folder / "building.toml").open("rb") as file:
        return Files(tomllib.load(file), tables)


def cents(text: str) -> int:
    """`-12.50` -> -1250. Never through a float."""
    exact = Fraction(text) * 100
    assert exact.denominator == 1, f"{text} has a fraction of a cent"
    return int(exact)


def day(text: str) -> date:
    return date.fromisoformat(text)


def day_of(asked: date | datetime) -> date:
    """The day of a moment in the building's time zone; a time without an offset is already in that zone."""
    if not isinstance(asked, datetime):
        return asked
    return (asked.astimezone(ZONE) if asked.tzinfo else asked).date()


# ----------------------------------------------------------------------------------------------------- splitting amounts


def split(amount: int, weights: list[Fraction]) -> list[int]:
    """Largest remainder, in cents; ties to the first; a negative amount mirrors the positive one."""
    if amount < 0:
        return [-part for part in split(-amount, weights)]
    if amount == 0:
        return [0 for _ in weights]
    total = sum(weights)
    assert total > 0, "nobody to split an amount over"
    exact = [amount * weight / total for weight in weights]
    parts = [part.numerator // part.denominator for part in exact]
    left = amount - sum(parts)
    # sorted() keeps the order of equals, so that the first in order wins a tie
    by_remainder = sorted(range(len(weights)), key=lambda i: parts[i] - exact[i])
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts


def parts_of_lots(files: Files, amount: int, key: str, private_lot: str = "") -> dict[str, int]:
    """lot -> cents."""
    if private_lot:
        return {private_lot: amount}
    lots = files.rows("lots")
    if key == "general":
        weights = [Fraction(lot["shares"]) for lot in lots]
    else:
        given = {row["lot"]: Fraction(row["weight"]) for row in files.rows("keys") if row["key"] == key}
        weights = [given.get(lot["lot"], Fraction(0)) for lot in lots]
    return dict(zip([lot["lot"] for lot in lots], split(amount, weights), strict=True))


def parts_of_owners(files: Files, lot: str, amount: int, right: str, first: date, last: date) -> dict[str, int]:
    """person -> cents, of the part of one lot: by fraction times the days of ownership from `first` to `last`.

    `right` is `usufruct` or `bare`: who pays beside the full owners. For a call, `first` and `last` are its due date.
    """
    weights: dict[str, Fraction] = {}
    for row in files.rows("ownership"):
        if row["lot"] != lot or row["right"] not in ("full", right):
            continue
        start = max(first, day(row["from"]))
        end = min(last, day(row["to"])) if row["to"] else last
        days = (end - start).days + 1  # the first and the last day both count
        if days > 0:
            fraction = Fraction(int(row["numerator"]), int(row["denominator"]))
            weights[row["person"]] = weights.get(row["person"], Fraction(0)) + fraction * days
    return dict(zip(weights, split(amount, list(weights.values())), strict=True))


def part_of_person(
    files: Files, person: str, amount: int, key: str, private_lot: str, right: str, first: date, last: date
) -> int:
    """The sum over all lots of what falls on the person."""
    return sum(
        parts_of_owners(files, lot, part, right, first, last).get(person, 0)
        for lot, part in parts_of_lots(files, amount, key, private_lot).items()
        if part != 0
    )


# ----------------------------------------------------------------------------------------------- what makes the account


def part_of_call(files: Files, person: str, call: dict[str, str]) -> int:
    right = "usufruct" if call["fund"] == "working" else "bare"
    due = day(call["due"])
    return part_of_person(files, person, cents(call["total"]), call["key"], "", right, due, due)


def part_of_expense(files: Files, person: str, expense: dict[str, str], first: date, last: date) -> int:
    """What a settlement of the period `first` to `last` charges the person for one expense."""
    right = "usufruct" if expense["nature"] == "ordinary" else "bare"
    return part_of_person(
        files, person, cents(expense["total"]), expense["key"], expense["private_lot"], right, first, last
    )


def part_of_settlement(files: Files, person: str, settlement: dict[str, str]) -> int:
    first, last = day(settlement["period_from"]), day(settlement["period_to"])
    expenses = sum(
        part_of_expense(files, person, expense, first, last)
        for expense in files.rows("expenses")
        if first <= day(expense["date"]) <= last and (expense.get("fund") or "working") == "working"
    )
    provisions = sum(
        part_of_call(files, person, call)
        for call in files.rows("calls")
        if call["fund"] == "working" and first <= day(call["due"]) <= last
    )
    return expenses - provisions


def account(files: Files, person: str) -> list[Entry]:
    """Every line of the person's account, whenever it was or will be booked."""
    entries = []
    for row in files.rows("opening"):
        if row["person"] == person:
            on = day(row["date"])
            entries.append(Entry("opening", booked=on, due=on, known=on, cents=cents(row["amount"])))
    for call in files.rows("calls"):
        due, issued = day(call["due"]), day(call["date"])
        part = part_of_call(files, person, call)
        entries.append(Entry(call["fund"], booked=due, due=due, known=issued, cents=part))
    for settlement in files.rows("settlements"):
        on, due = day(settlement["date"]), day(settlement["due"])
        part = part_of_settlement(files, person, settlement)
        entries.append(Entry("settlement", booked=on, due=due, known=on, cents=part))
    for row in files.rows("payments"):
        if row["person"] == person:
            on = day(row["date"])
            entries.append(Entry("payment", booked=on, due=on, known=on, cents=-cents(row["amount"])))
    return entries


# --------------------------------------------------------------------------------------------------------- the question


def owed(files: Files, person: str, first: date, last: date, asked: date | datetime) -> Owed:
    """What the person owes for the period from `first` to `last`, asked at that moment."""
    return answer(account(files, person), first, last, asked)


def answer(entries: list[Entry], first: date, last: date, asked: date | datetime) -> Owed:
    """The same from an account that was already drawn up (drawing it up is the slow part)."""
    today = day_of(asked)
    known = [entry for entry in entries if entry.known <= today]
    counted = [entry for entry in known if entry.booked <= last]
    open_at_end = sum(entry.cents for entry in counted)

    # After the period: payments (a refund takes some away again) and whatever else lowers the account. New bills are
    # another period's business. It can only close what was open, so it is worth between nothing and that.
    credited_later = -sum(
        entry.cents for entry in known if last < entry.booked <= today and (entry.kind == "payment" or entry.cents < 0)
    )
    covered_later = max(0, min(credited_later, open_at_end))

    def since(*kinds: str) -> int:
        return sum(entry.cents for entry in counted if entry.booked >= first and entry.kind in kinds)

    # An opening balance inside the period is carried over too, like everything before the period.
    opening = sum(entry.cents for entry in counted if entry.booked < first or entry.kind == "opening")
    result = Owed(
        to_pay=open_at_end - covered_later,
        opening=opening,
        called_working=since("working"),
        called_reserve=since("reserve"),
        called_exceptional=since("exceptional"),
        settled=since("settlement"),
        paid=-since("payment") + covered_later,
        due=earliest_open_date(counted, covered_later),
    )
    called = result.called_working + result.called_reserve + result.called_exceptional
    assert result.to_pay == result.opening + called + result.settled - result.paid
    return result


def earliest_open_date(counted: list[Entry], covered_later: int) -> date | None:
    """Pour everything that lowers the account over the bills, oldest due date first, until it runs dry.

    Payments come in net: a refund makes the pot smaller, it is no bill of its own.
    """
    bills = [entry for entry in counted if entry.kind != "payment" and entry.cents > 0]
    pot = covered_later - sum(entry.cents for entry in counted if entry.kind == "payment" or entry.cents < 0)
    for bill in sorted(bills, key=lambda entry: entry.due):
        pot -= bill.cents
        if pot < 0:
            return bill.due
    return None


# ------------------------------------------------------------------------------------------------------ whom and when


def persons_with_account(files: Files) -> list[str]:
    """Who has an account, in the order of people.csv: owners now or before, and whoever has an opening or a payment."""
    named = {row["person"] for table in ("ownership", "opening", "payments") for row in files.rows(table)}
    return [row["person"] for row in files.rows("people") if row["person"] in named]


def quarters(files: Files, year: int) -> list[tuple[date, date]]:
    """The four quarters (first and last day) of the financial year that begins in the calendar year `year`."""
    month, start = (int(part) for part in str(files.building["financial_year_start"]).split("-"))
    months = [month - 1 + 3 * quarter for quarter in range(5)]
    firsts = [date(year + count // 12, count % 12 + 1, start) for count in months]
    return [(firsts[i], firsts[i + 1] - timedelta(days=1)) for i in range(4)]


def quarter_of(files: Files, on: date) -> tuple[date, date]:
    """The building's quarter in which the day lies."""
    candidates = [quarter for year in (on.year - 1, on.year) for quarter in quarters(files, year)]
    return next(quarter for quarter in candidates if quarter[0] <= on <= quarter[1])
