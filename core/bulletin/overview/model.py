"""What stands where: each building at a glance, and what falls due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

SOON = timedelta(days=30)
"""What falls due within these days is shown."""
WINDOW_SOON = timedelta(days=60)
"""The yearly assembly is prepared for longer: proposals come in three weeks, the invitation goes out fifteen days before (3.87 par. 3)."""
LATELY = timedelta(days=30)
"""What failed longer ago is history."""
ACTIVE = timedelta(days=90)
"""Who wrote within these days takes part."""
CALL, SETTLEMENT, ASSEMBLY_WINDOW = "call", "settlement", "assembly_window"


@dataclass(frozen=True, slots=True)
class Glance:
    """A building in the list, with what needs a hand in it.

    `unreachable`: people with neither an address of a channel that is alive nor a postal one; `unwarned`: owners of today whom no legal
    notice can reach: no accepted address that is alive (3.87 par. 3), and no postal one; `voiceless`: lots of several without a
    representative (3.87 par. 1); `failed`: deliveries that came to nothing lately; `letters`: that wait to be posted.
    """

    building_id: UUID
    slug: str
    name: str
    city: str
    modules: tuple[str, ...]
    lots: int
    people: int
    unreachable: int
    unwarned: int
    voiceless: int
    failed: int
    letters: int
    window: tuple[int, int] | None = None
    """(month, day) on which the period of the yearly assembly begins."""

    @property
    def quiet(self) -> bool:
        """Whether nothing needs a hand."""
        return not (self.unreachable or self.unwarned or self.voiceless or self.failed or self.letters)


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due: `kind` is `call`, `settlement` or `assembly_window`; `number` that of the call or settlement, `title` of the call."""

    building_id: UUID
    day: date
    kind: str
    number: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What belongs to no building: deliveries that failed lately, messages that were set aside, and drafts of buildings."""

    failed: int
    set_aside: int
    drafts: int


@dataclass(frozen=True, slots=True)
class Todo:
    """All that there is to do, soonest first."""

    buildings: tuple[Glance, ...]
    dues: tuple[Due, ...]
    elsewhere: Elsewhere


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Somebody whom nothing reaches (`at_all`), or no legal notice. `person` is his code in the building."""

    building_id: UUID
    person_id: UUID
    person: str
    name: str
    at_all: bool


@dataclass(frozen=True, slots=True)
class Participation:
    """How many of the people of a building are reached and take part.

    `reach`: by channel, the people with an address there that is alive (`letter`: a postal one); `linked`: with one that they linked
    themselves, beside what is on file; `wrote`: who wrote lately, from any.
    """

    people: int
    reach: Mapping[str, int]
    linked: int
    wrote: int


def windows(glances: Iterable[Glance], today: date) -> list[Due]:
    """The periods of yearly assemblies that begin soon."""
    found = []
    for glance in glances:
        if glance.window is None:
            continue
        days = [day for year in (today.year, today.year + 1) if (day := _day(year, *glance.window)) >= today]
        if days and days[0] <= today + WINDOW_SOON:
            found.append(Due(glance.building_id, days[0], ASSEMBLY_WINDOW))
    return found


def _day(year: int, month: int, day: int) -> date:
    """That day of a year; the 28th where a year has no 29 February."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, 28)
