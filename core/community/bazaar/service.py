"""Use cases: give, swap, look for, take, hand over and let go. Each gives what the person who asked for it is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from core.buildings import service as buildings
from core.community.bazaar import cards, store
from core.community.bazaar.draw import Draw, draw
from core.community.bazaar.model import LASTS, OVER, How, Interest, Item, Standing, State
from core.community.bazaar.module import begin, is_on
from core.community.bazaar.seeks import service as seeks
from core.community.bazaar.tidings import called, tell, tell_others
from core.community.neighbours import service as neighbours
from core.community.posts import service as posts
from core.community.posts.insults import insulting
from core.community.posts.model import name_of
from core.community.removals import service as removals
from core.community.removals.model import Removal, gone, reason_of
from core.community.words.model import decisive, ranked, terms
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_code, new_id
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.people.audit.model import Actor

POST, BID = "gift", "bid"
"""What a thing is called among posts, and what is offered for one in a swap."""
TICKET = 6
"""Signs of a lot in a draw."""


# ------------------------------------------------------------------------------------------------------------------ giving


async def give(
    uow: UnitOfWork, giver: UUID, building: UUID, name: str, in_return: str | None = None, photo: str | None = None
) -> Card[Text]:
    """Puts a thing up at once, first come, and tells all who look for such a thing. DomainError where it may not be.

    `in_return`: it is a swap; what its giver would like ("": he does not say). `photo`: SHA-256 (hex) of a picture on the shelf.
    """
    await begins(uow, building, giver)
    item = Item(
        new_id(),
        building,
        giver,
        name_of(name),
        uow.now,
        local_day(uow.now) + LASTS,
        How.FIRST if in_return is None else How.CHOICE,
        name_of(in_return) if in_return else "",
        photo,
    )
    await posts.post(uow, giver, building, POST, item.item_id, item.name, item.in_return)
    named = terms(item.name)
    await store.add(uow, item, named)
    seekers = await seeks.tell_seekers(uow, item, await called(uow, item, giver), named)
    return cards.put_up(item, seekers)


async def show(uow: UnitOfWork, giver: UUID, item: UUID) -> Card[Text]:
    """How it stands, for its giver."""
    found = (await get(uow, item)).given_by(giver)
    if found.state is State.RESERVED and found.taker is not None:
        return cards.goes_to(found, await neighbours.contact(uow, found.building, found.taker.person))
    return cards.own(found)


async def open_of(uow: UnitOfWork, giver: UUID, item: UUID) -> Item:
    """A thing of his that is still up, before he is asked more about it. DomainError where it is over, or another's."""
    found = (await get(uow, item)).given_by(giver)
    if found.state is not State.OFFERED:
        raise DomainError(
            "bazaar.over" if found.state is not State.RESERVED else "bazaar.reserved_already", item=found.name
        )
    return found


async def show_photo(uow: UnitOfWork, giver: UUID, item: UUID, photo: str) -> Card[Text]:
    return cards.changed(await _changed(uow, giver, item, lambda before: before.shown(photo)))


async def by_lot(uow: UnitOfWork, giver: UUID, item: UUID, day: date) -> Card[Text]:
    """It is drawn by lot on a day."""
    return cards.changed(await _changed(uow, giver, item, lambda before: before.by_lot(day, local_day(uow.now))))


async def first_come(uow: UnitOfWork, giver: UUID, item: UUID) -> Card[Text]:
    return cards.changed(await _changed(uow, giver, item, Item.first_come))


async def swap_for(uow: UnitOfWork, giver: UUID, item: UUID, in_return: str) -> Card[Text]:
    """The giver would like something in return, and chooses among what is offered."""
    wish = _decent(in_return) if in_return else ""
    return cards.changed(await _changed(uow, giver, item, lambda before: before.swapped_for(wish)))


async def keep_up(uow: UnitOfWork, giver: UUID, item: UUID) -> Card[Text]:
    """It stays up for another month."""
    found = (await get(uow, item)).given_by(giver)
    await begins(uow, found.building, giver)
    return cards.kept_up(await _changed(uow, giver, item, lambda before: before.kept_up(local_day(uow.now))))


async def withdraw(uow: UnitOfWork, giver: UUID, item: UUID) -> Card[Text]:
    """It is given away no more; who waited for it is told."""
    found = await _changed(uow, giver, item, Item.withdrawn)
    await posts.undone(uow, item)
    return cards.withdrawn(found)


