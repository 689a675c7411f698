"""Where the documents that money moves by are kept, and what the books say of one person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from core.charges.accounts.model import Posting
from core.charges.model import BudgetLine, Call, Expense, Opening, Payment, Settlement
from core.database import UnitOfWork, insert_rows
from core.kernel.periods import Period

R = TypeVar("R", BudgetLine, Call, Expense, Opening, Payment, Settlement)

TABLES: dict[type[Any], str] = {
    BudgetLine: "budget_lines",
    Expense: "expenses",
    Call: "calls",
    Settlement: "settlements",
    Opening: "openings",
    Payment: "payments",
}


async def replace(uow: UnitOfWork, building: UUID, kind: type[R], rows: Sequence[R]) -> None:
    """Stores the rows of one file of a building, in their order; the books keep their own history."""
    names: list[str] = [field.name for field in fields(kind)]
    table = TABLES[kind]
    await uow.connection.execute(text(f"DELETE FROM {table} WHERE building_id = :building"), {"building": building})
    stored: list[tuple[object, ...]] = []
    place: int
    for place in range(len(rows)):
        stored.append((building, place, *(getattr(rows[place], name) for name in names)))
    await insert_rows(uow, table, ("building_id", "position", *names), stored)


async def append(uow: UnitOfWork, building: UUID, rows: Sequence[Expense] | Sequence[Payment]) -> None:
    """Stores rows of one kind behind those of a building that are there. The caller holds the lock of the building."""
    if not rows:
        return
    table, names = TABLES[type(rows[0])], [field.name for field in fields(rows[0])]
    first = await uow.connection.scalar(
        text(f"SELECT coalesce(max(position) + 1, 0) FROM {table} WHERE building_id = :building"),
        {"building": building},
    )
    stored = [
        (building, place, *(getattr(row, name) for name in names)) for place, row in enumerate(rows, start=first or 0)
    ]
    await insert_rows(uow, table, ("building_id", "position", *names), stored)


async def every(uow: UnitOfWork, building: UUID, kind: type[R]) -> tuple[R, ...]:
    names = ", ".join(field.name for field in fields(kind))
    rows = await uow.connection.execute(
        text(f"SELECT {names} FROM {TABLES[kind]} WHERE building_id = :building ORDER BY position"),
        {"building": building},
    )
    return tuple(kind(*row) for row in rows)


async def replace_parts(uow: UnitOfWork, building: UUID, parts: Iterable[tuple[str, str, int]]) -> None:
    """Stores what of each call and expense falls on each lot: (source, lot, cents)."""
    await uow.connection.execute(text("DELETE FROM parts WHERE building_id = :building"), {"building": building})
    await append_parts(uow, building, parts)


async def append_parts(uow: UnitOfWork, building: UUID, parts: Iterable[tuple[str, str, int]]) -> None:
    """Stores what of new calls and expenses falls on each lot."""
    await insert_rows(uow, "parts", ("building_id", "source", "lot", "cents"), ((building, *part) for part in parts))


async def parts(uow: UnitOfWork, building: UUID) -> dict[tuple[str, str], int]:
    """By (source, lot): what falls on the lot, in cents."""
    rows = await uow.connection.execute(
        text("SELECT source, lot, cents FROM parts WHERE building_id = :building"), {"building": building}
    )
    return {(row.source, row.lot): row.cents for row in rows}


_POSTINGS = text(
    """
    SELECT e.building_id, e.kind, e.fund, e.booked_on, e.known_on, e.due, sum(l.cents)::bigint AS cents, e.source
    FROM unnest(CAST(:buildings AS uuid[]), CAST(:persons AS text[])) AS place (building_id, person)
    JOIN ledger_lines l ON l.building_id = place.building_id AND l.person = place.person AND l.person <> ''
    JOIN ledger_entries e ON e.building_id = l.building_id AND e.number = l.entry
    GROUP BY e.building_id, e.kind, e.fund, e.booked_on, e.known_on, e.due, e.source
    HAVING sum(l.cents) <> 0
    """
)


async def postings(uow: UnitOfWork, places: Sequence[tuple[UUID, str]]) -> dict[UUID, list[Posting]]:
    """What the books say of a person (building, code there), by building. A document that was reversed and booked anew counts once."""
    rows = await uow.connection.execute(
        _POSTINGS, {"buildings": [building for building, _ in places], "persons": [person for _, person in places]}
    )
    found: dict[UUID, list[Posting]] = {building: [] for building, _ in places}
    # Postings are read in every turn about money: `Posting._make` would take longer than all the rest of it.
    make = tuple.__new__
    for row in rows.all():
        found[row[0]].append(make(Posting, row[1:]))
    return found


async def expenses_in(uow: UnitOfWork, building: UUID, period: Period) -> list[Expense]:
    names = ", ".join(field.name for field in fields(Expense))
    rows = await uow.connection.execute(
        text(
            f"SELECT {names} FROM expenses WHERE building_id = :building AND day BETWEEN :first AND :last ORDER BY day, position"
        ),
        {"building": building, "first": period.first, "last": period.last},
    )
    return [Expense(*row) for row in rows]


async def payments_of(uow: UnitOfWork, building: UUID, person: str, until: date, most: int) -> list[Payment]:
    """The latest payments of a person, newest first."""
    names = ", ".join(field.name for field in fields(Payment))
    rows = await uow.connection.execute(
        text(
            f"SELECT {names} FROM payments WHERE building_id = :building AND person = :person AND day <= :until"
            " ORDER BY day DESC, position DESC LIMIT :most"
        ),
        {"building": building, "person": person, "until": until, "most": most},
    )
    return [Payment(*row) for row in rows]


async def totals(uow: UnitOfWork, building: UUID, until: date) -> dict[tuple[str, str, str], int]:
    """What the books hold by (kind of entry, fund, account) of what was issued by a day, in cents; a call counts before it is due."""
    rows = await uow.connection.execute(
        text(
            "SELECT e.kind, e.fund, l.account, sum(l.cents)::bigint AS cents FROM ledger_entries e"
            " JOIN ledger_lines l ON l.building_id = e.building_id AND l.entry = e.number"
            " WHERE e.building_id = :building AND e.known_on <= :until GROUP BY e.kind, e.fund, l.account"
        ),
        {"building": building, "until": until},
    )
    return {(row.kind, row.fund, row.account): row.cents for row in rows}
