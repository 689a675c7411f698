"""What waits for somebody, where its own folder has no list of it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork


async def asks_of(uow: UnitOfWork, person: UUID, buildings: Collection[UUID]) -> list[UUID]:
    """The questions of neighbours for his skills that he has not answered, oldest first."""
    rows = await uow.connection.execute(
        text(
            "SELECT a.ask_id FROM skill_asks a JOIN skills s USING (organisation_id, skill_id)"
            " WHERE s.person_id = :person AND s.building_id = ANY(CAST(:buildings AS uuid[])) AND s.withdrawn_at IS NULL"
            " AND a.state = 'asked' ORDER BY a.at, a.ask_id"
        ),
        {"person": person, "buildings": list(buildings)},
    )
    return list(rows.scalars())
