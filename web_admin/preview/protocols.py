"""What koprogo/ fills in: how each channel shows a message, and a talk with the bot of which nothing is kept.

The office knows neither the channels nor the bot. Both are set on it where it is wired in, under `PREVIEWS` and `TRY_IT`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aiohttp import web

from core.kernel.errors import DomainError
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.channel import File


@dataclass(frozen=True, slots=True)
class Sitter:
    """In whose place somebody looks: a person as one building knows him; None: a stranger. `language`: what he is spoken to in."""

    organisation: UUID
    building: str
    person: UUID | None
    language: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is told, and to whom. `files`: what goes along besides the attachments of the card: papers that no list names yet."""

    card: Card[Text]
    kind: str
    language: str
    organisation: UUID
    person: UUID | None
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A message that can be looked at. `answer`: the bot says it when it is asked; else it is told unasked."""

    name: str
    label: Text
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on a wire: as HTML, as plain text, or both. `file`: the number of the file that it carries, from 1; 0: none."""

    html: str = ""
    text: str = ""
    file: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """How a channel shows a message. What a wire does not have is empty.

    `buttons`: their labels, row by row; `taps`: the signs under it that can be touched; `headers`: name and value; `files`: name and media
    type of all that goes along; `paged`: it can be had as a letter. `refused`: why nothing of the kind leaves by this channel.
    `set_up`: whether this installation has the channel.
    """

    channel: str
    bubbles: tuple[Bubble, ...] = ()
    buttons: tuple[tuple[str, ...], ...] = ()
    taps: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    paged: bool = False
    refused: Text | None = None
    set_up: bool = True

    @property
    def enclosed(self) -> tuple[tuple[str, str], ...]:
        """Those of its files that stand in no bubble of their own, and go along with the words."""
        return self.files if self.bubbles and not any(bubble.file for bubble in self.bubbles) else ()


class Previews(Protocol):
    """Shows messages without sending them. Nothing is recorded."""

    def samples(self) -> Sequence[Sample]: ...

    async def sample(self, name: str, sitter: Sitter) -> Sequence[Message]:
        """What that person would be told: real cards, with his own figures. Empty where nobody is told such a thing."""

    async def pictures(self, message: Message) -> Sequence[Picture]:
        """On every channel, what would be sent there, without any token that acts for its reader."""

    async def file(self, message: Message, number: int) -> File | None:
        """What goes along, by its number from 1."""

    async def letter(self, message: Message) -> bytes:
        """As it would be printed: PDF. DomainError where there is no postal address, or it cannot be drawn."""

    async def first_page(self, message: Message) -> bytes:
        """Of the same letter: PNG."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something said in a talk, or the token of a choice that was pressed."""

    at: datetime
    text: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk up to now, without its answers: they come again when it is played. `number` is its own, and large."""

    number: int
    sitter: Sitter
    begun: datetime
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A card in the words of its reader; the tokens of its choices are good for this talk alone."""

    card: Card[str]
    language: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Overheard:
    """What somebody else would have been told by it. `who`: a name, or a channel of the person's own."""

    who: Text
    card: Card[Text]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line with what followed. `said`: its text, or the label of the choice."""

    said: str
    answers: tuple[Answer, ...]
    others: tuple[Overheard, ...] = ()


class NotOffered(DomainError):
    """A choice that this talk does not offer, or offers no more."""


class TryIt(Protocol):
    """Talks with whoever tries, in a resident's place."""

    async def played(self, talk: Talk) -> Sequence[Exchange]:
        """The whole talk from its beginning, after which nothing of it remains. NotOffered where it presses what it was not offered."""


PREVIEWS = web.AppKey("previews", Previews)
TRY_IT = web.AppKey("try_it", TryIt)
