"""Use cases: what an accounting tool reads of the buildings of an organisation. Lists come in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from core.buildings import store as buildings
from core.buildings.model import GENERAL, Known, Lot, key_weights
from core.charges.accounts.model import Posting
from core.charges.model import Call, Expense
from core.database import UnitOfWork
from core.interchange.extracts import store
from core.interchange.extracts.model import (
    After,
    Balance,
    Key,
    Piece,
    Received,
    Registered,
    Sent,
    Span,
    balance,
    cut,
    entry_place,
    piece,
)
from core.kernel.clock import local_day
from core.kernel.periods import Period
from core.messaging.kinds import ANSWER
from core.people import store as people
from core.people.model import Membership, Place
from core.people.store import Listed

E = TypeVar("E")
D = TypeVar("D", Expense, Call)


async def every_building(uow: UnitOfWork, after: After | None, most: int) -> Piece[Known]:
    """The buildings of the organisation, by slug."""
    known = sorted(await buildings.every(uow), key=_slug)
    return piece(known, _slug, after, most)


def _slug(known: Known) -> After:
    return (known.building.slug,)


async def building(uow: UnitOfWork, slug: str) -> Known | None:
    return await buildings.find(uow, slug)


async def lots(uow: UnitOfWork, known: Known, after: After | None, most: int) -> Piece[Lot]:
    """In the order of the files, which is that of every split."""
    return _counted(await buildings.lots(uow, known.building_id), after, most)


async def keys(uow: UnitOfWork, known: Known, after: After | None, most: int) -> Piece[Key]:
    """The shares first, then the other keys in the order of the files; each with all lots."""
    all_lots = await buildings.lots(uow, known.building_id)
    weights = await buildings.weights(uow, known.building_id)
    names = dict.fromkeys([GENERAL, *(row.key for row in weights)])
    lots = [lot.lot for lot in all_lots]
    found = [Key(name, tuple(zip(lots, key_weights(name, all_lots, weights), strict=True))) for name in names]
    return _counted(found, after, most)


async def everybody(uow: UnitOfWork, known: Known, after: After | None, most: int) -> Piece[Registered]:
    """The people of a building in the order of the files, those who are named no longer last."""
    listed = _counted(_in_order(await people.residents(uow, known.building_id)), after, most)
    ownership = await people.ownership(uow, known.building_id)
    tenancies = await people.tenancies(uow, known.building_id)
    rows = [
        Registered(
            row.person_id,
            row.resident,
            row.present,
            tuple(right for right in ownership if right.person == row.resident.person),
            tuple(tenancy for tenancy in tenancies if tenancy.person == row.resident.person),
        )
        for row in listed.rows
    ]
    return Piece(tuple(rows), listed.after)


@dataclass(frozen=True, slots=True)
class _Holder:
    """Somebody with an account in a building."""

    name: str
    place: Place


async def balances(uow: UnitOfWork, known: Known, after: After | None, most: int) -> Piece[Balance]:
    """What everybody with an account has to pay now: who owns or owned a lot, and of whom the books say something."""
    holders = _counted(await _holders(uow, known), after, most)
    persons = [holder.place.membership.person for holder in holders.rows]
    postings = await store.postings(uow, known.building_id, persons)
    today = local_day(uow.now)
    period = known.building.quarter(today)
    rows = [
        balance(holder.name, holder.place, postings[holder.place.membership.person], period, today)
        for holder in holders.rows
    ]
    return Piece(tuple(rows), holders.after)


async def account(uow: UnitOfWork, known: Known, person: str, span: Span) -> Balance | None:
    """A person's account in a period; without any bound, in the building's own quarter around today. None: he has no account there."""
    holder = next((row for row in await _holders(uow, known) if row.place.membership.person == person), None)
    if holder is None:
        return None
    today = local_day(uow.now)
    asked = Period(span.first or date.min, span.last or date.max)
    period = known.building.quarter(today) if span == Span() else asked
    postings = await store.postings(uow, known.building_id, [person])
    return balance(holder.name, holder.place, postings[person], period, today)


def entries(found: Balance, after: After | None, most: int) -> Piece[Posting]:
    """What was booked on an account in its period, by day."""
    return piece(found.entries, entry_place, after, most)


async def expenses(uow: UnitOfWork, known: Known, span: Span, after: After | None, most: int) -> Piece[Expense]:
    return _placed(await store.dated(uow, known.building_id, Expense, span, after, most + 1), most)


async def calls(uow: UnitOfWork, known: Known, span: Span, after: After | None, most: int) -> Piece[Call]:
    return _placed(await store.dated(uow, known.building_id, Call, span, after, most + 1), most)


async def payments(
    uow: UnitOfWork, known: Known, person: str | None, span: Span, after: After | None, most: int
) -> Piece[Received]:
    found = await store.payments(uow, known.building_id, person, span, after, most + 1)
    rows = cut(found, lambda row: (row[0].payment.day, row[1]), most)
    return Piece(tuple(row for row, _ in rows.rows), rows.after)


async def deliveries(
    uow: UnitOfWork, known: Known, span: Span, fate: str | None, after: After | None, most: int
) -> Piece[Sent]:
    """What the people of a building were told, oldest first. What the bot answered to what they wrote themselves is theirs, and left out."""
    behind = int(str(after[0])) if after else -1
    found = await store.deliveries(uow, known.building_id, span, fate, (ANSWER,), behind, most + 1)
    rows = cut(found, lambda row: (row[1],), most)
    return Piece(tuple(row for row, _ in rows.rows), rows.after)


async def _holders(uow: UnitOfWork, known: Known) -> list[_Holder]:
    owners = {row.person for row in await people.ownership(uow, known.building_id)}
    booked = await store.booked_persons(uow, known.building_id)
    return [
        _Holder(
            row.resident.name,
            Place(
                known,
                Membership(known.building_id, row.resident.person, row.account, row.resident.roles),
                row.resident.person in owners,
            ),
        )
        for row in _in_order(await people.residents(uow, known.building_id))
        if row.resident.person in owners | booked
    ]


def _in_order(listed: Sequence[Listed]) -> list[Listed]:
    return sorted(listed, key=lambda row: not row.present)


def _counted(rows: Sequence[E], after: After | None, most: int) -> Piece[E]:
    """A piece of a short list that is read whole; its places are counted."""
    numbered = piece(list(enumerate(rows)), lambda row: (row[0],), after, most)
    return Piece(tuple(row for _, row in numbered.rows), numbered.after)


def _placed(found: Sequence[tuple[D, int]], most: int) -> Piece[D]:
    rows = cut(found, lambda row: (row[0].day, row[1]), most)
    return Piece(tuple(row for row, _ in rows.rows), rows.after)