async def remove(uow: UnitOfWork, item: UUID, actor: Actor, reason: str) -> Item:
    """Those who decide take it down, for a reason that its giver is told; who waited for it is told, too.

    DomainError without a reason, and where it is up no more: what is reserved is nobody's but two people's.
    """
    why = reason_of(reason)
    before = await store.lock(uow, item)
    if before is None or before.state is not State.OFFERED:
        raise gone()
    after = before.withdrawn()
    await store.move(uow, before, after)
    await tell_others(uow, before, after, after.giver)
    await removals.removed(uow, Removal(POST, item, after.building, after.giver, after.name, why), actor)
    return after


async def up(uow: UnitOfWork, building: UUID, most: int) -> list[Item]:
    """What neighbours of today give in a building, the newest first."""
    here = {each.person for each in await neighbours.neighbours(uow, building)}
    return [each for each in await store.shown(uow, building, local_day(uow.now), most) if each.giver in here]


async def take_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    """What was put up a moment ago is gone. DomainError where somebody wants it already: that is told to him by withdrawing it."""
    found = (await get(uow, subject)).given_by(person)
    if found.hoping or found.state is State.RESERVED:
        raise DomainError("bazaar.wanted_already", item=found.name)
    return await withdraw(uow, person, subject)


async def choose(uow: UnitOfWork, giver: UUID, item: UUID, person: UUID) -> Card[Text]:
    """The giver of a swap agrees to what somebody offers: both learn how to find one another."""
    found = await _changed(uow, giver, item, lambda before: before.chosen(person, uow.now))
    await seeks.found(uow, person, found)
    return cards.goes_to(found, await neighbours.contact(uow, found.building, person))


async def decline(uow: UnitOfWork, giver: UUID, item: UUID, person: UUID) -> Card[Text]:
    """The giver of a swap does not want what somebody offers, who is told kindly; said twice, he is told once."""
    before = (await locked(uow, item)).given_by(giver)
    after = before.declined(person)
    await store.move(uow, before, after)
    if before != after:
        tell(uow, after, person, cards.bid_refused(after))
    return cards.bid_declined(after, await called(uow, after, person))


# ---------------------------------------------------------------------------------------------------------------- wanting


async def want(uow: UnitOfWork, person: UUID, building: UUID, words: str) -> Card[Text]:
    """What is given of what somebody looks for; where there is nothing, he will be told."""
    await begins(uow, building, person)
    offers = [each for each in await _found(uow, building, words) if each.giver != person]
    if not offers:
        return await seeks.seek(uow, person, building, words)
    shown = await _offers(uow, building, person, offers[: cards.MOST_LISTED])
    return cards.listed(say("bazaar.list.found"), shown, words=name_of(words), more=_more(offers))


async def seek(uow: UnitOfWork, person: UUID, building: UUID, words: str) -> Card[Text]:
    """What is given is not it: he will be told."""
    await begins(uow, building, person)
    return await seeks.seek(uow, person, building, words)


async def browse(uow: UnitOfWork, person: UUID, building: UUID, words: str = "") -> Card[Text]:
    """What is his or may become it, what is up, and what neighbours look for; of what he named, where there is such a thing."""
    await begins(uow, building, person)
    offers = await _found(uow, building, words) if words else []
    if offers:
        return cards.listed(
            say("bazaar.list.found"),
            await _offers(uow, building, person, offers[: cards.MOST_LISTED]),
            words=name_of(words),
            more=_more(offers),
        )
    here = {each.person: each.called for each in await neighbours.neighbours(uow, building)}
    offers = [
        each
        for each in await store.of_person(uow, person, building)
        if each.giver != person or each.state is State.RESERVED
    ]
    known = {each.item_id for each in offers}
    up = await store.shown(uow, building, local_day(uow.now), 10 * cards.MOST_LISTED)
    offers += [each for each in up if each.giver in here and each.item_id not in known]
    sought = [
        cards.Sought(str(each.seek_id), each.name, "" if each.person == person else here[each.person])
        for each in await seeks.sought(uow, building)
        if each.person in here
    ][: cards.MOST_LISTED]
    if not offers and not sought:
        return cards.nothing_listed()
    title = say("bazaar.list.none", words=name_of(words)) if words else say("bazaar.list.title")
    shown = await _offers(uow, building, person, offers[: cards.MOST_LISTED])
    return cards.listed(title, shown, sought, more=_more(offers))


