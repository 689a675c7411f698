"""Where the papers of a building are listed; their bytes lie in the data folder, under their hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, insert_rows
from core.documents.model import Document
from core.kernel.clock import local_day
from core.kernel.ids import new_id
from core.people.model import roles_today


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


async def add(uow: UnitOfWork, row: Stored) -> None:
    """Lists one document more, last; one that is listed stays as it is."""
    await uow.connection.execute(
        text(
            "INSERT INTO documents (organisation_id, building_id, position, document_id, file, title, kind, day, language, visible_to,"
            " size, sha256) SELECT :organisation, :building, coalesce(max(position) + 1, 0), :document, :file, :title, :kind, :day,"
            " :language, :visible_to, :size, :sha256 FROM documents WHERE building_id = :building ON CONFLICT DO NOTHING"
        ),
        {
            "organisation": uow.organisation,
            "building": row.building_id,
            "document": row.document_id,
            "file": row.document.file,
            "title": row.document.title,
            "kind": row.document.kind,
            "day": row.document.day,
            "language": row.document.language,
            "visible_to": row.document.visible_to,
            "size": row.size,
            "sha256": row.sha256,
        },
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


async def roles(uow: UnitOfWork, building: UUID, person: UUID) -> frozenset[str]:
    """What a person is in a building today."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT CASE WHEN r.present THEN r.roles ELSE '{}' END AS listed,"
                " EXISTS (SELECT 1 FROM ownership o WHERE o.building_id = r.building_id AND o.person = r.person"
                "  AND o.first <= :day AND coalesce(o.last >= :day, true)) AS owns,"
                " EXISTS (SELECT 1 FROM tenancies t WHERE t.building_id = r.building_id AND t.person = r.person"
                "  AND t.first <= :day AND coalesce(t.last >= :day, true)) AS rents"
                " FROM residents r WHERE r.building_id = :building AND r.person_id = :person"
            ),
            {"building": building, "person": person, "day": local_day(uow.now)},
        )
    ).one_or_none()
    return roles_today(row.listed, row.owns, row.rents) if row else frozenset()


def _stored(row: Row[Any]) -> Stored:
    document = Document(row.file, row.title, row.kind, row.day, row.language, row.visible_to)
    return Stored(row.document_id, row.building_id, document, row.size, bytes(row.sha256))
