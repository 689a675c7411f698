"""A neighbour, as neighbours know one another: by name; flat and telephone only once something was agreed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.people.model import Place, roles_today

LIVING_THERE = frozenset({"owner", "tenant", "council", "caretaker"})
"""Who takes part in what neighbours do: whoever owns or rents there today, sits on the council, or looks after the house."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody of a building today. `name` in full; others are shown `called` until something is agreed with them."""

    person: UUID
    name: str
    language: str
    roles: frozenset[str]

    @property
    def called(self) -> str:
        return called(self.name)


@dataclass(frozen=True, slots=True)
class Contact:
    """How to find a neighbour with whom something is agreed: the lots that are his to use today, and his telephone ("": none).

    A lot that he owns and has let is his tenant's: nobody is to ring there for him.
    """

    name: str
    lots: tuple[str, ...]
    phone: str


_AND = ("&", "et", "en", "und", "and")


def called(name: str) -> str:
    """Who it is, for those who know him: `Tom V.`, `Jan & Els P.` of `Jan & Els Peeters`, `Jan P. & Els M.` of two whole names."""
    words = name.split()
    if len(words) < 2:
        return name
    paired = 3 if len(words) > 3 and words[1] in _AND else 1
    for at in range(2, len(words) - 1):
        if paired == 1 and words[at] in _AND:
            return f"{called(' '.join(words[:at]))} {words[at]} {called(' '.join(words[at + 1 :]))}"
    return f"{' '.join(words[:paired])} {words[paired][0].upper()}."


def takes_part(place: Place) -> bool:
    """Whether somebody is one of the neighbours today."""
    return not LIVING_THERE.isdisjoint(place.roles)


def roles_of(listed: Iterable[str], owns_today: bool, rents_today: bool) -> frozenset[str]:
    return roles_today(tuple(listed), owns_today, rents_today)
