"""A token of an accounting tool: what it may do, and for how long. Its secret is shown once and kept as a hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.kernel.errors import DomainError

BUILDINGS_READ, PEOPLE_READ, ACCOUNTS_READ, DELIVERIES_READ = (
    "buildings:read",
    "people:read",
    "accounts:read",
    "deliveries:read",
)
EXPENSES_WRITE, PAYMENTS_WRITE = "expenses:write", "payments:write"
SCOPES = (BUILDINGS_READ, PEOPLE_READ, ACCOUNTS_READ, DELIVERIES_READ, EXPENSES_WRITE, PAYMENTS_WRITE)
"""All that a token can be good for. None of them contains another."""

PREFIX = "kpg_"
"""By which a token is known for what it is, where one has strayed."""
SECRET_BYTES = 32
LASTS, LONGEST = timedelta(days=365), timedelta(days=3650)
LONGEST_NAME = 100
FRESH = timedelta(minutes=1)
"""So exactly the last use of a token is known: to write it down each time would make every reading a writing."""
ANSWERS_LAST = timedelta(hours=24)
"""For so long the same request with the same key gets the same answer, and is not done again."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its organisation sees it."""

    token_id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires: datetime
    last_used: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who asks: a token that is good now. `idle`: its last use is not known exactly enough any more."""

    token_id: UUID
    organisation: UUID
    scopes: frozenset[str]
    idle: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What a request was answered: `request` is the SHA-256 of all that it asked for."""

    request: bytes
    status: int
    answer: str


class InProgress(Exception):
    """A request with the same key is being done at this moment."""


class OtherRequest(Exception):
    """The key was used before, for a request that asked for something else."""


def chosen_scopes(named: Sequence[str]) -> tuple[str, ...]:
    """The scopes of these names, in the order of `SCOPES`. DomainError where one is not known, or none is named."""
    strange = next((name for name in named if name not in SCOPES), "" if not named else None)
    if strange is not None:
        raise DomainError("api_tokens.unknown_scope", found=strange[:40], known=", ".join(SCOPES))
    return tuple(scope for scope in SCOPES if scope in named)
