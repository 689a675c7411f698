"""What the installation signs: reply addresses, and links to pages that act for the reader of one delivery."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

import jwt

from core.messaging.channel import Address

SEAL_BYTES = 10
"""Bytes of the seal behind a delivery's sixteen: 80 bits, and a wrong one is no more than a mail or a page unread."""
REPLY, CHOICE, UNSUBSCRIBE = "reply", "choice", "unsubscribe"


def secret_of(folder: Path, given: str | None) -> bytes:
    """The secret of this installation: as set, else made once and kept in the data folder, readable by nobody else."""
    if given:
        return sha256(given.encode()).digest()
    file = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return sha256(file.read_bytes()).digest()
    with os.fdopen(descriptor, "wb") as made:
        made.write(secrets.token_bytes(32))
    return sha256(file.read_bytes()).digest()


class Links:
    """The `Pages` of an installation. `base`: the address at which its readers reach it; None: at none, so there are no links."""

    def __init__(self, secret: bytes, base: str | None) -> None:
        self._secret, self._base = secret, base

    def choice(self, key: str, token: str) -> str | None:
        return f"{self._base}/c/{self._sealed(CHOICE, key)}/{token}" if self._base else None

    def unsubscribe(self, to: Address) -> str | None:
        if self._base is None:
            return None
        claims = {"aud": UNSUBSCRIBE, "channel": to.channel, "handle": to.handle}
        return f"{self._base}/u/{jwt.encode(claims, self._secret, algorithm='HS256')}"

    def reply(self, key: str) -> str:
        return self._sealed(REPLY, key)

    def replied(self, token: str) -> str | None:
        return self._opened(REPLY, token)

    def chosen(self, sealed: str) -> str | None:
        """The delivery key in a link to a choice; None where it was not made here."""
        return self._opened(CHOICE, sealed)

    def unsubscribed(self, token: str) -> Address | None:
        """The address in a link to unsubscribe; None where it was not made here."""
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], audience=UNSUBSCRIBE)
            return Address(str(claims["channel"]), str(claims["handle"]))
        except (jwt.InvalidTokenError, KeyError):
            return None

    def _sealed(self, purpose: str, key: str) -> str:
        name = bytes.fromhex(key)
        return base64.b32encode(name + self._seal(purpose, name)).decode().rstrip("=").lower()

    def _opened(self, purpose: str, token: str) -> str | None:
        try:
            whole = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        except (binascii.Error, ValueError):
            return None
        name, seal = whole[:16], whole[16:]
        return name.hex() if hmac.compare_digest(seal, self._seal(purpose, name)) else None

    def _seal(self, purpose: str, name: bytes) -> bytes:
        return hmac.new(self._secret, purpose.encode() + b"\0" + name, sha256).digest()[:SEAL_BYTES]
