"""What the office costs: `python benchmarks/web.py [--small]`.

23 buildings with 190 lots and 127 owners are imported on the bundled server; `koprogo serve --only web` answers on loopback, in one process
and in four (each on a port of its own, as behind a proxy). The load comes from a process of its own over 20 connections: open-loop, at 100
requests a second, where a request counts from the moment at which it should have left, whether or not a connection was free then; and as
much as goes. Asked for are the list of buildings by somebody who is signed in, and a mix of it (70 %) with payments entered through the
API (30 %). Beside it, in turn with it: a bare aiohttp handler that knows of no sessions, sends the list's own statement by asyncpg, under
the same role and in a transaction that enters the organisation as row-level security asks for it, and answers its rows as JSON. Memory is
the resident set of the largest web process after all that.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
from aiohttp import ClientSession, CookieJar, web
from floor import ROOT, figure, folder, ground, machine
from footprint import environment, free_port, healthy, megabytes, running, until
from sqlalchemy import URL, event

from core.buildings import service as buildings
from core.bulletin.overview import service as overview
from core.database import Database, application_url
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.kernel.ids import new_id
from core.outbox.service import Recorder
from core.people.accounts import service as accounts
from core.people.accounts.model import Role
from core.people.accounts.proofs import Keys, Passwords
from core.people.accounts.service import Proofs
from core.people.api_tokens import service as api_tokens
from core.people.api_tokens.model import PAYMENTS_WRITE
from koprogo.links import secret_of

HERE = str(Path(__file__).resolve())
HOST = "127.0.0.1"
BUILDINGS, LOTS, OWNERS = 23, 190, 127
CONNECTIONS, RATE, READS = 20, 100.0, 0.7
POOL = 8
"""Connections to the database of one process, as `koprogo serve` has them unless it is told otherwise."""
TOKENS = 60
"""Accounting tools: each may ask ten times a second."""
SYNDIC, PASSWORD = "nathalie.renard@renard-gestion.example", "een huis vol buren"
SECRET = "the secret of an installation that is measured"
MOST_P99_MS, LEAST_RATIO, MOST_MB = 10.0, 0.3, 128
CITIES = ("Schaerbeek", "Ixelles", "Gent", "Eupen", "Namur", "Liège", "Leuven")


# --------------------------------------------------------------------------------------------------------- 23 buildings


def _dealt(total: int, number: int) -> int:
    """What falls to one of the buildings when so many are dealt out among them."""
    return total // BUILDINGS + (number < total % BUILDINGS)


def write_building(place: Path, number: int) -> None:
    """The files of one building: its lots dealt out among its owners, every third of them reachable by letter only."""
    lots = [f"{floor}{letter}" for floor in range(9) for letter in "AB"][: _dealt(LOTS, number)]
    owners = [f"owner-{number}-{each}" for each in range(_dealt(OWNERS, number))]
    share = 1000 // len(lots)
    place.mkdir()
    (place / "building.toml").write_text(
        f'name = "Residentie {number:02}"\naddress = "Dorpsstraat {number + 1}"\npostal_code = "1000"\n'
        f'city = "{CITIES[number % len(CITIES)]}"\nslug = "house-{number:02}"\nregion = "brussels"\nlanguages = ["nl", "fr"]\n'
        f'shares_total = 1000\nfinancial_year_start = "01-01"\nassembly_window_start = "{number % 12 + 1:02}-15"\n'
        'settlement = "yearly"\nmodules = ["loans", "tickets"]\n\n[accounts]\nworking = "BE68539007547034"\n\n'
        '[syndic]\nname = "Renard Gestion SRL"\nemail = "syndic@renard-gestion.example"\n',
        encoding="utf-8",
    )
    rows = {
        "lots.csv": ["lot,kind,floor,shares"]
        + [f"{lot},apartment,{lot[0]},{share if each else 1000 - share * (len(lots) - 1)}" for each, lot in enumerate(lots)],
        "people.csv": ["person,name,email,phone,language,roles,channels_accepted,accepted_on,street,postal_code,city,country"]
        + [
            f"{owner},Owner {number} {each},{owner}@houses.example,,nl,owner,{'email' if each % 3 else ''},"
            f"{'2025-02-03' if each % 3 else ''},Dorpsstraat {each + 1},1000,Brussel,BE"
            for each, owner in enumerate(owners)
        ],
        "ownership.csv": ["lot,person,right,numerator,denominator,from,to,representative"]
        + [f"{lot},{owners[each % len(owners)]},full,1,1,2015-05-02,,no" for each, lot in enumerate(lots)],
        "calls.csv": ["number,date,due,title,fund,total,key"]
        + [f"2026-{quarter},2026-{month:02}-01,2026-{month:02}-20,Kwartaal {quarter},working,4200.00,general"
           for quarter, month in enumerate((1, 4, 7, 10), 1)],
    }  # fmt: skip
    for name, lines in rows.items():
        (place / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Ground:
    """What is measured on: `statement` is the list's own, with its parameters; `tools` the secrets of tokens."""

    organisation: UUID
    statement: tuple[str, tuple[Any, ...]]
    tools: Sequence[str]


