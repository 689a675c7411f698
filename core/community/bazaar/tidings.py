"""Who else is told of a move, and what: read off from how a thing stood before and stands now."""

from __future__ import annotations

from uuid import UUID

from core.community.bazaar import cards
from core.community.bazaar.model import OVER, Item, State
from core.community.neighbours import service as neighbours
from core.database import UnitOfWork
from core.kernel.ids import new_id
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import EXCHANGE


async def tell_others(uow: UnitOfWork, before: Item, after: Item, by: UUID | None = None) -> None:
    """Tells everybody whom a move touches, but `by`, who made it and is answered."""
    lost, won = before.taker, after.taker
    if won is not None and after.state is State.RESERVED and (lost is None or lost.person != won.person):
        if by != after.giver:
            card = cards.goes_to(after, await neighbours.contact(uow, after.building, won.person))
            tell(uow, after, after.giver, card)
        if by != won.person:
            card = cards.yours_now(after, await neighbours.contact(uow, after.building, after.giver))
            tell(uow, after, won.person, card)
    if lost is not None and after.state is State.OFFERED:
        if by != after.giver:
            # Who said nothing for two weeks has not said that he does not want it.
            who = await called(uow, after, lost.person) if by is not None else ""
            tell(uow, after, after.giver, cards.free_again(after, who))
        if by != lost.person:
            tell(uow, after, lost.person, cards.lapsed(after) if by is None else cards.taken_back(after))
    asked_before = {each.person for each in before.asked}
    for each in after.asked:
        if each.person not in asked_before:
            tell(uow, after, each.person, cards.your_turn(after))
    if after.state in OVER and before.state not in OVER:
        for each in before.hoping:
            if each.person != by:
                tell(uow, after, each.person, cards.no_more(after))


def tell(uow: UnitOfWork, item: Item, person: UUID, card: Card[Text]) -> None:
    """A move is made once, under a lock: what it tells needs no key by which a second one would be known."""
    uow.tell(person, card, EXCHANGE, key=f"bazaar:{item.item_id}:{new_id()}", building=item.building)


async def called(uow: UnitOfWork, item: Item, person: UUID) -> str:
    """Somebody as neighbours call him; "" for who is none any more."""
    found = await neighbours.neighbour(uow, item.building, person)
    return found.called if found is not None else ""