async def take(uow: UnitOfWork, person: UUID, item: UUID, in_return: str = "") -> Card[Text]:
    """Somebody wants it: it is his, or he has a place in the line, a lot in the draw, an offer that the giver is told of."""
    before = await locked(uow, item)
    await begins(uow, before.building, person)
    offered = in_return if before.is_swap else ""
    after = before.wanted(person, _ticket(before), uow.now, local_day(uow.now), offered)
    mine = after.of(person)
    assert mine is not None
    if offered and before != after:
        await posts.post(uow, person, after.building, BID, new_id(), offered)
    await store.move(uow, before, after)
    await tell_others(uow, before, after, person)
    if after.taker == mine:
        if before != after:
            await seeks.found(uow, person, after)
        return cards.yours_now(after, await neighbours.contact(uow, after.building, after.giver))
    if after.is_swap and before != after:
        tell(uow, after, after.giver, cards.offered_in_return(after, mine, await called(uow, after, person)))
    return await _in_hope(uow, after, mine)


async def offer(uow: UnitOfWork, person: UUID, item: UUID, in_return: str) -> Card[Text]:
    """Somebody offers something in a swap; the giver is told, and chooses."""
    return await take(uow, person, item, _decent(in_return))


async def asked_in_return(uow: UnitOfWork, person: UUID, item: UUID) -> Card[Text] | None:
    """The question what somebody offers in return, where it is a swap that he may still make an offer for; None where it is none."""
    found = await get(uow, item)
    await begins(uow, found.building, person)
    if not found.is_swap or found.state is not State.OFFERED or found.giver == person:
        return None
    return cards.what_in_return(found, await called(uow, found, found.giver))


async def standing(uow: UnitOfWork, person: UUID, item: UUID) -> Card[Text]:
    """How it stands for somebody who wants it: his, his turn, or still to come."""
    found = await get(uow, item)
    mine = found.of(person)
    if mine is None or mine.standing is Standing.OUT or found.state in OVER:
        raise DomainError("bazaar.over" if found.state in OVER else "bazaar.not_for_you", item=found.name)
    if mine.standing is Standing.TAKER:
        return cards.yours_now(found, await neighbours.contact(uow, found.building, found.giver))
    if mine.standing is Standing.ASKED:
        return cards.your_turn(found)
    return await _in_hope(uow, found, mine)


async def _in_hope(uow: UnitOfWork, item: Item, mine: Interest) -> Card[Text]:
    """An offer that the giver looks at, a lot in the draw, or a place in the line."""
    if item.is_swap:
        return cards.bid_made(item, mine.in_return, await called(uow, item, item.giver))
    if item.awaits_draw:
        return cards.signed_up(item, mine.ticket)
    return cards.in_line(item, item.hoping.index(mine))


async def not_wanted(uow: UnitOfWork, person: UUID, item: UUID) -> Card[Text]:
    """Somebody wants it no more; it goes to the next one where it was his, or his turn."""
    before = await locked(uow, item)
    after = await passed_on(uow, before.not_wanted(person, local_day(uow.now)))
    await store.move(uow, before, after)
    await tell_others(uow, before, after, person)
    return cards.let_go(after)


async def take_bid_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    """What he offered in a swap a moment ago, he offers no more. DomainError where the giver agreed already."""
    item = await store.last_bid(uow, person)
    if item is None:
        raise DomainError("bazaar.offer_gone")
    return await not_wanted(uow, person, item)


async def how_drawn(uow: UnitOfWork, person: UUID, item: UUID) -> Card[Text]:
    """All that it takes to check the draw, for those who took part and the giver."""
    found = await get(uow, item)
    kept = await store.draw_of(uow, item)
    if kept is None or (person != found.giver and found.of(person) is None):
        raise DomainError("bazaar.no_draw", item=found.name)
    return cards.how_drawn(found, _as_kept(found, *kept))


# ----------------------------------------------------------------------------------------------------------- handing over


async def collected(uow: UnitOfWork, person: UUID, item: UUID) -> Card[Text]:
    """It changed hands, says the giver, or whoever has it now; then the giver is asked."""
    before = await locked(uow, item)
    after = before.collected(person, uow.now)
    await store.move(uow, before, after)
    await tell_others(uow, before, after, person)
    if person == after.giver:
        if before != after and after.taker is not None:
            tell(uow, after, after.taker.person, cards.you_have_it(after, confirmed=True))
        return cards.gone(after)
    if before != after and after.state is State.RESERVED:
        tell(uow, after, after.giver, cards.fetched(after, await called(uow, after, person)))
    return cards.you_have_it(after, confirmed=after.state is State.COLLECTED)


