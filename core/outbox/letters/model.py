"""A letter in the print tray, and what its envelope needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter. `file`: the SHA-256 under which its PDF lies on the shelf. `posted_on`: the day on the receipt of the post.

    `name`: whom it is to, as the organisation knows him.
    """

    letter_id: UUID
    delivery_key: str
    person_id: UUID
    name: str
    file: bytes
    pages: int
    made_at: datetime
    printed_at: datetime | None
    posted_on: date | None
    posted_by: str


@dataclass(frozen=True, slots=True)
class House:
    """A building as a letter names it."""

    name: str
    address: str
    postal_code: str
    city: str


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody with a postal address on file, and who writes to him.

    `country`: ISO 3166, empty for Belgium. `houses`: the buildings in which he has a place, at least one; `syndic`, `syndic_email` and
    `syndic_phone` are those of the first, empty where the building manages itself.
    """

    person_id: UUID
    language: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    houses: tuple[House, ...]
    syndic: str
    syndic_email: str
    syndic_phone: str
