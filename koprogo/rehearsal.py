"""A rehearsal: the bot at work in one transaction of which nothing remains. Nobody is told anything, and no other process sees any of it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.concierge import Concierge
from bot.ways import Ways
from channels.console import NAME as TERMINAL
from core.database import STRANGERS, Database, UnitOfWork
from core.inbox import service as inbox
from core.kernel.clock import Clock
from core.kernel.ids import new_id
from core.messaging.channel import Address, Evidence, Message, Origin, Receipt, Room
from core.messaging.delivery import Claimed, Notice
from core.outbox import service as outbox
from core.people import service as people
from koprogo.application import Application
from koprogo.settings import reachable
from web_admin.preview.protocols import Line, Sitter

CHANNEL = "trial"
"""The wire of a rehearsal, which leads to nobody: no code is made for it, so that none can be found out on it."""


_STEP_BACK = text("SET LOCAL lock_timeout = '100ms'")
"""Where somebody is about to change the same in earnest, it is the rehearsal that gives way: long before the database looks for a knot."""


class Rehearsal(Database):
    """A database whose units of work are all parts of one transaction, which is never committed.

    To commit one keeps what it did for those that come after it in the same rehearsal.
    """

    def __init__(self, connection: AsyncConnection, recorder: outbox.Recorder, clock: Clock) -> None:
        self._connection, self._recorder, self.clock = connection, recorder, clock

    @asynccontextmanager
    async def work(self, organisation: UUID = STRANGERS, *, now: datetime | None = None) -> AsyncIterator[UnitOfWork]:
        savepoint = await self._connection.begin_nested()
        uow = _Part(self._connection, organisation, now or self.clock(), self._recorder)
        try:
            await uow.enter(organisation)
            yield uow
        finally:
            await (savepoint.commit() if uow.committed else savepoint.rollback())


class _Part(UnitOfWork):
    async def commit(self) -> None:
        await self.flush()
        self.committed = True


class Listening(outbox.Recorder):
    """Records as always, in the rehearsal, and remembers what it was given."""

    def __init__(self, channels: Sequence[str], last_resort: Sequence[str]) -> None:
        super().__init__(channels, last_resort)
        self.heard: list[Notice] = []

    async def __call__(self, uow: UnitOfWork, notices: Sequence[Notice]) -> Sequence[Claimed]:
        self.heard += notices
        return await super().__call__(uow, notices)


@dataclass
class Stage:
    """The bot with one person before it. `notices`: all that was told by what was said last, to anybody."""

    application: Application
    sitter: Sitter
    database: Rehearsal
    address: Address
    recorder: Listening
    moment: list[datetime] = field(repr=False)

    async def says(self, line: Line, token: str = "") -> list[Claimed]:
        """What the person is answered. `token`: of the choice that the line presses."""
        self.moment[:] = [line.at]
        del self.recorder.heard[:]
        concierge = Concierge(
            self.database,
            self.application.understanding,
            self.sitter.building,
            Ways(self.application.ways),
            self.application.catalogues,
        )
        origin = Origin(self.address, language=self.sitter.language)
        await inbox.receive(self.database, CHANNEL, Message(origin, new_id().hex, line.at, line.text, token or None))
        said: list[Claimed] = []
        while (answered := await concierge.answer_next(self.address)) is not None:
            for delivery in answered.deliveries:
                await outbox.sent(
                    self.database, delivery, Receipt(delivery.delivery_id.hex, Evidence.DELIVERED, line.at)
                )
                said.append(delivery)
        return said

    @property
    def others(self) -> list[Notice]:
        """What was told by it to anybody else."""
        return [notice for notice in self.recorder.heard if notice.to != self.address]

    async def named(self, to: UUID | Address | Room) -> str:
        """Whom a notice is for; empty for what is no person of the organisation."""
        if not isinstance(to, UUID):
            return ""
        async with self.database.work(self.sitter.organisation) as uow:
            found = await people.person(uow, to)
        return found.name if found else ""


@asynccontextmanager
async def rehearsed(
    application: Application,
    organisation: UUID,
    recorder: outbox.Recorder | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Rehearsal]:
    """A rehearsal in the installation's database, over at the end of the block."""
    recorder = recorder or outbox.Recorder(reachable(application.settings), (TERMINAL,))
    async with application.database.work(organisation) as uow:
        await uow.connection.execute(_STEP_BACK)
        yield Rehearsal(uow.connection, recorder, clock or application.database.clock)


@asynccontextmanager
async def stage(application: Application, sitter: Sitter, number: int, begun: datetime) -> AsyncIterator[Stage]:
    """The stage with that person on it. He speaks from an address that is nobody's, and is gone with all the rest."""
    moment = [begun]
    recorder = Listening(reachable(application.settings), (TERMINAL,))
    # A number says nothing to people, who are shown the name of the channel alone.
    address = Address(CHANNEL, str(number))
    async with rehearsed(application, sitter.organisation, recorder, lambda: moment[-1]) as database:
        if sitter.person is not None:
            await _seated(database, sitter, sitter.person, address)
        yield Stage(application, sitter, database, address, recorder, moment)


async def _seated(database: Rehearsal, sitter: Sitter, person: UUID, address: Address) -> None:
    """Ties the address to the person as a code does; that he is told of it on his other channels is left out."""
    async with database.work(sitter.organisation) as uow:
        code = await people.invite(uow, person, CHANNEL)
        linked = await people.redeem(uow, code, address)
        assert linked is not None, "a code that was just made is good"
        if linked.person.language != sitter.language:
            await people.speak(uow, linked.person, sitter.language)
        uow.notices.clear()
        await uow.commit()


def token_of(number: int, card: int, choice: int) -> str:
    """A choice of a talk: the same whenever it is played, and of no other talk."""
    return hashlib.sha256(f"{number}:{card}:{choice}".encode()).hexdigest()[:16]
