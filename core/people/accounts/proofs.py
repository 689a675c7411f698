"""What proves who signs in: passwords (Argon2id), codes of an authenticator (RFC 6238), recovery codes."""

from __future__ import annotations

import asyncio
import base64
import hmac
import unicodedata
from hashlib import sha256
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PARALLEL = 2
"""Checks of passwords at once: each takes a core for some hundredths of a second, and `MEMORY`."""
ROUNDS, MEMORY = 3, 19_456
"""Argon2id with 19 MiB (here in KiB): one round more than OWASP's password storage cheat sheet asks for at that size, on one core."""
STEP = 30
"""Seconds that a code of an authenticator stands."""
ISSUER = "KoproGo"


class Passwords:
    """Argon2id off the event loop, a few at a time. An unknown account costs the same work as a wrong password."""

    def __init__(self, hasher: PasswordHasher | None = None, parallel: int = PARALLEL) -> None:
        self.hasher = hasher or PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY, parallelism=1)
        self._places = asyncio.Semaphore(parallel)
        self._nobody: str | None = None
        self.checked = 0
        """How many passwords were compared, for those who watch."""

    async def hash(self, password: str) -> str:
        async with self._places:
            return await asyncio.to_thread(self.hasher.hash, _normal(password))

    async def check(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; `stored` None is nobody's, and never is."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody's password, which is never right")
        async with self._places:
            self.checked += 1
            right = await asyncio.to_thread(self._verify, stored or self._nobody, _normal(password))
        return right and stored is not None

    def is_old(self, stored: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self.hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self.hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """The same signs whichever keyboard wrote them."""
    return unicodedata.normalize("NFKC", password)


class Keys:
    """What follows from the installation's secret, one key for each purpose, so that none can stand in for another.

    The secret is not in the database: whoever has only that can make no code of an authenticator and test no recovery code.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, purpose: str) -> bytes:
        return hmac.new(self._secret, f"koprogo/office/{purpose}".encode(), sha256).digest()

    def digest(self, purpose: str, text: str) -> bytes:
        """What is stored of a secret that is short enough to be tried out."""
        return hmac.new(self.of(purpose), text.encode(), sha256).digest()

    def authenticator(self, account: UUID, nonce: bytes) -> str:
        """The secret of an authenticator as base32. Only its nonce is stored: the secret is made anew from it each time."""
        whole = hmac.new(self.of("authenticator"), account.bytes + nonce, sha256).digest()
        return base64.b32encode(whole[:20]).decode()


def authenticator_link(secret: str, email: str) -> str:
    """What an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def code_step(secret: str, code: str, at: float) -> int | None:
    """The time step in which a code is right: now's, the one before or the one after (RFC 6238, 5.2). None where it is wrong.

    `at`: seconds since 1970. A step that was used once is refused by the caller (RFC 6238, 5.2: one time).
    """
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    maker = pyotp.TOTP(secret, interval=STEP)
    now = int(at) // STEP
    return next(
        (step for step in (now, now - 1, now + 1) if hmac.compare_digest(maker.generate_otp(step), digits)), None
    )
