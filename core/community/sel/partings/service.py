"""What falls due when somebody moves out: he is told, and a month later his hours go to the pot of the building."""

from __future__ import annotations

from uuid import UUID

from core.buildings import service as buildings
from core.community.neighbours import service as neighbours
from core.community.sel.accounts import service as accounts
from core.community.sel.accounts.model import Entry, Kind, left_behind
from core.community.sel.exchanges import service as exchanges
from core.community.sel.offers import service as offers
from core.community.sel.partings import cards, store
from core.community.sel.partings.model import GRACE, look
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.ids import new_id
from core.messaging.kinds import EXCHANGE


async def due(uow: UnitOfWork) -> int:
    """Looks once a day in each building who has left; gives how many accounts were closed."""
    closed = 0
    for building in await store.not_looked_at(uow, local_day(uow.now)):
        closed += await _look(uow, building)
    return closed


async def _look(uow: UnitOfWork, building: UUID) -> int:
    today = local_day(uow.now)
    await accounts.lock(uow, building)
    known = await store.known(uow, building)
    holders = {person for person in await accounts.balances(uow, building) if person is not None}
    holders |= await exchanges.persons(uow, building)
    here = {each.person for each in await neighbours.neighbours(uow, building)}
    found = look(known, holders, here, today)
    name = (await buildings.get(uow, building)).building.name
    for person in found.back:
        await store.back(uow, building, person)
    for person in found.left:
        await store.left(uow, building, person, today)
        await offers.drop(uow, building, person)
        balance = (await accounts.account(uow, building, person)).balance
        card = cards.leaving(name, balance, today + GRACE)
        uow.tell(person, card, EXCHANGE, key=f"sel:leaving:{building}:{person}:{today}", building=building)
    for person in found.closed:
        await _close(uow, building, person, name)
    await store.looked_at(uow, building, today)
    return len(found.closed)


async def _close(uow: UnitOfWork, building: UUID, person: UUID, name: str) -> None:
    """Cancels what is open of him, and moves his hours to the pot."""
    await exchanges.drop(uow, building, person)
    minutes = left_behind(await accounts.account(uow, building, person), await accounts.pot(uow, building))
    if not minutes:
        return
    debtor, creditor = (person, None) if minutes > 0 else (None, person)
    entry = Entry(Kind.POT, new_id(), debtor, creditor, abs(minutes))
    await accounts.book(uow, building, entry)
    uow.tell(person, cards.closed(name, minutes), EXCHANGE, key=f"sel:left:{entry.subject}", building=building)
