"""What falls due in the loans: words that count by silence, requests that lapse, and reminders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from core.buildings import service as buildings
from core.community.loans import service, store
from core.community.loans.cards import Shown
from core.community.loans.model import Loan, Side
from core.community.loans.module import goes_on, is_on
from core.community.loans.reminders import cards, model
from core.community.neighbours import service as neighbours
from core.community.neighbours.model import Contact
from core.database import Database, UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import LOAN

Move = Callable[[UnitOfWork, UUID], Awaitable[None]]


async def due(database: Database) -> int:
    """Does what is due by now in all organisations; how many loans moved. Harmless a second time."""
    moved = 0
    for organisation in (await buildings.organisations(database)).values():
        async with database.work(organisation) as uow:
            moves = await _look(uow)
            await uow.commit()
        for loan, move in moves:
            # Each by itself: what is not possible yet (somebody has the thing still) waits, and keeps nobody else waiting.
            async with database.work(organisation) as uow:
                try:
                    await move(uow, loan)
                except DomainError:
                    continue
                await uow.commit()
                moved += 1
    return moved


async def _look(uow: UnitOfWork) -> list[tuple[UUID, Move]]:
    """Reminds those who have to be reminded; gives what is to be moved, and how."""
    on = {known.building_id: is_on(known.building) for known in await buildings.every(uow)}
    moves: list[tuple[UUID, Move]] = []
    for loan in await store.every(uow):
        if loan.silent(uow.now):
            moves.append((loan.loan_id, service.settle))
        elif loan.lapses(local_day(uow.now)):
            moves.append((loan.loan_id, service.lapse))
        elif not goes_on(loan.state, on=on[loan.building]):
            moves.append((loan.loan_id, partial(service.lapse, closed=True)))
        else:
            await _remind(uow, loan)
    return moves


async def _remind(uow: UnitOfWork, loan: Loan) -> None:
    last = loan.days.last
    if model.tomorrow_is_last(loan, uow.now):
        shown, lender, _ = await _with_contacts(uow, loan)
        _tell(uow, loan, Side.BORROWER, cards.tomorrow(shown, lender), f"eve:{last}")
    elif (step := model.late(loan, uow.now)) is not None:
        days = loan.late(local_day(uow.now))
        shown, lender, borrower = await _with_contacts(uow, loan)
        _tell(uow, loan, Side.BORROWER, cards.late(shown, step, days, lender), f"late:{step}:{last}")
        if step >= model.LENDER:
            _tell(uow, loan, Side.LENDER, cards.not_back(shown, days, borrower), f"late:{step}:{last}")


async def _with_contacts(uow: UnitOfWork, loan: Loan) -> tuple[Shown, Contact | None, Contact | None]:
    shown = await service.shown(uow, loan.lender, loan.loan_id)
    return (
        shown,
        await neighbours.contact(uow, loan.building, loan.lender),
        await neighbours.contact(uow, loan.building, loan.borrower),
    )


def _tell(uow: UnitOfWork, loan: Loan, side: Side, card: Card[Text], what: str) -> None:
    key = f"loan:{loan.loan_id}:{what}:{side.value}"
    uow.tell(loan.person(side), card, LOAN, key=key, building=loan.building)
