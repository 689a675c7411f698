"""Where things to lend are kept, with the terms of their names, by which they are found; and who waits for one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.community.loans.things.model import Thing, Wish
from core.database import UnitOfWork

MOST_FOUND = 200
"""Things that are looked at for one question, the newest first."""
_THINGS = (
    "SELECT thing_id, building_id, owner_id, name, condition, photo, deposit, longest, withdrawn_at IS NOT NULL AS withdrawn, terms"
    " FROM loan_things"
)


async def add(uow: UnitOfWork, thing: Thing, terms: Collection[str]) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO loan_things (organisation_id, thing_id, building_id, owner_id, name, condition, photo, deposit, longest, terms,"
            " put_up_at) VALUES (:organisation, :thing, :building, :owner, :name, :condition, :photo, :deposit, :longest, :terms, :now)"
        ),
        {
            "organisation": uow.organisation,
            "thing": thing.thing_id,
            "building": thing.building,
            "owner": thing.owner,
            "name": thing.name,
            "condition": thing.condition,
            "photo": thing.photo,
            "deposit": thing.deposit,
            "longest": thing.longest,
            "terms": sorted(terms),
            "now": uow.now,
        },
    )


async def change(uow: UnitOfWork, thing: Thing) -> None:
    """Keeps what its owner changed of it; its name and whose it is never change."""
    await uow.connection.execute(
        text(
            "UPDATE loan_things SET condition = :condition, photo = :photo, deposit = :deposit, longest = :longest"
            " WHERE thing_id = :thing"
        ),
        {
            "thing": thing.thing_id,
            "condition": thing.condition,
            "photo": thing.photo,
            "deposit": thing.deposit,
            "longest": thing.longest,
        },
    )


async def withdraw(uow: UnitOfWork, thing: UUID) -> None:
    await uow.connection.execute(
        text("UPDATE loan_things SET withdrawn_at = :now WHERE thing_id = :thing AND withdrawn_at IS NULL"),
        {"thing": thing, "now": uow.now},
    )


async def get(uow: UnitOfWork, thing: UUID) -> Thing | None:
    row = (await uow.connection.execute(text(f"{_THINGS} WHERE thing_id = :thing"), {"thing": thing})).one_or_none()
    return _thing(row) if row else None


async def lock(uow: UnitOfWork, thing: UUID) -> Thing | None:
    """The thing, with every other move of its loans waiting until this transaction ends."""
    row = (
        await uow.connection.execute(text(f"{_THINGS} WHERE thing_id = :thing FOR UPDATE"), {"thing": thing})
    ).one_or_none()
    return _thing(row) if row else None


async def several(uow: UnitOfWork, things: Collection[UUID]) -> dict[UUID, Thing]:
    rows = await uow.connection.execute(
        text(f"{_THINGS} WHERE thing_id = ANY(CAST(:things AS uuid[]))"), {"things": list(things)}
    )
    return {row.thing_id: _thing(row) for row in rows}


async def shown(uow: UnitOfWork, building: UUID) -> list[Thing]:
    """What is put up in a building, the newest first."""
    rows = await uow.connection.execute(
        text(
            f"{_THINGS} WHERE building_id = :building AND withdrawn_at IS NULL"
            f" ORDER BY put_up_at DESC, thing_id LIMIT {MOST_FOUND}"
        ),
        {"building": building},
    )
    return [_thing(row) for row in rows]


async def with_terms(uow: UnitOfWork, building: UUID, terms: Collection[str]) -> list[tuple[Thing, frozenset[str]]]:
    """What is put up in a building under one of these terms at least, the newest first, each with its terms."""
    rows = await uow.connection.execute(
        text(
            f"{_THINGS} WHERE building_id = :building AND withdrawn_at IS NULL AND terms && CAST(:terms AS text[])"
            f" ORDER BY put_up_at DESC, thing_id LIMIT {MOST_FOUND}"
        ),
        {"building": building, "terms": sorted(terms)},
    )
    return [(_thing(row), frozenset(row.terms)) for row in rows]


async def add_wish(uow: UnitOfWork, wish: Wish, terms: Collection[str]) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO loan_wishes (organisation_id, wish_id, building_id, person_id, words, terms, at)"
            " VALUES (:organisation, :wish, :building, :person, :words, :terms, :now)"
        ),
        {
            "organisation": uow.organisation,
            "wish": wish.wish_id,
            "building": wish.building,
            "person": wish.person,
            "words": wish.words,
            "terms": sorted(terms),
            "now": wish.at,
        },
    )


async def wishes(uow: UnitOfWork, building: UUID, since: datetime) -> list[tuple[Wish, frozenset[str]]]:
    """Who waits for something to be put up in a building, first come first, each with the terms of his words."""
    rows = await uow.connection.execute(
        text(
            "SELECT wish_id, building_id, person_id, words, at, terms FROM loan_wishes"
            " WHERE building_id = :building AND over_at IS NULL AND at > :since ORDER BY at, wish_id"
        ),
        {"building": building, "since": since},
    )
    return [
        (Wish(row.wish_id, row.building_id, row.person_id, row.words, row.at), frozenset(row.terms)) for row in rows
    ]


async def end_wish(uow: UnitOfWork, wish: UUID, person: UUID) -> str | None:
    """Ends a wish of that person; its words, or None where he has none such any more."""
    words: str | None = await uow.connection.scalar(
        text(
            "UPDATE loan_wishes SET over_at = :now WHERE wish_id = :wish AND person_id = :person AND over_at IS NULL"
            " RETURNING words"
        ),
        {"wish": wish, "person": person, "now": uow.now},
    )
    return words


def _thing(row: Row[Any]) -> Thing:
    return Thing(
        row.thing_id,
        row.building_id,
        row.owner_id,
        row.name,
        row.condition,
        row.photo,
        row.deposit,
        row.longest,
        row.withdrawn,
    )
