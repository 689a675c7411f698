"""What finding a thing by words costs: `python benchmarks/search.py [--small]`.

10,000 things to lend in one building, named in four languages as people name theirs, and 1,000 searches as people ask, each a transaction
of its own: from the words of a message to the things that are meant, best first. Some words are misspelt, some mean nothing. They
are asked one after the other, then 8 at a time. The floor, in turn with it: the same statements with the same parameters, by asyncpg alone.
`--small`: a tenth of the searches.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import asyncpg
from floor import SAMPLE, figure, folder, ground, machine
from sqlalchemy import URL, Connection, event, text

from core.buildings import service as buildings
from core.community.loans.things import service as things
from core.community.words.dictionary import LANGUAGES, expressions
from core.community.words.model import terms
from core.database import Database, application_url, insert_rows
from core.interchange import service as interchange
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.kernel.ids import new_id
from core.outbox.service import Recorder

THINGS, SEARCHES, AT_A_TIME = 10_000, 1_000, 8
MOST_P99_MS = 20.0
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SAID_OF_IT = {
    "fr": ("", "", "une grande {}", "{} Bosch", "{} en bon état", "petit {} rouge", "{} pour enfants", "ma vieille {}"),
    "nl": (
        "",
        "",
        "een grote {}",
        "{} van Bosch",
        "{}, zo goed als nieuw",
        "kleine rode {}",
        "{} voor kinderen",
        "mijn oude {}",
    ),
    "de": ("", "", "eine große {}", "{} von Bosch", "{}, wie neu", "kleine rote {}", "{} für Kinder", "meine alte {}"),
    "en": ("", "", "a large {}", "{} by Bosch", "{}, as new", "small red {}", "{} for children", "my old {}"),
}
ASKED = {
    "fr": ("{}", "Je cherche {}", "Est-ce que quelqu'un a {} pour samedi ?", "Puis-je emprunter {} ?"),
    "nl": ("{}", "Ik zoek {}", "Heeft iemand {} voor zaterdag?", "Mag ik {} lenen?"),
    "de": ("{}", "Ich suche {}", "Hat jemand {} für Samstag?", "Kann ich {} ausleihen?"),
    "en": ("{}", "I am looking for {}", "Does anyone have {} for Saturday?", "May I borrow {}?"),
}
MISSPELT, NONSENSE = 0.1, 0.05
"""How many of the searches are."""


Statement = tuple[str, tuple[Any, ...]]
Statements = tuple[Statement, ...]


class Names:
    """What things are called, and asked for: the words of the dictionary, and what people say around them. The same at each run."""

    def __init__(self) -> None:
        self._chance = random.Random(2026)
        self._words = {language: list[str]() for language in LANGUAGES}
        for language, term, expression in expressions():
            if term.startswith("@"):
                self._words[language].append(expression.strip())

    def thing(self) -> str:
        language = self._chance.choice(LANGUAGES)
        around = self._chance.choice(SAID_OF_IT[language]) or "{}"
        return around.format(self._chance.choice(self._words[language]))

    def search(self) -> str:
        language = self._chance.choice(LANGUAGES)
        word = self._chance.choice(self._words[language])
        kind = self._chance.random()
        if kind < NONSENSE:
            word = "".join(self._chance.choices("abcdefghijklmnopqrstuvwxyz", k=9))
        elif kind < NONSENSE + MISSPELT and len(word) > 4:
            place = self._chance.randrange(1, len(word) - 1)
            word = word[:place] + word[place + 1 :]
        return self._chance.choice(ASKED[language]).format(word)


class Bench:
    def __init__(self, database: Database, pool: asyncpg.Pool, organisation: UUID, building: UUID) -> None:
        self.database, self.pool = database, pool
        self.organisation, self.building = organisation, building
        self.found = self.asked = 0
        self.heard: list[Statement] = []
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._listen)

    def _listen(
        self, connection: Connection, cursor: Any, sql: str, parameters: tuple[Any, ...], context: Any, many: bool
    ) -> None:
        self.heard.append((sql, parameters))

    async def search(self, said: str) -> float:
        """Seconds of a search; nothing is remembered of the words that were looked for before."""
        terms.cache_clear()
        begun = time.perf_counter()
        async with self.database.work(self.organisation) as uow:
            found = await things.found(uow, self.building, said)
        self.found, self.asked = self.found + bool(found), self.asked + 1
        return time.perf_counter() - begun

    async def bare(self, statements: Statements) -> float:
        begun = time.perf_counter()
        async with self.pool.acquire() as connection, connection.transaction():
            for sql, parameters in statements:
                await connection.fetch(sql, *parameters)
        return time.perf_counter() - begun


async def fill(database: Database, names: Names) -> tuple[UUID, UUID]:
    """The sample building with its 10,000 things; gives its organisation and itself."""
    with Folder.open(SAMPLE) as files:
        sample = read_building(files)
    async with database.work() as uow:
        await buildings.enter(uow, "bench")
        await interchange.import_building(uow, sample, None)
        building = (await uow.connection.execute(text("SELECT building_id FROM buildings"))).scalar_one()
        owners = list((await uow.connection.execute(text("SELECT person_id FROM residents"))).scalars())
        columns = ("thing_id", "building_id", "owner_id", "name", "longest", "terms", "put_up_at")
        rows = []
        for number in range(THINGS):
            name = names.thing()
            owner, at = owners[number % len(owners)], NOW - timedelta(minutes=number)
            rows.append((new_id(), building, owner, name, 7, sorted(terms(name)), at))
        await insert_rows(uow, "loan_things", columns, rows)
        await uow.commit()
        return uow.organisation, building


async def alone(bench: Bench, searches: Sequence[str]) -> tuple[list[float], list[float], list[Statements]]:
    """Each after the other, now before its bare statements, now after them; gives the statements too."""
    ours: list[float] = []
    floors: list[float] = []
    sent: list[Statements] = []
    for number, said in enumerate(searches):
        del bench.heard[:]
        first = await bench.search(said)
        sent.append(tuple(bench.heard))
        floors.append(await bench.bare(sent[-1]))
        ours.append(await bench.search(said) if number % 2 else first)
    return ours, floors, sent


async def together(one: Callable[[Any], Awaitable[float]], each: Sequence[Any]) -> list[float]:
    """So many at a time, each waiting for its answer before it asks again."""
    waiting, took = iter(each), list[float]()

    async def asks() -> None:
        for said in waiting:
            took.append(await one(said))

    await asyncio.gather(*(asks() for _ in range(AT_A_TIME)))
    return took


async def opened(owner: URL, small: bool) -> None:
    url = application_url(owner)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    names = Names()
    async with (
        Database(url, recorder=Recorder(()), clock=lambda: NOW, size=AT_A_TIME) as database,
        asyncpg.create_pool(plain, min_size=AT_A_TIME, max_size=AT_A_TIME) as pool,
    ):
        bench = Bench(database, pool, *await fill(database, names))
        admin = await asyncpg.connect(owner.set(drivername="postgresql").render_as_string(hide_password=False))
        await admin.execute("ANALYZE")
        await admin.close()
        count = SEARCHES // 10 if small else SEARCHES
        await alone(bench, [names.search() for _ in range(50)])
        bench.found = bench.asked = 0
        searches = [names.search() for _ in range(count)]
        ours, floors, sent = await alone(bench, searches)
        shown(f"one after the other, {count} searches", ours, floors, judged=True)
        ours, floors = await together(bench.search, searches), await together(bench.bare, sent)
        shown(f"{AT_A_TIME} at a time, {count} searches", ours, floors)
        figure("  searches that found something", f"{100 * bench.found / bench.asked:.0f} %")


def shown(name: str, ours: list[float], floors: list[float], judged: bool = False) -> None:
    print(f"\n{THINGS:,} things, {name}")
    p99 = 1000 * quantiles(ours, n=100)[98]
    figure("  a search, p50", f"{1000 * median(ours):.2f} ms")
    figure("  a search, p99", f"{p99:.2f} ms", p99 < MOST_P99_MS if judged else None, f"< {MOST_P99_MS:.0f} ms")
    figure("  its statements by asyncpg, p50", f"{1000 * median(floors):.2f} ms")
    figure("  its statements by asyncpg, p99", f"{1000 * quantiles(floors, n=100)[98]:.2f} ms")
    figure("  times asyncpg", f"{median(ours) / median(floors):.2f}")


async def main(small: bool) -> None:
    machine()
    async with ground(folder()) as owner:
        await opened(owner, small)


if __name__ == "__main__":
    asyncio.run(main("--small" in sys.argv[1:]))
