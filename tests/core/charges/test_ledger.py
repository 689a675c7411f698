"""Entries in double entry, chained by hash; corrections are reversals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charges.bookkeeping.model import Documents, corrections, entries, in_force, lot_parts, unfounded
from core.charges.ledger.model import (
    CALLED,
    OWNERS,
    PLAN,
    START,
    Booked,
    Entry,
    Line,
    broken_links,
    call_entry,
    chain,
    expense_entry,
    opening_entry,
    payment_entry,
    settlement_entry,
)
from core.charges.model import FUNDS, SOURCES
from core.charges.parts.model import Part
from tests.core.small import LOTS, OWNERSHIP, WEIGHTS, call, day, expense, opening, payment, settlement

PERSONS = st.sampled_from(["ann", "bob", "cem"])
LINES = st.lists(st.tuples(PERSONS, st.integers(-(10**6), 10**6)), min_size=1, max_size=4).map(
    lambda rows: (
        *(Line("4101", cents, person) for person, cents in rows),
        Line("701", -sum(cents for _, cents in rows)),
    )
)
DAYS = st.dates(day("2025-01-01"), day("2026-12-31"))
ENTRIES = st.builds(
    Entry,
    st.sampled_from(["call", "payment"]),
    st.sampled_from([f"source:{number}" for number in range(12)]),
    DAYS,
    DAYS,
    DAYS,
    st.sampled_from(FUNDS),
    LINES,
)
WANTED = st.lists(ENTRIES, max_size=8, unique_by=lambda entry: entry.source)


def documents(**rest: object) -> Documents:
    none: dict[str, object] = dict.fromkeys(("openings", "calls", "expenses", "settlements", "payments"), ())
    return Documents(LOTS, WEIGHTS, OWNERSHIP, **(none | rest))  # type: ignore[arg-type]


def after(books: list[Booked], wanted: list[Entry]) -> list[Booked]:
    done = corrections(books, wanted)
    last = books[-1] if books else None
    return books + chain((*done.reversals, *done.new), last.number + 1 if last else 1, last.hash if last else START)


# --------------------------------------------------------------------------------------------------------------- the chain


@given(st.lists(ENTRIES, max_size=12))
def test_a_chain_is_numbered_and_whole(wanted: list[Entry]) -> None:
    books = chain(wanted)
    assert [booked.number for booked in books] == list(range(1, len(wanted) + 1))
    assert broken_links(books) == []
    parts = chain(wanted[:5])
    last = parts[-1] if parts else None
    assert parts + chain(wanted[5:], len(parts) + 1, last.hash if last else START) == books


@given(st.lists(ENTRIES, min_size=1, max_size=8), st.data())
def test_whatever_is_changed_in_an_entry_breaks_its_link(wanted: list[Entry], data: st.DataObject) -> None:
    books = chain(wanted)
    place = data.draw(st.integers(0, len(books) - 1))
    entry = books[place].entry
    first, *others = entry.lines
    changed = data.draw(
        st.sampled_from(
            [
                replace(entry, kind="settlement"),
                replace(entry, source=entry.source + "0"),
                replace(entry, booked_on=day("2030-01-01")),
                replace(entry, known_on=day("2030-01-01")),
                replace(entry, due=day("2030-01-01")),
                replace(entry, fund="other"),
                replace(entry, reverses=999),
                replace(entry, lines=(replace(first, cents=first.cents + 1), *others, Line("x", -1))),
                replace(entry, lines=(replace(first, person="eve"), *others)),
                replace(entry, lines=(replace(first, lot="Z"), *others)),
                replace(entry, lines=(replace(first, account="999"), *others)),
                replace(entry, lines=entry.lines[::-1])
                if entry.lines[::-1] != entry.lines
                else replace(entry, kind="z"),
            ]
        )
    )
    books[place] = replace(books[place], entry=changed)
    assert broken_links(books) == [place + 1]


def test_what_is_missing_or_moved_is_found() -> None:
    wanted = [opening_entry(opening(person, "2026-01-01", 100)) for person in ("ann", "bob", "cem")]
    books = chain(wanted)
    assert broken_links([books[0], books[2]]) == [2]
    assert broken_links(books[1:]) == [1, 2]
    assert broken_links([books[1], books[0], books[2]]) == [1, 2, 3]
    assert broken_links(books[:2]) == []  # the documents tell what is missing at the end
    forged = chain([wanted[0], replace(wanted[1], fund="reserve"), wanted[2]])
    assert broken_links([books[0], forged[1], books[2]]) == [3]


def test_an_entry_that_does_not_balance_is_none() -> None:
    with pytest.raises(ValueError, match="does not balance"):
        Entry("call", "call:1", *(day("2026-01-01"),) * 3, "working", (Line("4101", 1), Line("701", -2)))


# --------------------------------------------------------------------------------------------------- how each is booked


@pytest.mark.parametrize("fund", FUNDS)
def test_a_call_is_owed_by_owners_and_credited_to_its_fund(fund: str) -> None:
    entry = call_entry(call("7", "2026-02-01", 100, fund, "2026-01-05"), [Part("A", "ann", 60), Part("B", "bob", 40)])
    assert entry.lines == (
        Line(OWNERS[fund], 60, "ann", "A"),
        Line(OWNERS[fund], 40, "bob", "B"),
        Line(CALLED[fund], -100),
    )
    assert (entry.booked_on, entry.known_on, entry.due) == (day("2026-02-01"), day("2026-01-05"), day("2026-02-01"))


def test_a_settlement_books_the_difference_for_each() -> None:
    row = settlement("D", "2026-01-01", "2026-03-31", "2026-04-20", "2026-05-20")
    entry = settlement_entry(row, {"ann": (38588, 41100), "bob": (5, 5), "cem": (9, 0)})
    assert entry.lines == (Line("4101", -2512, "ann"), Line("4101", 9, "cem"), Line("701", 2503))
    assert (entry.booked_on, entry.known_on, entry.due) == (row.day, row.day, row.due)


@pytest.mark.parametrize("source", SOURCES)
def test_money_received_stands_where_it_came_in(source: str) -> None:
    first = payment_entry(payment("2026-02-01", "ann", 100, "ref", source), 1)
    again = payment_entry(payment("2026-02-01", "ann", 100, "ref", source), 2)
    assert first.lines[0].account in PLAN
    assert (first.lines[0].cents, first.lines[1]) == (100, Line("4101", -100, "ann"))
    assert first.source != again.source


def test_what_the_reserve_pays_leaves_it() -> None:
    plain, paid = (expense_entry(expense("1", "2026-02-01", 500, fund=fund)) for fund in ("working", "reserve"))
    assert plain.lines == (Line("61000", 500), Line("440", -500))
    assert paid.lines == (*plain.lines, Line("160", 500), Line("790", -500))


def test_every_account_is_in_the_plan() -> None:
    booked = entries(
        documents(
            openings=[opening("ann", "2026-01-01", 100)],
            calls=[call(fund, "2026-02-01", 1000, fund) for fund in FUNDS],
            expenses=[expense(fund, "2026-02-01", 1000, fund=fund) for fund in FUNDS],
            settlements=[settlement("D", "2026-01-01", "2026-03-31", "2026-04-20")],
            payments=[payment("2026-02-01", "ann", 100, source=source) for source in SOURCES],
        )
    )
    used = {line.account for entry in booked for line in entry.lines}
    assert all(account in PLAN or account[0] == "6" for account in used)
    assert booked == sorted(booked, key=lambda entry: entry.booked_on)
    assert len({entry.source for entry in booked}) == len(booked) == 11


def test_equal_payments_are_each_booked() -> None:
    twice = [payment("2026-02-01", "ann", 100, "ref")] * 2
    booked = entries(documents(payments=twice))
    assert len({entry.source for entry in booked}) == 2


def test_the_parts_of_each_document_add_up() -> None:
    calls = [call("1", "2026-02-01", 123457), call("2", "2026-02-01", -5)]
    expenses = [expense("1", "2026-02-01", 10, "lift"), expense("2", "2026-02-01", 7, private_lot="C")]
    parts = list(lot_parts(documents(calls=calls, expenses=expenses)))
    assert parts == [
        ("call:1", "A", 16914),
        ("call:1", "B", 32469),
        ("call:1", "C", 74074),
        ("call:2", "A", -1),
        ("call:2", "B", -1),
        ("call:2", "C", -3),
        ("expense:1", "B", 4),
        ("expense:1", "C", 6),
        ("expense:2", "C", 7),
    ]


# ------------------------------------------------------------------------------------------------------------- corrections


@given(st.lists(WANTED, min_size=1, max_size=5))
def test_the_books_say_in_the_end_what_the_documents_do(versions: list[list[Entry]]) -> None:
    books: list[Booked] = []
    for wanted in versions:
        before = list(books)
        books = after(books, wanted)
        assert books[: len(before)] == before  # nothing is ever changed
        assert broken_links(books) == []
        assert unfounded(books) == []
        assert {source: booked.entry for source, booked in in_force(books).items()} == {
            entry.source: entry for entry in wanted
        }
        again = corrections(books, wanted)
        assert (again.reversals, again.new) == ((), ())
        totals: dict[str, int] = {}
        for booked in books:
            for line in booked.entry.lines:
                totals[line.person] = totals.get(line.person, 0) + line.cents
        for person in ("ann", "bob", "cem"):
            said = sum(line.cents for entry in wanted for line in entry.lines if line.person == person)
            assert totals.get(person, 0) == said


@given(ENTRIES)
def test_a_reversal_takes_back_to_the_cent_and_names_its_entry(entry: Entry) -> None:
    back = entry.reversal(7)
    assert back.reverses == 7
    assert [line.cents for line in back.lines] == [-line.cents for line in entry.lines]
    assert (back.booked_on, back.known_on, back.due, back.source) == (
        entry.booked_on,
        entry.known_on,
        entry.due,
        entry.source,
    )
    assert back.reversal(8).lines == entry.lines


def test_a_document_booked_twice_and_a_crooked_reversal_are_unfounded() -> None:
    bill = expense_entry(expense("1", "2026-02-01", 500))
    twice = chain([bill, bill])
    assert unfounded(twice) == [twice[0]]
    for back in (
        replace(bill.reversal(1), lines=bill.lines),
        replace(bill.reversal(1), due=day("2030-01-01")),
        bill.reversal(9),
    ):
        books = chain([bill, back, bill] if back.reverses == 1 else [bill, back])
        assert unfounded(books) == [books[1]]
    assert unfounded(chain([bill, bill.reversal(1), bill])) == []
