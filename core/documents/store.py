"""Where the papers of a building are listed; their bytes lie in the data folder, under their hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, insert_rows
from core.documents.model import Document
from core.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Stored:
    """A listed document, and the hash under which its bytes lie."""

    document_id: UUID
    building_id: UUID
    document: Document
    size: int
    sha256: bytes


_COLUMNS = "document_id, building_id, file, title, kind, day, language, visible_to, size, sha256"


async def replace(uow: UnitOfWork, building: UUID, documents: Sequence[tuple[Document, int, bytes]]) -> None:
    """Lists the documents of a building anew; one that was there keeps its identity."""
    before = {row.document.file: row.document_id for row in await every(uow, building)}
    await uow.connection.execute(text("DELETE FROM documents WHERE building_id = :building"), {"building": building})
    columns = (
        "building_id",
        "position",
        "document_id",
        "file",
        "title",
        "kind",
        "day",
        "language",
        "visible_to",
        "size",
        "sha256",
    )
    await insert_rows(
        uow,
        "documents",
        columns,
        [
            (
                *(building, place, before.get(row.file) or new_id(), row.file, row.title, row.kind, row.day),
                *(row.language, row.visible_to, size, sha256),
            )
            for place, (row, size, sha256) in enumerate(documents)
        ],
    )


async def every(uow: UnitOfWork, building: UUID) -> list[Stored]:
    rows = await uow.connection.execute(
        text(f"SELECT {_COLUMNS} FROM documents WHERE building_id = :building ORDER BY position"),
        {"building": building},
    )
    return [_stored(row) for row in rows]


async def find(uow: UnitOfWork, document: UUID) -> Stored | None:
    row = (
        await uow.connection.execute(
            text(f"SELECT {_COLUMNS} FROM documents WHERE document_id = :document"), {"document": document}
        )
    ).one_or_none()
    return _stored(row) if row else None


def _stored(row: Row[Any]) -> Stored:
    document = Document(row.file, row.title, row.kind, row.day, row.language, row.visible_to)
    return Stored(row.document_id, row.building_id, document, row.size, bytes(row.sha256))
