"""The figures read from loans, exchanges and things from hand to hand of the sample building."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.bulletin.impact import service
from core.bulletin.impact.cards import whole
from core.database import UnitOfWork
from core.kernel.text import say
from core.people import store as people
from tests.core.bulletin.impact.deeds import gave, helped, lent
from tests.ground_floor import NOW, Sample

PEOPLE = ("lea-dubois", "tom-vermeulen", "anna-schmitz", "james-carter", "youssef-benali", "sofie-desmet")


async def persons(uow: UnitOfWork, sample: Sample) -> list[UUID]:
    listed = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
    return [listed[code] for code in PEOPLE]


async def happens(uow: UnitOfWork, sample: Sample) -> None:
    """Five lend one another two drills and a bike, three exchange hours, five give one another books."""
    building = sample.known.building_id
    lea, tom, anna, james, youssef, sofie = await persons(uow, sample)
    at = NOW - timedelta(days=30)
    await lent(uow, building, (tom, lea), at, "Perceuse")
    await lent(uow, building, (tom, lea), at + timedelta(days=1), "Perceuse")
    await lent(uow, building, (anna, james), at + timedelta(days=2), "Bohrmaschine")
    await lent(uow, building, (anna, youssef), at + timedelta(days=3), "Fahrrad")
    await lent(uow, building, (anna, sofie), at + timedelta(days=4), "Fahrrad", state="granted")
    await helped(uow, building, (lea, tom), at, 90)
    await helped(uow, building, (lea, anna), at, 60)
    await helped(uow, building, (sofie, james), at, 600, state="cancelled")
    for giver, taker in ((lea, tom), (anna, james), (youssef, lea)):
        await gave(uow, building, (giver, taker), at, "Livres")


async def test_the_figures_are_those_of_the_tables(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        await happens(uow, sample)
        found = (await service.impact(uow, 2026)).of(sample.known.building_id)
    # Of drills Léa and James would each have bought one, Youssef a bike: a quarter; and of three piles of books.
    grams = (2 * 9_700 + 116_000 + 3 * 790) // 4
    assert whole(found.figures) == {
        "shared": 4,
        "given": 3,
        "hours": None,
        "met": 4,
        "avoided": 1,
        "co2": grams // 1000,
        "people": 5,
    }
    assert found.people == 16


async def test_a_year_knows_nothing_of_another(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        pairs = await persons(uow, sample)
        # Half past midnight in Brussels, half past eleven of the year before in Greenwich.
        for place in range(5):
            at = datetime(2025, 12, 31, 23, 30, place, tzinfo=UTC)
            await helped(uow, sample.known.building_id, (pairs[place], pairs[place - 1]), at, 60)
        assert (await service.impact(uow, 2026)).of(sample.known.building_id).figures.minutes == 240, "the fifth waits"
        assert (await service.impact(uow, 2025)).lines == ()
        assert await service.years(uow) == [2026]
        await helped(uow, sample.known.building_id, pairs[:2], datetime(2024, 5, 1, tzinfo=UTC), 60)
        assert await service.years(uow) == [2026, 2025, 2024]


async def test_what_a_visitor_may_not_read_is_not_in_his_figures(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        await happens(uow, sample)
        everything = await service.impact(uow, 2026)
        assert (await service.impact(uow, 2026, [sample.known.building_id])).lines == everything.lines
        assert (await service.impact(uow, 2026, [])).lines == ()


@pytest.mark.parametrize("enough", [False, True])
async def test_the_card_of_the_council_has_the_figures_and_a_picture(sample: Sample, enough: bool) -> None:
    async with sample.database.work(sample.organisation) as uow:
        if enough:
            await happens(uow, sample)
        card = await service.of_building(uow, sample.known)
    if not enough:
        assert card.body == (say("impact.nothing", count=5),)
        assert not card.facts
        assert not card.attachments
        return
    values = {fact.key: fact.value for fact in card.facts}
    assert values["hours"] == say("impact.too_few")
    assert values["people"] == say("impact.people_of", people=5, all=16)
    (picture,) = card.attachments
    assert (picture.kind, picture.values["count"]) == ("impact", 7)
