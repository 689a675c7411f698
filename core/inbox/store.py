"""Where what arrived is kept, and the talks in progress."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.buildings.store import known
from core.database import UnitOfWork, from_jsonb
from core.inbox.model import Aside, Waiting
from core.kernel.clock import local_day
from core.messaging.channel import Address
from core.messaging.conversation import Conversation
from core.people.model import Membership, Person, Place

_ADD = text(
    "INSERT INTO inbox (channel, ref, handle, kind, content, at, received_at, state)"
    " VALUES (:channel, :ref, :handle, :kind, CAST(:content AS jsonb), :at, :now, :state)"
    " ON CONFLICT (channel, ref) DO NOTHING RETURNING inbound_id"
)


async def add(
    uow: UnitOfWork,
    channel: str,
    ref: str,
    handle: str,
    kind: str,
    content: Mapping[str, Any],
    at: datetime,
    state: str,
) -> bool:
    """Stores an inbound; False where the channel had delivered it before."""
    added = await uow.connection.scalar(
        _ADD,
        {
            "channel": channel,
            "ref": ref,
            "handle": handle,
            "kind": kind,
            "content": json.dumps(content, ensure_ascii=False),
            "at": at,
            "now": uow.now,
            "state": state,
        },
    )
    return added is not None


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:address, 2))")


async def lock(uow: UnitOfWork, address: Address) -> None:
    """One talk at a time at each address, in every process."""
    await uow.connection.execute(_LOCK, {"address": f"{address.channel}:{address.handle}"})


_OLDEST = text(
    "SELECT i.inbound_id, i.ref, i.kind, i.at, i.content,"
    " (SELECT jsonb_agg(jsonb_build_array(d.organisation_id, d.person_id) ORDER BY d.organisation_id) FROM directory d"
    "  WHERE d.channel = i.channel AND d.handle = i.handle) AS persons,"
    " EXISTS (SELECT 1 FROM inbox n WHERE n.channel = i.channel AND n.handle = i.handle AND n.state = 'waiting'"
    "  AND n.inbound_id > i.inbound_id) AS more"
    " FROM inbox i WHERE i.channel = :channel AND i.handle = :handle AND i.state = 'waiting'"
    " ORDER BY i.inbound_id LIMIT 1"
)


async def oldest(uow: UnitOfWork, address: Address) -> tuple[Waiting, list[tuple[UUID, UUID]]] | None:
    """The message that has waited longest at an address, and whom the address leads to: (organisation, person)."""
    row = (await uow.connection.execute(_OLDEST, {"channel": address.channel, "handle": address.handle})).one_or_none()
    if row is None:
        return None
    persons = [(UUID(organisation), UUID(person)) for organisation, person in from_jsonb(row.persons) or []]
    return Waiting(row.inbound_id, row.ref, address, row.kind, row.at, from_jsonb(row.content), row.more), persons


async def waiting(uow: UnitOfWork) -> list[Address]:
    """The addresses at which a message waits, longest first."""
    rows = await uow.connection.execute(
        text(
            "SELECT channel, handle FROM inbox WHERE state = 'waiting' GROUP BY channel, handle ORDER BY min(inbound_id)"
        )
    )
    return [Address(row.channel, row.handle) for row in rows]


async def sent_to(uow: UnitOfWork, key: str) -> Address | None:
    """The address of a delivery by the key that its channel was given; across tenants."""
    row = (
        await uow.connection.execute(
            text("SELECT channel, handle FROM delivery_owner(CAST(:key AS text))"), {"key": key}
        )
    ).one_or_none()
    return Address(row.channel, row.handle) if row else None


_DONE = text(
    "WITH used AS (UPDATE directory SET last_used = :at, dead_at = NULL WHERE channel = :channel AND handle = :handle)"
    " UPDATE inbox SET state = 'done' WHERE inbound_id = :inbound"
)


_OVER = text("UPDATE inbox SET state = 'done' WHERE inbound_id = :inbound")


async def done(uow: UnitOfWork, waiting: Waiting) -> None:
    """The message is answered, and its address is the one last used; what nobody wrote uses none."""
    if waiting.kind != "message":
        await uow.connection.execute(_OVER, {"inbound": waiting.inbound_id})
        return
    await uow.connection.execute(
        _DONE,
        {
            "inbound": waiting.inbound_id,
            "channel": waiting.address.channel,
            "handle": waiting.address.handle,
            "at": waiting.at,
        },
    )


async def set_aside(uow: UnitOfWork, inbound_id: int, reference: str, reason: str) -> None:
    """Keeps a message that could not be answered for a human to look at."""
    await uow.connection.execute(
        text(
            "WITH kept AS (INSERT INTO set_aside (reference, inbound_id, reason, at) VALUES (:reference, :inbound, :reason, :now)"
            " ON CONFLICT (reference) DO NOTHING)"
            " UPDATE inbox SET state = 'set_aside' WHERE inbound_id = :inbound"
        ),
        {"reference": reference, "inbound": inbound_id, "reason": reason, "now": uow.now},
    )


_CONTEXT = text(
    "WITH talk AS (DELETE FROM conversations WHERE channel = :channel AND handle = :handle RETURNING dialogue, version, state, expires)"
    " SELECT p.person_id, p.name AS person_name, p.language, r.person, r.account,"
    " CASE WHEN r.present THEN r.roles ELSE '{}' END AS roles,"
    " held.owns, held.owns_today, EXISTS (SELECT 1 FROM tenancies t WHERE t.building_id = r.building_id AND t.person = r.person"
    "  AND t.first <= :day AND coalesce(t.last >= :day, true)) AS rents_today,"
    " talk.dialogue, talk.version, talk.state, talk.expires, b.*"
    " FROM persons p"
    " LEFT JOIN residents r ON r.person_id = p.person_id"
    " LEFT JOIN buildings b ON b.building_id = r.building_id"
    " LEFT JOIN LATERAL (SELECT count(*) > 0 AS owns, coalesce(bool_or(o.first <= :day AND coalesce(o.last >= :day, true)), false)"
    "  AS owns_today FROM ownership o WHERE o.building_id = r.building_id AND o.person = r.person) held ON true"
    " LEFT JOIN talk ON true"
    " WHERE p.person_id = :person ORDER BY b.slug"
)


async def context(
    uow: UnitOfWork, person: UUID, address: Address
) -> tuple[Person, list[Place], Conversation | None] | None:
    """Who speaks, his buildings with what he is there today, and the talk in progress at the address, which is taken up."""
    rows = (
        await uow.connection.execute(
            _CONTEXT,
            {"person": person, "channel": address.channel, "handle": address.handle, "day": local_day(uow.now)},
        )
    ).all()
    if not rows:
        return None
    first = rows[0]
    places = [
        Place(
            known(row),
            Membership(row.building_id, row.person, row.account, tuple(row.roles)),
            row.owns,
            row.owns_today,
            row.rents_today,
        )
        for row in rows
        if row.building_id is not None
    ]
    talk = None
    if first.dialogue is not None and first.expires > uow.now:
        talk = Conversation(address, first.dialogue, from_jsonb(first.state), first.expires, first.version)
    return Person(first.person_id, first.person_name, first.language), places, talk


async def conversation(uow: UnitOfWork, address: Address) -> Conversation | None:
    """The talk in progress at an address of this organisation."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT dialogue, version, state, expires FROM conversations"
                " WHERE channel = :channel AND handle = :handle AND expires > :now"
            ),
            {"channel": address.channel, "handle": address.handle, "now": uow.now},
        )
    ).one_or_none()
    return Conversation(address, row.dialogue, from_jsonb(row.state), row.expires, row.version) if row else None


