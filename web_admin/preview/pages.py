"""A message as each channel shows it: a sample, one that was told, one that is being written. Nothing is recorded, told or sent."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.messaging.channel import File
from core.outbox import service as outbox
from core.outbox.broadcasts import service as broadcasts
from core.outbox.broadcasts.cards import DOCUMENT, broadcast_card, papers_for
from core.outbox.broadcasts.model import Member
from core.outbox.model import Listed
from core.people.accounts.model import Act
from web_admin.messages.deliveries import BETWEEN_US
from web_admin.messages.draft import Draft, Refused, broadcast_of, building_of, opened
from web_admin.messages.reach import identity, shelf, within
from web_admin.messages.uploads import TAKEN, Upload
from web_admin.messages.words import channel
from web_admin.pages import PREFIX, Page, Visit, render
from web_admin.preview.files import BYTES, PDF, PICTURES, given
from web_admin.preview.markup import shown
from web_admin.preview.protocols import PREVIEWS, Message, Picture, Previews
from web_admin.preview.sitting import Sitting, seated, within_reach
from web_admin.preview.trying import PAGES as TRY

PNG = "image/png"
MOST_MESSAGES = 20
_SHOWN: dict[str, Any] = {"channel": channel, "shown": shown, "pictured": PICTURES}


@dataclass(frozen=True, slots=True)
class Looked:
    """A message with its pictures. `files_at` and `letter_at`: where its files and its letter are to be had, without number and ending."""

    message: Message
    pictures: Sequence[Picture]
    files_at: str = ""
    letter_at: str = ""


# ------------------------------------------------------------------------------------------------------------- a sample


async def sample(visit: Visit) -> web.StreamResponse:
    """What somebody would be told, chosen above."""
    previews = _previews(visit)
    async with visit.apart() as uow:
        sitting = await seated(visit, uow, visit.request.query)
    if sitting is None:
        return render(visit, "preview/none.html")
    name = _wanted(visit, previews)
    messages = await _messages(previews, name, sitting)
    looked = []
    for number, message in enumerate(messages):
        query = urlencode({**sitting.choice, "message": name, "of": number})
        looked.append(
            Looked(
                message,
                await previews.pictures(message),
                f"{PREFIX}/preview/file?{query}&number=",
                f"{PREFIX}/preview/letter?{query}&as=",
            )
        )
    return render(
        visit,
        "preview/sample.html",
        sitting=sitting,
        samples=previews.samples(),
        name=name,
        looked=looked,
        languages=LANGUAGES,
        **_SHOWN,
    )


async def sample_file(visit: Visit) -> web.StreamResponse:
    return await _file(_previews(visit), await _sampled(visit), _number(visit.request.query.get("number", "")))


async def sample_letter(visit: Visit) -> web.StreamResponse:
    return await _letter(_previews(visit), await _sampled(visit), visit.request.query.get("as", ""))


async def _sampled(visit: Visit) -> Message:
    """The message that the address of a file names."""
    previews = _previews(visit)
    async with visit.apart() as uow:
        sitting = await seated(visit, uow, visit.request.query)
    if sitting is None:
        raise web.HTTPNotFound
    messages = await _messages(previews, _wanted(visit, previews), sitting)
    number = _number(visit.request.query.get("of", ""))
    if number >= len(messages):
        raise web.HTTPNotFound
    return messages[number]


async def _messages(previews: Previews, name: str, sitting: Sitting) -> Sequence[Message]:
    return (await previews.sample(name, sitting.sitter))[:MOST_MESSAGES]


def _wanted(visit: Visit, previews: Previews) -> str:
    """The sample that was chosen, else the first. 404 for one that there is not."""
    names = [each.name for each in previews.samples()]
    name = visit.request.query.get("message", names[0])
    if name not in names:
        raise web.HTTPNotFound
    return name


# ------------------------------------------------------------------------------------------------------------- one that was told


async def delivery(visit: Visit) -> web.StreamResponse:
    row, message = await _told(visit)
    path = f"{PREFIX}/preview/deliveries/{row.told.delivery_id}"
    looked = message and Looked(
        message, await _previews(visit).pictures(message), f"{path}/files/", f"{path}/letter?as="
    )
    return render(visit, "preview/delivery.html", row=row, looked=looked, **_SHOWN)


async def delivery_file(visit: Visit) -> web.StreamResponse:
    return await _file(_previews(visit), await _open(visit), _number(visit.request.match_info["number"]))


async def delivery_letter(visit: Visit) -> web.StreamResponse:
    return await _letter(_previews(visit), await _open(visit), visit.request.query.get("as", ""))


async def _told(visit: Visit) -> tuple[Listed, Message | None]:
    """The delivery of the path; its message is None where its words are its reader's alone."""
    wanted = identity(visit, "delivery")
    async with visit.apart() as uow:
        ways = await outbox.ways(uow, wanted, within(visit, Act.TELL))
    row = next((each for each in ways if each.told.delivery_id == wanted), None)
    if row is None:
        raise web.HTTPNotFound
    told = row.told
    if told.kind in BETWEEN_US:
        return row, None
    return row, Message(told.card, told.kind, told.language, visit.who.organisation, told.person_id)


