"""A table as far as it could be read: what the checks between rows and files look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.interchange.model import Fault
from core.interchange.tables import Table

_LONE = re.compile("[\ud800-\udfff]")
"""What stands for a byte that is no UTF-8."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the line on which it begins. `raw`: the texts of its cells; `cells`: the values of those that could be read."""

    line: int
    raw: Mapping[str, str]
    cells: Mapping[str, Any]

    def has(self, *columns: str) -> bool:
        return all(column in self.cells for column in columns)

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]


@dataclass(slots=True)
class Sheet:
    """A table of a building. `torn`: rows may be missing, because the file or a part of it could not be read at all."""

    table: Table
    present: bool
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    torn: bool = False

    def models(self) -> tuple[Any, ...]:
        """The rows as the model has them; only where nothing is wrong."""
        make, columns = self.table.model, [column for column in self.table.columns if column.name in self.columns]
        fields = [(column.attribute, column.name) for column in columns]
        return tuple(make(**{attribute: row.cells[name] for attribute, name in fields}) for row in self.rows)

    def names(self, column: str) -> Names:
        """What the rows are called in this column, for others to refer to."""
        found = [row.raw.get(column, "").strip() for row in self.rows]
        sure = not self.torn and (column in self.columns or not self.rows) and not any(map(_LONE.search, found))
        return Names(frozenset(found) - {""}, found.count(""), sure)


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a file gives, and how many of its rows have none. `sure`: all of the file could be read."""

    known: frozenset[str]
    nameless: int
    sure: bool

    def lacks(self, used: Iterable[str]) -> set[str]:
        """Which of the names that are used stand nowhere: none, if the rows without a name may be what they mean."""
        strange = set(used) - self.known if self.sure else set()
        return strange if len(strange) > self.nameless else set()
