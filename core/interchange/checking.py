"""What rows and files have to say to one another: every disagreement is a fault on the line where it is mended."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from core.buildings.model import GENERAL
from core.charges.model import vat_included
from core.interchange.booked import booked_faults
from core.interchange.cells import money_text
from core.interchange.folder import Folder
from core.interchange.model import DOCUMENTS as DOCUMENTS_FOLDER
from core.interchange.model import Fault, shown
from core.interchange.owned import Owned, ownership_faults
from core.interchange.sheets import Names, Row, Sheet
from core.interchange.tables import (
    CALLS,
    CONSENTS,
    DOCUMENT,
    DOCUMENTS,
    EXPENSES,
    KEY,
    LOT,
    LOTS,
    OWNERSHIP,
    PAYMENTS,
    PEOPLE,
    PERSON,
    SETTLEMENTS,
    TABLES,
    TENANCIES,
    WEIGHTS,
    Table,
)
from core.kernel.text import Value, say

Sheets = Mapping[str, Sheet]
"""The tables of a building by the name of the file."""


def check(sheets: Sheets, shares_total: int | None) -> Iterator[Fault]:
    """All faults between rows and files; the rows' own cells are checked already."""
    names = _names(sheets)
    for kind, given in names.items():
        yield from _strange(sheets, kind, given)
    for table in TABLES:
        sheet = sheets[table.file]
        yield from _repeated(sheet)
        for row in sheet.rows:
            yield from _within(table, row)
    yield from _shares(sheets[LOTS.file], shares_total)
    yield from _keys(sheets[WEIGHTS.file])
    yield from _overlaps(sheets[SETTLEMENTS.file])
    owned = Owned(sheets[OWNERSHIP.file], names[LOT])
    yield from ownership_faults(owned)
    yield from booked_faults(sheets, owned)


def check_files(sheets: Sheets, folder: Folder) -> Iterator[Fault]:
    """Every file below `documents/` is described, and what is described is there. Names are compared in Unicode NFC."""
    sheet = sheets[DOCUMENTS.file]
    there, refused = (
        {name.removeprefix(DOCUMENTS_FOLDER) for name in names if name.startswith(DOCUMENTS_FOLDER)}
        for names in (folder.entries, folder.refused)
    )
    described = {unicodedata.normalize("NFC", row.raw.get("file", "")) for row in sheet.rows}
    if DOCUMENTS_FOLDER.rstrip("/") not in folder.refused:
        for row in sheet.rows:
            if row.has("file") and unicodedata.normalize("NFC", row["file"]) not in there | refused:
                yield _fault(DOCUMENTS, row, "document_absent", found=shown(row["file"]))
    names = sheet.names("file")
    if names.sure and len(there - described) > names.nameless:
        for path in sorted(there - described):
            yield Fault(DOCUMENTS.file, 1, say("interchange.fault.document_undescribed", found=shown(path)))


def _names(sheets: Sheets) -> Mapping[str, Names]:
    keys = sheets[WEIGHTS.file].names("key")
    return {
        LOT: sheets[LOTS.file].names("lot"),
        PERSON: sheets[PEOPLE.file].names("person"),
        KEY: replace(keys, known=keys.known | {GENERAL}),
        DOCUMENT: sheets[DOCUMENTS.file].names("file"),
    }


def _strange(sheets: Sheets, kind: str, names: Names) -> Iterator[Fault]:
    """Cells that name a lot, a person, a key or a document that stands nowhere."""
    used = [
        (sheet.table, row, column.name, row[column.name])
        for sheet in sheets.values()
        for column in sheet.table.columns
        if column.refers == kind
        for row in sheet.rows
        if row.cells.get(column.name)
    ]
    strange = names.lacks(name for _, _, _, name in used)
    for table, row, column_name, name in used:
        if name in strange:
            yield _fault(table, row, f"unknown_{kind}", column=column_name, found=shown(name))


def _repeated(sheet: Sheet) -> Iterator[Fault]:
    """What stands a second time, on its later line."""
    for columns in sheet.table.unique:
        first: dict[tuple[object, ...], int] = {}
        for row in sheet.rows:
            if not row.has(*columns) or not any(row[column] for column in columns):
                continue
            line = first.setdefault(tuple(_compared(column, row[column]) for column in columns), row.line)
            if line == row.line:
                continue
            if len(columns) == 1:
                found = shown(row[columns[0]])
                yield _fault(sheet.table, row, "repeated", column=columns[0], found=found, line=str(line))
            else:
                found = shown(", ".join(row.raw[column] for column in columns))
                yield _fault(sheet.table, row, "row_repeated", columns=", ".join(columns), found=found, line=str(line))


