"""What falls due, and how often it is looked for. Each tick is a query of a service; a late one catches up."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

EVERY_SECONDS = 60
"""How often it is looked whether something fell due."""

Tick = Callable[[], Awaitable[object]]


def clock(ticks: Mapping[str, Tick]) -> AsyncIOScheduler:
    """The scheduler of one process: each tick once a minute, never twice at once, the missed ones as one."""
    # Its own log names each run at INFO; only what goes wrong is of interest.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = AsyncIOScheduler(timezone="UTC")
    for name, tick in ticks.items():
        scheduler.add_job(tick, IntervalTrigger(seconds=EVERY_SECONDS), id=name, max_instances=1, coalesce=True)
    return scheduler
