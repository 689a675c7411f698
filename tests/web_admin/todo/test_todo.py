"""The first page of the office over HTTP: who sees what there is to do, and in which words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import text

from core.buildings import store as buildings
from core.database import UnitOfWork
from core.interchange.setup import service as setup
from core.kernel.ids import new_id
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.people.accounts.model import Role
from core.people.audit.model import Actor
from tests.core.small import OWNERSHIP, PEOPLE, call, owns, resident, small_building, stored
from tests.ground_floor import Hands
from tests.web_admin.house import House
from tests.web_admin.reading import PASSWORD, SYNDIC, Site

HOSTILE = "<script>alert(1)</script>\u202e"


async def needy(uow: UnitOfWork, slug: str = "needy") -> UUID:
    """A building in which something of each kind is to do."""
    nobody = replace(resident("ann"), name=f"Ann {HOSTILE}", email="", person="ann-needy")
    people = (
        nobody,
        *(replace(row, person=f"{row.person}-needy", email=f"{row.person}@needy.example") for row in PEOPLE[1:]),
    )
    shared = (owns("A", "ann-needy", fraction=(1, 2)), owns("A", "bob-needy", fraction=(1, 2)))
    rights = (*shared, *(replace(row, person=f"{row.person}-needy") for row in OWNERSHIP[1:]))
    calls = (call("2026-W", "2026-11-27", 90000, issued="2026-11-01"),)
    known = await stored(uow, small_building(slug, people=people, ownership=rights, calls=calls))
    await uow.connection.execute(
        text("UPDATE buildings SET name = 'Needy House' WHERE building_id = :building"), {"building": known.building_id}
    )
    return known.building_id


async def failed(site: Site, building: UUID | None) -> None:
    """A delivery that came to nothing yesterday."""
    async with site.sample.database.work(site.sample.organisation) as uow:
        key = new_id().hex
        uow.tell(Address("console", "lea"), Card(say("help.thanks")), "account", key=key, building=building)
        await uow.flush()
        await uow.connection.execute(
            text("UPDATE deliveries SET fate = 'failed', created_at = :at, building_id = :building WHERE key = :key"),
            {"at": uow.now - timedelta(days=1), "building": building, "key": key},
        )
        await uow.commit()


async def test_an_office_without_a_building_is_led_to_its_first(rooms: Site) -> None:
    async with rooms.sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "another")
        await uow.commit()
    await rooms.account("new@other.example", Role.SYNDIC, organisation=other)
    await rooms.account("counts@other.example", Role.ACCOUNTANT, organisation=other)
    reader = rooms.reader()
    shown = await reader.sign_in("new@other.example")
    assert (shown.status, shown.path) == (200, "/office/")
    assert "Set up your first building" in shown.text
    assert 'href="/office/setup/new"' in shown.text
    assert 'href="/office/setup/import"' in shown.text
    assert "Les Tilleuls" not in shown.text, "the other tenant's"
    shown = await rooms.reader().sign_in("counts@other.example")
    assert "You have no building here yet" in shown.text
    assert "/setup" not in shown.text, "who may not make one is not led there"


async def test_everything_is_told_with_the_page_that_does_it(rooms: Site) -> None:
    sample = rooms.sample
    async with sample.database.work(sample.organisation) as uow:
        building = await needy(uow)
        await setup.begin(uow, Actor(new_id(), "Ann"))
        await uow.commit()
    await failed(rooms, building)
    reader = await rooms.signed_in()
    shown = await reader.get("/")
    places = [
        shown.text.index(f'id="todo-{name}"')
        for name in ("due", "failed", "unreachable", "unwarned", "voiceless", "drafts")
    ]
    assert places == sorted(places)
    for path in (
        *("/buildings/needy#owes", "/messages?building=needy&amp;fate=failed", "/buildings/needy/people"),
        *("/buildings/needy/ownership", "/setup"),
    ):
        assert f'href="/office{path}' in shown.text, path
    assert "<li>2026-W Call 2026-W</li>" in shown.text
    assert "27 November 2026" in shown.text
    assert "1 person without any address" in shown.text
    assert "2 owners without postal address or consent" in shown.text
    assert "1 lot of several owners cannot vote" in shown.text
    assert "Draft without a name yet" in shown.text
    assert "<script>alert" not in shown.text
    assert "Ann &lt;script&gt;" in shown.text
    assert "All is done" not in shown.text
    assert "Protect your account" in shown.text, "the second factor stays to be done"


async def test_a_council_member_sees_his_buildings_only(rooms: Site) -> None:
    sample = rooms.sample
    async with sample.database.work(sample.organisation) as uow:
        building = await needy(uow)
        await setup.begin(uow, Actor(new_id(), "Ann"))
        await uow.commit()
    await failed(rooms, building)
    await failed(rooms, None)
    mine = await rooms.signed_in("council@tilleuls.example", Role.COUNCIL, building=sample.known.building_id)
    shown = await mine.get("/")
    assert shown.status == 200
    assert "Needy House" not in shown.text
    assert "Messages that did not arrive" not in shown.text, "what belongs to no building is not his"
    assert "Draft" not in shown.text
    theirs = await rooms.signed_in("council@needy.example", Role.COUNCIL, building=building)
    shown = await theirs.get("/")
    assert "Needy House" in shown.text
    assert "Les Tilleuls" not in shown.text
    assert "The syndic sees to them" in shown.text
    assert (await theirs.get("/buildings/tilleuls")).status == 404


async def test_when_all_is_done_it_says_so_kindly(rooms: Site, clock: Hands) -> None:
    sample = rooms.sample
    async with sample.database.work(sample.organisation) as uow:
        await uow.connection.execute(text("UPDATE ownership SET representative = true"))
        await uow.connection.execute(text("UPDATE residents SET street = 'Rue 1'"))
        await uow.commit()
    clock.now += timedelta(days=20)
    reader = await rooms.signed_in()
    shown = await reader.get("/")
    assert "All is done." in shown.text, shown.text
    assert "todo-due" not in shown.text


async def test_a_line_goes_once_it_is_done(rooms: Site) -> None:
    sample = rooms.sample
    async with sample.database.work(sample.organisation) as uow:
        await needy(uow)
        await uow.commit()
    reader = await rooms.signed_in()
    assert "1 person without any address" in (await reader.get("/")).text
    async with sample.database.work(sample.organisation) as uow:
        await uow.connection.execute(text("UPDATE residents SET street = 'Rue 1' WHERE person = 'ann-needy'"))
        await uow.commit()
    shown = await reader.get("/")
    assert "without any address" not in shown.text
    assert "2 owners without postal address or consent" in shown.text


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "choses à faire"), ("nl", "dingen te doen"), ("de", "Dinge zu tun")]
)
async def test_it_is_said_in_the_reader_s_language(rooms: Site, language: str, said: str) -> None:
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await needy(uow)
        await uow.commit()
    await rooms.account(SYNDIC, Role.SYNDIC, language=language)
    shown = await rooms.reader(language).sign_in(SYNDIC, PASSWORD)
    assert said in shown.text
    assert "office." not in shown.text.replace("/static/office.css", "")


async def test_every_line_leads_to_a_page(house: House) -> None:
    rooms, sample = house.site, house.sample
    async with sample.database.work(sample.organisation) as uow:
        building = await needy(uow)
        await setup.begin(uow, Actor(new_id(), "Ann"))
        await uow.commit()
    await failed(rooms, building)
    reader = await rooms.signed_in()
    for path in ("/", "/buildings/needy", "/buildings"):
        shown = await reader.get(path)
        links = {
            unescape(link).partition("#")[0]
            for link in re.findall(r'<a (?:class="[^"]*" )?href="/office(/[^"]*)"', shown.text)
        }
        assert len(links) > 5
        for link in sorted(links):
            assert (await reader.get(link)).status == 200, f"{path} leads to {link}"
