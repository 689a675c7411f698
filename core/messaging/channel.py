"""What a wire is: what arrives from it, what leaves by it, and how it fails. Channels differ by data, never by name.

ChannelError
  Unreachable   never again at this address
  TryLater      after so long
  Rejected      our own fault: a human has to look
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, IntEnum
from typing import Any, Protocol

from core.messaging.card import Card


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where one person is reached: `handle` is the wire's own name for him, as text."""

    channel: str
    handle: str


@dataclass(frozen=True, slots=True, order=True)
class Room:
    """Where several people are reached at once."""

    channel: str
    handle: str


class Trust(Enum):
    """What a wire can say about who really wrote.

    `SURE`: the wire itself knows him. Of an e-mail, whose sender anybody can write: `REPLY`, it came by the reply address of a delivery,
    which `token` names; `PASS`, `FAIL` or `NONE`, what the trusted server found of its domain (DMARC, RFC 7489).
    """

    SURE = "sure"
    PASS = "pass"
    FAIL = "fail"
    NONE = "none"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote, and where. `room` None: a direct talk. `addressed`: in a room, whether we were meant. `language`: the client's, if told.

    `token`: the key of the delivery to whose reply address the message came, where that address was ours to give.
    """

    sender: Address
    room: Room | None = None
    addressed: bool = True
    language: str | None = None
    trust: Trust = Trust.SURE
    token: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way in or out. `read` gives its bytes when they are wanted."""

    name: str
    media_type: str
    size: int
    read: Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Message:
    """Something said. `ref`: unique on the channel. A pressed choice is its token in `choice`; `start` a deep link's payload.

    `in_reply_to` and `edits` are wire references of earlier messages; a reaction is a choice by its number with `in_reply_to`.
    `thread` is what an answer gives back as `reply_to`, so that it stands in the same thread; None: it stands by itself.
    """

    origin: Origin
    ref: str
    at: datetime
    text: str = ""
    choice: str | None = None
    start: str | None = None
    in_reply_to: str | None = None
    edits: str | None = None
    files: tuple[File, ...] = ()
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The person has seen a message, or all up to it."""

    origin: Origin
    ref: str
    at: datetime
    wire_ref: str
    up_to: bool = False


@dataclass(frozen=True, slots=True)
class Bounced:
    """A delivery came back: `key` is its delivery key where it is known, else `address`."""

    ref: str
    at: datetime
    key: str | None = None
    address: Address | None = None
    hard: bool = True


class Departure(Enum):
    BLOCKED = "blocked"
    LEFT = "left"
    UNSUBSCRIBED = "unsubscribed"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Gone:
    """The person blocked us, left or unsubscribed."""

    origin: Origin
    ref: str
    at: datetime
    how: Departure


@dataclass(frozen=True, slots=True)
class Joined:
    """We were taken into a room."""

    origin: Origin
    ref: str
    at: datetime
    members: int | None = None
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that means nothing to us, kept as a count: `why` is a word such as `unknown_kind` or `malformed`."""

    ref: str
    at: datetime
    why: str


Inbound = Message | Seen | Bounced | Gone | Joined | Ignored
Receive = Callable[[Inbound], Awaitable[None]]
"""Returns when it is stored: only then is the wire told. Raising means no acknowledgement."""


class Evidence(IntEnum):
    """How far a delivery is known to have come. It only ever grows."""

    NONE = 0
    ACCEPTED = 1
    DELIVERED = 2
    SEEN = 3
    ACKNOWLEDGED = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the wire answered to a send: its own reference, and what that proves."""

    wire_ref: str
    evidence: Evidence
    at: datetime


class Signal(Enum):
    """What a wire can show that says nothing."""

    TYPING = "typing"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Membership:
    count: int
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Traits:
    """How a channel differs from another. `one_receiver`: only one process may listen. `idempotent`: the delivery key repeats nothing.

    `on_paper`: what it sends is printed and posted.
    """

    buttons: bool
    max_chars: int
    max_file_bytes: int
    per_second: float | None = None
    per_chat_second: float | None = None
    one_receiver: bool = False
    idempotent: bool = False
    edits: bool = False
    groups: bool = False
    on_paper: bool = False
    best_evidence: Evidence = Evidence.ACCEPTED


class Memory(Protocol):
    """The wire's cursors, kept across restarts, scoped to channel and account."""

    async def get(self, key: str) -> str | None: ...

    async def put(self, key: str, value: str) -> None: ...


class Pages(Protocol):
    """What the installation signs for the reader of one delivery. `key` is the delivery key that `Channel.send` was given.

    A page's address is None where the installation has no address that the reader could open.
    """

    def choice(self, key: str, token: str) -> str | None:
        """The page whose button presses this choice. To open it presses nothing."""

    def unsubscribe(self, to: Address) -> str | None:
        """The page that ends what may be ended at this address, by a POST alone (RFC 8058) or by its button."""

    def reply(self, key: str) -> str:
        """The token of the reply address of a delivery: 42 lower-case letters and digits, whatever case it comes back in."""

    def replied(self, token: str) -> str | None:
        """The delivery key that a reply token was made for; None where it was not made here."""


class Channel(Protocol):
    """A wire. Built with its settings, `receive`, a `Memory` and, where it writes links, `Pages`."""

    @property
    def name(self) -> str: ...

    @property
    def traits(self) -> Traits: ...

    async def run(self) -> None:
        """Listens until cancelled; restarted with backoff when it fails."""

    def routes(self) -> Sequence[Any]:
        """aiohttp route definitions for webhooks, served by the process that runs the bot."""

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[File], key: str, reply_to: str | None
    ) -> Receipt:
        """Hands one card over. ChannelError where the wire does not take it.

        `key` is the delivery's own, 32 hexadecimal digits, the same whenever it is tried again; `reply_to` the `thread` of a message.
        """

    async def close(self, receipt: Receipt, to: Address | Room, card: Card[str], chosen: str) -> None:
        """After a choice: the buttons go, the choice stays shown. Silent where the wire cannot."""

    async def edit(self, receipt: Receipt, to: Address | Room, card: Card[str]) -> None:
        """Replaces what was sent. Silent where the wire cannot."""

    async def signal(self, origin: Origin, signal: Signal) -> None:
        """Shows that we read or write. Silent where the wire cannot."""

    async def members(self, room: Room) -> Membership: ...


class ChannelError(Exception):
    """A send that failed. `reason` is for the operator, never for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(ChannelError):
    """Nothing will ever arrive at this address again: blocked, gone, no such person."""


@dataclass
class TryLater(ChannelError):
    """The wire wants us to wait."""

    reason: str
    after: timedelta = field(default=timedelta(seconds=30))

    def __post_init__(self) -> None:
        super().__init__(self.reason)


class Rejected(ChannelError):
    """The wire refuses what we sent: our own fault, set aside for a human."""
