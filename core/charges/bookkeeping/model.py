"""What the books of a building must say, given its documents, and how they are brought there: by reversal and new entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.buildings.model import Lot, Weight
from core.charges.ledger.model import (
    Booked,
    Entry,
    call_entry,
    expense_entry,
    opening_entry,
    payment_entry,
    settlement_entry,
)
from core.charges.model import Call, Expense, Opening, Payment, Settlement
from core.charges.parts.model import Register
from core.people.model import Ownership

_OF_THE_DOCUMENT = ("kind", "source", "booked_on", "known_on", "due", "fund")
"""What an entry and its reversal have in common."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Everything that a building's books follow from."""

    lots: Sequence[Lot]
    weights: Sequence[Weight]
    ownership: Sequence[Ownership]
    openings: Sequence[Opening]
    calls: Sequence[Call]
    expenses: Sequence[Expense]
    settlements: Sequence[Settlement]
    payments: Sequence[Payment]

    @property
    def register(self) -> Register:
        return Register(self.lots, self.weights, self.ownership)


@dataclass(frozen=True, slots=True)
class Corrections:
    """What is to be booked so that the books say what the documents do: reversals first."""

    reversals: tuple[Entry, ...]
    new: tuple[Entry, ...]


def entries(documents: Documents) -> list[Entry]:
    """An entry for each document, in the order of their days."""
    register = documents.register
    found = [opening_entry(row) for row in documents.openings]
    found += [call_entry(row, register.call(row)) for row in documents.calls]
    found += [expense_entry(row) for row in documents.expenses]
    found += [
        settlement_entry(row, register.settlement(row, documents.expenses, documents.calls))
        for row in documents.settlements
    ]
    equal: Counter[Payment] = Counter()
    for payment in documents.payments:
        equal[payment] += 1
        found.append(payment_entry(payment, equal[payment]))
    return sorted(found, key=lambda entry: entry.booked_on)


def lot_parts(documents: Documents) -> Iterator[tuple[str, str, int]]:
    """(source, lot, cents): what of each call and expense falls on each lot, one after the other: there may be millions.

    Lots on which nothing falls are left out. ValueError where a key weighs nothing.
    """
    register = documents.register
    for call in documents.calls:
        source = f"call:{call.number}"
        over_lots = zip(register.lots, register.over_lots(call.total, call.key), strict=True)
        yield from ((source, lot, cents) for lot, cents in over_lots if cents)
    for expense in documents.expenses:
        source = f"expense:{expense.number}"
        over_lots = zip(register.lots, register.over_lots(expense.total, expense.key, expense.private_lot), strict=True)
        yield from ((source, lot, cents) for lot, cents in over_lots if cents)


def standing(books: Sequence[Booked]) -> list[Booked]:
    """The entries that no other has taken back, in their order."""
    reversed_ = {booked.entry.reverses for booked in books}
    return [booked for booked in books if booked.entry.reverses is None and booked.number not in reversed_]


def in_force(books: Sequence[Booked]) -> dict[str, Booked]:
    """The entries that no other has taken back, by source."""
    return {booked.entry.source: booked for booked in standing(books)}


def unfounded(books: Sequence[Booked]) -> list[Booked]:
    """Entries that nothing accounts for: a document booked twice, and a reversal that does not mirror what it takes back."""
    current, by_number = in_force(books), {booked.number: booked.entry for booked in books}
    twice = [booked for booked in standing(books) if current[booked.entry.source] is not booked]
    for booked in books:
        number = booked.entry.reverses
        if number is not None and (number not in by_number or not _mirrors(by_number[number], booked.entry)):
            twice.append(booked)
    return twice


def _mirrors(entry: Entry, back: Entry) -> bool:
    """Whether one takes the other back to the cent; neither needs to balance."""
    same = all(getattr(entry, name) == getattr(back, name) for name in _OF_THE_DOCUMENT)
    return same and [replace(line, cents=-line.cents) for line in entry.lines] == list(back.lines)


def corrections(books: Sequence[Booked], wanted: Sequence[Entry]) -> Corrections:
    """What differs is reversed and booked anew, what vanished is reversed, what is new is booked."""
    current, named = in_force(books), {entry.source for entry in wanted}
    reversals = [booked.entry.reversal(booked.number) for source, booked in current.items() if source not in named]
    new = []
    for entry in wanted:
        booked = current.get(entry.source)
        if booked is not None and booked.entry == entry:
            continue
        if booked is not None:
            reversals.append(booked.entry.reversal(booked.number))
        new.append(entry)
    return Corrections(tuple(reversals), tuple(new))
