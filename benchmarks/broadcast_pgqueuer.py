"""What broadcast.py measures of pgqueuer, in an environment of its own: `fill URL COUNT`, then `work URL COUNT`."""

import asyncio
import json
import sys
import time

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.errors import DuplicateJobError
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

MOST_AT_ONCE = 200


async def fill(url: str, count: int) -> None:
    connection = await asyncpg.connect(url)
    queries = Queries(AsyncpgDriver(connection))
    if not await connection.fetchval("SELECT to_regclass('pgqueuer')"):
        await queries.install()
    await connection.execute("TRUNCATE pgqueuer")
    try:
        for _ in range(0, count, 1000):
            await queries.enqueue(["nothing"] * 1000, [None] * 1000, [0] * 1000)
    except DuplicateJobError as error:
        raise SystemExit(str(error)) from error
    await connection.execute("VACUUM ANALYZE pgqueuer")
    await connection.close()


async def work(url: str) -> None:
    connection = await asyncpg.connect(url)
    manager = QueueManager(AsyncpgDriver(connection))
    done, ended = 0, 0.0

    @manager.entrypoint("nothing")
    async def nothing(job: Job) -> None:
        nonlocal done, ended
        done, ended = done + 1, time.time()

    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await manager.run(batch_size=MOST_AT_ONCE, mode=QueueExecutionMode.drain)
    print(json.dumps({"sent": done, "cpu": time.process_time(), "ended": ended}), flush=True)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[2], int(sys.argv[3])) if sys.argv[1] == "fill" else work(sys.argv[2]))
