"""Use cases of the accounts: look one up, book, hold for a loan, and verify that all adds up to zero.

Whoever moves hours locks the building first (`lock`), so that two moves which together pass a limit are never both made.
"""

from __future__ import annotations

from uuid import UUID

from core.community.neighbours.model import called
from core.community.sel.accounts import store
from core.community.sel.accounts.model import LEAST_LIMIT, MOST_LIMIT, Account, Booked, Entry, Kind, kept, unbalanced
from core.community.sel.model import HOUR, time
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed

LAST = 5
"""How many entries are shown of an account."""


async def lock(uow: UnitOfWork, building: UUID) -> None:
    await store.lock(uow, building)


async def account(uow: UnitOfWork, building: UUID, person: UUID) -> Account:
    """The hours of a person in a building; those of somebody who never had any are nought."""
    return await store.account(uow, building, person)


async def last(uow: UnitOfWork, building: UUID, person: UUID) -> list[Booked]:
    return await store.last(uow, building, person, LAST)


async def book(uow: UnitOfWork, building: UUID, entry: Entry) -> None:
    """Adds an entry. The caller holds the lock of the building, and has judged the limits."""
    await store.add(uow, building, entry)


async def called_names(uow: UnitOfWork, *persons: UUID | None) -> dict[UUID, str]:
    """What these are called among neighbours: `Tom V.`"""
    found = await store.names(uow, {person for person in persons if person is not None})
    return {person: called(name) for person, name in found.items()}


async def set_limit(uow: UnitOfWork, building: UUID, minutes: int) -> None:
    """How far above and below zero accounts in a building may go from now on. Whoever is further out already can only move back.

    DomainError for less than an hour or more than a thousand.
    """
    if not LEAST_LIMIT <= minutes <= MOST_LIMIT:
        raise DomainError("sel.wrong_limit", least=time(LEAST_LIMIT), most=time(MOST_LIMIT))
    await store.lock(uow, building)
    await store.set_limit(uow, building, minutes)


async def limit(uow: UnitOfWork, building: UUID) -> int:
    """How far above and below zero accounts in a building may go, in minutes."""
    return await store.limit(uow, building)


async def decide_limit(uow: UnitOfWork, building: UUID, hours: int, was: int, actor: Actor) -> None:
    """Sets the limit as whoever decides for the building wants it, and writes it down. `was`: the limit that he saw, in minutes.

    DomainError for less than an hour or more than a thousand, and where somebody else has changed it meanwhile.
    """
    await store.lock(uow, building)
    before = await store.limit(uow, building)
    if before != was:
        raise DomainError("sel.limit_moved_on", limit=time(before))
    await set_limit(uow, building, hours * HOUR)
    was_so, is_so = ({"limit_hours": _hours(minutes)} for minutes in (before, hours * HOUR))
    await audit.record(uow, actor, Deed.SETTINGS_CHANGED, "module sel", was_so, is_so, building)


def _hours(minutes: int) -> int | str:
    return f"{minutes // HOUR}:{minutes % HOUR:02}" if minutes % HOUR else minutes // HOUR


async def hold(uow: UnitOfWork, building: UUID, borrower: UUID, minutes: int, subject: UUID) -> None:
    """Keeps minutes of what a borrower may still ask for, as the deposit of a loan; once for each `subject`. No entry is booked.

    DomainError where his balance less all that is held would pass the limit of the building.
    """
    if minutes <= 0:
        raise DomainError("sel.no_time")
    await store.lock(uow, building)
    if await store.held(uow, subject) is not None:
        return
    found = await store.account(uow, building, borrower)
    if not found.can_receive(minutes):
        raise DomainError("sel.no_room_to_hold", time=time(minutes), limit=time(found.limit))
    await store.hold(uow, building, borrower, minutes, subject)


async def release(uow: UnitOfWork, subject: UUID) -> None:
    """Gives back what was held for something. Nothing happens where nothing is."""
    if (found := await store.held(uow, subject)) is None:
        return
    await store.lock(uow, found[0])
    await store.release(uow, subject)


async def take(uow: UnitOfWork, subject: UUID, to: UUID) -> None:
    """Books what was held to somebody: a deposit that is kept. What is over his limit goes to the pot of the building.

    Nothing happens where nothing is held, or to whom it is held from himself: then it is given back.
    """
    if (found := await store.held(uow, subject)) is None:
        return
    building = found[0]
    await store.lock(uow, building)
    if (found := await store.held(uow, subject)) is None:
        return
    _, borrower, minutes = found
    await store.release(uow, subject)
    if borrower == to:
        return
    his, over = kept(minutes, await store.account(uow, building, to))
    if his:
        await store.add(uow, building, Entry(Kind.DEPOSIT, subject, borrower, to, his))
    if over:
        await store.add(uow, building, Entry(Kind.POT, subject, borrower, None, over))


async def entries(uow: UnitOfWork, building: UUID, kind: Kind) -> dict[UUID, dict[UUID | None, int]]:
    """The entries of a kind: for each subject the minutes of its lines, by person."""
    return {subject: lines for (each, subject), lines in (await store.entries(uow, building)).items() if each == kind}


async def balances(uow: UnitOfWork, building: UUID) -> dict[UUID | None, int]:
    """Every balance that is not zero, by person; None: the pot."""
    return await store.balances(uow, building)


async def pot(uow: UnitOfWork, building: UUID) -> int:
    """The minutes in the common account of a building."""
    return (await store.balances(uow, building)).get(None, 0)


async def verify(uow: UnitOfWork, building: UUID) -> list[Text]:
    """Says what does not add up: an entry that is not of two lines which make zero, or the building as a whole. Empty: all is well."""
    entries = await store.entries(uow, building)
    wrong = [
        say("sel.verify.entry", subject=str(subject))
        for (_, subject), lines in entries.items()
        if unbalanced([list(lines.values())])
    ]
    if total := sum((await store.balances(uow, building)).values()):
        wrong.append(say("sel.verify.total", time=time(total)))
    return wrong
