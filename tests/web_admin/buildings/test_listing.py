"""The list of buildings over HTTP: all of one's own, found and put in order, at one statement."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from core.buildings import store as buildings
from core.people.accounts.model import Role
from tests.web_admin.buildings.conftest import many
from tests.web_admin.reading import Reader, Site


def names(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/office/buildings/([^"]+)">', text)


@pytest.fixture
async def thirty(rooms: Site) -> Site:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await many(uow)
        await uow.commit()
    return rooms


async def test_all_buildings_stand_there_with_what_needs_a_hand(thirty: Site) -> None:
    reader = await thirty.signed_in()
    shown = await reader.get("/buildings")
    assert shown.status == 200
    assert len(names(shown.text)) == 30
    assert names(shown.text)[-1] == "tilleuls", "Résidence comes behind Residentie"
    assert "30 buildings" in shown.text
    assert "unreachable" in shown.text
    assert "Nothing to do" in shown.text
    assert 'href="/office/setup/new"' in shown.text
    assert 'href="/office/setup/import"' in shown.text


async def test_a_form_finds_and_links_put_in_order(thirty: Site) -> None:
    reader = await thirty.signed_in()
    await reader.get("/buildings")
    shown = await reader.get("/buildings?q=linde+gent")
    assert names(shown.text) == ["house-02", "house-14", "house-26"]
    assert 'value="linde gent"' in shown.text, "what was typed stays"
    assert "3 buildings" in shown.text
    turned = await reader.get("/buildings?q=linde+gent&order=-name")
    assert names(turned.text) == ["house-26", "house-14", "house-02"]
    assert 'aria-sort="descending"' in turned.text
    worst = await reader.get("/buildings?order=hand")
    assert names(worst.text)[-1] != "house-00"
    assert names(worst.text)[0] == "house-00"


async def test_while_somebody_types_the_list_alone_is_sent(thirty: Site) -> None:
    reader = await thirty.signed_in()
    shown = await reader.get("/buildings?q=tilleuls", **{"HX-Request": "true"})
    assert "<html" not in shown.text
    assert names(shown.text) == ["tilleuls"]
    assert 'hx-swap-oob="innerHTML">1 building<' in shown.text


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%E2%80%AE", "q=" + "x" * 5000, "q=%3Cscript%3E", "order=nonsense", "q=%ff%fe", "q[]=1&order="]
)
async def test_whatever_is_asked_is_answered(rooms: Site, query: str) -> None:
    reader = await rooms.signed_in()
    shown = await reader.get(f"/buildings?{query}")
    assert shown.status == 200
    assert "<script>" not in shown.text.replace('<script src="/static/htmx.min.js" defer></script>', "")


async def test_nothing_found_says_so_with_a_way_back(thirty: Site) -> None:
    reader = await thirty.signed_in()
    shown = await reader.get("/buildings?q=nowhere")
    assert "No building is called that" in shown.text
    assert 'href="/office/buildings">All buildings' in shown.text


async def test_each_sees_what_is_his(rooms: Site) -> None:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await many(uow, 2)
        await uow.commit()
    member = await rooms.signed_in("council@tilleuls.example", Role.COUNCIL, building=rooms.sample.known.building_id)
    shown = await member.get("/buildings")
    assert names(shown.text) == ["tilleuls"]
    assert "/setup" not in shown.text
    auditor = await rooms.signed_in("auditor@tilleuls.example", Role.AUDITOR)
    assert len(names((await auditor.get("/buildings")).text)) == 3
    async with rooms.sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "another")
        await uow.commit()
    await rooms.account("new@other.example", Role.SYNDIC, organisation=other)
    stranger = rooms.reader()
    await stranger.sign_in("new@other.example")
    shown = await stranger.get("/buildings")
    assert names(shown.text) == []
    assert "You have no building yet" in shown.text
    assert (await stranger.get("/buildings/tilleuls")).status == 404


async def statements(site: Site, reader: Reader, path: str) -> int:
    """How many statements a page takes, beside knowing who asks."""
    seen: list[str] = []

    def counted(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    engine = site.sample.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", counted)
    try:
        assert (await reader.get(path)).status == 200
    finally:
        event.remove(engine, "before_cursor_execute", counted)
    return len(seen)


async def test_their_number_costs_no_statement(rooms: Site) -> None:
    reader = await rooms.signed_in()
    few = await statements(rooms, reader, "/buildings")
    idle = await statements(rooms, reader, "/account")
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await many(uow, 5)
        await uow.commit()
    assert await statements(rooms, reader, "/buildings") == few
    assert few <= idle
    assert await statements(rooms, reader, "/") <= few + 5
