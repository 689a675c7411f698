"""A post: what may be written in it, how many a day, and for how long it can be taken back. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.kernel.errors import DomainError

MOST_A_DAY = 20
"""What one person puts up within a day; nobody's neighbours read more."""
DAY = timedelta(days=1)
UNDO_LASTS = timedelta(minutes=15)
"""For so long the last thing that one put up is taken back by `undo`."""
LONGEST_NAME, LONGEST_TEXT = 120, 2_000
"""Signs of what a thing is called, and of what is said about it."""
SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class Post:
    """`kind` is the noun of the folder that put it up (`object`, `offer`, `notice`), `subject` its identity there."""

    person: UUID
    building: UUID
    kind: str
    subject: UUID
    at: datetime

    def may_undo(self, now: datetime) -> bool:
        return now < self.at + UNDO_LASTS


def name_of(text: str) -> str:
    """What a thing is called, on one line. DomainError where that is nothing, or far too long."""
    name = " ".join(_clean(text).split())
    if len(name) < SHORTEST_NAME or not any(sign.isalpha() for sign in name):
        raise DomainError("community.no_name")
    if len(name) > LONGEST_NAME:
        raise DomainError("community.long_name", count=LONGEST_NAME)
    return name


def text_of(text: str) -> str:
    """What is said about it, with its lines. DomainError where it is far too long."""
    said = "\n".join(" ".join(line.split()) for line in _clean(text).splitlines()).strip()
    if len(said) > LONGEST_TEXT:
        raise DomainError("community.long_text", count=LONGEST_TEXT)
    return said


def _clean(text: str) -> str:
    """Without signs that nobody sees, or that turn the text of others around."""
    return "".join(
        sign if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn") else ""
        for sign in unicodedata.normalize("NFC", text)
    )
