"""Pages in a real browser: opened, looked at by axe-core, and kept as pictures.

`look(page, name)` is all that most tests need: at each width, light and dark, nothing is cut off sideways, axe-core finds nothing, and a
picture is kept in `var/pictures/` of the checkout (or the folder that KOPROGO_PICTURES names).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.web_admin.reading import PASSWORD, SYNDIC
from web_admin.pages import PREFIX

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
WIDTHS = (320, 768, 1440)
LARGEST = 100_000
"""Bytes of a page without its pictures."""
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium. It asks no other host for anything."""
    if PROGRAM is None:
        pytest.skip("no chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=PROGRAM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(
    browser: Browser, address: str, *, language: str = "en", scripts: bool = True
) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page of a new browser, and what it complained about: errors of the console, requests to other hosts."""
    context: BrowserContext = await browser.new_context(
        locale=language, java_script_enabled=scripts, bypass_csp=False, reduced_motion="reduce"
    )
    complaints: list[str] = []
    page = await context.new_page()
    host = urlsplit(address).netloc

    def requested(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != host:
            complaints.append(f"asked another host: {request.url}")

    def complained(message: Any) -> None:
        # A refused form answers 4xx, which the console calls an error.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("request", requested)
    page.on("console", complained)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, complaints
    await context.close()


async def sign_in(page: Page, address: str, email: str = SYNDIC, password: str = PASSWORD) -> None:
    """By keyboard, as anybody would."""
    await page.goto(f"{address}{PREFIX}/sign-in")
    await page.locator("#email").fill(email)
    await page.locator("#password").fill(password)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}{PREFIX}/")


@asynccontextmanager
async def signed_in(
    browser: Browser, address: str, *, language: str = "en", scripts: bool = True
) -> AsyncIterator[tuple[Page, list[str]]]:
    """As `opened`, at the desk of the syndic."""
    async with opened(browser, address, language=language, scripts=scripts) as (page, complaints):
        await sign_in(page, address)
        yield page, complaints


async def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it is shown."""
    async with axe(page) as found:
        return await found()


@asynccontextmanager
async def axe(page: Page) -> AsyncIterator[Callable[[], Awaitable[list[str]]]]:
    """axe-core for one document, read in once. It runs in a world of its own, which the page's policy does not bind."""
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Page.getFrameTree")
    world = await session.send(
        "Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"], "worldName": "axe"}
    )
    here = {"contextId": world["executionContextId"], "returnByValue": True}
    await session.send("Runtime.evaluate", {"expression": AXE, **here})
    rules = ", ".join(f"'{rule}'" for rule in RULES)

    async def found() -> list[str]:
        told = await session.send(
            "Runtime.evaluate",
            {
                "expression": f"axe.run(document, {{runOnly: {{type: 'tag', values: [{rules}]}}}}).then(found => found.violations.map("
                "each => each.id + ': ' + each.help + ' ' + each.nodes.map(node => node.html.slice(0, 200)).join(' | ')))",
                "awaitPromise": True,
                **here,
            },
        )
        assert "exceptionDetails" not in told, told
        wrong: list[str] = told["result"]["value"]
        return wrong

    yield found
    await session.detach()


async def look(page: Page, name: str, widths: Sequence[int] = WIDTHS) -> None:
    """At each width, light and dark: nothing is cut off sideways, axe-core finds nothing, one h1; a picture is kept."""
    folder = pictures()
    assert await page.locator("h1").count() == 1, name
    async with axe(page) as found:
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for width in widths:
                await page.set_viewport_size({"width": width, "height": 900})
                wide = await page.evaluate("document.documentElement.scrollWidth")
                await page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
                assert wide <= width, f"{name}: {wide} px do not fit in {width}"
                # Dark differs from light in its colours only: they are looked at where most, and where least, is shown.
                if scheme == "light" or width in (min(widths), max(widths)):
                    assert await found() == [], f"{name} at {width}, {scheme}"
    assert len((await page.content()).encode()) < LARGEST, name


def pictures() -> Path:
    folder = Path(os.environ.get("KOPROGO_PICTURES") or Path(__file__).parents[2] / "var" / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