async def furnish(owner: URL, data: Path) -> Ground:
    """Imports the buildings; makes the syndic and the accounting tools."""
    async with Database(application_url(owner), recorder=Recorder(())) as database:
        async with database.work() as uow:
            organisation = await buildings.enter(uow, "bench")
            for number in range(BUILDINGS):
                write_building(data / f"building-{number}", number)
                with Folder.open(data / f"building-{number}") as files:
                    await import_building(uow, read_building(files), None)
            tools = [(await api_tokens.issue(uow, f"tool {each}", [PAYMENTS_WRITE]))[0] for each in range(TOKENS)]
            _, token = await accounts.employ(uow, SYNDIC, "Nathalie Renard", "fr", Role.SYNDIC)
            await uow.commit()
        assert token is not None
        await accounts.redeem(database, token, PASSWORD, Proofs(Passwords(), Keys(secret_of(data, SECRET))))
        async with database.work(organisation) as uow:
            counts = [(each.lots, each.people) for each in await overview.glances(uow)]
            assert (len(counts), sum(lots for lots, _ in counts)) == (BUILDINGS, LOTS)
            assert sum(people for _, people in counts) == OWNERS
            statement = await _heard(database, overview.glances(uow))
    admin = await asyncpg.connect(owner.set(drivername="postgresql").render_as_string(hide_password=False))
    await admin.execute("ANALYZE")  # as autovacuum does within the minute
    await admin.close()
    return Ground(organisation, statement, tools)


async def _heard(database: Database, asked: Awaitable[object]) -> tuple[str, tuple[Any, ...]]:
    """The one statement that something sends, as the driver gets it."""
    heard: list[tuple[str, tuple[Any, ...]]] = []

    def listen(connection: object, cursor: object, sql: str, parameters: Any, context: object, many: bool) -> None:
        heard.append((sql, tuple(parameters)))

    event.listen(database.engine.sync_engine, "before_cursor_execute", listen)
    await asked
    event.remove(database.engine.sync_engine, "before_cursor_execute", listen)
    (only,) = heard
    return only


# --------------------------------------------------------------------------------------------------- the bare handler


