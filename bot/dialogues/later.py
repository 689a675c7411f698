"""What is understood but not built yet: said honestly, and a person offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.turn import Step, Turn
from core.kernel.text import say
from core.messaging.card import Card, Choice
from core.messaging.intent import INTENTS, Intent


class Later:
    name = "later"
    version = 1
    module = ""
    offers = ()

    def __init__(self, built: tuple[str, ...]) -> None:
        self.intents = tuple(intent for intent in INTENTS if intent not in built and intent != "none")

    async def start(self, turn: Turn, intent: Intent) -> Step:
        family = intent.name.partition(".")[0]
        what = intent.name if intent.name == "charges.statement" else family
        return Step(
            (
                Card(
                    say(f"later.{what}"),
                    (say("later.body"),),
                    choices=(
                        Choice(Intent("human"), say("bot.choice.human")),
                        Choice(Intent("help"), say("bot.choice.help")),
                    ),
                ),
            )
        )

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        return await self.start(turn, Intent("help"))
