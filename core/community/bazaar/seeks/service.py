"""Use cases: look for a thing, be told of it, and look for it no more."""

from __future__ import annotations

from uuid import UUID

from core.community.bazaar.model import Item
from core.community.bazaar.seeks import cards, store
from core.community.bazaar.seeks.model import LASTS, Seek
from core.community.neighbours import service as neighbours
from core.community.posts import service as posts
from core.community.posts.model import name_of
from core.community.removals import service as removals
from core.community.removals.model import Removal, gone, reason_of
from core.community.words.model import score, terms
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import NOTICE_BOARD
from core.people.audit.model import Actor

POST = "seek"
"""What a thing that somebody looks for is called among posts."""


async def seek(uow: UnitOfWork, person: UUID, building: UUID, words: str) -> Card[Text]:
    """He is told for a month when somebody gives such a thing. Said again, it is the same wish for another month.

    Whether it may be put up is checked before.
    """
    name, today = name_of(words), local_day(uow.now)
    wanted = terms(name)
    if not wanted:
        raise DomainError("community.no_name")
    for other, has in await store.open_in(uow, building, today):
        if other.person == person and has == wanted:
            await store.renew(uow, other.seek_id, today + LASTS)
            return cards.sought(Seek(other.seek_id, building, person, other.name, today + LASTS))
    made = Seek(new_id(), building, person, name, today + LASTS)
    await posts.post(uow, person, building, POST, made.seek_id, name)
    await store.add(uow, made, wanted)
    return cards.sought(made)


async def stop(uow: UnitOfWork, person: UUID, seek: UUID) -> Card[Text]:
    """He looks for it no more; said twice, it is so twice. DomainError where it is not his."""
    found = await store.get(uow, seek)
    if found is None or found.person != person:
        raise DomainError("bazaar.unknown")
    await store.end(uow, seek)
    await posts.undone(uow, seek)
    return cards.stopped(found)


async def remove(uow: UnitOfWork, seek: UUID, actor: Actor, reason: str) -> Seek:
    """Those who decide take it down, for a reason that whoever looks for it is told. DomainError without one, and where it is over."""
    why = reason_of(reason)
    found = await store.get(uow, seek)
    if found is None or not await store.end(uow, seek):
        raise gone()
    await removals.removed(uow, Removal(POST, seek, found.building, found.person, found.name, why), actor)
    return found


async def get(uow: UnitOfWork, seek: UUID) -> Seek | None:
    return await store.get(uow, seek)


async def take_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    return await stop(uow, person, subject)


async def sought(uow: UnitOfWork, building: UUID) -> list[Seek]:
    """What neighbours look for in a building, the newest first."""
    return [seek for seek, _ in await store.open_in(uow, building, local_day(uow.now))]


async def tell_seekers(uow: UnitOfWork, item: Item, giver: str, named: frozenset[str]) -> int:
    """Tells all who look for such a thing, each once of each thing; gives how many persons they are."""
    here = {each.person for each in await neighbours.neighbours(uow, item.building)} - {item.giver}
    told: set[UUID] = set()
    for each, wanted in await store.open_in(uow, item.building, local_day(uow.now)):
        if each.person in here and each.person not in told and score(wanted, named):
            told.add(each.person)
            card = cards.given_now(each, item, giver)
            key = f"bazaar:alert:{each.seek_id}:{item.item_id}"
            uow.tell(each.person, card, NOTICE_BOARD, key=key, building=item.building)
    return len(told)


async def found(uow: UnitOfWork, person: UUID, item: Item) -> None:
    """He has got such a thing: he looks for it no more."""
    named = terms(item.name)
    for each, wanted in await store.open_in(uow, item.building, local_day(uow.now)):
        if each.person == person and score(wanted, named):
            await store.end(uow, each.seek_id)


async def leave(uow: UnitOfWork, building: UUID, here: frozenset[UUID]) -> None:
    """Ends what those look for who live there no more. `here`: the neighbours of today."""
    for each, _ in await store.open_in(uow, building, local_day(uow.now)):
        if each.person not in here:
            await store.end(uow, each.seek_id)
