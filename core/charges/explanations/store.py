"""What an explanation is made from, read in one statement."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from core.buildings.model import GENERAL, Lot
from core.charges.explanations.model import Evidence
from core.charges.model import Call, Expense, Settlement
from core.charges.parts.model import Register
from core.database import UnitOfWork, from_jsonb
from core.kernel.periods import Period
from core.people.model import Ownership

R = TypeVar("R", Call, Expense, Settlement, Ownership, Lot)

_EVIDENCE = text(
    """
    WITH mine AS MATERIALIZED (
        SELECT DISTINCT lot FROM ownership WHERE building_id = :building AND person = :person
    ), closing AS MATERIALIZED (
        SELECT * FROM settlements WHERE building_id = :building AND day BETWEEN :first AND :last AND day <= :asked
    ), call AS MATERIALIZED (
        SELECT * FROM calls c WHERE building_id = :building AND ((due BETWEEN :first AND :last AND day <= :asked)
            OR (fund = 'working' AND EXISTS (SELECT 1 FROM closing s WHERE c.due BETWEEN s.first AND s.last)))
    ), expense AS MATERIALIZED (
        SELECT * FROM expenses e WHERE building_id = :building AND fund = 'working'
            AND EXISTS (SELECT 1 FROM closing s WHERE e.day BETWEEN s.first AND s.last)
    )
    SELECT
        (SELECT jsonb_agg(to_jsonb(l) ORDER BY position) FROM lots l WHERE building_id = :building AND lot IN (SELECT lot FROM mine))
            AS lots,
        (SELECT jsonb_agg(to_jsonb(o) ORDER BY position) FROM ownership o
            WHERE building_id = :building AND lot IN (SELECT lot FROM mine)) AS ownership,
        (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.first) FROM closing s) AS settlements,
        (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.due, c.position) FROM call c) AS calls,
        (SELECT jsonb_agg(to_jsonb(e) ORDER BY e.day, e.position) FROM expense e) AS expenses,
        (SELECT jsonb_agg(jsonb_build_array(source, lot, cents)) FROM parts
            WHERE building_id = :building AND lot IN (SELECT lot FROM mine) AND source IN (
                SELECT 'call:' || number FROM call UNION ALL SELECT 'expense:' || number FROM expense)) AS parts,
        (SELECT jsonb_agg(jsonb_build_array(key, lot, weight)) FROM distribution_weights
            WHERE building_id = :building AND lot IN (SELECT lot FROM mine)) AS weights,
        (SELECT jsonb_object_agg(key, whole) FROM (SELECT key, sum(weight) AS whole FROM distribution_weights
            WHERE building_id = :building GROUP BY key) AS sums) AS wholes,
        (SELECT sum(shares)::bigint FROM lots WHERE building_id = :building) AS shares
    """
)


async def evidence(uow: UnitOfWork, building: UUID, person: str, period: Period, asked_on: date) -> Evidence:
    """Of what was issued and booked by the day of asking."""
    row = (
        await uow.connection.execute(
            _EVIDENCE,
            {"building": building, "person": person, "first": period.first, "last": period.last, "asked": asked_on},
        )
    ).one()
    lots = _rows(Lot, row.lots)
    weights = {(key, lot): weight for key, lot, weight in from_jsonb(row.weights) or []}
    weights.update({(GENERAL, lot.lot): lot.shares for lot in lots})
    return Evidence(
        register=Register(lots, (), _rows(Ownership, row.ownership)),
        calls=_rows(Call, row.calls),
        settlements=_rows(Settlement, row.settlements),
        expenses=_rows(Expense, row.expenses),
        weights=weights,
        wholes={**(from_jsonb(row.wholes) or {}), GENERAL: row.shares},
        parts={(source, lot): cents for source, lot, cents in from_jsonb(row.parts) or []},
    )


def _rows(kind: type[R], stored: Any) -> list[R]:
    """Rows that came as JSON, as what they are."""
    kinds = {field.name: str(field.type) for field in fields(kind)}
    return [
        kind(**{name: _value(row[name], written) for name, written in kinds.items()})
        for row in from_jsonb(stored) or []
    ]


def _value(value: Any, written: str) -> Any:
    return date.fromisoformat(value) if written.startswith("date") and value is not None else value
