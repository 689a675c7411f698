"""Where an amount comes from: the items add up to the cent, and each is what the independent computation says."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sqlalchemy import text

from core.charges import service as charges
from core.charges.explanations.model import Explanation
from core.charges.model import FUNDS
from core.charges.service import Unexplained
from core.database import UnitOfWork
from core.kernel.periods import Period
from tests import oracle
from tests.core.small import call, day, expense, owns, settlement, small_building, stored
from tests.ground_floor import SAMPLE, Sample, places

FIRST = Period(day("2026-01-01"), day("2026-03-31"))


def adds_up(explanation: Explanation) -> None:
    """Each item from its total down to the person's part."""
    for item in explanation.items:
        exact = Fraction(item.total * item.weight, item.whole)
        assert abs(item.lot_part - exact) < 1
        assert item.rounded == (abs(item.lot_part) > abs(exact))
        assert abs(item.part - item.lot_part * item.share) < 1
        assert 0 < item.share <= 1
        if item.share == 1:
            assert item.part == item.lot_part


@pytest.mark.parametrize("year", [2025, 2026])
async def test_every_owner_and_quarter_of_the_sample_is_explained(sample: Sample, year: int) -> None:
    files = oracle.read(SAMPLE)
    moment = day("2026-12-31")
    calls = {row["number"]: row for row in files.rows("calls")}
    expenses = {row["number"]: row for row in files.rows("expenses")}
    explained = 0
    sample.database.clock.now = sample.database.clock.now.replace(month=12, day=31)  # type: ignore[attr-defined]
    async with sample.database.work(sample.organisation) as uow:
        everybody = await sample.places(uow)
        for person in oracle.persons_with_account(files):
            (account,) = await charges.accounts(uow, [everybody[person]])
            entries = oracle.account(files, person)
            for period in (Period(*each) for each in oracle.quarters(files, year)):
                explanation = await charges.explained(uow, account, period)
                adds_up(explanation)
                expected = oracle.answer(entries, period.first, period.last, moment)
                for fund in FUNDS:
                    total = sum(item.part for item in explanation.calls if item.fund == fund)
                    assert total == getattr(expected, f"called_{fund}")
                assert sum(closing.result for closing in explanation.closings) == expected.settled
                for number in {item.number for item in explanation.calls}:
                    part = sum(item.part for item in explanation.calls if item.number == number)
                    assert part == oracle.part_of_call(files, person, calls[number])
                for closing in explanation.closings:
                    settled = (closing.settlement.first, closing.settlement.last)
                    for number in {item.number for item in closing.expenses}:
                        part = sum(item.part for item in closing.expenses if item.number == number)
                        assert part == oracle.part_of_expense(files, person, expenses[number], *settled)
                        explained += 1
    assert explained > 250


async def test_all_parts_of_all_people_are_the_whole(sample: Sample) -> None:
    """Nothing falls between the owners: what each is told adds up to the invoice."""
    parts: dict[str, int] = {}
    totals: dict[str, int] = {}
    async with sample.database.work(sample.organisation) as uow:
        for place in (await sample.places(uow)).values():
            (account,) = await charges.accounts(uow, [place])
            if account.exists:
                for item in (await charges.explained(uow, account, Period(day("2025-01-01"), day("2026-12-31")))).items:
                    name = f"{'expense' if item.supplier else 'call'} {item.number}"
                    parts[name] = parts.get(name, 0) + item.part
                    totals[name] = item.total
    assert parts == totals
    assert len(parts) > 80


async def test_a_rounding_cent_and_a_private_cost_are_said(uow: UnitOfWork) -> None:
    files = small_building(
        ownership=(
            owns("A", "ann", fraction=(1, 2)),
            owns("A", "bob", fraction=(1, 2)),
            owns("B", "bob"),
            owns("C", "cem"),
        ),
        calls=(call("c", "2026-02-01", 123457),),
        expenses=(
            expense("p", "2026-02-01", 999, private_lot="B"),
            expense("l", "2026-02-01", 36001, "lift"),
            expense("n", "2026-02-01", -100, supplier="Credit"),
        ),
        settlements=(settlement("D", "2026-01-01", "2026-03-31", "2026-03-31"),),
    )
    known = await stored(uow, files)
    everybody = await places(uow, known)

    async def items(person: str) -> dict[tuple[str, str], tuple[int, int, int, int, Fraction, bool]]:
        (account,) = await charges.accounts(uow, [everybody[person]])
        explanation = await charges.explained(uow, account, FIRST)
        adds_up(explanation)
        return {
            (item.number, item.lot): (item.weight, item.whole, item.lot_part, item.part, item.share, item.rounded)
            for item in explanation.items
        }

    half, whole = Fraction(1, 2), Fraction(1)
    ann, bob, cem = [await items(person) for person in ("ann", "bob", "cem")]
    assert ann == {
        ("c", "A"): (137, 1000, 16914, 8457, half, True),
        ("n", "A"): (137, 1000, -14, -7, half, True),
    }
    assert bob == {
        ("c", "A"): (137, 1000, 16914, 8457, half, True),
        ("c", "B"): (263, 1000, 32469, 32469, whole, False),
        ("n", "A"): (137, 1000, -14, -7, half, True),
        ("n", "B"): (263, 1000, -26, -26, whole, False),
        ("p", "B"): (1, 1, 999, 999, whole, False),
        ("l", "B"): (350, 1000, 12600, 12600, whole, False),
    }
    assert cem[("l", "C")] == (650, 1000, 23401, 23401, whole, True)


async def test_what_is_not_issued_or_booked_yet_is_not_explained(uow: UnitOfWork) -> None:
    """It is 22 November 2026."""
    files = small_building(
        calls=(
            call("now", "2026-12-01", 1000, issued="2026-11-22"),
            call("later", "2026-12-01", 1000, issued="2026-11-23"),
        ),
        expenses=(expense("e", "2026-07-01", 1000),),
        settlements=(settlement("D", "2026-07-01", "2026-09-30", "2026-11-23"),),
    )
    known = await stored(uow, files)
    (account,) = await charges.accounts(uow, [(await places(uow, known))["cem"]])
    explanation = await charges.explained(uow, account, Period(day("2026-10-01"), day("2026-12-31")))
    assert [item.number for item in explanation.calls] == ["now"]
    assert explanation.closings == ()


async def test_an_explanation_that_does_not_add_up_is_never_given(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        place = (await sample.places(uow))["lea-dubois"]
        (account,) = await charges.accounts(uow, [place])
        await uow.connection.execute(
            text("UPDATE parts SET cents = cents + 1 WHERE source = 'call:2026-Q1-W' OR lot = '3A'")
        )
        with pytest.raises(Unexplained, match=str(place.known.building_id)):
            await charges.explained(uow, account, FIRST)
