"""What a building spent, what arrived, and what its funds hold."""

from __future__ import annotations

from datetime import date

import pytest

from core.charges import service as charges
from core.charges import store
from core.charges.accounts.model import FundBalance
from core.database import UnitOfWork
from core.kernel.clock import BRUSSELS
from core.kernel.periods import Period
from tests import oracle
from tests.core.small import call, day, expense, opening, payment, settlement, small_building, stored
from tests.ground_floor import SAMPLE, Hands, Sample, places


def of(files: oracle.Files, name: str, until: date, fund: str, column: str = "date") -> int:
    """The sum of the rows of a file that concern a fund, by a day."""
    return sum(
        oracle.cents(row["total"])
        for row in files.rows(name)
        if (row["fund"] or "working") == fund and row[column] <= until.isoformat()
    )


@pytest.mark.parametrize("on", ["2024-12-31", "2025-06-30", "2026-11-22", "2027-12-31"])
async def test_the_funds_of_the_sample_hold_what_was_called_less_what_was_spent(
    sample: Sample, clock: Hands, on: str
) -> None:
    """A call counts from the day on which it is issued; a settlement corrects the working fund to what was spent."""
    files, until = oracle.read(SAMPLE), day(on)
    clock.now = clock.now.replace(year=until.year, month=until.month, day=until.day)
    called = {fund: of(files, "calls", until, fund) for fund in oracle.FUNDS}
    called["working"] += sum(oracle.cents(row["amount"]) for row in files.rows("opening") if row["date"] <= on)
    called["working"] += sum(
        oracle.part_of_settlement(files, person, row)
        for row in files.rows("settlements")
        if row["date"] <= on
        for person in oracle.persons_with_account(files)
    )
    async with sample.database.work(sample.organisation) as uow:
        found = await charges.funds(uow, sample.known.building_id)
    assert found == [
        FundBalance(fund, called[fund], of(files, "expenses", until, fund))
        for fund in ("reserve", "working", "exceptional")
    ]
    assert [fund.balance for fund in found] == [fund.called - fund.spent for fund in found]


async def test_funds_of_a_small_building(uow: UnitOfWork) -> None:
    files = small_building(
        openings=(opening("ann", "2026-01-01", 700),),
        calls=(
            call("w", "2026-02-01", 10_000),
            call("r", "2026-12-31", 5_000, "reserve", "2026-11-22"),
            call("x", "2026-02-01", 3_000, "exceptional"),
            call("not yet", "2026-12-31", 99_999, "reserve", "2026-11-23"),
        ),
        expenses=(
            expense("w", "2026-02-01", 4_000),
            expense("r", "2026-02-01", 1_000, fund="reserve"),
            expense("x", "2026-02-01", 3_500, fund="exceptional"),
        ),
        settlements=(settlement("D", "2026-01-01", "2026-03-31", "2026-04-20"),),
        payments=(payment("2026-02-01", "ann", 1),),
    )
    known = await stored(uow, files)
    assert await charges.funds(uow, known.building_id) == [
        FundBalance("reserve", 5_000, 1_000),
        FundBalance("working", 700 + 10_000 - 6_000, 4_000),
        FundBalance("exceptional", 3_000, 3_500),
    ]


async def test_expenses_of_a_period_up_to_today(sample: Sample) -> None:
    rows = oracle.read(SAMPLE).rows("expenses")
    period = Period(day("2026-07-01"), day("2026-12-31"))
    async with sample.database.work(sample.organisation) as uow:
        found = await charges.expenses(uow, sample.known.building_id, period)
    expected = [row["number"] for row in rows if "2026-07-01" <= row["date"] <= "2026-11-22"]
    assert sorted(row.number for row in found) == sorted(expected)
    assert [row.day for row in found] == sorted(row.day for row in found)
    assert expected


async def test_the_latest_payments_first(sample: Sample) -> None:
    rows = [row for row in oracle.read(SAMPLE).rows("payments") if row["person"] == "lea-dubois"]
    async with sample.database.work(sample.organisation) as uow:
        place = (await sample.places(uow))["lea-dubois"]
        found = await charges.payments(uow, place)
        assert await store.payments_of(uow, place.known.building_id, "lea-dubois", day("2025-01-01"), 5) == []
    latest = sorted((row["date"] for row in rows if row["date"] <= "2026-11-22"), reverse=True)[:5]
    assert [row.day.isoformat() for row in found] == latest
    assert {row.person for row in found} == {"lea-dubois"}


async def test_a_payment_of_tomorrow_has_not_arrived(uow: UnitOfWork) -> None:
    files = small_building(
        payments=(payment("2026-11-22", "ann", 1), payment("2026-11-22", "ann", 2), payment("2026-11-23", "ann", 3))
    )
    known = await stored(uow, files)
    assert uow.now.astimezone(BRUSSELS).date() == day("2026-11-22")
    found = await charges.payments(uow, (await places(uow, known))["ann"])
    assert [row.cents for row in found] == [2, 1]
