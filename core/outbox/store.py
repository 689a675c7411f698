"""Where what is told is kept: recorded, claimed, settled."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, from_jsonb
from core.messaging.card import card_from_json
from core.messaging.channel import Address, Evidence, Room
from core.messaging.delivery import Claimed, Reader
from core.messaging.intent import Intent
from core.outbox.model import LEASE, MOST_CHOICES, Listed, Owner, Taken, Told, Traffic, Wanted

_RECORD = text(
    """
    WITH recorded AS (
        INSERT INTO deliveries (organisation_id, delivery_id, key, person_id, channel, handle, room, kind, language, card, reply_to, due,
            expires, fate, reason, attempts, lease_until, created_at, building_id, urgency, digest, tried)
        SELECT :organisation, n.delivery_id, n.key, n.person_id, n.channel, n.handle, n.room, n.kind, n.language, n.card, n.reply_to, n.due,
            n.expires, n.fate, n.reason, CASE WHEN n.fate = 'sending' THEN 1 ELSE 0 END,
            CASE WHEN n.fate = 'sending' THEN CAST(:lease AS timestamptz) END, CAST(:now AS timestamptz), n.building_id, n.urgency, n.digest,
            coalesce(n.tried, '[]')
        FROM jsonb_to_recordset(CAST(:notices AS jsonb)) AS n (delivery_id uuid, key text, person_id uuid, channel text, handle text,
            room boolean, kind text, language text, card jsonb, reply_to text, due timestamptz, expires timestamptz, fate text, reason text,
            building_id uuid, urgency smallint, digest boolean, tried jsonb)
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
    """Takes what is due through these channels, across tenants: (organisation, delivery).

    `most` counts addresses: of each, all that is due comes along.
    """
    found: list[tuple[UUID, UUID]] = []
    for channel in channels:
        if len(found) >= most:
            break
        rows = await uow.connection.execute(
            text(
                "SELECT organisation_id, delivery_id FROM claim_deliveries(:most, :now, CAST(:lease AS interval), CAST(:through AS text))"
            ),
            {"most": most - len(found), "now": uow.now, "lease": LEASE, "through": channel},
        )
        found += [(row.organisation_id, row.delivery_id) for row in rows]
    return found


async def claimed(uow: UnitOfWork, deliveries: Sequence[UUID]) -> list[Taken]:
    """What was claimed, ready to be sent, in the order in which it was told."""
    rows = await uow.connection.execute(_CLAIMED, {"ids": list(deliveries)})
    return [
        Taken(
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
            ),
            row.created_at,
            row.digest,
            row.urgency,
            row.gathers,
            row.elsewhere,
        )
        for row in rows
    ]


_CLAIMED = text(
    "SELECT d.delivery_id, d.organisation_id, d.key, d.kind, d.person_id, d.channel, d.handle, d.room, d.language, d.card, d.reply_to,"
    " d.attempts, d.created_at, d.digest, d.urgency, d.gathers,"
    " d.person_id IS NOT NULL AND d.kind <> 'answer' AND NOT d.room AND d.channel <> 'letter' AND ("
    "  EXISTS (SELECT 1 FROM preferences w WHERE w.person_id = d.person_id AND w.changed_at > d.created_at)"
    "  OR NOT EXISTS (SELECT 1 FROM directory a WHERE a.channel = d.channel AND a.handle = d.handle"
    "   AND a.organisation_id = d.organisation_id AND a.person_id = d.person_id AND a.dead_at IS NULL"
    "   AND (a.stopped_at IS NULL OR a.stopped_at <= d.created_at))) AS elsewhere"
    " FROM deliveries d WHERE d.delivery_id = ANY(CAST(:ids AS uuid[])) ORDER BY d.ordinal"
)


async def settle_sent(uow: UnitOfWork, deliveries: Sequence[Mapping[str, Any]]) -> None:
    """They left: `delivery_id`, `wire_ref`, `evidence`, and `rendered`, the text, where it is to be kept."""
    rows = await uow.connection.execute(
        text(
            "UPDATE deliveries d SET fate = 'sent', reason = '', lease_until = NULL, wire_ref = s.wire_ref, sent_at = :now,"
            " evidence = greatest(d.evidence, s.evidence), rendered = coalesce(s.rendered, d.rendered),"
            " rendered_hash = coalesce(sha256(convert_to(s.rendered, 'UTF8')), d.rendered_hash)"
            " FROM jsonb_to_recordset(CAST(:sent AS jsonb)) AS s (delivery_id uuid, wire_ref text, evidence smallint, rendered text)"
            " WHERE d.delivery_id = s.delivery_id RETURNING d.delivery_id, d.gathers"
        ),
        {"sent": _as_json(deliveries), "now": uow.now},
    )
    if cards := [row.delivery_id for row in rows if row.gathers]:
        await uow.connection.execute(
            text(
                "UPDATE deliveries d SET fate = 'sent', reason = '', wire_ref = g.wire_ref, sent_at = g.sent_at,"
                " evidence = greatest(d.evidence, g.evidence) FROM deliveries g"
                " WHERE g.delivery_id = ANY(CAST(:cards AS uuid[])) AND d.within = g.delivery_id"
            ),
            {"cards": cards},
        )


