"""Where a gathered card is kept, and what left on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork
from core.messaging.card import card_to_json
from core.messaging.delivery import Claimed
from core.outbox.model import LEASE


async def record(uow: UnitOfWork, card: Claimed, parts: Sequence[UUID]) -> None:
    """Adds the card, claimed; its parts are under way with it, and have no lease of their own."""
    await uow.connection.execute(
        text(
            "INSERT INTO deliveries (organisation_id, delivery_id, key, person_id, channel, handle, kind, language, card, due, fate,"
            " attempts, lease_until, created_at, gathers)"
            " VALUES (:organisation, :delivery, :key, :person, :channel, :handle, :kind, :language, CAST(:card AS jsonb), :now, 'sending',"
            " 1, :lease, :now, true)"
        ),
        {
            "organisation": uow.organisation,
            "delivery": card.delivery_id,
            "key": card.key,
            "person": card.reader.person,
            "channel": card.address.channel,
            "handle": card.address.handle,
            "kind": card.kind,
            "language": card.reader.language,
            "card": json.dumps(card_to_json(card.card), ensure_ascii=False),
            "now": uow.now,
            "lease": uow.now + LEASE,
        },
    )
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET within = :card, lease_until = NULL WHERE delivery_id = ANY(CAST(:parts AS uuid[]))"
        ),
        {"card": card.delivery_id, "parts": list(parts)},
    )
