"""Access keys in a real browser: at each width, light and dark, by axe-core and by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.web_admin.browser import look, signed_in
from tests.web_admin.reading import Site

pytestmark = pytest.mark.xdist_group("chromium-tokens-look")
TOKENS = "/office/settings/tokens"


async def test_each_page_of_the_keys(rooms: Site, chromium: Browser) -> None:
    await rooms.account(language="de")
    async with signed_in(chromium, rooms.address, language="de") as (page, complaints):
        await page.goto(f"{rooms.address}{TOKENS}")
        await look(page, "tokens-none")
        await page.get_by_role("link", name="Einen Schlüssel erstellen").press("Enter")
        await page.wait_for_selector("#name")
        await page.locator("#name").press("Enter")
        await page.wait_for_selector("#scopes-error")
        await look(page, "tokens-wrong")
        await page.locator("#name").fill("Unsere Buchhaltung")
        for number in (1, 3, 6):
            await page.locator(f"#scope-{number}").press("Space")
        await page.locator("#name").press("Enter")
        await page.wait_for_selector(".secret")
        await look(page, "tokens-shown")
        await page.get_by_role("link", name="Ich habe ihn kopiert").press("Enter")
        await page.locator("summary").press("Enter")
        await look(page, "tokens")
        await page.get_by_role("button", name="jetzt entziehen").press("Enter")
        await page.wait_for_selector("[role=status]")
        assert complaints == []
