"""What one can ask. It finds the other dialogues on its turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.dialogues import only_when, todo
from bot.turn import Step, Turn
from core.community.neighbours.model import takes_part
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent

NEIGHBOURS = "neighbours"
"""What `help` is asked about: what neighbours do for one another."""


class Help:
    """Help, and the small words of a talk: hello, thank you, never mind."""

    name = "help"
    version = 1
    module = ""
    intents = ("help", "greet", "thanks", "cancel")
    offers = ()

    async def start(self, turn: Turn, intent: Intent) -> Step:
        match intent.name:
            case "thanks":
                return Step((Card(say("help.thanks")),))
            case "cancel":
                return Step((Card(say("help.cancelled"), choices=(_help(),)),))
        if intent.name == "help" and (found := await todo.answer(turn, intent)) is not None:
            return found
        if intent.slots.get("about") == only_when.WHEN:
            return Step((only_when.card(turn, str(intent.slots.get("period", ""))),))
        title = say("help.greeting", name=turn.person.name) if intent.name == "greet" else say("help.title")
        if intent.slots.get("about") == NEIGHBOURS:
            return Step((Card(say("help.neighbours"), (say("help.body"),), choices=_offers(turn, neighbourly=True)),))
        choices = _offers(turn, neighbourly=False)
        if _offers(turn, neighbourly=True):
            choices = (Choice(Intent("help", {"about": NEIGHBOURS}), say("help.choice.neighbours")), *choices)
        return Step((Card(title, (say("help.body"),), choices=todo.offers(turn, choices)),))

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        return await self.start(turn, Intent("help"))


def _offers(turn: Turn, *, neighbourly: bool) -> tuple[Choice[Text], ...]:
    """What can be asked: what neighbours do for one another by itself, where it is switched on in one of the person's buildings."""
    on = {name for place in turn.places if takes_part(place) for name in place.building.modules}
    return tuple(
        Choice(Intent(offered), label)
        for dialogue in turn.dialogues
        for offered, label in dialogue.offers
        if (dialogue.module in on if neighbourly else dialogue.module == "")
    )


def _help() -> Choice[Any]:
    return Choice(Intent("help"), say("bot.choice.help"))
