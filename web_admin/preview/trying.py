"""Talking to the bot in a resident's place. The talk travels in the page, sealed, and is played anew with each line."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from core.inbox.model import tidy
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, say
from core.messaging.channel import File
from core.people.accounts.model import Act
from web_admin.pages import FORM_BYTES, Page, Visit, render
from web_admin.preview.files import given
from web_admin.preview.protocols import TRY_IT, Line, NotOffered, Talk, TryIt
from web_admin.preview.sitting import Sitting, seated

LASTS = timedelta(hours=2)
MOST_LINES, LONGEST_LINE = 30, 500
PURPOSE = "try"


@dataclass(frozen=True, slots=True)
class Kept:
    """A talk as it came back with a form: whom it is with, as it was chosen; its lines. `fresh`: it was not left for too long."""

    number: int
    choice: dict[str, str]
    begun: datetime
    lines: tuple[Line, ...]
    fresh: bool = True

    def seal(self, visit: Visit) -> str:
        return visit.office.seals.seal(
            PURPOSE,
            LASTS,
            sub=visit.who.account.account_id.hex,
            org=visit.who.organisation.hex,
            number=self.number,
            choice=self.choice,
            begun=self.begun.isoformat(),
            lines=[[line.at.isoformat(), line.text, line.choice] for line in self.lines],
        )


async def begin(visit: Visit) -> web.StreamResponse:
    """Whom to be."""
    return await _begin(visit, visit.request.query)


async def talk(visit: Visit) -> web.StreamResponse:
    """A new talk, or the next line of one."""
    trials = _trials(visit)
    sealed = visit.typed("talk", FORM_BYTES)
    kept = _opened(visit, sealed) if sealed else None
    if sealed and kept is None:
        raise web.HTTPNotFound
    if kept is not None and not kept.fresh:
        return await _begin(visit, kept.choice, 409, say("office.try.left"))
    async with visit.apart() as uow:
        now = uow.now
        sitting = await seated(visit, uow, kept.choice if kept else _chosen(visit), strangers=True)
    if sitting is None:
        return await _begin(visit, {})
    if kept is not None and sitting.choice["person"] != kept.choice["person"]:
        return await _begin(visit, kept.choice, 409, say("office.try.gone"))
    if kept is None:
        return await _show(visit, trials, sitting, Kept(secrets.randbits(63), dict(sitting.choice), now, ()))
    text, choice = tidy(visit.typed("text", FORM_BYTES)).strip(), visit.typed("choice", 100)
    refused = _refused(kept, text, choice)
    if refused is not None:
        return await _show(visit, trials, sitting, kept, refused, text[: 2 * LONGEST_LINE])
    line = Line(now, choice=choice) if choice else Line(now, text)
    try:
        return await _show(visit, trials, sitting, replace(kept, lines=(*kept.lines, line)))
    except NotOffered as refusal:
        return await _show(visit, trials, sitting, kept, refusal.text, text)


async def file(visit: Visit) -> web.StreamResponse:
    """What an answer brought along, drawn again."""
    kept = _opened(visit, visit.typed("talk", FORM_BYTES))
    if kept is None or not kept.fresh:
        raise web.HTTPNotFound
    async with visit.apart() as uow:
        sitting = await seated(visit, uow, kept.choice, strangers=True)
    if sitting is None or sitting.choice["person"] != kept.choice["person"]:
        raise web.HTTPNotFound
    files = _files(await _trials(visit).played(_talk(sitting, kept)))
    wanted = files.get(visit.typed("file", 40))
    if wanted is None:
        raise web.HTTPNotFound
    return given(wanted, await wanted.read())


def _refused(kept: Kept, text: str, choice: str) -> Text | None:
    """Why a line is not taken."""
    if len(kept.lines) >= MOST_LINES:
        return say("office.try.long", count=MOST_LINES)
    if choice:
        return None
    if not text:
        return say("office.try.empty")
    return say("office.try.too_long", count=LONGEST_LINE) if len(text) > LONGEST_LINE else None


async def _show(
    visit: Visit, trials: TryIt, sitting: Sitting, kept: Kept, refused: Text | None = None, typed: str = ""
) -> web.Response:
    exchanges = await trials.played(_talk(sitting, kept))
    return render(
        visit,
        "preview/talk.html",
        422 if refused else 200,
        sitting=sitting,
        exchanges=exchanges,
        talk=kept.seal(visit),
        refused=refused,
        text=typed,
        over=len(kept.lines) >= MOST_LINES,
        most=MOST_LINES,
        longest=LONGEST_LINE,
    )


async def _begin(visit: Visit, chosen: Any, status: int = 200, refused: Text | None = None) -> web.Response:
    async with visit.apart() as uow:
        sitting = await seated(visit, uow, chosen, strangers=True)
    if sitting is None:
        return render(visit, "preview/none.html", trying=True)
    return render(visit, "preview/begin.html", status, sitting=sitting, languages=LANGUAGES, refused=refused)


def _talk(sitting: Sitting, kept: Kept) -> Talk:
    return Talk(kept.number, sitting.sitter, kept.begun, kept.lines)


def _files(exchanges: Any) -> dict[str, File]:
    """The files of all answers, by the numbers that the page gives them: of the exchange, the answer, the file."""
    return {
        f"{exchange}.{answer}.{number}": file
        for exchange, each in enumerate(exchanges)
        for answer, said in enumerate(each.answers)
        for number, file in enumerate(said.files)
    }


def _chosen(visit: Visit) -> dict[str, str]:
    return {name: visit.typed(name, 200) for name in ("building", "person", "language")}


def _opened(visit: Visit, sealed: str) -> Kept | None:
    """A talk that this visitor has begun in this organisation; None: it is none of his."""
    seals = visit.office.seals
    claims: Any = seals.open(PURPOSE, sealed, expired=True)
    if claims is None or (claims["sub"], claims["org"]) != (
        visit.who.account.account_id.hex,
        visit.who.organisation.hex,
    ):
        return None
    lines = tuple(Line(datetime.fromisoformat(at), text, choice) for at, text, choice in claims["lines"])
    begun = datetime.fromisoformat(claims["begun"])
    return Kept(claims["number"], claims["choice"], begun, lines, seals.open(PURPOSE, sealed) is not None)


def _trials(visit: Visit) -> TryIt:
    """404 where the office was opened without a bot."""
    trials = visit.request.config_dict.get(TRY_IT)
    if trials is None:
        raise web.HTTPNotFound
    return trials


PAGES: tuple[Page, ...] = (
    Page("/try", begin, talk, act=Act.TELL, section="messages", apart=True),
    Page("/try/file", None, file, act=Act.TELL, section="messages", apart=True),
)
