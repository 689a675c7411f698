"""What neighbours of a building did, as their tables keep it: without the talks that led to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork
from core.kernel.ids import new_id


async def lent(
    uow: UnitOfWork, building: UUID, pair: Sequence[UUID], at: datetime, name: str, state: str = "back"
) -> None:
    giver, taker = pair
    thing = new_id()
    values = {"organisation": uow.organisation, "building": building, "thing": thing, "loan": new_id()}
    await uow.connection.execute(
        text(
            "INSERT INTO loan_things (organisation_id, thing_id, building_id, owner_id, name, longest, terms, put_up_at)"
            " VALUES (:organisation, :thing, :building, :giver, :name, 7, '{}', :at)"
        ),
        {**values, "giver": giver, "name": name, "at": at},
    )
    await uow.connection.execute(
        text(
            "INSERT INTO loans (organisation_id, loan_id, thing_id, building_id, lender_id, borrower_id, first, last, asked_at, state,"
            " handed_at, over_at) VALUES (:organisation, :loan, :thing, :building, :giver, :taker, :day, :day, :at, :state, :at, :at)"
        ),
        {**values, "giver": giver, "taker": taker, "day": at.date(), "at": at, "state": state},
    )


async def helped(
    uow: UnitOfWork, building: UUID, pair: Sequence[UUID], at: datetime, minutes: int, state: str = "booked"
) -> None:
    giver, receiver = pair
    await uow.connection.execute(
        text(
            "INSERT INTO sel_exchanges (organisation_id, exchange_id, building_id, giver, receiver, minutes, gift, reporter, objection,"
            " state, reported_at, settled_at)"
            " VALUES (:organisation, :exchange, :building, :giver, :receiver, :minutes, false, :giver, '', :state, :at, :at)"
        ),
        {
            "organisation": uow.organisation,
            "exchange": new_id(),
            "building": building,
            "giver": giver,
            "receiver": receiver,
            "minutes": minutes,
            "state": state,
            "at": at,
        },
    )


async def gave(uow: UnitOfWork, building: UUID, pair: Sequence[UUID], at: datetime, name: str) -> None:
    giver, taker = pair
    values = {"organisation": uow.organisation, "item": new_id(), "at": at}
    await uow.connection.execute(
        text(
            "INSERT INTO bazaar_items (organisation_id, item_id, building_id, giver_id, name, terms, how, state, put_up_at, expires_on,"
            " reserved_at, over_at)"
            " VALUES (:organisation, :item, :building, :giver, :name, '{}', 'first', 'collected', :at, :day, :at, :at)"
        ),
        {**values, "building": building, "giver": giver, "name": name, "day": at.date()},
    )
    await uow.connection.execute(
        text(
            "INSERT INTO bazaar_line (organisation_id, item_id, person_id, position, standing, at)"
            " VALUES (:organisation, :item, :taker, 1, 'taker', :at)"
        ),
        {**values, "taker": taker},
    )
