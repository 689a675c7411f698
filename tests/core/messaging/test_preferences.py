"""Quiet hours, digests and holidays on the clock of Brussels, also on the nights on which it changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.kernel.clock import BRUSSELS
from core.messaging.preferences import BY_DEFAULT, QUIET_HOURS, Preferences, QuietHours, Rhythm, from_json, to_json

EVENING, NAP, ALL_DAY, NONE = (
    QuietHours(time(21), time(8)),
    QuietHours(time(13), time(14, 30)),
    QuietHours(time(8), time(7, 59)),
    QuietHours(time(8), time(8)),
)
LATE = QuietHours(time(22), time(2, 30))
"""They end in the hour that is skipped in March and shown twice in October."""


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
hours = st.builds(QuietHours, clocks, clocks)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
around_the_changes = st.one_of(
    st.datetimes(datetime(2026, 3, 28, 12), datetime(2026, 3, 30), timezones=st.just(UTC)),
    st.datetimes(datetime(2026, 10, 24, 12), datetime(2026, 10, 26), timezones=st.just(UTC)),
)


def test_nobody_who_said_nothing_is_told_anything_at_night() -> None:
    assert BY_DEFAULT.quiet == QUIET_HOURS == EVENING


@pytest.mark.parametrize(
    ("quiet", "instant", "over"),
    [
        # over midnight
        (EVENING, local("2026-11-22 20:59:59"), None),
        (EVENING, local("2026-11-22 21:00"), local("2026-11-23 08:00")),
        (EVENING, local("2026-11-22 23:59"), local("2026-11-23 08:00")),
        (EVENING, local("2026-11-23 00:00"), local("2026-11-23 08:00")),
        (EVENING, local("2026-11-23 07:59"), local("2026-11-23 08:00")),
        (EVENING, local("2026-11-23 08:00"), None),
        (EVENING, local("2026-12-31 22:00"), local("2027-01-01 08:00")),
        # within a day
        (NAP, local("2026-11-22 12:59"), None),
        (NAP, local("2026-11-22 13:00"), local("2026-11-22 14:30")),
        (NAP, local("2026-11-22 14:30"), None),
        (NAP, local("2026-11-22 02:00"), None),
        (ALL_DAY, local("2026-11-22 08:00"), local("2026-11-23 07:59")),
        (ALL_DAY, local("2026-11-22 07:59"), None),
        (NONE, local("2026-11-22 08:00"), None),
        # the night in March: 8 o'clock is an hour earlier for the rest of the world
        (EVENING, local("2026-03-28 21:00"), utc("2026-03-29 06:00")),
        (EVENING, local("2026-03-29 21:00"), utc("2026-03-30 06:00")),
        # their end is skipped: over when the clock jumps to three
        (LATE, local("2026-03-28 23:00"), utc("2026-03-29 01:00")),
        (LATE, utc("2026-03-29 00:59"), utc("2026-03-29 01:00")),
        (LATE, utc("2026-03-29 01:00"), None),
        # the night in October: 8 o'clock is an hour later
        (EVENING, local("2026-10-24 21:00"), utc("2026-10-25 07:00")),
        # their end is shown twice
        (LATE, local("2026-10-25 02:10"), utc("2026-10-25 00:30")),
        (LATE, local("2026-10-25 02:30"), None),
        (LATE, local("2026-10-25 02:10", fold=1), utc("2026-10-25 01:30")),
        (LATE, local("2026-10-25 02:30", fold=1), None),
    ],
)
def test_when_quiet_hours_are_over(quiet: QuietHours, instant: datetime, over: datetime | None) -> None:
    assert (instant in quiet) is (over is not None)
    assert quiet.until(instant) == (over or instant)


@given(hours, st.one_of(instants, around_the_changes))
@example(QuietHours(time(3), time(2, 30)), utc("2026-03-29 00:30"))
@example(QuietHours(time(2, 45), time(2, 15)), local("2026-10-25 02:50"))
def test_after_quiet_hours_it_is_not_quiet(quiet: QuietHours, instant: datetime) -> None:
    over = quiet.until(instant)
    assert over >= instant
    assert over not in quiet
    assert quiet.until(over) == over
    assert (over == instant) is (instant not in quiet)
    # An end that is skipped, just before quiet hours begin anew, makes two nights of one.
    assert over - instant <= timedelta(hours=49)


@given(hours, st.one_of(instants, around_the_changes))
def test_nobody_waits_longer_than_his_quiet_hours(quiet: QuietHours, instant: datetime) -> None:
    """Until they are over it is quiet, but for an hour that is shown twice."""
    over, at = quiet.until(instant), instant
    while at < over:
        repeated = (
            at.astimezone(BRUSSELS).replace(fold=0).utcoffset() != at.astimezone(BRUSSELS).replace(fold=1).utcoffset()
        )
        assert at in quiet or repeated
        at += timedelta(minutes=7)


@pytest.mark.parametrize(
    ("rhythm", "instant", "leaves"),
    [
        (Rhythm.DAILY, "2026-11-22 08:59", "2026-11-22 09:00"),
        (Rhythm.DAILY, "2026-11-22 09:00", "2026-11-23 09:00"),
        (Rhythm.DAILY, "2026-11-22 23:30", "2026-11-23 09:00"),
        (Rhythm.DAILY, "2026-11-23 00:30", "2026-11-23 09:00"),
        (Rhythm.DAILY, "2026-12-31 12:00", "2027-01-01 09:00"),
        (Rhythm.DAILY, "2026-03-28 12:00", "2026-03-29 09:00"),
        (Rhythm.DAILY, "2026-10-24 12:00", "2026-10-25 09:00"),
        # 22 November 2026 is a Sunday
        (Rhythm.WEEKLY, "2026-11-22 10:00", "2026-11-23 09:00"),
        (Rhythm.WEEKLY, "2026-11-23 08:59", "2026-11-23 09:00"),
        (Rhythm.WEEKLY, "2026-11-23 09:00", "2026-11-30 09:00"),
        (Rhythm.WEEKLY, "2026-11-24 00:00", "2026-11-30 09:00"),
        (Rhythm.WEEKLY, "2026-03-28 12:00", "2026-03-30 09:00"),
    ],
)
def test_when_the_next_digest_leaves(rhythm: Rhythm, instant: str, leaves: str) -> None:
    assert Preferences(rhythm=rhythm).next_digest(local(instant)) == local(leaves)


@given(st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY]), st.one_of(instants, around_the_changes))
def test_a_digest_is_never_far(rhythm: Rhythm, instant: datetime) -> None:
    leaves = Preferences(rhythm=rhythm).next_digest(instant)
    assert instant < leaves <= instant + timedelta(days=7 if rhythm is Rhythm.WEEKLY else 1, hours=1)
    assert leaves.astimezone(BRUSSELS).time() == time(9)
    assert rhythm is Rhythm.DAILY or leaves.astimezone(BRUSSELS).weekday() == 0


@pytest.mark.parametrize(
    ("away", "instant", "back"),
    [
        (None, "2026-08-01 12:00", "2026-08-01 12:00"),
        (date(2026, 8, 5), "2026-08-01 12:00", "2026-08-06 00:00"),
        (date(2026, 8, 5), "2026-08-05 23:59", "2026-08-06 00:00"),
        (date(2026, 8, 5), "2026-08-06 00:00", "2026-08-06 00:00"),
        (date(2026, 8, 5), "2026-08-07 12:00", "2026-08-07 12:00"),
        (date(2026, 3, 28), "2026-03-27 12:00", "2026-03-29 00:00"),
        (date(2026, 10, 24), "2026-10-20 12:00", "2026-10-25 00:00"),
    ],
)
def test_when_a_holiday_is_over(away: date | None, instant: str, back: str) -> None:
    assert Preferences(away=away).back(local(instant)) == local(back)


@pytest.mark.parametrize(
    ("only", "kind", "may"),
    [
        ({}, "loan", {"email", "telegram", "matrix"}),
        ({"": {"email"}}, "loan", {"email"}),
        ({"": {"email"}, "loan": {"telegram", "matrix"}}, "loan", {"telegram", "matrix"}),
        ({"": {"email"}, "loan": {"telegram"}}, "vote", {"email"}),
        ({"loan": {"telegram"}}, "vote", {"email", "telegram", "matrix"}),
        ({"": set()}, "vote", set()),
    ],
)
def test_which_channels_may_bring_a_kind(only: dict[str, set[str]], kind: str, may: set[str]) -> None:
    wishes = Preferences(only={name: frozenset(channels) for name, channels in only.items()})
    assert {name for name in ("email", "telegram", "matrix") if wishes.may_bring(name, kind)} == may


channels = st.frozensets(st.sampled_from(["email", "telegram", "matrix"]))
wishes = st.builds(
    Preferences,
    quiet=hours,
    off=st.frozensets(st.sampled_from(["loan", "vote"])),
    only=st.dictionaries(st.sampled_from(["", "loan"]), channels),
    rhythm=st.sampled_from(Rhythm),
    away=st.none() | st.dates(),
    stopped=st.booleans(),
)


@given(wishes)
def test_a_row_keeps_them_whole(kept: Preferences) -> None:
    assert from_json(to_json(kept)) == kept
