"""A wire: what a person at the other end of a channel can do and see. One implementation for each, over the channel's real counterpart."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Protocol, Self

from channels.shaping import line
from core.messaging.card import Card, Choice
from core.messaging.channel import Address, Channel, ChannelError, File, Inbound, Message
from koprogo.serve import kept_up
from tests.waiting import eventually

PATIENCE = 30.0


@dataclass(frozen=True)
class Heard:
    """A text that arrived and the files that came with it. `forms`: each form in which it may be read, as plain text or as HTML.

    `choices`: the labels, in order. `id`: the wire's own name for it, the same where it is only shown again.
    """

    forms: tuple[str, ...]
    choices: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    id: Any = None

    @property
    def text(self) -> str:
        return self.forms[0]


class Wire(Protocol):
    """One person on one channel, which listens. `taps`: he has buttons, or something else to touch. `label`: how long one is shown.

    `in_order`: what is said first is handed over first; a mail server delivers several mails at a time.
    """

    channel: Channel
    address: Address
    taps: bool
    label: int
    in_order: bool

    async def says(self, text: str) -> None: ...

    async def answers(self, number: int) -> None:
        """With the number of a choice, to the last that arrived."""

    async def presses(self, label: str) -> None:
        """The choice of that label under the last that arrived."""

    async def presses_old(self) -> None:
        """A choice that was offered so long ago that nobody knows it."""

    async def replies(self, to: Heard, text: str) -> None: ...

    async def received(self, count: int = 0) -> list[Heard]:
        """All texts that arrived, oldest first, each as it was first seen, once there are so many."""

    def refusing(self, error: type[ChannelError]) -> AbstractAsyncContextManager[Refusing]:
        """The wire fails so for a card that is sent as it is said."""

    async def another(self) -> Self:
        """Somebody else on the same channel."""


@dataclass(frozen=True)
class Refusing:
    """What has to be sent, and to whom, for the wire to fail."""

    to: Address
    files: Sequence[File] = ()


@dataclass
class Inbox:
    """Stores what arrives. `forgetful`: how often it does so and then fails, so that the wire is never told."""

    stored: list[Inbound] = field(default_factory=list)
    forgetful: int = 0

    async def receive(self, inbound: Inbound) -> None:
        self.stored.append(inbound)
        if self.forgetful and isinstance(inbound, Message):
            self.forgetful -= 1
            raise ConnectionError("the database went away before it answered")

    @property
    def messages(self) -> list[Message]:
        return [inbound for inbound in self.stored if isinstance(inbound, Message)]

    async def message(self, count: int = 1) -> Message:
        """The message with that number, counted from 1."""
        await eventually(lambda: len(self.messages) >= count)
        return self.messages[count - 1]


@asynccontextmanager
async def listening(channel: Channel) -> AsyncIterator[None]:
    """The channel listens, and again at once when it fails; cancelled at the end."""
    running = asyncio.create_task(kept_up(channel, lambda _: asyncio.sleep(0.05)))
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def numbered_apart(text: str) -> tuple[str, tuple[str, ...]]:
    """A text without the numbered choices at its end, and their labels. A page's address under a choice is part of it."""
    text = re.sub(r"\nhttps://\S+\n?$", "\n", text, flags=re.MULTILINE)
    found = re.search(r"(?:^|\n\n)((?:\d+\. .*\n*)+)$", text)
    labels = re.findall(r"^(\d+)\. (.+)$", found[1], re.MULTILINE) if found else []
    if found is None or [int(number) for number, _ in labels] != list(range(1, len(labels) + 1)):
        return text.strip(), ()
    return text[: found.start()].strip(), tuple(label.strip() for _, label in labels)


def seen(html: str) -> str:
    """HTML as it is read: a paragraph stands apart, what is listed is numbered."""
    page = _Page()
    page.feed(html)
    page.close()
    return re.sub("\n{3,}", "\n\n", "".join(page.words)).strip()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._item = 0
        self._head = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in ("head", "mx-reply"):
            self._head = True
        elif tag == "br":
            self.words.append("\n")
        elif tag == "ol":
            self._item = 0
            self.words.append("\n\n")
        elif tag == "li":
            self._item += 1
            self.words.append(f"\n{self._item}. ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("head", "mx-reply"):
            self._head = False
        elif tag == "p":
            self.words.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._head:
            self.words.append(data if data.strip() else "")


def labels(choices: Sequence[Choice[str]], wire: Wire) -> tuple[str, ...]:
    """How a wire shows the labels of a card: on one line, and no longer than it has room for."""
    shown = [line(choice.label) for choice in choices]
    return tuple(label if len(label) <= wire.label else f"{label[: wire.label - 1].rstrip()}…" for label in shown)


def paragraphs(card: Card[str]) -> tuple[str, ...]:
    """All that a card says but for its choices, in the order in which it is read."""
    return (card.title, *card.body, *(text for fact in card.facts for text in (fact.label, fact.value)))
