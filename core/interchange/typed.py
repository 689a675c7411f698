"""A building as somebody types it: settings and rows as texts, with a version, and what is wrong told by row and column."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType

from core.interchange.cells import LONGEST_TEXT
from core.interchange.model import BUILDING, BuildingFiles, Fault, Faults, shown
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS, Table
from core.interchange.toml_writing import NAMES, settings_text
from core.interchange.writing import cell
from core.kernel.errors import DomainError
from core.kernel.text import Text

TYPED = (LOTS, WEIGHTS, PEOPLE, OWNERSHIP, TENANCIES)
"""The tables that are filled in by hand, in the order in which one can."""
BY_FILE: Mapping[str, Table] = {table.file: table for table in TYPED}
MOST_ROWS = 2000
"""Of one table; a building with more comes as files."""
MOST_SIGNS = 2_000_000

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Line = Mapping[str, str]
"""A row: for each column of its table the text of the cell."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed of a building. `settings` by the names of `building.toml` (`accounts.working`); `tables` by file."""

    settings: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)

    def rows(self, table: Table) -> tuple[Line, ...]:
        return self.tables.get(table.file, ())

    def with_settings(self, settings: Mapping[str, str]) -> Typed:
        """The same with some settings changed. DomainError for what can not be kept."""
        return _measured(replace(self, settings={**self.settings, **clean_settings(settings)}))

    def with_rows(self, table: Table, rows: Iterable[Line]) -> Typed:
        """The same with all rows of a table exchanged; empty ones are left out. DomainError for what can not be kept."""
        return _measured(replace(self, tables={**self.tables, table.file: clean_rows(table, rows)}))

    @property
    def fingerprint(self) -> str:
        """What tells one state of the building from another: it is the same where nothing differs."""
        content = json.dumps(
            [sorted(self.settings.items()), [[sorted(row.items()) for row in self.rows(table)] for table in TYPED]]
        )
        return sha256(content.encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where it was typed. `row` counts from 0, None for the table as a whole; `column` empty for the row as a whole.

    `file` is `building.toml` for a setting, and then `column` its name.
    """

    file: str
    row: int | None
    column: str
    wrong: Text


class Problems(DomainError):
    """All that is wrong with what was typed, in the order of the files and of their rows. Nothing was changed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("setup.problems", count=len(self.problems))


class Outdated(DomainError):
    """Somebody else changed it meanwhile: what was typed is not taken over, and nothing is overwritten."""


def table_named(file: str) -> Table:
    """The table of that name, where it is one that is filled in by hand. DomainError."""
    if file not in BY_FILE:
        raise DomainError("setup.unknown_table", found=shown(file))
    return BY_FILE[file]


def typed(files: BuildingFiles) -> Typed:
    """What one would have typed for a building."""
    return Typed(
        settings_text(files.building),
        {
            table.file: tuple(
                MappingProxyType({column.name: cell(column, row, files.unsaid_funds) for column in table.columns})
                for row in getattr(files, table.rows)
            )
            for table in TYPED
        },
    )


def clean_settings(settings: Mapping[str, str]) -> dict[str, str]:
    for name in settings:
        if name not in NAMES:
            raise DomainError("interchange.fault.toml_unknown", column=shown(name))
    return {name: _clean(name, text) for name, text in settings.items()}


def clean_rows(table: Table, rows: Iterable[Line]) -> tuple[Line, ...]:
    """The rows with every column of the table, spaces around each cell taken off; rows in which nothing stands are left out."""
    cleaned = []
    for row in rows:
        for name in row:
            if name not in table.names():
                raise DomainError("interchange.fault.unknown_column", column=shown(name))
        line = {name: _clean(name, row.get(name, "")) for name in table.names()}
        if any(line.values()):
            cleaned.append(MappingProxyType(line))
        if len(cleaned) > MOST_ROWS:
            raise DomainError("setup.too_many_rows", count=MOST_ROWS)
    return tuple(cleaned)


def _clean(name: str, text: str) -> str:
    """A cell as it is kept. What a browser breaks lines with is one sign here."""
    if hidden := _UNSTORABLE.search(text):
        raise DomainError("interchange.fault.hidden_sign", column=name, sign=f"U+{ord(hidden[0]):04X}")
    if len(text) > 2 * LONGEST_TEXT:
        raise DomainError("interchange.fault.too_long", column=name, found=str(len(text)), most=str(LONGEST_TEXT))
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _measured(found: Typed) -> Typed:
    signs = sum(map(len, found.settings.values()))
    signs += sum(len(text) for rows in found.tables.values() for row in rows for text in row.values())
    if signs > MOST_SIGNS:
        raise DomainError("setup.too_much")
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """A table as the bytes of its file, and the row that stands on each line."""

    content: bytes
    rows: Mapping[int, int]


def written(table: Table, rows: Sequence[Line], present: Iterable[str] = ()) -> Written:
    """The file of a table. An optional column stands there where it did (`present`), and where a row needs it."""
    there = set(present)
    columns = [
        column.name
        for column in table.columns
        if not column.optional or column.name in there or any(row[column.name] for row in rows)
    ]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    line, lines = 2, {}
    for place, row in enumerate(rows):
        lines[line] = place
        writer.writerow([row[name] for name in columns])
        line += 1 + sum(row[name].count("\n") for name in columns)
    return Written(out.getvalue().encode(), lines)


def problems(faults: Faults, tables: Mapping[str, Written]) -> Problems:
    """The same faults by row and column. Where one speaks of another line of its table, it says the row, counted from 1."""
    return Problems(_problem(fault, tables.get(fault.file)) for fault in faults.faults)


def _problem(fault: Fault, table: Written | None) -> Problem:
    values = dict(fault.wrong.values)
    column = str(values.get("column", ""))
    if fault.file == BUILDING:
        return Problem(BUILDING, None, column, fault.wrong)
    row = table.rows.get(fault.line) if table else None
    other = values.get("line")
    if table and isinstance(other, str) and other.isdigit() and int(other) in table.rows:
        values["line"] = str(table.rows[int(other)] + 1)
    return Problem(fault.file, row, column, Text(fault.wrong.key, values))
