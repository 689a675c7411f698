"""What a person wants to be told, where and when. Pure; the same on every channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any

from core.kernel.clock import BRUSSELS


class Rhythm(Enum):
    """How often what can wait is told."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begin` to `end` on the clock of the building, over midnight where `end` is the earlier one; equal: none."""

    begin: time
    end: time

    def __contains__(self, instant: datetime) -> bool:
        """Whether a clock in the building shows one of these hours."""
        clock = instant.astimezone(BRUSSELS).time()
        if self.begin <= self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def until(self, instant: datetime) -> datetime:
        """When these hours are over, seen from an instant in them; the instant itself outside of them.

        On the night of a change of the clock they end when the wall clock shows their end, or has skipped it.
        """
        if instant not in self:
            return instant
        local = instant.astimezone(BRUSSELS)
        day = local.date() if local.time() < self.end else local.date() + timedelta(days=1)
        # The hour that is shown twice is the one in which we are.
        over = datetime.combine(day, self.end, BRUSSELS).replace(fold=local.fold).astimezone(UTC)
        if over.astimezone(BRUSSELS).time() != self.end:
            # The clock skips the end: it jumps on the full hour.
            over = datetime.combine(day, self.end, BRUSSELS).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return self.until(over)


QUIET_HOURS = QuietHours(time(21), time(8))
"""Where nothing else was asked for."""
DIGEST_AT = time(9)
"""When a digest leaves; a weekly one on Mondays."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """`off`: the kinds that are switched off, everywhere. `only`: for a kind, or for all under "", the channels that may bring it.

    `rhythm`: how often what can wait is told. `away`: a holiday; nothing but what is urgent or by law is told up to and including that day.
    """

    quiet: QuietHours = QUIET_HOURS
    off: frozenset[str] = frozenset()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rhythm: Rhythm = Rhythm.AT_ONCE
    away: date | None = None
    stopped: bool = False

    def may_bring(self, channel: str, kind: str) -> bool:
        """Whether this channel may bring messages of that kind."""
        allowed = self.only.get(kind, self.only.get(""))
        return allowed is None or channel in allowed

    def next_digest(self, instant: datetime) -> datetime:
        """When the next digest leaves after an instant, were there no quiet hours."""
        local = instant.astimezone(BRUSSELS)
        day = local.date() if local.time() < DIGEST_AT else local.date() + timedelta(days=1)
        if self.rhythm is Rhythm.WEEKLY:
            day += timedelta(days=-day.weekday() % 7)
        return datetime.combine(day, DIGEST_AT, BRUSSELS).astimezone(UTC)

    def back(self, instant: datetime) -> datetime:
        """The first moment after a holiday; the instant itself where there is none."""
        if self.away is None or instant.astimezone(BRUSSELS).date() > self.away:
            return instant
        return datetime.combine(self.away + timedelta(days=1), time(0), BRUSSELS).astimezone(UTC)


BY_DEFAULT = Preferences()
"""Of somebody who never said anything about it."""


def to_json(wishes: Preferences) -> dict[str, Any]:
    """What a row keeps of them; `from_json` gives them back."""
    return {
        "quiet": [wishes.quiet.begin.isoformat("minutes"), wishes.quiet.end.isoformat("minutes")],
        "off": sorted(wishes.off),
        "only": {kind: sorted(channels) for kind, channels in wishes.only.items()},
        "rhythm": wishes.rhythm.value,
        "away": wishes.away.isoformat() if wishes.away else None,
        "stopped": wishes.stopped,
    }


def from_json(stored: Mapping[str, Any]) -> Preferences:
    return Preferences(
        QuietHours(*(time.fromisoformat(each) for each in stored["quiet"])),
        frozenset(stored["off"]),
        {kind: frozenset(channels) for kind, channels in stored["only"].items()},
        Rhythm(stored["rhythm"]),
        date.fromisoformat(stored["away"]) if stored["away"] else None,
        stored["stopped"],
    )
