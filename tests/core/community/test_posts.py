"""What somebody puts up: within decent limits, and taken back for a while."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.community.neighbours import service as neighbours
from core.community.neighbours.model import called
from core.community.posts import service as posts
from core.community.posts.insults import insulting
from core.community.posts.model import LONGEST_NAME, MOST_A_DAY, UNDO_LASTS, name_of, text_of
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.people import store as people
from tests.ground_floor import Hands, Sample


async def person_of(sample: Sample, code: str):  # type: ignore[no-untyped-def]
    async with sample.database.work(sample.organisation) as uow:
        rows = await people.residents(uow, sample.known.building_id)
        return next(row.person_id for row in rows if row.resident.person == code)


async def put_up(sample: Sample, person, *texts: str) -> None:  # type: ignore[no-untyped-def]
    async with sample.database.work(sample.organisation) as uow:
        await posts.post(uow, person, sample.known.building_id, "object", new_id(), *texts)
        await uow.commit()


async def test_twenty_a_day_and_not_one_more_however_quick(sample: Sample, clock: Hands) -> None:
    lea = await person_of(sample, "lea-dubois")
    done = await asyncio.gather(*(put_up(sample, lea, "échelle") for _ in range(25)), return_exceptions=True)
    refused = [each for each in done if isinstance(each, DomainError)]
    assert len(done) - len(refused) == MOST_A_DAY
    assert {each.text.key for each in refused} == {"community.too_many"}
    clock.now += timedelta(days=1, seconds=1)
    await put_up(sample, lea, "échelle")


async def test_the_last_one_is_found_for_a_quarter_of_an_hour(sample: Sample, clock: Hands) -> None:
    lea = await person_of(sample, "lea-dubois")
    await put_up(sample, lea, "une échelle")
    async with sample.database.work(sample.organisation) as uow:
        last = await posts.last(uow, lea)
        assert last is not None
        await posts.undone(uow, last.subject)
        assert await posts.last(uow, lea) is None
    clock.now += UNDO_LASTS
    async with sample.database.work(sample.organisation) as uow:
        assert await posts.last(uow, lea) is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Espèce de CONNARD !", True),
        ("wat een klootzak", True),
        ("du Hürensohn", True),
        ("Sie Arschlöcher", True),
        ("you idiot", True),
        ("Le train a du retard, qui vient ?", False),
        ("une tapette à souris", False),
        ("Scunthorpe", False),
    ],
)
def test_insults(text: str, wrong: bool) -> None:
    assert insulting(text) is wrong


async def test_an_insult_is_not_put_up(sample: Sample) -> None:
    lea = await person_of(sample, "lea-dubois")
    with pytest.raises(DomainError) as refused:
        await put_up(sample, lea, "perceuse", "pas pour les idiots")
    assert refused.value.text.key == "community.insulting"


def test_names_and_texts_are_cleaned() -> None:
    assert name_of("  an \u202eold\x00\n drill ") == "an old drill"
    assert text_of(" a \n\n  b\u200f\t c ") == "a\n\nb c"
    for wrong in ("", " ", "1", "??", "x" * (LONGEST_NAME + 1)):
        with pytest.raises(DomainError):
            name_of(wrong)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Tom Vermeulen", "Tom V."),
        ("Sofie De Smet", "Sofie D."),
        ("Jan & Els Peeters", "Jan & Els P."),
        ("Madonna", "Madonna"),
    ],
)
def test_neighbours_are_shown_by_first_name(name: str, shown: str) -> None:
    assert called(name) == shown


async def test_a_name_means_whoever_has_it(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        building = sample.known.building_id
        everybody = await neighbours.neighbours(uow, building)
        assert len(everybody) > 10
        for wanted in ("tom", "Tom Vermeulen", "Meneer Vermeulen"):
            assert [each.name for each in await neighbours.named(uow, building, wanted)] == ["Tom Vermeulen"]
        assert await neighbours.named(uow, building, "Zoé") == []
        tom = next(each for each in everybody if each.name == "Tom Vermeulen")
        assert await neighbours.named(uow, building, "Tom", besides=tom.person) == []
        found = await neighbours.contact(uow, building, tom.person)
        assert found is not None
        assert found.name == "Tom Vermeulen"
        assert found.lots
