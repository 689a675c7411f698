"""Channels, languages, reminders, and the texts of letters: where each is, and where it is changed."""

from __future__ import annotations

from aiohttp import web

from core.outbox import service as outbox
from core.outbox.letter_texts import service as letter_texts
from core.outbox.letter_texts.model import STANDARD
from core.outbox.model import Traffic
from core.people import service as people
from core.people.accounts.model import Act
from web_admin.pages import Page, Visit, render
from web_admin.settings.channels import PAGES as CHANNELS
from web_admin.settings.letters import PAGES as LETTERS
from web_admin.settings.wires import installation

PARTS = ("colleagues", "tokens")
"""Parts with pages of their own, which stand beside these below /settings."""
DETAILS = "/buildings/{building}/details"
"""Where the languages and reminders of a building are changed."""


async def show(visit: Visit) -> web.StreamResponse:
    """Every part with how it stands, and a way to its page."""
    ways = {way.channel: way.where for way in await installation(visit).ways()}
    texts = await letter_texts.every(visit.uow)
    return render(
        visit,
        "settings/settings.html",
        wires=installation(visit).wires(),
        ways=ways,
        traffic=await outbox.traffic(visit.uow),
        written_at=await people.last_written(visit.uow),
        quiet=Traffic(),
        own=[language for language, kept in texts.items() if kept.texts != STANDARD],
        houses=await visit.buildings(Act.SET),
        details=DETAILS in visit.office.paths,
        parts=[part for part in PARTS if f"/settings/{part}" in visit.office.paths],
    )


PAGES: tuple[Page, ...] = (Page("/settings", show, act=Act.SET, section="settings"), *CHANNELS, *LETTERS)
