"""The office in Chromium: by keyboard, without scripts, at each width, light and dark, as axe-core sees it."""

from __future__ import annotations

import pyotp
import pytest
from playwright.async_api import Browser

from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Role
from tests.ground_floor import Hands
from tests.web_admin.browser import look, opened, sign_in, violations
from tests.web_admin.reading import PASSWORD, SYNDIC, Site
from web_admin.pages import PREFIX

pytestmark = pytest.mark.xdist_group("chromium-in_browser")


async def test_from_an_invitation_to_a_code_at_sign_in_and_out(chromium: Browser, rooms: Site, clock: Hands) -> None:
    """Every page of the door and the account on the way, with what they say when something is wrong."""
    _, token = await rooms.account(password=None, language="fr")
    for other in range(2):
        await rooms.account(f"other{other}@kopro.example")
    async with opened(chromium, rooms.address, language="fr") as (page, complaints):
        base = rooms.address + PREFIX
        await page.goto(f"{base}/link/{token}")
        await look(page, "invitation")
        await page.locator("#password").fill("trop court")
        await page.locator("#again").fill("trop court")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#password-error")
        await look(page, "invitation-refused")
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#again").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{base}/account")
        await look(page, "account")
        await page.goto(f"{base}/account/authenticator")
        await look(page, "authenticator")
        secret = (await page.locator("code").inner_text()).replace(" ", "")
        await page.locator("#code").fill("000000")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#code-error")
        assert (await page.locator("code").inner_text()).replace(" ", "") == secret, "the picture was read already"
        await look(page, "authenticator-refused")
        await page.locator("#code").fill(pyotp.TOTP(secret).at(clock.now))
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".codes")
        await look(page, "codes")
        await page.goto(f"{base}/account")
        await look(page, "account-with-code")
        await page.goto(f"{base}/")
        await look(page, "todo")
        await page.get_by_role("button", name="Se déconnecter").press("Enter")
        await page.wait_for_url(f"{base}/sign-in")
        await look(page, "sign-in")
        await page.locator("#email").fill(SYNDIC)
        await page.locator("#password").fill("not the right one")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[role=alert]")
        await look(page, "sign-in-refused")
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#code")
        await look(page, "code")
        await page.goto(f"{base}/sign-in/link")
        await look(page, "ask-link")
        await page.locator("#email").fill("nobody@kopro.example")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("form", state="detached")
        await look(page, "link-sent")
        await page.goto(f"{base}/nothing")
        await look(page, "missing")
        assert complaints == []


async def test_a_role_that_is_not_enough_and_nothing_to_see(chromium: Browser, rooms: Site) -> None:
    await rooms.account("ann@kopro.example", Role.COUNCIL)
    async with opened(chromium, rooms.address) as (page, complaints):
        await sign_in(page, rooms.address, "ann@kopro.example")
        await look(page, "todo-council")
        assert complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_keyboard_alone_is_enough(chromium: Browser, rooms: Site, language: str) -> None:
    """Skip link first, then the fields in the order in which they are read; what has the focus is seen."""
    await rooms.account(language=language)
    async with opened(chromium, rooms.address, language=language, scripts=False) as (page, complaints):
        await page.goto(f"{rooms.address}{PREFIX}/sign-in")
        assert await page.locator("html").get_attribute("lang") == language
        await page.keyboard.press("Tab")
        assert await page.locator(":focus").get_attribute("href") == "#content"
        outline = await page.locator(":focus").evaluate("element => getComputedStyle(element).outlineWidth")
        assert outline == "3px"
        for wanted in ("", "email"):
            await page.keyboard.press("Tab")
            assert (await page.locator(":focus").get_attribute("id") or "") == wanted
        await page.keyboard.type(SYNDIC)
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await page.wait_for_url(f"{rooms.address}{PREFIX}/")
        assert await page.locator("html").get_attribute("lang") == language
        assert await page.locator("h1").count() == 1
        assert await page.locator("nav a[aria-current=page]").count() == 1
        assert complaints == []


async def test_axe_would_find_what_is_wrong(chromium: Browser, rooms: Site) -> None:
    async with opened(chromium, rooms.address) as (page, _):
        await page.goto(f"{rooms.address}{PREFIX}/sign-in")
        assert await violations(page) == []
        await page.evaluate(
            "document.querySelector('label').remove(); document.querySelector('h1').style.color = '#eee'"
        )
        found = " ".join(await violations(page))
        assert "label" in found
        assert "color-contrast" in found


async def test_the_browser_refuses_a_script_and_another_host(chromium: Browser, rooms: Site) -> None:
    async with opened(chromium, rooms.address) as (page, complaints):
        await page.goto(f"{rooms.address}{PREFIX}/sign-in")
        await page.evaluate(
            "() => { const script = document.createElement('script'); script.textContent = 'window.ran = 1';"
            " document.body.append(script); const image = new Image(); image.src = 'http://elsewhere.example/x.png'; }"
        )
        await page.wait_for_timeout(300)
        assert await page.evaluate("window.ran") is None
        assert any("Content Security Policy" in complaint for complaint in complaints)
