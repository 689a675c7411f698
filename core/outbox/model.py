"""A delivery: what is to be told to whom, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.channel import Address, Room

WAITING, SENDING, SENT, FAILED, SKIPPED = "waiting", "sending", "sent", "failed", "skipped"
LEASE = timedelta(seconds=60)
"""For how long a delivery is its sender's; then anybody may take it up again."""
MAX_ATTEMPTS = 8
REPLY_LASTS = timedelta(days=30)
"""For how long the reply address of a delivery is taken for its reader."""
MOST_CHOICES = 999
"""No card has more."""
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery as the person or the operator sees it."""

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


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a delivery is. `person` None: a stranger's."""

    organisation: UUID
    delivery: UUID
    person: UUID | None
    address: Address
    created_at: datetime


def backoff(attempts: int, asked: timedelta) -> timedelta:
    """How long to wait before the next attempt: what the wire asked, or twice as long each time, an hour at most."""
    return max(asked, min(timedelta(seconds=5 * 2 ** min(attempts, 12)), LONGEST_WAIT))