async def _open(visit: Visit) -> Message:
    _, message = await _told(visit)
    if message is None:
        raise web.HTTPNotFound
    return message


# ------------------------------------------------------------------------------------------------------------- one that is written


async def broadcast(visit: Visit) -> web.StreamResponse:
    """What is being written, in one of its readers' languages."""
    draft = _draft(visit)
    async with visit.apart() as uow:
        message, reader, languages, reached = await _broadcast(visit, uow, draft)
    looked = Looked(message, await _previews(visit).pictures(message))
    return render(
        visit,
        "preview/broadcast.html",
        draft=draft.seal(visit),
        looked=looked,
        reader=reader,
        languages=languages,
        reached=reached,
        **_SHOWN,
    )


async def broadcast_letter(visit: Visit) -> web.StreamResponse:
    async with visit.apart() as uow:
        message, *_ = await _broadcast(visit, uow, _draft(visit))
    return await _letter(_previews(visit), message, "pdf")


def _draft(visit: Visit) -> Draft:
    found = opened(visit, visit.typed("draft", TAKEN))
    if found is None:
        raise web.HTTPNotFound
    return found[0]


async def _broadcast(visit: Visit, uow: UnitOfWork, draft: Draft) -> tuple[Message, Member, list[str], int]:
    """The message for the first reader of the language that was chosen; the languages of all, and how many it reaches."""
    try:
        known = building_of(draft, await within_reach(visit, uow))
        sender = await broadcasts.speaker(uow, known.building_id, visit.who.account.email)
        if sender is None:
            raise DomainError("office.messages.write.nobody_speaks")
        written = broadcast_of(draft, known, sender.person, local_day(uow.now))
    except Refused as refusal:
        raise DomainError("office.messages.write.mend") from refusal
    preview = await broadcasts.preview(uow, written)
    members = [row.member for row in preview.everybody]
    if not members:
        raise DomainError("office.messages.write.nobody")
    languages = [each for each in LANGUAGES if any(member.language == each for member in members)]
    chosen = visit.typed("language")
    language = chosen if chosen in languages else members[0].language
    reader = next(member for member in members if member.language == language)
    papers = papers_for(written, reader)
    card = broadcast_card(written, known.building, sender.name, language, papers, uow.now)
    # Its papers are listed once it is sent; until then they lie on the shelf alone.
    card = replace(card, attachments=tuple(each for each in card.attachments if each.kind != DOCUMENT))
    going = {paper.document for paper in papers}
    files = tuple(_upload(visit, each) for each in draft.uploads if each.document in going)
    message = Message(card, written.kind, language, visit.who.organisation, reader.person, files)
    return message, reader, languages, len(preview.reached)


def _upload(visit: Visit, upload: Upload) -> File:
    async def read() -> bytes:
        try:
            return await shelf(visit).get(upload.digest)
        except (OSError, ValueError) as error:
            raise DomainError("office.preview.file_gone", name=upload.name) from error

    return File(upload.name, mimetypes.guess_type(upload.name)[0] or BYTES, upload.size, read)


# ------------------------------------------------------------------------------------------------------------- what goes along


async def _file(previews: Previews, message: Message, number: int) -> web.Response:
    file = await previews.file(message, number)
    if file is None:
        raise web.HTTPNotFound
    return given(file, await file.read())


async def _letter(previews: Previews, message: Message, wanted: str) -> web.Response:
    if wanted == "png":
        return web.Response(body=await previews.first_page(message), content_type=PNG)
    if wanted != "pdf":
        raise web.HTTPNotFound
    named = {"Content-Disposition": 'attachment; filename="preview.pdf"'}
    return web.Response(body=await previews.letter(message), content_type=PDF, headers=named)


def _previews(visit: Visit) -> Previews:
    """404 where the office was opened without a bot and its channels."""
    previews = visit.request.config_dict.get(PREVIEWS)
    if previews is None:
        raise web.HTTPNotFound
    return previews


def _number(text: str) -> int:
    """A small number; 404 for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise web.HTTPNotFound
    return int(text)


_WHO: dict[str, Any] = {"act": Act.TELL, "section": "messages", "apart": True}

PAGES: tuple[Page, ...] = (
    Page("/preview", sample, **_WHO),
    Page("/preview/file", sample_file, **_WHO),
    Page("/preview/letter", sample_letter, **_WHO),
    Page("/preview/deliveries/{delivery}", delivery, **_WHO),
    Page("/preview/deliveries/{delivery}/files/{number}", delivery_file, **_WHO),
    Page("/preview/deliveries/{delivery}/letter", delivery_letter, **_WHO),
    Page("/preview/broadcast", None, broadcast, most=TAKEN, **_WHO),
    Page("/preview/broadcast/letter", None, broadcast_letter, most=TAKEN, **_WHO),
    *TRY,
)
