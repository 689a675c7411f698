"""A real homeserver, an inbox that remembers, and the channel between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from channels.matrix import MatrixSettings
from channels.matrix.channel import Matrix
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import File, Ignored, Inbound, Message
from core.messaging.intent import Intent
from tests.channels.world import Notes, at_work
from tests.servers.synapse import PASSWORD, Synapse, synapse
from tests.servers.synapse_people import Person
from tests.waiting import eventually

CARD: Card[str] = Card(
    "Vous devez 412,60 €",
    ("Trimestre 4 de 2026.",),
    (Fact("À payer", "412,60 €", "to_pay", 41260), Fact("Communication", "+++010/8068/17183+++")),
)
CHOICES = (
    Choice(Intent("charges.explain"), "Expliquer", "k7fQ29hX_0aBcDeF"),
    Choice(Intent("charges.pay"), "Payer", "p7fQ29hX-0aBcDeF"),
)
OFFER: Card[str] = Card(CARD.title, CARD.body, CARD.facts, CHOICES)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(1000)


def key(number: int) -> str:
    """A delivery key."""
    return f"{number:032x}"


def file(name: str, media_type: str, content: bytes) -> File:
    async def read() -> bytes:
        return content

    return File(name, media_type, len(content), read)


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

    @property
    def messages(self) -> list[Message]:
        return [inbound for inbound in self.stored if isinstance(inbound, Message)]

    @property
    def ignored(self) -> list[str]:
        return [inbound.why for inbound in self.stored if isinstance(inbound, Ignored)]

    async def message(self, count: int = 1) -> Message:
        """The message with that number, counted from 1."""
        await eventually(lambda: len(self.messages) >= count)
        return self.messages[count - 1]


@dataclass
class World:
    """A homeserver, our account there, and what was stored."""

    server: Synapse
    bot: Person
    folder: Path
    inbox: Inbox = field(default_factory=Inbox)
    notes: Notes = field(default_factory=Notes)

    @property
    def id(self) -> str:
        return self.bot.id

    def settings(self, **more: Any) -> MatrixSettings:
        return MatrixSettings(self.server.url, self.bot.id, self.folder, **{"password": PASSWORD, **more})

    def channel(self, settings: MatrixSettings | None = None, **more: Any) -> Matrix:
        return Matrix(settings or self.settings(), self.inbox.receive, self.notes, **more)

    def listening(self, channel: Matrix | None = None) -> AbstractAsyncContextManager[Matrix]:
        """The channel while it listens; cancelled at the end."""
        return at_work(channel or self.channel(), lambda: "since" in self.notes.kept)

    async def talk(self, with_: Person) -> str:
        """A direct room of somebody with us, in which we are."""
        room = await with_.create(invite=[self.id], direct=True)
        await self.bot.join(room)
        return room


@pytest.fixture(scope="session")
async def homeserver(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Synapse]:
    async with synapse(tmp_path_factory.mktemp("matrix")) as server:
        yield server


@pytest.fixture
async def world(homeserver: Synapse, tmp_path: Path) -> World:
    """A new account of ours each time."""
    return World(homeserver, await homeserver.newcomer("koprogo"), tmp_path / "matrix")


@pytest.fixture
async def lea(homeserver: Synapse) -> Person:
    return await homeserver.newcomer("lea")


@pytest.fixture
async def tom(homeserver: Synapse) -> Person:
    return await homeserver.newcomer("tom")


@pytest.fixture
async def sender(world: World) -> AsyncIterator[Matrix]:
    """A channel that only sends; its connections are closed afterwards."""
    channel = world.channel()
    yield channel
    await channel.close_connections()
