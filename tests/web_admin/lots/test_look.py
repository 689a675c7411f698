"""The pages of the lots in a real browser, by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from core.people.accounts.model import Role
from tests.web_admin.browser import look, signed_in
from tests.web_admin.lots.test_many_lots import tower
from tests.web_admin.reading import SYNDIC, Site

__all__ = ["tower"]

pytestmark = pytest.mark.xdist_group("chromium-lots-look")

LOTS = "/office/buildings/tilleuls/lots"


async def test_two_lots_are_changed_by_keyboard(rooms: Site, chromium: Browser) -> None:
    await rooms.account(SYNDIC, Role.SYNDIC, language="fr")
    async with signed_in(chromium, rooms.address, language="fr") as (page, complaints):
        await page.goto(f"{rooms.address}{LOTS}")
        await look(page, "lots")
        await page.get_by_role("link", name="Modifier les lots").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#shares-0")
        await look(page, "lots-edit")
        await page.locator("#shares-0").fill("90")
        await page.locator("#kind-1").select_option("other")
        await page.locator("#lot-24").fill("P1")
        await page.locator("#shares-24").press("Enter")
        await page.wait_for_selector("[role=alert]")
        await look(page, "lots-wrong")
        await page.locator("#lot-24").fill("")
        await page.locator("#shares-1").fill("82")
        await page.locator("#shares-1").press("Enter")
        await page.wait_for_selector("#sure")
        await look(page, "lots-sure")
        await page.get_by_role("button", name="Oui, enregistrer").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Les lots sont enregistrés.")
        assert complaints == []


async def test_of_two_tabs_the_second_sees_both(rooms: Site, chromium: Browser) -> None:
    await rooms.account(SYNDIC, Role.SYNDIC)
    async with signed_in(chromium, rooms.address, scripts=True) as (page, _):
        await page.goto(f"{rooms.address}{LOTS}/edit")
        other = await page.context.new_page()
        await other.goto(f"{rooms.address}{LOTS}/edit")
        await other.locator("#floor-0").fill("ground floor")
        await other.locator("#kind-1").select_option("commercial")
        await other.locator("#floor-0").press("Enter")
        await other.wait_for_selector("text=The lots are saved.")
        await page.locator("#floor-0").fill("street")
        await page.locator("#floor-0").press("Enter")
        await page.wait_for_selector("#floor-0-error")
        assert await page.locator("#floor-0").input_value() == "street"
        assert "There is now: ground floor" in await page.locator("#floor-0-error").inner_text()
        await look(page, "lots-outdated")


async def test_four_hundred_lots_in_parts(tower: Site, chromium: Browser) -> None:
    await tower.account(SYNDIC, Role.SYNDIC, language="fr")
    address = f"{tower.address}/office/buildings/tower/lots"
    async with signed_in(chromium, tower.address, language="fr") as (page, complaints):
        await page.goto(f"{address}?page=2")
        await look(page, "lots-many", (320, 1440))
        await page.goto(f"{address}/edit")
        await page.locator("#shares-0").fill("24")
        await page.get_by_role("button", name="7: A361").press("Enter")
        await page.wait_for_selector("#shares-399")
        await look(page, "lots-part", (320, 1440))
        await page.locator("#shares-399").fill("many")
        await page.get_by_role("button", name="2: A061").press("Enter")
        await page.wait_for_selector("#shares-60")
        await page.locator("#shares-60").press("Enter")
        await page.wait_for_selector("#shares-399-error")
        await page.locator("#shares-399").fill("26")
        await page.locator("#shares-399").press("Enter")
        await page.wait_for_selector("text=Les lots sont enregistrés.")
        assert complaints == []
