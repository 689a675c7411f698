"""In which language somebody wants to be spoken to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.turn import Step, Turn
from core.kernel.i18n import LANGUAGES
from core.kernel.text import say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent
from core.people import service


class Settings:
    name = "settings"
    version = 1
    module = ""
    intents = ("settings.language",)
    offers = (("settings.language", say("help.offer.settings.language")),)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        language = intent.slots.get("language")
        if language in LANGUAGES:
            await service.speak(turn.uow, turn.person, language)
            turn.language = language
            return Step(
                (Card(say("settings.language.changed"), choices=(Choice(Intent("help"), say("bot.choice.help")),)),)
            )
        key = "settings.language.unknown" if language else "settings.language.which"
        return Step((Card(say(key), choices=language_choices()),))

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        return await self.start(turn, Intent("settings.language"))


def language_choices() -> tuple[Choice[Any], ...]:
    """The four languages, each by its own name."""
    return tuple(
        Choice(Intent("settings.language", {"language": language}), say(f"language.{language}"))
        for language in LANGUAGES
    )
