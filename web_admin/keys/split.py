"""A distribution key as a page shows it: who bears how much of it, exactly and rounded. Pure; no float."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.buildings.model import GENERAL, Lot, Weight, key_weights
from core.kernel.money import Money
from core.kernel.text import Text, say

WIDE = 1000
"""Of the stacked picture, in its own units."""
SHADES = 4
"""Neighbours in the picture differ; which lot is which says the table."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one lot bears. `part` is exact."""

    lot: str
    weight: int
    part: Fraction

    @property
    def percent(self) -> Text:
        return percent(self.part)


@dataclass(frozen=True, slots=True)
class Key:
    """A key with the parts of all lots, in their order."""

    name: str
    parts: tuple[Part, ...]

    @property
    def general(self) -> bool:
        return self.name == GENERAL

    @property
    def title(self) -> Text | str:
        return say("office.keys.general") if self.general else self.name

    @property
    def whole(self) -> int:
        return sum(part.weight for part in self.parts)

    @property
    def bearing(self) -> tuple[Part, ...]:
        """The lots that pay something."""
        return tuple(part for part in self.parts if part.weight)

    @property
    def stacked(self) -> list[tuple[int, int, int]]:
        """Begin, width and shade of each part in a picture that is `WIDE`."""
        return list(_stacked(self.bearing))

    @property
    def least(self) -> Part:
        return min(self.bearing, key=lambda part: part.weight)

    @property
    def most(self) -> Part:
        return max(self.bearing, key=lambda part: part.weight)

    def costs(self, cents: int) -> list[Money]:
        """What the amount costs each lot, by the split of the books; they add up to it."""
        return Money(cents).split([part.weight for part in self.parts])


def keys_of(lots: Sequence[Lot], weights: Sequence[Weight]) -> list[Key]:
    """The shares first, then the other keys in the order of their first rows."""
    return [_key(name, lots, weights) for name in dict.fromkeys([GENERAL, *(weight.key for weight in weights)])]


def percent(part: Fraction) -> Text:
    """In percent with two decimals, rounded half up."""
    hundredths = (part.numerator * 20_000 + part.denominator) // (2 * part.denominator)
    return say("office.keys.percent", whole=hundredths // 100, part=f"{hundredths % 100:02}")


def _key(name: str, lots: Sequence[Lot], weights: Sequence[Weight]) -> Key:
    values = key_weights(name, lots, weights)
    whole = sum(values) or 1
    return Key(
        name, tuple(Part(lot.lot, value, Fraction(value, whole)) for lot, value in zip(lots, values, strict=True))
    )


def _stacked(parts: Sequence[Part]) -> Iterator[tuple[int, int, int]]:
    reached = Fraction(0)
    for place, part in enumerate(parts):
        begin, reached = reached, reached + part.part
        first, last = int(begin * WIDE), int(reached * WIDE)
        yield first, last - first, place % SHADES
