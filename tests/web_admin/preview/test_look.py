"""The pages that show messages and the one to try the bot, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from core.messaging.kinds import LEGAL
from tests.web_admin.browser import look, signed_in
from tests.web_admin.preview.conftest import Wired
from tests.web_admin.preview.test_pages import people_at_terminals, told

pytestmark = pytest.mark.xdist_group("chromium-preview-look")
OFFICE = "/office"


async def arrived(page: Page) -> None:
    """Every picture on the page is there."""
    await page.evaluate(
        "Promise.all([...document.images].map(each => { each.loading = 'eager'; return each.decode(); }))"
    )


async def test_messages_as_each_channel_shows_them(wired: Wired, chromium: Browser) -> None:
    site = wired.site
    await site.account()
    delivery = await told(wired, "marguerite-lambert", LEGAL)
    async with signed_in(chromium, site.address) as (page, complaints):
        for name, path in (
            ("preview", "/preview"),
            ("preview-pay", "/preview?message=charges.pay&person=sofie-desmet"),
            ("preview-legal", "/preview?message=legal&person=olivier-lambert"),
            ("preview-digest", "/preview?message=digest&language=de"),
            ("preview-delivery", f"/preview/deliveries/{delivery}"),
        ):
            await page.goto(f"{site.address}{OFFICE}{path}")
            await arrived(page)
            await look(page, name)
        assert complaints == []


async def test_a_broadcast_as_each_channel_shows_it(wired: Wired, chromium: Browser) -> None:
    site = wired.site
    await site.account(language="fr")
    await people_at_terminals(wired)
    async with signed_in(chromium, site.address, language="fr-BE") as (page, complaints):
        await page.goto(f"{site.address}{OFFICE}/messages/broadcasts/new")
        await page.locator("#title").fill("Travaux dans le hall")
        await page.locator("#text").fill("Jeudi de 9 à 12 heures.\n\nMerci de votre patience.")
        await page.locator("#title").press("Enter")
        await page.get_by_role("button", name="Voir comme sur chaque canal").click()
        await page.wait_for_selector("text=Votre message sur chaque canal")
        await look(page, "preview-broadcast")
        assert complaints == []


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_talk_by_keyboard_alone(wired: Wired, chromium: Browser, scripts: bool) -> None:
    site = wired.site
    await site.account()
    async with signed_in(chromium, site.address, scripts=scripts) as (page, complaints):
        await page.goto(f"{site.address}{OFFICE}/try")
        await page.locator("#person").focus()
        await page.keyboard.type("Sofie")
        if scripts:
            await look(page, "try-begin")
        await page.get_by_role("button", name="Begin").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=You speak as Sofie De Smet")
        # Whoever begins can write at once.
        await page.keyboard.type("hoeveel moet ik betalen dit kwartaal?")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".theirs")
        await page.get_by_role("button", name="Betalen").first.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".theirs >> nth=1")
        await page.locator("#text").focus()
        await page.keyboard.type("/meldingen")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".theirs >> nth=2")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#text-error")
        assert await page.evaluate("document.activeElement.id") == "text"
        if scripts:
            await look(page, "try-talk")
            assert complaints == []
