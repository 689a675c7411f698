"""What a person owes: the real computation against the independent one, and the golden figures through a real import."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.buildings.model import Lot, Weight
from core.charges import service as charges
from core.charges.accounts.model import Owed, Posting, owed
from core.charges.bookkeeping.model import Documents, entries
from core.charges.model import EXCEPTIONAL, RESERVE, WORKING
from core.charges.service import Account
from core.database import UnitOfWork
from core.interchange.model import BuildingFiles
from core.kernel.periods import Period, quarter
from core.people.model import Ownership
from tests import oracle
from tests.core.small import (
    as_files,
    call,
    day,
    expense,
    opening,
    owns,
    payment,
    resident,
    settlement,
    small_building,
    stored,
)
from tests.ground_floor import SAMPLE, Sample, places

TODAY = day("2026-11-22")
MOMENTS = [
    day(on) for on in ("2024-12-31", "2025-01-01", "2025-04-22", "2025-11-03", "2026-03-01", "2026-03-02", "2026-07-20")
]
MOMENTS += [TODAY, day("2026-12-14"), day("2026-12-31"), day("2027-06-30")]


def same(answer: Owed, expected: oracle.Owed) -> None:
    assert (
        *(answer.to_pay, answer.opening, answer.called[WORKING], answer.called[RESERVE], answer.called[EXCEPTIONAL]),
        *(answer.settled, answer.paid, answer.due),
    ) == (
        *(expected.to_pay, expected.opening, expected.called_working, expected.called_reserve),
        *(expected.called_exceptional, expected.settled, expected.paid, expected.due),
    )
    assert answer.to_pay == answer.opening + sum(answer.called.values()) + answer.settled - answer.paid


def periods(files: oracle.Files, *years: int) -> list[Period]:
    """The quarters of these years, the years themselves, and one odd period."""
    quarters = [Period(*each) for year in years for each in oracle.quarters(files, year)]
    whole = [Period(quarters[place].first, quarters[place + 3].last) for place in range(0, len(quarters), 4)]
    return [*quarters, *whole, Period(day("2026-02-14"), day("2026-05-20"))]


# --------------------------------------------------------------------------------------------------- the sample building


async def test_every_owner_and_quarter_of_the_sample_as_the_oracle_says(sample: Sample) -> None:
    files = oracle.read(SAMPLE)
    asked = 0
    async with sample.database.work(sample.organisation) as uow:
        everybody = await sample.places(uow)
        for person, place in everybody.items():
            (account,) = await charges.accounts(uow, [place])
            assert account.exists == (person in oracle.persons_with_account(files))
            entries = oracle.account(files, person)
            for moment in MOMENTS:
                for period in periods(files, 2025, 2026, 2027):
                    expected = oracle.answer(entries, period.first, period.last, moment)
                    same(owed(account.postings, period, moment), expected)
                    asked += 1
    assert asked == 16 * 11 * 16


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 22, 9, tzinfo=UTC),
        datetime(2026, 4, 19, 21, 59, tzinfo=UTC),  # the evening before the settlement of the first quarter is booked
        datetime(2026, 4, 19, 22, 0, tzinfo=UTC),  # the same evening in UTC, already its day in Brussels
    ],
)
async def test_the_use_case_asks_on_the_day_of_the_building(sample: Sample, moment: datetime) -> None:
    files = oracle.read(SAMPLE)
    async with sample.database.work(sample.organisation, now=moment) as uow:
        everybody = await sample.places(uow)
        for person in ("lea-dubois", "james-carter", "marguerite-lambert", "werner-klein"):
            (account,) = await charges.accounts(uow, [everybody[person]])
            entries = oracle.account(files, person)
            this = oracle.quarter_of(files, oracle.day_of(moment))
            same(charges.owed_now(uow, account), oracle.answer(entries, *this, moment))
            past = Period(day("2026-01-01"), day("2026-03-31"))
            same(charges.owed_in(uow, account, past), oracle.answer(entries, past.first, past.last, moment))


# ------------------------------------------------------------------------------------------- the golden figures, imported


async def account_of(uow: UnitOfWork, files: BuildingFiles, person: str) -> Account:
    known = await stored(uow, files)
    (account,) = await charges.accounts(uow, [(await places(uow, known))[person]])
    return account


@pytest.mark.parametrize(
    ("cents", "parts"),
    [
        (123456, [16913, 32469, 74074]),
        (123457, [16914, 32469, 74074]),
        (-123456, [-16913, -32469, -74074]),
        (1, [0, 0, 1]),
    ],
)
async def test_golden_a_an_amount_over_137_263_and_600(uow: UnitOfWork, cents: int, parts: list[int]) -> None:
    known = await stored(uow, small_building(calls=(call("1", "2026-11-01", cents),)))
    everybody = await places(uow, known)
    found = [await charges.accounts(uow, [everybody[person]]) for person in ("ann", "bob", "cem")]
    assert [charges.owed_now(uow, account).to_pay for (account,) in found] == parts


GOLDEN = {
    "expenses": (
        expense("1", "2026-01-15", 45678),
        expense("2", "2026-01-31", 90000),
        expense("3", "2026-02-10", 36000, "lift"),
        expense("4", "2026-03-02", 60000, "per_lot"),
    ),
    "calls": (
        call("1", "2026-02-01", 300_000, issued="2026-01-05"),
        call("2", "2026-02-01", 150_000, "reserve", "2026-01-05"),
    ),
    "settlements": (settlement("D1", "2026-01-01", "2026-03-31", "2026-03-31", "2026-04-30"),),
    "openings": (opening("ann", "2025-12-31", 12000),),
    "payments": (payment("2026-01-30", "ann", 53100), payment("2026-02-01", "ann", 20550)),
}


async def test_golden_e_the_quarterly_statement(uow: UnitOfWork) -> None:
    known = await stored(uow, small_building(**GOLDEN))
    everybody = await places(uow, known)
    found = {}
    first = Period(day("2026-01-01"), day("2026-03-31"))
    for person in ("ann", "bob", "cem"):
        (account,) = await charges.accounts(uow, [everybody[person]])
        found[person] = owed(account.postings, first, first.last)
    assert found["ann"] == Owed(
        first,
        -2512,
        opening=12000,
        called={"working": 41100, "reserve": 20550, "exceptional": 0},
        settled=38588 - 41100,
        paid=73650,
        due=None,
    )
    assert found["bob"].settled == 68283 - 78900
    assert found["cem"].settled == 124807 - 180000
    assert [found[person].called["reserve"] for person in ("bob", "cem")] == [39450, 90000]


# ------------------------------------------------------------------------------------------------- an account by its rules

CALL_AND_PAYMENT = [
    Posting("call", "working", day("2026-02-01"), day("2026-01-05"), day("2026-02-01"), 10_000),
    Posting("payment", "working", day("2026-04-10"), day("2026-04-10"), day("2026-04-10"), -15_000),
]


def test_a_bill_of_the_past_that_was_paid_reads_nothing_and_no_credit() -> None:
    first = quarter(day("2026-01-01"))
    assert owed(CALL_AND_PAYMENT, first, day("2026-04-09")).to_pay == 10_000
    after = owed(CALL_AND_PAYMENT, first, day("2026-04-10"))
    assert (after.to_pay, after.paid, after.due) == (0, 10_000, None)
    assert owed(CALL_AND_PAYMENT, quarter(day("2026-04-01")), day("2026-04-10")).to_pay == -5_000


POSTINGS = st.lists(
    st.builds(
        lambda kind, fund, booked, issued, late, cents: Posting(
            kind,
            fund if kind == "call" else "working",
            booked,
            booked - timedelta(days=issued) if kind == "call" else booked,
            booked + timedelta(days=late) if kind == "settlement" else booked,
            cents,
        ),
        st.sampled_from(["opening", "call", "settlement", "payment"]),
        st.sampled_from(["working", "reserve", "exceptional"]),
        st.dates(day("2025-10-01"), day("2026-12-31")),
        st.integers(0, 60),
        st.integers(0, 40),
        st.one_of(st.integers(-300, 300), st.integers(-(10**7), 10**7)),
    ),
    max_size=10,
)


@given(
    POSTINGS,
    st.dates(day("2025-10-01"), day("2026-12-31")),
    st.integers(0, 120),
    st.dates(day("2025-10-01"), day("2027-01-31")),
)
@example(CALL_AND_PAYMENT, day("2026-01-01"), 89, day("2026-12-31"))
def test_any_account_as_the_oracle_answers(postings: list[Posting], first: date, length: int, asked: date) -> None:
    last = first + timedelta(days=length)
    entries = [
        oracle.Entry(row.fund if row.kind == "call" else row.kind, row.booked_on, row.due, row.known_on, row.cents)
        for row in postings
    ]
    same(owed(postings, Period(first, last), asked), oracle.answer(entries, first, last, asked))


@given(POSTINGS, st.dates(day("2025-10-01"), day("2026-12-31")))
def test_something_is_due_exactly_where_something_is_to_pay(postings: list[Posting], asked: date) -> None:
    """But for a refund: it takes from what was paid, and is no bill with a due date of its own."""
    answer = owed(postings, quarter(asked), asked)
    known = [row for row in postings if row.known_on <= asked and row.booked_on <= answer.period.last]
    billed = any(row.cents > 0 and row.kind != "payment" for row in known)
    assert (answer.due is not None) == (answer.to_pay > 0 and billed)


# ----------------------------------------------------------------------------------- random buildings, from the files on


PERSONS = ("ann", "bob", "cem", "dan")
SPRING = st.dates(day("2026-01-01"), day("2026-08-31"))


@st.composite
def owned(draw: st.DrawFn, lot: str) -> list[Ownership]:
    """Somebody for every day of a lot: alone, undivided, in usufruct, half of it in usufruct, or sold."""
    one, two, three = draw(st.permutations(PERSONS))[:3]
    numerator, denominator = draw(st.sampled_from([(1, 2), (1, 3), (2, 7), (999, 1000)]))
    rest = (denominator - numerator, denominator)
    sold = draw(SPRING)
    match draw(st.sampled_from(["alone", "undivided", "usufruct", "half", "sold"])):
        case "alone":
            return [owns(lot, one)]
        case "undivided":
            return [owns(lot, one, fraction=(numerator, denominator)), owns(lot, two, fraction=rest)]
        case "usufruct":
            return [owns(lot, one, right="usufruct"), owns(lot, two, right="bare")]
        case "half":
            return [
                owns(lot, one, fraction=(numerator, denominator)),
                owns(lot, two, right="usufruct", fraction=rest),
                owns(lot, three, right="bare", fraction=rest),
            ]
    return [
        owns(lot, one, "2020-01-01", sold.isoformat()),
        owns(lot, two, (sold + timedelta(days=1)).isoformat()),
    ]


@st.composite
def buildings(draw: st.DrawFn) -> BuildingFiles:
    names = [f"L{number}" for number in range(draw(st.integers(1, 4)))]
    lots = tuple(Lot(name, "apartment", "", draw(st.integers(1, 700))) for name in names)
    weights = (
        *(Weight("lift", name, draw(st.integers(0, 5))) for name in names[:-1]),
        Weight("lift", names[-1], draw(st.integers(1, 5))),
    )
    rows = [row for name in names for row in draw(owned(name))]
    cents = st.one_of(st.integers(-50, 200), st.integers(-(10**6), 10**7))
    keys, funds = st.sampled_from(["general", "lift"]), st.sampled_from(["working", "reserve", "exceptional"])
    calls, expenses = [], []
    for number in range(draw(st.integers(0, 5))):
        due = draw(SPRING)
        issued = (due - timedelta(days=draw(st.integers(0, 40)))).isoformat()
        calls.append(call(f"c{number}", due.isoformat(), draw(cents), draw(funds), issued, draw(keys)))
    for number in range(draw(st.integers(0, 5))):
        private = draw(st.sampled_from(["", "", *names]))
        nature = draw(st.sampled_from(["ordinary", "extraordinary"]))
        rest = {"private_lot": private, "nature": nature, "fund": draw(funds)}
        expenses.append(expense(f"e{number}", draw(SPRING).isoformat(), draw(cents), draw(keys), **rest))
    settlements = tuple(
        settlement(f"s{number}", str(each.first), str(each.last), str(each.last + timedelta(days=20)), "2026-12-01")
        for number, each in enumerate((quarter(day("2026-01-01")), quarter(day("2026-04-01"))))
        if draw(st.booleans())
    )
    return small_building(
        lots=lots,
        weights=weights,
        people=tuple(resident(person) for person in PERSONS),
        ownership=tuple(rows),
        calls=tuple(calls),
        expenses=tuple(expenses),
        settlements=settlements,
        openings=tuple(opening(person, "2026-01-01", draw(cents)) for person in PERSONS if draw(st.booleans())),
        payments=tuple(
            payment(draw(SPRING).isoformat(), draw(st.sampled_from(PERSONS)), draw(cents) or 1)
            for _ in range(draw(st.integers(0, 5)))
        ),
    )


def postings_of(files: BuildingFiles, person: str) -> Sequence[Posting]:
    """The person's lines of the books, as the store reads them."""
    documents = Documents(
        *(files.lots, files.weights, files.ownership, files.openings),
        *(files.calls, files.expenses, files.settlements, files.payments),
    )
    return [
        Posting(entry.kind, entry.fund, entry.booked_on, entry.known_on, entry.due, cents, entry.source)
        for entry in entries(documents)
        if (cents := sum(line.cents for line in entry.lines if line.person == person))
    ]


