"""The office as a program on one's device: installed, read without a connection, and empty once its reader has left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from playwright.async_api import Browser
from playwright.async_api import Page as Opened

from core.kernel.i18n import Catalogues
from core.kernel.text import literal
from core.people.accounts.model import Act, Role
from tests.ground_floor import Sample
from tests.web_admin.browser import look, opened, sign_in, signed_in
from tests.web_admin.reading import PASSWORD, SYNDIC, Site, site_of
from web_admin.account.pages import PAGES as ACCOUNT
from web_admin.offline.pages import PAGES as OFFLINE
from web_admin.pages import PREFIX, Page, Show, Visit, render
from web_admin.sign_in.pages import PAGES as SIGN_IN
from web_admin.todo.pages import PAGES as TO_DO

pytestmark = pytest.mark.xdist_group("chromium-offline-look")

STORED = """async () => {
  const found = [];
  for (const name of await caches.keys()) for (const each of await (await caches.open(name)).keys()) found.push(new URL(each.url).pathname);
  return found;
}"""


def reads(name: str) -> Show:
    async def show(visit: Visit) -> web.StreamResponse:
        return render(visit, "said.html", heading=literal(name), body=literal("Three rooms, four keys."))

    return show


async def letter(visit: Visit) -> web.StreamResponse:
    return web.Response(body=b"a letter", content_type="text/plain")


async def sets(visit: Visit) -> web.StreamResponse:
    return render(visit, "said.html", heading=literal("Settings"), body=literal("A secret."))


@pytest.fixture
async def rooms(sample: Sample, catalogues: Catalogues) -> AsyncIterator[Site]:
    """An office with pages that one reads, one that is downloaded, and one where things are set."""
    shown = (Page("/rooms", reads("Rooms")), Page("/keys", reads("Keys")), Page("/letter", letter))
    pages = (*TO_DO, *SIGN_IN, *ACCOUNT, *OFFLINE, *shown, Page("/set", sets, act=Act.SET))
    async with site_of(sample, catalogues, pages=pages) as site:
        yield site


GROWN_OLD = """async (date) => {
  for (const name of await caches.keys()) {
    const store = await caches.open(name);
    for (const each of await store.keys()) {
      const found = await store.match(each);
      const headers = new Headers(found.headers);
      headers.set("Date", date);
      await store.put(each, new Response(await found.text(), {headers}));
    }
  }
}"""


async def stored(page: Opened) -> list[str]:
    """The paths of everything in the worker's store."""
    found: list[str] = await page.evaluate(STORED)
    return found


async def kept(page: Opened) -> list[str]:
    """The pages in it that belong to somebody."""
    return [path for path in await stored(page) if path.startswith(f"{PREFIX}/") and "/offline/" not in path]


async def settled(page: Opened, last: str = "") -> None:
    """Waits until the worker has kept the page at that path; without one, until it had the time to."""
    for _ in range(40):
        await page.wait_for_timeout(50)
        if (last in await kept(page)) if last else not await kept(page):
            return


async def worked(page: Opened) -> None:
    """Waits for the worker to stand before the page."""
    await page.evaluate(
        "() => navigator.serviceWorker.controller || new Promise(then => {"
        " navigator.serviceWorker.oncontrollerchange = () => then(true); }).then(() => true)"
    )


async def keeping(page: Opened, site: Site, email: str = SYNDIC) -> None:
    """Signs in, and has this device keep pages."""
    await sign_in(page, site.address, email)
    await worked(page)
    await page.goto(f"{site.address}{PREFIX}/account")
    await page.get_by_role("button", name="Keep pages on this device").click()
    await page.get_by_text("From now on this device keeps the pages").wait_for()


async def typed(page: Opened) -> None:
    for field in ("#old", "#password", "#again"):
        await page.locator(field).fill(PASSWORD)


async def fetched(page: Opened, path: str) -> int:
    status: int = await page.evaluate("path => fetch(path).then(answer => answer.status)", path)
    return status


