"""Use cases about things: put one up, say more about it, find one by words, and be told when somebody puts one up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from core.buildings import service as buildings
from core.community.loans.module import is_on, takes_deposits
from core.community.loans.things import cards, store
from core.community.loans.things.model import WISH_LASTS, Thing, Wish
from core.community.neighbours import service as neighbours
from core.community.posts import service as posts
from core.community.posts.insults import insulting
from core.community.posts.model import name_of, text_of
from core.community.words.model import decisive, ranked, score, terms
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.messaging.kinds import LOAN

POST = "object"
"""What a thing is called among posts."""


async def lend(uow: UnitOfWork, owner: UUID, building: UUID, name: str, photo: str | None = None) -> Thing:
    """Puts a thing up. Whoever waits for such a thing is told. DomainError where it may not be."""
    await begins(uow, building, owner)
    thing = Thing(new_id(), building, owner, _called(name), photo=photo)
    await posts.post(uow, owner, building, POST, thing.thing_id, thing.name)
    named = terms(thing.name)
    await store.add(uow, thing, named)
    await _tell_who_waits(uow, thing, named)
    return thing


async def listed(uow: UnitOfWork, owner: UUID, building: UUID, name: str) -> Thing | None:
    """What he has put up by that name already, if he has: said twice, it is one thing."""
    called = _called(name).casefold()
    mine = (each for each in await store.shown(uow, building) if each.owner == owner)
    return next((each for each in mine if each.name.casefold() == called), None)


def _called(name: str) -> str:
    called = name_of(name)
    return called[0].upper() + called[1:]


async def say_condition(uow: UnitOfWork, owner: UUID, thing: UUID, condition: str) -> Thing:
    said = text_of(condition)
    if insulting(said):
        raise DomainError("community.insulting")
    return await _changed(uow, owner, thing, lambda before: replace(before, condition=said))


async def show_photo(uow: UnitOfWork, owner: UUID, thing: UUID, photo: str) -> Thing:
    return await _changed(uow, owner, thing, lambda before: replace(before, photo=photo))


async def lend_for(uow: UnitOfWork, owner: UUID, thing: UUID, days: int) -> Thing:
    """Sets the longest loan. What was agreed before stays."""
    return await _changed(uow, owner, thing, lambda before: before.lent_for(days))


async def ask_deposit(uow: UnitOfWork, owner: UUID, thing: UUID, minutes: int) -> Thing:
    """Sets the deposit, in minutes; 0: none. What was asked for before stays. DomainError where the building takes none."""
    found = await of_owner(uow, owner, thing)
    if minutes and not await deposits(uow, found.building):
        raise DomainError("loans.no_sel")
    return await _changed(uow, owner, thing, lambda before: before.asking(minutes))


async def of_owner(uow: UnitOfWork, owner: UUID, thing: UUID) -> Thing:
    """A thing that is put up, for its owner to change. DomainError where it is not his."""
    return (await known(uow, thing)).owned_by(owner).offered()


async def known(uow: UnitOfWork, thing: UUID) -> Thing:
    """DomainError where there is none of that identity."""
    found = await store.get(uow, thing)
    if found is None:
        raise DomainError("loans.not_yours")
    return found


async def deposits(uow: UnitOfWork, building: UUID) -> bool:
    """Whether deposits can be asked for there now."""
    return takes_deposits((await buildings.get(uow, building)).building)


async def goes_on(uow: UnitOfWork, building: UUID) -> bool:
    """Whether the module is on there."""
    return is_on((await buildings.get(uow, building)).building)


async def shown(uow: UnitOfWork, building: UUID) -> list[Thing]:
    """What is put up in a building by those who are neighbours today, the newest first."""
    return await _of_neighbours(uow, building, await store.shown(uow, building))


async def found(uow: UnitOfWork, building: UUID, words: str) -> list[Thing]:
    """What is meant by somebody's words, in whichever of the languages, the best first."""
    wanted = terms(words)
    if not wanted:
        return []
    rows = ranked(wanted, await store.with_terms(uow, building, decisive(wanted)), lambda row: row[1])
    return await _of_neighbours(uow, building, [thing for thing, _ in rows])


async def wish(uow: UnitOfWork, person: UUID, building: UUID, words: str) -> Wish:
    """He is told when somebody puts up what he looks for. Said again, it is one wish."""
    await begins(uow, building, person)
    wanted, said = terms(words), name_of(words)
    if not wanted:
        raise DomainError("community.no_name")
    for other, has in await store.wishes(uow, building, uow.now - WISH_LASTS):
        if other.person == person and has == wanted:
            return other
    made = Wish(new_id(), building, person, said, uow.now)
    await store.add_wish(uow, made, wanted)
    return made


async def end_wish(uow: UnitOfWork, person: UUID, wish: UUID) -> str | None:
    """He looks for it no more. What it was, or None where that is over already."""
    return await store.end_wish(uow, wish, person)


async def begins(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    """DomainError where nothing new may begin: the module is off there, or he is no neighbour today."""
    if not await goes_on(uow, building):
        raise DomainError("loans.not_on")
    if await neighbours.neighbour(uow, building, person) is None:
        raise DomainError("loans.not_neighbour")


async def _tell_who_waits(uow: UnitOfWork, thing: Thing, named: frozenset[str]) -> None:
    owner = await neighbours.neighbour(uow, thing.building, thing.owner)
    told: set[UUID] = set()
    for waiting, wanted in await store.wishes(uow, thing.building, uow.now - WISH_LASTS):
        if waiting.person in (thing.owner, *told) or not score(wanted, named) or owner is None:
            continue
        if await neighbours.neighbour(uow, thing.building, waiting.person) is None:
            continue
        await store.end_wish(uow, waiting.wish_id, waiting.person)
        told.add(waiting.person)
        uow.tell(
            waiting.person,
            cards.put_up_at_last(waiting, thing, owner.called),
            LOAN,
            key=f"loan:wish:{waiting.wish_id}",
            building=thing.building,
        )


async def _of_neighbours(uow: UnitOfWork, building: UUID, things: list[Thing]) -> list[Thing]:
    """Those whose owner lives there still."""
    here = {each.person for each in await neighbours.neighbours(uow, building)} if things else set()
    return [thing for thing in things if thing.owner in here]


async def _changed(uow: UnitOfWork, owner: UUID, thing: UUID, change: Callable[[Thing], Thing]) -> Thing:
    before = await store.lock(uow, thing)
    if before is None:
        raise DomainError("loans.not_yours")
    after = change(before.owned_by(owner).offered())
    await store.change(uow, after)
    return after
