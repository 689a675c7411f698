"""Where tickets are kept, with their history, their followers and their photos."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, from_jsonb
from core.kernel.ids import new_id
from core.people.audit.model import Actor
from core.tickets.model import (
    Category,
    Danger,
    Move,
    Moved,
    Spot,
    State,
    Ticket,
    Wanted,
)

_TICKETS = (
    "SELECT t.ticket, t.building_id, t.number, t.category, t.spot, t.danger, t.reporter, t.made_at, t.state, t.since, t.version,"
    " t.assigned_to, t.planned_on, t.into_ticket FROM tickets t"
)
_HERE = (
    "(r.present AND (r.roles && CAST('{council,syndic,caretaker,auditor}' AS text[])"
    " OR EXISTS (SELECT 1 FROM ownership o WHERE o.building_id = r.building_id AND o.person = r.person"
    "  AND o.first <= :day AND coalesce(o.last >= :day, true))"
    " OR EXISTS (SELECT 1 FROM tenancies n WHERE n.building_id = r.building_id AND n.person = r.person"
    "  AND n.first <= :day AND coalesce(n.last >= :day, true))))"
)
"""Whether a resident has anything to do with the building on a day."""


async def lock(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    """One report at a time in a building, and of a person: two that are equal meet, and nobody passes the limit by being quick."""
    for name, purpose in ((f"{uow.organisation}/{building}", 17), (f"{uow.organisation}:{person}", 18)):
        await uow.connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, :purpose))"), {"name": name, "purpose": purpose}
        )


async def count(uow: UnitOfWork, person: UUID, since: datetime) -> int:
    """What somebody reported, joined and added."""
    return int(
        await uow.connection.scalar(
            text(
                "SELECT count(*) FROM ticket_moves WHERE actor_id = :person AND at > :since AND move IN ('report', 'same', 'add')"
            ),
            {"person": person, "since": since},
        )
        or 0
    )


async def next_number(uow: UnitOfWork, building: UUID) -> int:
    """Under the lock of the building."""
    return int(
        await uow.connection.scalar(
            text("SELECT coalesce(max(number), 0) + 1 FROM tickets WHERE building_id = :building"),
            {"building": building},
        )
        or 1
    )


async def add(uow: UnitOfWork, ticket: Ticket) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO tickets (organisation_id, ticket, building_id, number, category, spot, danger, reporter, made_at, state, since,"
            " version, assigned_to, planned_on, into_ticket) VALUES (:organisation, :ticket, :building, :number, :category,"
            " CAST(:spot AS jsonb), :danger, :reporter, :made_at, :state, :since, :version, :assigned_to, :planned_on, :into)"
        ),
        {**_values(ticket), "organisation": uow.organisation, "made_at": ticket.made_at, "reporter": ticket.reporter}
        | {"building": ticket.building, "number": ticket.number, "danger": ticket.danger or ""},
    )


async def save(uow: UnitOfWork, before: Ticket, after: Ticket) -> bool:
    """Writes what a ticket became; False where somebody else wrote it since it was read."""
    done = await uow.connection.execute(
        text(
            "UPDATE tickets SET category = :category, spot = CAST(:spot AS jsonb), state = :state, since = :since, version = :version,"
            " assigned_to = :assigned_to, planned_on = :planned_on, into_ticket = :into"
            " WHERE ticket = :ticket AND state = :before AND version = :read"
        ),
        {**_values(after), "before": before.state, "read": before.version},
    )
    return bool(done.rowcount)


def _values(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket.ticket,
        "category": ticket.category,
        "spot": json.dumps(ticket.spot.to_json()),
        "state": ticket.state,
        "since": ticket.since,
        "version": ticket.version,
        "assigned_to": ticket.assigned_to,
        "planned_on": ticket.planned_on,
        "into": ticket.into,
    }


async def note(uow: UnitOfWork, ticket: UUID, moved: Moved) -> int:
    """Adds to its history; gives the number of the entry."""
    return int(
        await uow.connection.scalar(
            text(
                "INSERT INTO ticket_moves (organisation_id, ticket, move, state, actor_id, actor, at, note, assigned_to, planned_on)"
                " VALUES (:organisation, :ticket, :move, :state, :actor_id, :actor, :at, :note, :to, :on) RETURNING number"
            ),
            {
                "organisation": uow.organisation,
                "ticket": ticket,
                "move": moved.move,
                "state": moved.state,
                "actor_id": moved.actor.actor_id,
                "actor": moved.actor.name,
                "at": moved.at,
                "note": moved.note,
                "to": moved.to,
                "on": moved.on,
            },
        )
        or 0
    )


async def follow(uow: UnitOfWork, ticket: UUID, persons: Collection[UUID]) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO ticket_followers (organisation_id, ticket, person_id, at)"
            " SELECT :organisation, :ticket, person, :now FROM unnest(CAST(:persons AS uuid[])) AS person ON CONFLICT DO NOTHING"
        ),
        {"organisation": uow.organisation, "ticket": ticket, "persons": list(persons), "now": uow.now},
    )


async def show(uow: UnitOfWork, ticket: UUID, person: UUID, photos: Sequence[bytes]) -> None:
    """Keeps which pictures show it; one that is there already stays once."""
    for sha256 in photos:
        await uow.connection.execute(
            text(
                "INSERT INTO ticket_photos (organisation_id, photo, ticket, sha256, person_id, at)"
                " VALUES (:organisation, :photo, :ticket, :sha256, :person, :now) ON CONFLICT DO NOTHING"
            ),
            {
                "organisation": uow.organisation,
                "photo": new_id(),
                "ticket": ticket,
                "sha256": sha256,
                "person": person,
                "now": uow.now,
            },
        )


async def take_over(uow: UnitOfWork, gone: UUID, into: UUID) -> None:
    """The photos of a ticket that was joined to another are that one's too."""
    await uow.connection.execute(
        text(
            "INSERT INTO ticket_photos (organisation_id, photo, ticket, sha256, person_id, at)"
            " SELECT organisation_id, gen_random_uuid(), :into, sha256, person_id, at FROM ticket_photos WHERE ticket = :gone"
            " ON CONFLICT DO NOTHING"
        ),
        {"gone": gone, "into": into},
    )


