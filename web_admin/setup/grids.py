"""The tables of a draft as grids of fields: which columns each shows, what stands in a new row, and what was typed into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.buildings.model import LOT_KINDS
from core.interchange.setup.merging import PERSON_COLUMNS
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS, Table
from core.interchange.typed import Line
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.text import say
from core.people.model import RIGHTS, ROLES
from web_admin.setup.pasting import Vocabulary, fold

A_PAGE, NEW_ROWS, MOST_IN_A_FORM = 40, 5, 400
"""Rows on a page, empty ones at its end, and how many of a form are read."""
LONGEST_CELL = 4001
"""So much of a cell is read that what is too long is refused, not cut."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field in each row. `shape`: text, email, tel, whole, day, choice, ticks, lot, person or yes.

    `options`: of a choice the family of its words, and its codes.
    """

    name: str
    shape: str = "text"
    options: tuple[str, tuple[str, ...]] = ("", ())
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A step that is filled in as a table. `counts`: the columns of which one must be filled in, or there is no row.

    `first`: how many rows an empty one begins with. `pasted`: the columns of a pasted list that has no header.
    """

    step: str
    table: Table
    columns: tuple[Column, ...]
    counts: tuple[str, ...]
    pasted: tuple[str, ...]
    first: int = NEW_ROWS

    @property
    def named(self) -> str:
        """The column by which other rows know one of these; empty where none does."""
        return {LOTS.file: "lot", PEOPLE.file: "person"}.get(self.table.file, "")


_LOT, _PERSON = Column("lot", "lot"), Column("person", "person")
_FROM, _TO = Column("from", "day"), Column("to", "day", optional=True)
GRIDS = (
    Grid(
        "lots",
        LOTS,
        (
            Column("lot"),
            Column("kind", "choice", ("kind", LOT_KINDS)),
            Column("floor", optional=True),
            Column("shares", "whole"),
        ),
        ("lot", "floor", "shares"),
        ("lot", "kind", "floor", "shares", "name", "email", "phone", "language"),
        12,
    ),
    Grid("keys", WEIGHTS, (), ("weight",), ("lot",)),
    Grid(
        "people",
        PEOPLE,
        (
            Column("name"),
            Column("email", "email", optional=True),
            Column("phone", "tel", optional=True),
            Column("language", "choice", ("language", LANGUAGES)),
            Column("roles", "ticks", ("role", ROLES)),
        ),
        ("name", "email", "phone"),
        ("name", "email", "phone", "language", "roles"),
        12,
    ),
    Grid(
        "ownership",
        OWNERSHIP,
        (
            _LOT,
            _PERSON,
            Column("right", "choice", ("right", RIGHTS)),
            Column("numerator", "whole"),
            Column("denominator", "whole"),
            _FROM,
            _TO,
            Column("representative", "yes", optional=True),
        ),
        ("person",),
        ("lot", "person", "right", "part", "from", "to"),
    ),
    Grid("tenancies", TENANCIES, (_LOT, _PERSON, _FROM, _TO), ("person",), ("lot", "person", "from", "to")),
)
BY_STEP: Mapping[str, Grid] = {grid.step: grid for grid in GRIDS}

PASTED_COLUMNS = (
    *("lot", "kind", "floor", "shares", "name", "person", *PERSON_COLUMNS),
    *("right", "part", "numerator", "denominator", "from", "to", "representative"),
)
"""What the columns of a pasted list may tell; `office.setup.known.<column>` are the words under which offices know each."""
_VALUES: Mapping[str, Sequence[str]] = {
    "kind": LOT_KINDS,
    "right": RIGHTS,
    "roles": ROLES,
    "language": LANGUAGES,
    "representative": ("yes", "no"),
}


def vocabulary(catalogues: Catalogues) -> Vocabulary:
    """The words for columns and for what stands in them, in all our languages: lists are not always in that of their reader."""

    def known(name: str) -> frozenset[str]:
        said = (words(say(f"office.setup.known.{name}")) for words in catalogues.values())
        return frozenset(fold(word) for text in said for word in (*text.split(";"), name))

    values = {column: {name: known(name) for name in names} for column, names in _VALUES.items()}
    return Vocabulary({column: known(column) for column in PASTED_COLUMNS}, values)


def new_row(grid: Grid, defaults: Mapping[str, str]) -> dict[str, str]:
    """A row in which nothing was typed yet, with what most rows have."""
    given = {"kind": "apartment", "right": "full", "numerator": "1", "denominator": "1", "representative": "no"} | {
        name: defaults.get(name, "") for name in ("language", "roles", "from")
    }
    names = grid.table.names()
    return {name: given.get(name, "") if name in names else "" for name in names}


@dataclass(frozen=True, slots=True)
class Filled:
    """A grid as it was sent: all rows of its table, what those of the named kinds were called before, and those on the page alone."""

    rows: tuple[Line, ...]
    called: tuple[tuple[str, str], ...]
    shown: tuple[Line, ...]


def filled(
    grid: Grid,
    field: Callable[[str], str],
    ticked: Callable[[str], Sequence[str]],
    before: Sequence[Line],
    words: Vocabulary,
) -> Filled:
    """What stands in the fields of a form, put into the place of the rows that were shown in it.

    `field` and `ticked` give what was sent under a name. A row keeps what the grid does not show of the one with the same name before.
    """
    first, there, count = (_number(field(name)) for name in ("first", "there", "count"))
    known = {row[grid.named]: row for row in before if row[grid.named]} if grid.named else {}
    rows: list[Line] = []
    called: list[tuple[str, str]] = []
    for place in range(min(count, MOST_IN_A_FORM)):
        was = field(f"was.{place}")
        row = {column.name: _cell(column, place, field, ticked, words) for column in grid.columns}
        if field(f"drop.{place}") or not any(row[name] for name in grid.counts):
            continue
        row = {**known.get(was, {}), **row}
        rows.append(row)
        if grid.named == "lot":
            called.append((was, row["lot"]))
    others = [row[grid.named] for row in (*before[:first], *before[first + there :])] if grid.named == "lot" else []
    return Filled(
        (*before[:first], *rows, *before[first + there :]), (*called, *((name, name) for name in others)), tuple(rows)
    )


def _cell(
    column: Column, place: int, field: Callable[[str], str], ticked: Callable[[str], Sequence[str]], words: Vocabulary
) -> str:
    name = f"{column.name}.{place}"
    if column.shape == "ticks":
        return ";".join(dict.fromkeys(each for each in ticked(name) if each))
    if column.shape == "yes":
        return "yes" if field(name) else "no"
    if column.shape in ("day", "whole"):
        return words.cell(column.name, field(name))
    return field(name)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
