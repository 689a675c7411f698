"""What the worker is told to keep, and for whom; the manifest and its icons."""

from __future__ import annotations

import json
import struct

import pytest

from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Act, Role
from tests.web_admin.reading import Reader, Site
from web_admin.application import PAGES
from web_admin.offline.keeping import KEEP, KEPT_FOR, NOBODY
from web_admin.offline.pages import ACCENT, PAPER
from web_admin.pages import OFFLINE
from web_admin.routes import FOLDER


async def keeping(site: Site, email: str = "nathalie.renard@renard-gestion.example") -> Reader:
    reader = await site.signed_in(email, Role.SYNDIC)
    await reader.get("/account")
    done = await reader.send({"keep": "yes"}, to="/account/offline")
    assert "From now on this device keeps the pages that you read." in done.text
    return reader


async def test_nothing_is_kept_until_it_is_asked_for_nor_after_it_was_given_up(rooms: Site) -> None:
    reader = await rooms.signed_in()
    home = await reader.get("/")
    assert (home.headers[KEPT_FOR], KEEP in home.headers) == (NOBODY, False)
    await reader.get("/account")
    await reader.send({"keep": "yes"}, to="/account/offline")
    home = await reader.get("/")
    assert (len(home.headers[KEPT_FOR]), home.headers[KEEP]) == (32, "yes")
    assert home.headers["Cache-Control"] == "no-store", "no other store than ours"
    await reader.get("/account")
    done = await reader.send({"keep": "no"}, to="/account/offline")
    assert done.headers[KEPT_FOR] == NOBODY
    assert reader.cookie(OFFLINE) is None


async def test_only_what_is_read_is_kept(rooms: Site) -> None:
    reader = await keeping(rooms)
    for page in PAGES:
        if page.get is None or "{" in page.path:
            continue
        shown = await reader.get(page.path, follow=False)
        if KEEP in shown.headers:
            assert page.act is Act.READ, page.path
            assert shown.headers["Content-Type"].startswith("text/html"), page.path
            assert shown.status == 200, page.path
    await reader.get("/account")
    refused = await reader.send({"language": "xx"}, to="/language")
    assert (refused.status, KEEP in refused.headers) == (422, False)
    missing = await reader.get("/buildings/nowhere")
    assert (missing.status, KEEP in missing.headers) == (404, False)


async def test_what_is_kept_belongs_to_one_session_and_language(rooms: Site) -> None:
    first, second = await keeping(rooms), await keeping(rooms)
    belongs = {(await reader.get("/")).headers[KEPT_FOR] for reader in (first, second)}
    assert len(belongs) == 2
    await first.get("/account")
    await first.send({"language": "de"}, to="/language")
    assert (await first.get("/")).headers[KEPT_FOR] not in belongs
    await rooms.account("ann@kopro.example")
    other = rooms.reader()
    other.set_cookie(OFFLINE, first.cookie(OFFLINE) or "")
    await other.sign_in("ann@kopro.example")
    assert (await other.get("/")).headers[KEPT_FOR] == NOBODY, "it was not she who asked for it"
    assert (await rooms.reader().get("/sign-in")).headers[KEPT_FOR] == NOBODY


async def test_signing_out_empties_the_browser(rooms: Site) -> None:
    reader = await keeping(rooms)
    await reader.get("/")
    out = await reader.send({}, to="/sign-out", follow=False)
    assert out.headers["Clear-Site-Data"] == '"storage"'
    back = await reader.sign_in()
    assert back.headers[KEEP] == "yes", "whose device it is does not change"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_manifest_and_the_page_without_a_connection(rooms: Site, language: str) -> None:
    reader = rooms.reader(language)
    assert f'href="/office/manifest-{language}.webmanifest"' in (await reader.get("/sign-in")).text
    told = await reader.get(f"/manifest-{language}.webmanifest")
    assert told.headers["Content-Type"].startswith("application/manifest+json")
    manifest = json.loads(told.text)
    assert (manifest["lang"], manifest["start_url"], manifest["display"]) == (language, "/office/", "standalone")
    sizes = set()
    for icon in manifest["icons"]:
        path = FOLDER / icon["src"].removeprefix("/")
        if path.suffix == ".png":
            width, height = struct.unpack(">II", path.read_bytes()[16:24])
            assert f"{width}x{height}" == icon["sizes"]
            sizes.add((width, icon["purpose"]))
    assert sizes == {(192, "any"), (512, "any"), (512, "maskable")}
    shown = await rooms.reader("xx").get(f"/offline/{language}")
    assert (shown.status, f'<html lang="{language}">' in shown.text) == (200, True)
    assert (await reader.get("/offline/xx")).status == 404


def test_the_colours_are_those_of_the_office() -> None:
    style = (FOLDER / "static" / "office.css").read_text(encoding="utf-8")
    assert f"--paper: {PAPER};" in style
    assert f"--accent: {ACCENT};" in style


async def test_the_worker_stands_before_the_office_and_nothing_else(rooms: Site) -> None:
    reader = rooms.reader()
    worker = await reader.get("/worker.js")
    assert worker.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "connect-src 'self'" in worker.headers["Content-Security-Policy"]
    assert "Service-Worker-Allowed" not in worker.headers
    assert "importScripts" not in worker.text
