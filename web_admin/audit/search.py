"""Which entries of the log somebody wants to see, as it stands in the address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from core.buildings import service as buildings
from core.buildings.model import Known
from core.database import UnitOfWork
from core.kernel.clock import BRUSSELS
from core.people.accounts.model import Act
from core.people.audit.model import Deed, Filter
from web_admin.pages import PREFIX, Visit

LONGEST_NAME = 100
LARGEST_NUMBER = 2**63 - 1
YEARS = range(1900, 3000)
DEEDS = frozenset(deed.value for deed in Deed)


async def houses(visit: Visit, uow: UnitOfWork) -> dict[UUID, Known]:
    """The buildings whose entries the visitor may read."""
    standing = visit.who.standing
    return {
        known.building_id: known for known in await buildings.every(uow) if standing.may(Act.AUDIT, known.building_id)
    }


@dataclass(frozen=True, slots=True)
class Search:
    """What was chosen above the list. `house`: the building of that slug; days are the reader's, both counted."""

    building: str = ""
    deed: str = ""
    person: str = ""
    since: str = ""
    until: str = ""
    house: UUID | None = None

    @classmethod
    def of(cls, visit: Visit, known: Mapping[UUID, Known]) -> Search:
        """404 for a building that is not there for the visitor."""
        given = {
            name: visit.request.query.get(name, "").replace("\0", "").strip()[:LONGEST_NAME]
            for name in ("building", "deed", "person", "since", "until")
        }
        house = next((each for each, row in known.items() if row.building.slug == given["building"]), None)
        if given["building"] and house is None:
            raise web.HTTPNotFound
        given["deed"] = given["deed"] if given["deed"] in DEEDS else ""
        return cls(**given, house=house)

    @property
    def wrong(self) -> tuple[str, ...]:
        """The fields in which a day was to stand, and none does."""
        return tuple(name for name in ("since", "until") if (typed := getattr(self, name)) and day(typed) is None)

    @property
    def given(self) -> bool:
        return self != Search()

    def filter(self, within: frozenset[UUID] | None) -> Filter:
        since, until = day(self.since), day(self.until)
        return Filter(
            within=within,
            building=self.house,
            named=self.person,
            deed=self.deed,
            since=_begins(since) if since else None,
            until=_begins(until + timedelta(days=1)) if until else None,
        )

    def link(self, path: str, **more: str) -> str:
        given = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "house"} | more
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{PREFIX}{path}?{query}" if query else f"{PREFIX}{path}"


def day(typed: str) -> date | None:
    """A day that somebody may mean; None where there is none."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def number(typed: str) -> int | None:
    """The number of an entry; None where it can be none."""
    found = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 20 else 0
    return found if 0 < found <= LARGEST_NUMBER else None


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)
