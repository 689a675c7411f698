"""Use cases: offer help or ask for it, see what there is, get in touch, agree, take down; and what falls due by itself."""

from __future__ import annotations

from uuid import UUID

from core.buildings import service as buildings
from core.community.neighbours import service as neighbours
from core.community.posts import service as posts
from core.community.removals import service as removals
from core.community.removals.model import Removal, gone, reason_of
from core.community.sel.accounts import service as accounts
from core.community.sel.module import begin
from core.community.sel.offers import cards, store
from core.community.sel.offers.model import (
    MOST_ALERTS,
    SHOWN,
    UNANSWERED,
    Answer,
    Kind,
    Offer,
    Said,
    about,
    fitting,
    put_up,
    same,
)
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.periods import Period
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import EXCHANGE
from core.people.audit.model import Actor

POST = "service"
"""What `posts` call an offer or a request."""


async def add(
    uow: UnitOfWork, building: UUID, person: UUID, kind: Kind, name: str, days: Period | None = None
) -> Card[Text]:
    """Puts up an offer or a request, shows its author what fits it, and tells those whose own it fits.

    DomainError: the module is off, he is no neighbour there, no name or an insult, days that are over, said already, a day's posts.
    """
    begin((await buildings.get(uow, building)).building.modules)
    made = put_up(new_id(), building, person, kind, name, days, uow.now, local_day(uow.now))
    here = await _here(uow, building)
    if person not in here:
        raise DomainError("sel.not_here")
    others = await _standing(uow, building, here)
    if any(same(each, made) for each in others):
        raise DomainError("sel.said_already")
    await posts.post(uow, person, building, POST, made.offer_id, made.name)
    await store.add(uow, made)
    found = fitting(made, others)
    told: set[UUID] = set()
    for each in found:
        if each.person not in told and len(told) < MOST_ALERTS:
            told.add(each.person)
            _tell(uow, made, each.person, cards.fits(made, each, here), f"{made.offer_id}:{each.offer_id}")
    return cards.put_up(made, found[:SHOWN], here)


async def browse(uow: UnitOfWork, building: UUID, reader: UUID, topic: str = "") -> Card[Text]:
    """What is offered and asked for in a building; `topic`: only what that means."""
    here = await _here(uow, building)
    standing = await _standing(uow, building, here)
    found = about(topic, standing) if topic else standing
    return cards.shown(found[:SHOWN], reader, here, topic, max(0, len(found) - SHOWN))


async def standing(uow: UnitOfWork, building: UUID) -> list[Offer]:
    """What neighbours offer and ask for today, newest first."""
    return await _standing(uow, building, await _here(uow, building))


async def touch(uow: UnitOfWork, offer_id: UUID, person: UUID) -> Card[Text]:
    """Somebody would like to get in touch about an offer; its author is asked. Where the author has asked him already, it is agreed;
    where it was agreed before, he is told again how to find him.

    DomainError: the module is off, he is no neighbour there, it is his own, it is over, or he asked before.
    """
    offer = await _offer(uow, offer_id)
    begin((await buildings.get(uow, offer.building)).building.modules)
    here = await _here(uow, offer.building)
    if person not in here:
        raise DomainError("sel.not_here")
    offer.check_answer(person, local_day(uow.now))
    if offer.person not in here:
        raise DomainError("sel.offer_over")
    asked = await store.answer_of(uow, offer_id, person)
    if asked is not None and asked.said is Said.AGREED:
        author = await neighbours.contact(uow, offer.building, offer.person)
        if author is not None:
            return cards.agreed(asked, author, person)
    if (crossed := await store.asked_by(uow, offer.building, offer.person, person)) is not None:
        return await agree(uow, crossed.answer_id, person)
    answer = Answer(new_id(), offer, person, Said.ASKED, uow.now)
    if not await store.ask(uow, answer):
        raise DomainError("sel.asked_already", name=here[offer.person])
    _tell(uow, offer, offer.person, cards.question(answer, here), f"touch:{answer.answer_id}")
    return cards.asked(answer, here)


async def agree(uow: UnitOfWork, answer_id: UUID, person: UUID) -> Card[Text]:
    """The author agrees: both learn how to find the other. DomainError where it is not his to say, was answered, or one of them has left."""
    before = await _answer(uow, answer_id)
    after = before.agree(person)
    here = await _here(uow, after.offer.building)
    asker = await neighbours.contact(uow, after.offer.building, after.person)
    author = await neighbours.contact(uow, after.offer.building, person)
    if asker is None or author is None or not {after.person, person} <= here.keys():
        raise DomainError("sel.not_neighbour")
    await _said(uow, after)
    _tell(uow, after.offer, after.person, cards.agreed(after, author, after.person), f"agreed:{after.answer_id}")
    return cards.agreed(after, asker, person)


