"""The office as one application: its pages, its headers, and what is shown when something goes wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.database import Database
from core.kernel.errors import DomainError
from core.kernel.i18n import Catalogues
from core.people.accounts.proofs import Keys, Passwords
from core.people.accounts.service import Proofs
from web_admin.account.pages import PAGES as ACCOUNT
from web_admin.audit.pages import PAGES as AUDIT
from web_admin.buildings.pages import PAGES as BUILDINGS
from web_admin.colleagues.pages import PAGES as COLLEAGUES
from web_admin.community.pages import PAGES as COMMUNITY
from web_admin.details.pages import PAGES as DETAILS
from web_admin.guard import guarded
from web_admin.impact.pages import PAGES as IMPACT
from web_admin.invitations.pages import PAGES as INVITATIONS
from web_admin.keys.pages import PAGES as KEYS
from web_admin.lots.pages import PAGES as LOTS
from web_admin.messages.pages import PAGES as MESSAGES
from web_admin.modules.pages import PAGES as MODULES
from web_admin.offline.pages import PAGES as OFFLINE
from web_admin.pages import OFFICE, PREFIX, Office, Page, Visit
from web_admin.people.pages import PAGES as PEOPLE
from web_admin.preview.pages import PAGES as PREVIEW
from web_admin.reader import SECURITY_HEADERS, preferred
from web_admin.refusals import refused
from web_admin.seals import Seals
from web_admin.settings.pages import PAGES as SETTINGS
from web_admin.setup.pages import PAGES as SETUP
from web_admin.sign_in.pages import PAGES as SIGN_IN
from web_admin.tickets.pages import PAGES as TICKETS
from web_admin.todo.pages import PAGES as TO_DO
from web_admin.tokens.pages import PAGES as TOKENS

logger = logging.getLogger(__name__)

PAGES: tuple[Page, ...] = (
    *(*TO_DO, *SIGN_IN, *ACCOUNT, *OFFLINE),
    *(*BUILDINGS, *SETUP, *LOTS, *KEYS, *PEOPLE, *MODULES, *DETAILS),
    *(*MESSAGES, *PREVIEW, *TICKETS, *COMMUNITY, *INVITATIONS, *IMPACT),
    *(*SETTINGS, *COLLEAGUES, *TOKENS, *AUDIT),
)
"""Every page of the office. Nothing is scanned: what is not named here is not served."""

HEADERS = {
    **SECURITY_HEADERS,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self';"
        " worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
STRICT_TRANSPORT = "max-age=31536000"
"""A year (RFC 6797); sent by https only."""


def office(
    database: Database,
    catalogues: Catalogues,
    secret: bytes,
    base: str,
    trace: Callable[[BaseException], str],
    passwords: Passwords | None = None,
    pages: tuple[Page, ...] = PAGES,
) -> web.Application:
    """The pages, to be served below `PREFIX`. `base`: the address at which readers reach this server, `https://kopro.example`."""
    keys = Keys(secret)
    running: set[asyncio.Task[None]] = set()

    def later(work: Awaitable[None]) -> None:
        async def done() -> None:
            try:
                await work
            except DomainError:
                logger.info("what was asked for on a page was refused")
            except Exception as error:
                logger.error("what a page left to be done failed\n%s", trace(error))

        task = asyncio.create_task(done())
        running.add(task)
        task.add_done_callback(running.discard)

    async def finish(application: web.Application) -> None:
        await asyncio.gather(*running, return_exceptions=True)

    application = web.Application(middlewares=[_told])
    application.on_shutdown.append(finish)
    application[OFFICE] = Office(
        database,
        catalogues,
        Proofs(passwords or Passwords(), keys),
        Seals(keys, database.clock),
        base.rstrip("/"),
        environment(),
        frozenset(page.path for page in pages),
        trace,
        later,
    )
    application.router.add_get("", _slash)
    for page in pages:
        if page.get is not None:
            application.router.add_get(page.path, guarded(page, page.get))
        if page.post is not None:
            application.router.add_post(page.path, guarded(page, page.post))
    return application


def environment() -> Environment:
    """A name that a template does not get is a fault, not an empty place. Templates are read once: a changed one counts after a restart."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


async def _slash(request: web.Request) -> web.StreamResponse:
    return web.Response(status=308, headers={"Location": f"{PREFIX}/"})


@web.middleware
async def _told(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Where there is no such page, says so on one; adds to every answer what the browser is to guard."""
    mine = request.config_dict[OFFICE]
    try:
        response = await handler(request)
    except web.HTTPException as refusal:
        language = preferred(request.headers.get("Accept-Language", ""), mine.catalogues)
        response = refused(Visit(request, mine, Page("", None, open=True), language, ""), refusal)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if mine.secure:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response


__all__ = ["PREFIX", "office"]