async def settle_failed(uow: UnitOfWork, delivery: UUID, reason: str, attempt: int) -> bool:
    """It did not leave, and what it gathered neither. False where it is another's since that attempt."""
    done = await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'failed', reason = :reason, lease_until = NULL WHERE delivery_id = :delivery"
            " AND fate = 'sending' AND attempts = :attempt"
        ),
        {"delivery": delivery, "reason": reason, "attempt": attempt},
    )
    if done.rowcount:
        await uow.connection.execute(
            text("UPDATE deliveries SET fate = 'failed', reason = :reason WHERE within = :delivery"),
            {"delivery": delivery, "reason": reason},
        )
    return bool(done.rowcount)


async def settle_later(uow: UnitOfWork, delivery: UUID, reason: str, due: datetime, attempt: int) -> None:
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'waiting', reason = :reason, lease_until = NULL, due = :due"
            " WHERE delivery_id = :delivery AND fate = 'sending' AND attempts = :attempt"
        ),
        {"delivery": delivery, "reason": reason, "due": due, "attempt": attempt},
    )


async def call_off(uow: UnitOfWork, keys: Sequence[str]) -> int:
    """What waits under these keys has expired; what a courier holds at this moment may still leave. Gives how many."""
    done = await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'skipped', reason = 'expired' WHERE key = ANY(CAST(:keys AS text[])) AND fate = 'waiting'"
        ),
        {"keys": list(keys)},
    )
    return int(done.rowcount)


async def hold(uow: UnitOfWork, delivery: UUID, due: datetime) -> None:
    """Gives back what was claimed, to be taken up from then on; it was no attempt."""
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'waiting', lease_until = NULL, attempts = greatest(attempts - 1, 0), due = :due"
            " WHERE delivery_id = :delivery"
        ),
        {"delivery": delivery, "due": due},
    )


async def release(uow: UnitOfWork, deliveries: Sequence[UUID]) -> None:
    """Gives back what was claimed and not begun: it was no attempt."""
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'waiting', lease_until = NULL, attempts = attempts - 1"
            " WHERE delivery_id = ANY(CAST(:ids AS uuid[])) AND fate = 'sending'"
        ),
        {"ids": list(deliveries)},
    )


