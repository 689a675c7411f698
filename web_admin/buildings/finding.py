"""Which buildings are listed, and in what order. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from core.bulletin.overview.model import Glance

BY_NAME, BACKWARDS, BY_WORRIES = "name", "-name", "hand"
ORDERS = (BY_NAME, BACKWARDS, BY_WORRIES)
WORRIES = ("failed", "unreachable", "unwarned", "voiceless", "letters")
"""What needs a hand in a building, the most serious first: fields of a `Glance`."""
LONGEST = 100
"""What anybody types to find a building."""


def found(glances: Iterable[Glance], wanted: str, order: str = BY_NAME) -> list[Glance]:
    """The buildings in whose name, place or short name every word that is wanted stands; accents and capitals play no part."""
    words = plain(wanted).split()
    listed = list(glances)
    if words:
        listed = [glance for glance in listed if all(word in _said(glance) for word in words)]
    if order == BY_NAME:
        # As they come: the database knows the order of names.
        return listed
    if order == BACKWARDS:
        return listed[::-1]
    return sorted(listed, key=_worries, reverse=True)


def plain(text: str) -> str:
    """Without accents, capitals and signs that nobody sees."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if sign.isprintable() and not unicodedata.combining(sign))


def _said(glance: Glance) -> str:
    return plain(f"{glance.name} {glance.city} {glance.slug}")


def _worries(glance: Glance) -> tuple[int, ...]:
    return tuple(getattr(glance, name) for name in WORRIES)
