"""What somebody pastes from a spreadsheet: rows of cells by column, whatever it is separated by and however it writes a day. Pure."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

MOST_SIGNS = 200_000
"""Of what is pasted at once."""

_DAY = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})(?: 00?:00(?::00)?)?")
_ISO = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})(?:[T ]00:00(?::00)?)?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,' \u00a0\u202f][0-9]{3})+")
_WHOLE = re.compile(r"([0-9]+)(?:[.,]0+)?(?:\s*/\s*[0-9][0-9. \u00a0\u202f]*)?")
_PART = re.compile(r"([0-9]+)\s*/\s*([0-9]+)")

Known = Mapping[str, Collection[str]]
"""Columns, or what may stand in one, by the words under which people know them."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """`rows`: what stands in each row by column. `strange`: what the header calls columns that nobody knows; they were left out."""

    rows: tuple[Mapping[str, str], ...]
    strange: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`columns` by the words for them; `values` of a column by the words for each; `shapes`: which columns are days and whole numbers."""

    columns: Known
    values: Mapping[str, Known]
    days: Collection[str] = ("from", "to", "accepted_on", "provisional_acceptance")
    wholes: Collection[str] = ("shares", "weight", "numerator", "denominator", "shares_total")
    lists: Collection[str] = ("roles",)

    def column(self, header: str) -> str:
        """The column that a header means; empty where nobody knows it."""
        return _meant(header, self.columns)

    def cell(self, column: str, text: str) -> str:
        """A cell as the files write it. What cannot be understood stays as it is, so that its writer is told."""
        text = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())
        if column in self.days:
            return day(text)
        if column in self.wholes:
            return whole(text)
        if column in self.lists:
            parts = [part.strip() for part in re.split(r"[;,/+&|]", text) if part.strip()]
            return ";".join(dict.fromkeys(_meant(part, self.values[column]) or part for part in parts))
        if column in self.values:
            return _meant(text, self.values[column]) or text
        return text


def read(text: str, vocabulary: Vocabulary, columns: Sequence[str]) -> Pasted:
    """The rows of a text. Where its first row names no columns, they are taken to be `columns`, in that order."""
    records = _records(text)
    if not records:
        return Pasted(())
    meant = [vocabulary.column(cell) for cell in records[0]]
    strange: tuple[str, ...] = ()
    given = sum(bool(cell) for cell in records[0])
    if sum(map(bool, meant)) * 2 >= max(given, 1) and any(meant):
        strange = tuple(cell for cell, column in zip(records[0], meant, strict=True) if cell and not column)
        names, records = meant, records[1:]
    else:
        names = list(columns)
    rows = []
    for record in records:
        row: dict[str, str] = {}
        for name, text_of in zip(names, record, strict=False):
            if name == "part" and (part := _PART.fullmatch(text_of)):
                row |= {"numerator": part[1], "denominator": part[2]}
            elif name and name != "part" and text_of:
                row.setdefault(name, vocabulary.cell(name, text_of))
        if any(row.values()):
            rows.append(row)
    return Pasted(tuple(rows), strange)


def read_weights(text: str, vocabulary: Vocabulary) -> Pasted:
    """The rows of a table with a row for each lot and a column for each key, whose first row names the keys."""
    records = _records(text)
    if not records:
        return Pasted(())
    keys = records[0][1:]
    rows = [
        {"key": key, "lot": record[0], "weight": vocabulary.cell("weight", weight)}
        for record in records[1:]
        for key, weight in zip(keys, record[1:], strict=False)
        if key and weight
    ]
    return Pasted(tuple(rows))


def day(text: str) -> str:
    """`31/12/2020` as `2020-12-31`; anything else as it is."""
    if found := _DAY.fullmatch(text):
        return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
    if found := _ISO.fullmatch(text):
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"
    return text


def whole(text: str) -> str:
    """`1.000`, `45,00` and `45/1000` as whole numbers; anything else as it is."""
    number = text.partition("/")[0].strip()
    if _GROUPED.fullmatch(number):
        return re.sub(r"[^0-9]", "", number)
    found = _WHOLE.fullmatch(text)
    return found[1] if found else text


def _records(text: str) -> list[list[str]]:
    """The cells of each row in which something stands. The sign that separates most in the first row separates everywhere."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    separator = "\t" if "\t" in first else max(";,", key=first.count)
    found = csv.reader((f"{line}\n" for line in lines), delimiter=separator)
    try:
        records = [[cell.strip() for cell in record] for record in found]
    except csv.Error:
        records = [[cell.strip() for cell in line.split(separator)] for line in lines]
    return [record for record in records if any(record)]


def _meant(text: str, known: Known) -> str:
    folded = fold(text)
    return next((name for name, words in known.items() if folded in words), "") if folded else ""


def fold(text: str) -> str:
    """A word without its accents, points and capitals."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", " ", plain.casefold()).strip()
