"""Who is a neighbour today, by the books of the people."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Row, text

from core.community.neighbours.model import LIVING_THERE, Contact, Neighbour, roles_of
from core.database import UnitOfWork

_NEIGHBOURS = (
    "SELECT p.person_id, p.name, p.language, r.roles,"
    " EXISTS (SELECT 1 FROM ownership o WHERE o.building_id = r.building_id AND o.person = r.person"
    "  AND o.first <= :day AND coalesce(o.last >= :day, true)) AS owns_today,"
    " EXISTS (SELECT 1 FROM tenancies t WHERE t.building_id = r.building_id AND t.person = r.person"
    "  AND t.first <= :day AND coalesce(t.last >= :day, true)) AS rents_today"
    " FROM residents r JOIN persons p ON p.person_id = r.person_id WHERE r.building_id = :building AND r.present"
)


async def neighbours(uow: UnitOfWork, building: UUID, day: date) -> list[Neighbour]:
    rows = await uow.connection.execute(text(f"{_NEIGHBOURS} ORDER BY r.position"), {"building": building, "day": day})
    return [found for row in rows if (found := _neighbour(row)) is not None]


async def neighbour(uow: UnitOfWork, building: UUID, person: UUID, day: date) -> Neighbour | None:
    row = (
        await uow.connection.execute(
            text(f"{_NEIGHBOURS} AND r.person_id = :person"), {"building": building, "day": day, "person": person}
        )
    ).one_or_none()
    return _neighbour(row) if row else None


async def contact(uow: UnitOfWork, building: UUID, person: UUID, day: date) -> Contact | None:
    """His name, the lots that he rents on a day, or owns and has not let, and his telephone."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT p.name, r.phone, ARRAY(SELECT l.lot FROM lots l"
                "  WHERE l.building_id = r.building_id AND ("
                "   EXISTS (SELECT 1 FROM ownership o WHERE o.building_id = r.building_id AND o.lot = l.lot AND o.person = r.person"
                "    AND o.first <= :day AND coalesce(o.last >= :day, true))"
                "   AND NOT EXISTS (SELECT 1 FROM tenancies t WHERE t.building_id = r.building_id AND t.lot = l.lot"
                "    AND t.first <= :day AND coalesce(t.last >= :day, true))"
                "   OR EXISTS (SELECT 1 FROM tenancies t WHERE t.building_id = r.building_id AND t.lot = l.lot"
                "    AND t.person = r.person AND t.first <= :day AND coalesce(t.last >= :day, true)))"
                "  ORDER BY l.position) AS lots"
                " FROM residents r JOIN persons p ON p.person_id = r.person_id"
                " WHERE r.building_id = :building AND r.person_id = :person"
            ),
            {"building": building, "person": person, "day": day},
        )
    ).one_or_none()
    return Contact(row.name, tuple(row.lots), row.phone) if row else None


def _neighbour(row: Row[tuple[object, ...]]) -> Neighbour | None:
    roles = roles_of(row.roles, row.owns_today, row.rents_today)
    return None if LIVING_THERE.isdisjoint(roles) else Neighbour(row.person_id, row.name, row.language, roles)
