"""What only one process may do: one does it, another takes over in time, and nobody does it without the database."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import URL

from core.database import Database, application_url
from core.outbox.service import Recorder
from koprogo import election, serve
from koprogo.election import lock_of, while_elected
from tests.servers.postgres import connect
from tests.servers.sink import Wire

TAKEN_OVER_SECONDS = 15.0
ROOT = Path(__file__).parents[2]
RECEIVER = """
import asyncio, sys
from sqlalchemy import make_url
from core.database import Database
from core.outbox.service import Recorder
from koprogo.election import while_elected

async def listen():
    print("listens", flush=True)
    await asyncio.Event().wait()

async def main():
    async with Database(make_url(sys.argv[1]), recorder=Recorder(())) as database:
        await while_elected(database, "receive:test", listen)

asyncio.run(main())
"""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(election, "ELECTION_SECONDS", 0.1)


def opened(owner: URL) -> Database:
    return Database(application_url(owner), recorder=Recorder(()))


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is a plain number
            await asyncio.sleep(0.02)


class Work:
    """Counts how often it was begun, and who is at it."""

    def __init__(self) -> None:
        self.begun = self.at_it = self.most = 0

    async def __call__(self) -> None:
        self.begun += 1
        self.at_it += 1
        self.most = max(self.most, self.at_it)
        try:
            await asyncio.Event().wait()
        finally:
            self.at_it -= 1


async def test_one_of_three_works(owner: URL, quick: None) -> None:
    work = Work()
    async with opened(owner) as first, opened(owner) as second, opened(owner) as third:
        tasks = [asyncio.create_task(while_elected(each, "office", work)) for each in (first, second, third)]
        await until(lambda: work.begun == 1)
        await asyncio.sleep(0.5)
        assert (work.begun, work.most) == (1, 1)
        for task in tasks:
            await cancelled(task)
    assert (work.at_it, work.most) == (0, 1)


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def holder(owner: URL, office: str = "office") -> int | None:
    """The server process that holds an office."""
    admin = await connect(owner)
    try:
        found: int | None = await admin.fetchval(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND ((classid::bigint << 32) | objid::bigint) = $1"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            lock_of(office),
        )
        return found
    finally:
        await admin.close()


async def test_when_he_stops_another_takes_over(owner: URL, quick: None) -> None:
    one, other = Work(), Work()
    async with opened(owner) as first, opened(owner) as second:
        elected = asyncio.create_task(while_elected(first, "office", one))
        await until(lambda: one.at_it == 1)
        waiting = asyncio.create_task(while_elected(second, "office", other))
        await asyncio.sleep(0.4)
        assert other.begun == 0
        await cancelled(elected)
        await until(lambda: other.at_it == 1)
        assert one.at_it == 0
        await cancelled(waiting)


async def test_who_loses_the_database_stops_his_work(owner: URL, quick: None) -> None:
    work = Work()
    async with opened(owner) as database:
        task = asyncio.create_task(while_elected(database, "office", work))
        await until(lambda: work.at_it == 1)
        admin = await connect(owner)
        await admin.fetchval("SELECT pg_terminate_backend($1)", await holder(owner))
        await admin.close()
        await until(lambda: work.begun == 2)
        assert work.most == 1
        await cancelled(task)


async def test_work_that_fails_is_begun_again_and_what_ends_is_done(owner: URL, quick: None) -> None:
    begun = []

    async def work() -> None:
        begun.append(1)
        if len(begun) == 1:
            raise ZeroDivisionError

    async with opened(owner) as database:
        task = asyncio.create_task(while_elected(database, "office", work))
        await until(lambda: len(begun) == 2)
        await asyncio.sleep(0.5)
        assert len(begun) == 2
        assert await holder(owner) is not None
        await cancelled(task)


async def test_two_offices_do_not_wait_for_each_other(owner: URL, quick: None) -> None:
    one, other = Work(), Work()
    async with opened(owner) as database:
        tasks = [
            asyncio.create_task(while_elected(database, name, work)) for name, work in (("one", one), ("other", other))
        ]
        await until(lambda: one.at_it == other.at_it == 1)
        for task in tasks:
            await cancelled(task)


@asynccontextmanager
async def receiver(owner: URL) -> AsyncIterator[Process]:
    url = application_url(owner).render_as_string(hide_password=False)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RECEIVER, url, stdout=PIPE, env=environment, cwd=ROOT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def said(process: Process, seconds: float) -> bytes:
    assert process.stdout is not None
    return await asyncio.wait_for(process.stdout.readline(), seconds)


async def test_a_process_that_is_killed_is_replaced_within_fifteen_seconds(owner: URL) -> None:
    async with receiver(owner) as first:
        assert await said(first, 30) == b"listens\n"
        async with receiver(owner) as second:
            with pytest.raises(TimeoutError):
                await said(second, 4)
            first.send_signal(signal.SIGKILL)
            killed = time.monotonic()
            assert await said(second, TAKEN_OVER_SECONDS) == b"listens\n"
            assert time.monotonic() - killed < TAKEN_OVER_SECONDS


@pytest.mark.parametrize(("one_receiver", "at_it"), [(True, 1), (False, 2)])
async def test_a_wire_with_one_receiver_is_listened_to_by_one_process(
    owner: URL, quick: None, one_receiver: bool, at_it: int
) -> None:
    work = Work()

    class Listening(Wire):
        async def run(self) -> None:
            await work()

    channel = Listening("telegram", "http://127.0.0.1:1", one_receiver=one_receiver)
    async with opened(owner) as first, opened(owner) as second:
        settings = SimpleNamespace(telegram_token="1:x")
        applications: list[Any] = [SimpleNamespace(database=each, settings=settings) for each in (first, second)]
        tasks = [asyncio.create_task(serve.received(each, channel)) for each in applications]
        await until(lambda: work.at_it == at_it)
        await asyncio.sleep(0.5)
        assert work.at_it == at_it
        for task in tasks:
            await cancelled(task)


async def test_two_processes_tick_as_one(owner: URL, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ticked: list[int] = []
    monkeypatch.setattr("scheduler.ticks.EVERY_SECONDS", 1)

    def application(number: int, database: Database) -> Any:
        async def drain() -> int:
            ticked.append(number)
            return 0

        return SimpleNamespace(database=database, channels={"x": 1}, courier=SimpleNamespace(drain=drain))

    async with opened(owner) as first, opened(owner) as second:
        tasks = []
        for number, database in enumerate((first, second)):
            work = serve._ticking
            made = application(number, database)
            tasks.append(
                asyncio.create_task(while_elected(database, serve.TICKS, lambda made=made, work=work: work(made)))
            )
            await until(lambda: bool(ticked))
        await until(lambda: len(ticked) >= 3)
        assert set(ticked) == {0}
        await cancelled(tasks[0])
        await until(lambda: 1 in ticked)
        await cancelled(tasks[1])
