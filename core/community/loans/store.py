"""Where loans are kept. Every move locks its thing first, so that two of them never meet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError

from core.community.loans.model import Loan, Side, State
from core.community.loans.things import store as things
from core.community.loans.things.model import Thing
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.periods import Period

ONCE = ("loans_once", "loans_out")
"""The constraints by which nobody has a thing that somebody else has."""
_LOANS = (
    "SELECT loan_id, thing_id, building_id, lender_id, borrower_id, first, last, asked_at, state, claimed_by, claimed_at, longer,"
    " deposit, held, handed_at, over_at, handed_photo, returned_photo FROM loans"
)


async def add(uow: UnitOfWork, loan: Loan) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO loans (organisation_id, loan_id, thing_id, building_id, lender_id, borrower_id, first, last, asked_at, state,"
            " deposit) VALUES (:organisation, :loan, :thing, :building, :lender, :borrower, :first, :last, :asked_at, :state, :deposit)"
        ),
        {
            "organisation": uow.organisation,
            "loan": loan.loan_id,
            "thing": loan.thing,
            "building": loan.building,
            "lender": loan.lender,
            "borrower": loan.borrower,
            "first": loan.days.first,
            "last": loan.days.last,
            "asked_at": loan.asked_at,
            "state": loan.state.value,
            "deposit": loan.deposit,
        },
    )


async def move(uow: UnitOfWork, before: Loan, after: Loan) -> None:
    """Keeps a loan as it is after a move. DomainError where it was moved meanwhile, or where somebody else has the thing then."""
    statement = text(
        "UPDATE loans SET first = :first, last = :last, state = :state, claimed_by = :claimed_by, claimed_at = :claimed_at,"
        " longer = :longer, held = :held, handed_at = :handed_at, over_at = :over_at, handed_photo = :handed_photo,"
        " returned_photo = :returned_photo WHERE loan_id = :loan AND state = :before"
    )
    values = {
        "loan": after.loan_id,
        "before": before.state.value,
        "first": after.days.first,
        "last": after.days.last,
        "state": after.state.value,
        "claimed_by": after.claimed_by.value if after.claimed_by else None,
        "claimed_at": after.claimed_at,
        "longer": after.longer,
        "held": after.held,
        "handed_at": after.handed_at,
        "over_at": after.over_at,
        "handed_photo": after.handed_photo,
        "returned_photo": after.returned_photo,
    }
    try:
        async with uow.connection.begin_nested():
            done = await uow.connection.execute(statement, values)
    except IntegrityError as error:
        if not any(name in str(error.orig) for name in ONCE):
            raise
        raise DomainError("loans.promised") from error
    if done.rowcount != 1:
        raise DomainError("loans.moved_on")


async def locked(uow: UnitOfWork, loan: UUID) -> tuple[Loan, Thing] | None:
    """A loan with its thing, as they are once no other move of that thing is under way; None where there is none."""
    thing_id = await uow.connection.scalar(text("SELECT thing_id FROM loans WHERE loan_id = :loan"), {"loan": loan})
    if thing_id is None:
        return None
    thing = await things.lock(uow, thing_id)
    found = await get(uow, loan)
    return (found, thing) if found is not None and thing is not None else None


async def get(uow: UnitOfWork, loan: UUID) -> Loan | None:
    row = (await uow.connection.execute(text(f"{_LOANS} WHERE loan_id = :loan"), {"loan": loan})).one_or_none()
    return _loan(row) if row else None


async def running(uow: UnitOfWork, thing: UUID) -> list[Loan]:
    """The loans of a thing that are not over, first come first."""
    rows = await uow.connection.execute(
        text(f"{_LOANS} WHERE thing_id = :thing AND over_at IS NULL ORDER BY asked_at, loan_id"), {"thing": thing}
    )
    return [_loan(row) for row in rows]


async def booked(uow: UnitOfWork, things: Sequence[UUID]) -> list[Loan]:
    """The loans of these things that were granted, or are out."""
    rows = await uow.connection.execute(
        text(f"{_LOANS} WHERE thing_id = ANY(CAST(:things AS uuid[])) AND state IN ('granted', 'out')"),
        {"things": list(things)},
    )
    return [_loan(row) for row in rows]


async def of_person(uow: UnitOfWork, person: UUID) -> list[Loan]:
    """The loans that are not over, of whoever borrows or lends in them, by their last day."""
    rows = await uow.connection.execute(
        text(
            f"{_LOANS} WHERE over_at IS NULL AND (borrower_id = :person OR lender_id = :person)"
            " ORDER BY last, asked_at, loan_id"
        ),
        {"person": person},
    )
    return [_loan(row) for row in rows]


async def every(uow: UnitOfWork) -> list[Loan]:
    """All loans of the organisation that are not over, a thing's one after the other, in the order in which they were asked for."""
    rows = await uow.connection.execute(text(f"{_LOANS} WHERE over_at IS NULL ORDER BY thing_id, asked_at, loan_id"))
    return [_loan(row) for row in rows]


def _loan(row: Row[Any]) -> Loan:
    longer: date | None = row.longer
    return Loan(
        row.loan_id,
        row.thing_id,
        row.building_id,
        row.lender_id,
        row.borrower_id,
        Period(row.first, row.last),
        row.asked_at,
        State(row.state),
        Side(row.claimed_by) if row.claimed_by else None,
        row.claimed_at,
        longer,
        row.deposit,
        row.held,
        row.handed_at,
        row.over_at,
        row.handed_photo,
        row.returned_photo,
    )
