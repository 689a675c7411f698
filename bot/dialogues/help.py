"""What one can ask. It finds the other dialogues on its turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.turn import Step, Turn
from core.kernel.text import say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent


class Help:
    """Help, and the small words of a talk: hello, thank you, take that back, never mind."""

    name = "help"
    version = 1
    intents = ("help", "greet", "thanks", "undo", "cancel")
    offers = ()

    async def start(self, turn: Turn, intent: Intent) -> Step:
        match intent.name:
            case "thanks":
                return Step((Card(say("help.thanks")),))
            case "undo":
                return Step((Card(say("help.undo"), (say("help.undo_body"),), choices=(_help(),)),))
            case "cancel":
                return Step((Card(say("help.cancelled"), choices=(_help(),)),))
        title = say("help.greeting", name=turn.person.name) if intent.name == "greet" else say("help.title")
        choices = tuple(
            Choice(Intent(offered), label) for dialogue in turn.dialogues for offered, label in dialogue.offers
        )
        return Step((Card(title, (say("help.body"),), choices=choices),))

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        return await self.start(turn, Intent("help"))


def _help() -> Choice[Any]:
    return Choice(Intent("help"), say("bot.choice.help"))
