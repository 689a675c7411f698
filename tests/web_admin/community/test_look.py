"""The notice boards in a real browser: at each width, light and dark, by axe-core and by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from core.community.loans.things import service as things
from tests.web_admin.browser import look, signed_in
from tests.web_admin.community.conftest import Hall

pytestmark = pytest.mark.xdist_group("chromium-community-look")
COMMUNITY = "/office/community"


async def test_each_page_of_the_boards(hall: Hall, chromium: Browser) -> None:
    address = hall.site.address
    await hall.site.account(language="fr")
    async with signed_in(chromium, address, language="fr") as (page, complaints):
        await page.goto(f"{address}{COMMUNITY}")
        await look(page, "community-empty")
        notes = await hall.everything()
        for name in ("Perceuse avec sa rallonge", "Échelle", "Tente pour quatre personnes", "Appareil à raclette"):
            await hall.do(things.lend, "anna-schmitz", hall.building, name)
        await page.goto(f"{address}{COMMUNITY}")
        await look(page, "community-boards")
        for name in ("found", "reported", "removed", "event"):
            await page.goto(f"{address}{COMMUNITY}/notices/{notes[name].notice_id}")
            await look(page, f"community-{name}")
        await page.goto(f"{address}{COMMUNITY}/notices/{notes['reported'].notice_id}")
        await page.get_by_role("button", name="Retirer l'annonce").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#reason-error")
        await look(page, "community-wrong")
        await page.locator("#reason").fill("C'est une publicité.")
        await page.get_by_role("button", name="Retirer l'annonce").press("Enter")
        await page.wait_for_selector("[role=status]")
        assert complaints == []


async def test_what_neighbours_put_up(hall: Hall, chromium: Browser) -> None:
    address = hall.site.address
    await hall.site.account(language="de")
    async with signed_in(chromium, address, language="de") as (page, complaints):
        await page.goto(f"{address}{COMMUNITY}/offers")
        await look(page, "offers-empty")
        found = await hall.put_up()
        await page.goto(f"{address}{COMMUNITY}")
        await look(page, "offers-counted")
        await page.goto(f"{address}{COMMUNITY}/offers")
        await look(page, "offers")
        await page.goto(f"{address}{COMMUNITY}/offers/object/{found['object'].subject}")
        await look(page, "offers-one")
        await page.get_by_role("button", name="Diesen Eintrag entfernen").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#reason-error")
        await look(page, "offers-wrong")
        await page.locator("#reason").fill("Das ist Werbung.")
        await page.get_by_role("button", name="Diesen Eintrag entfernen").press("Enter")
        await page.wait_for_selector("[role=status]")
        assert complaints == []