async def photos(uow: UnitOfWork, ticket: UUID) -> tuple[tuple[UUID, bytes], ...]:
    rows = await uow.connection.execute(
        text("SELECT photo, sha256 FROM ticket_photos WHERE ticket = :ticket ORDER BY at, photo"), {"ticket": ticket}
    )
    return tuple((row.photo, bytes(row.sha256)) for row in rows)


async def find(uow: UnitOfWork, ticket: UUID, *, lock: bool = False) -> Ticket | None:
    rows = await uow.connection.execute(
        text(f"{_TICKETS} WHERE t.ticket = :ticket{' FOR UPDATE' if lock else ''}"), {"ticket": ticket}
    )
    row = rows.one_or_none()
    return _ticket(row) if row else None


async def numbered(uow: UnitOfWork, building: UUID, number: int) -> Ticket | None:
    rows = await uow.connection.execute(
        text(f"{_TICKETS} WHERE t.building_id = :building AND t.number = :number"),
        {"building": building, "number": number},
    )
    row = rows.one_or_none()
    return _ticket(row) if row else None


async def recent(uow: UnitOfWork, building: UUID, category: Category, made: datetime, closed: datetime) -> list[Ticket]:
    """Of a category in a building, the latest first: what is open or solved and was made since `made`, or was closed since `closed`."""
    rows = await uow.connection.execute(
        text(
            f"{_TICKETS} WHERE t.building_id = :building AND t.category = :category AND ((t.made_at > :made AND t.state IN"
            " ('reported', 'acknowledged', 'assigned', 'repairing', 'solved')) OR (t.state = 'closed' AND t.since > :closed))"
            " ORDER BY t.number DESC"
        ),
        {"building": building, "category": category, "made": made, "closed": closed},
    )
    return [_ticket(row) for row in rows]


async def followed(uow: UnitOfWork, person: UUID, since: datetime) -> list[Ticket]:
    """What somebody follows, the latest first: open or solved, or over since then."""
    rows = await uow.connection.execute(
        text(
            f"{_TICKETS} JOIN ticket_followers f USING (organisation_id, ticket) WHERE f.person_id = :person"
            " AND t.state NOT IN ('withdrawn', 'merged')"
            " AND (t.state IN ('reported', 'acknowledged', 'assigned', 'repairing', 'solved') OR t.since > :since)"
            " ORDER BY t.made_at DESC, t.number DESC"
        ),
        {"person": person, "since": since},
    )
    return [_ticket(row) for row in rows]


async def open_in(uow: UnitOfWork, buildings: Sequence[UUID]) -> list[Ticket]:
    """What is still to be done in these buildings: what cannot wait first, then the oldest."""
    rows = await uow.connection.execute(
        text(
            f"{_TICKETS} WHERE t.building_id = ANY(CAST(:buildings AS uuid[]))"
            " AND t.state IN ('reported', 'acknowledged', 'assigned', 'repairing') ORDER BY t.danger = '', t.made_at"
        ),
        {"buildings": list(buildings)},
    )
    return [_ticket(row) for row in rows]


