"""The pages of settings in a real browser: at each width, light and dark, by axe-core; a test watched as it goes; by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from core.messaging.channel import Address, Evidence, Receipt
from core.outbox import service as outbox
from core.people import store
from core.people.accounts.model import Role
from tests.ground_floor import NOW
from tests.web_admin.browser import look, signed_in
from tests.web_admin.invitations.conftest import SETTINGS, Open, Wired
from tests.web_admin.reading import SYNDIC

pytestmark = pytest.mark.xdist_group("chromium-settings-look")
OFFICE = "/office/settings"


@pytest.mark.parametrize("language", ["de", "en"])
async def test_each_page_of_settings(wired: Wired, chromium: Browser, language: str) -> None:
    site = wired.site
    await site.account(SYNDIC, Role.SYNDIC, language=language)
    await wired.link("nathalie-renard", Address("telegram", "42"))
    async with wired.sample.database.work(wired.sample.organisation) as uow:
        await store.used(uow, Address("telegram", "42"), NOW)
        await uow.commit()
    async with signed_in(chromium, site.address, language=language) as (page, complaints):
        await page.goto(f"{site.address}{OFFICE}/channels/telegram")
        await page.locator("main form button").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/tests/*")
        await look(page, f"settings-test-{language}", widths=(320, 1440))
        (claimed,) = await outbox.claim(wired.sample.database, ("telegram",))
        await outbox.sent(wired.sample.database, claimed, Receipt("w", Evidence.ACCEPTED, NOW))
        await page.wait_for_selector(".state-sent", timeout=9000)
        await page.goto(f"{site.address}{OFFICE}/channels/matrix")
        await look(page, f"settings-unlinked-{language}", widths=(320, 1440))
        await page.goto(f"{site.address}{OFFICE}/channels/email")
        await page.locator("main form button").click()
        await page.wait_for_url("**/tests/*")
        (claimed,) = await outbox.claim(wired.sample.database, ("email",))
        await outbox.failed(wired.sample.database, claimed, "unreachable: 550 5.1.1 user unknown")
        for name, path in (
            ("settings", ""),
            ("settings-channel", "/channels/email"),
            ("settings-paper", "/channels/letter"),
            ("settings-letters", "/letters"),
        ):
            await page.goto(f"{site.address}{OFFICE}{path}")
            await look(page, f"{name}-{language}")
        await page.goto(f"{site.address}{OFFICE}/letters/fr")
        await page.locator("#added").fill("x" * 10)
        await page.evaluate("document.querySelector('#added').removeAttribute('maxlength')")
        await page.locator("#added").fill("x" * 900)
        await page.locator("#greeting").press("Enter")
        await page.wait_for_selector("#added-error")
        await look(page, f"settings-letter-wrong-{language}")
        await page.locator("#added").fill("Bureau ouvert du lundi au vendredi.")
        await page.locator("#greeting").press("Enter")
        await page.wait_for_selector(".flash")
        assert complaints == []


async def test_what_is_off(installed: Open, chromium: Browser) -> None:
    async with installed({name: value for name, value in SETTINGS.items() if "EMAIL" in name}) as wired:
        site = wired.site
        await site.account(SYNDIC, Role.SYNDIC)
        async with signed_in(chromium, site.address) as (page, complaints):
            for name, path in (("settings-off", ""), ("settings-channel-off", "/channels/matrix")):
                await page.goto(f"{site.address}{OFFICE}{path}")
                await look(page, name)
            assert complaints == []
