"""A paper of the building, and who may see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

KINDS = ("minutes", "accounts", "contract", "statutes", "house_rules", "invoice", "plan", "insurance", "other")
EVERYONE, OWNERS, COUNCIL, SYNDIC = "everyone", "owners", "council", "syndic"
AUDIENCES = (EVERYONE, OWNERS, COUNCIL, SYNDIC)

_ADMITTED = {
    EVERYONE: None,
    OWNERS: frozenset({"owner", "council", "auditor", "syndic"}),
    COUNCIL: frozenset({"council", "auditor", "syndic"}),
    SYNDIC: frozenset({"syndic"}),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A row of `documents.csv`. `file` is its path below `documents/`."""

    file: str
    title: str
    kind: str
    day: date
    language: str
    visible_to: str


def admitted(visible_to: str) -> frozenset[str] | None:
    """The roles in the building that may see a document (owners: all that is not private, 3.89 par. 5, 9); None: whoever has any."""
    return _ADMITTED[visible_to]


def may_see(visible_to: str, roles: Collection[str]) -> bool:
    """Whether somebody with these roles in the building may see a document."""
    these = admitted(visible_to)
    return bool(roles) if these is None else not these.isdisjoint(roles)
