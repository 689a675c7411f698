"""Use cases of those who watch over a neighbourhood: see all that is put up in a building, look at one thing, and take it down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.community.bazaar import service as bazaar
from core.community.bazaar.seeks import service as seeks
from core.community.bazaar.seeks.model import Seek
from core.community.loans import service as loans
from core.community.loans.things import service as things
from core.community.neighbours import service as neighbours
from core.community.offered import cards
from core.community.offered.model import GIFT, MODULE_OF, OBJECT, SEEK, SERVICE, SKILL, Posted
from core.community.posts import service as posts
from core.community.removals.model import gone
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import Offer
from core.community.skills import service as skills
from core.community.skills.model import Skill
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.people.audit.model import Actor

MOST_OF_EACH = 500
"""Of one kind in one building."""
_EVER = datetime.min.replace(tzinfo=UTC)

Remove = Callable[[UnitOfWork, UUID, Actor, str], Awaitable[Any]]
_REMOVES: Mapping[str, Remove] = {
    GIFT: bazaar.remove,
    SEEK: seeks.remove,
    OBJECT: loans.remove,
    SKILL: skills.remove,
    SERVICE: offers.remove,
}


async def up(uow: UnitOfWork, building: UUID, module: str = "") -> list[Posted]:
    """What neighbours of today have put up in a building and others see, the newest first; of one module, where one is named.

    Also where a module is off just now.
    """
    called = {each.person: each.called for each in await neighbours.neighbours(uow, building)}
    found: list[Posted] = []
    if module in ("", MODULE_OF[GIFT]):
        found += [cards.gift(each, called[each.giver]) for each in await bazaar.up(uow, building, MOST_OF_EACH)]
        sought = [each for each in await seeks.sought(uow, building) if each.person in called]
        since = await posts.since(uow, [each.seek_id for each in sought])
        found += [cards.seek(each, called[each.person], since.get(each.seek_id)) for each in sought]
    if module in ("", MODULE_OF[OBJECT]):
        lent, today = await things.shown(uow, building), local_day(uow.now)
        since, free = await posts.since(uow, [each.thing_id for each in lent]), await loans.free_from(uow, lent)
        found += [
            cards.thing(each, called[each.owner], since.get(each.thing_id), free[each.thing_id], today) for each in lent
        ]
    if module in ("", MODULE_OF[SKILL]):
        found += [cards.skill(each, called[each.person]) for each in await skills.directory(uow, building)]
    if module in ("", MODULE_OF[SERVICE]):
        found += [cards.service(each, called[each.person]) for each in await offers.standing(uow, building)]
    return sorted(found, key=lambda each: each.since or _EVER, reverse=True)


async def one(uow: UnitOfWork, kind: str, subject: UUID) -> Posted | None:
    """One of them, as long as it is up and whose it is lives there."""
    building = await where(uow, kind, subject)
    if building is None:
        return None
    return next((each for each in await up(uow, building, MODULE_OF[kind]) if each.subject == subject), None)


async def remove(uow: UnitOfWork, kind: str, subject: UUID, actor: Actor, reason: str) -> None:
    """Takes it down for a reason that whose it is is told. DomainError without one, and where it is up no more."""
    if kind not in _REMOVES:
        raise gone()
    await _REMOVES[kind](uow, subject, actor, reason)


async def where(uow: UnitOfWork, kind: str, subject: UUID) -> UUID | None:
    """The building in which it is, or once was, put up; None where there never was such a thing."""
    try:
        if kind == GIFT:
            return (await bazaar.get(uow, subject)).building
        if kind == OBJECT:
            return (await things.known(uow, subject)).building
    except DomainError:
        return None
    found: Seek | Skill | Offer | None = None
    if kind == SEEK:
        found = await seeks.get(uow, subject)
    elif kind == SKILL:
        found = await skills.get(uow, subject)
    elif kind == SERVICE:
        found = await offers.get(uow, subject)
    return found.building if found else None
