"""Where it is kept which group belongs to which building. Outside the tenants, as the directory: a room comes before its tenant is known."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork
from core.messaging.channel import Room


async def tied(uow: UnitOfWork, room: Room) -> tuple[UUID, UUID] | None:
    """(organisation, building) of a group; None where it is tied to none."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT organisation_id, building_id FROM rooms WHERE channel = :channel AND handle = :handle AND left_at IS NULL"
            ),
            {"channel": room.channel, "handle": room.handle},
        )
    ).one_or_none()
    return (row.organisation_id, row.building_id) if row else None


async def ties(uow: UnitOfWork, room: Room) -> int:
    """How often a group was tied, to any building."""
    count = await uow.connection.scalar(
        text("SELECT count(*) FROM rooms WHERE channel = :channel AND handle = :handle"),
        {"channel": room.channel, "handle": room.handle},
    )
    return int(count or 0)


async def building(uow: UnitOfWork, building_id: UUID) -> tuple[str, tuple[str, ...]] | None:
    """Name and languages of a building of this organisation."""
    row = (
        await uow.connection.execute(
            text("SELECT name, languages FROM buildings WHERE building_id = :building"), {"building": building_id}
        )
    ).one_or_none()
    return (row.name, tuple(row.languages)) if row else None


async def tie(uow: UnitOfWork, room: Room, building_id: UUID, person: UUID) -> None:
    """Ties a group to a building of this organisation, in place of any other."""
    await untie(uow, room)
    await uow.connection.execute(
        text(
            "INSERT INTO rooms (channel, handle, organisation_id, building_id, tied_by, tied_at)"
            " VALUES (:channel, :handle, :organisation, :building, :person, :now)"
        ),
        {
            "channel": room.channel,
            "handle": room.handle,
            "organisation": uow.organisation,
            "building": building_id,
            "person": person,
            "now": uow.now,
        },
    )


async def untie(uow: UnitOfWork, room: Room) -> None:
    await uow.connection.execute(
        text(
            "UPDATE rooms SET left_at = greatest(:now, tied_at) WHERE channel = :channel AND handle = :handle AND left_at IS NULL"
        ),
        {"channel": room.channel, "handle": room.handle, "now": uow.now},
    )
