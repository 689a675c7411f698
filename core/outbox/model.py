"""A delivery: what is to be told to whom, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.channel import Address, Room
from core.messaging.delivery import Claimed

WAITING, SENDING, SENT, FAILED, SKIPPED = "waiting", "sending", "sent", "failed", "skipped"
LEASE = timedelta(seconds=60)
"""For how long a delivery is its sender's; then anybody may take it up again."""
MAX_ATTEMPTS = 12
"""A wire that is away is waited for some hours; then it is said another way."""
REPLY_LASTS = timedelta(days=30)
"""For how long the reply address of a delivery is taken for its reader."""
MOST_CHOICES = 999
"""No card has more."""
MOST_GATHERED = 20
"""Notices on one card: more than that nobody reads."""
LONGEST_WAIT = timedelta(hours=1)
OVERDUE = timedelta(minutes=5)
"""What is due longer than this should have left: nobody sends there, or the wire is away."""
LATELY = timedelta(days=7)
"""For so long a failure counts when it is asked how a channel does."""
WORN_OUT = "worn_out"
"""The reason of a delivery that was begun again and again and never came to an end: its sender died each time, or its wire was away."""


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery as the person or the operator sees it.

    `tried`: where it had failed before it was told here; `next_way`: the delivery with which it went on after it failed here;
    `gathered`: it left with others on one card, or is that card.
    """

    delivery_id: UUID
    person_id: UUID | None
    address: Address | Room
    kind: str
    language: str
    card: Card[Text]
    fate: str
    reason: str
    evidence: int
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    tried: tuple[Address, ...] = ()
    next_way: UUID | None = None
    gathered: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What was claimed, and what decides whether it is sent as it stands.

    `digest`: it waits for others; `gathers`: it is the card of several; `elsewhere`: what its reader wants, or whether its address leads
    to him, has changed since it was told.
    """

    delivery: Claimed
    told_at: datetime
    digest: bool
    urgency: int | None
    gathers: bool
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a delivery is. `person` None: a stranger's."""

    organisation: UUID
    delivery: UUID
    person: UUID | None
    address: Address
    created_at: datetime


def backoff(attempts: int, asked: timedelta, luck: float = 0.0) -> timedelta:
    """How long to wait before the next attempt: what the wire asked, or twice as long each time, an hour or so at most.

    `luck`, from 0 to 1, adds up to a quarter to our own pause, so that all that failed together does not come back together.
    """
    return max(asked, min(timedelta(seconds=5 * 2 ** min(attempts, 12)), LONGEST_WAIT) * (1 + luck / 4))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries are wanted: all that fits everything given. `name`: a part of the person's name.

    `buildings`: only those that were told on behalf of one of these; None: all of the organisation.
    """

    building: UUID | None = None
    fate: str = ""
    channel: str = ""
    kind: str = ""
    name: str = ""
    buildings: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery with what a list shows beside it. `number` grows with each delivery; `name` "": a room's or a stranger's."""

    told: Told
    number: int
    name: str
    building: UUID | None
    due: datetime


@dataclass(frozen=True, slots=True)
class Traffic:
    """How a channel does for an organisation: when something last left by it, what should have left and waits, what failed lately and why.

    `why`: the reason of the latest failure, as it is kept with the delivery.
    """

    sent_at: datetime | None = None
    overdue: int = 0
    failed: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Some deliveries, newest first; `older`: the number to ask for to see those before, None where there are none."""

    rows: tuple[Listed, ...]
    older: int | None
