"""A person instead of a machine: who it is, how he is reached, and a message passed on where that is possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.dialogues import objections
from bot.turn import Step, Turn
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Fact
from core.messaging.intent import Intent
from core.people import cards, service
from core.people.model import Place


class Human:
    name = "human"
    version = 1
    module = ""
    intents = ("human",)
    offers = (("human", say("help.offer.human")),)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        if objections.MARK in intent.slots:
            return await objections.started(turn, intent.slots)
        places = turn.places_for(intent)
        if not places:
            return Step((Card(say("human.nobody")),))
        place = places[0]
        somebody = await service.who_answers(turn.uow, place, turn.person)
        body = [say("human.contact", building=place.building.name)]
        if somebody:
            body.append(say("human.write"))
        card = Card(say("human.title"), tuple(body), tuple(_contact(place)))
        return Step((card,), {"building": place.building.slug} if somebody else None)

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        if objections.MARK in state:
            return await objections.said(turn, state)
        place = next((place for place in turn.places if place.building.slug == state.get("building")), None)
        text = turn.waiting.text.strip()
        if place is None or not text:
            return await self.start(turn, Intent("human"))
        for somebody in await service.who_answers(turn.uow, place, turn.person):
            turn.uow.tell(
                somebody,
                cards.passed_on(turn.person, place, text),
                "account",
                key=f"human:{turn.waiting.inbound_id}:{somebody}",
            )
        return Step((Card(say("human.passed_on", building=place.building.name), (literal(text),)),))


def _contact(place: Place) -> list[Fact[Text]]:
    syndic = place.building.syndic
    rows = (("name", syndic.name), ("email", syndic.email), ("phone", syndic.phone), ("emergency", syndic.emergency))
    return [Fact(say(f"human.fact.{key}"), literal(value), key) for key, value in rows if value]
