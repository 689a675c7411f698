"""Putting a thing up for neighbours to borrow, and saying more about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from bot.dialogues import helped
from bot.dialogues.short_answers import NOTHING, bare, taken
from bot.modules import place_with
from bot.photos import photo_of
from bot.turn import BRIEF, Step, Turn
from bot.understanding.numbers import number
from bot.understanding.words import cleaned, words
from core.community.loans import service as loans
from core.community.loans.module import LOANS
from core.community.loans.things import cards, service
from core.community.loans.things.model import LONGEST, Thing
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.intent import Intent

Change = Callable[[Turn, UUID], Awaitable[Thing]]

_UNITS: Mapping[int, frozenset[str]] = {
    7: frozenset({"semaine", "semaines", "week", "weken", "woche", "wochen", "weeks"}),
    30: frozenset({"mois", "maand", "maanden", "monat", "monate", "monaten", "month", "months"}),
}
"""By how many days they are, the plain words for a week and for a month."""


async def lend(turn: Turn, intent: Intent) -> Step:
    """At once, with what was said; only the name is asked for where it is missing."""
    place = place_with(turn, intent, LOANS)
    if isinstance(place, Step):
        return place
    if not (name := str(intent.slots.get("item", ""))):
        return Step(
            (Card(say("loans.ask.name"), (say("loans.ask.name_body"),)),),
            {"ask": "name", "about": cards.LEND, "building": place.building.slug, **BRIEF},
        )
    person, building, photo = turn.person.person_id, place.known.building_id, await photo_of(turn)
    if (before := await service.listed(turn.uow, person, building, name)) is not None:
        thing = await service.show_photo(turn.uow, person, before.thing_id, photo) if photo else before
        return Step((cards.listed_already(thing, await service.deposits(turn.uow, building)),))
    thing = await service.lend(turn.uow, person, building, name, photo)
    return Step((cards.put_up(thing, await service.deposits(turn.uow, thing.building)),))


async def pressed(turn: Turn, do: str, thing: UUID) -> Step:
    """What its owner wants to change."""
    if do == "withdraw":
        return Step((await loans.withdraw(turn.uow, turn.person.person_id, thing),))
    found = await service.of_owner(turn.uow, turn.person.person_id, thing)
    if do not in _CHANGES:
        return Step((cards.own(found, await service.deposits(turn.uow, found.building)),))
    words = taken(NOTHING) if do == "deposit" else {}
    return Step((_question(do, found),), {"ask": do, "thing": str(thing), **BRIEF, **words})


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


def _days(turn: Turn) -> int:
    """So many days as an answer says, in digits or in words, by the week or the month too. DomainError where it says none."""
    heard = words(cleaned(turn.waiting.text))
    found = [each for word in heard if (each := _number(word.plain, turn.language)) is not None]
    unit = next((days for word in heard for days, named in _UNITS.items() if word.plain in named), 1)
    if len(found) != 1:
        raise DomainError("loans.no_number")
    return found[0] * unit


def _number(word: str, language: str) -> int | None:
    """Whoever was spoken to in one language may answer in another: his own first."""
    return next((found for each in (language, *LANGUAGES) if (found := number(word, each)) is not None), None)


async def _condition(turn: Turn, thing: UUID) -> Thing:
    return await service.say_condition(turn.uow, turn.person.person_id, thing, turn.waiting.text)


async def _photo(turn: Turn, thing: UUID) -> Thing:
    photo = await photo_of(turn)
    if photo is None:
        raise DomainError("photo.not_one")
    return await service.show_photo(turn.uow, turn.person.person_id, thing, photo)


async def _longest(turn: Turn, thing: UUID) -> Thing:
    return await service.lend_for(turn.uow, turn.person.person_id, thing, _days(turn))


async def _deposit(turn: Turn, thing: UUID) -> Thing:
    """In hours, as all that is exchanged is said; a bare number is one of hours."""
    text = turn.waiting.text
    minutes = 0 if bare(text) in NOTHING else helped.minutes(text, turn.language, answer=True)
    if minutes is None:
        raise DomainError("loans.no_number")
    return await service.ask_deposit(turn.uow, turn.person.person_id, thing, minutes)


_CHANGES: Mapping[str, Change] = {
    "condition": _condition,
    "photo": _photo,
    "longest": _longest,
    "deposit": _deposit,
}