async def bare(url: str, port: int, organisation: str, sql: str, parameters: tuple[Any, ...]) -> None:
    """The same statement in a transaction that has entered the organisation, with nothing around it."""

    async def answer(request: web.Request) -> web.Response:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('koprogo.organisation', $1, true)", organisation)
            rows = await connection.fetch(sql, *parameters)
        assert len(rows) == BUILDINGS
        return web.Response(text=json.dumps([dict(row) for row in rows], default=str), content_type="application/json")

    async with asyncpg.create_pool(url, min_size=POOL, max_size=POOL) as pool:
        application = web.Application()
        application.router.add_get("/health", answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
        await asyncio.Event().wait()


@asynccontextmanager
async def bare_process(owner: URL, port: int, measured: Ground) -> AsyncIterator[asyncio.subprocess.Process]:
    url = application_url(owner).set(drivername="postgresql").render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(sys.executable, HERE, "--bare", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(pickle.dumps((url, port, str(measured.organisation), *measured.statement)))
    process.stdin.write_eof()
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


# -------------------------------------------------------------------------------------------------------------- the load


class Line(asyncio.Protocol):
    """One connection, which is kept. `ask` gives the status once the whole answer is there."""

    def __init__(self) -> None:
        self._heard, self._needed = bytearray(), 0
        self._answer: asyncio.Future[int] | None = None
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._wire = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if not self._needed:
            end = self._heard.find(b"\r\n\r\n")
            if end < 0:
                return
            length = self._heard.lower().find(b"content-length:", 0, end)
            assert length >= 0, "an answer of unknown length"
            self._needed = end + 4 + int(self._heard[length + 15 : self._heard.find(b"\r\n", length)])
        if len(self._heard) >= self._needed and self._answer is not None:
            status = int(self._heard[9:12])
            self._heard, self._needed = bytearray(), 0
            self._answer.set_result(status)

    async def ask(self, request: bytes) -> int:
        assert self._wire is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._wire.write(request)
        return await self._answer


@dataclass
class Asked:
    """What is to be asked: `reads` and `writes` are whole requests, of which `share` are reads; `rate` 0: as much as goes."""

    ports: Sequence[int]
    reads: Sequence[bytes]
    writes: Sequence[bytes]
    share: float
    rate: float
    seconds: float

    def requests(self) -> Iterator[tuple[str, bytes]]:
        chance, number = random.Random(1), 0
        while True:
            number += 1
            if chance.random() < self.share:
                yield "read", self.reads[number % len(self.reads)]
            else:
                yield "write", self.writes[number % len(self.writes)].replace(b"{key}", new_id().hex.encode())


@dataclass
class Heard:
    """Seconds of each answer by kind, and how many answers of which status there were within `seconds`."""

    seconds: float = 0.0
    took: dict[str, list[float]] = field(default_factory=lambda: {"read": [], "write": []})
    statuses: Counter[int] = field(default_factory=Counter)
    good: ClassVar[frozenset[int]] = frozenset({200, 201})

    @property
    def rate(self) -> float:
        return sum(map(len, self.took.values())) / self.seconds

    def check(self) -> None:
        wrong = {status: count for status, count in self.statuses.items() if status not in self.good}
        if wrong:
            raise SystemExit(f"not every request was answered as it should be: {wrong}")

    def both(self, kind: str = "read") -> str:
        return f"{1000 * self.at(50, kind):.1f} / {1000 * self.at(99, kind):.1f} ms"

    def at(self, percent: int, kind: str = "read") -> float:
        return quantiles(self.took[kind], n=100)[percent - 1]


async def load(asked: Asked) -> Heard:
    """Asks, over a fixed number of connections."""
    loop, heard = asyncio.get_running_loop(), Heard()
    free: asyncio.Queue[Line] = asyncio.Queue()
    for number in range(CONNECTIONS):
        _, line = await loop.create_connection(Line, HOST, asked.ports[number % len(asked.ports)])
        free.put_nowait(line)
    requests = asked.requests()
    begun = time.perf_counter()

    async def one(since: float) -> None:
        kind, request = next(requests)
        line = await free.get()
        status = await line.ask(request)
        heard.took[kind].append(time.perf_counter() - since)
        heard.statuses[status] += 1
        free.put_nowait(line)

    async def again() -> None:
        while time.perf_counter() - begun < asked.seconds:
            await one(time.perf_counter())

    if asked.rate:
        waiting = []
        for number in range(int(asked.rate * asked.seconds)):
            due = begun + number / asked.rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            waiting.append(asyncio.create_task(one(due)))
        await asyncio.gather(*waiting)
    else:
        await asyncio.gather(*(again() for _ in range(CONNECTIONS)))
    heard.seconds = time.perf_counter() - begun
    return heard


async def loaded(asked: Asked) -> Heard:
    """The same, from a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, HERE, "--load", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    out, _ = await process.communicate(pickle.dumps(asked))
    if process.returncode:
        raise SystemExit("the load ended before its time")
    heard: Heard = pickle.loads(out)
    heard.check()
    return heard


# ------------------------------------------------------------------------------------------------------------- measuring


@dataclass
class Side:
    """The office or the bare handler: the ports at which it answers, and what it is asked."""

    ports: Sequence[int]
    reads: Sequence[bytes]
    writes: Sequence[bytes] = ()

    async def asked(self, seconds: float, rate: float = 0.0, share: float = 1.0) -> Heard:
        return await loaded(Asked(self.ports, self.reads, self.writes, share, rate, seconds))


def get(path: str, **headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def payment(number: int, token: str) -> bytes:
    """A payment of somebody; its key is filled in when it is sent."""
    house = number % BUILDINGS
    body = json.dumps(
        {"date": "2026-11-20", "person": f"owner-{house}-{number % 5}", "amount_cents": 12345, "source": "bank"}
    )
    lines = [
        f"POST /api/v1/buildings/house-{house:02}/payments HTTP/1.1",
        f"Host: {HOST}",
        f"Authorization: Bearer {token}",
        "Idempotency-Key: {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def signed_in(port: int) -> str:
    """The cookies of the syndic."""
    address = f"http://{HOST}:{port}/office"
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        async with client.get(f"{address}/sign-in") as page:
            token = (await page.text()).partition('name="form_token" value="')[2].partition('"')[0]
        form = {"form_token": token, "next": "/buildings", "email": SYNDIC, "password": PASSWORD}
        async with client.post(f"{address}/sign-in", data=form) as page:
            text = await page.text()
            assert page.url.path == "/office/buildings", (page.status, page.url)
            assert text.count("Residentie") >= BUILDINGS
        return "; ".join(f"{each.key}={each.value}" for each in client.cookie_jar)


async def measured_with(count: int, owner: URL, data: Path, measured: Ground, seconds: float) -> None:
    """So many processes of each side, the one asked in turn with the other."""
    settings = {"KOPROGO_SECRET": SECRET, "KOPROGO_PUBLIC_URL": f"http://{HOST}"}
    async with AsyncExitStack() as stack:
        ports, others, processes = [], [], []
        for _ in range(count):
            ports.append(free_port())
            mine = environment(data, ports[-1], **settings)
            process = await stack.enter_async_context(running(mine, "serve", "--only", "web"))
            await until(process, lambda: healthy(ports[-1]))
            processes.append(process)
            others.append(free_port())
            process = await stack.enter_async_context(bare_process(owner, others[-1], measured))
            await until(process, lambda: healthy(others[-1]))
        cookies = await signed_in(ports[0])
        writes = [payment(number, measured.tools[number % TOKENS]) for number in range(TOKENS * 5)]
        office = Side(ports, [get("/office/buildings", Cookie=cookies)], writes)
        floor = Side(others, [get("/health")])
        for side in (office, floor):
            await side.asked(seconds / 5)
        await judge(f"{count} process{'es' if count > 1 else ''}", office, floor, seconds, count == 1)
        most = max(map(megabytes, processes))
        figure("  memory of the largest web process", f"{most:.1f} MB", most < MOST_MB, f"< {MOST_MB} MB")


async def judge(name: str, office: Side, floor: Side, seconds: float, one: bool) -> None:
    print(f"\nthe list of buildings, {name}")
    at_rate, beside = await office.asked(seconds, RATE), await floor.asked(seconds, RATE)
    judged = at_rate.at(99) < MOST_P99_MS / 1000 if one else None
    figure(f"  at {RATE:.0f} a second, p50 / p99", at_rate.both(), judged, f"< {MOST_P99_MS:.0f} ms")
    figure("  the bare handler, p50 / p99", beside.both())
    all_there_is, beside = await office.asked(seconds), await floor.asked(seconds)
    figure("  as much as goes, p50 / p99", all_there_is.both())
    figure("  the bare handler, p50 / p99", beside.both())
    figure("  requests a second", f"{all_there_is.rate:.0f}")
    figure("  the bare handler's", f"{beside.rate:.0f}")
    ratio = all_there_is.rate / beside.rate
    figure("  times the bare handler", f"{ratio:.2f}", ratio >= LEAST_RATIO, f">= {LEAST_RATIO}")
    print(f"\nthe list and payments, {READS:.0%} and {1 - READS:.0%}, {name}")
    mixed = await office.asked(seconds, RATE, READS)
    figure(f"  at {RATE:.0f} a second, reads, p50 / p99", mixed.both())
    figure(f"  at {RATE:.0f} a second, payments, p50 / p99", mixed.both("write"))
    mixed = await office.asked(seconds, share=READS)
    figure("  as much as goes, reads, p50 / p99", mixed.both())
    figure("  as much as goes, payments, p50 / p99", mixed.both("write"))
    figure("  requests a second", f"{mixed.rate:.0f}")


async def main(small: bool) -> None:
    machine()
    data = folder()
    async with ground(data) as owner:
        measured = await furnish(owner, data)
        for count in (1, 4):
            await measured_with(count, owner, data, measured, 3.0 if small else 15.0)


if __name__ == "__main__":
    assert ROOT.is_dir()
    if "--load" in sys.argv[1:]:
        sys.stdout.buffer.write(pickle.dumps(asyncio.run(load(pickle.loads(sys.stdin.buffer.read())))))
    elif "--bare" in sys.argv[1:]:
        asyncio.run(bare(*pickle.loads(sys.stdin.buffer.read())))
    else:
        asyncio.run(main("--small" in sys.argv[1:]))
