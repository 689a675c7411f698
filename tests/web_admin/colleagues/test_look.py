"""Colleagues in a real browser: at each width, light and dark, by axe-core and by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from core.people.accounts.model import Role
from tests.web_admin.browser import look, signed_in
from tests.web_admin.reading import Site

pytestmark = pytest.mark.xdist_group("chromium-colleagues-look")
COLLEAGUES = "/office/settings/colleagues"


async def test_each_page_of_colleagues(rooms: Site, chromium: Browser) -> None:
    await rooms.account(language="fr")
    house = rooms.sample.known.building_id
    await rooms.account("comptable@renard-gestion.example", Role.ACCOUNTANT)
    await rooms.account(
        "jean-baptiste.vandenbroucke@renard-gestion.example", Role.COUNCIL, building=house, password=None
    )
    async with signed_in(chromium, rooms.address, language="fr") as (page, complaints):
        await page.goto(f"{rooms.address}{COLLEAGUES}")
        await look(page, "colleagues")
        await page.get_by_role("link", name="Inviter un collègue").press("Enter")
        await page.wait_for_selector("#email")
        await look(page, "colleagues-invite")
        await page.locator("#email").press("Enter")
        await page.wait_for_selector("#email-error")
        await look(page, "colleagues-wrong")
        await page.locator("#email").fill("piet.peeters@renard-gestion.example")
        await page.locator("#name").fill("Piet Peeters")
        await page.locator("#role-auditor").press("Space")
        await page.locator("#name").press("Enter")
        await page.wait_for_selector(".secret")
        await look(page, "colleagues-link")
        await page.goto(f"{rooms.address}{COLLEAGUES}")
        await page.get_by_role("button", name="nathalie.renard : Syndic").press("Enter")
        await page.wait_for_selector("[role=alert]")
        await look(page, "colleagues-last")
        assert complaints == []