async def left_typed(page: Opened) -> str:
    """What a page says after a form was not sent; what stood in its field still stands there."""
    said = page.locator("#offline.error")
    await said.wait_for()
    assert await said.get_attribute("role") == "alert"
    assert await page.evaluate("document.activeElement.id") == "offline"
    assert await page.locator("#old").input_value() == PASSWORD
    return await said.inner_text()


async def test_it_can_be_installed_in_the_reader_s_language(chromium: Browser, rooms: Site) -> None:
    """As Chromium sees it: the manifest is read without a fault, and nothing but the private window of the test stands against it."""
    await rooms.account(SYNDIC, Role.SYNDIC, language="fr")
    async with signed_in(chromium, rooms.address) as (page, complaints):
        await worked(page)
        asked = await page.context.new_cdp_session(page)
        manifest = await asked.send("Page.getAppManifest")
        assert manifest["errors"] == []
        assert manifest["manifest"]["name"] == "KoproGo, le bureau du syndic"
        assert manifest["manifest"]["startUrl"] == f"{rooms.address}{PREFIX}/"
        errors = (await asked.send("Page.getInstallabilityErrors"))["installabilityErrors"]
        assert [each["errorId"] for each in errors] in ([], ["in-incognito"])
        state = "navigator.serviceWorker.ready.then(found => [found.active.state, found.scope])"
        assert await page.evaluate(state) == ["activated", f"{rooms.address}{PREFIX}/"]
        assert complaints == []


async def test_nothing_is_kept_until_somebody_asks_for_it(chromium: Browser, rooms: Site) -> None:
    """But no form is lost: what was typed stays, with a word on why."""
    await rooms.account(SYNDIC, Role.SYNDIC)
    async with opened(chromium, rooms.address) as (page, complaints):
        base = f"{rooms.address}{PREFIX}"
        await sign_in(page, rooms.address)
        await worked(page)
        for path in ("/", "/keys", "/account"):
            await page.goto(base + path)
        assert await kept(page) == []
        await page.goto(f"{base}/account")
        await page.evaluate("() => Object.defineProperty(navigator, 'onLine', {get: () => true})")
        await typed(page)
        await page.context.set_offline(True)
        await page.locator("#old").press("Enter")
        assert (await left_typed(page)).startswith("The connection failed:")
        assert page.url == f"{base}/account"
        await look(page, "offline-form")
        answer = await page.goto(f"{base}/keys")
        assert answer is not None
        assert answer.status == 503
        assert await page.locator("h1").inner_text() == "No connection"
        assert await page.locator("#kept").is_hidden()
        await look(page, "offline-nothing")
        await page.context.set_offline(False)
        await page.get_by_role("link", name="Try again").click()
        await page.wait_for_selector("h1:has-text('Keys')")
        assert complaints == []


async def test_a_browser_that_says_it_is_offline_is_not_believed(chromium: Browser, rooms: Site) -> None:
    """On a machine without any network, the office may run on that very machine."""
    await rooms.account(SYNDIC, Role.SYNDIC)
    async with opened(chromium, rooms.address) as (page, complaints):
        base = f"{rooms.address}{PREFIX}"
        await sign_in(page, rooms.address)
        await worked(page)
        for offline in (True, False):
            await page.goto(f"{base}/account")
            await page.evaluate("() => Object.defineProperty(navigator, 'onLine', {get: () => false})")
            await typed(page)
            await page.context.set_offline(offline)
            await page.locator("#old").press("Enter")
            if offline:
                assert (await left_typed(page)).startswith("You are offline: nothing was sent.")
            else:
                await page.get_by_text("The password is changed").wait_for()
            await page.context.set_offline(False)
        assert complaints == []