async def not_collected(uow: UnitOfWork, giver: UUID, item: UUID) -> Card[Text]:
    """The giver has it still; the other one is told."""
    before = (await locked(uow, item)).given_by(giver)
    after = before.not_collected()
    await store.move(uow, before, after)
    if before != after and after.taker is not None:
        tell(uow, after, after.taker.person, cards.not_yet(after))
    return await show(uow, giver, item)


async def let_go(uow: UnitOfWork, giver: UUID, item: UUID) -> Card[Text]:
    """The giver takes it back from whom it was reserved to, who is told kindly; the next one is asked."""
    before = (await locked(uow, item)).given_by(giver)
    after = await passed_on(uow, before.let_go(giver, local_day(uow.now)))
    await store.move(uow, before, after)
    await tell_others(uow, before, after, giver)
    return cards.free_again(after, "")


# --------------------------------------------------------------------------------------------------------------- looking up


async def open_with(uow: UnitOfWork, person: UUID, building: UUID) -> list[Item]:
    """What somebody gives in a building, takes or waits for, and what is not over; the newest first."""
    return await store.of_person(uow, person, building)


async def get(uow: UnitOfWork, item: UUID) -> Item:
    """DomainError where there is none of that identity."""
    found = await store.get(uow, item)
    if found is None:
        raise DomainError("bazaar.unknown")
    return found


async def locked(uow: UnitOfWork, item: UUID) -> Item:
    """A thing that nobody else moves until this transaction is over."""
    found = await store.lock(uow, item)
    if found is None:
        raise DomainError("bazaar.unknown")
    return found


async def begins(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    """DomainError where nothing new may begin: the module is off there, or he is no neighbour today."""
    begin((await buildings.get(uow, building)).building.modules)
    if await neighbours.neighbour(uow, building, person) is None:
        raise DomainError("bazaar.not_neighbour")


async def goes_on(uow: UnitOfWork, building: UUID) -> bool:
    """Whether the module is on there now."""
    return is_on((await buildings.get(uow, building)).building.modules)


async def passed_on(uow: UnitOfWork, item: Item) -> Item:
    """The next one is asked, where the module is on."""
    return item.moved_on(uow.now) if await goes_on(uow, item.building) else item


async def _changed(uow: UnitOfWork, giver: UUID, item: UUID, change: Callable[[Item], Item]) -> Item:
    """A move of the giver."""
    before = (await locked(uow, item)).given_by(giver)
    after = change(before)
    await store.move(uow, before, after)
    await tell_others(uow, before, after, giver)
    return after


async def _found(uow: UnitOfWork, building: UUID, words: str) -> list[Item]:
    """What is up and meant by somebody's words, in whichever of the languages, the best first."""
    wanted = terms(name_of(words))
    if not wanted:
        return []
    rows = await store.with_terms(uow, building, decisive(wanted), local_day(uow.now))
    here = {each.person for each in await neighbours.neighbours(uow, building)} if rows else set()
    return [item for item, _ in ranked(wanted, rows, lambda row: row[1]) if item.giver in here]


async def _offers(uow: UnitOfWork, building: UUID, person: UUID, items: Sequence[Item]) -> list[cards.Offer]:
    """As the reader sees them: those that are his, or of somebody who lives there still."""
    names = {each.person: each.called for each in await neighbours.neighbours(uow, building)}
    found = []
    for item in items:
        mine, taker = item.of(person), item.taker
        standing = mine.standing if mine is not None and mine.standing is not Standing.OUT else None
        reserved = names.get(taker.person, "") if taker is not None else ""
        if item.giver == person or item.giver in names:
            found.append(cards.Offer(item, "" if item.giver == person else names[item.giver], standing, reserved))
    return found


def _more(items: Sequence[Item]) -> int:
    return max(0, len(items) - cards.MOST_LISTED)


def _ticket(item: Item) -> str:
    """A lot that nobody else has, where it is drawn by lot; "" elsewhere."""
    if not item.awaits_draw:
        return ""
    others = {each.ticket for each in item.line}
    while (ticket := new_code()[:TICKET]) in others:
        pass
    return ticket


def _decent(words: str) -> str:
    """What a neighbour will read. DomainError where he should not."""
    said = name_of(words)
    if insulting(said):
        raise DomainError("community.insulting")
    return said


def _as_kept(item: Item, day: date, tickets: Sequence[str], seed: str) -> Draw:
    """The draw anew from what is kept of it. ValueError where the seed does not follow: somebody has changed the rows."""
    again = draw(item.item_id, day, tickets)
    if again.seed != seed:
        raise ValueError("a draw is not what it was")
    return again
