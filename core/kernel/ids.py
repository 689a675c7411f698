"""Identifiers and secrets, made here and never by the database."""

from __future__ import annotations

import secrets
from hashlib import sha256
from uuid import UUID, uuid4

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which people confuse when they copy a code from paper."""


def new_id() -> UUID:
    return uuid4()


def new_token(size: int = 12) -> str:
    """An opaque token for a choice or a link: `size` random bytes as URL-safe text. None begins as an option of a command does."""
    while (token := secrets.token_urlsafe(size)).startswith("-"):
        pass
    return token


def new_code() -> str:
    """A one-time code that a person can type: 10 signs, almost 50 bits, and with a digit, so that it is no word."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(10))
        if any(sign.isdigit() for sign in code):
            return code


def digest(secret: str) -> bytes:
    """What is stored of a random secret. SHA-256 is enough for a secret that nobody chose."""
    return sha256(secret.encode()).digest()
