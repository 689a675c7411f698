"""A thing that somebody looks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

LASTS = timedelta(days=30)
"""For so long he is told when somebody gives such a thing."""


@dataclass(frozen=True, slots=True)
class Seek:
    """`expires_on`: the first day on which he is told no more."""

    seek_id: UUID
    building: UUID
    person: UUID
    name: str
    expires_on: date
    over: bool = False
