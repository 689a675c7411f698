"""Periods of whole days, and quarters that follow a building's financial year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

CALENDAR_YEAR = (1, 1)
"""The month and day on which a year starts where no building says otherwise."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From `first` to `last`, both days included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends on its first day or later")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @classmethod
    def parse(cls, text: str) -> Period:
        """Reads `2026-10-01/2026-12-31`. ValueError where it is none."""
        first, slash, last = text.partition("/")
        if not slash:
            raise ValueError(f"{text!r} is no period")
        return cls(date.fromisoformat(first), date.fromisoformat(last))


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later; `day.day` is at most 28."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, day.day)


def financial_year(day: date, start: tuple[int, int] = CALENDAR_YEAR, offset: int = 0) -> Period:
    """The financial year around `day`, or so many years later; `start` is (month, day of at most 28)."""
    first = date(day.year, *start)
    if first > day:
        first = date(day.year - 1, *start)
    first = date(first.year + offset, *start)
    return Period(first, months_later(first, 12) - timedelta(days=1))


@lru_cache(maxsize=512)
def quarter(day: date, start: tuple[int, int] = CALENDAR_YEAR, offset: int = 0) -> Period:
    """The quarter of the financial year around `day`, or so many quarters later."""
    year = financial_year(day, start)
    first = next(begin for begin in (months_later(year.first, months) for months in (9, 6, 3, 0)) if begin <= day)
    first = months_later(first, 3 * offset)
    return Period(first, months_later(first, 3) - timedelta(days=1))


def numbered_quarter(number: int, year: Period) -> Period:
    """Quarter 1 to 4 of a financial year."""
    if not 1 <= number <= 4:
        raise ValueError("quarters are numbered 1 to 4")
    first = months_later(year.first, 3 * (number - 1))
    return Period(first, months_later(first, 3) - timedelta(days=1))
