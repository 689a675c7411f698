"""How fast a token may ask: so many requests at once, then so many a second. Counted in the memory of each process."""

from __future__ import annotations

import time
from collections.abc import Callable

AT_ONCE, PER_SECOND = 300, 10.0
MOST_REMEMBERED = 10_000
"""Whoever asked longest ago is forgotten first: by then he may ask again anyway, or has never had a good token."""


class Pace:
    """A bucket for each token: full at first, a request takes one out, and it fills again with time."""

    def __init__(
        self, at_once: int = AT_ONCE, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once, self._per_second, self._clock = at_once, per_second, clock
        self._left: dict[bytes, tuple[float, float]] = {}

    def wait(self, who: bytes) -> float:
        """0 where a request is let through; else the seconds after which the next one is."""
        now = self._clock()
        left, since = self._left.pop(who, (float(self._at_once), now))
        left = min(float(self._at_once), left + (now - since) * self._per_second)
        admitted = left >= 1
        self._left[who] = (left - admitted, now)
        if len(self._left) > MOST_REMEMBERED:
            del self._left[next(iter(self._left))]
        return 0.0 if admitted else (1 - left) / self._per_second
