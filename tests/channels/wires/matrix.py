"""Matrix: its person has an account on the same Synapse as we do, and a direct room with us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from channels.matrix import MatrixSettings
from channels.matrix.channel import Matrix
from channels.matrix.render import KEYCAPS
from core.messaging.channel import Address, ChannelError, File, Memory, Receive, Rejected, TryLater, Unreachable
from tests.channels.wires.wire import PATIENCE, Heard, Refusing, listening, numbered_apart, seen
from tests.servers.synapse import PASSWORD, Synapse
from tests.servers.synapse_people import Event, Person

MOST_BYTES = 2**20
"""What the server of the tests takes of a file; the channel believes that it takes more."""


class MatrixWire:
    taps = True
    label = 1_000
    in_order = True

    def __init__(self, server: Synapse, channel: Matrix, us: str, person: Person, room: str) -> None:
        self.server, self.channel, self.us, self.person, self.room = server, channel, us, person, room
        self.address = Address("matrix", person.id)
        self._read: dict[str, Heard] = {}
        self._files: list[tuple[str, bytes]] = []

    async def says(self, text: str) -> None:
        await self.person.text(self.room, text)

    async def answers(self, number: int) -> None:
        await self.says(str(number))

    async def presses(self, label: str) -> None:
        """Reacts with the emoji of the number."""
        last = list(self._read.values())[-1]
        await self.person.react(self.room, last.id, KEYCAPS[last.choices.index(label)])

    async def presses_old(self) -> None:
        await self.person.react(self.room, list(self._read)[-1], KEYCAPS[8])

    async def replies(self, to: Heard, text: str) -> None:
        await self.person.text(self.room, text, reply_to=to.id)

    async def received(self, count: int = 0) -> list[Heard]:
        await self.person.until(lambda: len(self._texts()) >= count, PATIENCE)
        for event in self._ours():
            if event["event_id"] not in self._read:
                await self._look(event)
        return [heard for heard in self._read.values() if heard.forms]

    @asynccontextmanager
    async def refusing(self, error: type[ChannelError]) -> AsyncIterator[Refusing]:
        if error is Unreachable:
            yield Refusing(Address("matrix", f"@nobody-at-all:{self.server.name}"))
        elif error is Rejected:
            yield Refusing(self.address, (File("plan.pdf", "application/pdf", MOST_BYTES + 1, _too_much),))
        elif error is TryLater:
            await self.server.stop()
            try:
                yield Refusing(self.address)
            finally:
                await self.server.start()

    async def another(self) -> Self:
        tom = await self.server.newcomer("tom")
        return type(self)(self.server, self.channel, self.us, tom, await _talk(tom, self.us))

    def _ours(self) -> list[Event]:
        """What we said, but for what only takes the place of something."""
        return [
            event
            for event in self.person.events
            if (event["sender"], event["type"]) == (self.us, "m.room.message")
            and event["content"].get("m.relates_to", {}).get("rel_type") != "m.replace"
        ]

    def _texts(self) -> list[Event]:
        return [event for event in self._ours() if event["content"]["msgtype"] == "m.notice"]

    async def _look(self, event: Event) -> None:
        """A file belongs to the text after it."""
        content = event["content"]
        if content["msgtype"] != "m.notice":
            self._files.append((content["body"], await self.person.download(content["url"])))
            self._read[event["event_id"]] = Heard(())
            return
        (text, labels), (html, listed) = map(numbered_apart, (content["body"], seen(content["formatted_body"])))
        assert labels == listed
        self._read[event["event_id"]] = Heard((text, html), labels, tuple(self._files), event["event_id"])
        self._files.clear()


async def _talk(person: Person, us: str) -> str:
    room = await person.create(invite=[us], direct=True)
    await person.until(lambda: any(_joins(event, us) for event in person.events), PATIENCE)
    return room


def _joins(event: Event, us: str) -> bool:
    return (event["type"], event["sender"], event["content"].get("membership")) == ("m.room.member", us, "join")


async def _too_much() -> bytes:
    return bytes(MOST_BYTES + 1)


@asynccontextmanager
async def matrix(
    server: Synapse, folder: Path, receive: Receive, memory: Memory, **more: Any
) -> AsyncIterator[MatrixWire]:
    """A new account of ours, and a new person."""
    bot, lea = await server.newcomer("koprogo"), await server.newcomer("lea")
    channel = Matrix(MatrixSettings(server.url, bot.id, folder, password=PASSWORD), receive, memory, **more)
    async with listening(channel):
        yield MatrixWire(server, channel, bot.id, lea, await _talk(lea, bot.id))
