"""Something that a neighbour has put up, as his neighbours see it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.kernel.text import Text

GIFT, SEEK, OBJECT, SKILL, SERVICE = "gift", "seek", "object", "skill", "service"
"""The kinds, as posts know them."""
MODULE_OF = {GIFT: "bazaar", SEEK: "bazaar", OBJECT: "loans", SKILL: "skills", SERVICE: "sel"}
"""The module with which each is put up."""
MODULES = tuple(dict.fromkeys(MODULE_OF.values()))


@dataclass(frozen=True, slots=True)
class Posted:
    """`what`: what kind it is in words; `called`: whose it is, as neighbours call him; `state`: how it stands; `more`: what is said of it
    besides; `photo`: SHA-256 (hex) of a picture on the shelf."""

    kind: str
    subject: UUID
    building: UUID
    name: str
    what: Text
    called: str
    since: datetime | None
    state: Text
    more: str = ""
    photo: str | None = None

    @property
    def module(self) -> str:
        return MODULE_OF[self.kind]
