"""What is known of a note by whoever decides on it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.community.notices.model import Notice, State, words_of
from core.kernel.errors import DomainError

REASONS = ("insult", "advertising", "wrong", "old")
"""What is offered as a reason; whoever has another one writes it."""
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """Why a neighbour thinks that a note should not stand there: one of the reasons, or his own `words`. Who it was is told to nobody.

    `settled`: the council has decided on it.
    """

    because: str
    words: str
    at: datetime
    settled: bool = False

    def __post_init__(self) -> None:
        if self.because not in (*REASONS, OTHER):
            raise DomainError("notices.no_words")


@dataclass(frozen=True, slots=True)
class Case:
    """A note, what its author is called, and how many reports on it wait for a decision."""

    notice: Notice
    name: str
    reports: int

    @property
    def waits(self) -> bool:
        """Whether somebody has to decide: neighbours reported it, or its author objects to a decision."""
        return bool(self.reports) or self.notice.objects or self.notice.state is State.HIDDEN


@dataclass(frozen=True, slots=True)
class Undecided:
    """How many notes of a building wait for a decision: `objected`: their authors object to one; `hidden`: nobody reads them until then;
    `reported`: they hang all the same. Each is counted once, where it is most serious."""

    building: UUID
    objected: int
    hidden: int
    reported: int


def reported(because: str, words: str, at: datetime) -> Report:
    """A report for a reason that is offered, or in one's own words. DomainError without either."""
    return Report(because, "", at) if because else Report(OTHER, words_of(words), at)
