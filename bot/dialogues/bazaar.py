"""Talk about what is given, swapped and sought: put up a thing, look for one, take it, hand it over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from bot.dialogues.short_answers import ANYTHING, NOTHING, bare, taken
from bot.dialogues.swaps import swapped, without_article
from bot.modules import place_with
from bot.photos import photos
from bot.turn import BRIEF, Step, Turn
from bot.understanding.wishes import day
from core.community.bazaar import service
from core.community.bazaar.cards import GIVE, WANT
from core.community.bazaar.module import INTENTS, MODULE
from core.community.bazaar.seeks import service as seeks
from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.intent import Intent
from core.people.model import Place

ASKED_AGAIN = frozenset(
    {
        *("bazaar.no_day", "bazaar.draw_day_wrong", "photo.not_one"),
        *("community.no_name", "community.long_name", "community.insulting"),
    }
)
"""What is wrong with the words of an answer only: the question stays open."""


class Bazaar:
    """Slots from words: `item`. From our own choices: `do` and `gift`, `person`, `seek` or `words`; the use cases check them anew."""

    name = "bazaar"
    version = 1
    module = MODULE.name
    intents = INTENTS
    offers = tuple((intent, say(f"help.offer.{intent}")) for intent in INTENTS)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        slots, person = intent.slots, turn.person.person_id
        if "gift" in slots:
            return await _pressed(turn, intent)
        if "seek" in slots:
            return Step((await seeks.stop(turn.uow, person, UUID(slots["seek"])),))
        place = place_with(turn, intent, MODULE)
        if isinstance(place, Step):
            return place
        if "words" in slots:
            return Step((await service.seek(turn.uow, person, place.known.building_id, str(slots["words"])),))
        return await _said(turn, intent.name, place, str(slots.get("item", "")))

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        """The answer to a question; the question stays open where its words do not do."""
        ask = str(state["ask"])
        try:
            if ask in _ANSWERS:
                return Step((await _ANSWERS[ask](turn, UUID(state["gift"])),))
            place = place_with(turn, Intent(ask, {"building": state["building"]}), MODULE)
            return (
                place if isinstance(place, Step) else await _said(turn, ask, place, without_article(turn.waiting.text))
            )
        except DomainError as refusal:
            if refusal.text.key not in ASKED_AGAIN:
                raise
            return Step((Card(refusal.text),), state)


async def _said(turn: Turn, intent: str, place: Place, words: str) -> Step:
    """Something new, at once; only what it is about is asked for where it is missing."""
    uow, person, building = turn.uow, turn.person.person_id, place.known.building_id
    if intent not in (GIVE, WANT):
        return Step((await service.browse(uow, person, building, words),))
    in_return = None
    if intent == GIVE and turn.pressed is None and (swap := swapped(turn.waiting.text)) is not None:
        words, in_return = swap[0] or words, swap[1]
    if not words:
        return Step(
            (_question(_WHAT[intent]),), {"ask": intent, "about": intent, "building": place.building.slug, **BRIEF}
        )
    if intent == WANT:
        return Step((await service.want(uow, person, building, words),))
    pictures = await photos(turn)
    photo = pictures[0].hex() if pictures else None
    return Step((await service.give(uow, person, building, words, in_return, photo),))


async def _pressed(turn: Turn, intent: Intent) -> Step:
    """A choice about one thing."""
    uow, person, gift, do = turn.uow, turn.person.person_id, UUID(intent.slots["gift"]), str(intent.slots.get("do"))
    if intent.name == GIVE and do in ("lot", "swap", "photo"):
        await service.open_of(uow, person, gift)
        words = taken(NOTHING, ANYTHING) if do == "swap" else {}
        return Step((_question(do),), {"ask": do, "gift": str(gift), **BRIEF, **words})
    if intent.name == GIVE and do in _OF_BIDDER:
        return Step((await _OF_BIDDER[do](uow, person, gift, UUID(intent.slots["person"])),))
    if intent.name == WANT and do == "take" and (question := await service.asked_in_return(uow, person, gift)):
        return Step((question,), {"ask": "bid", "gift": str(gift), **BRIEF})
    return Step((await (_OF_GIVER if intent.name == GIVE else _OF_TAKER)[do](uow, person, gift),))


def _question(ask: str) -> Card[Text]:
    return Card(say(f"bazaar.ask.{ask}"), (say(f"bazaar.ask.{ask}_body"),))


async def _lot(turn: Turn, gift: UUID) -> Card[Text]:
    named = _day(turn)
    if named is None:
        raise DomainError("bazaar.no_day")
    return await service.by_lot(turn.uow, turn.person.person_id, gift, named)


def _day(turn: Turn) -> date | None:
    """The day that an answer names. Whoever was spoken to in one language may answer in another: his own first."""
    languages = (turn.language, *(each for each in LANGUAGES if each != turn.language))
    today = local_day(turn.uow.now)
    return next((found for each in languages if (found := day(turn.waiting.text, each, today)) is not None), None)


async def _swap(turn: Turn, gift: UUID) -> Card[Text]:
    """What he would like for it; whoever wants nothing gives it away."""
    said, person = bare(turn.waiting.text), turn.person.person_id
    if said in NOTHING:
        return await service.first_come(turn.uow, person, gift)
    return await service.swap_for(turn.uow, person, gift, "" if said in ANYTHING else turn.waiting.text.strip())


async def _photo(turn: Turn, gift: UUID) -> Card[Text]:
    pictures = await photos(turn)
    if not pictures:
        raise DomainError("photo.not_one")
    return await service.show_photo(turn.uow, turn.person.person_id, gift, pictures[0].hex())


async def _bid(turn: Turn, gift: UUID) -> Card[Text]:
    return await service.offer(turn.uow, turn.person.person_id, gift, turn.waiting.text)


_WHAT = {GIVE: "give", WANT: "want"}
Move = Callable[[UnitOfWork, UUID, UUID], Awaitable[Card[Text]]]

_ANSWERS: Mapping[str, Callable[[Turn, UUID], Awaitable[Card[Text]]]] = {
    "lot": _lot,
    "swap": _swap,
    "photo": _photo,
    "bid": _bid,
}
_OF_GIVER: Mapping[str, Move] = {
    "show": service.show,
    "first": service.first_come,
    "keep": service.keep_up,
    "withdraw": service.withdraw,
    "collected": service.collected,
    "not_yet": service.not_collected,
    "let_go": service.let_go,
}
_OF_BIDDER: Mapping[str, Callable[[UnitOfWork, UUID, UUID, UUID], Awaitable[Card[Text]]]] = {
    "choose": service.choose,
    "decline": service.decline,
}
_OF_TAKER: Mapping[str, Move] = {
    "take": service.take,
    "show": service.standing,
    "no": service.not_wanted,
    "have": service.collected,
    "check": service.how_drawn,
}
