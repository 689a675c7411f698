"""Quarters and years that follow a building's own start."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.periods import Period, financial_year, months_later, numbered_quarter, quarter

DAYS = st.dates(date(1990, 1, 1), date(2200, 12, 31))
STARTS = st.tuples(st.integers(1, 12), st.integers(1, 28))


@pytest.mark.parametrize(
    ("day", "start", "offset", "expected"),
    [
        ("2026-11-22", (1, 1), 0, "2026-10-01/2026-12-31"),
        ("2026-11-22", (1, 1), 1, "2027-01-01/2027-03-31"),
        ("2026-11-22", (1, 1), -3, "2026-01-01/2026-03-31"),
        ("2026-07-14", (7, 15), 0, "2026-04-15/2026-07-14"),
        ("2026-07-15", (7, 15), 0, "2026-07-15/2026-10-14"),
        ("2024-02-29", (2, 28), 0, "2024-02-28/2024-05-27"),
        ("2024-02-27", (2, 28), 0, "2023-11-28/2024-02-27"),
        ("2026-01-01", (12, 1), 0, "2025-12-01/2026-02-28"),
    ],
)
def test_the_quarter_around_a_day(day: str, start: tuple[int, int], offset: int, expected: str) -> None:
    assert str(quarter(date.fromisoformat(day), start, offset)) == expected


@given(DAYS, STARTS)
def test_quarters_leave_no_day_out_and_share_none(day: date, start: tuple[int, int]) -> None:
    this, following = quarter(day, start), quarter(day, start, 1)
    assert day in this
    assert following.first == this.last + timedelta(days=1)
    assert quarter(this.last, start) == quarter(this.first, start) == this
    assert quarter(day, start, 1).first == quarter(this.last + timedelta(days=1), start).first
    assert 89 <= this.days <= 93


@given(DAYS, STARTS)
def test_a_year_is_its_four_quarters(day: date, start: tuple[int, int]) -> None:
    year = financial_year(day, start)
    assert day in year
    assert (year.first.month, year.first.day) == start
    quarters = [numbered_quarter(number, year) for number in (1, 2, 3, 4)]
    assert quarters[0].first == year.first
    assert quarters[3].last == year.last
    assert sum(each.days for each in quarters) == year.days
    assert quarter(day, start) in quarters
    assert financial_year(day, start, 1).first == year.last + timedelta(days=1)


def test_there_is_no_fifth_quarter() -> None:
    for number in (0, 5):
        with pytest.raises(ValueError, match="1 to 4"):
            numbered_quarter(number, financial_year(date(2026, 1, 1)))


def test_months_cross_the_year() -> None:
    assert months_later(date(2026, 11, 28), 3) == date(2027, 2, 28)
    assert months_later(date(2026, 1, 5), -1) == date(2025, 12, 5)


@given(DAYS, DAYS)
def test_a_period_is_written_and_read(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    period = Period(first, last)
    assert Period.parse(str(period)) == period
    assert first in period
    assert last in period
    assert last + timedelta(days=1) not in period
    assert period.days == (last - first).days + 1


@pytest.mark.parametrize("text", ["", "2026-10-01", "2026-10-01/", "2026-13-01/2026-12-31", "2026-12-31/2026-10-01"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Period.parse(text)
