"""Long lists in pages: which of them is asked for, and what stands on it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paged(Generic[Row]):
    """One page of a list. `page` counts from 1, and is one of `pages`."""

    rows: Sequence[Row]
    page: int
    pages: int


def number(given: str) -> int:
    """The page that an address asks for; the first where that is no number."""
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 6 else 1


def paged(rows: Sequence[Row], size: int, given: str) -> Paged[Row]:
    """The page that is asked for; the last one where there are not so many."""
    pages = max(1, -(-len(rows) // size))
    page = min(number(given), pages)
    return Paged(rows[(page - 1) * size : page * size], page, pages)
