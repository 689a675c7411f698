"""What is said of the rights that a token can have."""

from __future__ import annotations

from core.kernel.text import Text, say
from core.people.api_tokens.model import (
    ACCOUNTS_READ,
    BUILDINGS_READ,
    DELIVERIES_READ,
    EXPENSES_WRITE,
    PAYMENTS_WRITE,
    PEOPLE_READ,
)

SCOPES_SAID = {
    BUILDINGS_READ: say("api_tokens.scope.buildings_read"),
    PEOPLE_READ: say("api_tokens.scope.people_read"),
    ACCOUNTS_READ: say("api_tokens.scope.accounts_read"),
    DELIVERIES_READ: say("api_tokens.scope.deliveries_read"),
    EXPENSES_WRITE: say("api_tokens.scope.expenses_write"),
    PAYMENTS_WRITE: say("api_tokens.scope.payments_write"),
}


def scope(name: str) -> Text:
    """What a right opens."""
    return SCOPES_SAID[name]
