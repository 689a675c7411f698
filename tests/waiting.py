"""Patience: what becomes true in its own time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def eventually(true: Callable[[], bool], seconds: float = 15.0) -> None:
    """Waits for something to come true. A test that would wait longer fails."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)
