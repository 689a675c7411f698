"""The pages for everybody: `/health` for machines, one that says what runs, and those behind links. The office stands beside them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from core.kernel.i18n import Catalogues
from core.kernel.text import say
from web_admin.links.pages import Behind, LinkPages
from web_admin.reader import SECURITY_HEADERS, preferred

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the installation: its name, and the message key of its state."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Status:
    """What runs. `healthy`: the database answers."""

    healthy: bool
    version: str
    parts: Sequence[Part]


def routes(
    status: Callable[[], Awaitable[Status]], catalogues: Catalogues, behind: Behind
) -> list[web.AbstractRouteDef]:
    """`status` tells what runs, `behind` what links lead to; the pages are in the reader's language."""
    templates = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=select_autoescape())

    async def health(request: web.Request) -> web.Response:
        now = await status()
        body = {
            "status": "ok" if now.healthy else "unavailable",
            "version": now.version,
            "parts": {part.name: part.state for part in now.parts},
        }
        return web.json_response(body, status=200 if now.healthy else 503)

    async def index(request: web.Request) -> web.Response:
        now = await status()
        language = preferred(request.headers.get("Accept-Language", ""), catalogues)
        words = catalogues[language]
        page = templates.get_template("index.html").render(
            language=language,
            running=words(say("web.running" if now.healthy else "web.unavailable", version=now.version)),
            parts=[(words(say(f"web.part.{part.name}")), words(say(f"web.state.{part.state}"))) for part in now.parts],
            hint=words(say("web.hint")),
            office=words(say("web.office")),
        )
        return web.Response(text=page, content_type="text/html", headers=SECURITY_HEADERS)

    return [
        web.get("/health", health),
        web.get("/", index),
        *LinkPages(behind, catalogues, templates).routes(),
        web.static("/static", FOLDER / "static"),
    ]
