"""Lanes: one for each channel, at its own pace, so that a slow or stuck wire never holds another."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from bot.trace import trace
from core.database import Busy, Database
from core.messaging.channel import Address, Room, Traits
from core.messaging.delivery import Claimed
from core.outbox import service as outbox
from core.outbox.model import LEASE
from core.outbox.service import Sent

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Addresses that one lane sends to at the same time."""
MOST_CLAIMED = 200
"""Deliveries that a lane has taken and not sent yet: what another process would have to wait for if this one died."""
AHEAD_SECONDS = 10.0
"""A lane with a limit takes no more than it may send in this time."""
LOOK_SECONDS = 1.0
"""How often the end of a lane's work is looked at: what was settled, what is still held, what else is due."""
FAILURES = 5
"""So many attempts in a row that came to nothing mean that the wire is away: it is left alone for a while."""
FIRST_REST, LONGEST_REST = timedelta(seconds=2), timedelta(seconds=60)
SETTLED_AT_ONCE = 100
LAST_SECONDS = 5.0
"""What is under way when the process is stopped has so long to come to its end."""
HELD_SECONDS = 0.75 * LEASE.total_seconds()
"""For how long a sender takes what it has claimed for its own; the rest of the lease is for clocks that differ."""


class Pace:
    """How fast a lane goes: at most `per_second`; half as fast each time the wire wants us to wait, and slowly back.

    That is how several processes share the limit of one wire without speaking to one another.
    """

    def __init__(self, per_second: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = self.rate = per_second
        self._clock, self._next = clock, 0.0

    def wait(self) -> float:
        """Takes the next place; gives the seconds until it comes."""
        if self.rate is None:
            return 0.0
        now = self._clock()
        begin = max(now, self._next)
        self._next = begin + 1 / self.rate
        return begin - now

    def slower(self) -> None:
        if self.rate is not None:
            self.rate = max(self.rate / 2, 0.5)

    def faster(self) -> None:
        if self.rate is not None and self.limit is not None and self.rate < self.limit:
            self.rate = min(self.limit, self.rate + self.limit / 100)


@dataclass(frozen=True, slots=True)
class PutOff:
    """An attempt that came to nothing for now; the wire wants us to wait so long."""

    after: timedelta


class Over(Enum):
    """An attempt that came to nothing for good: what follows from it is settled."""

    OVER = "over"


Attempt = Callable[[Claimed], Awaitable[Sent | PutOff | Over]]
"""Hands one delivery over. What failed is settled when it returns; what was sent is for the lane to settle."""


class Lane:
    """Takes what is due on one channel and sends it: in order at each address, several addresses at a time.

    What was sent is settled in batches where the wire repeats nothing that it is given again, else each at once, so that a crash finds no
    more unsettled than was in flight.
    """

    def __init__(self, database: Database, channel: str, traits: Traits, attempt: Attempt) -> None:
        self._database, self._channel, self._traits, self._attempt = database, channel, traits, attempt
        self.pace = Pace(traits.per_second)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._draining = asyncio.Lock()
        self._settling = asyncio.Lock()
        self._held: dict[UUID, tuple[Claimed, float]] = {}
        self._sent: list[Sent] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._failures = self._rests = 0
        self._rests_until: datetime | None = None
        self._stopping = False

    @property
    def resting(self) -> bool:
        """Whether the wire is left alone, because it answered nothing for a while."""
        return self._rests_until is not None and self._database.clock() < self._rests_until

    async def drain(self) -> int:
        """Sends everything that is due, until nothing is left or the wire needs a rest; gives how many were taken."""
        async with self._draining:
            keeper = asyncio.create_task(self._keep())
            try:
                return await self._take_all()
            finally:
                await self._end(keeper)

    async def _take_all(self) -> int:
        taken = 0
        while not self.resting:
            self._room.clear()
            most = self._most() - len(self._held)
            if most < self._most() / 2 and self._held:
                await self._room.wait()
                continue
            deliveries = await outbox.claim(self._database, (self._channel,), most)
            if not deliveries and not self._tasks:
                break
            if not deliveries:
                # What is under way may still give something to do: an address that is free again, another way for what failed.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._idle(), LOOK_SECONDS)
            taken += len(deliveries)
            self._begin(deliveries)
        return taken

    def _most(self) -> int:
        if self._failures >= FAILURES:
            return 1  # somebody tries whether the wire is back
        if self.pace.rate is None:
            return MOST_CLAIMED
        return max(1, min(MOST_CLAIMED, int(self.pace.rate * AHEAD_SECONDS)))

    def _begin(self, deliveries: Sequence[Claimed]) -> None:
        until = time.monotonic() + HELD_SECONDS
        addresses: dict[Address | Room, list[Claimed]] = {}
        for delivery in deliveries:
            self._held[delivery.delivery_id] = delivery, until
            addresses.setdefault(delivery.address, []).append(delivery)
        for each in addresses.values():
            task = asyncio.create_task(self._in_order(each))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The lease runs out, and it is tried again.
            logger.warning("%s: a delivery could not be settled (%s)", self._channel, type(error).__name__)

    async def _in_order(self, deliveries: Sequence[Claimed]) -> None:
        """Sends to one address. Where one is put off, those behind it are given back: nothing overtakes."""
        async with self._places:
            for place, delivery in enumerate(deliveries):
                if self._shut or (place and not await self._next_at_address()):
                    return await self._release(deliveries[place:])
                await asyncio.sleep(self.pace.wait())
                if time.monotonic() > self._held[delivery.delivery_id][1]:
                    # We were held up for longer than the lease: it is somebody else's by now.
                    for lost in deliveries[place:]:
                        self._held.pop(lost.delivery_id, None)
                    return None
                try:
                    outcome = await self._attempt(delivery)
                finally:
                    self._held.pop(delivery.delivery_id, None)
                if isinstance(outcome, PutOff):
                    self._failed(outcome)
                    return await self._release(deliveries[place + 1 :])
                self._failures = self._rests = 0
                if isinstance(outcome, Sent):
                    self.pace.faster()
                    self._sent.append(outcome)
                    if not self._traits.idempotent or len(self._sent) >= SETTLED_AT_ONCE:
                        await self._settle()
                self._room.set()
        return None

    async def _next_at_address(self) -> bool:
        if self._traits.per_chat_second:
            await asyncio.sleep(1 / self._traits.per_chat_second)
        return not self._shut

    @property
    def _shut(self) -> bool:
        return self._stopping or self.resting

    def _failed(self, outcome: PutOff) -> None:
        self.pace.slower()
        self._failures += 1
        if self._failures >= FAILURES and not self.resting:
            rest = min(max(FIRST_REST * 2 ** min(self._rests, 6), outcome.after), LONGEST_REST)
            self._rests += 1
            self._rests_until = self._database.clock() + rest
            logger.warning("%s takes nothing; it is left alone for %.0f s", self._channel, rest.total_seconds())

    async def _release(self, deliveries: Sequence[Claimed]) -> None:
        mine = [delivery for delivery in deliveries if self._held.pop(delivery.delivery_id, None)]
        if mine:
            await outbox.release(self._database, mine)

    async def _settle(self) -> None:
        """Settles what was sent. It is not forgotten while the database is away: else it would be sent again."""
        async with self._settling:
            while self._sent:
                sent = self._sent[:SETTLED_AT_ONCE]
                try:
                    await outbox.all_sent(self._database, sent)
                except (Busy, OSError) as error:
                    logger.warning("%s: what was sent waits for the database (%s)", self._channel, type(error).__name__)
                    await asyncio.sleep(LOOK_SECONDS)
                    continue
                del self._sent[: len(sent)]

    async def _keep(self) -> None:
        """Settles what would wait for company too long, and holds on to what is under way."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._settle()
                until = time.monotonic() + HELD_SECONDS
                ending = [each for each, end in self._held.values() if end < until - HELD_SECONDS / 2]
                if ending:
                    await outbox.renew(self._database, ending)
                    self._held.update(
                        (each.delivery_id, (each, until)) for each in ending if each.delivery_id in self._held
                    )
            except (Busy, OSError) as error:
                logger.warning("%s: the database does not answer (%s)", self._channel, type(error).__name__)
            except Exception as error:
                logger.error("%s: settling failed\n%s", self._channel, trace(error))

    async def _idle(self) -> None:
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def _end(self, keeper: asyncio.Task[None]) -> None:
        """Nothing more is begun, what is under way comes to its end and is settled, and the rest is given back.

        Also where this process is stopped or the database is away: what is broken off now would perhaps be sent twice.
        """
        stopped = (asyncio.current_task() or keeper).cancelling() > 0
        self._stopping = stopped
        try:
            if self._tasks:
                await asyncio.wait(list(self._tasks), timeout=LAST_SECONDS if stopped else None)
            for task in list(self._tasks):
                task.cancel()
            await self._idle()
            if not stopped:
                await self._settle()
            elif self._sent:
                await outbox.all_sent(self._database, self._sent)
                self._sent.clear()
            await self._release([delivery for delivery, _ in self._held.values()])
        except (Busy, OSError) as error:
            logger.warning("%s: the database is away at the end (%s)", self._channel, type(error).__name__)
        finally:
            keeper.cancel()
            self._held.clear()
            self._stopping = False
