"""Putting a thing up for neighbours to borrow, and saying more about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from bot.dialogues.photos import photo_of
from bot.modules import place_with
from bot.turn import BRIEF, Step, Turn
from bot.understanding.numbers import number
from bot.understanding.words import cleaned, words
from core.community.loans import service as loans
from core.community.loans.module import LOANS
from core.community.loans.things import cards, service
from core.community.loans.things.model import LONGEST, Thing
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.intent import Intent

Change = Callable[[Turn, UUID], Awaitable[Thing]]


async def lend(turn: Turn, intent: Intent) -> Step:
    """At once, with what was said; only the name is asked for where it is missing."""
    place = place_with(turn, intent, LOANS)
    if isinstance(place, Step):
        return place
    if not (name := str(intent.slots.get("item", ""))):
        return Step(
            (Card(say("loans.ask.name"), (say("loans.ask.name_body"),)),),
            {"ask": "name", "building": place.building.slug, **BRIEF},
        )
    thing = await service.lend(turn.uow, turn.person.person_id, place.known.building_id, name, await photo_of(turn))
    return Step((cards.put_up(thing, await service.deposits(turn.uow, thing.building)),))


async def pressed(turn: Turn, do: str, thing: UUID) -> Step:
    """What its owner wants to change."""
    if do == "withdraw":
        return Step((await loans.withdraw(turn.uow, turn.person.person_id, thing),))
    found = await service.of_owner(turn.uow, turn.person.person_id, thing)
    if do not in _CHANGES:
        return Step((cards.own(found, await service.deposits(turn.uow, found.building)),))
    return Step((_question(do, found),), {"ask": do, "thing": str(thing), **BRIEF})


async def answered(turn: Turn, ask: str, state: Mapping[str, Any]) -> Step:
    """The answer to what was asked: asked again, with the reason, where it does not do."""
    if ask == "name":
        return await lend(turn, Intent(cards.LEND, {"item": turn.waiting.text, "building": state["building"]}))
    thing = UUID(state["thing"])
    found = await service.of_owner(turn.uow, turn.person.person_id, thing)
    try:
        changed = await _CHANGES[ask](turn, thing)
    except DomainError as refusal:
        return Step((Card(refusal.text, (_question(ask, found).title,)),), state)
    return Step((cards.changed(changed, await service.deposits(turn.uow, changed.building)),))


def asks(ask: str) -> bool:
    return ask == "name" or ask in _CHANGES


def _question(ask: str, thing: Thing) -> Card[Text]:
    return Card(say(f"loans.ask.{ask}", thing=thing.name, most=LONGEST))


def _number(turn: Turn) -> int:
    """The one number that an answer says, in digits or in words. DomainError where there is none."""
    said = [number(word.plain, turn.language) for word in words(cleaned(turn.waiting.text))]
    found = [each for each in said if each is not None]
    if len(found) != 1:
        raise DomainError("loans.no_number")
    return found[0]


async def _condition(turn: Turn, thing: UUID) -> Thing:
    return await service.say_condition(turn.uow, turn.person.person_id, thing, turn.waiting.text)


async def _photo(turn: Turn, thing: UUID) -> Thing:
    photo = await photo_of(turn)
    if photo is None:
        raise DomainError("photo.not_one")
    return await service.show_photo(turn.uow, turn.person.person_id, thing, photo)


async def _longest(turn: Turn, thing: UUID) -> Thing:
    return await service.lend_for(turn.uow, turn.person.person_id, thing, _number(turn))


async def _deposit(turn: Turn, thing: UUID) -> Thing:
    return await service.ask_deposit(turn.uow, turn.person.person_id, thing, _number(turn))


_CHANGES: Mapping[str, Change] = {
    "condition": _condition,
    "photo": _photo,
    "longest": _longest,
    "deposit": _deposit,
}
