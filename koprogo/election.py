"""Elections: what only one process may do is done by one, and by another within seconds of its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from hashlib import sha256

from bot.trace import trace
from core.database import Busy, Database, answers

logger = logging.getLogger(__name__)

ELECTION_SECONDS = 3.0
"""How often those who wait stand again, and he who was elected looks whether he still is."""
ANSWER_SECONDS = 4.0
"""A database that does not answer within this time may have elected another."""


def lock_of(office: str) -> int:
    """The advisory lock of what only one may do, by its name: 64 bits of its hash."""
    return int.from_bytes(sha256(f"koprogo:{office}".encode()).digest()[:8], signed=True)


async def while_elected(database: Database, office: str, work: Callable[[], Awaitable[None]]) -> None:
    """Does the work while this process holds the office, for ever. What fails is begun again; what ends is done, and the office kept.

    The office is a lock on a connection to the database: it is free as soon as that is gone. Whoever cannot reach the database any more
    stops his work, for another will have begun.
    """
    while True:
        try:
            async with database.elected(lock_of(office)) as connection:
                if connection is not None:
                    logger.info("elected: %s", office)
                    task = asyncio.ensure_future(work())
                    try:
                        while True:
                            await (
                                asyncio.sleep(ELECTION_SECONDS)
                                if task.done()
                                else asyncio.wait([task], timeout=ELECTION_SECONDS)
                            )
                            if task.done():
                                task.result()
                            async with asyncio.timeout(ANSWER_SECONDS):
                                await answers(connection)
                    finally:
                        task.cancel()
                        await asyncio.gather(task, return_exceptions=True)
        except (Busy, OSError) as error:
            logger.warning("%s waits for the database (%s)", office, type(error).__name__)
        except Exception as error:
            logger.error("%s stopped\n%s", office, trace(error))
        await asyncio.sleep(ELECTION_SECONDS)
