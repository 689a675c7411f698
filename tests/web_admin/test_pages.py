"""The page that says what runs, and `/health`: over HTTP, and in a real browser."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from core.kernel.i18n import Catalogues
from koprogo.behind import BehindLinks
from koprogo.links import Links
from koprogo.version import VERSION
from tests.ground_floor import Sample
from web_admin.reader import preferred
from web_admin.routes import Part, Status, routes

BROWSER = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


class Runs:
    """What the page is told; a test may make it ill."""

    healthy = True

    async def __call__(self) -> Status:
        state = "running" if self.healthy else "down"
        return Status(self.healthy, VERSION, (Part("database", state), Part("bot", "running"), Part("telegram", "off")))


@pytest.fixture
async def runs(catalogues: Catalogues, sample: Sample) -> AsyncIterator[tuple[Runs, str]]:
    status = Runs()
    pages = web.Application()
    pages.router.add_routes(routes(status, catalogues, BehindLinks(sample.database, Links(b"s" * 32, None))))
    runner = web.AppRunner(pages)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield status, f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def test_health_says_what_runs_and_when_the_database_is_gone(runs: tuple[Runs, str]) -> None:
    status, address = runs
    async with ClientSession() as client:
        async with client.get(f"{address}/health") as answer:
            assert answer.status == 200
            assert await answer.json() == {
                "status": "ok",
                "version": VERSION,
                "parts": {"database": "running", "bot": "running", "telegram": "off"},
            }
        status.healthy = False
        async with client.get(f"{address}/health") as answer:
            assert answer.status == 503
            assert (await answer.json())["status"] == "unavailable"


@pytest.mark.parametrize(
    ("wanted", "language", "said"),
    [
        ("fr-BE,fr;q=0.9,en;q=0.5", "fr", "Base de données"),
        ("de", "de", "Datenbank"),
        ("es,en;q=0.5", "en", "is running"),
        ("en;q=0.2,nl;q=0.9", "nl", "draait"),
        ("", "nl", "draait"),
        ("xx;q=rubbish,,;;,de;q=0.1", "de", "läuft"),
    ],
)
async def test_the_page_is_in_the_reader_s_language(
    runs: tuple[Runs, str], wanted: str, language: str, said: str
) -> None:
    _, address = runs
    async with ClientSession(headers={"Accept-Language": wanted}) as client, client.get(address) as answer:
        page = await answer.text()
        assert answer.status == 200
        assert f'<html lang="{language}">' in page
        assert said in page
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_nothing_outside_the_folder_is_served(runs: tuple[Runs, str]) -> None:
    _, address = runs
    async with ClientSession() as client:
        for path in ("/static/../routes.py", "/static/%2e%2e/routes.py", "/static/", "/nowhere"):
            async with client.get(address + path) as answer:
                assert answer.status in (403, 404)


def test_a_weight_of_nothing_is_last(catalogues: Catalogues) -> None:
    assert preferred("de;q=0,fr;q=0.1", catalogues) == "fr"


async def test_a_browser_shows_the_page(runs: tuple[Runs, str], tmp_path: Path) -> None:
    """A real Chromium: the style is loaded under the page's own policy, and the page is as wide as a telephone."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and continuous integration has to have it")
        pytest.skip("NOT TESTED in a browser: Chromium is not installed")
    _, address = runs
    picture = tmp_path / "page.png"
    process = await asyncio.create_subprocess_exec(
        chromium,
        *BROWSER,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--enable-logging=stderr",
        "--accept-lang=de",
        "--window-size=320,640",
        f"--screenshot={picture}",
        address,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert picture.stat().st_size > 5_000
    assert b"Content Security Policy" not in said
