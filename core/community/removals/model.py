"""Something that is taken down, and why; and what its author says against it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.community.posts.insults import insulting
from core.community.posts.model import text_of
from core.kernel.errors import DomainError

LONGEST_REASON = 500
"""Signs of a reason, and of what is said against it."""


@dataclass(frozen=True, slots=True)
class Removal:
    """`kind` and `subject` as posts know it (`gift`, `object`), `name` what it was called, `author` whose it was, `reason` what he reads."""

    kind: str
    subject: UUID
    building: UUID
    author: UUID
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a choice about a removal carries. `by`: the account of whoever removed it, where it was one.

    Whose it was and in which building is not in it: that is looked up anew each time.
    """

    kind: str
    subject: UUID
    name: str
    reason: str
    by: UUID | None

    @property
    def slots(self) -> dict[str, Any]:
        by = str(self.by) if self.by else None
        return {
            "removal": self.kind,
            "subject": str(self.subject),
            "name": self.name,
            "reason": self.reason,
            "by": by,
        }


def told_of(slots: Mapping[str, Any]) -> Told:
    """What the slots of such a choice say."""
    by = UUID(slots["by"]) if slots.get("by") else None
    return Told(str(slots["removal"]), UUID(str(slots["subject"])), str(slots["name"]), str(slots["reason"]), by)


def reason_of(said: str) -> str:
    """A reason that can be told. DomainError where nothing is said, far too much, or what nobody should read."""
    return _decent(said, "removals.no_reason")


def objection_of(said: str) -> str:
    """What an author says against it. DomainError as for a reason."""
    return _decent(said, "removals.no_words")


def _decent(said: str, nothing: str) -> str:
    text = text_of(said)
    if not any(sign.isalnum() for sign in text):
        raise DomainError(nothing)
    if len(text) > LONGEST_REASON:
        raise DomainError("community.long_text", count=LONGEST_REASON)
    if insulting(text):
        raise DomainError("community.insulting")
    return text


def gone() -> DomainError:
    """It is up no more: taken down, agreed on, or over."""
    return DomainError("removals.gone")
