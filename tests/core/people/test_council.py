"""What the council decides about modules: kept, followed, and refused where it makes no sense."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.buildings import service as buildings
from core.buildings.model import NoSuchBuilding
from core.database import Database, UnitOfWork
from core.interchange.service import import_building, kept_files
from core.interchange.writing import write_tables
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.ids import new_id
from core.modules import MODULES, NAMES, named, purpose, title
from core.people.audit import service as audit
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import LONGEST_NOTE, Wish, followed, switched
from tests.core.small import small_building, stored

ANN = Actor(new_id(), "Ann of the council")
LOANS, POLLS = named("loans"), named("polls")


def wish(uow: UnitOfWork, on: bool = True, **rest: object) -> Wish:
    return replace(Wish(LOANS, on, local_day(uow.now)), **rest)  # type: ignore[arg-type]


async def on(uow: UnitOfWork, building: UUID) -> tuple[str, ...]:
    return (await buildings.get(uow, building)).building.modules


async def test_a_decision_is_kept_and_the_building_follows(uow: UnitOfWork) -> None:
    building = (await stored(uow, small_building())).building_id
    await council.switch(uow, building, wish(uow, note=" at the meeting of October "), ANN)
    await council.switch(uow, building, wish(uow, module=POLLS), ANN)
    await council.switch(uow, building, wish(uow, False), ANN)
    assert await on(uow, building) == ("polls",)
    history = await council.history(uow, building)
    assert [(each.module, each.on) for each in history] == [("loans", False), ("polls", True), ("loans", True)]
    assert history[-1].note == "at the meeting of October"
    assert {each.actor for each in history} == {ANN}
    assert {each.decided_on for each in history} == {local_day(uow.now)}
    log = (await audit.entries(uow)).entries
    assert [entry.subject for entry in log] == ["module loans", "module polls", "module loans"]
    assert log[0].before is not None
    assert log[0].after is not None
    assert (log[0].before["on"], log[0].after["on"]) == (True, False)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"on": False}, "council.off_already"),
        ({"decided_on": date(2026, 11, 23)}, "council.not_yet"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, "council.long_note"),
        ({"note": "a\0b"}, "council.hidden_sign"),
        ({"note": "\ud800"}, "council.hidden_sign"),
    ],
)
async def test_what_makes_no_sense_is_refused(uow: UnitOfWork, change: dict[str, object], key: str) -> None:
    building = (await stored(uow, small_building())).building_id
    with pytest.raises(DomainError) as refusal:
        await council.switch(uow, building, wish(uow, **change), ANN)  # type: ignore[arg-type]
    assert refusal.value.text.key == key
    assert await on(uow, building) == ()
    assert await council.history(uow, building) == []
    assert (await audit.entries(uow)).entries == ()


async def test_what_is_on_is_not_switched_on_again(uow: UnitOfWork) -> None:
    building = (await stored(uow, small_building())).building_id
    await council.switch(uow, building, wish(uow), ANN)
    with pytest.raises(DomainError) as refusal:
        await council.switch(uow, building, wish(uow), ANN)
    assert refusal.value.text.key == "council.on_already"


async def test_a_decision_is_not_older_than_the_one_before(uow: UnitOfWork) -> None:
    building = (await stored(uow, small_building())).building_id
    today = local_day(uow.now)
    await council.switch(uow, building, wish(uow, decided_on=today - timedelta(days=3)), ANN)
    with pytest.raises(DomainError) as refusal:
        await council.switch(uow, building, wish(uow, False, decided_on=today - timedelta(days=4)), ANN)
    assert refusal.value.text.key == "council.before_the_last"
    await council.switch(uow, building, wish(uow, False, decided_on=today - timedelta(days=3)), ANN)


async def test_a_building_that_is_not_there_decides_nothing(uow: UnitOfWork) -> None:
    with pytest.raises(NoSuchBuilding):
        await council.switch(uow, new_id(), wish(uow), ANN)
    with pytest.raises(NoSuchBuilding):
        await council.history(uow, new_id())


async def test_of_two_who_press_at_once_one_decides(database: Database, organisation: UUID) -> None:
    async with database.work(organisation) as uow:
        building = (await stored(uow, small_building())).building_id
        await uow.commit()

    async def press() -> str:
        async with database.work(organisation) as uow:
            try:
                await council.switch(uow, building, wish(uow), ANN)
            except DomainError as refusal:
                return refusal.text.key
            await uow.commit()
            return "done"

    assert sorted(await asyncio.gather(*(press() for _ in range(5)))) == ["council.on_already"] * 4 + ["done"]
    async with database.work(organisation) as uow:
        assert len(await council.history(uow, building)) == 1


async def test_files_do_not_take_a_decision_back(uow: UnitOfWork) -> None:
    """What was decided stands, the files say the rest; and what is written out says what was decided."""
    source = (
        'name = "Three"\nslug = "three" # ours\nlanguages = ["fr"]\nshares_total = 1000\nmodules = ["polls", "sel"]\n'
    )
    given_files = small_building()
    files = replace(given_files, building=replace(given_files.building, source=source, modules=("polls", "sel")))
    known = await stored(uow, files)
    await council.switch(uow, known.building_id, wish(uow), ANN)
    await council.switch(uow, known.building_id, wish(uow, False, module=POLLS), ANN)
    assert await on(uow, known.building_id) == ("sel", "loans")
    await import_building(uow, files, None)
    assert await on(uow, known.building_id) == ("sel", "loans")
    changed = replace(files, building=replace(files.building, modules=("polls", "notices")))
    await import_building(uow, changed, None)
    assert await on(uow, known.building_id) == ("notices", "loans")
    now = await buildings.get(uow, known.building_id)
    written = write_tables(await kept_files(uow, now))["building.toml"].decode()
    assert 'modules = ["notices", "loans"]' in written
    assert 'slug = "three" # ours' in written


def test_the_list_of_modules_knows_its_names() -> None:
    assert NAMES == ("sel", "loans", "bazaar", "skills", "notices", "tickets", "polls")
    assert [named(name) for name in NAMES] == list(MODULES)
    for strange in ("", "SEL", "sel\0", "x" * 10_000):
        with pytest.raises(DomainError):
            named(strange)


def test_each_module_is_called_something_in_each_language(catalogues: Catalogues) -> None:
    for language in LANGUAGES:
        words = catalogues[language]
        said = {words(text(module)) for module in MODULES for text in (title, purpose)}
        assert len(said) == 2 * len(MODULES)
        assert not any(text.startswith("modules.") for text in said)


MODULE_LISTS = st.lists(st.sampled_from(NAMES), unique=True).map(tuple)


@given(MODULE_LISTS, st.dictionaries(st.sampled_from(NAMES), st.booleans()))
def test_decisions_are_followed(modules: tuple[str, ...], decided: dict[str, bool]) -> None:
    found = followed(modules, decided)
    assert len(set(found)) == len(found)
    assert set(found) == {name for name in NAMES if decided.get(name, name in modules)}
    assert [name for name in found if name in modules] == [name for name in modules if decided.get(name, True)]


@given(MODULE_LISTS, st.sampled_from(NAMES), st.booleans())
def test_one_more_decision_touches_one_module(modules: tuple[str, ...], name: str, now_on: bool) -> None:
    found = switched(modules, name, now_on)
    assert (name in found) is now_on
    assert set(found) - {name} == set(modules) - {name}
    assert len(set(found)) == len(found)
