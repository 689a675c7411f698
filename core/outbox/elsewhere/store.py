"""What is known of a delivery that came to its end, and where it went on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork, from_jsonb
from core.kernel.text import Text
from core.messaging.card import Card, card_from_json
from core.messaging.channel import Address
from core.messaging.delivery import Reader
from core.messaging.kinds import Urgency


@dataclass(frozen=True, slots=True)
class Ended:
    """A delivery that is over. `tried`: where it had failed before `address`; `went_on`: it was told another way already."""

    delivery_id: UUID
    key: str
    kind: str
    address: Address
    room: bool
    reader: Reader
    card: Card[Text]
    expires: datetime | None
    building: UUID | None
    urgency: Urgency | None
    tried: tuple[Address, ...]
    gathers: bool
    went_on: bool


_ENDED = (
    "SELECT delivery_id, key, kind, channel, handle, room, person_id, language, card, expires, building_id, urgency, tried, gathers,"
    " next_way FROM deliveries"
)


async def ended(uow: UnitOfWork, delivery: UUID) -> list[Ended]:
    """A delivery; where it gathered others, each of those."""
    rows = await uow.connection.execute(
        text(f"{_ENDED} WHERE (delivery_id = :delivery OR within = :delivery) ORDER BY ordinal FOR UPDATE"),
        {"delivery": delivery},
    )
    return [
        Ended(
            row.delivery_id,
            row.key,
            row.kind,
            Address(row.channel, row.handle),
            row.room,
            Reader(row.person_id, row.language),
            card_from_json(from_jsonb(row.card)),
            row.expires,
            row.building_id,
            None if row.urgency is None else Urgency(row.urgency),
            tuple(Address(channel, handle) for channel, handle in from_jsonb(row.tried)),
            row.gathers,
            row.next_way is not None,
        )
        for row in rows
    ]


async def fail(uow: UnitOfWork, deliveries: Sequence[UUID], fate: str, reason: str) -> None:
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = :fate, reason = :reason, lease_until = NULL WHERE delivery_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"ids": list(deliveries), "fate": fate, "reason": reason},
    )


async def went_on(uow: UnitOfWork, delivery: UUID, key: str) -> None:
    """It goes on as the delivery of that key, which was recorded in this transaction."""
    await uow.connection.execute(
        text(
            "UPDATE deliveries d SET next_way = n.delivery_id FROM deliveries n WHERE d.delivery_id = :delivery AND n.key = :key"
        ),
        {"delivery": delivery, "key": key},
    )


async def used_otherwise(uow: UnitOfWork, person: UUID, tried: Sequence[Address]) -> Address | None:
    """The address that a person last wrote from, but for those."""
    rows = await uow.connection.execute(
        text(
            "SELECT channel, handle FROM directory WHERE organisation_id = :organisation AND person_id = :person"
            " AND last_used IS NOT NULL AND dead_at IS NULL ORDER BY last_used DESC"
        ),
        {"organisation": uow.organisation, "person": person},
    )
    return next((each for each in (Address(row.channel, row.handle) for row in rows) if each not in tried), None)
