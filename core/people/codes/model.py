"""How long a one-time code lasts, and how often one may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from core.kernel.errors import DomainError
from core.kernel.ids import ALPHABET
from core.messaging.channel import Address

INVITED_LASTS = timedelta(days=30)
"""A code in an invitation by letter or mail."""
ASKED_LASTS = timedelta(minutes=15)
"""A code that was asked for in a chat."""
SIGNS = 10
ANYWHERE = ""
"""Stands for the channel of a code that ties whichever it is written on first: one on paper, where somebody chooses at home."""
TRIES = 5
"""Wrong codes that one address may send before it has to wait, be it known or not, in whichever talk, language or process."""
REST = timedelta(minutes=15)
"""How long after the last wrong code the wrong ones are forgotten."""


class TooManyTries(DomainError):
    """No code of this address is looked at for a while, not even a good one."""


@dataclass(frozen=True, slots=True)
class Used:
    """A code that was good, and is used up. `new`: the address did not lead to him before; `elsewhere`: where else he has written from."""

    organisation: UUID
    person: UUID
    new: bool
    elsewhere: tuple[Address, ...]


def code_in(text: str) -> str | None:
    """The one-time code that a text is, however it was copied from paper."""
    code = "".join(text.split()).replace("-", "").upper()
    return code if len(code) == SIGNS and all(sign in ALPHABET for sign in code) else None


def surely(code: str) -> bool:
    """Whether it can be nothing but a code: some words have ten letters."""
    return any(sign.isdigit() for sign in code)
