"""Use cases: put something up within decent limits, and find what was put up last to take it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from core.community.posts import store
from core.community.posts.insults import insulting
from core.community.posts.model import DAY, MOST_A_DAY, Post
from core.database import UnitOfWork
from core.kernel.errors import DomainError


async def post(uow: UnitOfWork, person: UUID, building: UUID, kind: str, subject: UUID, *texts: str) -> Post:
    """Notes that a person puts something up in a building; `texts`: all that his neighbours will read of it.

    DomainError where it insults somebody, or is the 21st of a day: the caller changes nothing then.
    """
    if any(insulting(text) for text in texts):
        raise DomainError("community.insulting")
    await store.lock(uow, person)
    if await store.count(uow, person, uow.now - DAY) >= MOST_A_DAY:
        raise DomainError("community.too_many", count=MOST_A_DAY)
    made = Post(person, building, kind, subject, uow.now)
    await store.add(uow, made)
    return made


async def last(uow: UnitOfWork, person: UUID) -> Post | None:
    """What he put up last, as long as it can be taken back."""
    found = await store.last(uow, person)
    return found if found is not None and found.may_undo(uow.now) else None


async def since(uow: UnitOfWork, subjects: Collection[UUID]) -> dict[UUID, datetime]:
    """When each of these was put up."""
    return await store.since(uow, subjects) if subjects else {}


async def undone(uow: UnitOfWork, subject: UUID) -> None:
    """It was taken back, or is over: `undo` finds it no more."""
    await store.undone(uow, subject)


async def of(uow: UnitOfWork, kind: str, subject: UUID) -> Post | None:
    """Who put it up where, also of what is down; until the transaction ends nobody else finds it so."""
    return await store.of(uow, kind, subject)