@settings(max_examples=120)
@given(buildings(), st.dates(day("2026-01-01"), day("2026-12-31")))
def test_any_building_as_the_oracle_answers(files: BuildingFiles, asked: date) -> None:
    told = as_files(files)
    for person in PERSONS:
        postings, account = postings_of(files, person), oracle.account(told, person)
        for number in range(4):
            period = quarter(day("2026-01-01"), offset=number)
            same(owed(postings, period, asked), oracle.answer(account, period.first, period.last, asked))


# ------------------------------------------------------------------------------------------------------- several accounts


async def test_somebody_with_two_buildings_has_an_account_in_each(uow: UnitOfWork) -> None:
    one = await stored(uow, small_building("one", calls=(call("1", "2026-11-01", 1000),)))
    two = await stored(uow, small_building("two", calls=(call("1", "2026-11-01", 5000),)))
    mine = [(await places(uow, known))["cem"] for known in (one, two)]
    found = await charges.accounts(uow, mine)
    assert [(account.place, charges.owed_now(uow, account).to_pay) for account in found] == [
        (mine[0], 600),
        (mine[1], 3000),
    ]
    assert await charges.accounts(uow, []) == []


async def test_a_tenant_has_no_account_and_an_owner_has_one_from_the_first_day(uow: UnitOfWork) -> None:
    files = small_building(people=(*small_building().people, resident("ten", "tenant")))
    assert not (await account_of(uow, files, "ten")).exists
    assert (await account_of(uow, files, "ann")).exists
    paid = small_building(people=files.people, payments=(payment("2026-01-01", "ten", 100),))
    assert (await account_of(uow, paid, "ten")).exists
