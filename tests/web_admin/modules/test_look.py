"""The modules of a building in a real browser: at each width, light and dark, by axe-core and by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.web_admin.browser import look, signed_in
from tests.web_admin.reading import Site

pytestmark = pytest.mark.xdist_group("chromium-modules-look")
MODULES = "/office/buildings/tilleuls/modules"


async def test_each_page_of_modules(rooms: Site, chromium: Browser) -> None:
    await rooms.account(language="fr")
    async with signed_in(chromium, rooms.address, language="fr") as (page, complaints):
        await page.goto(f"{rooms.address}{MODULES}")
        await look(page, "modules-undecided")
        for module, note in (
            (
                "loans",
                "Réunion du conseil du 18 novembre. Personne n'a encore proposé d'objet ; à revoir au printemps.",
            ),
            ("polls", ""),
        ):
            await page.goto(f"{rooms.address}{MODULES}/{module}")
            await page.locator("#decided_on").fill("2026-11-18")
            await page.locator("#note").fill(note)
            await page.get_by_role("button", name="Désactiver").focus()
            await page.keyboard.press("Enter")
            await page.wait_for_selector("[role=status]")
        await look(page, "modules-decided")
        await page.goto(f"{rooms.address}{MODULES}/loans")
        await look(page, "modules-one")
        await page.locator("#decided_on").fill("2026-12-01")
        await page.locator("#decided_on").press("Enter")
        await page.wait_for_selector("#decided_on-error")
        await look(page, "modules-one-wrong")
        await page.goto(f"{rooms.address}{MODULES}/sel/limit")
        await look(page, "modules-limit")
        await page.locator("#hours").fill("2000")
        await page.locator("#hours").press("Enter")
        await page.wait_for_selector("#hours-error")
        await look(page, "modules-limit-wrong")
        assert complaints == []
