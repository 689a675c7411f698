"""The first page in a real browser: busy, all done, and in an office without a building."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser
from sqlalchemy import text

from core.buildings import store as buildings
from core.interchange.setup import service as setup
from core.kernel.ids import new_id
from core.people.accounts.model import Role
from core.people.audit.model import Actor
from tests.ground_floor import Hands
from tests.web_admin.browser import look, opened, sign_in, signed_in
from tests.web_admin.house import a_defect
from tests.web_admin.reading import SYNDIC, Site
from tests.web_admin.todo.test_todo import failed, needy

pytestmark = pytest.mark.xdist_group("chromium-todo-look")


async def test_what_is_to_do(rooms: Site, chromium: Browser) -> None:
    sample = rooms.sample
    async with sample.database.work(sample.organisation) as uow:
        building = await needy(uow)
        await setup.begin(uow, Actor(new_id(), "Ann"))
        await a_defect(sample, uow, "ça sent le gaz dans l'escalier")
        await uow.commit()
    await failed(rooms, building)
    await failed(rooms, None)
    await rooms.account(SYNDIC, Role.SYNDIC, language="fr")
    async with signed_in(chromium, rooms.address, language="fr") as (page, complaints):
        await look(page, "todo")
        link = page.get_by_role("link", name="Voir qui doit encore").first
        await link.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#owes")
        assert complaints == []


async def test_all_done_and_nothing_yet(rooms: Site, chromium: Browser, clock: Hands) -> None:
    async with rooms.sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "another")
        await uow.commit()
    await rooms.account("new@other.example", Role.SYNDIC, organisation=other, language="nl")
    async with rooms.sample.database.work(rooms.sample.organisation) as uow:
        await uow.connection.execute(text("UPDATE ownership SET representative = true"))
        await uow.connection.execute(text("UPDATE residents SET street = 'Rue 1'"))
        await uow.commit()
    clock.now += timedelta(days=20)
    await rooms.account(SYNDIC, Role.SYNDIC, language="de")
    async with signed_in(chromium, rooms.address, language="de") as (page, complaints):
        await look(page, "todo-done")
        assert complaints == []
    async with opened(chromium, rooms.address, language="nl") as (page, complaints):
        await sign_in(page, rooms.address, "new@other.example")
        await look(page, "todo-first")
        await page.goto(f"{rooms.address}/office/buildings")
        await look(page, "buildings-none")
        assert complaints == []
