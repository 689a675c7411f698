"""Reads lists a piece at a time: only the rows of a piece leave the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from core.charges.accounts.model import Posting
from core.charges.model import Call, Expense, Payment
from core.charges.store import TABLES
from core.database import UnitOfWork
from core.interchange.extracts.model import After, Received, Sent, Span
from core.kernel.clock import BRUSSELS

R = TypeVar("R", Expense, Call)

_FAR = date.max


async def dated(
    uow: UnitOfWork, building: UUID, kind: type[R], span: Span, after: After | None, most: int
) -> list[tuple[R, int]]:
    """Expenses or calls by day, those of one day in the order of the file; each with its place in that."""
    names = ", ".join(field.name for field in fields(kind))
    rows = await uow.connection.execute(
        text(
            f"SELECT {names}, position FROM {TABLES[kind]} WHERE building_id = :building AND day BETWEEN :first AND :last"
            " AND (day, position) > (CAST(:day AS date), CAST(:place AS integer)) ORDER BY day, position LIMIT :most"
        ),
        {"building": building, "most": most, **_bounds(span), **_behind(after)},
    )
    return [(kind(*row[:-1]), row[-1]) for row in rows]


async def payments(
    uow: UnitOfWork, building: UUID, person: str | None, span: Span, after: After | None, most: int
) -> list[tuple[Received, int]]:
    """Payments by day, those of one day in the order of the file; each with its place in that."""
    rows = await uow.connection.execute(
        text(
            "SELECT * FROM (SELECT day, person, cents, reference, source, position,"
            "  row_number() OVER (PARTITION BY day, person, cents, reference, source ORDER BY position) AS ordinal"
            "  FROM payments WHERE building_id = :building AND day BETWEEN :first AND :last"
            "  AND person = coalesce(CAST(:person AS text), person)) AS numbered"
            " WHERE (day, position) > (CAST(:day AS date), CAST(:place AS integer)) ORDER BY day, position LIMIT :most"
        ),
        {"building": building, "person": person, "most": most, **_bounds(span), **_behind(after)},
    )
    return [
        (Received(Payment(row.day, row.person, row.cents, row.reference, row.source), row.ordinal), row.position)
        for row in rows
    ]


async def deliveries(
    uow: UnitOfWork,
    building: UUID,
    span: Span,
    fate: str | None,
    kinds_left_out: Sequence[str],
    after: int,
    most: int,
) -> list[tuple[Sent, int]]:
    """What the people of a building were told, oldest first, each with its place: what is about the building, and what is about none and was
    told to somebody who lives or owns there. Days are those of Brussels."""
    begin = datetime.combine(span.first, time(), BRUSSELS) if span.first else None
    end = datetime.combine(span.last + timedelta(days=1), time(), BRUSSELS) if span.last else None
    rows = await uow.connection.execute(
        text(
            "SELECT d.delivery_id, coalesce(r.person, '') AS person, d.channel, d.kind, d.language, d.fate, d.reason, d.evidence,"
            " d.attempts, d.created_at, d.sent_at, d.ordinal FROM deliveries d"
            " LEFT JOIN residents r ON r.building_id = :building AND r.person_id = d.person_id"
            " WHERE (d.building_id = :building OR (d.building_id IS NULL AND r.person IS NOT NULL))"
            " AND NOT d.gathers AND d.kind <> ALL(CAST(:left_out AS text[])) AND d.ordinal > :after"
            " AND d.fate = coalesce(CAST(:fate AS text), d.fate)"
            " AND (CAST(:begin AS timestamptz) IS NULL OR d.created_at >= CAST(:begin AS timestamptz))"
            " AND (CAST(:end AS timestamptz) IS NULL OR d.created_at < CAST(:end AS timestamptz))"
            " ORDER BY d.ordinal LIMIT :most"
        ),
        {
            "building": building,
            "left_out": list(kinds_left_out),
            "after": after,
            "fate": fate,
            "begin": begin,
            "end": end,
            "most": most,
        },
    )
    return [(Sent(*row[:-1]), row[-1]) for row in rows]


async def postings(uow: UnitOfWork, building: UUID, persons: Sequence[str]) -> dict[str, list[Posting]]:
    """What the books of a building say of these persons. A document that was reversed and booked anew counts once."""
    rows = await uow.connection.execute(
        text(
            "SELECT l.person, e.kind, e.fund, e.booked_on, e.known_on, e.due, sum(l.cents)::bigint AS cents, e.source"
            " FROM ledger_lines l JOIN ledger_entries e ON e.building_id = l.building_id AND e.number = l.entry"
            " WHERE l.building_id = :building AND l.person = ANY(CAST(:persons AS text[])) AND l.person <> ''"
            " GROUP BY l.person, e.kind, e.fund, e.booked_on, e.known_on, e.due, e.source HAVING sum(l.cents) <> 0"
        ),
        {"building": building, "persons": list(persons)},
    )
    found: dict[str, list[Posting]] = {person: [] for person in persons}
    for row in rows.all():
        found[row[0]].append(Posting._make(row[1:]))
    return found


async def booked_persons(uow: UnitOfWork, building: UUID) -> set[str]:
    """Those of whom the books of a building say something."""
    rows = await uow.connection.execute(
        text("SELECT DISTINCT person FROM ledger_lines WHERE building_id = :building AND person <> ''"),
        {"building": building},
    )
    return set(rows.scalars())


def _bounds(span: Span) -> dict[str, Any]:
    return {"first": span.first or date.min, "last": span.last or _FAR}


def _behind(after: After | None) -> dict[str, Any]:
    day, place = after or (date.min, -1)
    return {"day": day, "place": place}
