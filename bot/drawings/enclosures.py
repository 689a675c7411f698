"""What goes along with a card: drawn for its one reader, or fetched from the shelf where he may see it."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from bot.drawings.calendar import ics
from bot.drawings.figures import png
from bot.drawings.qr import epc_png
from core.database import Database
from core.documents import service as documents
from core.documents.service import Shelf
from core.kernel.i18n import Words
from core.kernel.money import Money
from core.kernel.text import Text, say
from core.messaging.card import Attachment
from core.messaging.channel import File
from core.messaging.event import event_of

ON_PAPER = frozenset({"epc_qr"})
"""What a letter shows. A paper that it names is put into the envelope by whoever posts it; a calendar file is of no use there."""

PHOTO = "photo"
"""An attachment with `sha256` (hex) of a JPEG on the shelf, and the `name` that its file is given."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The files of a card, and what is said of those that its reader does not get."""

    files: tuple[File, ...] = ()
    missing: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Enclosures:
    """Draws and fetches. Without a shelf no document goes along."""

    database: Database
    shelf: Shelf | None = None

    async def of(
        self,
        attachments: Sequence[Attachment],
        words: Words,
        organisation: UUID | None = None,
        person: UUID | None = None,
        *,
        on_paper: bool = False,
    ) -> Enclosed:
        """The files for one reader, `person` of an organisation; None: a stranger, who is shown no document.

        ValueError where the bytes of a document are gone or are not what they were: our own fault, not the wire's.
        """
        files: list[File] = []
        missing: list[Text] = []
        for attachment in attachments:
            if on_paper and attachment.kind not in ON_PAPER:
                continue
            if attachment.kind == PHOTO:
                files.append(await self._photo(attachment.values))
            elif attachment.kind != "document":
                files.append(await _drawn(attachment, words))
            elif file := await self._fetched(attachment.values, organisation, person):
                files.append(file)
            else:
                missing.append(say("broadcast.paper_missing", title=str(attachment.values.get("title", ""))))
        return Enclosed(tuple(files), tuple(missing))

    async def _photo(self, values: Mapping[str, Any]) -> File:
        """A picture that a neighbour showed, made fit to be shown when it was taken in."""
        if self.shelf is None:
            raise ValueError("a photo needs a shelf")
        try:
            content = await self.shelf.get(bytes.fromhex(str(values["sha256"])))
        except OSError as error:
            raise ValueError("a photo is not on the shelf") from error
        return _file(f"{values.get('name', 'photo')}.jpg", "image/jpeg", content)

    async def _fetched(self, values: Mapping[str, Any], organisation: UUID | None, person: UUID | None) -> File | None:
        """A document of the shelf; None where there is none, or the reader may not see it today."""
        if self.shelf is None or organisation is None or person is None:
            return None
        async with self.database.work(organisation) as uow:
            stored = await documents.for_person(uow, UUID(str(values["document"])), person)
        if stored is None:
            return None
        name = PurePosixPath(stored.document.file).name
        media_type, coding = mimetypes.guess_type(name)
        try:
            content = await self.shelf.get(stored.sha256)
        except OSError as error:
            raise ValueError("a document is not on the shelf") from error
        return _file(name, media_type if media_type and not coding else "application/octet-stream", content)


async def _drawn(attachment: Attachment, words: Words) -> File:
    match attachment.kind:
        case "epc_qr":
            return _file("epc-qr.png", "image/png", await asyncio.to_thread(_payment, attachment.values))
        case "calendar":
            drawn = await asyncio.to_thread(ics, event_of(attachment.values), words)
            return _file("calendar.ics", "text/calendar", drawn)
        case "impact":
            return _file("impact.png", "image/png", await _figures(attachment.values, words))
    raise ValueError(f"nobody draws {attachment.kind}")


def _payment(values: Mapping[str, Any]) -> bytes:
    match dict(values):
        case {"name": str(name), "iban": str(iban), "amount": Money() as amount, "communication": str(communication)}:
            return epc_png(name, iban, amount, communication)
    raise ValueError("a payment needs a name, an IBAN, an amount and a communication")


async def _figures(values: Mapping[str, Any], words: Words) -> bytes:
    match dict(values):
        case {"title": Text() as title, "note": Text() as note, "count": int(count)}:
            listed = [(words(values[f"label_{each}"]), words(values[f"value_{each}"])) for each in range(count)]
            return await png(words.language, words(title), words(note), listed)
    raise ValueError("a picture of figures needs a title, a note and the figures")


def _file(name: str, media_type: str, content: bytes) -> File:
    async def read() -> bytes:
        return content

    return File(name, media_type, len(content), read)
