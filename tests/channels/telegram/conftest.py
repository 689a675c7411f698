"""A stand-in for Telegram, an inbox that remembers, and the channel between them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest

from channels.telegram import TelegramSettings
from channels.telegram.channel import Commands, Telegram
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import Ignored, Inbound, Message
from core.messaging.intent import Intent
from tests.channels.world import Notes, at_work
from tests.servers.telegram import BotApi
from tests.waiting import eventually

TOKENS = {"Expliquer": "k7fQ29hX_0aBcDeF", "Payer": "p7fQ29hX-0aBcDeF"}
CARD: Card[str] = Card(
    "Vous devez 412,60 €",
    ("Trimestre 4 de 2026.",),
    (Fact("À payer", "412,60 €", "to_pay", 41260), Fact("Communication", "+++010/8068/17183+++")),
    tuple(Choice(Intent("charges.explain"), label, token) for label, token in TOKENS.items()),
)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@dataclass
class Inbox:
    """Stores what arrives, and refuses to as often as it is told."""

    stored: list[Inbound] = field(default_factory=list)
    refusals: int = 0

    async def receive(self, inbound: Inbound) -> None:
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("the database is away")
        self.stored.append(inbound)

    async def until(self, count: int) -> list[Inbound]:
        """All that is stored, once there is so much."""
        await eventually(lambda: len(self.stored) >= count)
        return self.stored

    async def message(self) -> Message:
        """The first thing that arrives, which is a message."""
        (first, *_) = await self.until(1)
        assert isinstance(first, Message), first
        return first

    async def ignored(self) -> str:
        (first, *_) = await self.until(1)
        assert isinstance(first, Ignored), first
        return first.why


@dataclass
class World:
    """Telegram, us, and what was stored."""

    api: BotApi
    inbox: Inbox = field(default_factory=Inbox)
    notes: Notes = field(default_factory=Notes)
    commands: Commands | None = None

    def settings(self, **more: Any) -> TelegramSettings:
        return TelegramSettings(self.api.token, self.api.url, **{"poll_timeout": 2, **more})

    def channel(self, settings: TelegramSettings | None = None, **more: Any) -> Telegram:
        return Telegram(settings or self.settings(), self.inbox.receive, self.notes, self.commands, **more)

    def listening(self, channel: Telegram | None = None) -> AbstractAsyncContextManager[Telegram]:
        """The channel while it listens; cancelled at the end."""
        return at_work(channel or self.channel())


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """The stand-in; after each test nothing unknown was asked of it."""
    async with BotApi() as server:
        yield server
        assert server.strangers == []


@pytest.fixture
def world(api: BotApi) -> World:
    return World(api)


class Skipped:
    """Time that passes only by sleeping, so that nothing has to wait. For one sender at a time."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
async def sender(world: World) -> AsyncIterator[Telegram]:
    """A channel that only sends, without waiting for its turn; its connections are closed afterwards."""
    time = Skipped()
    channel = world.channel(sleep=time.sleep, monotonic=time.clock)
    yield channel
    await closed(channel)


async def closed(channel: Telegram) -> None:
    """Ends a channel that may never have listened."""
    running = asyncio.create_task(channel.run())
    await asyncio.sleep(0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
