"""Where what is told is kept: recorded, claimed, settled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, from_jsonb
from core.messaging.card import card_from_json
from core.messaging.channel import Address, Evidence, Room
from core.messaging.delivery import Claimed, Reader
from core.messaging.intent import Intent
from core.outbox.model import LEASE, MOST_CHOICES, Owner, Told

_RECORD = text(
    """
    WITH recorded AS (
        INSERT INTO deliveries (organisation_id, delivery_id, key, person_id, channel, handle, room, kind, language, card, reply_to, due,
            expires, fate, reason, attempts, lease_until, created_at, building_id, urgency, digest)
        SELECT :organisation, n.delivery_id, n.key, n.person_id, n.channel, n.handle, n.room, n.kind, n.language, n.card, n.reply_to, n.due,
            n.expires, n.fate, n.reason, CASE WHEN n.fate = 'sending' THEN 1 ELSE 0 END,
            CASE WHEN n.fate = 'sending' THEN CAST(:lease AS timestamptz) END, CAST(:now AS timestamptz), n.building_id, n.urgency, n.digest
        FROM jsonb_to_recordset(CAST(:notices AS jsonb)) AS n (delivery_id uuid, key text, person_id uuid, channel text, handle text,
            room boolean, kind text, language text, card jsonb, reply_to text, due timestamptz, expires timestamptz, fate text, reason text,
            building_id uuid, urgency smallint, digest boolean)
        ON CONFLICT (organisation_id, key) DO NOTHING
        RETURNING delivery_id, card
    ), offered AS (
        INSERT INTO choices (organisation_id, token, delivery_id, position, intent, slots)
        SELECT :organisation, c.choice ->> 'token', r.delivery_id, c.place, c.choice ->> 'intent', c.choice -> 'slots'
        FROM recorded r, jsonb_array_elements(r.card -> 'choices') WITH ORDINALITY AS c (choice, place)
    )
    SELECT delivery_id FROM recorded
    """
)


_as_json = json.JSONEncoder(ensure_ascii=False).encode


async def record(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Adds deliveries with their choices; gives those that are new (a key that is known adds nothing)."""
    found = await uow.connection.execute(
        _RECORD,
        {
            "organisation": uow.organisation,
            "notices": _as_json(rows),
            "lease": uow.now + LEASE,
            "now": uow.now,
        },
    )
    return set(found.scalars().all())


async def claim(uow: UnitOfWork, channels: Sequence[str], most: int) -> list[tuple[UUID, UUID]]:
    """Takes what is due through these channels, across tenants: (organisation, delivery)."""
    rows = await uow.connection.execute(
        text(
            "SELECT organisation_id, delivery_id FROM claim_deliveries(:most, :now, CAST(:lease AS interval), CAST(:through AS text[]))"
        ),
        {"most": most, "now": uow.now, "lease": LEASE, "through": list(channels)},
    )
    return [(row.organisation_id, row.delivery_id) for row in rows]


async def claimed(uow: UnitOfWork, deliveries: Sequence[UUID]) -> list[Claimed]:
    """What was claimed, ready to be sent, in the order in which it was told."""
    rows = await uow.connection.execute(
        text(
            "SELECT delivery_id, organisation_id, key, kind, person_id, channel, handle, room, language, card, reply_to, attempts"
            " FROM deliveries WHERE delivery_id = ANY(CAST(:ids AS uuid[])) ORDER BY ordinal"
        ),
        {"ids": list(deliveries)},
    )
    return [
        Claimed(
            row.delivery_id,
            row.organisation_id,
            row.key,
            row.kind,
            _there(row),
            Reader(row.person_id, row.language),
            card_from_json(from_jsonb(row.card)),
            row.reply_to,
            row.attempts,
        )
        for row in rows
    ]


async def settle_sent(uow: UnitOfWork, delivery: UUID, wire_ref: str, evidence: Evidence) -> None:
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'sent', reason = '', lease_until = NULL, wire_ref = :ref, sent_at = :now,"
            " evidence = greatest(evidence, CAST(:evidence AS smallint)) WHERE delivery_id = :delivery"
        ),
        {"delivery": delivery, "ref": wire_ref, "evidence": int(evidence), "now": uow.now},
    )


async def settle_failed(uow: UnitOfWork, delivery: UUID, reason: str) -> None:
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'failed', reason = :reason, lease_until = NULL WHERE delivery_id = :delivery"
        ),
        {"delivery": delivery, "reason": reason},
    )


async def settle_later(uow: UnitOfWork, delivery: UUID, reason: str, due: datetime) -> None:
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'waiting', reason = :reason, lease_until = NULL, due = :due WHERE delivery_id = :delivery"
        ),
        {"delivery": delivery, "reason": reason, "due": due},
    )


async def set_aside(uow: UnitOfWork, delivery: UUID, reference: str, reason: str) -> None:
    """Keeps a delivery that the wire refused for a human to look at."""
    await uow.connection.execute(
        text(
            "INSERT INTO set_aside (reference, delivery_id, reason, at) VALUES (:reference, :delivery, :reason, :now)"
            " ON CONFLICT (reference) DO NOTHING"
        ),
        {"reference": reference, "delivery": delivery, "reason": reason, "now": uow.now},
    )


