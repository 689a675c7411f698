"""The pages of a building's details in a real browser, by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from core.people.accounts.model import Role
from tests.web_admin.browser import look, signed_in
from tests.web_admin.reading import SYNDIC, Site

pytestmark = pytest.mark.xdist_group("chromium-details-look")

DETAILS = "/office/buildings/tilleuls/details"


async def test_details_are_seen_and_changed_by_keyboard(rooms: Site, chromium: Browser) -> None:
    await rooms.account(SYNDIC, Role.SYNDIC, language="de")
    async with signed_in(chromium, rooms.address, language="de") as (page, complaints):
        await page.goto(f"{rooms.address}{DETAILS}")
        await look(page, "details")
        await page.get_by_role("link", name="Angaben ändern").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#name")
        await look(page, "details-edit")
        await page.locator("#working").fill("BE68 5390 0754 7035")
        await page.locator("#window_day").fill("31")
        await page.locator("#window_month").select_option("2")
        await page.locator("#name").press("Enter")
        await page.wait_for_selector("#working-error")
        await look(page, "details-wrong")
        await page.locator("#working").fill("BE68 5390 0754 7034")
        await page.locator("#window_day").fill("16")
        await page.locator("#window_month").select_option("4")
        await page.locator("#name").press("Enter")
        await page.wait_for_selector("text=Die Angaben sind gespeichert.")
        await page.goto(f"{rooms.address}{DETAILS}/edit")
        other = await page.context.new_page()
        await other.goto(f"{rooms.address}{DETAILS}/edit")
        await other.locator("#city").fill("Evere")
        await other.locator("#region").select_option("flanders")
        await other.locator("#city").press("Enter")
        await other.wait_for_selector("text=Die Angaben sind gespeichert.")
        await page.locator("#city").fill("Jette")
        await page.locator("#city").press("Enter")
        await page.wait_for_selector("#city-error")
        await look(page, "details-outdated")
        assert complaints == []
