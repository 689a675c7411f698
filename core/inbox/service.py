"""What happens to what arrives: stored, answered in order, set aside."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from core.database import STRANGERS, Database, UnitOfWork
from core.inbox import store
from core.inbox.model import (
    MOST_FILE_BYTES,
    MOST_FILES,
    Aside,
    Waiting,
    content,
    reference_number,
    sender,
    stored_name,
)
from core.messaging.channel import Address, Bounced, Gone, Inbound, Joined, Message, Seen
from core.messaging.conversation import Conversation
from core.people import store as people
from core.people.model import Person, Place

logger = logging.getLogger(__name__)

Keep = Callable[[bytes], Awaitable[bytes]]
"""Puts bytes where they are kept, and gives their hash."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who is at an address, in one organisation."""

    person: Person
    places: tuple[Place, ...]
    talk: Conversation | None


async def receive(database: Database, channel: str, inbound: Inbound, keep: Keep | None = None) -> Address | None:
    """Stores what arrived, once. Gives the address at which a message now waits for an answer; None where nothing does.

    `keep`: where files that come along are put; of strangers none is kept.
    """
    files = await _kept(database, inbound, keep) if keep and isinstance(inbound, Message) and inbound.files else {}
    async with database.work() as uow:
        address = sender(inbound)
        if address is None and isinstance(inbound, Bounced) and inbound.key:
            address = await store.sent_to(uow, inbound.key)
        waits = isinstance(inbound, Message | Gone | Bounced | Seen | Joined) and address is not None
        if isinstance(inbound, Message) and not inbound.origin.addressed:
            waits = False
        added = await store.add(
            uow,
            channel,
            stored_name(inbound.ref),
            address.handle if address else "",
            type(inbound).__name__.lower(),
            content(inbound, files),
            inbound.at,
            "waiting" if waits else "done",
        )
        await uow.commit()
    return address if added and waits else None


async def _kept(database: Database, message: Message, keep: Keep) -> dict[int, bytes]:
    """The files of a message that were put where they are kept, by their places. One that cannot be had is named in the message alone."""
    if not message.origin.addressed:
        return {}
    async with database.work() as uow:
        if not await people.persons_at(uow, message.origin.sender):
            return {}
    found = {}
    for place, file in enumerate(message.files[:MOST_FILES]):
        if file.size > MOST_FILE_BYTES:
            continue
        try:
            read = await file.read()
        except Exception as error:
            logger.warning("a file that came along could not be had (%s)", type(error).__name__)
            continue
        if 0 < len(read) <= MOST_FILE_BYTES:
            found[place] = await keep(read)
    return found


async def next_at(uow: UnitOfWork, address: Address) -> tuple[Waiting, list[tuple[UUID, UUID]]] | None:
    """Takes the lock of an address, and gives the message that has waited longest there with whom the address leads to."""
    await store.lock(uow, address)
    return await store.oldest(uow, address)


async def speaker(uow: UnitOfWork, person: UUID, address: Address) -> Speaker | None:
    """Who speaks, and the talk in progress: it is over unless it is kept anew."""
    found = await store.context(uow, person, address)
    if found is None:
        return None
    somebody, places, talk = found
    return Speaker(somebody, tuple(places), talk)


async def answered(uow: UnitOfWork, waiting: Waiting) -> None:
    await store.done(uow, waiting)


async def set_aside(database: Database, waiting: Waiting, reason: str) -> str:
    """Keeps a message that failed for a human; gives the reference number that the person is told."""
    reference = reference_number(waiting.inbound_id)
    async with database.work() as uow:
        await store.set_aside(uow, waiting.inbound_id, reference, reason)
        await uow.commit()
    return reference


async def waiting_addresses(database: Database) -> list[Address]:
    async with database.work() as uow:
        return await store.waiting(uow)


async def counts(database: Database) -> dict[str, int]:
    async with database.work() as uow:
        return await store.counts(uow)


async def talk_of(uow: UnitOfWork, address: Address) -> Conversation | None:
    return await store.conversation(uow, address)


async def keep_talk(uow: UnitOfWork, talk: Conversation) -> None:
    await store.keep(uow, talk)


async def aside(
    uow: UnitOfWork, buildings: Collection[UUID] | None = None, *, strangers: bool = False, most: int = 200
) -> list[Aside]:
    """What was set aside in this organisation, or for the people of these buildings, and nobody has looked at; oldest first.

    `strangers`: and what people wrote whom no organisation knows; for whoever looks after the installation.
    """
    return await store.aside(uow, buildings, strangers, most)


async def looked_at(
    uow: UnitOfWork, reference: str, buildings: Collection[UUID] | None = None, *, strangers: bool = False
) -> bool:
    """A human has seen to it. False where there is no such message among those that `aside` gives."""
    return await store.resolve(uow, reference, buildings, strangers)


class StoredMemory:
    """A wire's cursors, in the database; scoped to the channel and its account."""

    def __init__(self, database: Database, channel: str, account: str) -> None:
        self._database, self._channel, self._account = database, channel, account

    async def get(self, key: str) -> str | None:
        async with self._database.work(STRANGERS) as uow:
            return await store.remember(uow, self._channel, self._account, key)

    async def put(self, key: str, value: str) -> None:
        async with self._database.work(STRANGERS) as uow:
            await store.memorise(uow, self._channel, self._account, key, value)
            await uow.commit()
