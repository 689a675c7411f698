"""Where it is kept who looks for what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.community.bazaar.seeks.model import Seek
from core.database import UnitOfWork

_SEEKS = (
    "SELECT seek_id, building_id, person_id, name, terms, expires_on, over_at IS NOT NULL AS over FROM bazaar_seeks"
)


async def add(uow: UnitOfWork, seek: Seek, terms: Collection[str]) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO bazaar_seeks (organisation_id, seek_id, building_id, person_id, name, terms, at, expires_on)"
            " VALUES (:organisation, :seek, :building, :person, :name, CAST(:terms AS text[]), :now, :expires_on)"
        ),
        {
            "organisation": uow.organisation,
            "seek": seek.seek_id,
            "building": seek.building,
            "person": seek.person,
            "name": seek.name,
            "terms": sorted(terms),
            "now": uow.now,
            "expires_on": seek.expires_on,
        },
    )


async def get(uow: UnitOfWork, seek: UUID) -> Seek | None:
    row = (await uow.connection.execute(text(f"{_SEEKS} WHERE seek_id = :seek"), {"seek": seek})).one_or_none()
    return _seek(row) if row else None


async def open_in(uow: UnitOfWork, building: UUID, today: date) -> list[tuple[Seek, frozenset[str]]]:
    """What is looked for in a building, the newest first; each with its terms."""
    rows = await uow.connection.execute(
        text(
            f"{_SEEKS} WHERE building_id = :building AND over_at IS NULL AND expires_on > :today ORDER BY at DESC, seek_id"
        ),
        {"building": building, "today": today},
    )
    return [(_seek(row), frozenset(row.terms)) for row in rows]


async def renew(uow: UnitOfWork, seek: UUID, expires_on: date) -> None:
    await uow.connection.execute(
        text("UPDATE bazaar_seeks SET expires_on = :expires_on WHERE seek_id = :seek AND over_at IS NULL"),
        {"seek": seek, "expires_on": expires_on},
    )


async def end(uow: UnitOfWork, seek: UUID) -> bool:
    """He looks for it no more. False where that was so already."""
    done = await uow.connection.execute(
        text("UPDATE bazaar_seeks SET over_at = :now WHERE seek_id = :seek AND over_at IS NULL"),
        {"seek": seek, "now": uow.now},
    )
    return bool(done.rowcount)


def _seek(row: Row[Any]) -> Seek:
    return Seek(row.seek_id, row.building_id, row.person_id, row.name, row.expires_on, row.over)
