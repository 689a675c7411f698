"""The print tray: what lies in it, and what a human says that he did with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.outbox.letters import store
from core.outbox.letters.model import Correspondent, Letter

LATELY = 20
"""How many letters are shown that were posted already."""


async def correspondent(uow: UnitOfWork, person: UUID) -> Correspondent | None:
    """What the envelope of a letter to that person needs; None where he has no postal address on file."""
    return await store.correspondent(uow, person)


async def add(uow: UnitOfWork, delivery_key: str, person: UUID, file: bytes, pages: int) -> bool:
    """Puts a letter into the tray. `file`: the hash under which its PDF lies. The same key again changes nothing, and gives False."""
    return await store.add(uow, delivery_key, person, file, pages)


async def tray(uow: UnitOfWork, buildings: Collection[UUID] | None = None) -> list[Letter]:
    """The letters of the organisation that were not posted yet, oldest first; `buildings`: only those written on behalf of one of these."""
    return await store.waiting(uow, buildings)


async def posted_lately(uow: UnitOfWork, buildings: Collection[UUID] | None = None, most: int = LATELY) -> list[Letter]:
    """Those that were posted last, the latest first."""
    return await store.posted_lately(uow, buildings, most)


async def find(uow: UnitOfWork, letter: UUID, buildings: Collection[UUID] | None = None) -> Letter | None:
    """A letter, posted or not; `buildings`: where it was written on behalf of one of these."""
    return await store.find(uow, letter, buildings)


async def printed(uow: UnitOfWork, letters: Sequence[UUID]) -> None:
    """They lie on paper. Printing again changes nothing: the first time counts."""
    await store.printed(uow, letters)


async def posted(uow: UnitOfWork, letters: Sequence[UUID], by: str, on: date) -> set[UUID]:
    """Somebody has posted them that day: the post has taken over, which is the evidence that a letter can give.

    Gives those that were not posted before; to say it again changes nothing. DomainError for a day that has not come.
    """
    today = local_day(uow.now)
    if on > today:
        raise DomainError("letter.posted_too_early", day=on, today=today)
    return await store.posted(uow, letters, by, on)
