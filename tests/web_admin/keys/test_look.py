"""The pages of the distribution keys in a real browser, by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from core.people.accounts.model import Role
from tests.web_admin.browser import look, signed_in
from tests.web_admin.reading import SYNDIC, Site

pytestmark = pytest.mark.xdist_group("chromium-keys-look")

KEYS = "/office/buildings/tilleuls/keys"


async def test_a_key_is_seen_added_and_removed_by_keyboard(rooms: Site, chromium: Browser) -> None:
    await rooms.account(SYNDIC, Role.SYNDIC, language="nl")
    async with signed_in(chromium, rooms.address, language="nl") as (page, complaints):
        await page.goto(f"{rooms.address}{KEYS}")
        await look(page, "keys")
        await page.goto(f"{rooms.address}{KEYS}?key=lift")
        await page.locator("#amount").fill("12.345,67")
        await page.locator("#amount").press("Enter")
        await page.wait_for_selector("text=precies € 12.345,67")
        await look(page, "keys-lift")
        await page.locator("#amount").fill("veel")
        await page.locator("#amount").press("Enter")
        await page.wait_for_selector("#amount-error")
        await look(page, "keys-amount-wrong", (320, 1440))
        await page.get_by_role("link", name="Nieuwe sleutel").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#begin")
        await look(page, "keys-new")
        await page.locator("#begin").select_option("shares")
        await page.get_by_role("button", name="Invullen").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#weight-0[value='92']")
        await page.locator("#name").fill("lift")
        await page.locator("#name").press("Enter")
        await page.wait_for_selector("#name-error")
        await look(page, "keys-wrong", (320, 1440))
        await page.locator("#name").fill("dak")
        await page.locator("#name").press("Enter")
        await page.wait_for_selector("text=Sleutel dak is bewaard.")
        await page.get_by_role("link", name="Deze sleutel verwijderen").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Geen factuur")
        await look(page, "keys-remove")
        await page.get_by_role("button", name="Deze sleutel verwijderen").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Sleutel dak is verwijderd.")
        assert complaints == []
