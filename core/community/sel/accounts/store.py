"""Where hours are kept. Entries are only ever added to."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import text

from core.community.sel.accounts.model import LIMIT, Account, Booked, Entry, Kind
from core.database import UnitOfWork


async def lock(uow: UnitOfWork, building: UUID) -> None:
    """Keeps others from moving hours in this building until the transaction ends."""
    values = {"organisation": uow.organisation, "building": building, "limit": LIMIT}
    await uow.connection.execute(
        text(
            "INSERT INTO sel_settings (organisation_id, building_id, limit_minutes) VALUES (:organisation, :building, :limit)"
            " ON CONFLICT (building_id) DO NOTHING"
        ),
        values,
    )
    await uow.connection.execute(
        text("SELECT 1 FROM sel_settings WHERE building_id = :building FOR UPDATE"), {"building": building}
    )


async def limit(uow: UnitOfWork, building: UUID) -> int:
    found = await uow.connection.scalar(
        text("SELECT limit_minutes FROM sel_settings WHERE building_id = :building"), {"building": building}
    )
    return LIMIT if found is None else int(found)


async def set_limit(uow: UnitOfWork, building: UUID, minutes: int) -> None:
    await uow.connection.execute(
        text("UPDATE sel_settings SET limit_minutes = :minutes WHERE building_id = :building"),
        {"building": building, "minutes": minutes},
    )


async def account(uow: UnitOfWork, building: UUID, person: UUID) -> Account:
    row = (
        await uow.connection.execute(
            text(
                "SELECT coalesce((SELECT sum(minutes) FROM sel_lines WHERE building_id = :building AND person_id = :person), 0)::int,"
                " coalesce((SELECT sum(minutes) FROM sel_holds WHERE building_id = :building AND person_id = :person), 0)::int,"
                " coalesce((SELECT limit_minutes FROM sel_settings WHERE building_id = :building), :limit)::int"
            ),
            {"building": building, "person": person, "limit": LIMIT},
        )
    ).one()
    return Account(*row)


async def balances(uow: UnitOfWork, building: UUID) -> dict[UUID | None, int]:
    """Whatever is not zero, by person; None: the pot."""
    rows = await uow.connection.execute(
        text(
            "SELECT person_id, sum(minutes)::int AS minutes FROM sel_lines WHERE building_id = :building"
            " GROUP BY person_id HAVING sum(minutes) <> 0"
        ),
        {"building": building},
    )
    return {row.person_id: row.minutes for row in rows}


async def add(uow: UnitOfWork, building: UUID, entry: Entry) -> None:
    debit, credit = entry.lines
    await uow.connection.execute(
        text(
            "WITH booked AS ("
            " INSERT INTO sel_entries (organisation_id, building_id, kind, subject, at)"
            " VALUES (:organisation, :building, :kind, :subject, :at) RETURNING entry)"
            " INSERT INTO sel_lines (organisation_id, building_id, entry, person_id, minutes)"
            " SELECT :organisation, :building, booked.entry, line.person, line.minutes FROM booked,"
            " (VALUES (CAST(:debtor AS uuid), CAST(:debit AS int)), (CAST(:creditor AS uuid), CAST(:credit AS int)))"
            " AS line (person, minutes)"
        ),
        {
            "organisation": uow.organisation,
            "building": building,
            "kind": entry.kind.value,
            "subject": entry.subject,
            "at": uow.now,
            "debtor": debit.person,
            "debit": debit.minutes,
            "creditor": credit.person,
            "credit": credit.minutes,
        },
    )


async def last(uow: UnitOfWork, building: UUID, person: UUID, most: int) -> list[Booked]:
    """The latest entries of a person, newest first."""
    rows = await uow.connection.execute(
        text(
            "SELECT e.kind, mine.minutes, other.person_id AS other, e.at FROM sel_lines mine"
            " JOIN sel_entries e ON e.entry = mine.entry"
            " JOIN sel_lines other ON other.entry = mine.entry AND other.person_id IS DISTINCT FROM mine.person_id"
            " WHERE mine.building_id = :building AND mine.person_id = :person ORDER BY e.entry DESC LIMIT :most"
        ),
        {"building": building, "person": person, "most": most},
    )
    return [Booked(Kind(row.kind), row.minutes, row.other, row.at) for row in rows]


async def entries(uow: UnitOfWork, building: UUID) -> dict[tuple[str, UUID], dict[UUID | None, int]]:
    """The lines of every entry, by kind and subject."""
    rows = await uow.connection.execute(
        text(
            "SELECT e.kind, e.subject, l.person_id, l.minutes FROM sel_entries e LEFT JOIN sel_lines l ON l.entry = e.entry"
            " WHERE e.building_id = :building ORDER BY e.entry"
        ),
        {"building": building},
    )
    found: dict[tuple[str, UUID], dict[UUID | None, int]] = defaultdict(dict)
    for row in rows:
        lines = found[row.kind, row.subject]
        if row.minutes is not None:
            lines[row.person_id] = lines.get(row.person_id, 0) + row.minutes
    return dict(found)


async def held(uow: UnitOfWork, subject: UUID) -> tuple[UUID, UUID, int] | None:
    """What is held for something: building, person and minutes."""
    row = (
        await uow.connection.execute(
            text("SELECT building_id, person_id, minutes FROM sel_holds WHERE subject = :subject"), {"subject": subject}
        )
    ).one_or_none()
    return (row.building_id, row.person_id, row.minutes) if row else None


async def hold(uow: UnitOfWork, building: UUID, person: UUID, minutes: int, subject: UUID) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO sel_holds (organisation_id, subject, building_id, person_id, minutes, at)"
            " VALUES (:organisation, :subject, :building, :person, :minutes, :at)"
        ),
        {
            "organisation": uow.organisation,
            "subject": subject,
            "building": building,
            "person": person,
            "minutes": minutes,
            "at": uow.now,
        },
    )


async def release(uow: UnitOfWork, subject: UUID) -> None:
    await uow.connection.execute(text("DELETE FROM sel_holds WHERE subject = :subject"), {"subject": subject})


async def names(uow: UnitOfWork, persons: set[UUID]) -> dict[UUID, str]:
    """What each of these is called in full, be he still a neighbour or not."""
    rows = await uow.connection.execute(
        text("SELECT person_id, name FROM persons WHERE person_id = ANY(CAST(:persons AS uuid[]))"),
        {"persons": list(persons)},
    )
    return {row.person_id: row.name for row in rows}
