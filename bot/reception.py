"""The reception: stores what arrives, and sees that each address is answered, one message after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress

from bot.concierge import Answered, Concierge
from bot.courier import Courier
from bot.trace import trace
from core.database import Busy, Database
from core.documents.service import Shelf
from core.inbox import service as inbox
from core.kernel.i18n import Catalogues
from core.messaging.channel import Address, Channel, Inbound, Message, Origin, Receive, Signal
from core.outbox import service as outbox

logger = logging.getLogger(__name__)

WRITING_SECONDS = 0.5
"""An answer that takes longer is announced."""
PAUSE_SECONDS = 2.0
"""How long an address waits after the database could not be reached."""
LISTS = frozenset({"bulletin.title"})
"""The titles of cards that are told once and name many things, each with a choice of its own."""


TURNS_AT_A_TIME = 4
"""Turns that one process works on at once. More would not be answered sooner: Python runs on one core, and a turn that has begun is
better finished. It leaves half of the database's connections to storing what arrives and settling what was sent."""


class Reception:
    """One for each process that runs the bot."""

    def __init__(
        self,
        database: Database,
        concierge: Concierge,
        courier: Courier,
        channels: Mapping[str, Channel],
        catalogues: Catalogues,
        shelf: Shelf | None = None,
    ) -> None:
        self._database, self._concierge, self._courier = database, concierge, courier
        self._keep = shelf.put if shelf else None
        self._channels, self._catalogues = channels, catalogues
        self._busy: dict[Address, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(TURNS_AT_A_TIME)
        self._showing: set[asyncio.Task[None]] = set()

    def receive(self, channel: str) -> Receive:
        """What a channel calls with each inbound; returns when it is stored."""

        async def store(inbound: Inbound) -> None:
            address = await inbox.receive(self._database, channel, inbound, self._keep)
            if address is not None:
                self.attend(address)
                if isinstance(inbound, Message) and inbound.origin.addressed:
                    shown = asyncio.create_task(self._show_work(channel, address, inbound.origin))
                    self._showing.add(shown)
                    shown.add_done_callback(self._showing.discard)

        return store

    def attend(self, address: Address) -> None:
        """Has an address answered, now or after what it waits for already."""
        before = self._busy.get(address)
        task = asyncio.create_task(self._serve(address, before))
        self._busy[address] = task
        task.add_done_callback(lambda done: self._busy.pop(address) if self._busy.get(address) is done else None)

    async def catch_up(self) -> None:
        """Answers what was stored before this process began."""
        for address in await inbox.waiting_addresses(self._database):
            if address.channel in self._channels:
                self.attend(address)

    async def idle(self) -> None:
        """Returns when nobody waits."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def serve(self, address: Address) -> Answered | None:
        """Answers one message at an address; None where none waits."""
        async with self._turns:
            answered = await self._concierge.answer_next(address)
        if answered is None:
            return None
        for delivery in answered.deliveries:
            await self._courier.send(delivery)
        await self._show_choice(answered)
        return answered

    async def serve_all(self, address: Address) -> None:
        """Answers all that waits at an address now. What arrives meanwhile has an `attend` of its own."""
        while (answered := await self.serve(address)) is not None and answered.more:
            pass

    async def _serve(self, address: Address, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        while True:
            try:
                await self.serve_all(address)
                return
            except (Busy, OSError) as error:
                # The message is stored and stays so; it is tried again when the database answers.
                logger.warning("the database does not answer (%s); an address waits", type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception as error:
                logger.error("an address could not be served\n%s", trace(error))
                return

    async def _show_work(self, name: str, address: Address, origin: Origin) -> None:
        """That a message was read, and, where the answer takes its time, that somebody writes. It is only for the eye."""
        channel = self._channels.get(name)
        if channel is None:
            return
        with suppress(Exception):
            await channel.signal(origin, Signal.READ)
            await asyncio.sleep(WRITING_SECONDS)
            if address in self._busy:
                await channel.signal(origin, Signal.TYPING)

    async def _show_choice(self, answered: Answered) -> None:
        """After a tap the buttons go, and the choice stays shown; but under a list of many things, where others may be wanted too."""
        if answered.pressed is None:
            return
        organisation, delivery, intent = answered.pressed
        found = await outbox.shown(self._database, organisation, delivery)
        if found is None:
            return
        address, receipt, told = found
        if told.card.title.key in LISTS:
            return
        channel = self._channels.get(address.channel)
        words = self._catalogues.get(told.language)
        if channel is None or words is None:
            return
        card = told.card.map(words)
        label = next((choice.label for choice in card.choices if choice.intent == intent), "")
        try:
            await channel.close(receipt, address, card, label)
        except Exception as error:
            logger.warning("a choice could not be shown as taken (%s)", type(error).__name__)
