"""A row as another program gives it, read by the kinds of cell that the files have, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.interchange import cells
from core.interchange.cells import Wrong, money_text
from core.interchange.model import Fault, shown
from core.interchange.sheets import Row, Sheet
from core.interchange.tables import EXPENSES, PAYMENTS, SETTLEMENTS, TABLES, Column, Table
from core.kernel.text import Text, Value, say

MOST_ROWS = 1000
"""Rows of one batch."""
MOST_DIGITS = 30
"""More digits make no amount; nobody has to read them all to know."""

_CENTS = "_cents"
_MAY_BE_ABSENT: Mapping[str, tuple[str, ...]] = {
    EXPENSES.file: ("key", "document", "private_lot", "fund"),
    PAYMENTS.file: ("reference",),
}
"""Fields that may be left out: the empty cells of the files."""
_CONCERNED: Mapping[str, tuple[str, ...]] = {
    "total": ("total_cents", "net_cents", "vat_rate"),
    "key_and_lot": ("key", "private_lot"),
    "neither_key_nor_lot": ("key", "private_lot"),
    "unowned": ("date", "key", "private_lot"),
    "payment_of_nothing": ("amount_cents",),
    "payment_contained": ("date", "person"),
}
"""The fields that a fault between cells is about."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong: in which row of the batch, counted from 0 (None: in none alone), and in which of its fields."""

    row: int | None
    fields: tuple[str, ...]
    wrong: Text


class Mistakes(Exception):
    """All that is wrong with a batch, of which nothing was entered."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        super().__init__()
        self.mistakes = tuple(sorted(mistakes, key=lambda one: -1 if one.row is None else one.row))


def field_of(column: Column) -> str:
    """The name that a column has outside the files: money says that it is counted in cents."""
    return f"{column.name}{_CENTS}" if column.kind is cells.MONEY else column.name


def is_whole(column: Column) -> bool:
    """Whether a field is a number: an amount in cents, or a percentage."""
    return column.kind is cells.MONEY or column.name == "vat_rate"


def may_be_absent(table: Table, column: Column) -> bool:
    return column.name in _MAY_BE_ABSENT[table.file]


def read_rows(table: Table, given: Sequence[Any], line: int) -> tuple[list[Row], list[Mistake]]:
    """The rows as the checks between rows look at them, the first on `line`, and what is wrong with their fields."""
    rows, mistakes = [], []
    for number, one in enumerate(given):
        row, wrong = _read_row(table, one, line + number)
        rows.append(row)
        mistakes += [Mistake(number, fields, what) for fields, what in wrong]
    return rows, mistakes


def _read_row(table: Table, given: Any, line: int) -> tuple[Row, list[tuple[tuple[str, ...], Text]]]:
    if not isinstance(given, Mapping):
        return Row(line, {}, {}), [((), say("additions.no_object"))]
    columns = {field_of(column): column for column in table.columns}
    wrong: list[tuple[tuple[str, ...], Text]] = [
        ((shown(name),), say("additions.unknown_field", field=shown(name))) for name in given if name not in columns
    ]
    raw: dict[str, str] = {}
    read: dict[str, Any] = {}
    for field, column in columns.items():
        if field not in given and not may_be_absent(table, column):
            wrong.append(((field,), say("additions.missing_field", field=field)))
            continue
        try:
            raw[column.name] = _cell(field, column, given.get(field, ""))
            read[column.name] = column.kind.read(raw[column.name])
        except Wrong as fault:
            wrong.append(((field,), fault.at(field)))
        except _WrongType as fault:
            wrong.append(((field,), fault.text))
    return Row(line, raw, read), wrong


class _WrongType(Exception):
    def __init__(self, key: str, field: str) -> None:
        super().__init__(key)
        self.text = Text(key, {"field": field})


def _cell(field: str, column: Column, value: Any) -> str:
    """What would stand in the cell of a file. JSON has one kind of number: 100.0 is a whole one."""
    if not is_whole(column):
        if not isinstance(value, str):
            raise _WrongType("additions.no_text", field)
        return value
    if isinstance(value, Decimal) and abs(value.adjusted()) <= MOST_DIGITS and value == value.to_integral_value():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _WrongType("additions.no_whole_number", field)
    if abs(value) >= 10**MOST_DIGITS:
        raise _WrongType("additions.too_large", field)
    return money_text(value) if column.kind is cells.MONEY else str(value)


def sheet_of(table: Table, rows: Sequence[Any]) -> Sheet:
    """Stored rows as the checks look at them, each on the line that it has in the file."""
    read = []
    for place, row in enumerate(rows):
        values = {column.name: getattr(row, column.attribute) for column in table.columns}
        raw = {column.name: column.kind.write(values[column.name]) for column in table.columns}
        read.append(Row(place + 2, raw, values))
    return Sheet(table, present=True, columns=table.names(), rows=read)


def no_rows(*but: Table) -> dict[str, Sheet]:
    """A building's tables without a row."""
    return {table.file: Sheet(table, present=False) for table in TABLES if table not in but}


def mistake(table: Table, fault: Fault, first: int) -> Mistake | None:
    """A fault of the checks as one of the batch whose first row has that line; None where it is about none of its rows.

    What is wrong with a settlement is wrong because of an expense that would fall into it.
    """
    key = fault.wrong.key.removeprefix("interchange.fault.")
    if fault.file == SETTLEMENTS.file and key == "settled_unowned":
        return Mistake(None, (), fault.wrong)
    if fault.file != table.file or fault.line < first:
        return None
    fields, wrong = _CONCERNED.get(key, ()), fault.wrong
    if "column" in wrong.values:
        column = next(column for column in table.columns if column.name == wrong.values["column"])
        fields = (field_of(column),)
        wrong = Text(wrong.key, {**wrong.values, "column": field_of(column)})
    if key == "repeated":
        wrong = say("additions.repeated", field=fields[0], found=_text(wrong.values["found"]))
    return Mistake(fault.line - first, fields, wrong)


def _text(value: Value) -> str:
    return str(value)
