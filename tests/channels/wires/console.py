"""The terminal: its person sees the list that the channel writes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Self

from channels.console import NAME, Console, Shown
from channels.shaping import plain
from core.kernel.ids import new_id
from core.messaging.channel import Address, ChannelError, Message, Origin, Receive
from tests.channels.wires.wire import Heard, Refusing, numbered_apart


class ConsoleWire:
    """What a command does in its own process: it hands over what was typed, and prints what was shown."""

    taps = True
    label = 1_000
    in_order = True

    def __init__(self, channel: Console, receive: Receive, number: int = 1) -> None:
        self.channel, self._receive, self._number = channel, receive, number
        self.address = Address(NAME, f"lea{number}@tilleuls.example")
        self._read: list[tuple[Shown, Heard]] = []

    async def says(self, text: str) -> None:
        await self._says(text)

    async def answers(self, number: int) -> None:
        await self._says(str(number))

    async def presses(self, label: str) -> None:
        choices = (await self._shown())[-1].card.choices
        await self._says(choice=next(choice.token for choice in choices if choice.label == label))

    async def presses_old(self) -> None:
        await self._says(choice="long-gone")

    async def replies(self, to: Heard, text: str) -> None:
        await self._says(text, in_reply_to=to.id)

    async def received(self, count: int = 0) -> list[Heard]:
        for shown in (await self._shown())[len(self._read) :]:
            text, labels = numbered_apart(plain(shown.card))
            files = tuple([(file.name, await file.read()) for file in shown.files])
            self._read.append((shown, Heard((text,), labels, files, str(len(self._read)))))
        assert len(self._read) >= count
        return [heard for _, heard in self._read]

    @asynccontextmanager
    async def refusing(self, error: type[ChannelError]) -> AsyncIterator[Refusing]:
        raise AssertionError("a list takes everything")
        yield

    async def another(self) -> Self:
        return type(self)(self.channel, self._receive, self._number + 1)

    async def _shown(self) -> list[Shown]:
        return [shown for shown in self.channel.shown if shown.to == self.address]

    async def _says(self, text: str = "", choice: str | None = None, in_reply_to: str | None = None) -> None:
        message = Message(Origin(self.address), new_id().hex, datetime.now(UTC), text, choice, in_reply_to=in_reply_to)
        await self._receive(message)


@asynccontextmanager
async def console(receive: Receive) -> AsyncIterator[ConsoleWire]:
    yield ConsoleWire(Console(), receive)
