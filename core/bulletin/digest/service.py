"""Use cases: the news of a building are told, once, on Fridays, to whoever wants to read what is new together.

They are one notice of the kind `notice_board` for each reader, so that they join whatever else waits for his digest. A reader without
news is told nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from core.buildings import service as buildings
from core.buildings.model import Known
from core.bulletin.agenda import service as agenda
from core.bulletin.digest import cards, store
from core.bulletin.digest.model import AHEAD, Issue, Item, Section, friday, is_due, issue, news_for, wants
from core.community.bazaar import store as bazaar
from core.community.loans.things import store as things
from core.community.neighbours.model import called, takes_part
from core.community.notices import service as notices
from core.community.notices.model import Notice
from core.community.sel.offers import service as offers
from core.database import Database, UnitOfWork
from core.kernel.clock import local_day
from core.messaging.kinds import NOTICE_BOARD
from core.messaging.preferences import BY_DEFAULT, Preferences
from core.outbox.broadcasts import store as broadcasts
from core.outbox.broadcasts.model import Member
from core.people.model import Person
from core.people.wishes import store as wishes
from core.tickets import store as tickets

MOST_GIFTS = 200
"""Things from hand to hand that are looked through, the newest first."""


async def due(database: Database) -> int:
    """Tells the news in every building in which those of this Friday were not told yet. Gives how many persons were told."""
    told = 0
    now = database.clock()
    if not is_due(now):
        return told
    day = friday(now).date()
    for organisation in (await buildings.organisations(database)).values():
        async with database.work(organisation) as uow:
            untold = await store.untold(uow, day)
        for building in untold:
            async with database.work(organisation) as uow:
                told += await tell(uow, building)
                await uow.commit()
    return told


async def tell(uow: UnitOfWork, building: UUID) -> int:
    """Tells the news of a building once. Gives how many were told; 0 also where they were told already."""
    day = friday(uow.now).date()
    this = issue(building, await store.told_until(uow, building, day), uow.now)
    if not await store.begin(uow, building, day, this.until):
        return 0
    known = await buildings.get(uow, building)
    members = [each for each in await broadcasts.members(uow, known) if takes_part(each.place)]
    asked = await wishes.of_all(uow, [each.person for each in members])
    readers = [each for each in members if wants(asked.get(each.person, BY_DEFAULT))]
    if not readers:
        return 0
    names = {each.person: called(each.name) for each in members}
    news = {
        language: await _news(uow, known, this, names, language) for language in {each.language for each in readers}
    }
    told = [
        await _told(uow, known, this, each, news[each.language], asked.get(each.person, BY_DEFAULT)) for each in readers
    ]
    return sum(told)


async def _told(
    uow: UnitOfWork, known: Known, this: Issue, reader: Member, items: list[Item], asked: Preferences
) -> bool:
    """`today` in it is the day on which his digest leaves: what is over by then is no news."""
    read = local_day(asked.next_digest(asked.back(uow.now)))
    mine = news_for(reader.person, items, asked, read)
    if not mine:
        return False
    person = Person(reader.person, reader.name, reader.language)
    tasks = await agenda.tasks(uow, person, [reader.place])
    card = cards.news(known.building, reader.person, mine, tasks, read)
    key = f"bulletin:{this.building}:{reader.person}:{this.day.isoformat()}"
    uow.tell(reader.person, card, NOTICE_BOARD, key=key, building=this.building)
    return True


async def _news(uow: UnitOfWork, known: Known, this: Issue, names: Mapping[UUID, str], language: str) -> list[Item]:
    """All that is new in a building, in what is switched on there; of people who are gone nothing."""
    on, found = known.building.modules, [*await _of_board(uow, this, language)]
    if "loans" in on:
        put_up = await store.new_things(uow, this.building, this.since, this.until)
        listed = await things.several(uow, set(put_up))
        found += [
            cards.of_thing(listed[each], names[listed[each].owner]) for each in put_up if listed[each].owner in names
        ]
    if "sel" in on:
        standing = [each for each in await offers.standing(uow, this.building) if this.since < each.at <= this.until]
        found += [cards.of_offer(each, names[each.person]) for each in reversed(standing) if each.person in names]
    if "bazaar" in on:
        up = await bazaar.shown(uow, this.building, local_day(uow.now), MOST_GIFTS)
        fresh = [each for each in up if this.since < each.put_up_at <= this.until]
        found += [cards.of_gift(each, names[each.giver]) for each in reversed(fresh) if each.giver in names]
    if "tickets" in on:
        for identity in await store.repaired(uow, this.building, this.since, this.until):
            ticket = await tickets.find(uow, identity)
            if ticket is not None:
                found.append(cards.of_repair(ticket, await tickets.followers(uow, ticket)))
    return found


async def _of_board(uow: UnitOfWork, this: Issue, language: str) -> list[Item]:
    """The new notes, and the events of the days to come."""
    today = local_day(uow.now)
    every = await notices.fresh(uow, this.building, this.until - timedelta(days=400))

    def coming(notice: Notice) -> bool:
        return (
            notice.when is not None and today <= notice.when.day <= today + AHEAD and not notice.when.is_over(uow.now)
        )

    found = [
        cards.of_notice(notice, name, language, coming(notice))
        for notice, name in every
        if coming(notice) or (this.since < notice.posted_at <= this.until)
    ]
    return sorted(found, key=lambda item: (item.section is not Section.EVENT, item.day or today))
