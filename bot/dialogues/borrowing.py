"""Finding a thing among those of the neighbours, and asking for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot.dialogues import days
from bot.modules import place_with
from bot.turn import BRIEF, Step, Turn
from core.community.loans import cards, service
from core.community.loans.module import LOANS
from core.community.loans.things import cards as thing_cards
from core.community.loans.things import service as things
from core.community.loans.things.model import Thing
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.periods import Period
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.intent import Intent
from core.people.model import Place


async def borrow(turn: Turn, intent: Intent) -> Step:
    """Asked at once where it is clear which thing and which days; else what is missing is asked for."""
    if "thing" in intent.slots:
        return await _ask(
            turn, UUID(str(intent.slots["thing"])), _period(turn, intent), intent.slots.get("do") == "queue"
        )
    place = place_with(turn, intent, LOANS)
    if isinstance(place, Step):
        return place
    wanted = _period(turn, intent) or (None if turn.waiting.choice else days.said(turn))
    item = str(intent.slots.get("item", ""))
    if not item:
        state = {"ask": "item", "building": place.building.slug, **BRIEF, **({"period": str(wanted)} if wanted else {})}
        return Step((Card(say("loans.ask.item"), (say("loans.ask.item_body"),)),), state)
    return await _found(turn, place, item, wanted)


async def available(turn: Turn, intent: Intent) -> Step:
    """All that is put up; or what is meant by a word."""
    place = place_with(turn, intent, LOANS)
    if isinstance(place, Step):
        return place
    if item := str(intent.slots.get("item", "")):
        return await _found(turn, place, item, None)
    shown = await things.shown(turn.uow, place.known.building_id)
    if not shown:
        return Step((cards.nothing_listed(),))
    return await _listed(turn, shown, None)


async def answered(turn: Turn, state: Mapping[str, Any]) -> Step:
    """The answer to which thing, or which days."""
    if state["ask"] == "item":
        slots = {name: state[name] for name in ("building", "period") if name in state}
        return await borrow(turn, Intent(thing_cards.BORROW, {**slots, "item": turn.waiting.text}))
    wanted = days.said(turn, state["offered"])
    if wanted is None:
        return Step((Card(say("loans.no_days"), (say("loans.which_days.body"),)),), state)
    return await _ask(turn, UUID(state["thing"]), wanted)


def wrong_days(refusal: DomainError) -> bool:
    """Whether only the days do not do, so that others may be said."""
    return refusal.text.key in ("loans.past", "loans.far", "loans.too_long")


async def alert(turn: Turn, slots: Mapping[str, Any]) -> Step:
    """He wants to be told once somebody puts such a thing up; or no more."""
    person = turn.person.person_id
    if slots["do"] == "no_alert":
        words = await things.end_wish(turn.uow, person, UUID(str(slots["wish"])))
        return Step((thing_cards.no_more(words) if words else Card(say("loans.moved_on")),))
    place = place_with(turn, Intent(thing_cards.BORROW, slots), LOANS)
    if isinstance(place, Step):
        return place
    return Step((thing_cards.noted(await things.wish(turn.uow, person, place.known.building_id, str(slots["words"]))),))


async def _found(turn: Turn, place: Place, item: str, wanted: Period | None) -> Step:
    found = await things.found(turn.uow, place.known.building_id, item)
    theirs = [thing for thing in found if thing.owner != turn.person.person_id]
    if found and not theirs:
        raise DomainError("loans.own", thing=found[0].name)
    if not theirs:
        return Step((thing_cards.none_yet(item, place.building.slug),))
    return await _ask(turn, theirs[0].thing_id, wanted) if len(theirs) == 1 else await _listed(turn, theirs, wanted)


async def _listed(turn: Turn, found: list[Thing], wanted: Period | None) -> Step:
    offers = await service.offers(turn.uow, turn.person.person_id, found[: cards.MOST_LISTED])
    title = say("loans.list.title")
    return Step((cards.listed(title, offers, max(0, len(found) - len(offers)), wanted),))


async def _ask(turn: Turn, thing: UUID, wanted: Period | None, queue: bool = False) -> Step:
    """Asks the lender; without days, or with such as do not do, asks for them first."""
    person, wrong = turn.person.person_id, None
    if wanted is not None:
        try:
            return Step((await service.borrow(turn.uow, person, thing, wanted, queue=queue),))
        except DomainError as refusal:
            if not wrong_days(refusal):
                raise
            wrong = refusal.text
    found = await things.known(turn.uow, thing)
    await things.begins(turn.uow, found.building, person)
    if found.owner == person:
        raise DomainError("loans.own", thing=found.name)
    owner = await service.owner_of(turn.uow, found)
    offered = days.offered(local_day(turn.uow.now))
    state = {"ask": "days", "thing": str(thing), "offered": [str(each) for _, each in offered], **BRIEF}
    return Step((cards.which_days(found, owner, offered, wrong),), state)


def _period(turn: Turn, intent: Intent) -> Period | None:
    given = intent.slots.get("period")
    return days.ahead(Period.parse(given), local_day(turn.uow.now)) if given else None
