"""From a building back to the bytes of its files, in canonical form."""

from __future__ import annotations

import csv
import io
from typing import Any

from core.charges.model import Expense
from core.interchange.model import BUILDING, DOCUMENTS, BuildingFiles
from core.interchange.tables import TABLES, Column, Table
from core.interchange.toml_writing import building_source


def write_building(files: BuildingFiles) -> dict[str, bytes]:
    """All files by relative path: `write_tables`, and what lies in `documents/`."""
    stored = {f"{DOCUMENTS}{path}": stored.read() for path, stored in files.files.items()}
    return write_tables(files) | stored


def write_tables(files: BuildingFiles) -> dict[str, bytes]:
    """`building.toml` as its author wrote it, as far as it is still so, and each table that was there or has rows: columns in the order of
    the table, lines ended by LF, quotes where they must be.
    """
    written = {BUILDING: building_source(files.building).encode()}
    for table in TABLES:
        rows = getattr(files, table.rows)
        if rows or table.file in files.columns:
            written[table.file] = _table(table, rows, files.columns.get(table.file), files.unsaid_funds)
    return written


def _table(table: Table, rows: tuple[Any, ...], present: tuple[str, ...] | None, unsaid: frozenset[str]) -> bytes:
    columns = [column for column in table.columns if _wanted(column, rows, present)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([cell(column, row, unsaid) for column in columns])
    return out.getvalue().encode()


def _wanted(column: Column, rows: tuple[Any, ...], present: tuple[str, ...] | None) -> bool:
    """An optional column stands where it stood, and where leaving it out would lose something."""
    if present is None or column.name in present or not column.optional:
        return True
    unsaid = column.kind.read("")
    return any(getattr(row, column.attribute) != unsaid for row in rows)


def cell(column: Column, row: Any, unsaid: frozenset[str]) -> str:
    """What stands in a column of a row."""
    if column.name == "fund" and isinstance(row, Expense) and row.number in unsaid:
        return ""
    return column.kind.write(getattr(row, column.attribute))