async def keep(uow: UnitOfWork, talk: Conversation) -> None:
    """Stores where a talk stands, until the next message."""
    await uow.connection.execute(
        text(
            "INSERT INTO conversations (organisation_id, channel, handle, dialogue, version, state, expires)"
            " VALUES (:organisation, :channel, :handle, :dialogue, :version, CAST(:state AS jsonb), :expires)"
            " ON CONFLICT (organisation_id, channel, handle) DO UPDATE SET dialogue = excluded.dialogue, version = excluded.version,"
            " state = excluded.state, expires = excluded.expires"
        ),
        {
            "organisation": uow.organisation,
            "channel": talk.address.channel,
            "handle": talk.address.handle,
            "dialogue": talk.dialogue,
            "version": talk.version,
            "state": json.dumps(dict(talk.state), ensure_ascii=False),
            "expires": talk.expires,
        },
    )


async def counts(uow: UnitOfWork) -> dict[str, int]:
    """How many messages wait, how many are set aside and not looked at, and how much arrived that means nothing to us."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting') AS waiting,"
                " (SELECT count(*) FROM set_aside WHERE resolved_at IS NULL) AS set_aside,"
                " (SELECT count(*) FROM inbox WHERE kind = 'ignored') AS ignored"
            )
        )
    ).one()
    return {"waiting": row.waiting, "set_aside": row.set_aside, "ignored": row.ignored}


async def remember(uow: UnitOfWork, channel: str, account: str, key: str) -> str | None:
    value: str | None = await uow.connection.scalar(
        text("SELECT value FROM channel_memory WHERE channel = :channel AND account = :account AND key = :key"),
        {"channel": channel, "account": account, "key": key},
    )
    return value


async def memorise(uow: UnitOfWork, channel: str, account: str, key: str, value: str) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO channel_memory (channel, account, key, value) VALUES (:channel, :account, :key, :value)"
            " ON CONFLICT (channel, account, key) DO UPDATE SET value = excluded.value"
        ),
        {"channel": channel, "account": account, "key": key, "value": value},
    )


_ASIDE = (
    "SELECT s.reference, s.reason, s.at, s.delivery_id, i.inbound_id IS NOT NULL AS came, coalesce(i.channel, d.channel) AS channel,"
    " coalesce(p.name, '') AS name FROM set_aside s LEFT JOIN inbox i USING (inbound_id)"
    " LEFT JOIN deliveries d ON d.delivery_id = s.delivery_id"
    " LEFT JOIN directory a ON a.channel = i.channel AND a.handle = i.handle AND a.organisation_id = :organisation"
    " LEFT JOIN persons p ON p.person_id = coalesce(d.person_id, a.person_id)"
    " WHERE s.resolved_at IS NULL AND (d.delivery_id IS NOT NULL OR p.person_id IS NOT NULL OR (CAST(:strangers AS boolean)"
    "  AND i.inbound_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM directory x WHERE x.channel = i.channel AND x.handle = i.handle)))"
    " AND (CAST(:buildings AS uuid[]) IS NULL OR d.building_id = ANY(CAST(:buildings AS uuid[])) OR (d.delivery_id IS NULL"
    "  AND EXISTS (SELECT 1 FROM residents r WHERE r.person_id = a.person_id AND r.building_id = ANY(CAST(:buildings AS uuid[])))))"
)
"""Messages that were set aside and concern this organisation: what it was to tell, and what its people wrote; and strangers'."""


