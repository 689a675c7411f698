"""Where the books are kept: entries are added, never changed; the application's role could not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import text

from core.charges.ledger.model import START, Booked, Entry, Line, chain
from core.database import UnitOfWork, insert_rows


async def books(uow: UnitOfWork, building: UUID) -> list[Booked]:
    """Every entry of a building, in order."""
    entries = await uow.connection.execute(
        text(
            "SELECT number, kind, source, booked_on, known_on, due, fund, reverses, previous, hash FROM ledger_entries"
            " WHERE building_id = :building ORDER BY number"
        ),
        {"building": building},
    )
    rows = await uow.connection.execute(
        text(
            "SELECT entry, account, cents, person, lot FROM ledger_lines WHERE building_id = :building ORDER BY entry, line"
        ),
        {"building": building},
    )
    lines = {
        number: tuple(Line(row.account, row.cents, row.person, row.lot) for row in group)
        for number, group in groupby(rows, key=lambda row: row.entry)
    }
    return [
        Booked(
            row.number,
            unchecked_entry(
                row.kind,
                row.source,
                row.booked_on,
                row.known_on,
                row.due,
                row.fund,
                lines.get(row.number, ()),
                row.reverses,
            ),
            bytes(row.previous),
            bytes(row.hash),
        )
        for row in entries
    ]


def unchecked_entry(*fields: object) -> Entry:
    """An entry as it is stored: one that does not balance is for `verify` to find, not for reading to fail on."""
    entry = object.__new__(Entry)
    for name, value in zip(Entry.__dataclass_fields__, fields, strict=True):
        object.__setattr__(entry, name, value)
    return entry


async def book(uow: UnitOfWork, building: UUID, entries: Sequence[Entry]) -> list[Booked]:
    """Adds entries to the end of the chain. The caller holds the lock of the building."""
    if not entries:
        return []
    last = (
        await uow.connection.execute(
            text("SELECT number, hash FROM ledger_entries WHERE building_id = :building ORDER BY number DESC LIMIT 1"),
            {"building": building},
        )
    ).one_or_none()
    booked = chain(entries, last.number + 1 if last else 1, bytes(last.hash) if last else START)
    await insert_rows(
        uow,
        "ledger_entries",
        (
            *("building_id", "number", "kind", "source", "booked_on", "known_on", "due", "fund", "reverses"),
            *("recorded_at", "previous", "hash"),
        ),
        [
            (
                *(building, row.number, row.entry.kind, row.entry.source, row.entry.booked_on, row.entry.known_on),
                *(row.entry.due, row.entry.fund, row.entry.reverses, uow.now, row.previous, row.hash),
            )
            for row in booked
        ],
    )
    await insert_rows(
        uow,
        "ledger_lines",
        ("building_id", "entry", "line", "account", "cents", "person", "lot"),
        (
            (building, row.number, place, line.account, line.cents, line.person, line.lot)
            for row in booked
            for place, line in enumerate(row.entry.lines)
        ),
    )
    return booked
