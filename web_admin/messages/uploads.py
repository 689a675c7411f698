"""Papers that are uploaded to go along with a broadcast: looked at, put on the shelf, and listed once it is sent."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from aiohttp.web import FileField

from core.documents.model import Document
from core.documents.service import Shelf
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.outbox.broadcasts.model import MOST_PAPERS

MEGABYTES = 10
LARGEST = MEGABYTES * 2**20
"""Bytes of all papers together: more than that most mailboxes refuse."""
TAKEN = 4 * LARGEST
"""Bytes that are read from a browser at all, so that what is too large can be refused beside its field."""
LONGEST_NAME = 80
SIGNS = {".pdf": b"%PDF-", ".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n"}
"""What a file begins with, whatever it calls itself. PDFs and pictures are read everywhere, and carry no macros."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A paper that lies on the shelf and is not listed yet."""

    document: UUID
    name: str
    size: int
    digest: bytes

    @property
    def title(self) -> str:
        return PurePosixPath(self.name).stem

    def to_json(self) -> list[Any]:
        return [self.document.hex, self.name, self.size, self.digest.hex()]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> Upload:
        document, name, size, digest = stored
        return cls(UUID(document), str(name), int(size), bytes.fromhex(digest))

    def described(self, day: date, language: str, visible_to: str) -> Document:
        """As a document of the building, in a folder of its own, so that equal names do not meet."""
        file = f"messages/{self.document.hex[:12]}/{self.name}"
        return Document(file, self.title, "other", day, language, visible_to)


async def kept(files: Sequence[Any], before: Sequence[Upload], shelf: Shelf) -> tuple[Upload, ...]:
    """Those that were there before, and what a form sends in addition, on the shelf. DomainError for what is not taken: then none is."""
    given = [file for file in files if isinstance(file, FileField) and file.filename]
    if len(before) + len(given) > MOST_PAPERS:
        raise DomainError("broadcast.too_many_papers", most=MOST_PAPERS)
    room = LARGEST - sum(upload.size for upload in before)
    read: list[tuple[str, bytes]] = []
    for file in given:
        content = await asyncio.to_thread(file.file.read, room + 1)
        room -= len(content)
        if room < 0:
            raise DomainError("office.messages.write.files_large", count=MEGABYTES)
        suffix = next((suffix for suffix, begin in SIGNS.items() if content.startswith(begin)), None)
        if suffix is None:
            raise DomainError("office.messages.write.files_kind", name=plain_name(file.filename, "")[:LONGEST_NAME])
        read.append((plain_name(file.filename, suffix), content))
    known = {(upload.name, upload.digest) for upload in before}
    uploads = list(before)
    for name, content in read:
        digest = sha256(content).digest()
        if (name, digest) not in known:
            known.add((name, digest))
            await shelf.put(content)
            uploads.append(Upload(new_id(), name, len(content), digest))
    return tuple(uploads)


def plain_name(given: str, suffix: str) -> str:
    """A name that any system takes: letters, digits, points, blanks and hyphens; with the ending of what it is."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    stem = PurePosixPath(name).stem if suffix else name
    stem = " ".join(re.sub(r"[^\w.\- ]+", "-", stem).split()).strip(" .-_")[: LONGEST_NAME - len(suffix)].rstrip(" .-_")
    return f"{stem or 'file'}{suffix}"
