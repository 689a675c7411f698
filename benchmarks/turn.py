"""What a turn costs: `python benchmarks/turn.py [--small]`.

A turn goes from the stored message to the answer handed to the channel, all its statements included. It runs on the bundled server with
the sample building, alone and 16 at a time (16 addresses of its owners). Two floors stand beside it, in turn with it: the statements of
that very turn, texts and parameters, with their BEGIN and COMMIT, sent by the same SQLAlchemy without the rest of the program; and sent
by asyncpg alone. What a turn wrote is taken away before its floors write it again.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import asyncpg
from floor import SAMPLE, figure, folder, ground, machine
from sqlalchemy import URL, Connection, event

from bot.concierge import Concierge
from bot.courier import Courier
from bot.reception import Reception
from bot.understanding import Understanding
from channels.console import NAME, Console
from core.buildings import service as buildings
from core.database import Database, application_url
from core.inbox import service as inbox
from core.interchange import service as interchange
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.kernel.ids import new_id
from core.kernel.text import say
from core.messaging.channel import Address, Evidence, Message, Origin, Receipt
from core.outbox.service import Recorder
from core.people import service as people
from core.people.model import EMAIL
from koprogo.catalogues import load

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT_A_TIME = 16
POOL = 8
"""Connections, as `koprogo serve` has them unless it is told otherwise."""
ASKED = {
    "charges.owed": {
        "fr": "Combien je dois ce trimestre ?",
        "nl": "Wat moet ik dit kwartaal betalen?",
        "de": "Was schulde ich dieses Quartal?",
        "en": "What do I owe this quarter?",
    },
    "charges.pay": {"fr": "Comment je paie ?", "nl": "Hoe betaal ik?", "de": "Wie bezahle ich?", "en": "How do I pay?"},
    "charges.explain": {
        "fr": "Pourquoi ce montant ?",
        "nl": "Waarom dat bedrag?",
        "de": "Warum dieser Betrag?",
        "en": "Why this amount?",
    },
    "help": {"fr": "aide", "nl": "hulp", "de": "Hilfe", "en": "help"},
}
MOST_RATIO, MOST_ALONE_MS = 1.5, 8.0


@dataclass(frozen=True)
class Statement:
    """One statement of a turn: as the program gave it to SQLAlchemy, and as that gave it to the driver."""

    clause: Any
    values: dict[str, Any]
    sql: str
    parameters: tuple[Any, ...]


class Listener:
    """Keeps the statements that pass through an engine until they are taken."""

    def __init__(self, database: Database) -> None:
        self._given: list[tuple[Any, dict[str, Any]]] = []
        self._sent: list[tuple[Connection, str, tuple[Any, ...]]] = []
        self.on = False
        engine = database.engine.sync_engine
        event.listen(engine, "before_execute", self._before)
        event.listen(engine, "before_cursor_execute", self._at_the_driver)

    def take(self) -> list[list[Statement]]:
        """The statements of each connection since the last time."""
        heard: dict[Connection, list[Statement]] = {}
        for (clause, values), (connection, sql, parameters) in zip(self._given, self._sent, strict=True):
            heard.setdefault(connection, []).append(Statement(clause, values, sql, parameters))
        self._given, self._sent = [], []
        return list(heard.values())

    def _before(self, connection: Connection, clause: Any, multiple: Any, values: dict[str, Any], options: Any) -> None:
        if self.on:
            self._given.append((clause, values))

    def _at_the_driver(
        self, connection: Connection, cursor: Any, sql: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if self.on:
            self._sent.append((connection, sql, parameters))


class Wire(Console):
    """A channel that notes when it was handed what, and answers once all have been handed theirs, as a slow wire would."""

    def __init__(self) -> None:
        super().__init__()
        self._sorry = {words(say("bot.sorry")) for words in load().values()}
        self.handed: dict[Address, float] = {}
        self.apologies = 0
        self._expected = 0
        self._all, self._go = asyncio.Event(), asyncio.Event()

    def expect(self, count: int) -> None:
        self.handed, self._expected = {}, count
        self._all.clear()
        self._go.clear()

    async def send(self, to: Any, card: Any, files: Any, key: str, reply_to: str | None) -> Receipt:
        self.handed[to] = time.perf_counter()
        self.apologies += card.title in self._sorry
        if len(self.handed) == self._expected:
            self._all.set()
        await self._go.wait()
        return Receipt(key, Evidence.DELIVERED, NOW)

    async def all_handed(self) -> None:
        await asyncio.wait_for(self._all.wait(), 30)

    def answer(self) -> None:
        self._go.set()


@dataclass
class Times:
    """Seconds of a turn and of its floors."""

    ours: list[float] = field(default_factory=list)
    sqlalchemy: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


class Bench:
    def __init__(self, database: Database, pool: asyncpg.Pool, owner: asyncpg.Connection, understanding: Understanding):
        self.database, self.pool, self.owner = database, pool, owner
        self.understanding = understanding
        self.listener, self.wire = Listener(database), Wire()
        catalogues, channels = load(), {NAME: self.wire}
        self.reception = Reception(
            database, Concierge(database, understanding), Courier(database, channels, catalogues), channels, catalogues
        )
        self.speakers: list[tuple[Address, str]] = []

    async def store(self, intent: str, speakers: Sequence[tuple[Address, str]]) -> None:
        """Stores a question of each, in his language."""
        for address, language in speakers:
            message = Message(Origin(address), new_id().hex, NOW, ASKED[intent][language])
            await inbox.receive(self.database, NAME, message)

    async def turns(self, intent: str, speakers: Sequence[tuple[Address, str]]) -> tuple[list[float], list[Any]]:
        """One turn of each at once: seconds to the hand-over, and the statements of each."""
        await self.store(intent, speakers)
        self.wire.expect(len(speakers))
        self.listener.on = True
        begun = time.perf_counter()
        for address, _ in speakers:
            self.reception.attend(address)
        await self.wire.all_handed()
        self.listener.on = False
        took = [moment - begun for moment in self.wire.handed.values()]
        self.wire.answer()
        await self.reception.idle()
        if self.wire.apologies:
            raise SystemExit("a turn failed, and an apology was its answer")
        return took, self.listener.take()

    async def round(self, intent: str, speakers: Sequence[tuple[Address, str]], times: Times, turn: int) -> int:
        """A turn of each, and the same again by the floors, now in this order, now in that; gives the most statements of a turn."""
        last = await self.owner.fetchval("SELECT coalesce(max(inbound_id), 0) FROM inbox")
        took, statements = await self.turns(intent, speakers)
        times.ours += took
        floors: list[tuple[Callable[[Sequence[Statement], asyncio.Semaphore], Awaitable[None]], list[float]]] = [
            (self._by_sqlalchemy, times.sqlalchemy),
            (self._bare, times.bare),
        ]
        for send, seconds in floors if turn % 2 else reversed(floors):
            await self._forget(last)
            seconds += await _at_once(send, statements)
        await self._forget(last)
        await self.owner.execute("DELETE FROM inbox WHERE inbound_id > $1", last)
        return max(sum("set_config" not in statement.sql for statement in each) for each in statements)

    async def _by_sqlalchemy(self, statements: Sequence[Statement], places: asyncio.Semaphore) -> None:
        async with places, self.database.engine.connect() as connection:
            for statement in statements:
                result = await connection.execute(statement.clause, statement.values)
                if result.returns_rows:
                    result.all()
            await connection.commit()

    async def _bare(self, statements: Sequence[Statement], places: asyncio.Semaphore) -> None:
        async with places, self.pool.acquire() as connection, connection.transaction():
            for statement in statements:
                await connection.fetch(statement.sql, *statement.parameters)

    async def _forget(self, last: int) -> None:
        """Takes away what turns wrote about the messages after the `last` one, so that it can be written again."""
        await self.owner.execute("DELETE FROM choices")
        await self.owner.execute("DELETE FROM deliveries")
        await self.owner.execute("UPDATE inbox SET state = 'waiting' WHERE inbound_id > $1", last)

    async def per_second(self, intent: str, seconds: float) -> float:
        """Turns a second of one process, 16 at a time, each person waiting for his answer before he asks again; storing and settling too."""
        self.wire.expect(0)
        self.wire.answer()
        until = time.perf_counter() + seconds

        async def one(speaker: tuple[Address, str]) -> int:
            asked = 0
            while time.perf_counter() < until:
                await self.store(intent, [speaker])
                await self.reception.serve_all(speaker[0])
                asked += 1
            return asked

        begun = time.perf_counter()
        done = await asyncio.gather(*(one(speaker) for speaker in self.speakers))
        return sum(done) / (time.perf_counter() - begun)


async def _at_once(send: Any, turns: Sequence[Sequence[Statement]]) -> list[float]:
    places = asyncio.Semaphore(POOL)
    begun = time.perf_counter()

    async def one(statements: Sequence[Statement]) -> float:
        await send(statements, places)
        return time.perf_counter() - begun

    return await asyncio.gather(*(one(statements) for statements in turns))


async def load_sample(database: Database) -> list[tuple[Address, str]]:
    """Imports the sample building; gives 16 terminals of its owners, some having two, each with its owner's language."""
    with Folder.open(SAMPLE) as files:
        building = read_building(files)
    async with database.work() as uow:
        await buildings.enter(uow, "bench")
        await interchange.import_building(uow, building, None)
        await uow.commit()
    owners = {row.person for row in building.ownership}
    found = [row for row in building.people if row.email and row.person in owners]
    speakers = []
    for number in range(AT_A_TIME):
        owner = found[number % len(found)]
        speakers.append((Address(NAME, f"{owner.email}/{number}"), owner.language))
        await people.open_address(database, Address(EMAIL, owner.email), speakers[-1][0])
    return speakers


