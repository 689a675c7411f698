"""The door of the time credits: deposits of loans, what falls due, what is taken back, and whether everything adds up to zero."""

from __future__ import annotations

from uuid import UUID

from core.buildings import service as buildings
from core.community.sel.accounts import service as accounts
from core.community.sel.accounts.service import decide_limit, hold, limit, release, set_limit, take
from core.community.sel.cards import Sight
from core.community.sel.exchanges import service as exchanges
from core.community.sel.offers import service as offers
from core.community.sel.partings import service as partings
from core.database import Database, UnitOfWork
from core.kernel.text import Text
from core.messaging.card import Card

__all__ = [
    "POSTS",
    "decide_limit",
    "due",
    "hold",
    "limit",
    "release",
    "set_limit",
    "sight",
    "take",
    "take_back",
    "verify",
]

POSTS = (offers.POST, exchanges.POST)
"""The kinds of posts that `take_back` takes back."""


async def sight(uow: UnitOfWork, building: UUID, person: UUID) -> Sight:
    """What somebody has in a building, his last entries, and what waits for him or for others."""
    last = await accounts.last(uow, building, person)
    waiting = await exchanges.open_of(uow, building, person)
    asked = await offers.waiting_for(uow, building, person)
    cases = await exchanges.disputed(uow, building, person)
    persons = {
        *(entry.other for entry in last),
        *(party for each in (*waiting, *cases) for party in each.parties),
        *(answer.person for answer in asked),
    }
    names = await accounts.called_names(uow, *persons)
    account = await accounts.account(uow, building, person)
    return Sight(account, tuple(last), tuple(waiting), tuple(asked), tuple(cases), names)


async def take_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    """Takes back an offer, a request or a reported exchange. DomainError where it is not his, or binds somebody already."""
    if await offers.known(uow, subject):
        return await offers.close(uow, subject, person)
    return await exchanges.withdraw(uow, subject, person)


async def due(database: Database) -> int:
    """In every organisation: books what nobody objected to, takes down what is over, closes the accounts of those who left."""
    done = 0
    for organisation in (await buildings.organisations(database)).values():
        async with database.work(organisation) as uow:
            done += await exchanges.due(uow) + await offers.due(uow) + await partings.due(uow)
            await uow.commit()
    return done


async def verify(uow: UnitOfWork, building: UUID) -> list[Text]:
    """Recomputes the hours of a building from their entries; says what differs. Empty: every entry and the whole add up to zero."""
    return [*await accounts.verify(uow, building), *await exchanges.verify(uow, building)]
