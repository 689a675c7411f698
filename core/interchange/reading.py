"""From the bytes of a folder to a building: every file read as far as it can be, and all faults told at once."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from core.interchange.building_toml import Charter, read_charter
from core.interchange.cells import Wrong
from core.interchange.checking import check, check_files
from core.interchange.folder import Folder, Unreadable
from core.interchange.model import (
    BUILDING,
    DOCUMENTS,
    FILES,
    MANDATORY,
    BuildingFiles,
    Fault,
    Faults,
    StoredFile,
    shown,
)
from core.interchange.sheets import Row, Sheet
from core.interchange.tables import DOCUMENTS as DOCUMENTS_TABLE
from core.interchange.tables import EXPENSES, TABLES, Table
from core.kernel.text import Value, say

if TYPE_CHECKING:
    from _csv import Reader

OTHER_SEPARATORS = (";", "\t", "|")


def read_building(folder: Folder) -> BuildingFiles:
    """The building that these files tell. Raises `Faults` with all that is wrong in any of them."""
    if folder.cut:
        raise Faults(folder.faults)
    faults = [*folder.faults, *_strangers(folder)]
    content: dict[str, bytes] = {}
    for file in FILES:
        if file in folder.entries:
            try:
                content[file] = folder.entries[file].read()
            except Unreadable:
                faults.append(_fault(file, 1, "unreadable"))
        elif file in MANDATORY and file not in folder.refused:
            faults.append(_fault(file, 1, "file_missing"))
    charter = read_charter(content[BUILDING]) if BUILDING in content else Charter()
    sheets = {table.file: _sheet(table, folder, content) for table in TABLES}
    files, unreadable = _stored(folder)
    faults += [*charter.faults, *unreadable]
    faults += [fault for sheet in sheets.values() for fault in sheet.faults]
    faults += [*check(sheets, charter.shares_total), *check_files(sheets, folder)]
    if faults:
        raise Faults(dict.fromkeys(faults))
    return _building(charter, sheets, files)


def read_again(content: Mapping[str, bytes], papers: Mapping[str, StoredFile]) -> BuildingFiles:
    """The building that these files tell, whose papers are kept already. Raises `Faults` with all that is wrong in any of them."""
    folder = Folder.of(content)
    charter = read_charter(content[BUILDING])
    sheets = {table.file: _sheet(table, folder, content) for table in TABLES}
    faults = [*charter.faults, *(fault for sheet in sheets.values() for fault in sheet.faults)]
    faults += check(sheets, charter.shares_total)
    if faults:
        raise Faults(dict.fromkeys(faults))
    return _building(charter, sheets, papers)


def read_table(table: Table, content: bytes) -> Sheet:
    """One table: its rows as far as they can be read, each with its line, and what is wrong with its cells."""
    return _Reading(table, content).sheet


class _Reading:
    """Reads one table, and notes what is wrong."""

    def __init__(self, table: Table, content: bytes) -> None:
        self.table = table
        self.sheet = Sheet(table, present=True)
        try:
            text, self.utf8 = content.decode("utf-8-sig"), True
        except UnicodeDecodeError as error:
            text, self.utf8 = content.decode("utf-8-sig", "surrogateescape"), False
            self.fault(error.object[: error.start].count(b"\n") + 1, "not_utf8")
        rows = self.records(text.replace("\r\n", "\n"))
        first = next(rows, None)
        if first is None or self.sheet.torn:
            if not self.sheet.torn:
                self.fault(1, "no_header", columns=",".join(table.names()))
            self.sheet.torn = True
            return
        self.header = first[1]
        self.columns = {column.name: column for column in table.columns if column.name in self.header}
        self.places = {name: self.header.index(name) for name in self.columns}
        if self.check_header(first[0]):
            self.sheet.columns = tuple(self.columns)
            for line, record in rows:
                if any(cell.strip() for cell in record):
                    self.sheet.rows.append(self.row(line, record))
                else:
                    self.fault(line, "empty_row")

    def fault(self, line: int, key: str, **values: Value) -> None:
        self.sheet.faults.append(_fault(self.table.file, line, key, **values))

    def records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Each record that is not blank, with the line on which it begins.

        A record that cannot be told apart is a fault, and reading goes on with the line after its first: where a quote is not closed,
        the lines below are as they look.
        """
        lines = io.StringIO(text, newline="\n").readlines()
        skipped = 0
        reader = _reader(lines, skipped)
        while True:
            begin = skipped + reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error:
                self.sheet.torn = True
                read = lines[begin - 1 : skipped + reader.line_num]
                self.fault(begin, "line_ending" if "\r" in "".join(read) else "quotes")
                skipped = begin
                reader = _reader(lines, skipped)
            else:
                if record and (len(record) > 1 or record[0].strip()):
                    yield begin, record

    def check_header(self, line: int) -> bool:
        """Whether the rows below can be read: some column is known."""
        names = self.table.names()
        if not self.columns:
            self.sheet.torn = True
            for sign in OTHER_SEPARATORS:
                if len(self.header) == 1 and set(self.header[0].split(sign)) & set(names):
                    self.fault(line, "separator", found=shown(sign))
                    return False
            if self.utf8:
                self.fault(line, "no_header", columns=",".join(names))
            return False
        for place, name in enumerate(self.header):
            if not name:
                self.fault(line, "nameless_column", place=str(place + 1))
            elif name not in self.columns:
                self.fault(line, "unknown_column", column=shown(name))
            elif self.header.index(name) < place:
                self.fault(line, "column_twice", column=name)
        for column in self.table.columns:
            if not column.optional and column.name not in self.columns:
                self.fault(line, "missing_column", column=column.name)
        return True

    def row(self, line: int, record: list[str]) -> Row:
        raw = {name: record[place] for name, place in self.places.items() if place < len(record)}
        if len(record) != len(self.header):
            self.fault(line, "cell_count", found=str(len(record)), expected=str(len(self.header)))
            return Row(line, raw, {})
        cells: dict[str, Any] = {}
        for name, text in raw.items():
            if not self.utf8 and any("\ud800" <= sign <= "\udfff" for sign in text):
                continue
            try:
                cells[name] = self.columns[name].kind.read(text)
            except Wrong as wrong:
                self.sheet.faults.append(Fault(self.table.file, line, wrong.at(name)))
        return Row(line, raw, cells)


