"""How fast Telegram lets a bot write: 30 messages a second in all, one a second to a person, 20 a minute to a group.

Telegram publishes these as guidance (Bots FAQ, "My bot is hitting limits"). Times are seconds of a monotonic clock.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

OVERALL = (30, 1.0)
PERSON = (1, 1.0)
GROUP = (20, 60.0)
_REMEMBERED = 2_000


class Window:
    """At most `count` in any stretch of `seconds`."""

    def __init__(self, count: int, seconds: float) -> None:
        self._taken: deque[float] = deque(maxlen=count)
        self._seconds = seconds

    def next(self, now: float) -> float:
        """The first moment, from `now` on, at which one more fits."""
        if len(self._taken) < (self._taken.maxlen or 0):
            return now
        return max(now, self._taken[0] + self._seconds)

    def take(self, moment: float) -> None:
        self._taken.append(moment)

    def idle(self, now: float) -> bool:
        return not self._taken or self._taken[-1] + self._seconds <= now


class Pace:
    """Gives each message its turn. Chats are named as on the wire; messages to one chat go in the order in which they came for its lock."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], Awaitable[object]]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._overall = Window(*OVERALL)
        self._chats: dict[str, Window] = {}
        self._held: dict[str, float] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def lock(self, chat: str) -> asyncio.Lock:
        """The one lock of a chat, fair, and forgotten when nobody holds it."""
        return self._locks.setdefault(chat, asyncio.Lock())

    async def turn(self, chat: str, group: bool) -> None:
        """Waits until a message to the chat may leave. The caller holds the chat's lock."""
        if len(self._chats) > _REMEMBERED:
            now = self._clock()
            self._chats = {name: window for name, window in self._chats.items() if not window.idle(now)}
        window = self._chats.setdefault(chat, Window(*(GROUP if group else PERSON)))
        await self._until(window.next(self._clock()))
        await self.any_turn()
        window.take(self._clock())

    async def any_turn(self) -> None:
        """Waits until anything may leave."""
        moment = self._overall.next(self._clock())
        self._overall.take(moment)
        await self._until(moment)

    def hold(self, chat: str, seconds: float) -> None:
        """Telegram asked us to leave the chat alone for so long."""
        now = self._clock()
        self._held = {name: until for name, until in self._held.items() if until > now}
        self._held[chat] = now + seconds

    def held(self, chat: str) -> float:
        """For how many seconds more the chat is to be left alone; 0: not at all."""
        return max(0.0, self._held.get(chat, 0.0) - self._clock())

    async def _until(self, moment: float) -> None:
        while (wait := moment - self._clock()) > 0:
            await self._sleep(wait)
