"""A process that delivers, to be killed: `python -m tests.chaos.worker URL SINK`. Its leases and pauses are short."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from datetime import timedelta

from sqlalchemy import make_url

from bot import lanes
from bot.courier import Courier
from core.database import Database
from core.outbox import service, store
from core.outbox.service import Recorder
from koprogo.catalogues import load
from tests.servers.sink import Wire

CHANNELS = {"telegram": False, "matrix": True, "email": True}
"""Whether the wire repeats nothing that it is given again with the same key."""
LEASE = timedelta(seconds=3)


def hasten() -> None:
    store.LEASE = LEASE
    lanes.HELD_SECONDS, lanes.LOOK_SECONDS = 0.75 * LEASE.total_seconds(), 0.2
    lanes.FIRST_REST = timedelta(seconds=0.2)
    lanes.LONGEST_REST = timedelta(seconds=1)
    service.backoff = lambda attempts, asked, luck=0.0: max(asked, timedelta(seconds=random.uniform(0.2, 0.6)))


async def main(url: str, sink: str) -> None:
    hasten()
    wires = {name: Wire(name, sink, idempotent=idempotent, patience=1.5) for name, idempotent in CHANNELS.items()}
    async with Database(make_url(url), recorder=Recorder(tuple(CHANNELS)), wait=2.0) as database:
        courier = Courier(database, wires, load())

        async def repeated(channel: str) -> None:
            while True:
                try:
                    await courier.lane(channel).drain()
                except Exception as error:
                    logging.warning("%s: %s", channel, type(error).__name__)
                await asyncio.sleep(0.1)

        print("ready", flush=True)
        await asyncio.gather(*map(repeated, CHANNELS))


if __name__ == "__main__":
    logging.basicConfig(level=logging.CRITICAL)
    asyncio.run(main(*sys.argv[1:]))
