"""Bars, one below the other: where each begins and how wide it is, in thousandths of the width of the picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WIDE = 1000
"""The width of the picture."""
THINNEST = 5
"""What is not zero is seen."""
MOST = 20
"""Bars in one picture; more are a wall. The table beside it has them all."""
FULL, SHORT = 52, 33
"""Letters of a label and of its number together, on a wide and on a narrow screen."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a bar stands for. `shown`: the value as its reader writes it, with its unit."""

    label: str
    value: int
    shown: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from `x` on, so wide; `full` and `short` are its label, cut to the room that its number leaves."""

    row: Row
    x: int
    width: int

    @property
    def below(self) -> bool:
        """Whether it stands for less than zero."""
        return self.row.value < 0

    @property
    def full(self) -> str:
        return _cut(self.row.label, FULL - len(self.row.shown))

    @property
    def short(self) -> str:
        return _cut(self.row.label, SHORT - len(self.row.shown))


@dataclass(frozen=True, slots=True)
class BarChart:
    """`bars` are drawn, `rows` are all there are; `zero`: where the line between what is above and below zero stands."""

    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    zero: int = 0


def bars(rows: Iterable[Row], whole: int = 0, most: int = MOST) -> BarChart:
    """`whole`: the value of a full bar, where that is more than the largest."""
    every = tuple(rows)
    drawn = every[:most]
    highest = max([whole, *(row.value for row in drawn)], default=0)
    highest, lowest = max(highest, 0), min([0, *(row.value for row in drawn)])
    span = highest - lowest or 1
    zero = WIDE * -lowest // span
    return BarChart(every, tuple(_bar(row, zero, span) for row in drawn), zero)


def _bar(row: Row, zero: int, span: int) -> Bar:
    if row.value == 0:
        return Bar(row, zero, 0)
    wide = max(WIDE * abs(row.value) // span, THINNEST)
    if row.value > 0:
        return Bar(row, min(zero, WIDE - wide), wide)
    return Bar(row, max(zero - wide, 0), wide)


def _cut(label: str, most: int) -> str:
    return label if len(label) <= most else label[: max(most - 1, 1)].rstrip() + "…"
