"""What broadcast.py measures of procrastinate, in an environment of its own: `fill URL COUNT`, then `work URL COUNT`."""

import asyncio
import json
import logging
import sys
import time

from procrastinate import App, PsycopgConnector

AT_ONCE = 16
"""Jobs at a time, as many as one of our lanes sends at a time; it claims one by one."""
DONE, ENDED = 0, 0.0
logging.getLogger("procrastinate").setLevel(logging.ERROR)


def opened(url: str) -> App:
    app = App(connector=PsycopgConnector(conninfo=url, kwargs={}, min_size=4, max_size=AT_ONCE))

    @app.task(name="nothing")
    async def nothing() -> None:
        global DONE, ENDED
        DONE, ENDED = DONE + 1, time.time()

    return app


async def fill(url: str, count: int) -> None:
    app = opened(url)
    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        await app.connector.execute_query_async("TRUNCATE procrastinate_jobs CASCADE")
        for _ in range(0, count, 1000):
            await app.tasks["nothing"].batch_defer_async(*[{}] * 1000)
        await app.connector.execute_query_async("ANALYZE procrastinate_jobs")


async def work(url: str) -> None:
    app = opened(url)
    async with app.open_async():
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await app.run_worker_async(wait=False, concurrency=AT_ONCE, install_signal_handlers=False)
    print(json.dumps({"sent": DONE, "cpu": time.process_time(), "ended": ENDED}), flush=True)


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[2], int(sys.argv[3])) if sys.argv[1] == "fill" else work(sys.argv[2]))
