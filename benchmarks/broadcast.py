"""What a broadcast costs: `python benchmarks/broadcast.py [--small]`.

10,000 recipients with four languages and three channels. First they are planned and stored, 1,000 in a transaction, as a broadcast does it;
then 1, 2 and 4 processes deliver them through loopback HTTP sinks (a test wire, nobody's protocol), each from the same stored rows. Beside
it stand the floor, a bare loop of claim and settle in asyncpg on a table of the same size (SKIP LOCKED, as many at a time, no card, no
wire), with as many processes, and pgqueuer and procrastinate with jobs that do nothing, where they can be installed (in var/bench-venv, of
this run's own; they are no part of the program).
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import venv
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar, cast
from uuid import UUID

import asyncpg
from aiohttp import ClientSession
from floor import ROOT, figure, folder, ground, machine
from sqlalchemy import URL, make_url

from bot.courier import Courier
from core.buildings import store as buildings
from core.database import Database, application_url, insert_rows
from core.kernel.clock import system_clock
from core.kernel.ids import new_id
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent
from core.messaging.kinds import ACCOUNT
from core.outbox.service import Recorder
from koprogo.catalogues import load
from tests.servers.sink import Wire

HERE = str(Path(__file__).resolve())
CHANNELS = ("telegram", "matrix", "email")
LANGUAGES = ("fr", "nl", "de", "en")
IN_ONE = 1_000
MOST_AT_ONCE = 200
PEOPLE = {"full": 10_000, "small": 1_000}
PLANNED_A_SECOND = 5_000
CARD: Card[Text] = Card(
    say("link.told", address=say("channel.email")),
    (say("link.told_body"), say("elsewhere.lost_body")),
    choices=(Choice(Intent("help"), say("bot.choice.help")),),
)
OTHERS = {"pgqueuer": "pgqueuer[asyncpg]==0.25.3", "procrastinate": "procrastinate==3.5.3"}
WITH = ("psycopg[binary]",)


async def people_of(database: Database, count: int) -> tuple[UUID, list[UUID]]:
    """An organisation of so many, in four languages, one channel each of three."""
    now = database.clock()
    persons = [new_id() for _ in range(count)]
    async with database.work() as uow:
        organisation = await buildings.add_organisation(uow, "bench")
        await uow.commit()
    async with database.work(organisation) as uow:
        await insert_rows(
            uow,
            "persons",
            ("person_id", "name", "language"),
            [(person, f"Person {number}", LANGUAGES[number % 4]) for number, person in enumerate(persons)],
        )
        raw = await uow.connection.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.copy_records_to_table(
            "directory",
            columns=["channel", "handle", "organisation_id", "person_id", "linked_at", "last_used"],
            records=[
                (CHANNELS[number % 3], f"{number}", organisation, person, now, now)
                for number, person in enumerate(persons)
            ],
        )
        await uow.commit()
    return organisation, persons


async def plan_and_store(database: Database, organisation: UUID, persons: Sequence[UUID]) -> float:
    """Seconds until all are told, 1,000 in a transaction."""
    begun = time.perf_counter()
    for start in range(0, len(persons), IN_ONE):
        async with database.work(organisation) as uow:
            for person in persons[start : start + IN_ONE]:
                uow.tell(person, CARD, ACCOUNT, key=f"bench:{person}")
            await uow.commit()
    return time.perf_counter() - begun


class Shown(asyncio.Protocol):
    """A sink as cheap as can be, so that what is measured is not the sink: it answers each request that has a body, and counts its key."""

    keys: ClassVar[Counter[str]] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            body = self._read[end + 4 : end + 4 + length]
            if len(body) < length:
                return
            self._read = self._read[end + 4 + length :]
            if length:
                self.keys[json.loads(body)["key"]] += 1
                answer = b'{"ref":"1"}'
            else:
                answer = json.dumps([len(self.keys), sum(times > 1 for times in self.keys.values())]).encode()
                self.keys.clear()
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (len(answer), answer)
            )


async def sink() -> None:
    """A sink as a process: says its port; a GET tells how many keys it was shown and how many of them twice, and forgets them."""
    server = await asyncio.get_running_loop().create_server(Shown, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@asynccontextmanager
async def sinks() -> AsyncIterator[dict[str, str]]:
    """A sink for each channel, each a process: their addresses."""
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, HERE, "sink", stdout=subprocess.PIPE, env=_environment())
        for _ in CHANNELS
    ]
    try:
        ports = [int(await cast(asyncio.StreamReader, process.stdout).readline()) for process in processes]
        yield {channel: f"http://127.0.0.1:{port}" for channel, port in zip(CHANNELS, ports, strict=True)}
    finally:
        for process in processes:
            process.kill()
            await process.wait()


async def shown(sinks: Mapping[str, str]) -> tuple[int, int]:
    """How many keys the sinks were shown, and how many of those twice."""
    async with ClientSession() as session:
        found = [await (await session.get(url)).json() for url in sinks.values()]
    return sum(each[0] for each in found), sum(each[1] for each in found)


async def deliver(url: str, addresses: str) -> None:
    """One process that delivers until nothing is left; begins when told on standard input. `addresses`: of the sinks, as JSON."""
    channels = {name: Wire(name, address) for name, address in json.loads(addresses).items()}
    async with Database(make_url(url), recorder=Recorder(CHANNELS)) as database:
        courier = Courier(database, channels, load())
        async with database.work():
            pass
        await _ready()
        sent = await courier.drain()
        print(json.dumps({"sent": sent, "cpu": time.process_time(), "ended": time.time()}), flush=True)
    for channel in channels.values():
        await channel.end()


async def bare(url: str) -> None:
    """The floor of one process: claims and settles rows of `bench_queue`, nothing else."""
    connection = await asyncpg.connect(url)
    claim = await connection.prepare(
        "UPDATE bench_queue q SET fate = 'sending', lease_until = now() + interval '60 s' FROM (SELECT id FROM bench_queue"
        f" WHERE fate = 'waiting' ORDER BY due, id LIMIT {MOST_AT_ONCE} FOR UPDATE SKIP LOCKED) d WHERE q.id = d.id RETURNING q.id, q.card"
    )
    settle = await connection.prepare("UPDATE bench_queue SET fate = 'sent' WHERE id = ANY($1)")
    await _ready()
    sent = 0
    while rows := await claim.fetch():
        for start in range(0, len(rows), 100):
            await settle.fetch([row["id"] for row in rows[start : start + 100]])
        sent += len(rows)
    print(json.dumps({"sent": sent, "cpu": time.process_time(), "ended": time.time()}), flush=True)
    await connection.close()


async def _ready() -> None:
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def at_once(count: int, *command: str, python: str = sys.executable) -> tuple[float, int, float]:
    """Has so many processes begin together: seconds until the last ended, how many were sent, CPU seconds of all."""
    processes = [
        await asyncio.create_subprocess_exec(
            python, *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment(), cwd=ROOT
        )
        for _ in range(count)
    ]
    for process in processes:
        assert process.stdout is not None
        if (await process.stdout.readline()).strip() != b"ready":
            raise SystemExit(f"{command[0]} did not begin")
    begun = time.time()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        await process.stdin.drain()
    said = [(await process.communicate())[0] for process in processes]
    figures = [json.loads(each.splitlines()[-1]) for each in said]
    seconds = max(each["ended"] for each in figures) - begun  # of the last piece of work: some wait long before they go
    return seconds, sum(each["sent"] for each in figures), sum(each["cpu"] for each in figures)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "benchmarks")))}


async def delivered(owner: URL, admin: asyncpg.Connection, sinks: Mapping[str, str], count: int) -> dict[int, float]:
    """Recipients a second with 1, 2 and 4 processes."""
    rates = {}
    application = application_url(owner).render_as_string(hide_password=False)
    for processes in (1, 2, 4):
        await admin.execute("UPDATE deliveries SET fate = 'waiting', attempts = 0, lease_until = NULL, wire_ref = ''")
        await admin.execute("VACUUM ANALYZE deliveries")
        await shown(sinks)
        seconds, _, cpu = await at_once(processes, HERE, "deliver", application, json.dumps(sinks))
        seen, twice = await shown(sinks)
        left = await admin.fetchval("SELECT count(*) FROM deliveries WHERE fate <> 'sent'")
        if left or twice or seen != count:
            raise SystemExit(f"{left} of {count} were not sent, {seen} shown, {twice} of them twice")
        rates[processes] = count / seconds
        figure(f"delivered by {processes}, recipients a second", f"{count / seconds:.0f}")
        print(f"    {1e6 * cpu / count:.0f} µs of CPU each")
    return rates


async def floors(owner: URL, admin: asyncpg.Connection, count: int) -> None:
    url = owner.set(drivername="postgresql").render_as_string(hide_password=False)
    await admin.execute(
        "CREATE TABLE IF NOT EXISTS bench_queue (id uuid PRIMARY KEY, fate text, due timestamptz, lease_until timestamptz, card jsonb)"
    )
    await admin.execute("CREATE INDEX ON bench_queue (due, id) WHERE fate = 'waiting'")
    for processes in (1, 2, 4):
        await admin.execute("TRUNCATE bench_queue")
        await admin.execute("INSERT INTO bench_queue SELECT delivery_id, 'waiting', due, NULL, card FROM deliveries")
        await admin.execute("VACUUM ANALYZE bench_queue")
        seconds, sent, _ = await at_once(processes, HERE, "bare", url)
        if sent != count:
            raise SystemExit(f"the floor sent {sent}")
        figure(f"floor: bare SKIP LOCKED by {processes}, a second", f"{count / seconds:.0f}")


def bench_python() -> Path | None:
    """The private environment with the others; None where they cannot be installed."""
    home = ROOT / "var" / "bench-venv"
    python = home / "bin" / "python"
    try:
        if not python.exists():
            venv.create(home, with_pip=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *OTHERS.values(), *WITH],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        print(f"(pgqueuer and procrastinate are left out: {type(error).__name__})")
        return None
    if done.returncode:
        print(f"(pgqueuer and procrastinate are left out: {(done.stderr.strip().splitlines() or ['?'])[-1][:120]})")
        return None
    return python


async def others(owner: URL, admin: asyncpg.Connection, count: int) -> None:
    """pgqueuer and procrastinate with so many jobs that do nothing."""
    python = await asyncio.to_thread(bench_python)
    if python is None:
        return
    url = owner.set(drivername="postgresql").render_as_string(hide_password=False)
    for name in OTHERS:
        script = str(ROOT / "benchmarks" / f"broadcast_{name}.py")
        try:
            for processes in (1, 2, 4):
                filled = await asyncio.create_subprocess_exec(
                    str(python), script, "fill", url, str(count), stdout=subprocess.DEVNULL
                )
                if await filled.wait():
                    raise SystemExit(f"{name} could not be filled")
                seconds, sent, _ = await at_once(processes, script, "work", url, str(count), python=str(python))
                if sent != count:
                    raise SystemExit(f"{name} did {sent} of {count}")
                figure(f"{name}, no-op jobs by {processes}, a second", f"{count / seconds:.0f}")
        except SystemExit as error:
            print(f"({name} is left out: {error})")


async def main(small: bool) -> None:
    machine()
    count = PEOPLE["small" if small else "full"]
    async with ground(folder()) as owner, sinks() as addresses:
        admin = await asyncpg.connect(owner.set(drivername="postgresql").render_as_string(hide_password=False))
        async with Database(application_url(owner), recorder=Recorder(CHANNELS), clock=system_clock) as database:
            organisation, persons = await people_of(database, count)
            await admin.execute("ANALYZE")
            times = []
            for _ in range(3):
                await admin.execute("TRUNCATE deliveries, choices CASCADE")
                times.append(await plan_and_store(database, organisation, persons))
            rate = count / sorted(times)[1]
            figure(
                "planned and stored, recipients a second",
                f"{rate:.0f}",
                rate >= PLANNED_A_SECOND,
                f">= {PLANNED_A_SECOND}",
            )
        await admin.execute("UPDATE deliveries SET due = now() - interval '1 hour'")
        rates = await delivered(owner, admin, addresses, count)
        print(f"    2 processes: {rates[2] / rates[1]:.2f} times one; 4: {rates[4] / rates[1]:.2f} times one")
        await floors(owner, admin, count)
        await others(owner, admin, count)
        await admin.close()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["sink"]:
            asyncio.run(sink())
        case ["deliver", url, addresses]:
            asyncio.run(deliver(url, addresses))
        case ["bare", url]:
            asyncio.run(bare(url))
        case arguments:
            asyncio.run(main("--small" in arguments))
