"""Where the letters of the print tray are listed; their bytes lie on the shelf, under their hash."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, from_jsonb
from core.kernel.ids import new_id
from core.messaging.channel import Evidence
from core.outbox.letters.model import Correspondent, House, Letter

_LETTERS = (
    "SELECT l.letter_id, l.delivery_key, l.person_id, p.name, l.file, l.pages, l.made_at, l.printed_at, l.posted_on, l.posted_by"
    " FROM letters l JOIN persons p USING (organisation_id, person_id)"
)


async def add(uow: UnitOfWork, delivery_key: str, person: UUID, file: bytes, pages: int) -> bool:
    """Lists a letter. False where one of that key is listed already, which stays as it is."""
    added = await uow.connection.execute(
        text(
            "INSERT INTO letters (organisation_id, letter_id, delivery_key, person_id, file, pages, made_at)"
            " VALUES (:organisation, :letter, :key, :person, :file, :pages, :now)"
            " ON CONFLICT (organisation_id, delivery_key) DO NOTHING"
        ),
        {
            "organisation": uow.organisation,
            "letter": new_id(),
            "key": delivery_key,
            "person": person,
            "file": file,
            "pages": pages,
            "now": uow.now,
        },
    )
    return bool(added.rowcount)


_WITHIN_REACH = (
    "(CAST(:buildings AS uuid[]) IS NULL OR EXISTS (SELECT 1 FROM deliveries d WHERE d.delivery_id ="
    " CASE WHEN l.delivery_key ~ '^[0-9a-f]{32}$' THEN l.delivery_key::uuid END AND d.building_id = ANY(CAST(:buildings AS uuid[]))))"
)


async def waiting(uow: UnitOfWork, buildings: Collection[UUID] | None = None) -> list[Letter]:
    """The letters that were not posted yet, oldest first; `buildings`: only those that were written on behalf of one of these."""
    rows = await uow.connection.execute(
        text(f"{_LETTERS} WHERE l.posted_on IS NULL AND {_WITHIN_REACH} ORDER BY l.made_at, l.delivery_key"),
        {"buildings": None if buildings is None else list(buildings)},
    )
    return [_letter(row) for row in rows]


async def posted_lately(uow: UnitOfWork, buildings: Collection[UUID] | None, most: int) -> list[Letter]:
    """Those that were posted last, the latest first."""
    rows = await uow.connection.execute(
        text(
            f"{_LETTERS} WHERE l.posted_on IS NOT NULL AND {_WITHIN_REACH}"
            " ORDER BY l.posted_on DESC, l.made_at DESC, l.delivery_key LIMIT :most"
        ),
        {"buildings": None if buildings is None else list(buildings), "most": most},
    )
    return [_letter(row) for row in rows]


async def find(uow: UnitOfWork, letter: UUID, buildings: Collection[UUID] | None = None) -> Letter | None:
    row = (
        await uow.connection.execute(
            text(f"{_LETTERS} WHERE l.letter_id = :letter AND {_WITHIN_REACH}"),
            {"letter": letter, "buildings": None if buildings is None else list(buildings)},
        )
    ).one_or_none()
    return _letter(row) if row else None


async def printed(uow: UnitOfWork, letters: Sequence[UUID]) -> None:
    await uow.connection.execute(
        text(
            "UPDATE letters SET printed_at = :now WHERE letter_id = ANY(CAST(:letters AS uuid[])) AND printed_at IS NULL"
        ),
        {"letters": list(letters), "now": uow.now},
    )


async def posted(uow: UnitOfWork, letters: Sequence[UUID], by: str, on: date) -> set[UUID]:
    """Marks letters as posted, and raises the evidence of their deliveries; gives those that were not posted before."""
    rows = await uow.connection.execute(
        text(
            "WITH posted AS (UPDATE letters SET posted_on = :on, posted_by = :by, printed_at = coalesce(printed_at, :now)"
            "  WHERE letter_id = ANY(CAST(:letters AS uuid[])) AND posted_on IS NULL RETURNING letter_id, delivery_key),"
            " raised AS (UPDATE deliveries d SET evidence = greatest(d.evidence, CAST(:accepted AS smallint)) FROM posted"
            "  WHERE d.delivery_id = CASE WHEN posted.delivery_key ~ '^[0-9a-f]{32}$' THEN posted.delivery_key::uuid END)"
            " SELECT letter_id FROM posted"
        ),
        {"letters": list(letters), "by": by, "on": on, "now": uow.now, "accepted": int(Evidence.ACCEPTED)},
    )
    return set(rows.scalars().all())


async def correspondent(uow: UnitOfWork, person: UUID) -> Correspondent | None:
    """A person of this organisation with his postal address; None where no building has one of his on file."""
    rows = (
        await uow.connection.execute(
            text(
                "SELECT p.language, r.name, r.street, r.postal_code, r.city, r.country, r.present, b.name AS house, b.address,"
                " b.postal_code AS house_code, b.city AS house_city, b.syndic FROM residents r JOIN persons p USING (person_id)"
                " JOIN buildings b USING (building_id) WHERE r.person_id = :person ORDER BY r.present DESC, b.slug"
            ),
            {"person": person},
        )
    ).all()
    home = next((row for row in rows if row.street.strip() and row.city.strip()), None)
    if home is None:
        return None
    syndic = from_jsonb(rows[0].syndic)
    lives = [row for row in rows if row.present] or rows
    return Correspondent(
        person,
        home.language,
        home.name,
        home.street,
        home.postal_code,
        home.city,
        "" if home.country.upper() == "BE" else home.country.upper(),
        tuple(House(row.house, row.address, row.house_code, row.house_city) for row in lives),
        syndic.get("name", ""),
        syndic.get("email", ""),
        syndic.get("phone", ""),
    )


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        row.letter_id,
        row.delivery_key,
        row.person_id,
        row.name,
        bytes(row.file),
        row.pages,
        row.made_at,
        row.printed_at,
        row.posted_on,
        row.posted_by,
    )
