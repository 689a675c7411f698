"""The log as a table to take along: CSV (RFC 4180), UTF-8."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from core.buildings.model import Known
from core.database import UnitOfWork
from core.kernel.clock import BRUSSELS
from core.kernel.i18n import Words
from core.kernel.text import say
from core.people.audit import cards
from core.people.audit import service as audit
from core.people.audit.model import Entry, Fields, Filter
from web_admin.audit.words import subject

MARK = "\ufeff"
"""At the beginning, so that spreadsheets read what follows as UTF-8."""
ACTIVE = ("=", "+", "-", "@", "\t", "\r")
"""Signs with which a spreadsheet begins to compute, or hides that it does."""

Apart = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


async def sheet(apart: Apart, wanted: Filter, houses: Mapping[UUID, Known], words: Words) -> AsyncIterator[bytes]:
    """Piece by piece, newest first; no connection is held while the reader takes one."""
    columns = ("number", "at", "building", "actor", "deed", "subject", "before", "after")
    yield (MARK + line(words(say(f"office.audit.column.{column}")) for column in columns)).encode()
    older: int | None = None
    while True:
        async with apart() as uow:
            page = await audit.entries(uow, wanted, older, audit.MOST_ENTRIES)
        yield "".join(line(_cells(entry, houses, words)) for entry in page.entries).encode()
        older = page.older
        if older is None:
            return


def line(cells: Iterable[str]) -> str:
    """A line of the table. A cell that a spreadsheet would compute gets an apostrophe, with which it stays a text."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(ACTIVE) else cell for cell in cells])
    return out.getvalue()


def _cells(entry: Entry, houses: Mapping[UUID, Known], words: Words) -> list[str]:
    house = houses.get(entry.building) if entry.building else None
    return [
        str(entry.number),
        entry.at.astimezone(BRUSSELS).isoformat(timespec="seconds"),
        house.building.name if house else "",
        entry.actor.name,
        words(cards.sentence(entry)),
        words(subject(entry)),
        _json(entry.before),
        _json(entry.after),
    ]


def _json(fields: Fields | None) -> str:
    return "" if fields is None else json.dumps(dict(fields), ensure_ascii=False)