def _compared(column: str, value: object) -> object:
    """What makes two values the same: addresses in any case, paths however their accents are stored."""
    if column == "email":
        return str(value).casefold()
    return unicodedata.normalize("NFC", str(value)) if column == "file" else value


def _within(table: Table, row: Row) -> Iterator[Fault]:
    """What the cells of one row have to say to one another."""
    if table is PEOPLE and row.cells.get("channels_accepted") and row.cells.get("accepted_on", row) is None:
        yield _fault(table, row, "acceptance_undated")
    if table is CONSENTS:
        yield from _in_order(table, row, "accepted_on", "withdrawn_on")
    if table is OWNERSHIP or table is TENANCIES:
        yield from _in_order(table, row, "from", "to")
    if table is OWNERSHIP and row.has("numerator", "denominator") and row["numerator"] > row["denominator"]:
        yield _fault(table, row, "fraction", found=f"{row['numerator']}/{row['denominator']}")
    if table is EXPENSES:
        yield from _expense(table, row)
    if table is CALLS:
        yield from _in_order(table, row, "date", "due")
    if table is SETTLEMENTS:
        yield from _in_order(table, row, "period_from", "period_to")
        yield from _in_order(table, row, "period_to", "date")
        yield from _in_order(table, row, "date", "due")
    if table is PAYMENTS and row.has("amount") and row["amount"] == 0:
        yield _fault(table, row, "payment_of_nothing")


def _in_order(table: Table, row: Row, earlier: str, later: str) -> Iterator[Fault]:
    if row.has(earlier, later) and row[later] is not None and row[later] < row[earlier]:
        first, second = row[earlier].isoformat(), row[later].isoformat()
        yield _fault(table, row, "days_in_disorder", earlier=earlier, later=later, first=first, second=second)


def _expense(table: Table, row: Row) -> Iterator[Fault]:
    if row.has("net", "vat_rate", "total"):
        expected = vat_included(row["net"], row["vat_rate"])
        if row["total"] != expected:
            found = {"net": money_text(row["net"]), "rate": str(row["vat_rate"]), "found": money_text(row["total"])}
            yield _fault(table, row, "total", expected=money_text(expected), **found)
    if row.has("key", "private_lot"):
        if row["key"] and row["private_lot"]:
            yield _fault(table, row, "key_and_lot", key=shown(row["key"]), lot=shown(row["private_lot"]))
        elif not row["key"] and not row["private_lot"]:
            yield _fault(table, row, "neither_key_nor_lot")


def _shares(sheet: Sheet, shares_total: int | None) -> Iterator[Fault]:
    """The shares make the whole; where a lot stands twice, that is what is wrong, and a sum without it may fit."""
    if sheet.torn or shares_total is None or not all(row.has("shares") for row in sheet.rows):
        return
    once = {row.raw["lot"]: row["shares"] for row in reversed(sheet.rows)} if "lot" in sheet.columns else {}
    whole = sum(row["shares"] for row in sheet.rows)
    if shares_total not in (whole, sum(once.values())):
        line = sheet.rows[-1].line if sheet.rows else 1
        yield Fault(LOTS.file, line, say("interchange.fault.shares", found=str(whole), expected=str(shares_total)))


def _keys(sheet: Sheet) -> Iterator[Fault]:
    """A key is none that exists already, and can split something; told on its first line."""
    rows: dict[str, list[Row]] = {}
    for row in sheet.rows:
        rows.setdefault(row.raw.get("key", "").strip(), []).append(row)
    for key, of_key in rows.items():
        if key == GENERAL:
            yield _fault(WEIGHTS, of_key[0], "key_reserved", found=key)
        elif not sheet.torn and all(row.has("key", "weight") and not row["weight"] for row in of_key):
            yield _fault(WEIGHTS, of_key[0], "key_weightless", found=shown(key))


def _overlaps(sheet: Sheet) -> Iterator[Fault]:
    """Settled periods do not overlap; told on the later line of the two."""
    spans: list[tuple[date, date, Row]] = [
        (row["period_from"], row["period_to"], row)
        for row in sheet.rows
        if row.has("period_from", "period_to") and row["period_from"] <= row["period_to"]
    ]
    spans.sort(key=lambda span: (span[0], span[1], span[2].line))
    reaching: tuple[date, Row] | None = None
    for first, last, row in spans:
        if reaching and first <= reaching[0]:
            early, late = sorted((reaching[1], row), key=lambda row: row.line)
            if early.raw.get("number") != late.raw.get("number"):
                yield _fault(SETTLEMENTS, late, "periods_overlap", line=str(early.line))
        if reaching is None or last > reaching[0]:
            reaching = (last, row)


def _fault(table: Table, row: Row, key: str, /, **values: Value) -> Fault:
    return Fault(table.file, row.line, say(f"interchange.fault.{key}", **values))
