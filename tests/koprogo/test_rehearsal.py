"""A rehearsal: units of work that see what those before them did, and of which nothing remains."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.understanding import Understanding
from core.database import Database, UnitOfWork
from koprogo import office
from koprogo.application import Application
from koprogo.rehearsal import rehearsed, stage, token_of
from koprogo.settings import read_settings
from tests.ground_floor import NOW, Sample
from tests.web_admin.preview.conftest import everything
from web_admin.preview.protocols import PREVIEWS, TRY_IT, Line, Sitter


@pytest.fixture
def application(sample: Sample, understanding: Understanding, tmp_path: Path) -> Application:
    made = Application(read_settings({"KOPROGO_DATA": str(tmp_path)}), sample.owner, sample.database, {})
    made.understanding = understanding
    return made


async def rename(uow: UnitOfWork, name: str) -> None:
    await uow.connection.execute(text("UPDATE persons SET name = :name"), {"name": name})


async def names(uow: UnitOfWork) -> set[str]:
    return set((await uow.connection.execute(text("SELECT name FROM persons"))).scalars())


async def test_what_is_committed_is_seen_by_what_follows_and_then_gone(
    sample: Sample, application: Application
) -> None:
    before = await everything(sample)
    async with rehearsed(application, sample.organisation) as database:
        async with database.work(sample.organisation) as uow:
            await rename(uow, "Somebody")
            await uow.commit()
        async with database.work(sample.organisation) as uow:
            assert await names(uow) == {"Somebody"}
        async with sample.database.work(sample.organisation) as uow:
            assert "Somebody" not in await names(uow), "nobody else sees it"
    assert await everything(sample) == before


async def test_what_is_not_committed_is_undone_within_it(sample: Sample, application: Application) -> None:
    async with rehearsed(application, sample.organisation) as database:
        async with database.work(sample.organisation) as uow:
            await rename(uow, "Somebody")
        with pytest.raises(ZeroDivisionError):
            await _fails(database, sample)
        async with database.work(sample.organisation) as uow:
            assert {"Somebody", "Somebody else"}.isdisjoint(await names(uow))
            assert "Léa Dubois" in await names(uow)


async def _fails(database: Database, sample: Sample) -> None:
    async with database.work(sample.organisation) as uow:
        await rename(uow, "Somebody else")
        raise ZeroDivisionError


async def test_the_walls_between_tenants_stand(sample: Sample, application: Application) -> None:
    async with rehearsed(application, sample.organisation) as database:
        async with database.work() as uow:
            assert await names(uow) == set()
        async with database.work(sample.organisation) as uow:
            assert len(await names(uow)) > 10


async def _renamed(database: Database, sample: Sample) -> None:
    async with database.work(sample.organisation) as uow:
        await rename(uow, "Rehearsed")


async def test_it_gives_way_to_what_happens_in_earnest(sample: Sample, application: Application) -> None:
    """Somebody is changing the same rows: the rehearsal does not wait for him, and he never fails for it."""
    sitter = Sitter(sample.organisation, sample.known.building.slug, None, "fr")
    async with sample.database.work(sample.organisation) as earnest:
        await rename(earnest, "In earnest")
        began = time.perf_counter()
        async with stage(application, sitter, 1, NOW) as played:
            with pytest.raises(DBAPIError, match="lock timeout"):
                await _renamed(played.database, sample)
            assert await played.says(Line(NOW, "bonjour")), "and it goes on"
        assert time.perf_counter() - began < 5
        await earnest.commit()
    async with sample.database.work(sample.organisation) as uow:
        assert await names(uow) == {"In earnest"}


async def test_it_frees_its_connection(sample: Sample, application: Application) -> None:
    sitter = Sitter(sample.organisation, sample.known.building.slug, None, "fr")

    async def one(number: int) -> int:
        async with stage(application, sitter, number, NOW) as played:
            return len(await played.says(Line(NOW, "bonjour")))

    assert await asyncio.gather(*map(one, range(30))) == [1] * 30


def test_tokens_are_of_one_talk_alone() -> None:
    assert token_of(1, 2, 3) == token_of(1, 2, 3)
    assert len({token_of(talk, card, choice) for talk in range(9) for card in range(9) for choice in range(9)}) == 729


def test_the_office_of_an_installation_has_both(application: Application) -> None:
    pages = office.pages(application)
    assert pages[PREVIEWS].samples()
    assert pages[TRY_IT] is not None
