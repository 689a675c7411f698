"""Where offers, requests and the answers to them are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.community.sel.offers.model import Answer, Kind, Offer, Said
from core.database import UnitOfWork
from core.kernel.periods import Period

_COLUMNS = "o.offer_id, o.building_id, o.person_id, o.kind, o.name, o.first, o.last, o.expires_on, o.state, o.at"
_OFFERS = f"SELECT {_COLUMNS} FROM sel_offers o"
_ANSWERS = (
    f"SELECT {_COLUMNS}, a.answer_id, a.person_id AS asker, a.state AS said, a.at AS asked_at"
    " FROM sel_answers a JOIN sel_offers o ON o.offer_id = a.offer_id"
)


async def add(uow: UnitOfWork, offer: Offer) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO sel_offers (organisation_id, offer_id, building_id, person_id, kind, name, first, last, expires_on, state, at)"
            " VALUES (:organisation, :offer, :building, :person, :kind, :name, :first, :last, :expires_on, 'open', :at)"
        ),
        {
            "organisation": uow.organisation,
            "offer": offer.offer_id,
            "building": offer.building,
            "person": offer.person,
            "kind": offer.kind.value,
            "name": offer.name,
            "first": offer.days.first if offer.days else None,
            "last": offer.days.last if offer.days else None,
            "expires_on": offer.expires_on,
            "at": offer.at,
        },
    )


async def get(uow: UnitOfWork, offer_id: UUID, *, lock: bool = False) -> Offer | None:
    """`lock`: nobody else answers it or takes it down until the transaction ends."""
    row = (
        await uow.connection.execute(
            text(f"{_OFFERS} WHERE o.offer_id = :offer{' FOR UPDATE' if lock else ''}"), {"offer": offer_id}
        )
    ).one_or_none()
    return _offer(row) if row else None


async def standing(uow: UnitOfWork, building: UUID, today: date) -> list[Offer]:
    """All that are open in a building, newest first."""
    rows = await uow.connection.execute(
        text(
            f"{_OFFERS} WHERE o.building_id = :building AND o.state = 'open' AND o.expires_on >= :today ORDER BY o.at DESC, o.offer_id"
        ),
        {"building": building, "today": today},
    )
    return [_offer(row) for row in rows]


async def close(uow: UnitOfWork, offer_id: UUID) -> bool:
    """False where it was closed already."""
    done = await uow.connection.execute(
        text("UPDATE sel_offers SET state = 'closed' WHERE offer_id = :offer AND state = 'open'"), {"offer": offer_id}
    )
    return bool(done.rowcount)


async def expired(uow: UnitOfWork, today: date) -> list[Offer]:
    rows = await uow.connection.execute(
        text(f"{_OFFERS} WHERE o.state = 'open' AND o.expires_on < :today ORDER BY o.offer_id FOR UPDATE"),
        {"today": today},
    )
    return [_offer(row) for row in rows]


async def ask(uow: UnitOfWork, answer: Answer) -> bool:
    """False where he asked before."""
    done = await uow.connection.execute(
        text(
            "INSERT INTO sel_answers (organisation_id, answer_id, offer_id, person_id, state, at)"
            " VALUES (:organisation, :answer, :offer, :person, :state, :at)"
            " ON CONFLICT (organisation_id, offer_id, person_id) DO NOTHING"
        ),
        {
            "organisation": uow.organisation,
            "answer": answer.answer_id,
            "offer": answer.offer.offer_id,
            "person": answer.person,
            "state": answer.said.value,
            "at": answer.at,
        },
    )
    return bool(done.rowcount)


async def answer(uow: UnitOfWork, answer_id: UUID) -> Answer | None:
    row = (
        await uow.connection.execute(text(f"{_ANSWERS} WHERE a.answer_id = :answer"), {"answer": answer_id})
    ).one_or_none()
    return _answer(row) if row else None


async def answer_of(uow: UnitOfWork, offer: UUID, person: UUID) -> Answer | None:
    """What somebody asked about an offer, answered or not."""
    row = (
        await uow.connection.execute(
            text(f"{_ANSWERS} WHERE a.offer_id = :offer AND a.person_id = :person"), {"offer": offer, "person": person}
        )
    ).one_or_none()
    return _answer(row) if row else None


async def said(uow: UnitOfWork, answer: Answer) -> bool:
    """Writes what was said to a question; False where it was answered already."""
    done = await uow.connection.execute(
        text("UPDATE sel_answers SET state = :state WHERE answer_id = :answer AND state = 'asked'"),
        {"answer": answer.answer_id, "state": answer.said.value},
    )
    return bool(done.rowcount)


async def asked(uow: UnitOfWork, *, offer: UUID | None = None, before: datetime | None = None) -> list[Answer]:
    """The questions that nobody answered: to one offer, or all those from before an instant."""
    rows = await uow.connection.execute(
        text(
            f"{_ANSWERS} WHERE a.state = 'asked' AND (CAST(:offer AS uuid) IS NULL OR a.offer_id = :offer)"
            " AND (CAST(:before AS timestamptz) IS NULL OR a.at < :before) ORDER BY a.at, a.answer_id"
        ),
        {"offer": offer, "before": before},
    )
    return [_answer(row) for row in rows]


async def asked_by(uow: UnitOfWork, building: UUID, person: UUID, of: UUID) -> Answer | None:
    """A question of one to another that nobody answered."""
    row = (
        await uow.connection.execute(
            text(
                f"{_ANSWERS} WHERE a.state = 'asked' AND a.person_id = :person AND o.person_id = :of"
                " AND o.building_id = :building AND o.state = 'open' ORDER BY a.at LIMIT 1"
            ),
            {"building": building, "person": person, "of": of},
        )
    ).one_or_none()
    return _answer(row) if row else None


async def waiting_for(uow: UnitOfWork, building: UUID, person: UUID) -> list[Answer]:
    """The questions to somebody's own offers that he has not answered, oldest first."""
    rows = await uow.connection.execute(
        text(
            f"{_ANSWERS} WHERE a.state = 'asked' AND o.person_id = :person AND o.building_id = :building ORDER BY a.at, a.answer_id"
        ),
        {"building": building, "person": person},
    )
    return [_answer(row) for row in rows]


def _offer(row: Row[Any]) -> Offer:
    days = Period(row.first, row.last) if row.first else None
    return Offer(
        row.offer_id,
        row.building_id,
        row.person_id,
        Kind(row.kind),
        row.name,
        days,
        row.expires_on,
        row.at,
        row.state == "open",
    )


def _answer(row: Row[Any]) -> Answer:
    return Answer(row.answer_id, _offer(row), row.asker, Said(row.said), row.asked_at)