async def test_pages_that_were_read_are_read_again_without_a_connection(chromium: Browser, rooms: Site) -> None:
    _, token = await rooms.account("new@kopro.example", password=None)
    await rooms.account(SYNDIC, Role.SYNDIC)
    async with opened(chromium, rooms.address) as (page, complaints):
        base = f"{rooms.address}{PREFIX}"
        await keeping(page, rooms)
        await look(page, "offline-device")
        for path in ("/account", "/account/authenticator", "/rooms", "/keys", "/set", "/nothing", "/"):
            await page.goto(base + path)
        assert await fetched(page, f"{PREFIX}/letter") == 200
        await settled(page, f"{PREFIX}/")
        assert await kept(page) == [f"{PREFIX}{path}" for path in ("/rooms", "/keys", "/")]
        await page.context.set_offline(True)
        await page.goto(f"{base}/keys")
        assert await page.locator("h1").inner_text() == "Keys"
        banner = page.get_by_role("status")
        assert (
            await banner.inner_text() == "You are offline. This page was last seen on 22 November 2026 10:00. Try again"
        )
        colour = await page.evaluate("getComputedStyle(document.querySelector('#offline')).borderLeftWidth")
        assert colour == "1px", "the style is kept too"
        await look(page, "offline-kept")
        await page.goto(f"{base}/account")
        await page.locator("#kept").wait_for()
        assert await page.locator("#kept a").all_inner_texts() == ["To do", "Keys", "Rooms"]
        await look(page, "offline-list")
        await page.get_by_role("link", name="Rooms", exact=True).click()
        await page.get_by_role("status").wait_for()
        await page.context.set_offline(False)
        await page.get_by_role("link", name="Try again").click()
        await page.get_by_role("status").wait_for(state="detached")
        await page.evaluate(GROWN_OLD, format_datetime(datetime.now(UTC) - timedelta(days=15), usegmt=True))
        await page.context.set_offline(True)
        await page.goto(f"{base}/keys")
        assert await page.locator("h1").inner_text() == "No connection"
        await page.context.set_offline(False)
        await page.goto(f"{base}/link/{token}")
        await settled(page)
        assert await kept(page) == [], "whoever stands before the door is somebody else"
        assert complaints == []


async def test_nothing_is_left_after_signing_out(chromium: Browser, rooms: Site) -> None:
    await rooms.account(SYNDIC, Role.SYNDIC)
    async with opened(chromium, rooms.address) as (page, complaints):
        base = f"{rooms.address}{PREFIX}"
        await keeping(page, rooms)
        await page.goto(f"{base}/keys")
        await settled(page, f"{PREFIX}/keys")
        await page.get_by_role("button", name="Sign out").click()
        await page.wait_for_url(f"{base}/sign-in")
        assert await stored(page) == []
        assert await page.evaluate("navigator.serviceWorker.getRegistrations().then(found => found.length)") == 0
        await sign_in(page, rooms.address)
        await worked(page)
        await page.goto(f"{base}/keys")
        await settled(page, f"{PREFIX}/keys")
        await page.context.set_offline(True)
        await page.get_by_role("button", name="Sign out").click(no_wait_after=True)
        await settled(page)
        assert await kept(page) == [], "without a connection too"
        assert complaints == []


async def test_another_account_another_language_or_the_switch_empties_it(chromium: Browser, rooms: Site) -> None:
    await rooms.account(SYNDIC, Role.SYNDIC)
    await rooms.account("ann@kopro.example", Role.COUNCIL)
    async with opened(chromium, rooms.address) as (page, complaints):
        base = f"{rooms.address}{PREFIX}"
        await keeping(page, rooms)

        async def reads() -> None:
            await page.goto(f"{base}/keys")
            await settled(page, f"{PREFIX}/keys")
            await page.goto(f"{base}/account")

        await reads()
        await page.get_by_role("button", name="Keep no pages any more").click()
        await page.get_by_text("those that it kept are erased").wait_for()
        await settled(page)
        assert await kept(page) == []
        await page.get_by_role("button", name="Keep pages on this device").click()
        await reads()
        await page.locator("#language").select_option("de")
        await page.get_by_role("button", name="Save").click()
        await page.get_by_role("heading", name="Dieses Gerät").wait_for()
        await settled(page)
        assert await kept(page) == []
        await reads()
        await page.context.clear_cookies(name="koprogo_access")
        await page.context.clear_cookies(name="koprogo_refresh")
        await sign_in(page, rooms.address, "ann@kopro.example")
        await page.goto(f"{base}/keys")
        await settled(page)
        assert await kept(page) == [], "it was not she who asked for it"
        assert complaints == []
