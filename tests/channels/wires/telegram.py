"""Telegram: its person has a phone with the stand-in for the Bot API, which is OUR READING of its documentation and nothing more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from channels.telegram import TelegramSettings
from channels.telegram.channel import Telegram
from core.messaging.channel import Address, ChannelError, Memory, Receive, Rejected, TryLater, Unreachable
from tests.channels.telegram.conftest import Skipped
from tests.channels.wires.wire import Heard, Refusing, listening
from tests.servers.telegram import BotApi
from tests.servers.telegram_people import Person, Sent
from tests.waiting import eventually

RETRY_AFTER = 7
"""Seconds."""


class TelegramWire:
    taps = True
    label = 40
    in_order = True

    def __init__(self, api: BotApi, channel: Telegram, time: Skipped, person: Person) -> None:
        self.api, self.channel, self.time, self.person = api, channel, time, person
        self.address = Address("telegram", str(person.id))
        self._read: dict[int, Heard] = {}
        self._file: list[tuple[str, bytes]] = []
        # Nobody is written to by the bot who did not write to it first.
        person.barred = None

    async def says(self, text: str) -> None:
        self.person.says(text)

    async def answers(self, number: int) -> None:
        self.person.says(str(number))

    async def presses(self, label: str) -> None:
        self.person.presses(self._last, label)

    async def presses_old(self) -> None:
        self.person.presses_data(self._last, "long-gone")

    async def replies(self, to: Heard, text: str) -> None:
        self.person.says(text, reply_to=to.id)

    async def received(self, count: int = 0) -> list[Heard]:
        await eventually(lambda: self._texts() >= count)
        for sent in self.person.messages:
            if sent.id not in self._read:
                self._look(sent)
        return [heard for heard in self._read.values() if heard.forms]

    @asynccontextmanager
    async def refusing(self, error: type[ChannelError]) -> AsyncIterator[Refusing]:
        if error is Unreachable:
            self.person.blocks()
        elif error is TryLater:
            self.api.fail("sendMessage", 429, f"Too Many Requests: retry after {RETRY_AFTER}", retry_after=RETRY_AFTER)
        elif error is Rejected:
            self.api.fail("sendMessage", 400, "Bad Request: can't parse entities")
        yield Refusing(self.address)
        await self.time.sleep(RETRY_AFTER)

    async def another(self) -> Self:
        return type(self)(self.api, self.channel, self.time, self.api.person("Tom"))

    @property
    def _last(self) -> Sent:
        return self.person.last

    def _texts(self) -> int:
        return sum(bool(sent.words) for sent in self.person.messages)

    def _look(self, sent: Sent) -> None:
        """A file without a word belongs to the text after it. What is edited later was read as it was."""
        if sent.photo is not None:
            self._file.append(("", sent.photo))
        if sent.document is not None:
            self._file.append(sent.document)
        files = tuple(self._file) if sent.words else ()
        if sent.words:
            self._file.clear()
        self._read[sent.id] = Heard((sent.words,) if sent.words else (), tuple(sent.labels), files, sent.id)


@asynccontextmanager
async def telegram(receive: Receive, memory: Memory, **more: Any) -> AsyncIterator[TelegramWire]:
    """The channel's pace is not waited for."""
    time = Skipped()
    async with BotApi() as api:
        settings = TelegramSettings(api.token, api.url, poll_timeout=2)
        channel = Telegram(settings, receive, memory, monotonic=time.clock, sleep=time.sleep, **more)
        async with listening(channel):
            yield TelegramWire(api, channel, time, api.person("Léa"))
        assert api.strangers == []
