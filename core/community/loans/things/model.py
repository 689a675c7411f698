"""A thing that somebody lends, and what may be asked of whoever borrows it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from core.kernel.errors import DomainError
from core.kernel.periods import Period

LONGEST, USUAL = 90, 7
"""Days of the longest loan that a thing can be put up for, and of one where nothing was said."""
AHEAD = timedelta(days=365)
"""Nobody books a ladder for the year after next."""
MOST_DEPOSIT = 1_200
"""Minutes; nobody puts more than twenty hours at stake for a thing."""
WISH_LASTS = timedelta(days=90)
"""For so long somebody is told when what he looks for is put up."""


@dataclass(frozen=True, slots=True)
class Thing:
    """`photo`: the SHA-256 (hex) of a picture on the shelf. `deposit`: minutes of SEL, 0: none. `longest`: days of a loan."""

    thing_id: UUID
    building: UUID
    owner: UUID
    name: str
    condition: str = ""
    photo: str | None = None
    deposit: int = 0
    longest: int = USUAL
    withdrawn: bool = False

    def owned_by(self, person: UUID) -> Thing:
        """Itself, for whoever may change it. DomainError for anybody else."""
        if person != self.owner:
            raise DomainError("loans.not_yours")
        return self

    def offered(self) -> Thing:
        """Itself, as long as it is put up. DomainError once it was withdrawn."""
        if self.withdrawn:
            raise DomainError("loans.not_offered", thing=self.name)
        return self

    def lent_for(self, days: int) -> Thing:
        if not 1 <= days <= LONGEST:
            raise DomainError("loans.longest_wrong", most=LONGEST)
        return replace(self, longest=days)

    def asking(self, minutes: int) -> Thing:
        if not 0 <= minutes <= MOST_DEPOSIT:
            raise DomainError("loans.deposit_wrong", most=MOST_DEPOSIT // 60)
        return replace(self, deposit=minutes)

    def allows(self, days: Period, today: date) -> None:
        """DomainError where nobody can borrow it on these days, whoever asks."""
        self.offered()
        if days.first < today:
            raise DomainError("loans.past")
        if days.last > today + AHEAD:
            raise DomainError("loans.far")
        if days.days > self.longest:
            raise DomainError("loans.too_long", thing=self.name, count=self.longest)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody looks for a thing that nobody lends yet: he is told once it is put up."""

    wish_id: UUID
    building: UUID
    person: UUID
    words: str
    at: datetime
