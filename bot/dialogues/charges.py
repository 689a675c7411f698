"""Talk about money: what do I owe, why, how do I pay, did it arrive, what did the building spend, what is in the funds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, utils

from bot.dialogues.subjects import subjects
from bot.turn import Step, Turn
from core.charges import cards, service
from core.charges.explanations.model import Item
from core.charges.model import Expense
from core.charges.service import Account
from core.kernel.clock import local_day
from core.kernel.periods import Period
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.intent import Intent
from core.people.model import Place

ALIKE = 80
"""From which likeness on (of 100) an invoice is about a topic."""


class Charges:
    """Every question has its answer in one step; somebody with several buildings gets one answer for each."""

    name = "charges"
    version = 1
    module = ""
    intents = (
        "charges.owed",
        "charges.explain",
        "charges.expenses",
        "charges.pay",
        "charges.paid",
        "charges.funds",
    )
    offers = tuple((intent, say(f"help.offer.{intent}")) for intent in intents)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        places = turn.places_for(intent)
        if not places:
            return Step((Card(say("charges.nowhere")),))
        if intent.name in ("charges.expenses", "charges.funds"):
            return Step(tuple([await self._of_building(turn, intent, place) for place in places]))
        return Step(tuple([await self._of_account(turn, intent, account) for account in await _accounts(turn, places)]))

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        return await self.start(turn, Intent("charges.owed"))

    async def _of_account(self, turn: Turn, intent: Intent, account: Account) -> Card[Text]:
        place = account.place
        if not account.exists:
            return cards.no_account(place)
        now = service.owed_now(turn.uow, account)
        if intent.name == "charges.pay":
            return cards.pay(place, now)
        if intent.name == "charges.paid":
            return cards.paid(place, await service.payments(turn.uow, place), now)
        period = _period(turn, intent, place)
        answer = now if period == now.period else service.owed_in(turn.uow, account, period)
        if intent.name == "charges.owed":
            return cards.owed(place, answer, now, local_day(turn.uow.now))
        explanation = await service.explained(turn.uow, account, period)
        topic = str(intent.slots.get("topic", ""))
        chosen = [item for item in explanation.items if _about(topic, item)] if topic else []
        return cards.explained(place, answer, explanation, topic, chosen or None)

    async def _of_building(self, turn: Turn, intent: Intent, place: Place) -> Card[Text]:
        if not place.sees_books:
            return cards.for_owners(place)
        building = place.known.building_id
        if intent.name == "charges.funds":
            return cards.funds(place, await service.funds(turn.uow, building), local_day(turn.uow.now))
        period = _period(turn, intent, place)
        rows = await service.expenses(turn.uow, building, period)
        topic = str(intent.slots.get("topic", ""))
        found = [row for row in rows if _about(topic, row)] if topic else []
        return cards.expenses(place, period, found or rows, topic, bool(found))


async def _accounts(turn: Turn, places: Sequence[Place]) -> list[Account]:
    """The person's accounts; a building where he has none counts only where he has none anywhere."""
    accounts = await service.accounts(turn.uow, places)
    return [account for account in accounts if account.exists] or accounts[:1]


def _period(turn: Turn, intent: Intent, place: Place) -> Period:
    """The period asked for; the building's present quarter where none was."""
    given = intent.slots.get("period")
    return Period.parse(given) if given else place.building.quarter(local_day(turn.uow.now))


def _about(topic: str, row: Item | Expense) -> bool:
    """Whether an invoice is about a topic, as people write it, in whichever of our languages."""
    title = row.title if isinstance(row, Item) else row.description
    if (asked := subjects(topic)) and asked & subjects(f"{title} {row.supplier} {row.key}"):
        return True
    words = utils.default_process(topic)
    if len(words) < 3:
        return False
    return any(
        fuzz.token_set_ratio(words, text) >= ALIKE or (len(text) >= 4 and fuzz.partial_ratio(words, text) >= ALIKE + 8)
        for text in (utils.default_process(title), utils.default_process(row.supplier))
    )
