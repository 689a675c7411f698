"""Where broadcasts are kept: as they were sent, and to whom. How far each delivery has come stands in the outbox."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.buildings import store as buildings
from core.buildings.model import Known
from core.database import UnitOfWork, from_jsonb, insert_rows
from core.kernel.clock import local_day
from core.kernel.text import from_json, to_json
from core.messaging.channel import Evidence
from core.messaging.kinds import Urgency
from core.outbox.broadcasts.model import (
    CANCELLED,
    Audience,
    Broadcast,
    Member,
    Occasion,
    Outcome,
    Paper,
    Progress,
    Sent,
    Stopped,
    Wording,
)
from core.outbox.model import FAILED, SENDING, SENT, SKIPPED, WAITING
from core.people.model import Membership, Place

_MEMBERS = text(
    "SELECT r.person_id, r.person, r.account, CASE WHEN r.present THEN r.roles ELSE '{}' END AS roles, p.name, p.language"
    " FROM residents r JOIN persons p USING (person_id)"
    " WHERE r.building_id = :building AND r.person_id = coalesce(CAST(:only AS uuid), r.person_id) ORDER BY r.position"
)
_HELD = {
    table: text(
        f"SELECT person, lot, first <= :day AND coalesce(last >= :day, true) AS today FROM {table} WHERE building_id = :building"
        " AND (CAST(:only AS uuid) IS NULL OR person IN (SELECT person FROM residents WHERE building_id = :building"
        "  AND person_id = CAST(:only AS uuid)))"
    )
    for table in ("ownership", "tenancies")
}


async def building(uow: UnitOfWork, building_id: UUID) -> Known | None:
    return next((known for known in await buildings.every(uow) if known.building_id == building_id), None)


async def members(uow: UnitOfWork, known: Known, only: UUID | None = None) -> list[Member]:
    """Everybody whom the building knows, in its own order, with his place there today; or one of them.

    What is held is put together here: joined, it takes the database minutes where it knows nothing yet of a building just imported.
    """
    given = {"building": known.building_id, "only": only}
    held: dict[str, dict[str, set[str]]] = {}
    for table, query in _HELD.items():
        lots = held.setdefault(table, {})
        for row in await uow.connection.execute(query, {**given, "day": local_day(uow.now)}):
            mine = lots.setdefault(row.person, set())
            if row.today:
                mine.add(row.lot)
    rows = await uow.connection.execute(_MEMBERS, given)
    found = []
    for row in rows:
        owned = frozenset(held["ownership"].get(row.person, ()))
        rented = frozenset(held["tenancies"].get(row.person, ()))
        membership = Membership(known.building_id, row.person, row.account, tuple(row.roles))
        place = Place(known, membership, row.person in held["ownership"], bool(owned), bool(rented))
        found.append(Member(row.person_id, row.name, row.language, place, owned, rented))
    return found


async def add(uow: UnitOfWork, broadcast: Broadcast) -> bool:
    """Keeps a broadcast as it is sent. False where it was sent before, which stays as it is."""
    added = await uow.connection.execute(
        text(
            "INSERT INTO broadcasts (organisation_id, broadcast_id, building_id, author_id, kind, urgency, audience, original,"
            " wordings, papers, occasion, expires, sent_at) VALUES (:organisation, :broadcast, :building, :author, :kind, :urgency,"
            " CAST(:audience AS jsonb), :original, CAST(:wordings AS jsonb), CAST(:papers AS jsonb),"
            " CAST(:occasion AS jsonb), :expires, :now)"
            " ON CONFLICT (broadcast_id) DO NOTHING"
        ),
        {
            "organisation": uow.organisation,
            "broadcast": broadcast.broadcast_id,
            "building": broadcast.building,
            "author": broadcast.author,
            "kind": broadcast.kind,
            "urgency": None if broadcast.urgency is None else int(broadcast.urgency),
            "audience": _as_json([broadcast.audience.group, broadcast.audience.lots, broadcast.audience.persons]),
            "original": broadcast.original,
            "wordings": _as_json(
                {language: [each.title, each.body, each.event] for language, each in broadcast.wordings.items()}
            ),
            "papers": _as_json(
                [
                    [str(paper.document), paper.title, None if paper.admitted is None else sorted(paper.admitted)]
                    for paper in broadcast.papers
                ]
            ),
            "occasion": _as_json(_occasion_to_json(broadcast.occasion)) if broadcast.occasion else None,
            "expires": broadcast.expires,
            "now": uow.now,
        },
    )
    return bool(added.rowcount)


_SENT = (
    "SELECT b.broadcast_id, b.building_id, b.author_id, b.kind, b.urgency, b.audience, b.original, b.wordings, b.papers, b.occasion,"
    " b.expires, b.sent_at, b.attempts, b.stopped_at FROM broadcasts b"
)


async def find(uow: UnitOfWork, broadcast: UUID, *, lock: bool = False) -> Sent | None:
    """A broadcast that was sent; `lock`: nobody else sends it again or stops it until the transaction ends."""
    row = (
        await uow.connection.execute(
            text(f"{_SENT} WHERE b.broadcast_id = :broadcast{' FOR UPDATE' if lock else ''}"), {"broadcast": broadcast}
        )
    ).one_or_none()
    return _sent(row) if row else None


async def every(uow: UnitOfWork, building_id: UUID) -> list[Sent]:
    """The broadcasts of a building, the latest first."""
    rows = await uow.connection.execute(
        text(f"{_SENT} WHERE b.building_id = :building ORDER BY b.sent_at DESC, b.broadcast_id"),
        {"building": building_id},
    )
    return [_sent(row) for row in rows]


async def latest(uow: UnitOfWork, buildings: Collection[UUID], most: int) -> list[Sent]:
    """The latest broadcasts of these buildings."""
    rows = await uow.connection.execute(
        text(
            f"{_SENT} WHERE b.building_id = ANY(CAST(:buildings AS uuid[])) ORDER BY b.sent_at DESC, b.broadcast_id LIMIT :most"
        ),
        {"buildings": list(buildings), "most": most},
    )
    return [_sent(row) for row in rows]


async def add_recipients(uow: UnitOfWork, broadcast: Broadcast, attempt: int, persons: Iterable[UUID]) -> None:
    """Keeps to whom it was sent that time, and counts it."""
    rows = [(broadcast.broadcast_id, person, attempt, broadcast.key(person, attempt)) for person in persons]
    await insert_rows(uow, "broadcast_recipients", ("broadcast_id", "person_id", "attempt", "delivery_key"), rows)
    await uow.connection.execute(
        text("UPDATE broadcasts SET attempts = :attempt WHERE broadcast_id = :broadcast"),
        {"broadcast": broadcast.broadcast_id, "attempt": attempt},
    )


_ALL = (
    "WITH RECURSIVE every AS (SELECT r.person_id AS recipient, r.attempt, d.delivery_id, d.next_way FROM broadcast_recipients r"
    "  JOIN deliveries d ON d.organisation_id = r.organisation_id AND d.key = r.delivery_key WHERE r.broadcast_id = :broadcast"
    " UNION SELECT every.recipient, every.attempt, d.delivery_id, d.next_way FROM every JOIN deliveries d ON d.delivery_id = every.next_way)"
)
"""Every delivery of a broadcast: those that were recorded with it, and those with which it went on after one failed."""

_BEST = (
    f"{_ALL}, best AS (SELECT DISTINCT ON (every.recipient) every.recipient, d.fate, d.channel, d.evidence,"
    "  split_part(d.reason, ':', 1) AS reason, d.due FROM every JOIN deliveries d USING (delivery_id)"
    "  ORDER BY every.recipient, d.fate = 'sent' DESC, d.evidence DESC, every.attempt DESC, d.ordinal DESC)"
)
"""How far it has come for each person: the best of all times that it was sent to him, else the last."""

_PENDING = (
    f"{_ALL} SELECT d.person_id FROM every JOIN deliveries d USING (delivery_id) WHERE d.fate IN ('waiting', 'sending')"
)


async def progress(uow: UnitOfWork, sent: Sent) -> Progress:
    rows = (
        await uow.connection.execute(
            text(
                f"{_BEST} SELECT fate, channel, evidence, reason, count(*) AS persons FROM best"
                " GROUP BY fate, channel, evidence, reason"
            ),
            {"broadcast": sent.broadcast.broadcast_id},
        )
    ).all()
    fates, channels, reasons = Counter[str](), Counter[str](), Counter[str]()
    evidence = Counter[Evidence]()
    for row in rows:
        fates[row.fate] += row.persons
        if row.channel:
            channels[row.channel] += row.persons
        if row.fate == SENT:
            evidence[Evidence(row.evidence)] += row.persons
        if row.reason and row.fate in (FAILED, SKIPPED, WAITING):
            reasons[row.reason] += row.persons
    waiting = await pending(uow, sent.broadcast.broadcast_id)
    return Progress(sent, fates.total(), fates, channels, evidence, reasons, len(waiting))


async def outcomes(uow: UnitOfWork, broadcast: UUID) -> list[Outcome]:
    """How far it has come for each person, by name."""
    rows = await uow.connection.execute(
        text(
            f"{_BEST} SELECT best.*, p.name FROM best JOIN persons p ON p.person_id = best.recipient ORDER BY p.name, 1"
        ),
        {"broadcast": broadcast},
    )
    return [
        Outcome(row.recipient, row.name, row.fate, row.channel, Evidence(row.evidence), row.reason, row.due)
        for row in rows
    ]


async def pending(uow: UnitOfWork, broadcast: UUID) -> set[UUID]:
    """To whom a delivery of it has still to leave."""
    rows = await uow.connection.execute(text(_PENDING), {"broadcast": broadcast})
    return set(rows.scalars().all())


async def stop(uow: UnitOfWork, broadcast: UUID) -> Stopped:
    """Cancels what has not left. What a courier holds at this moment may still leave, but is not tried a second time: it has expired."""
    await uow.connection.execute(
        text("UPDATE broadcasts SET stopped_at = coalesce(stopped_at, :now) WHERE broadcast_id = :broadcast"),
        {"broadcast": broadcast, "now": uow.now},
    )
    await uow.connection.execute(
        text(
            f"{_ALL} UPDATE deliveries d SET expires = least(d.expires, :now),"
            " fate = CASE WHEN d.fate = 'waiting' OR d.lease_until <= :now THEN 'skipped' ELSE d.fate END,"
            " reason = CASE WHEN d.fate = 'waiting' OR d.lease_until <= :now THEN :cancelled ELSE d.reason END,"
            " lease_until = CASE WHEN d.lease_until > :now THEN d.lease_until END"
            " FROM every WHERE d.delivery_id = every.delivery_id AND d.fate IN ('waiting', 'sending')"
        ),
        {"broadcast": broadcast, "now": uow.now, "cancelled": CANCELLED},
    )
    counted = await uow.connection.execute(
        text(
            f"{_ALL} SELECT d.fate, d.reason = :cancelled AS cancelled, count(*) AS many FROM every JOIN deliveries d USING (delivery_id)"
            " GROUP BY 1, 2"
        ),
        {"broadcast": broadcast, "cancelled": CANCELLED},
    )
    left = leaving = cancelled = 0
    for row in counted:
        left += row.many if row.fate == SENT else 0
        leaving += row.many if row.fate == SENDING else 0
        cancelled += row.many if row.fate == SKIPPED and row.cancelled else 0
    return Stopped(left, leaving, cancelled)


_as_json = json.JSONEncoder(ensure_ascii=False).encode


def _sent(row: Row[Any]) -> Sent:
    wordings = {language: Wording(*each) for language, each in from_jsonb(row.wordings).items()}
    papers = tuple(
        Paper(UUID(document), title, None if admitted is None else frozenset(admitted))
        for document, title, admitted in from_jsonb(row.papers)
    )
    group, lots, persons = from_jsonb(row.audience)
    return Sent(
        Broadcast(
            row.broadcast_id,
            row.building_id,
            row.author_id,
            Audience(group, tuple(lots), tuple(persons)),
            wordings,
            row.original,
            row.kind,
            None if row.urgency is None else Urgency(row.urgency),
            papers,
            _occasion_from_json(from_jsonb(row.occasion)) if row.occasion else None,
            row.expires,
        ),
        row.sent_at,
        row.attempts,
        row.stopped_at,
    )


def _occasion_to_json(occasion: Occasion) -> dict[str, Any]:
    return {
        "begins": to_json(occasion.begins),
        "ends": None if occasion.ends is None else to_json(occasion.ends),
        "place": occasion.place,
        "uid": occasion.uid,
        "sequence": occasion.sequence,
        "cancelled": occasion.cancelled,
    }


def _occasion_from_json(stored: Mapping[str, Any]) -> Occasion:
    begins, ends = from_json(stored["begins"]), from_json(stored["ends"]) if stored["ends"] else None
    assert isinstance(begins, date)
    assert ends is None or isinstance(ends, date)
    return Occasion(begins, ends, stored["place"], stored["uid"], stored["sequence"], stored["cancelled"])
