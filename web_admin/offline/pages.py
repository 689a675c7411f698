"""The office on a phone: what installs it, and what is read without a connection."""

from __future__ import annotations

import json
from pathlib import Path

from aiohttp import web

from core.kernel.i18n import LANGUAGES
from core.kernel.text import say
from web_admin.offline.keeping import switch
from web_admin.pages import PREFIX, Page, Visit, go_to, render

WORKER = Path(__file__).parents[1] / "static" / "worker.js"
ICONS = "/static/icons"
PAPER, ACCENT = "#f7f7f4", "#0b6b57"
"""As in office.css."""
_OF_A_LANGUAGE = f"{{language:{'|'.join(LANGUAGES)}}}"


async def manifest(visit: Visit) -> web.StreamResponse:
    """What the browser installs (W3C Web Application Manifest), in the language of the page that named it."""
    language = visit.request.match_info["language"]
    words = visit.office.catalogues[language]
    described = {
        "id": f"{PREFIX}/",
        "start_url": f"{PREFIX}/",
        "scope": f"{PREFIX}/",
        "name": words(say("office.offline.name")),
        "short_name": "KoproGo",
        "description": words(say("office.offline.about")),
        "lang": language,
        "dir": "ltr",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": ACCENT,
        "icons": [
            {"src": f"{ICONS}/house-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": f"{ICONS}/house-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {"src": f"{ICONS}/house-mask-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
            {"src": f"{ICONS}/house.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        ],
    }
    return web.Response(text=json.dumps(described, ensure_ascii=False), content_type="application/manifest+json")


async def worker(visit: Visit) -> web.StreamResponse:
    """Served below the prefix, because a worker may stand before what lies below its own address, and nothing else."""
    return web.FileResponse(WORKER, headers={"Content-Type": "text/javascript; charset=utf-8"})


async def without_connection(visit: Visit) -> web.StreamResponse:
    """What the worker shows where it kept no page. It says nothing of anybody, for it is kept on every device."""
    visit.language = visit.request.match_info["language"]
    return render(visit, "offline/without_connection.html")


async def keep(visit: Visit) -> web.StreamResponse:
    on = visit.typed("keep") == "yes"
    switch(visit, on)
    return go_to(visit, "/account", say("office.offline.on_now" if on else "office.offline.off_now"))


PAGES: tuple[Page, ...] = (
    Page(f"/manifest-{_OF_A_LANGUAGE}.webmanifest", manifest, open=True),
    Page("/worker.js", worker, open=True),
    Page(f"/offline/{_OF_A_LANGUAGE}", without_connection, open=True),
    Page("/account/offline", None, keep, act=None, section="account"),
)
