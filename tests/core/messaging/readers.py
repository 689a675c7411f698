"""People who can be told something, in every state, and moments at which they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from core.kernel.clock import BRUSSELS
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address, Room
from core.messaging.delivery import (
    Notice,
    Reachable,
    Recipient,
)
from core.messaging.kinds import ANSWER, KINDS, LEGAL


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS).astimezone(UTC)


NOW = local("2026-11-22 11:00")
"""A Sunday."""
NIGHT, MORNING = local("2026-11-22 23:00"), local("2026-11-23 08:00")
NOON, DIGEST, MONDAY = local("2026-11-23 12:00"), local("2026-11-23 09:00"), local("2026-11-23 09:00")
EARLIER, LATER, HOUR = NOW - timedelta(days=1), NOW + timedelta(days=1), timedelta(hours=1)
PERSON = UUID(int=7)
PHONE, MAIL, MATRIX = Address("telegram", "1"), Address("email", "a@b.example"), Address("matrix", "@a:b.example")
TERMINAL, LETTER = Address("console", "a@b.example"), Address("letter", str(PERSON))
STOPPABLE = sorted(name for name, kind in KINDS.items() if kind.may_stop)
UNASKED = sorted(set(KINDS) - {ANSWER, LEGAL})


def notice(kind: str, to: UUID | Address | Room = PERSON, **more: Any) -> Notice:
    return Notice(to, Card(say("x")), kind, "key", **more)


def reachable(*addresses: tuple[Address, datetime | None], last_resort: str = "") -> Recipient:
    return Recipient(tuple(Reachable(address, used, address.channel == last_resort) for address, used in addresses))


def wanting(recipient: Recipient, **wishes: Any) -> Recipient:
    return replace(recipient, preferences=replace(recipient.preferences, **wishes))


def only(recipient: Recipient, *channels: str, kind: str = "") -> Recipient:
    return wanting(recipient, only={kind: frozenset(channels)})


def with_one(recipient: Recipient, address: Address, **more: Any) -> Recipient:
    changed = [replace(each, **more) if each.address == address else each for each in recipient.addresses]
    return replace(recipient, addresses=tuple(changed))


NEVER = reachable((MAIL, None), (PHONE, None))
ONCE = reachable((MAIL, None), (PHONE, EARLIER))
OFTEN = reachable((MAIL, EARLIER), (PHONE, NOW - HOUR), (MATRIX, None))
EQUAL = reachable((MATRIX, EARLIER), (MAIL, EARLIER))
RESORT = reachable((TERMINAL, NOW), (MAIL, EARLIER), last_resort="console")
UNUSED = reachable((TERMINAL, NOW), (MAIL, None), (MATRIX, None), last_resort="console")
ONLY_RESORT = reachable((TERMINAL, EARLIER), last_resort="console")
NOBODY = Recipient()
