"""Use cases about wishes: ask for them, change them, stop everything that may be stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.messaging.kinds import KINDS
from core.messaging.preferences import Preferences, QuietHours, Rhythm
from core.people.wishes import store

LONGEST_HOLIDAY = timedelta(days=366)


async def wishes(uow: UnitOfWork, person: UUID) -> Preferences:
    return await store.of(uow, person)


async def keep_quiet(uow: UnitOfWork, person: UUID, hours: QuietHours) -> Preferences:
    """From now on nothing is told in these hours, on any channel, but what is urgent."""
    return await _changed(uow, person, replace(await store.of(uow, person), quiet=hours))


async def only_by(uow: UnitOfWork, person: UUID, channel: str | None, kind: str = "") -> Preferences:
    """Only that channel may bring messages of a kind ("": of all); None: any may."""
    before = await store.of(uow, person)
    only = {name: channels for name, channels in before.only.items() if name != kind}
    if channel is not None:
        only[kind] = frozenset({channel})
    return await _changed(uow, person, replace(before, only=only))


async def switch(uow: UnitOfWork, person: UUID, kind: str, on: bool) -> Preferences:
    """Switches a kind on or off, everywhere. DomainError for one that may not be switched off."""
    if not on and not KINDS[kind].may_stop:
        raise DomainError("notify.must_be_told")
    before = await store.of(uow, person)
    return await _changed(uow, person, replace(before, off=before.off - {kind} if on else before.off | {kind}))


async def gather(uow: UnitOfWork, person: UUID, rhythm: Rhythm) -> Preferences:
    """How often what can wait is told."""
    return await _changed(uow, person, replace(await store.of(uow, person), rhythm=rhythm))


async def be_away(uow: UnitOfWork, person: UUID, until: date | None) -> Preferences:
    """A holiday up to and including a day; None ends it. DomainError for a day that is over, or is years ahead."""
    today = local_day(uow.now)
    if until is not None and until < today:
        raise DomainError("notify.away_past", day=until)
    if until is not None and until > today + LONGEST_HOLIDAY:
        raise DomainError("notify.away_long")
    return await _changed(uow, person, replace(await store.of(uow, person), away=until))


async def stop(uow: UnitOfWork, person: UUID, stopped: bool = True) -> Preferences:
    """Nothing is told any more that may be stopped; answers to what he says himself remain, and what the law counts."""
    return await _changed(uow, person, replace(await store.of(uow, person), stopped=stopped))


async def _changed(uow: UnitOfWork, person: UUID, wishes: Preferences) -> Preferences:
    await store.keep(uow, person, wishes)
    return wishes
