"""What time it is: given to whoever needs it, so that a test or `--at` can say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
"""Where every building of this program stands."""

Clock = Callable[[], datetime]
"""Gives the present instant, timezone-aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


@lru_cache(1024)
def local_day(instant: datetime) -> date:
    """The day that it is at the building. (Remembered: one transaction asks for that of its one instant again and again.)"""
    return instant.astimezone(BRUSSELS).date()
