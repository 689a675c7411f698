"""Every page of Messages in a real browser: at each width, light and dark, by axe-core; live, and by keyboard."""

from __future__ import annotations

from playwright.async_api import Browser

from core.messaging.channel import Evidence
from core.messaging.kinds import LEGAL, MONEY, NOTICE_BOARD
from core.outbox import service as outbox
from core.people.accounts.model import Role
from tests.web_admin.browser import look, signed_in
from tests.web_admin.messages.conftest import Post
from tests.web_admin.messages.test_letters import broken
from tests.web_admin.reading import SYNDIC

OFFICE = "/office/messages"


async def test_each_page_of_messages(told: Post, chromium: Browser) -> None:
    site = told.site
    await site.account(SYNDIC, Role.SYNDIC)
    await broken(told, "lea-dubois", "words")
    await told.tell("sofie-desmet", MONEY)
    for claimed in await told.claimed():
        if claimed.delivery_id == told.delivery[MONEY]:
            await outbox.failed(told.sample.database, claimed, "unreachable: nobody there", dead=True)
    await told.letter("marguerite-lambert")
    async with signed_in(chromium, site.address) as (page, complaints):
        for name, path in (
            ("messages", ""),
            ("messages-none", "?person=nobody+at+all"),
            ("messages-one", f"/deliveries/{told.delivery[LEGAL]}"),
            ("messages-failed", f"/deliveries/{told.delivery[MONEY]}"),
            ("messages-broadcasts", "/broadcasts"),
            ("messages-write", "/broadcasts/new"),
            ("messages-letters", "/letters"),
            ("messages-aside", "/set-aside"),
        ):
            await page.goto(f"{site.address}{OFFICE}{path}")
            await look(page, name)
        assert complaints == []


async def test_from_an_empty_form_to_a_broadcast_that_is_watched_and_stopped(post: Post, chromium: Browser) -> None:
    """By keyboard; the numbers change by themselves."""
    site = post.site
    await site.account(SYNDIC, Role.SYNDIC)
    async with signed_in(chromium, site.address) as (page, complaints):
        await page.goto(f"{site.address}{OFFICE}/broadcasts/new")
        await page.locator("#title").fill("Works in the hall")
        await page.locator("#day").fill("2026-11-01")
        await page.locator("#title").press("Enter")
        await page.wait_for_selector("#text-error")
        await look(page, "messages-write-wrong")
        await page.locator("#day").fill("2026-12-03")
        await page.locator("#text").fill("On Thursday from nine to twelve.\n\nThank you for your patience.")
        await page.locator("#title").press("Enter")
        await page.wait_for_selector("text=Before sending")
        await look(page, "messages-preview")
        await page.get_by_role("button", name="Send to").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=It is on its way")
        await look(page, "messages-watch")
        assert await page.get_by_text("Left: 0 of").count() == 1
        (first, *_) = await post.claimed()
        await post.receipt(first, Evidence.DELIVERED)
        await page.wait_for_selector("text=Left: 1 of", timeout=8000)
        await page.get_by_text("Stop this message").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Stop now").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Stopped:")
        await look(page, "messages-stopped")
        assert complaints == []


async def test_rows_come_by_themselves_and_the_focus_stays(post: Post, chromium: Browser) -> None:
    site = post.site
    await site.account(SYNDIC, Role.SYNDIC)
    await post.tell("tom-vermeulen", MONEY)
    async with signed_in(chromium, site.address) as (page, complaints):
        await page.goto(f"{site.address}{OFFICE}")
        await page.get_by_role("link", name="Tom Vermeulen").focus()
        await post.tell("lea-dubois", NOTICE_BOARD)
        await page.wait_for_selector("tbody >> text=Léa Dubois", timeout=8000)
        assert await page.evaluate("document.activeElement.textContent") == "Tom Vermeulen"
        assert complaints == []
    async with signed_in(chromium, site.address, scripts=False) as (page, _):
        await page.goto(f"{site.address}{OFFICE}")
        await post.tell("sofie-desmet", MONEY)
        await page.get_by_role("link", name="Refresh", exact=True).click()
        await page.wait_for_selector("tbody >> text=Sofie De Smet")
