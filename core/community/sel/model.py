"""How minutes are said. Pure."""

from __future__ import annotations

from core.kernel.text import Text, say

HOUR = 60


def time(minutes: int) -> Text:
    """So many minutes as people say them: `2 hours`, `45 minutes`, `1 h 30`."""
    if minutes < 0:
        return say("sel.time.minus", time=time(-minutes))
    hours, rest = divmod(minutes, HOUR)
    if not rest:
        return say("sel.time.hours", count=hours)
    return say("sel.time.both", hours=hours, minutes=rest) if hours else say("sel.time.minutes", count=rest)
