"""What time it is: given to whoever needs it, so that a test or `--at` can say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, timezone-aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)
