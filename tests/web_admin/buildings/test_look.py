"""The list of buildings and a building at a glance in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser
from sqlalchemy import text

from core.kernel.ids import new_id
from core.messaging.channel import Address
from core.people import store as people
from core.people.accounts.model import Role
from tests.core.small import call, payment, small_building, stored
from tests.web_admin.browser import look, signed_in
from tests.web_admin.buildings.conftest import many
from tests.web_admin.reading import SYNDIC, Site

pytestmark = pytest.mark.xdist_group("chromium-buildings-look")


async def test_thirty_buildings(rooms: Site, chromium: Browser) -> None:
    """The list follows what is typed; without JavaScript, the button finds as well."""
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await many(uow)
        await uow.commit()
    await rooms.account(SYNDIC, Role.SYNDIC, language="nl")
    async with signed_in(chromium, rooms.address, language="nl") as (page, complaints):
        await page.goto(f"{rooms.address}/office/buildings")
        await look(page, "buildings")
        await page.locator("#q").focus()
        await page.keyboard.type("tilleuls")
        await page.locator("#count", has_text="1 gebouw").wait_for(timeout=8000)
        await page.locator("tbody tr:only-child").wait_for()
        assert await page.locator("#count").inner_text() == "1 gebouw"
        assert await page.evaluate("document.activeElement.id") == "q"
        await page.keyboard.type(" nergens")
        await page.wait_for_selector("text=Geen gebouw heet zo")
        await look(page, "buildings-no-match", (320,))
        assert complaints == []
    async with signed_in(chromium, rooms.address, language="nl", scripts=False) as (page, _):
        await page.goto(f"{rooms.address}/office/buildings?order=-name")
        await page.locator("#q").fill("eiken")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/buildings?order=-name&q=eiken")
        assert await page.locator("tbody tr").count() == 8


async def test_a_building_at_a_glance(rooms: Site, chromium: Browser) -> None:
    sample = rooms.sample
    async with sample.database.work(sample.organisation) as uow:
        persons = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        for place, code in enumerate(("lea-dubois", "tom-vermeulen", "anna-schmitz", "james-carter")):
            await people.link(uow, Address(("telegram", "matrix")[place % 2], str(place)), persons[code])
        await uow.connection.execute(
            text("UPDATE directory SET last_used = :now WHERE handle IN ('0', '1')"), {"now": uow.now}
        )
        paid = tuple(payment("2026-11-02", person, cents) for person, cents in (("bob", 50000), ("cem", 60000)))
        await stored(uow, small_building(calls=(call("C", "2026-11-01", 100000),), payments=paid))
        await uow.connection.execute(
            text("UPDATE residents SET name = :name WHERE person = 'ann'"),
            {"name": f"Indivision Vandenbroucke - de Mérode d'Ursel-{new_id().hex[:4]}"},
        )
        await uow.commit()
    await rooms.account(SYNDIC, Role.SYNDIC, language="de")
    async with signed_in(chromium, rooms.address, language="de") as (page, complaints):
        await page.goto(f"{rooms.address}/office/buildings/tilleuls")
        await look(page, "buildings-glance")
        await page.goto(f"{rooms.address}/office/buildings/three")
        await look(page, "buildings-glance-credit")
        assert complaints == []
