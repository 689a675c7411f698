"""The step of the distribution keys: a row for each lot and a column for each key. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.interchange.typed import Line, Problem
from core.kernel.text import Text
from web_admin.setup.grids import MOST_IN_A_FORM
from web_admin.setup.pasting import whole

MOST_KEYS = 30


@dataclass(slots=True)
class Matrix:
    """`keys` by column, `lots` by row; `weights` and `wrong` by row and column. `headers`: what is wrong with a key as a whole."""

    keys: list[str]
    lots: list[str]
    weights: dict[tuple[int, int], str] = field(default_factory=dict)
    wrong: dict[tuple[int, int], list[Text]] = field(default_factory=dict)
    headers: dict[int, list[Text]] = field(default_factory=dict)

    def sums(self) -> list[int | None]:
        """What the weights of each key add up to; None where one is no number."""
        found: list[int | None] = []
        for column in range(len(self.keys)):
            given = [text for (_, place), text in self.weights.items() if place == column and text]
            right = given and all(text.isascii() and text.isdigit() and len(text) < 13 for text in given)
            found.append(sum(map(int, given)) if right else None)
        return found


def matrix(rows: Sequence[Line], lots: Sequence[str], problems: Mapping[int, Sequence[tuple[Problem, Text]]]) -> Matrix:
    """The rows of keys.csv as a table. A weight that is given twice gets a second column of that key; a lot that is nowhere, a row."""
    columns: dict[tuple[str, int], int] = {}
    often: Counter[tuple[str, str]] = Counter()
    made = Matrix([], list(dict.fromkeys(lot for lot in lots if lot)))
    for place, row in enumerate(rows):
        key, lot = row["key"], row["lot"]
        column = columns.setdefault((key, often[key, lot]), len(columns))
        often[key, lot] += 1
        if column == len(made.keys):
            made.keys.append(key)
        if lot and lot not in made.lots:
            made.lots.append(lot)
        cell = (made.lots.index(lot), column) if lot else None
        if cell:
            made.weights[cell] = row["weight"]
        for problem, wrong in problems.get(place, ()):
            if cell and problem.column in ("weight", "lot"):
                made.wrong.setdefault(cell, []).append(wrong)
            elif wrong not in made.headers.setdefault(column, []):
                made.headers[column].append(wrong)
    return made


def sent(form: Callable[[str], str], lots: Sequence[str], others: Sequence[Line]) -> tuple[Line, ...]:
    """The rows that were typed into the table; `others`: those of lots that were not shown. A key without any weight stays as a name."""
    keys = [form(f"key.{column}") for column in range(min(_number(form("keys")), MOST_KEYS))]
    called = {form(f"was.{column}"): key for column, key in enumerate(keys) if form(f"was.{column}") and key}
    rows: list[Line] = [{**row, "key": called.get(row["key"], row["key"])} for row in others]
    for column, key in enumerate(keys):
        typed = [
            {"key": key, "lot": lot, "weight": whole(weight)}
            for place, lot in enumerate(lots[:MOST_IN_A_FORM])
            if (weight := form(f"weight.{place}.{column}"))
        ]
        rows += typed
        if key and not typed and all(row["key"] != key for row in others):
            rows.append({"key": key, "lot": "", "weight": ""})
    return tuple(rows)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
