"""A group that was tied to a building."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Tie:
    """The building of a group, and the languages that are spoken in it: the building's, the first of them by default."""

    organisation: UUID
    building_id: UUID
    building: str
    languages: tuple[str, ...]
