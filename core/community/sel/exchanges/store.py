"""Where exchanges are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.community.sel.exchanges.model import Exchange, State
from core.database import UnitOfWork

_EXCHANGES = (
    "SELECT exchange_id, building_id, giver, receiver, minutes, gift, reporter, state, reported_at, due, objection"
    " FROM sel_exchanges"
)
_IS_OPEN = "state IN ('waiting', 'disputed')"


async def add(uow: UnitOfWork, exchange: Exchange) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO sel_exchanges (organisation_id, exchange_id, building_id, giver, receiver, minutes, gift, reporter, objection,"
            " state, reported_at, due, settled_at)"
            " VALUES (:organisation, :exchange, :building, :giver, :receiver, :minutes, :gift, :reporter, :objection,"
            " :state, :reported_at, :due, :settled_at)"
        ),
        {
            **_moving(uow, exchange),
            "organisation": uow.organisation,
            "building": exchange.building,
            "giver": exchange.giver,
            "receiver": exchange.receiver,
            "reporter": exchange.reporter,
            "reported_at": exchange.reported_at,
        },
    )


async def move(uow: UnitOfWork, before: Exchange, after: Exchange) -> bool:
    """Writes a move of one that stands as it was read; False where somebody else has moved it."""
    done = await uow.connection.execute(
        text(
            "UPDATE sel_exchanges SET minutes = :minutes, gift = :gift, objection = :objection, state = :state, due = :due,"
            " settled_at = :settled_at WHERE exchange_id = :exchange AND state = :before"
        ),
        {**_moving(uow, after), "before": before.state.value},
    )
    return bool(done.rowcount)


async def get(uow: UnitOfWork, exchange_id: UUID) -> Exchange | None:
    row = (
        await uow.connection.execute(text(f"{_EXCHANGES} WHERE exchange_id = :exchange"), {"exchange": exchange_id})
    ).one_or_none()
    return _exchange(row) if row else None


async def between(uow: UnitOfWork, building: UUID, giver: UUID, receiver: UUID) -> list[Exchange]:
    """Those that wait between two, oldest first."""
    rows = await uow.connection.execute(
        text(
            f"{_EXCHANGES} WHERE building_id = :building AND giver = :giver AND receiver = :receiver AND state = 'waiting'"
            " ORDER BY reported_at, exchange_id"
        ),
        {"building": building, "giver": giver, "receiver": receiver},
    )
    return [_exchange(row) for row in rows]


async def open_of(uow: UnitOfWork, building: UUID, person: UUID) -> list[Exchange]:
    """Those of a person that are not settled, oldest first."""
    rows = await uow.connection.execute(
        text(
            f"{_EXCHANGES} WHERE building_id = :building AND :person IN (giver, receiver) AND {_IS_OPEN}"
            " ORDER BY reported_at, exchange_id"
        ),
        {"building": building, "person": person},
    )
    return [_exchange(row) for row in rows]


async def disputed(uow: UnitOfWork, building: UUID) -> list[Exchange]:
    """Those that the council has to decide on, oldest first."""
    rows = await uow.connection.execute(
        text(f"{_EXCHANGES} WHERE building_id = :building AND state = 'disputed' ORDER BY reported_at, exchange_id"),
        {"building": building},
    )
    return [_exchange(row) for row in rows]


async def due(uow: UnitOfWork) -> list[tuple[UUID, UUID]]:
    """What moves by itself by now in the whole organisation: (building, exchange), building by building."""
    rows = await uow.connection.execute(
        text(
            "SELECT building_id, exchange_id FROM sel_exchanges WHERE due <= :now ORDER BY building_id, due, exchange_id"
        ),
        {"now": uow.now},
    )
    return [(row.building_id, row.exchange_id) for row in rows]


async def booked(uow: UnitOfWork, building: UUID) -> list[Exchange]:
    rows = await uow.connection.execute(
        text(f"{_EXCHANGES} WHERE building_id = :building AND state = 'booked' ORDER BY reported_at, exchange_id"),
        {"building": building},
    )
    return [_exchange(row) for row in rows]


async def persons(uow: UnitOfWork, building: UUID) -> set[UUID]:
    """Who has an exchange in a building that is not settled."""
    rows = await uow.connection.execute(
        text(
            f"SELECT unnest(ARRAY[giver, receiver]) AS person FROM sel_exchanges WHERE building_id = :building AND {_IS_OPEN}"
        ),
        {"building": building},
    )
    return set(rows.scalars())


async def settled_between(
    uow: UnitOfWork, building: UUID, first: datetime, last: datetime
) -> list[tuple[UUID, UUID, int, bool]]:
    """What was booked from `first` to before `last`: giver, receiver, minutes that it took, and whether it was a gift."""
    rows = await uow.connection.execute(
        text(
            "SELECT giver, receiver, minutes, gift FROM sel_exchanges WHERE building_id = :building AND state = 'booked'"
            " AND settled_at >= :first AND settled_at < :last ORDER BY settled_at, exchange_id"
        ),
        {"building": building, "first": first, "last": last},
    )
    return [(row.giver, row.receiver, row.minutes, row.gift) for row in rows]


def _moving(uow: UnitOfWork, exchange: Exchange) -> dict[str, Any]:
    """What a move may change."""
    return {
        "exchange": exchange.exchange_id,
        "minutes": exchange.minutes,
        "gift": exchange.gift,
        "objection": exchange.objection,
        "state": exchange.state.value,
        "due": exchange.due,
        "settled_at": None if exchange.due else uow.now,
    }


def _exchange(row: Row[Any]) -> Exchange:
    return Exchange(
        row.exchange_id,
        row.building_id,
        row.giver,
        row.receiver,
        row.minutes,
        row.gift,
        row.reporter,
        State(row.state),
        row.reported_at,
        row.due,
        row.objection,
    )
