"""What the office signs and reads back later: the short-lived sign-in, forms that wait, a sentence for the next page."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

import jwt

from core.kernel.clock import Clock
from core.people.accounts.proofs import Keys

ALGORITHM = "HS256"
REMEMBERED, SHORT = 256, 1000
"""How many seals' signatures are checked only once, of at most so many signs: the same sign-in comes with every page."""


def _claims(token: str, key: bytes, purpose: str) -> Mapping[str, Any] | None:
    """What was signed with that key for that purpose, however long ago."""
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=purpose,
            options={"verify_exp": False, "require": ["exp", "aud"]},
        )
    except jwt.InvalidTokenError:
        return None


_remembered = lru_cache(maxsize=REMEMBERED)(_claims)


@dataclass(frozen=True, slots=True)
class Seals:
    """Signs claims for one purpose (JWT, RFC 7519): what was signed for one opens no other."""

    keys: Keys
    clock: Clock

    def seal(self, purpose: str, lasts: timedelta, **claims: Any) -> str:
        until = self.clock() + lasts
        return jwt.encode(
            {**claims, "aud": purpose, "exp": int(until.timestamp())}, self.keys.of(purpose), algorithm=ALGORITHM
        )

    def open(self, purpose: str, token: str, *, expired: bool = False) -> Mapping[str, Any] | None:
        """The claims; None where they were not signed here for this, or are too old, unless `expired` ones are wanted too."""
        read = _remembered if len(token) <= SHORT else _claims
        claims = read(token, self.keys.of(purpose), purpose) if token else None
        return dict(claims) if claims and (expired or claims["exp"] > self.clock().timestamp()) else None

    def form_token(self, bound_to: str) -> str:
        """What a form must carry, so that no other site can send it: bound to the session, or to the browser before there is one."""
        made = hmac.new(self.keys.of("form"), bound_to.encode(), sha256).digest()
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    def is_form_token(self, given: str, bound_to: str) -> bool:
        return hmac.compare_digest(given.encode(), self.form_token(bound_to).encode())
