"""Which news were told where, and what was put up meanwhile."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork


async def untold(uow: UnitOfWork, day: date) -> list[UUID]:
    """The buildings whose news of that Friday were not told yet."""
    rows = await uow.connection.execute(
        text(
            "SELECT b.building_id FROM buildings b WHERE NOT EXISTS (SELECT 1 FROM bulletins t"
            " WHERE t.building_id = b.building_id AND t.day = :day) ORDER BY b.building_id"
        ),
        {"day": day},
    )
    return list(rows.scalars())


async def begin(uow: UnitOfWork, building: UUID, day: date, until: datetime) -> bool:
    """Notes that they are told now, with what was put up until then. False where somebody else does it, or did."""
    done = await uow.connection.execute(
        text(
            "INSERT INTO bulletins (organisation_id, building_id, day, until) VALUES (:organisation, :building, :day, :until)"
            " ON CONFLICT DO NOTHING"
        ),
        {"organisation": uow.organisation, "building": building, "day": day, "until": until},
    )
    return bool(done.rowcount)


async def told_until(uow: UnitOfWork, building: UUID, before: date) -> datetime | None:
    """Until when the news of earlier Fridays reach."""
    at: datetime | None = await uow.connection.scalar(
        text("SELECT max(until) FROM bulletins WHERE building_id = :building AND day < :before"),
        {"building": building, "before": before},
    )
    return at


async def new_things(uow: UnitOfWork, building: UUID, since: datetime, until: datetime) -> list[UUID]:
    """What neighbours began to lend, and still do, oldest first."""
    rows = await uow.connection.execute(
        text(
            "SELECT thing_id FROM loan_things WHERE building_id = :building AND withdrawn_at IS NULL"
            " AND put_up_at > :since AND put_up_at <= :until ORDER BY put_up_at, thing_id"
        ),
        {"building": building, "since": since, "until": until},
    )
    return list(rows.scalars())


async def repaired(uow: UnitOfWork, building: UUID, since: datetime, until: datetime) -> list[UUID]:
    """The tickets of what was said to work again, and of which nobody has said since that it does not; oldest first."""
    rows = await uow.connection.execute(
        text(
            "SELECT t.ticket FROM tickets t JOIN (SELECT ticket, max(at) AS solved_at FROM ticket_moves WHERE move = 'solve'"
            "  GROUP BY ticket) m USING (ticket)"
            " WHERE t.building_id = :building AND t.state IN ('solved', 'closed') AND m.solved_at > :since AND m.solved_at <= :until"
            " ORDER BY m.solved_at, t.ticket"
        ),
        {"building": building, "since": since, "until": until},
    )
    return list(rows.scalars())
