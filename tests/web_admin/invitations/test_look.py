"""The pages of invitations in a real browser: at each width, light and dark, by axe-core; by keyboard, without scripts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser

from core.messaging.channel import Address
from core.people.accounts.model import Role
from tests.web_admin.browser import look, signed_in
from tests.web_admin.invitations.conftest import Wired, pages_of
from tests.web_admin.reading import SYNDIC

pytestmark = pytest.mark.xdist_group("chromium-invitations-look")
OFFICE = "/office/invitations"


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_from_the_list_to_paper_and_back(wired: Wired, chromium: Browser, language: str) -> None:
    site = wired.site
    await site.account(SYNDIC, Role.SYNDIC, language=language)
    await wired.link("lea-dubois", Address("telegram", "77"))
    await wired.link("anna-schmitz", Address("matrix", "@anna:home.example"))
    async with signed_in(chromium, site.address, language=language) as (page, complaints):
        await page.goto(f"{site.address}{OFFICE}")
        await look(page, f"invitations-{language}")
        await page.get_by_role("link", name="Tilleuls").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/invitations/tilleuls")
        await page.get_by_role("link", name="Ne choisir personne" if language == "fr" else "Choose nobody").click()
        await page.get_by_label("Tom Vermeulen").focus()
        await page.keyboard.press("Space")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Imprimer" if language == "fr" else "Print").focus()
            await page.keyboard.press("Enter")
        pdf = await asyncio.to_thread(Path(await (await download.value).path()).read_bytes)
        assert ["Tom Vermeulen" in text for text in pages_of(pdf)] == [True]
        await page.goto(f"{site.address}{OFFICE}/tilleuls")
        await look(page, f"invitations-people-{language}")
        await page.get_by_role("button", name="Envoyer" if language == "fr" else "Send").click()
        await page.wait_for_selector(".error")
        await look(page, f"invitations-refused-{language}")
        assert complaints == []


async def test_without_scripts(wired: Wired, chromium: Browser) -> None:
    site = wired.site
    await site.account(SYNDIC, Role.SYNDIC)
    async with signed_in(chromium, site.address, scripts=False) as (page, _):
        await page.goto(f"{site.address}{OFFICE}/tilleuls?tick=none")
        await page.get_by_label("Tom Vermeulen").check()
        await page.get_by_role("button", name="Send").click()
        await page.wait_for_selector("text=The invitation is on its way.")
