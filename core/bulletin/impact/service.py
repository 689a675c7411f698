"""Use cases: what neighbours did together in a year, in totals of five persons or more.

The years are counted apart from one another, on the calendar of the buildings.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

from core.buildings.model import Known
from core.bulletin.impact import cards, store
from core.bulletin.impact.factors import documented
from core.bulletin.impact.model import Impact
from core.bulletin.impact.model import impact as counted
from core.database import UnitOfWork
from core.kernel.clock import BRUSSELS, local_day
from core.kernel.text import Text
from core.messaging.card import Card


async def impact(uow: UnitOfWork, year: int, only: Sequence[UUID] | None = None) -> Impact:
    """`only`: these buildings, for those who have no role in all of them; None: the whole organisation.

    What may be shown of several together is worked out from the whole organisation, whoever asks, and shown to those only who see all of it:
    else two that see different parts of it could subtract.
    """
    every = await store.people(uow, None)
    deeds = await store.deeds(uow, None, _begins(year), _begins(year + 1))
    found = counted(year, deeds, every, documented().factors, local_day(uow.now))
    if only is None:
        return found
    mine = frozenset(only)
    lines = tuple(line for line in found.lines if line.building in mine)
    return Impact(year, lines, len(mine & every.keys()) - len(lines))


async def years(uow: UnitOfWork) -> list[int]:
    """The years with something to count, and this one; latest first."""
    today, begun = local_day(uow.now).year, await store.begun(uow)
    return list(range(today, min(today, local_day(begun).year if begun else today) - 1, -1))


async def of_building(uow: UnitOfWork, known: Known) -> Card[Text]:
    """This year in one building, as a card with a picture."""
    year = local_day(uow.now).year
    found = await impact(uow, year, [known.building_id])
    return cards.of_building(known.building, year, found.of(known.building_id))


def _begins(year: int) -> datetime:
    return datetime.combine(date(year, 1, 1), time(0), BRUSSELS).astimezone(UTC)
