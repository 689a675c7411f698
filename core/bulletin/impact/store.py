"""What neighbours did together, read across loans, exchanges and things from hand to hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from core.bulletin.impact.factors import category_of
from core.bulletin.impact.model import Category, Deed, Kind
from core.database import UnitOfWork

_MINE = "(CAST(:only AS uuid[]) IS NULL OR building_id = ANY(CAST(:only AS uuid[])))"
_DEEDS = text(
    f"SELECT '{Kind.LOAN.value}' AS kind, l.building_id, l.over_at AS at, l.lender_id AS giver, l.borrower_id AS taker, 0 AS minutes,"
    " t.name, l.state = 'back' AS kept_well"
    " FROM loans l JOIN loan_things t USING (organisation_id, thing_id)"
    f" WHERE l.state IN ('back', 'lost') AND l.over_at >= :first AND l.over_at < :last AND {_MINE.replace('building_id', 'l.building_id')}"
    f" UNION ALL SELECT '{Kind.EXCHANGE.value}', building_id, settled_at, giver, receiver, minutes, '', true FROM sel_exchanges"
    f" WHERE state = 'booked' AND settled_at >= :first AND settled_at < :last AND {_MINE}"
    f" UNION ALL SELECT '{Kind.GIFT.value}', i.building_id, i.over_at, i.giver_id, b.person_id, 0, i.name, true FROM bazaar_items i"
    " JOIN bazaar_line b ON b.item_id = i.item_id AND b.standing = 'taker'"
    f" WHERE i.state = 'collected' AND i.over_at >= :first AND i.over_at < :last AND {_MINE.replace('building_id', 'i.building_id')}"
)
_FIRST = text(
    "SELECT min(at) FROM (SELECT min(over_at) AS at FROM loans WHERE state IN ('back', 'lost')"
    " UNION ALL SELECT min(settled_at) FROM sel_exchanges WHERE state = 'booked'"
    " UNION ALL SELECT min(over_at) FROM bazaar_items WHERE state = 'collected') AS begun"
)
_PEOPLE = text(
    "SELECT b.building_id, count(r.person_id) AS people FROM buildings b"
    " LEFT JOIN residents r ON r.building_id = b.building_id AND r.present"
    f" WHERE {_MINE.replace('building_id', 'b.building_id')} GROUP BY b.building_id, b.name, b.slug ORDER BY b.name, b.slug"
)


async def deeds(uow: UnitOfWork, only: Sequence[UUID] | None, first: datetime, last: datetime) -> list[Deed]:
    """What was over, booked or collected from `first` to before `last`; `only` in these buildings."""
    rows = await uow.connection.execute(_DEEDS, {"only": _listed(only), "first": first, "last": last})
    return [
        Deed(
            Kind(row.kind),
            row.building_id,
            row.at,
            row.giver,
            row.taker,
            row.minutes,
            category_of(row.name) if row.name else Category.UNCOUNTED,
            row.kept_well,
        )
        for row in rows
    ]


async def begun(uow: UnitOfWork) -> datetime | None:
    """When the first of them was, anywhere in the organisation."""
    at: datetime | None = await uow.connection.scalar(_FIRST)
    return at


async def people(uow: UnitOfWork, only: Sequence[UUID] | None) -> dict[UUID, int]:
    """The buildings by name, each with how many people are on its list."""
    rows = await uow.connection.execute(_PEOPLE, {"only": _listed(only)})
    return {row.building_id: row.people for row in rows}


def _listed(only: Sequence[UUID] | None) -> list[UUID] | None:
    return None if only is None else list(only)