def _reader(lines: list[str], skipped: int) -> Reader:
    return csv.reader((lines[place] for place in range(skipped, len(lines))), strict=True)


def _sheet(table: Table, folder: Folder, content: Mapping[str, bytes]) -> Sheet:
    if table.file in content:
        return read_table(table, content[table.file])
    missing = table.file in MANDATORY or table.file in folder.refused or table.file in folder.entries
    return Sheet(table, present=False, torn=missing)


def _strangers(folder: Folder) -> list[Fault]:
    """Tables and settings of a name that no building has: a misspelt name must not pass for an absent file."""
    return [_fault(file, 1, "unknown_file") for file in folder.entries if "/" not in file and file not in FILES]


def _stored(folder: Folder) -> tuple[dict[str, StoredFile], list[Fault]]:
    """What lies in `documents/`, by the path below it."""
    files: dict[str, StoredFile] = {}
    faults: list[Fault] = []
    for name, entry in folder.entries.items():
        if name.startswith(DOCUMENTS):
            path = name.removeprefix(DOCUMENTS)
            try:
                files[path] = StoredFile(entry.size, sha256(entry.read()).digest(), entry.read)
            except Unreadable:
                faults.append(_fault(name, 1, "unreadable"))
    return files, faults


def _building(charter: Charter, sheets: Mapping[str, Sheet], files: Mapping[str, StoredFile]) -> BuildingFiles:
    """What the rows say, now that nothing is wrong with them."""
    present = {name: sheet for name, sheet in sheets.items() if sheet.present}
    documents = sheets[DOCUMENTS_TABLE.file].rows
    expenses = sheets[EXPENSES.file].rows
    return BuildingFiles(
        charter.building(),
        columns={name: sheet.columns for name, sheet in present.items()},
        lines={name: tuple(row.line for row in sheet.rows) for name, sheet in present.items()},
        files={row.raw["file"]: files[unicodedata.normalize("NFC", row.raw["file"])] for row in documents},
        unsaid_funds=frozenset(row.raw["number"] for row in expenses if row.raw.get("fund") == ""),
        **{sheet.table.rows: sheet.models() for sheet in sheets.values()},
    )


def _fault(file: str, line: int, key: str, /, **values: Value) -> Fault:
    return Fault(file, line, say(f"interchange.fault.{key}", **values))
