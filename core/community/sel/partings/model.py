"""When an account that nobody lives behind any more is closed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

GRACE = timedelta(days=30)
"""How long after somebody was first seen to have left his account is closed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a day brings: who is back, who has left, and whose account is closed."""

    back: frozenset[UUID]
    left: frozenset[UUID]
    closed: frozenset[UUID]


def look(known: Mapping[UUID, date], holders: Collection[UUID], here: Collection[UUID], today: date) -> Look:
    """`known`: since when each leaver is known; `holders`: who has hours or something open; `here`: the neighbours of today."""
    away = set(holders) - set(here)
    return Look(
        frozenset(known.keys() & set(here)),
        frozenset(away - known.keys()),
        frozenset(person for person in away & known.keys() if known[person] + GRACE <= today),
    )