async def opened(owner: URL, small: bool) -> None:
    understanding = Understanding.load()
    for intent, asked in ASKED.items():
        for language, text in asked.items():
            read = understanding.read(text, language=language, today=NOW.date()).intent.name
            if read != intent:
                raise SystemExit(f"{text!r} is read as {read}, not as {intent}")
    url = application_url(owner)
    plain = [each.set(drivername="postgresql").render_as_string(hide_password=False) for each in (url, owner)]
    admin = await asyncpg.connect(plain[1])
    async with (
        Database(url, recorder=Recorder((NAME,)), clock=lambda: NOW, size=POOL) as database,
        asyncpg.create_pool(plain[0], min_size=POOL, max_size=POOL) as pool,
    ):
        bench = Bench(database, pool, admin, understanding)
        bench.speakers = await load_sample(database)
        await admin.execute("ANALYZE")
        for intent in ASKED:
            await measure(bench, intent, 20 if small else 200, 4 if small else 40)
        rate = await bench.per_second("charges.owed", 2.0 if small else 10.0)
        figure("charges.owed, turns a second of one process", f"{rate:.0f}")
    await admin.close()


async def measure(bench: Bench, intent: str, alone: int, together: int) -> None:
    judged = intent == "charges.owed"
    for name, groups, repeat in (
        ("alone", [[speaker] for speaker in bench.speakers], alone),
        (f"{AT_A_TIME} at a time", [bench.speakers], together),
    ):
        for turn in range(max(4, repeat // 10)):
            await bench.round(intent, groups[turn % len(groups)], Times(), turn)
        times, statements = Times(), 0
        for turn in range(repeat):
            statements = max(statements, await bench.round(intent, groups[turn % len(groups)], times, turn))
        print(f"\n{intent}, {name} ({statements} statements, {repeat} rounds)")
        middle = median(times.ours)
        if judged and name == "alone":
            figure("  a turn, p50 / p95", _both(times.ours), 1000 * middle < MOST_ALONE_MS, f"< {MOST_ALONE_MS:.0f} ms")
        else:
            figure("  a turn, p50 / p95", _both(times.ours))
        figure("  its statements by SQLAlchemy, p50 / p95", _both(times.sqlalchemy))
        figure("  its statements by asyncpg, p50 / p95", _both(times.bare))
        ratio = middle / median(times.sqlalchemy)
        figure("  times SQLAlchemy", f"{ratio:.2f}", ratio < MOST_RATIO if judged else None, f"< {MOST_RATIO}")
        figure("  times asyncpg", f"{middle / median(times.bare):.2f}")


def _both(seconds: Sequence[float]) -> str:
    return f"{1000 * median(seconds):.2f} / {1000 * quantiles(seconds, n=20)[18]:.2f} ms"


async def main(small: bool) -> None:
    machine()
    async with ground(folder()) as owner:
        await opened(owner, small)


if __name__ == "__main__":
    asyncio.run(main("--small" in sys.argv[1:]))