async def offered(uow: UnitOfWork, token: str, address: Address, person: UUID | None) -> tuple[Intent, UUID] | None:
    """The intent behind a token, and its delivery: where it was offered to this person, or at this address."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT c.intent, c.slots, c.delivery_id FROM choices c JOIN deliveries d USING (delivery_id)"
                " WHERE c.token = :token AND (d.person_id = CAST(:person AS uuid) OR (CAST(:person AS uuid) IS NULL"
                " AND d.person_id IS NULL AND d.channel = :channel AND d.handle = :handle))"
            ),
            {"token": token, "person": person, "channel": address.channel, "handle": address.handle},
        )
    ).one_or_none()
    return (Intent(row.intent, from_jsonb(row.slots)), row.delivery_id) if row else None


async def numbered(
    uow: UnitOfWork, address: Address, number: int, delivery: UUID | None = None, wire_ref: str | None = None
) -> tuple[Intent, UUID] | None:
    """The choice of that number on the last card with choices at an address; or on the one that `delivery` or its `wire_ref` names."""
    if not 0 < number <= MOST_CHOICES:
        return None
    row = (
        await uow.connection.execute(
            text(
                "SELECT c.intent, c.slots, c.delivery_id FROM choices c WHERE c.position = :number AND c.delivery_id = ("
                " SELECT d.delivery_id FROM deliveries d WHERE d.channel = :channel AND d.handle = :handle AND NOT d.room"
                " AND jsonb_array_length(d.card -> 'choices') > 0"
                " AND d.delivery_id = coalesce(CAST(:delivery AS uuid), d.delivery_id)"
                " AND d.wire_ref = coalesce(CAST(:wire_ref AS text), d.wire_ref) ORDER BY d.ordinal DESC LIMIT 1)"
            ),
            {
                "channel": address.channel,
                "handle": address.handle,
                "number": number,
                "delivery": delivery,
                "wire_ref": wire_ref,
            },
        )
    ).one_or_none()
    return (Intent(row.intent, from_jsonb(row.slots)), row.delivery_id) if row else None


async def owner(uow: UnitOfWork, key: str) -> Owner | None:
    """Whose a delivery is, by the key that its channel was given; across tenants."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT organisation_id, delivery_id, person_id, channel, handle, created_at FROM delivery_owner(CAST(:key AS text))"
            ),
            {"key": key},
        )
    ).one_or_none()
    if row is None:
        return None
    return Owner(row.organisation_id, row.delivery_id, row.person_id, Address(row.channel, row.handle), row.created_at)


async def seen(uow: UnitOfWork, address: Address, wire_ref: str, up_to: bool) -> None:
    """The reader of an address has seen a delivery, or all up to it."""
    await uow.connection.execute(
        text(
            "UPDATE deliveries d SET evidence = greatest(d.evidence, CAST(:seen AS smallint)) FROM deliveries s"
            " WHERE s.channel = :channel AND s.handle = :handle AND s.wire_ref = :wire_ref"
            " AND d.channel = s.channel AND d.handle = s.handle AND d.fate = 'sent'"
            " AND (d.delivery_id = s.delivery_id OR (CAST(:up_to AS boolean) AND d.sent_at <= s.sent_at))"
        ),
        {
            "seen": int(Evidence.SEEN),
            "channel": address.channel,
            "handle": address.handle,
            "wire_ref": wire_ref,
            "up_to": up_to,
        },
    )


async def said_lately(uow: UnitOfWork, address: Address, since: datetime) -> int:
    """How many answers an address was given since then, in this organisation."""
    count = await uow.connection.scalar(
        text(
            "SELECT count(*) FROM deliveries WHERE channel = :channel AND handle = :handle AND kind = 'answer' AND created_at > :since"
        ),
        {"channel": address.channel, "handle": address.handle, "since": since},
    )
    return int(count or 0)


async def receipt(uow: UnitOfWork, delivery: UUID) -> tuple[Address | Room, str, Told] | None:
    """Where and how a delivery was sent: address, wire reference, and what it said."""
    row = (
        await uow.connection.execute(text(f"{_TOLD} WHERE d.delivery_id = :delivery"), {"delivery": delivery})
    ).one_or_none()
    return (_there(row), row.wire_ref, _told(row)) if row else None


_TOLD = (
    "SELECT d.delivery_id, d.person_id, d.channel, d.handle, d.room, d.kind, d.language, d.card, d.fate, d.reason, d.evidence, d.attempts,"
    " d.created_at, d.sent_at, d.wire_ref FROM deliveries d"
)


async def told_to(uow: UnitOfWork, person: UUID) -> list[Told]:
    """All that a person was told, oldest first."""
    rows = await uow.connection.execute(
        text(f"{_TOLD} WHERE d.person_id = :person ORDER BY d.ordinal"), {"person": person}
    )
    return [_told(row) for row in rows]


async def told(uow: UnitOfWork, failed: bool) -> list[Told]:
    """All deliveries of the organisation, oldest first; `failed`: only those that did not leave."""
    which = " WHERE d.fate IN ('failed', 'skipped')" if failed else ""
    rows = await uow.connection.execute(text(f"{_TOLD}{which} ORDER BY d.ordinal"))
    return [_told(row) for row in rows]


def _told(row: Row[Any]) -> Told:
    return Told(
        row.delivery_id,
        row.person_id,
        _there(row),
        row.kind,
        row.language,
        card_from_json(from_jsonb(row.card)),
        row.fate,
        row.reason,
        row.evidence,
        row.attempts,
        row.created_at,
        row.sent_at,
    )


def _there(row: Row[Any]) -> Address | Room:
    """Where a delivery goes: to a person's address, or to a room."""
    return (Room if row.room else Address)(row.channel, row.handle)
