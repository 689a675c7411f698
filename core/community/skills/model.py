"""What somebody can do, and somebody who asks him for it. Pure.

asked --> agreed (both learn how to find one another) | declined | lapsed (no answer within a week)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.kernel.errors import DomainError

ANSWERS_WITHIN = timedelta(days=7)
"""Whoever is asked has so long; then whoever asked is told that no answer came."""
NOT_AGAIN = timedelta(days=7)
"""Who was told `not now`, or nothing, asks the same neighbour again after so long."""


class Pay(StrEnum):
    """What somebody says of it: a neighbour's help, his paid trade, or nothing."""

    UNSAID = ""
    FREE = "free"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Skill:
    """`name`: what he can do, in his words. `consent`: the sentence that he agreed to, as he read it."""

    skill_id: UUID
    building: UUID
    person: UUID
    name: str
    pay: Pay
    consent: str
    listed_at: datetime
    withdrawn: bool = False

    def listed(self) -> Skill:
        """Itself, as long as he wants to be found. DomainError else."""
        if self.withdrawn:
            raise DomainError("skills.not_listed")
        return self

    def of(self, person: UUID) -> Skill:
        """Itself, for whose it is. DomainError for anybody else."""
        if person != self.person:
            raise DomainError("skills.not_yours")
        return self


class State(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Ask:
    """`asker` asks whoever has a skill for help. `words`: what he was looking for, in his words."""

    ask_id: UUID
    skill: UUID
    asker: UUID
    words: str
    at: datetime
    state: State = State.ASKED
    answered_at: datetime | None = None

    def agreed(self, now: datetime) -> Ask:
        """He may write: said twice, it is so once; said after a `not now` or a long silence, it is so still."""
        return self if self.state is State.AGREED else replace(self, state=State.AGREED, answered_at=now)

    def declined(self, now: datetime) -> Ask:
        if self.state is State.AGREED:
            raise DomainError("skills.agreed_already")
        return self if self.state is State.DECLINED else replace(self, state=State.DECLINED, answered_at=now)

    def lapsed(self, now: datetime) -> Ask:
        if self.state is not State.ASKED or now < self.at + ANSWERS_WITHIN:
            raise DomainError("skills.not_yet")
        return replace(self, state=State.LAPSED, answered_at=now)

    def closed(self, now: datetime) -> Ask:
        """One of them is gone, or wants to be found no more: nobody waits for an answer."""
        return replace(self, state=State.LAPSED, answered_at=now) if self.state is State.ASKED else self

    def bars(self, now: datetime) -> bool:
        """Whether the same one may not ask the same neighbour again yet."""
        if self.state is State.ASKED:
            return True
        refused = self.state in (State.DECLINED, State.LAPSED)
        return refused and self.answered_at is not None and now < self.answered_at + NOT_AGAIN
