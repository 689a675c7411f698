"""A form of many lots in parts: one is shown, and what was typed in the others goes along with it, packed. Pure."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.interchange.typed import MOST_ROWS
from web_admin.lots.grid import CELLS, NEW_CELLS, Grid, Row

SIZE = 60
"""Rows of one part: with them a page stays under 100 kB."""
MOST_UNPACKED = 2**22
"""Bytes; whoever packs more did not get it from us."""
_NAMES = (*CELLS, *NEW_CELLS)


@dataclass(frozen=True, slots=True)
class Part:
    """`number` counts from 1; `first` and `last`: what the lots at its ends are called; `wrong`: fields in it that cannot stay."""

    number: int
    first: str
    last: str
    wrong: int = 0


def count(grid: Grid) -> int:
    return max(1, -(-len(grid.rows) // SIZE))


def holding(place: int) -> int:
    """The part in which a row is shown."""
    return place // SIZE + 1


def of_field(name: str) -> int | None:
    """The part in which a field is shown (`shares-3`); None for one of the form as a whole."""
    place = name.rpartition("-")[2]
    return holding(int(place)) if place.isascii() and place.isdigit() and len(place) < 6 else None


def places(number: int) -> range:
    return range((number - 1) * SIZE, number * SIZE)


def parts(grid: Grid, wrong: Iterable[str]) -> list[Part]:
    """All of them, in their order; one in which no lot has a name yet has none."""
    faults = [of_field(name) for name in wrong]
    found = []
    for number in range(1, count(grid) + 1):
        called = [row.was or row.cells.get("lot", "") for row in grid.rows[(number - 1) * SIZE : number * SIZE]]
        named = [lot for lot in called if lot] or [""]
        found.append(Part(number, named[0], named[-1], faults.count(number)))
    return found


def rest_of(grid: Grid, number: int) -> str:
    """What stands in the parts that are not shown; empty where there is none."""
    shown = places(number)
    rest = [
        [place, row.was, int(row.gone), *(row.cells.get(name, "") for name in (CELLS if row.was else _NAMES))]
        for place, row in enumerate(grid.rows)
        if place not in shown
    ]
    return packed(rest) if rest else ""


def rest_in(text: str) -> dict[int, Row]:
    """The same, come back. Of what we did not pack, nothing."""
    found: dict[int, Row] = {}
    rows = unpacked(text)
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, list) or len(row) < 3 or not isinstance(row[0], int) or not isinstance(row[1], str):
            continue
        place, was, gone, *cells = row
        names = CELLS if was else _NAMES
        if 0 <= place < 2 * MOST_ROWS and len(cells) == len(names) and all(isinstance(each, str) for each in cells):
            found[place] = Row(was, dict(zip(names, cells, strict=True)), gone == 1)
    return found


def packed(value: object) -> str:
    return b64encode(
        zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    ).decode()


def unpacked(text: str) -> object:
    """None where it is nothing that we packed."""
    try:
        loose = zlib.decompressobj()
        content = loose.decompress(b64decode(text, validate=True), MOST_UNPACKED)
        return None if loose.unconsumed_tail else json.loads(content)
    except (ValueError, zlib.error, RecursionError):
        return None


def base_in(text: str) -> Mapping[str, object]:
    """What the form showed when it was opened; empty where it is nothing that we wrote: then all counts as typed."""
    found = unpacked(text)
    return found if isinstance(found, dict) else {}
