"""What Telegram's errors mean to a sender. No reason names a token, an address of the wire, or a word of a message."""

from __future__ import annotations

import re
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from core.messaging.channel import ChannelError, Rejected, TryLater, Unreachable

GONE = ("chat not found", "user is deactivated", "user not found", "peer_id_invalid", "chat was deactivated")
"""Bad requests that mean that there is nobody at that address (any more)."""
_FOREIGN = "Parsing the server response"
"""In the library's words for an error whose body is no JSON: a proxy's, which says nothing about the person at the other end."""


def channel_error(error: TelegramError) -> ChannelError:
    """The error of the wire as one of ours. Raise it `from None`: the text of the original may carry the token."""
    match error:
        case _ if _FOREIGN in error.message:
            return TryLater("something between us and Telegram answered")
        case RetryAfter():
            after = error.retry_after
            return TryLater("too many requests", after if isinstance(after, timedelta) else timedelta(seconds=after))
        case Forbidden():
            return Unreachable(_said(error))
        case ChatMigrated():
            return Unreachable("the group goes on as another chat")
        case InvalidToken():
            return Rejected("the token, or the address of the API, is refused")
        case Conflict():
            return TryLater("another program listens with this token")
        case BadRequest():
            said = _said(error)
            return Unreachable(said) if any(words in said.lower() for words in GONE) else Rejected(said)
        case TimedOut():
            return TryLater("no answer in time")
        case NetworkError() if "Entity Too Large" in error.message:
            return Rejected("too large")
        case NetworkError():
            return TryLater("the network or the server failed")
    return TryLater("an answer that makes no sense")


def _said(error: TelegramError) -> str:
    """Telegram's own words without what it quotes of ours."""
    return re.sub('"[^"]*"?', '"…"', error.message)[:200]
