"""Where it is kept since when somebody with hours is no neighbour any more."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork


async def not_looked_at(uow: UnitOfWork, day: date) -> list[UUID]:
    """The buildings with hours in which nobody has looked yet on this day who has left."""
    rows = await uow.connection.execute(
        text("SELECT building_id FROM sel_settings WHERE looked_on IS DISTINCT FROM :day ORDER BY building_id"),
        {"day": day},
    )
    return list(rows.scalars())


async def looked_at(uow: UnitOfWork, building: UUID, day: date) -> None:
    await uow.connection.execute(
        text("UPDATE sel_settings SET looked_on = :day WHERE building_id = :building"),
        {"building": building, "day": day},
    )


async def known(uow: UnitOfWork, building: UUID) -> dict[UUID, date]:
    rows = await uow.connection.execute(
        text("SELECT person_id, since FROM sel_leavers WHERE building_id = :building"), {"building": building}
    )
    return {row.person_id: row.since for row in rows}


async def left(uow: UnitOfWork, building: UUID, person: UUID, day: date) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO sel_leavers (organisation_id, building_id, person_id, since)"
            " VALUES (:organisation, :building, :person, :day) ON CONFLICT (building_id, person_id) DO NOTHING"
        ),
        {"organisation": uow.organisation, "building": building, "person": person, "day": day},
    )


async def back(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    await uow.connection.execute(
        text("DELETE FROM sel_leavers WHERE building_id = :building AND person_id = :person"),
        {"building": building, "person": person},
    )
