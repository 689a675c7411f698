"""What falls due in the life of the buildings, by name: each looks through all organisations, does what is due by now, and tells people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.database import Database

Due = Callable[[Database], Awaitable[object]]

DUE: tuple[tuple[str, Due], ...] = ()


async def do_all(database: Database) -> None:
    """All of it once, one after the other."""
    for _, due in DUE:
        await due(database)