async def listed(uow: UnitOfWork, wanted: Wanted, most: int) -> list[tuple[Ticket, int]]:
    """Each with the number of its followers: what cannot wait first, then the oldest."""
    rows = await uow.connection.execute(
        text(
            f"SELECT t.*, (SELECT count(*) FROM ticket_followers f WHERE f.ticket = t.ticket) AS followers FROM ({_TICKETS}) AS t"
            " WHERE (CAST(:within AS uuid[]) IS NULL OR t.building_id = ANY(CAST(:within AS uuid[])))"
            " AND (CAST(:building AS uuid) IS NULL OR t.building_id = :building)"
            " AND (CAST(:states AS text[]) IS NULL OR t.state = ANY(CAST(:states AS text[])))"
            " AND (NOT CAST(:urgent AS boolean) OR t.danger <> '')"
            " AND (CAST(:category AS text) IS NULL OR t.category = :category)"
            " AND (CAST(:before AS timestamptz) IS NULL OR t.made_at < :before)"
            " ORDER BY t.danger = '' OR t.state NOT IN ('reported', 'acknowledged', 'assigned', 'repairing'), t.made_at, t.number"
            " LIMIT :most"
        ),
        {
            "within": None if wanted.within is None else list(wanted.within),
            "building": wanted.building,
            "states": [state.value for state in wanted.states] or None,
            "urgent": wanted.urgent,
            "category": wanted.category.value if wanted.category else None,
            "before": wanted.before,
            "most": most,
        },
    )
    return [(_ticket(row), row.followers) for row in rows]


async def moves(uow: UnitOfWork, ticket: UUID) -> tuple[Moved, ...]:
    rows = await uow.connection.execute(
        text(
            "SELECT move, state, actor_id, actor, at, note, number, assigned_to, planned_on FROM ticket_moves"
            " WHERE ticket = :ticket ORDER BY number"
        ),
        {"ticket": ticket},
    )
    return tuple(
        Moved(
            Move(row.move),
            State(row.state),
            Actor(row.actor_id, row.actor),
            row.at,
            row.note,
            row.number,
            row.assigned_to,
            row.planned_on,
        )
        for row in rows
    )


async def followers(uow: UnitOfWork, ticket: Ticket) -> Mapping[UUID, str]:
    """Everybody who follows it, by name: who reported it first, then the others in the order in which they came."""
    rows = await uow.connection.execute(
        text(
            "SELECT f.person_id, p.name FROM ticket_followers f JOIN persons p USING (organisation_id, person_id)"
            " WHERE f.ticket = :ticket ORDER BY f.person_id <> :reporter, f.at, f.person_id"
        ),
        {"ticket": ticket.ticket, "reporter": ticket.reporter},
    )
    return {row.person_id: row.name for row in rows}


async def to_tell(uow: UnitOfWork, ticket: Ticket, day: date) -> list[UUID]:
    """Those of its followers who have anything to do with the building that day: who has moved out is told no more."""
    rows = await uow.connection.execute(
        text(
            "SELECT f.person_id FROM ticket_followers f JOIN residents r ON r.organisation_id = f.organisation_id"
            f" AND r.person_id = f.person_id WHERE f.ticket = :ticket AND r.building_id = :building AND {_HERE} ORDER BY f.at, f.person_id"
        ),
        {"ticket": ticket.ticket, "building": ticket.building, "day": day},
    )
    return list(rows.scalars())


async def managers(uow: UnitOfWork, building: UUID) -> list[UUID]:
    """The syndic and the council of a building, in the order of its list."""
    rows = await uow.connection.execute(
        text(
            "SELECT person_id FROM residents WHERE building_id = :building AND present"
            " AND roles && CAST('{council,syndic}' AS text[]) ORDER BY position"
        ),
        {"building": building},
    )
    return list(rows.scalars())


async def silent(uow: UnitOfWork, since: datetime) -> list[Ticket]:
    """What was solved so long ago that nobody is waited for; those that somebody is moving just now come the next time."""
    rows = await uow.connection.execute(
        text(f"{_TICKETS} WHERE t.state = 'solved' AND t.since <= :since ORDER BY t.since FOR UPDATE SKIP LOCKED"),
        {"since": since},
    )
    return [_ticket(row) for row in rows]


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        row.ticket,
        row.building_id,
        row.number,
        Category(row.category),
        Spot.from_json(from_jsonb(row.spot)),
        Danger(row.danger) if row.danger else None,
        row.reporter,
        row.made_at,
        State(row.state),
        row.since,
        row.version,
        row.assigned_to,
        row.planned_on,
        row.into_ticket,
    )
