"""Something that is taken down, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.community.posts.insults import insulting
from core.community.posts.model import text_of
from core.kernel.errors import DomainError

LONGEST_REASON = 500
"""Signs."""


@dataclass(frozen=True, slots=True)
class Removal:
    """`kind` and `subject` as posts know it (`gift`, `object`), `name` what it was called, `author` whose it was, `reason` what he reads."""

    kind: str
    subject: UUID
    building: UUID
    author: UUID
    name: str
    reason: str


def reason_of(said: str) -> str:
    """A reason that can be told. DomainError where nothing is said, far too much, or what nobody should read."""
    reason = text_of(said)
    if not any(sign.isalnum() for sign in reason):
        raise DomainError("removals.no_reason")
    if len(reason) > LONGEST_REASON:
        raise DomainError("community.long_text", count=LONGEST_REASON)
    if insulting(reason):
        raise DomainError("community.insulting")
    return reason


def gone() -> DomainError:
    """It is up no more: taken down, agreed on, or over."""
    return DomainError("removals.gone")
