"""What files would bring to a building: how many rows of each file are new, gone, and what changes of what is typed by hand. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.interchange.amendments.model import records
from core.interchange.model import BuildingFiles
from core.interchange.tables import TABLES
from core.interchange.typed import typed
from core.people.audit.model import Record


@dataclass(frozen=True, slots=True)
class Rows:
    """A file: how many rows it has, and how many of those of today's are new and are gone. A changed row is one of each."""

    file: str
    rows: int
    new: int
    gone: int


def compared(before: BuildingFiles | None, after: BuildingFiles) -> tuple[tuple[Rows, ...], tuple[Record, ...]]:
    """What is different. A building that is not there yet has no rows."""
    rows = tuple(_rows(before, after))
    if before is None:
        return rows, ()
    return rows, tuple(records(typed(before), typed(after)))


def _rows(before: BuildingFiles | None, after: BuildingFiles) -> Iterator[Rows]:
    for table in TABLES:
        now = Counter(getattr(after, table.rows))
        then = Counter(getattr(before, table.rows)) if before else Counter[object]()
        if now or then:
            yield Rows(table.file, now.total(), (now - then).total(), (then - now).total())
