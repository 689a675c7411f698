"""Where things and their lines are kept. Every move locks its thing first, so that two of them never meet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.community.bazaar.draw import Draw
from core.community.bazaar.model import (
    ANSWERS_WITHIN,
    LET_GO_AFTER,
    OVER,
    REMINDED_AFTER,
    SETTLED_AFTER,
    How,
    Interest,
    Item,
    Standing,
    State,
)
from core.database import UnitOfWork
from core.kernel.errors import DomainError

_ITEMS = (
    "SELECT item_id, building_id, giver_id, name, in_return, photo, terms, how, draw_on, drawn, state, put_up_at, expires_on,"
    " reserved_at, fetched_at, nudged_on FROM bazaar_items"
)
_LINES = (
    "SELECT item_id, person_id, position, standing, ticket, in_return, at, asked_at FROM bazaar_line"
    " WHERE item_id = ANY(CAST(:items AS uuid[])) ORDER BY position"
)


async def add(uow: UnitOfWork, item: Item, terms: Collection[str]) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO bazaar_items (organisation_id, item_id, building_id, giver_id, name, in_return, photo, terms, how, draw_on,"
            " state, put_up_at, expires_on) VALUES (:organisation, :item, :building, :giver, :name, :in_return, :photo,"
            " CAST(:terms AS text[]), :how, :draw_on, :state, :put_up_at, :expires_on)"
        ),
        {
            "organisation": uow.organisation,
            "item": item.item_id,
            "building": item.building,
            "giver": item.giver,
            "name": item.name,
            "in_return": item.in_return,
            "photo": item.photo,
            "terms": sorted(terms),
            "how": item.how.value,
            "draw_on": item.draw_on,
            "state": item.state.value,
            "put_up_at": item.put_up_at,
            "expires_on": item.expires_on,
        },
    )


async def lock(uow: UnitOfWork, item: UUID) -> Item | None:
    """A thing as it is once no other move of it is under way; None where there is none."""
    locked = await uow.connection.scalar(
        text("SELECT item_id FROM bazaar_items WHERE item_id = :item FOR UPDATE"), {"item": item}
    )
    return await get(uow, item) if locked else None


async def get(uow: UnitOfWork, item: UUID) -> Item | None:
    rows = (await uow.connection.execute(text(f"{_ITEMS} WHERE item_id = :item"), {"item": item})).all()
    return next(iter(await _items(uow, rows)), None)


async def move(uow: UnitOfWork, before: Item, after: Item) -> None:
    """Keeps a thing and its line as they are after a move. DomainError where it was moved meanwhile."""
    if before == after:
        return
    done = await uow.connection.execute(
        text(
            "UPDATE bazaar_items SET in_return = :in_return, photo = :photo, how = :how, draw_on = :draw_on, drawn = :drawn,"
            " state = :state, expires_on = :expires_on, reserved_at = :reserved_at, fetched_at = :fetched_at,"
            " nudged_on = :nudged_on, over_at = CASE WHEN :over THEN coalesce(over_at, :now) END WHERE item_id = :item AND state = :before"
        ),
        {
            "item": after.item_id,
            "before": before.state.value,
            "in_return": after.in_return,
            "photo": after.photo,
            "how": after.how.value,
            "draw_on": after.draw_on,
            "drawn": after.drawn,
            "state": after.state.value,
            "expires_on": after.expires_on,
            "reserved_at": after.reserved_at,
            "fetched_at": after.fetched_at,
            "nudged_on": after.nudged_on,
            "over": after.state in OVER,
            "now": uow.now,
        },
    )
    if done.rowcount != 1:
        raise DomainError("bazaar.moved_on")
    known = set(before.line)
    # Whoever stands back goes first: a thing is one person's at every moment.
    for each in sorted(set(after.line) - known, key=lambda each: each.standing is Standing.TAKER):
        await _stands(uow, after.item_id, each)


async def _stands(uow: UnitOfWork, item: UUID, interest: Interest) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO bazaar_line (organisation_id, item_id, person_id, position, standing, ticket, in_return, at, asked_at)"
            " VALUES (:organisation, :item, :person, :position, :standing, :ticket, :in_return, :at, :asked_at)"
            " ON CONFLICT (item_id, person_id) DO UPDATE SET position = excluded.position, standing = excluded.standing,"
            " ticket = excluded.ticket, in_return = excluded.in_return, at = excluded.at, asked_at = excluded.asked_at"
        ),
        {
            "organisation": uow.organisation,
            "item": item,
            "person": interest.person,
            "position": interest.position,
            "standing": interest.standing.value,
            "ticket": interest.ticket,
            "in_return": interest.in_return,
            "at": interest.at,
            "asked_at": interest.asked_at,
        },
    )


async def add_draw(uow: UnitOfWork, draw: Draw) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO bazaar_draws (organisation_id, item_id, day, tickets, seed)"
            " VALUES (:organisation, :item, :day, CAST(:tickets AS text[]), :seed)"
        ),
        {
            "organisation": uow.organisation,
            "item": draw.item,
            "day": draw.day,
            "tickets": list(draw.tickets),
            "seed": draw.seed,
        },
    )


async def draw_of(uow: UnitOfWork, item: UUID) -> tuple[date, tuple[str, ...], str] | None:
    """What is kept of the last draw of a thing: its day, the tickets and the seed."""
    row = (
        await uow.connection.execute(
            text("SELECT day, tickets, seed FROM bazaar_draws WHERE item_id = :item ORDER BY day DESC LIMIT 1"),
            {"item": item},
        )
    ).one_or_none()
    return (row.day, tuple(row.tickets), row.seed) if row else None


async def shown(uow: UnitOfWork, building: UUID, today: date, most: int) -> list[Item]:
    """What is up in a building, the newest first."""
    rows = await uow.connection.execute(
        text(
            f"{_ITEMS} WHERE building_id = :building AND over_at IS NULL AND state = 'offered'"
            " AND (expires_on > :today OR draw_on IS NOT NULL AND NOT drawn) ORDER BY put_up_at DESC, item_id LIMIT :most"
        ),
        {"building": building, "today": today, "most": most},
    )
    return await _items(uow, rows.all())


async def with_terms(
    uow: UnitOfWork, building: UUID, terms: Collection[str], today: date
) -> list[tuple[Item, frozenset[str]]]:
    """What is up in a building and has any of these terms, the newest first; each with all of its own."""
    found = (
        await uow.connection.execute(
            text(
                f"{_ITEMS} WHERE building_id = :building AND over_at IS NULL AND state = 'offered' AND terms && CAST(:terms AS text[])"
                " AND (expires_on > :today OR draw_on IS NOT NULL AND NOT drawn) ORDER BY put_up_at DESC, item_id"
            ),
            {"building": building, "terms": sorted(terms), "today": today},
        )
    ).all()
    return [(item, frozenset(row.terms)) for item, row in zip(await _items(uow, found), found, strict=True)]


async def of_person(uow: UnitOfWork, person: UUID, building: UUID) -> list[Item]:
    """What somebody gives in a building, or has in his name there, and what is not over; the newest first."""
    rows = await uow.connection.execute(
        text(
            f"{_ITEMS} WHERE building_id = :building AND over_at IS NULL AND (giver_id = :person OR EXISTS ("
            "SELECT 1 FROM bazaar_line l WHERE l.item_id = bazaar_items.item_id AND l.person_id = :person AND l.standing <> 'out'))"
            " ORDER BY put_up_at DESC, item_id"
        ),
        {"building": building, "person": person},
    )
    return await _items(uow, rows.all())


async def last_bid(uow: UnitOfWork, person: UUID) -> UUID | None:
    """The swap for which somebody offered something last, and which has no taker yet."""
    found: UUID | None = await uow.connection.scalar(
        text(
            "SELECT l.item_id FROM bazaar_line l JOIN bazaar_items i ON i.item_id = l.item_id WHERE l.person_id = :person"
            " AND l.standing = 'waiting' AND l.in_return <> '' AND i.over_at IS NULL ORDER BY l.at DESC LIMIT 1"
        ),
        {"person": person},
    )
    return found


async def due(uow: UnitOfWork, today: date, now: datetime) -> list[UUID]:
    """The things of the organisation for which time does something by now, the oldest first."""
    rows = await uow.connection.execute(
        text(
            "SELECT item_id FROM bazaar_items i WHERE over_at IS NULL AND ("
            " state = 'offered' AND draw_on <= :today AND NOT drawn"
            " OR state = 'offered' AND expires_on <= :today"
            " OR state = 'offered' AND expires_on = :tomorrow AND (nudged_on IS NULL OR nudged_on < :today)"
            " OR state = 'reserved' AND (fetched_at <= :settled OR reserved_at <= :let_go AND fetched_at IS NULL"
            "  OR reserved_at <= :reminded AND fetched_at IS NULL"
            "   AND (nudged_on IS NULL OR nudged_on <= CAST(reserved_at AT TIME ZONE 'Europe/Brussels' AS date)))"
            " OR state = 'offered' AND how <> 'choice' AND (drawn OR draw_on IS NULL)"
            "  AND EXISTS (SELECT 1 FROM bazaar_line l WHERE l.item_id = i.item_id AND l.standing = 'waiting')"
            "  AND NOT EXISTS (SELECT 1 FROM bazaar_line l WHERE l.item_id = i.item_id AND l.asked_at > :asked)"
            ") ORDER BY put_up_at, item_id"
        ),
        {
            "today": today,
            "tomorrow": today + timedelta(days=1),
            "settled": now - SETTLED_AFTER,
            "let_go": now - LET_GO_AFTER,
            "reminded": now - REMINDED_AFTER,
            "asked": now - ANSWERS_WITHIN,
        },
    )
    return list(rows.scalars())


async def people_of_open(uow: UnitOfWork) -> list[tuple[UUID, UUID, UUID]]:
    """Who has something to do with what is not over: building, thing and person; givers and all who hope or wait for something."""
    rows = await uow.connection.execute(
        text(
            "SELECT building_id, item_id, giver_id AS person_id FROM bazaar_items WHERE over_at IS NULL"
            " UNION SELECT i.building_id, i.item_id, l.person_id FROM bazaar_items i JOIN bazaar_line l ON l.item_id = i.item_id"
            " WHERE i.over_at IS NULL AND l.standing <> 'out'"
        )
    )
    return [(row.building_id, row.item_id, row.person_id) for row in rows]


async def _items(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> list[Item]:
    if not rows:
        return []
    lines: dict[UUID, list[Interest]] = {}
    for row in await uow.connection.execute(text(_LINES), {"items": [row.item_id for row in rows]}):
        lines.setdefault(row.item_id, []).append(_interest(row))
    return [_item(row, tuple(lines.get(row.item_id, ()))) for row in rows]


def _item(row: Row[Any], line: tuple[Interest, ...]) -> Item:
    return Item(
        row.item_id,
        row.building_id,
        row.giver_id,
        row.name,
        row.put_up_at,
        row.expires_on,
        How(row.how),
        row.in_return,
        row.photo,
        row.draw_on,
        row.drawn,
        State(row.state),
        row.reserved_at,
        row.fetched_at,
        row.nudged_on,
        line,
    )


def _interest(row: Row[Any]) -> Interest:
    return Interest(
        row.person_id, row.position, Standing(row.standing), row.at, row.ticket, row.in_return, row.asked_at
    )
