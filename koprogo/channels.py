"""Which channels there are, and which are configured. A tuple, no scanning; what is not configured is not imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.understanding import COMMANDS
from core.database import Database
from core.inbox.service import StoredMemory
from core.kernel.i18n import Catalogues
from core.kernel.text import say
from core.messaging.channel import Channel, Receive
from koprogo.settings import Settings

MENU = (
    *("charges.owed", "charges.explain", "charges.pay", "charges.paid", "charges.expenses", "charges.funds"),
    *("settings.language", "human", "help"),
)
"""What a channel with a menu of commands shows in it."""


def configured(
    settings: Settings, database: Database, catalogues: Catalogues, receive: Callable[[str], Receive]
) -> Mapping[str, Channel]:
    """The channels of this installation, by name. `receive` gives each what it calls with an inbound."""
    channels: dict[str, Channel] = {}
    if settings.telegram_token:
        from channels.telegram import TelegramSettings
        from channels.telegram.channel import Telegram

        account = settings.telegram_token.partition(":")[0]
        channels["telegram"] = Telegram(
            TelegramSettings(
                settings.telegram_token,
                settings.telegram_api,
                settings.telegram_webhook_url,
                settings.telegram_webhook_secret,
            ),
            receive("telegram"),
            StoredMemory(database, "telegram", account),
            menus(catalogues),
        )
    return channels


def menus(catalogues: Catalogues) -> dict[str, list[tuple[str, str]]]:
    """The menu of commands in each language, and in English under the empty name for any other."""
    by_language = {
        language: [
            (COMMANDS[intent][language], words(say(f"help.offer.{intent}"))) for intent in MENU if intent != "help"
        ]
        + [(COMMANDS["help"][language], words(say("bot.choice.help")))]
        for language, words in catalogues.items()
    }
    return {"": by_language["en"], **by_language}
