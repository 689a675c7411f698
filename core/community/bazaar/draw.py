"""A draw by lot that everybody who took part can check with nothing but SHA-256. Pure.

Whoever signs up gets a ticket, a word of six signs. On the day of the draw

    seed = SHA-256 of these lines, in UTF-8, joined by one line feed: the item's id (a UUID, in lower case), the day (ISO 8601),
           and the tickets, sorted, a line each; written as 64 hexadecimal digits in lower case
    rank of a ticket = SHA-256 of the seed's 64 digits, a line feed, and the ticket

and the tickets stand in the order of their ranks, the lowest first: the first one wins, the next one follows where he lets it go. The item's
id stands before anybody signs up and a ticket is given by chance, so neither the giver nor who signs up can choose the outcome. Seed and
tickets are kept, and told to all who took part; a ticket tells nobody whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Draw:
    """`tickets`: all that took part, sorted. `seed`: 64 hexadecimal digits. `order`: the same tickets, the winning one first."""

    item: UUID
    day: date
    tickets: tuple[str, ...]
    seed: str
    order: tuple[str, ...]


def draw(item: UUID, day: date, tickets: Iterable[str]) -> Draw:
    """ValueError where a ticket stands twice, or none took part."""
    listed = tuple(sorted(tickets))
    if not listed or len(set(listed)) != len(listed):
        raise ValueError("a draw is between tickets that differ")
    seed = _hash(str(item), day.isoformat(), *listed)
    return Draw(item, day, listed, seed, tuple(sorted(listed, key=lambda ticket: _hash(seed, ticket))))


def _hash(*lines: str) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()
