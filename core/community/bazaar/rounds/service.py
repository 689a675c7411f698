"""The clock of the bazaar. Each thing is moved in a transaction of its own, so that a second run, or a second clock, finds nothing to do."""

from __future__ import annotations

from uuid import UUID

from core.buildings import service as buildings
from core.community.bazaar import cards, service, store
from core.community.bazaar.model import LET_GO_AFTER, SETTLED_AFTER, Item, State
from core.community.bazaar.seeks import service as seeks
from core.community.bazaar.tidings import tell, tell_others
from core.community.neighbours import service as neighbours
from core.community.neighbours.model import Contact
from core.database import Database, UnitOfWork
from core.kernel.clock import local_day


async def due(database: Database) -> int:
    """Does for each thing what is due by now; gives how many were moved."""
    moved = 0
    for organisation in (await buildings.organisations(database)).values():
        async with database.work(organisation) as uow:
            items = await _left_by_somebody(uow) | set(await store.due(uow, local_day(uow.now), uow.now))
            await uow.commit()
        for item in sorted(items):
            async with database.work(organisation) as uow:
                moved += await _look_at(uow, item)
                await uow.commit()
    return moved


async def _left_by_somebody(uow: UnitOfWork) -> set[UUID]:
    """The things of those who live there no more, or who take or wait for one. What they look for is over."""
    here: dict[UUID, frozenset[UUID]] = {}
    found = set()
    for building, item, person in await store.people_of_open(uow):
        if building not in here:
            here[building] = frozenset(each.person for each in await neighbours.neighbours(uow, building))
            await seeks.leave(uow, building, here[building])
        if person not in here[building]:
            found.add(item)
    return found


async def _look_at(uow: UnitOfWork, item: UUID) -> bool:
    """One thing: first who has left, then what time does. Whether anything changed."""
    before = await store.lock(uow, item)
    if before is None:
        return False
    here = frozenset(each.person for each in await neighbours.neighbours(uow, before.building))
    if before.giver not in here:
        after = before.ended()
        await store.move(uow, before, after)
        _tell_ended(uow, before, after)
        return before != after
    stayed = await _without_leavers(uow, before, here)
    on = await service.goes_on(uow, before.building)
    if stayed.state is State.RESERVED:
        after = await _reserved(uow, stayed)
    elif stayed.state is State.OFFERED and on:
        after = await _offered(uow, stayed)
    else:
        after = stayed
    return before != after


def _tell_ended(uow: UnitOfWork, before: Item, after: Item) -> None:
    """Its giver has moved out: whatever was agreed, nothing of it goes on."""
    if before == after:
        return
    tell(uow, after, after.giver, cards.you_left(after))
    for each in (*((before.taker,) if before.taker else ()), *before.hoping):
        tell(uow, after, each.person, cards.giver_gone(after))


async def _without_leavers(uow: UnitOfWork, item: Item, here: frozenset[UUID]) -> Item:
    """Who lives there no more stands in no line, and what was reserved to him is free again."""
    taker = item.taker
    after = item
    for each in (*((taker,) if taker else ()), *item.hoping):
        if each.person not in here:
            after = after.not_wanted(each.person, local_day(uow.now))
    if after != item:
        after = await service.passed_on(uow, after)
        await store.move(uow, item, after)
        await tell_others(uow, item, after)
    return after


async def _reserved(uow: UnitOfWork, item: Item) -> Item:
    taker, now, today = item.taker, uow.now, local_day(uow.now)
    assert taker is not None
    assert item.reserved_at is not None
    if item.fetched_at is not None:
        if now < item.fetched_at + SETTLED_AFTER:
            return item
        after = item.settled()
        tell(uow, after, after.giver, cards.gone(after))
    elif now >= item.reserved_at + LET_GO_AFTER:
        after = await service.passed_on(uow, item.freed(today))
    elif item.lies_about(now):
        after = item.nudged(today)
        tell(uow, item, item.giver, cards.was_it_collected(item, await _contact(uow, item, taker.person)))
        tell(uow, item, taker.person, cards.did_you_collect(item, await _contact(uow, item, item.giver)))
    else:
        return item
    await store.move(uow, item, after)
    await tell_others(uow, item, after)
    return after


async def _offered(uow: UnitOfWork, item: Item) -> Item:
    now, today = uow.now, local_day(uow.now)
    if item.awaits_draw:
        return await _drawn(uow, item) if item.draw_on is not None and today >= item.draw_on else item
    if today >= item.expires_on:
        after = item.expired(today)
        tell(uow, after, after.giver, cards.expired(after))
    elif item.expires_soon(today):
        after = item.nudged(today).moved_on(now)
        tell(uow, item, item.giver, cards.keep_it_up(item))
    else:
        after = item.moved_on(now)
    await store.move(uow, item, after)
    await tell_others(uow, item, after)
    return after


async def _drawn(uow: UnitOfWork, item: Item) -> Item:
    """The lots are drawn, and kept; all who took part are told, and how to check it."""
    after, outcome = item.lots_drawn(local_day(uow.now), uow.now)
    await store.move(uow, item, after)
    if outcome is None or after.taker is None:
        tell(uow, after, after.giver, cards.nobody_signed_up(after))
        return after
    await store.add_draw(uow, outcome)
    winner = after.taker
    await seeks.found(uow, winner.person, after)
    tell(uow, after, after.giver, cards.drawn_to(after, outcome, await _contact(uow, after, winner.person)))
    theirs = await _contact(uow, after, after.giver)
    tell(uow, after, winner.person, cards.drawn_for_you(after, outcome, theirs, winner.ticket))
    for each in after.hoping:
        tell(uow, after, each.person, cards.drawn_for_another(after, outcome, each))
    return after


async def _contact(uow: UnitOfWork, item: Item, person: UUID) -> Contact | None:
    return await neighbours.contact(uow, item.building, person)
