"""What the tests of every channel stand on: a memory, patience, and a channel that listens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from core.messaging.channel import Channel
from tests.waiting import eventually

C = TypeVar("C", bound=Channel)


@dataclass
class Notes:
    """A memory that outlives a restart within a test."""

    kept: dict[str, str] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str) -> None:
        self.kept[key] = value


@contextlib.asynccontextmanager
async def at_work(channel: C, ready: Callable[[], bool] = lambda: True) -> AsyncIterator[C]:
    """The channel while it listens, from when it is `ready`; cancelled at the end."""
    running = asyncio.create_task(channel.run())
    try:
        await eventually(lambda: ready() or running.done())
        yield channel
        assert not running.done(), running.exception()
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