async def renew(uow: UnitOfWork, deliveries: Sequence[UUID]) -> None:
    """They are their sender's for another lease."""
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET lease_until = :until WHERE delivery_id = ANY(CAST(:ids AS uuid[])) AND fate = 'sending'"
        ),
        {"ids": list(deliveries), "until": uow.now + LEASE},
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
    """The choice of that number on the last card with choices at an address; or on the one that `delivery` or its `wire_ref` names.

    The numbers of a gathered card are those of the card; each of its choices is still that of its own delivery.
    """
    if not 0 < number <= MOST_CHOICES:
        return None
    row = (
        await uow.connection.execute(
            text(
                "SELECT c.intent, c.slots, c.delivery_id FROM choices c WHERE c.token = ("
                " SELECT d.card -> 'choices' -> CAST(:place AS integer) ->> 'token' FROM deliveries d"
                " WHERE d.channel = :channel AND d.handle = :handle AND NOT d.room AND d.within IS NULL"
                " AND jsonb_array_length(d.card -> 'choices') > 0"
                " AND d.delivery_id = coalesce(CAST(:delivery AS uuid), d.delivery_id)"
                " AND d.wire_ref = coalesce(CAST(:wire_ref AS text), d.wire_ref) ORDER BY d.ordinal DESC LIMIT 1)"
            ),
            {
                "channel": address.channel,
                "handle": address.handle,
                "place": number - 1,
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
    " d.created_at, d.sent_at, d.wire_ref, d.tried, d.next_way, d.gathers, d.within FROM deliveries d"
)


async def told_to(uow: UnitOfWork, person: UUID) -> list[Told]:
    """All that a person was told, oldest first."""
    rows = await uow.connection.execute(
        text(f"{_TOLD} WHERE d.person_id = :person AND NOT d.gathers ORDER BY d.ordinal"), {"person": person}
    )
    return [_told(row) for row in rows]


async def told(uow: UnitOfWork, failed: bool) -> list[Told]:
    """All deliveries of the organisation, oldest first; `failed`: only those that did not leave."""
    which = " AND d.fate IN ('failed', 'skipped')" if failed else ""
    rows = await uow.connection.execute(text(f"{_TOLD} WHERE NOT d.gathers{which} ORDER BY d.ordinal"))
    return [_told(row) for row in rows]


async def reasons(uow: UnitOfWork) -> dict[str, int]:
    """Why deliveries of the organisation were not sent, each reason with its count, the most frequent first."""
    rows = await uow.connection.execute(
        text(
            "SELECT reason, count(*) AS times FROM deliveries WHERE fate = 'skipped' GROUP BY reason ORDER BY times DESC, reason"
        )
    )
    return {row.reason: row.times for row in rows}


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
        tuple(Address(channel, handle) for channel, handle in from_jsonb(row.tried)),
        row.next_way,
        row.gathers or row.within is not None,
    )


def _there(row: Row[Any]) -> Address | Room:
    """Where a delivery goes: to a person's address, or to a room."""
    return (Room if row.room else Address)(row.channel, row.handle)


_LISTED = (
    f"{_TOLD.removesuffix(' FROM deliveries d')}, d.ordinal, d.building_id, d.due, coalesce(p.name, '') AS name"
    " FROM deliveries d LEFT JOIN persons p ON p.person_id = d.person_id"
)
_WITHIN_REACH = "(CAST(:buildings AS uuid[]) IS NULL OR d.building_id = ANY(CAST(:buildings AS uuid[])))"


async def listed(uow: UnitOfWork, wanted: Wanted, before: int | None, most: int) -> list[Listed]:
    """Deliveries of the organisation that fit, newest first; `before`: only those with a smaller number."""
    given: dict[str, Any] = {"buildings": _ids(wanted.buildings), "most": most}
    terms = ["NOT d.gathers", _WITHIN_REACH]
    for column, value in (
        ("building_id", wanted.building),
        ("fate", wanted.fate),
        ("channel", wanted.channel),
        ("kind", wanted.kind),
    ):
        if value:
            terms.append(f"d.{column} = :{column}")
            given[column] = value
    if wanted.name:
        terms.append("strpos(lower(p.name), lower(CAST(:name AS text))) > 0")
        given["name"] = wanted.name
    if before is not None:
        terms.append("d.ordinal < CAST(:before AS bigint)")
        given["before"] = before
    rows = await uow.connection.execute(
        text(f"{_LISTED} WHERE {' AND '.join(terms)} ORDER BY d.ordinal DESC LIMIT :most"), given
    )
    return [_listed(row) for row in rows]


async def ways(uow: UnitOfWork, delivery: UUID, buildings: Collection[UUID] | None) -> list[Listed]:
    """A delivery with those after whose failure it was told, and those with which it went on, in the order in which they were told."""
    rows = await uow.connection.execute(
        text(
            "WITH RECURSIVE this AS (SELECT d.delivery_id, d.person_id, d.next_way FROM deliveries d WHERE d.delivery_id = :delivery"
            f" AND {_WITHIN_REACH}),"
            " earlier AS (SELECT * FROM this UNION SELECT d.delivery_id, d.person_id, d.next_way FROM earlier"
            "  JOIN deliveries d ON d.person_id = earlier.person_id AND d.next_way = earlier.delivery_id),"
            " after AS (SELECT * FROM this UNION SELECT d.delivery_id, d.person_id, d.next_way FROM after"
            "  JOIN deliveries d ON d.delivery_id = after.next_way)"
            f" {_LISTED} WHERE d.delivery_id IN (SELECT delivery_id FROM earlier UNION SELECT delivery_id FROM after)"
            f" AND {_WITHIN_REACH} ORDER BY d.ordinal"
        ),
        {"delivery": delivery, "buildings": _ids(buildings)},
    )
    return [_listed(row) for row in rows]


async def by_key(uow: UnitOfWork, key: str) -> UUID | None:
    """The delivery that was told under a key, by its first way."""
    found: UUID | None = await uow.connection.scalar(
        text("SELECT delivery_id FROM deliveries WHERE organisation_id = :organisation AND key = :key"),
        {"organisation": uow.organisation, "key": key},
    )
    return found


async def traffic(uow: UnitOfWork, since: datetime, due: datetime) -> dict[str, Traffic]:
    """By channel: the last that left, what was due before `due` and waits, what failed after `since` and why the latest did."""
    rows = await uow.connection.execute(
        text(
            "SELECT channel, max(sent_at) AS sent_at, count(*) FILTER (WHERE fate IN ('waiting', 'sending') AND due < :due) AS overdue,"
            " count(*) FILTER (WHERE fate = 'failed' AND created_at > :since) AS failed,"
            " (array_agg(reason ORDER BY ordinal DESC) FILTER (WHERE fate = 'failed' AND created_at > :since))[1] AS why"
            " FROM deliveries WHERE channel <> '' AND within IS NULL GROUP BY channel"
        ),
        {"since": since, "due": due},
    )
    return {row.channel: Traffic(row.sent_at, row.overdue, row.failed, row.why or "") for row in rows}


def _listed(row: Row[Any]) -> Listed:
    return Listed(_told(row), row.ordinal, row.name, row.building_id, row.due)


def _ids(buildings: Collection[UUID] | None) -> list[UUID] | None:
    return None if buildings is None else list(buildings)
