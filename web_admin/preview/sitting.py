"""In whose place somebody looks or talks: a building, a person of it or a stranger, a language. From an address or a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from core.buildings import service as buildings
from core.buildings.model import Known
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.i18n import LANGUAGES
from core.people.accounts.model import Act
from core.people.register import service as register
from core.people.register.model import Entry
from web_admin.pages import Visit
from web_admin.preview.protocols import Sitter

STRANGER = "stranger"
"""Chosen in the place of a person; no code of a person is looked up for it."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person to choose: his code in the building, his name, what he is there."""

    code: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sitting:
    """What can be chosen, and what was. `entry` None: a stranger. `own`: whether he is spoken to in his own language."""

    buildings: Sequence[Known]
    known: Known
    people: Sequence[Somebody]
    entry: Entry | None
    sitter: Sitter
    own: bool

    @property
    def name(self) -> str:
        return self.entry.resident.name if self.entry else ""

    @property
    def choice(self) -> Mapping[str, str]:
        """As it stands in the address of a page."""
        person = self.entry.resident.person if self.entry else STRANGER
        return {
            "building": self.known.building.slug,
            "person": person,
            "language": "" if self.own else self.sitter.language,
        }


async def within_reach(visit: Visit, uow: UnitOfWork) -> list[Known]:
    """The buildings for which the visitor speaks: what their people are told is his to see."""
    standing = visit.who.standing
    return [known for known in await buildings.every(uow) if standing.may(Act.TELL, known.building_id)]


async def seated(visit: Visit, uow: UnitOfWork, given: Mapping[str, Any], *, strangers: bool = False) -> Sitting | None:
    """Who was chosen; where nobody was, the first there is. None where there is no building, 404 for what is not within reach.

    A person who is not of the building gives his place to the first who is: the building may have been changed alone.
    """
    reach = await within_reach(visit, uow)
    if not reach:
        return None
    slug, code, language = (str(given.get(name, ""))[:200] for name in ("building", "person", "language"))
    known = next((each for each in reach if each.building.slug == slug), None if slug else reach[0])
    if known is None:
        raise web.HTTPNotFound
    entries, day = await register.register(uow, known.building_id), local_day(uow.now)
    people = [Somebody(row.resident.person, row.resident.name, tuple(row.roles(day))) for row in entries]
    stranger = strangers and (code == STRANGER or not entries)
    entry = None if stranger else next((row for row in entries if row.resident.person == code), None)
    if entry is None and not stranger:
        entry = entries[0] if entries else None
    own = language not in LANGUAGES
    spoken = (entry.resident.language if entry else visit.language) if own else language
    person = entry.person_id if entry else None
    return Sitting(reach, known, people, entry, Sitter(uow.organisation, known.building.slug, person, spoken), own)
