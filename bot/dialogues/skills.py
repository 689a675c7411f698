"""Talk about who can do what: be found, find somebody, ask, answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot.modules import place_with
from bot.turn import BRIEF, Step, Turn
from core.community.skills import cards, service
from core.community.skills.cards import ADD, FIND
from core.community.skills.model import Pay
from core.community.skills.module import INTENTS, MODULE
from core.kernel.errors import DomainError
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.intent import Intent
from core.people.model import Place

_FREE = re.compile(
    r"\b(?:gratuit\w*|b[ée]n[ée]vol\w*|coup de main|gratis|kosteloos|kosteloze|vrijwillig\w*|kostenlos\w*|umsonst|ehrenamtlich\w*|"
    r"(?:for|is) free|free of charge|volunt\w+)\b",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"\b(?:payant\w*|contre paiement|r[ée]mun[ée]r\w*|je facture|sur facture|facturée?s?|"
    r"ind[ée]pendant\w*|m[ée]tier|professionnel\w*|betaald\w*|tegen betaling|"
    r"tegen vergoeding|zelfstandig\w*|beroep\w*|bezahl\w*|bezahlung|gegen entgelt|beruf\w*|selbst(?:st)?[äa]ndig\w*|paid|for pay|"
    r"professional\w*|for a living|self-employed|i invoice|invoiced)\b",
    re.IGNORECASE,
)
_OUT = re.compile(
    r"\b(?:retire\w*|enl[èe]ve\w*|supprime\w*|efface\w*|plus (?:dans|être|figurer)|haal|schrap\w*|verwijder\w*|niet meer in|"
    r"nehmen sie mich aus|nimm mich aus|streich\w*|l[öo]sch\w*|entfern\w*|nicht mehr im|remove|take me (?:out|off)|delete|no longer in)\b",
    re.IGNORECASE,
)


class Skills:
    """Slots from words: `skill`. From our own choices: `do` and `entry`, `ask` or `pay`; the use cases check them anew."""

    name = "skills"
    version = 1
    module = MODULE.name
    intents = INTENTS
    offers = tuple((intent, say(f"help.offer.{intent}")) for intent in INTENTS)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        uow, person, slots = turn.uow, turn.person.person_id, intent.slots
        do = str(slots.get("do", ""))
        if "ask" in slots:
            answer = service.agree if do == "agree" else service.decline
            return Step((await answer(uow, person, UUID(slots["ask"])),))
        if "entry" in slots:
            entry = UUID(slots["entry"])
            if intent.name == ADD:
                return Step((await service.withdraw(uow, person, entry),))
            return Step((await service.ask(uow, person, entry, str(slots.get("words", ""))),))
        words = str(slots.get("skill", ""))
        if do == "no" and not words:
            return Step((cards.not_put_in(),))
        place = place_with(turn, intent, MODULE)
        if isinstance(place, Step):
            return place
        if do == "no":
            # Pressed after a yes: he is found by it, and has to know how to take it out.
            listed = await service.is_found_by(uow, person, place.known.building_id, words)
            return Step((await service.mine(uow, person, place.known.building_id) if listed else cards.not_put_in(),))
        if intent.name == FIND:
            said = turn.waiting.text if turn.pressed is None else ""
            return Step((await service.find(uow, person, place.known.building_id, words, said),))
        if do == "list":
            return await _put_in(turn, place, words, Pay(slots.get("pay", "")))
        return await _add(turn, place, words, turn.waiting.text if turn.pressed is None else "")

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        """What he can do; asked again, with the reason, where the words do not do."""
        place = place_with(turn, Intent(ADD, {"building": state["building"]}), MODULE)
        if isinstance(place, Step):
            return place
        try:
            return await _add(turn, place, turn.waiting.text, turn.waiting.text)
        except DomainError as refusal:
            if not refusal.text.key.startswith("community."):
                raise
            return Step((Card(refusal.text),), state)


async def _add(turn: Turn, place: Place, words: str, text: str) -> Step:
    """Nothing is kept before he has read what is shown to whom, and said yes."""
    building = place.known.building_id
    if not words and _OUT.search(text):
        return Step((await service.mine(turn.uow, turn.person.person_id, building),))
    if not words:
        question = Card(say("skills.ask"), (say("skills.ask_body"),))
        return Step((question,), {"ask": "skill", "about": ADD, "building": place.building.slug, **BRIEF})
    name, consent = await service.asks_consent(turn.uow, turn.person.person_id, building, _without_pay(words))
    return Step((cards.may_i(consent, name, _pay(text), place.building.slug),))


async def _put_in(turn: Turn, place: Place, words: str, pay: Pay) -> Step:
    building = place.known.building_id
    name, consent = await service.asks_consent(turn.uow, turn.person.person_id, building, words)
    agreed = turn.words(consent)
    return Step((await service.put_in(turn.uow, turn.person.person_id, building, name, pay, agreed),))


def _without_pay(words: str) -> str:
    """`vélos gratuitement` are bikes; what is paid or not stands beside."""
    return " ".join(_FREE.sub("", _PAID.sub("", words)).split()) or words


def _pay(text: str) -> Pay:
    """What he says of it, where he says one thing only."""
    free, paid = bool(_FREE.search(text)), bool(_PAID.search(text))
    return Pay.UNSAID if free == paid else Pay.FREE if free else Pay.PAID
