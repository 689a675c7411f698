"""The books of a building: entries in double entry, chained by hash, and how each document is booked.

The plan of accounts follows the royal decree of 12 July 2012 (minimum chart for co-ownerships). A line's amount is positive on the
debit side and negative on the credit side; the lines of an entry add up to nothing. Corrections are reversals.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from core.charges.model import EXCEPTIONAL, RESERVE, WORKING, Call, Expense, Opening, Payment, Settlement
from core.charges.parts.model import Part

OWNERS: Mapping[str, str] = {RESERVE: "4100", WORKING: "4101", EXCEPTIONAL: "4102"}
"""What owners owe, by fund."""
CALLED: Mapping[str, str] = {RESERVE: "160", WORKING: "701", EXCEPTIONAL: "702"}
"""Where a call is credited: the reserve fund itself, and the calls of class 7."""
WORKING_FUND, RESERVE_FUND, SUPPLIERS, FROM_RESERVE = "100", "160", "440", "790"
RECEIVED: Mapping[str, str] = {"bank": "551", "cash": "570", "other": "580"}
"""Where money received stands, by source of the payment; 550 is the bank account of the reserve fund."""
PLAN: Mapping[str, str] = {
    "100": "working fund",
    "160": "reserve fund",
    "4100": "owners: reserve contributions called",
    "4101": "owners: working contributions called",
    "4102": "owners: exceptional contributions called",
    "440": "suppliers",
    "550": "bank: reserve account",
    "551": "bank: working account",
    "570": "cash",
    "580": "other means of payment",
    "6": "expenses, by the account that the files name",
    "701": "calls for the working fund, and their settlement",
    "702": "calls for exceptional works",
    "790": "paid by the reserve fund",
}

OPENING, CALL, SETTLEMENT, PAYMENT, EXPENSE = "opening", "call", "settlement", "payment", "expense"
START = bytes(32)
"""The hash that the first entry of a building is chained to."""


@dataclass(frozen=True, slots=True)
class Line:
    """`cents` above zero on the debit side, below on the credit side. `person` and `lot` where it concerns one."""

    account: str
    cents: int
    person: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking. `source` names its document (`call:2026-Q4`); `known_on` is the day from which people are told of it.

    `fund` and `due` are those of the document; `reverses` is the number of the entry that this one takes back.
    """

    kind: str
    source: str
    booked_on: date
    known_on: date
    due: date
    fund: str
    lines: tuple[Line, ...]
    reverses: int | None = None

    def __post_init__(self) -> None:
        if sum(line.cents for line in self.lines):
            raise ValueError(f"the entry of {self.source} does not balance")

    def content(self) -> str:
        """What the hash covers, always written the same way."""
        return json.dumps(
            [
                self.kind,
                self.source,
                self.booked_on.isoformat(),
                self.known_on.isoformat(),
                self.due.isoformat(),
                self.fund,
                self.reverses,
                [[line.account, line.cents, line.person, line.lot] for line in self.lines],
            ],
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def reversal(self, number: int) -> Entry:
        """The entry that takes this one, booked as `number`, back."""
        return replace(self, lines=tuple(replace(line, cents=-line.cents) for line in self.lines), reverses=number)


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry in its place in the chain of a building; numbered from 1 without a gap."""

    number: int
    entry: Entry
    previous: bytes
    hash: bytes


def chain(entries: Iterable[Entry], number: int = 1, previous: bytes = START) -> list[Booked]:
    """Books entries one after the other: each hash covers the building's history up to it."""
    booked = []
    for entry in entries:
        link = link_hash(previous, number, entry)
        booked.append(Booked(number, entry, previous, link))
        number, previous = number + 1, link
    return booked


def link_hash(previous: bytes, number: int, entry: Entry) -> bytes:
    return sha256(previous + f"{number}:{entry.content()}".encode()).digest()


def broken_links(books: Sequence[Booked]) -> list[int]:
    """The numbers of entries that are missing from, or do not fit, the chain."""
    wrong, previous = [], START
    for expected, booked in enumerate(books, start=1):
        if (
            booked.number != expected
            or booked.previous != previous
            or booked.hash != link_hash(previous, expected, booked.entry)
        ):
            wrong.append(expected)
        previous = booked.hash
    return wrong


def opening_entry(opening: Opening) -> Entry:
    return Entry(
        OPENING,
        f"opening:{opening.person}:{opening.day.isoformat()}",
        opening.day,
        opening.day,
        opening.day,
        WORKING,
        (Line(OWNERS[WORKING], opening.cents, opening.person), Line(WORKING_FUND, -opening.cents)),
    )


def call_entry(call: Call, parts: Sequence[Part]) -> Entry:
    owners = tuple(Line(OWNERS[call.fund], part.cents, part.person, part.lot) for part in parts)
    return Entry(
        CALL,
        f"call:{call.number}",
        call.due,
        call.day,
        call.due,
        call.fund,
        (*owners, Line(CALLED[call.fund], -call.total)),
    )


def settlement_entry(settlement: Settlement, borne: Mapping[str, tuple[int, int]]) -> Entry:
    """`borne`: for each person his part of the real expenses and what he was called; the difference is booked."""
    lines = tuple(
        Line(OWNERS[WORKING], real - called, person) for person, (real, called) in borne.items() if real != called
    )
    balance = Line(CALLED[WORKING], -sum(line.cents for line in lines))
    return Entry(
        SETTLEMENT,
        f"settlement:{settlement.number}",
        settlement.day,
        settlement.day,
        settlement.due,
        WORKING,
        (*lines, balance),
    )


def payment_entry(payment: Payment, ordinal: int) -> Entry:
    """`ordinal` tells equal payments of one person on one day apart."""
    source = f"payment:{payment.person}:{payment.day.isoformat()}:{payment.source}:{payment.cents}:{payment.reference}:{ordinal}"
    return Entry(
        PAYMENT,
        source,
        payment.day,
        payment.day,
        payment.day,
        WORKING,
        (Line(RECEIVED[payment.source], payment.cents), Line(OWNERS[WORKING], -payment.cents, payment.person)),
    )


def expense_entry(expense: Expense) -> Entry:
    lines = [Line(expense.account, expense.total), Line(SUPPLIERS, -expense.total)]
    if expense.fund == RESERVE:
        lines += [Line(RESERVE_FUND, expense.total), Line(FROM_RESERVE, -expense.total)]
    return Entry(
        EXPENSE, f"expense:{expense.number}", expense.day, expense.day, expense.day, expense.fund, tuple(lines)
    )
