"""From something to tell to a way to tell it: the notice, the person who gets it, and the pure `plan()`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.channel import Address, Room

ANSWER = "answer"
"""The kind of what answers a message just said: at once, to the address that asked, judged by no preference."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads at an address, where the teller knows it. `person` None: a stranger."""

    person: UUID | None
    language: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a use case wants told. `key` makes a second press harmless; `reply_to` is the wire reference that it answers.

    To an address, `reader` says who is there; to a room, in which language.
    """

    to: UUID | Address | Room
    card: Card[Text]
    kind: str
    key: str
    due: datetime | None = None
    expires: datetime | None = None
    reply_to: str | None = None
    reader: Reader | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A recorded delivery that this process is to send now, its choices with their tokens."""

    delivery_id: UUID
    organisation: UUID
    key: str
    kind: str
    address: Address | Room
    reader: Reader
    card: Card[Text]
    reply_to: str | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Reachable:
    """An address of a person and when he last wrote from it; None: never yet. `last_resort`: only where there is no other."""

    address: Address
    last_used: datetime | None = None
    last_resort: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person as `plan` sees him."""

    addresses: Sequence[Reachable] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """To be sent there, from then on."""

    address: Address | Room
    due: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not to be sent, and why: a word that is kept and counted."""

    reason: str


NO_ADDRESS = "no_address"
EXPIRED = "expired"


def plan(notice: Notice, recipient: Recipient, now: datetime) -> Delivery | Skipped:
    """Where a notice goes: to the address or room that asked, else to the address last used.

    An address never written from counts after all that were; among equals the first in order wins. A last resort counts after all.
    """
    if notice.expires is not None and notice.expires <= now:
        return Skipped(EXPIRED)
    due = max(notice.due or now, now)
    if not isinstance(notice.to, UUID):
        return Delivery(notice.to, due)
    if not recipient.addresses:
        return Skipped(NO_ADDRESS)
    addresses = [reachable for reachable in recipient.addresses if not reachable.last_resort] or recipient.addresses
    used = [reachable for reachable in addresses if reachable.last_used is not None]
    chosen = max(used, key=lambda reachable: reachable.last_used or now) if used else addresses[0]
    return Delivery(chosen.address, due)
