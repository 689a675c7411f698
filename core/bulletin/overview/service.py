"""Use cases: the list of buildings, what is to do in them, and who is behind each number.

`only`: the buildings of those who have no role in all of them; None for the whole organisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core.bulletin.overview import store
from core.bulletin.overview.model import (
    ACTIVE,
    LATELY,
    SOON,
    Elsewhere,
    Glance,
    Participation,
    Todo,
    Unreachable,
    windows,
)
from core.database import UnitOfWork
from core.kernel.clock import local_day

NOTHING = Elsewhere(0, 0, 0)


async def glances(uow: UnitOfWork, only: Sequence[UUID] | None = None) -> list[Glance]:
    """The buildings by name, each with what needs a hand. One statement."""
    return await store.glances(uow, only, local_day(uow.now), uow.now - LATELY)


async def todo(uow: UnitOfWork, only: Sequence[UUID] | None = None) -> Todo:
    """All that there is to do. What belongs to no building is told to those only who see all of them. Three statements."""
    today = local_day(uow.now)
    buildings = await glances(uow, only)
    dues = await store.dues(uow, only, today, today + SOON)
    dues = sorted([*dues, *windows(buildings, today)], key=lambda due: due.day)
    return Todo(
        tuple(buildings), tuple(dues), await store.elsewhere(uow, uow.now - LATELY) if only is None else NOTHING
    )


async def unreachable(uow: UnitOfWork, only: Sequence[UUID] | None = None) -> list[Unreachable]:
    """Whom nothing, or no legal notice, reaches; building by building, in the order of its list."""
    return await store.unreachable(uow, only, local_day(uow.now))


async def voiceless(uow: UnitOfWork, building: UUID) -> list[str]:
    """The lots of several that have no representative today, in their order."""
    return await store.voiceless(uow, building, local_day(uow.now))


async def participation(uow: UnitOfWork, building: UUID) -> Participation:
    """How many of the people of a building are reached, by which channel, and how many take part. One statement."""
    return await store.participation(uow, building, uow.now - ACTIVE)
