"""The print tray: letters as files, and what a human did with them."""

from __future__ import annotations

import asyncio
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import IO
from uuid import UUID

from aiohttp import web

from core.documents.service import Shelf
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.outbox.letters import service as tray
from core.outbox.letters.model import Letter
from core.people.accounts.model import Act
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from web_admin.messages.reach import identity, shelf, within
from web_admin.pages import Page, Visit, go_to, render

PDF, ZIP = "application/pdf", "application/zip"
CHOSEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def show(visit: Visit) -> web.StreamResponse:
    return await _tray(visit)


async def mark(visit: Visit) -> web.StreamResponse:
    """Marks the letters that were ticked: as printed, or as posted on a day."""
    mine = {letter.letter_id: letter for letter in await tray.tray(visit.uow, within(visit, Act.TELL))}
    ticked = {
        UUID(given) for given in visit.form.getall("letter", ()) if isinstance(given, str) and CHOSEN.fullmatch(given)
    }
    if not ticked:
        return await _tray(visit, 422, tick=say("office.messages.letters.none_ticked"))
    if not ticked <= mine.keys():
        raise web.HTTPNotFound
    chosen = [letter for letter in mine.values() if letter.letter_id in ticked]
    if visit.typed("what") == "printed":
        await tray.printed(visit.uow, sorted(ticked))
        await visit.uow.commit()
        return go_to(visit, "/messages/letters", say("office.messages.letters.printed_done", count=len(chosen)))
    try:
        day = date.fromisoformat(visit.typed("day", 40))
    except ValueError:
        return await _tray(visit, 422, ticked, day=say("office.messages.no_day"))
    if day < min(local_day(letter.made_at) for letter in chosen):
        return await _tray(visit, 422, ticked, day=say("office.messages.letters.before_made"))
    me = visit.who.account
    try:
        await tray.posted(visit.uow, sorted(ticked), me.name, day)
    except DomainError as refusal:
        return await _tray(visit, 422, ticked, day=refusal.text)
    for letter in chosen:
        await audit.record(
            visit.uow,
            Actor(me.account_id, me.name),
            Deed.LETTER_POSTED,
            letter.name,
            after={"letter": str(letter.letter_id), "posted_on": day.isoformat()},
        )
    await visit.uow.commit()
    return go_to(visit, "/messages/letters", say("office.messages.letters.posted_done", count=len(chosen), day=day))


async def one(visit: Visit) -> web.StreamResponse:
    """One letter as a PDF, from the tray or of those that were posted."""
    wanted, reach = identity(visit, "letter"), within(visit, Act.TELL)
    async with visit.apart() as uow:
        letter = await tray.find(uow, wanted, reach)
    if letter is None:
        raise web.HTTPNotFound
    try:
        content = await shelf(visit).get(letter.file)
    except (OSError, ValueError) as error:
        raise DomainError("office.messages.letters.gone", name=letter.name) from error
    return web.Response(body=content, content_type=PDF, headers=_named(_name(letter)))


async def every(visit: Visit) -> web.StreamResponse:
    """All that lies in the tray, as one ZIP."""
    reach = within(visit, Act.TELL)
    async with visit.apart() as uow:
        letters, day = await tray.tray(uow, reach), local_day(uow.now)
    if not letters:
        return go_to(visit, "/messages/letters")
    return web.Response(
        body=await _zipped(letters, shelf(visit)), content_type=ZIP, headers=_named(f"letters-{day}.zip")
    )


async def _zipped(letters: Sequence[Letter], papers: Shelf) -> IO[bytes]:
    """The letters one by one into a file that is gone when it is closed: a large tray never lies in memory."""
    made = await asyncio.to_thread(tempfile.TemporaryFile)

    def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
        archive.writestr(name, content)

    try:
        with zipfile.ZipFile(made, "w") as archive:
            for number, letter in enumerate(letters, 1):
                try:
                    content = await papers.get(letter.file)
                except (OSError, ValueError) as error:
                    raise DomainError("office.messages.letters.gone", name=letter.name) from error
                await asyncio.to_thread(add, archive, f"{number:03}-{_name(letter)}", content)
        made.seek(0)
    except BaseException:
        made.close()
        raise
    return made


def _name(letter: Letter) -> str:
    """The name of a letter's file: plain signs only, with the beginning of its reference."""
    plain = unicodedata.normalize("NFKD", letter.name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "letter"
    return f"{words}-{letter.letter_id.hex[:8]}.pdf"


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def _tray(
    visit: Visit,
    status: int = 200,
    ticked: set[UUID] | None = None,
    *,
    tick: Text | None = None,
    day: Text | None = None,
) -> web.Response:
    reach = within(visit)
    letters = await tray.tray(visit.uow, reach)
    able = within(visit, Act.TELL)
    mine = letters if able is None else await tray.tray(visit.uow, able)
    return render(
        visit,
        "messages/letters.html",
        status,
        letters=letters,
        mine={letter.letter_id for letter in mine},
        posted=await tray.posted_lately(visit.uow, reach),
        ticked={letter.letter_id for letter in mine} if ticked is None else ticked,
        today=local_day(visit.uow.now).isoformat(),
        tick=tick,
        day=day,
    )


PAGES = (
    Page("/messages/letters", show, mark, changes=Act.TELL, section="messages"),
    Page("/messages/letters/all.zip", every, act=Act.TELL, section="messages", apart=True),
    Page("/messages/letters/{letter}.pdf", one, act=Act.TELL, section="messages", apart=True),
)