async def aside(uow: UnitOfWork, buildings: Collection[UUID] | None, strangers: bool, most: int) -> list[Aside]:
    """Those that nobody has looked at, oldest first; `buildings`: only those of their people."""
    rows = await uow.connection.execute(
        text(f"{_ASIDE} ORDER BY s.at, s.reference LIMIT :most"),
        {
            "organisation": uow.organisation,
            "strangers": strangers,
            "buildings": None if buildings is None else list(buildings),
            "most": most,
        },
    )
    return [Aside(row.reference, row.came, row.channel, row.name, row.reason, row.at, row.delivery_id) for row in rows]


async def resolve(uow: UnitOfWork, reference: str, buildings: Collection[UUID] | None, strangers: bool) -> bool:
    """Somebody has looked at it. False where there is none of that reference among them."""
    done = await uow.connection.execute(
        text(
            "UPDATE set_aside SET resolved_at = :now WHERE reference = :reference AND resolved_at IS NULL"
            f" AND reference IN (SELECT reference FROM ({_ASIDE}) AS mine)"
        ),
        {
            "now": uow.now,
            "reference": reference,
            "organisation": uow.organisation,
            "strangers": strangers,
            "buildings": None if buildings is None else list(buildings),
        },
    )
    return bool(done.rowcount)