async def decline(uow: UnitOfWork, answer_id: UUID, person: UUID) -> Card[Text]:
    """The author would rather not; the other is told kindly. DomainError where it is not his to say, or was answered."""
    before = await _answer(uow, answer_id)
    after = before.decline(person)
    names = await _called(uow, after)
    await _said(uow, after)
    _tell(uow, after.offer, after.person, cards.declined(after, names), f"declined:{after.answer_id}")
    return cards.declined_by_you(after, names)


async def close(uow: UnitOfWork, offer_id: UUID, person: UUID) -> Card[Text]:
    """Its author takes it down; who waits for his answer is told. DomainError where it is not his, or is down."""
    offer = (await _offer(uow, offer_id)).close(person)
    await _closed(uow, offer)
    return cards.closed(offer)


async def remove(uow: UnitOfWork, offer_id: UUID, actor: Actor, reason: str) -> Offer:
    """Those who decide take it down, for a reason that its author is told; who waits for his answer is told, too.

    DomainError without a reason, and where it is down.
    """
    why = reason_of(reason)
    offer = await store.get(uow, offer_id, lock=True)
    if offer is None or not offer.open:
        raise gone()
    await _closed(uow, offer)
    await removals.removed(uow, Removal(POST, offer_id, offer.building, offer.person, offer.name, why), actor)
    return offer


async def get(uow: UnitOfWork, offer_id: UUID) -> Offer | None:
    return await store.get(uow, offer_id)


async def known(uow: UnitOfWork, offer_id: UUID) -> bool:
    """Whether there is an offer or a request of that identity."""
    return await store.get(uow, offer_id) is not None


async def waiting_for(uow: UnitOfWork, building: UUID, person: UUID) -> list[Answer]:
    """The questions to get in touch that he has not answered, oldest first."""
    return await store.waiting_for(uow, building, person)


async def due(uow: UnitOfWork) -> int:
    """Takes down what is over, tells its author, and lapses what nobody answered; gives how many."""
    over = await store.expired(uow, local_day(uow.now))
    for offer in over:
        await _closed(uow, offer)
        _tell(uow, offer, offer.person, cards.expired(offer), f"expired:{offer.offer_id}")
    silent = await store.asked(uow, before=uow.now - UNANSWERED)
    for answer in silent:
        await _lapsed(uow, answer)
    return len(over) + len(silent)


async def drop(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    """Takes down all that somebody has put up who is no neighbour any more."""
    for offer in await store.standing(uow, building, local_day(uow.now)):
        if offer.person == person:
            await _closed(uow, offer)


async def _closed(uow: UnitOfWork, offer: Offer) -> None:
    if not await store.close(uow, offer.offer_id):
        raise DomainError("sel.offer_over")
    await posts.undone(uow, offer.offer_id)
    for answer in await store.asked(uow, offer=offer.offer_id):
        await _lapsed(uow, answer)


async def _lapsed(uow: UnitOfWork, answer: Answer) -> None:
    if await store.said(uow, answer.lapse()):
        names = await _called(uow, answer)
        _tell(uow, answer.offer, answer.person, cards.declined(answer, names), f"declined:{answer.answer_id}")


async def _said(uow: UnitOfWork, answer: Answer) -> None:
    if not await store.said(uow, answer):
        raise DomainError("sel.answered_already")


async def _offer(uow: UnitOfWork, offer_id: UUID) -> Offer:
    found = await store.get(uow, offer_id, lock=True)
    if found is None:
        raise DomainError("sel.not_yours")
    return found


async def _answer(uow: UnitOfWork, answer_id: UUID) -> Answer:
    found = await store.answer(uow, answer_id)
    if found is None:
        raise DomainError("sel.not_yours")
    return found


async def _here(uow: UnitOfWork, building: UUID) -> dict[UUID, str]:
    """What everybody who takes part today is called."""
    return {each.person: each.called for each in await neighbours.neighbours(uow, building)}


async def _standing(uow: UnitOfWork, building: UUID, here: dict[UUID, str]) -> list[Offer]:
    return [each for each in await store.standing(uow, building, local_day(uow.now)) if each.person in here]


async def _called(uow: UnitOfWork, answer: Answer) -> dict[UUID, str]:
    return await accounts.called_names(uow, answer.person, answer.offer.person)


def _tell(uow: UnitOfWork, offer: Offer, to: UUID, card: Card[Text], what: str) -> None:
    uow.tell(to, card, EXCHANGE, key=f"sel:{what}", building=offer.building)
