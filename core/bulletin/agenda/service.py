"""Use cases: all that waits for somebody, and what it takes to decide one of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from core.bulletin.agenda import cards, store
from core.bulletin.agenda.model import Task, in_order
from core.charges import service as charges
from core.community.bazaar import cards as bazaar_cards
from core.community.bazaar import service as bazaar
from core.community.bazaar.model import Item
from core.community.bazaar.model import State as ItemState
from core.community.loans import service as loans
from core.community.sel import service as sel
from core.community.sel.accounts.service import called_names
from core.community.sel.exchanges import cards as exchange_cards
from core.community.sel.exchanges import store as exchange_store
from core.community.sel.exchanges.model import State as ExchangeState
from core.community.sel.offers import cards as offer_cards
from core.community.sel.offers import store as offer_store
from core.community.sel.offers.model import Said
from core.community.skills import cards as skill_cards
from core.community.skills import store as skill_store
from core.community.skills.model import Ask, Skill
from core.community.skills.model import State as AskState
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import Text
from core.messaging.card import Card
from core.people.model import Person, Place
from core.tickets import service as tickets
from core.tickets import store as ticket_store


async def tasks(uow: UnitOfWork, person: Person, places: Sequence[Place]) -> list[Task]:
    """What waits for somebody in these buildings, in its order. What runs is finished, also where a module was switched off."""
    here = {place.known.building_id for place in places}
    found: list[Task | None] = []
    for account in await charges.accounts(uow, places):
        if account.exists:
            found.append(cards.to_pay(account.place, charges.owed_now(uow, account)))
    for shown in await loans.running(uow, person.person_id):
        if shown.loan.building in here:
            found.append(cards.of_loan(shown, person.person_id))
    for place in places:
        found += await _exchanges(uow, person, place.known.building_id)
        found += await _gifts(uow, person, place.known.building_id)
    found += await _skills(uow, person, here)
    found += await _tickets(uow, person, places)
    return in_order(task for task in found if task is not None)


async def todo(uow: UnitOfWork, person: Person, places: Sequence[Place]) -> Card[Text]:
    """The list; a kind word where nothing is on it."""
    found = await tasks(uow, person, places)
    buildings = {place.known.building_id: place.building.name for place in places}
    return cards.todo(found, local_day(uow.now), buildings) if found else cards.nothing()


async def opened(uow: UnitOfWork, person: UUID, slots: Mapping[str, Any]) -> tuple[Card[Text], ...]:
    """What it takes to decide: the same as he was told when it came. DomainError where it is not his, or waits for him no more."""
    for what, find in (("loan", _loan), ("exchange", _exchange), ("answer", _answer), ("gift", _gift), ("ask", _skill)):
        if what in slots:
            return await find(uow, person, _identity(slots[what]))
    raise DomainError("todo.over")


# ------------------------------------------------------------------------------------------------------------ looked up


async def _exchanges(uow: UnitOfWork, person: Person, building: UUID) -> list[Task | None]:
    sight, me = await sel.sight(uow, building, person.person_id), person.person_id
    mine = [each for each in sight.waiting if each.other == me and each.state is ExchangeState.WAITING]
    return [
        *(cards.of_exchange(each, me, sight.names) for each in mine),
        *(cards.of_answer(each, sight.names) for each in sight.asked),
        *(cards.of_case(each, sight.names) for each in sight.cases),
    ]


async def _gifts(uow: UnitOfWork, person: Person, building: UUID) -> list[Task | None]:
    items = await bazaar.open_with(uow, person.person_id, building)
    names = await called_names(uow, *(each for item in items for each in _people(item)))
    return [cards.of_item(item, person.person_id, names) for item in items]


async def _skills(uow: UnitOfWork, person: Person, buildings: Collection[UUID]) -> list[Task | None]:
    found: list[Task | None] = []
    for identity in await store.asks_of(uow, person.person_id, buildings):
        if (asked := await _asked(uow, identity)) is not None:
            found.append(cards.of_ask(*asked, (await called_names(uow, asked[0].asker))[asked[0].asker]))
    return found


async def _tickets(uow: UnitOfWork, person: Person, places: Sequence[Place]) -> list[Task | None]:
    managed = {place.known.building_id for place in places if place.manages}
    followed = {each.ticket for each in await ticket_store.followed(uow, person.person_id, uow.now)}
    return [
        cards.of_ticket(each, each.ticket in followed, each.building in managed)
        for each in await tickets.of_person(uow, person, places)
    ]


# --------------------------------------------------------------------------------------------------------------- opened


async def _loan(uow: UnitOfWork, person: UUID, identity: UUID) -> tuple[Card[Text], ...]:
    if cards.of_loan(await loans.shown(uow, person, identity), person) is None:
        raise DomainError("todo.over")
    return (await loans.standing(uow, person, identity),)


async def _exchange(uow: UnitOfWork, person: UUID, identity: UUID) -> tuple[Card[Text], ...]:
    exchange = await exchange_store.get(uow, identity)
    if exchange is None or exchange.other != person or exchange.state is not ExchangeState.WAITING:
        raise DomainError("todo.over")
    return (exchange_cards.question(exchange, await called_names(uow, *exchange.parties)),)


async def _answer(uow: UnitOfWork, person: UUID, identity: UUID) -> tuple[Card[Text], ...]:
    answer = await offer_store.answer(uow, identity)
    if answer is None or answer.offer.person != person or answer.said is not Said.ASKED:
        raise DomainError("todo.over")
    return (offer_cards.question(answer, await called_names(uow, answer.person)),)


async def _gift(uow: UnitOfWork, person: UUID, identity: UUID) -> tuple[Card[Text], ...]:
    item = await bazaar.get(uow, identity)
    names = await called_names(uow, *_people(item))
    if cards.of_item(item, person, names) is None:
        raise DomainError("todo.over")
    if item.giver != person:
        return (await bazaar.standing(uow, person, identity),)
    if item.state is ItemState.OFFERED:
        return tuple(
            bazaar_cards.offered_in_return(item, bid, names[bid.person])
            for bid in item.waiting[: bazaar_cards.MOST_BIDS]
        )
    if item.fetched_at is not None and item.taker is not None:
        return (bazaar_cards.fetched(item, names[item.taker.person]),)
    return (await bazaar.show(uow, person, identity),)


async def _skill(uow: UnitOfWork, person: UUID, identity: UUID) -> tuple[Card[Text], ...]:
    found = await _asked(uow, identity)
    if found is None or found[1].person != person or found[0].state is not AskState.ASKED:
        raise DomainError("todo.over")
    ask, skill = found
    return (skill_cards.somebody_asks(ask, skill, (await called_names(uow, ask.asker))[ask.asker]),)


async def _asked(uow: UnitOfWork, identity: UUID) -> tuple[Ask, Skill] | None:
    ask = await skill_store.ask(uow, identity)
    skill = await skill_store.get(uow, ask.skill) if ask is not None else None
    return (ask, skill) if ask is not None and skill is not None else None


def _people(item: Item) -> tuple[UUID, ...]:
    return (item.giver, *(each.person for each in item.line))


def _identity(said: Any) -> UUID:
    try:
        return UUID(str(said))
    except ValueError as error:
        raise DomainError("todo.over") from error
