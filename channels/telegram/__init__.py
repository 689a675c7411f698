"""Telegram: the settings of the adapter and the link to the bot. The adapter itself, and the wire library with it, is in `channel`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """`token`: the bot's, from BotFather, a secret. With `webhook_url` Telegram calls us there, else we ask it (long polling).

    `webhook_secret`: 1 to 256 of A-Z a-z 0-9 _ -, sent by Telegram with each update; without one it is derived from the token.
    `poll_timeout`: how many seconds Telegram may keep a question open. `api_base`: another server, such as an own Bot API server.
    """

    token: str = field(repr=False)
    api_base: str = "https://api.telegram.org"
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    poll_timeout: int = 50


def deep_link(bot_username: str, code: str) -> str:
    """The link that opens the bot and gives it a code, 1 to 64 of A-Z a-z 0-9 _ -. The person has to press Start."""
    if not re.fullmatch("[A-Za-z0-9_-]{1,64}", code):
        raise ValueError("a deep link carries 1 to 64 letters, digits, underscores or hyphens")
    return f"https://t.me/{bot_username.removeprefix('@')}?start={code}"
