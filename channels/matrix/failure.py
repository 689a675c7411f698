"""What a homeserver's errors mean to a sender. No reason names a token, a person, a room, or a word of a message.

See https://spec.matrix.org/latest/client-server-api/#standard-error-response.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.messaging.channel import ChannelError, Rejected, TryLater, Unreachable

LIMITED = "M_LIMIT_EXCEEDED"
FORGOTTEN = ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN")
"""The session is none any more: somebody ended it, or the server was set up anew."""
LOGIN_REFUSED, OTHER_USER = "KOPROGO_LOGIN_REFUSED", "KOPROGO_OTHER_USER"
REFUSED = {
    LOGIN_REFUSED: "the homeserver refuses our name and password",
    OTHER_USER: "the access token is another user's",
}
"""Our own codes for what an operator has to mend; what is to be sent waits until then."""
_GONE = frozenset(
    {"M_FORBIDDEN", "M_NOT_FOUND", "M_USER_DEACTIVATED", "M_UNSUPPORTED_ROOM_VERSION", "M_INCOMPATIBLE_ROOM_VERSION"}
)
_BUSY = (408, 425, 502, 503, 504)
_CODE = re.compile("[A-Z][A-Z0-9_.]{0,60}")
LONGEST_WAIT = timedelta(hours=1)


class MatrixError(Exception):
    """The homeserver said no, or nothing. `status` 0: no answer. `after`: seconds that it wants us to wait, where it names them."""

    def __init__(self, status: int, code: str = "", after: float | None = None) -> None:
        super().__init__(f"{status} {code}".strip())
        self.status, self.code, self.after = status, code, after

    @property
    def limited(self) -> bool:
        return self.status == 429 or self.code == LIMITED


def refusal(status: int, headers: Mapping[str, str], content: bytes) -> MatrixError:
    """What an answer that is no 2xx says. A proxy's answer, which is no JSON of Matrix, has no code."""
    try:
        said: Any = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    said = said if isinstance(said, dict) else {}
    code = said.get("errcode")
    after = said.get("retry_after_ms")
    seconds = after / 1000 if isinstance(after, int) and not isinstance(after, bool) else None
    named = headers.get("Retry-After", "")
    if named.isascii() and named.isdigit() and len(named) < 9:
        seconds = float(named) if seconds is None else max(seconds, 0.0)
    return MatrixError(status, code if isinstance(code, str) and _CODE.fullmatch(code) else "", seconds)


def channel_error(error: MatrixError) -> ChannelError:
    """The error of the wire as one of ours."""
    match error:
        case _ if error.limited:
            return TryLater("too many requests", _wait(error.after))
        case MatrixError(status=0):
            return TryLater("the homeserver is away")
        case MatrixError(code=code) if code in FORGOTTEN:
            return TryLater("the homeserver knows our session no more", timedelta(minutes=5))
        case MatrixError(code=code) if code in REFUSED:
            return TryLater(REFUSED[code], timedelta(minutes=10))
        case MatrixError(code="M_TOO_LARGE") | MatrixError(status=413):
            return Rejected("too large")
        case MatrixError(code=code) if code in _GONE:
            return Unreachable(code)
        case MatrixError(status=status) if status in _BUSY or status >= 500:
            return TryLater(f"the homeserver answers {status}", _wait(error.after))
        case MatrixError(code=""):
            # Something between us and the homeserver: that says nothing about the person at the other end.
            return TryLater(f"something answers {error.status}, and it is no homeserver", timedelta(minutes=1))
    return Rejected(str(error))


def _wait(seconds: float | None) -> timedelta:
    return min(timedelta(seconds=max(0.1, min(seconds, 86_400.0) if seconds is not None else 30.0)), LONGEST_WAIT)
