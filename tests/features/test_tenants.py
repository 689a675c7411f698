"""Steps of tenants.feature: two organisations in one database."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, scenarios, then, when
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.buildings import store as buildings
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from tests.features.conftest import Done
from tests.ground_floor import SAMPLE, Sample
from tests.talking import Card, Talking, cents, token

scenarios("tenants.feature")
OURS, THEIRS = "lea.dubois@tilleuls.example", "lea.dubois@erables.example"
RENARD, OTHER = "Renard Gestion", "Autre Syndic"


@pytest.fixture
def organisations() -> dict[str, UUID]:
    return {}


@pytest.fixture
def cards() -> list[Card]:
    """What was answered last."""
    return []


@given(parsers.parse('Résidence Les Tilleuls is looked after by "{name}"'))
def _first(sample: Sample, organisations: dict[str, UUID], name: str) -> None:
    organisations[name] = sample.organisation


@given(parsers.parse('a building of the same files is looked after by "{name}"'))
def _second(sample: Sample, organisations: dict[str, UUID], done: Done, tmp_path: Path, name: str) -> None:
    """The same but for its name, its people's addresses, and that Léa has paid all but a cent."""
    folder = tmp_path / "second"
    shutil.copytree(SAMPLE, folder)
    for file in ("building.toml", "people.csv", "consents.csv"):
        words = (folder / file).read_text(encoding="utf-8")
        words = (
            words.replace("Les Tilleuls", "Les Érables")
            .replace("@tilleuls.", "@erables.")
            .replace('"tilleuls"', '"erables"')
        )
        (folder / file).write_text(words, encoding="utf-8")
    with (folder / "payments.csv").open("a", encoding="utf-8") as rows:
        rows.write("2026-11-20,lea-dubois,740.39,,bank\n")

    async def imported() -> UUID:
        with Folder.open(folder) as opened:
            async with sample.database.work() as uow:
                organisation = await buildings.add_organisation(uow, name)
                await import_building(uow, read_building(opened), sample.shelf)
                await uow.commit()
                return organisation

    organisations[name] = done(imported())


@given(parsers.parse('somebody who owns only with "{name}" was offered a choice'))
def _offered(talking: Talking, cards: list[Card], done: Done, name: str) -> None:
    assert name == RENARD
    cards[:] = done(talking.say(OURS, "combien je dois ?"))


@when(parsers.parse('somebody who owns only with "{name}" asks what he owes'))
def _asks(talking: Talking, cards: list[Card], done: Done, name: str) -> None:
    assert name == OTHER
    cards[:] = done(talking.say(THEIRS, "combien je dois ce trimestre ?"))


@when(parsers.parse('somebody who owns only with "{name}" presses it'))
def _presses(talking: Talking, cards: list[Card], done: Done, name: str) -> None:
    assert name == OTHER
    cards[:] = done(talking.say(THEIRS, choice=token(cards[0], "Payer")))


@then("he is answered for his building alone")
def _alone(cards: list[Card]) -> None:
    (card,) = cards
    assert cents(card)["to_pay"] == 1
    assert "Les Érables" in card["text"]
    assert "Les Tilleuls" not in card["text"]


@then("he is told nothing of it")
def _nothing(cards: list[Card]) -> None:
    (card,) = cards
    assert card["attachments"] == []
    assert "740" not in card["text"]
    assert "Tilleuls" not in card["text"]


@when(parsers.parse('the application works for "{name}"'))
def _works(name: str) -> None:
    assert name == OTHER


@then(parsers.parse('it finds no row of "{name}" in any table'))
def _no_row(sample: Sample, organisations: dict[str, UUID], done: Done, name: str) -> None:
    async def counted() -> dict[str, tuple[int, int]]:
        async with sample.database.work(organisations[OTHER]) as uow:
            tables = await uow.connection.execute(
                text(
                    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id'"
                    " WHERE c.relkind = 'r' AND c.relrowsecurity"
                )
            )
            found = {}
            for table in sorted(tables.scalars()):
                mine = await uow.connection.scalar(text(f'SELECT count(*) FROM "{table}"'))
                theirs = await uow.connection.scalar(
                    text(f'SELECT count(*) FROM "{table}" WHERE organisation_id = :other'),
                    {"other": organisations[name]},
                )
                found[table] = (mine or 0, theirs or 0)
            return found

    found = done(counted())
    assert len(found) > 15
    assert sum(mine for mine, _ in found.values()) > 500
    assert [table for table, (_, theirs) in found.items() if theirs] == []


@then("it cannot write one there")
def _cannot_write(sample: Sample, organisations: dict[str, UUID], done: Done) -> None:
    async def written() -> None:
        async with sample.database.work(organisations[OTHER]) as uow:
            await uow.connection.execute(
                text(
                    "INSERT INTO persons (organisation_id, person_id, name, language) VALUES (:one, gen_random_uuid(), 'x', 'fr')"
                ),
                {"one": organisations[RENARD]},
            )

    with pytest.raises(DBAPIError, match="row-level security"):
        done(written())
