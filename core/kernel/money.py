"""Money in integer cents, and splits that add up to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in euro cents. Negative is a credit, a refund or a credit note."""

    cents: int

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __neg__(self) -> Money:
        return Money(-self.cents)

    def __abs__(self) -> Money:
        return Money(abs(self.cents))

    def __bool__(self) -> bool:
        return self.cents != 0

    def split(self, weights: Sequence[int]) -> list[Money]:
        return [Money(part) for part in split(self.cents, weights)]


def split(cents: int, weights: Sequence[int]) -> list[int]:
    """Splits `cents` by integer `weights`, by largest remainder: the parts add up to `cents`, each is less than a cent from exact.

    The cents that are left after flooring go one each to the largest remainders, ties to the first in order. A negative amount is
    split as its absolute value and negated, so that a credit note mirrors its invoice. ValueError where no weight is above zero.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("a split needs weights of zero or more, and one above zero")
    if cents < 0:
        return [-part for part in split(-cents, weights)]
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(cents * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    left = cents - sum(parts)
    if left:
        for place in sorted(range(len(parts)), key=lambda place: (-remainders[place], place))[:left]:
            parts[place] += 1
    return parts
