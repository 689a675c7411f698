"""Reads by which addresses the people of a building are reached."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork
from core.messaging.channel import Address
from core.people.model import LETTER
from core.people.register.model import Way


async def ways(uow: UnitOfWork, building: UUID) -> dict[UUID, list[Way]]:
    """The addresses that lead to those whom the files of a building name, by person, in the order in which they were linked.

    Not the postal ones; nobody's acceptance is known here.
    """
    rows = await uow.connection.execute(
        text(
            "SELECT d.person_id, d.channel, d.handle, d.linked_at, d.last_used, d.dead_at, d.stopped_at FROM directory d"
            " JOIN residents r ON r.person_id = d.person_id AND r.building_id = :building AND r.present"
            " WHERE d.organisation_id = :organisation AND d.channel <> :letter ORDER BY d.linked_at, d.channel, d.handle"
        ),
        {"building": building, "organisation": uow.organisation, "letter": LETTER},
    )
    found: dict[UUID, list[Way]] = {}
    for row in rows:
        way = Way(Address(row.channel, row.handle), row.linked_at, row.last_used, row.dead_at, row.stopped_at)
        found.setdefault(row.person_id, []).append(way)
    return found
