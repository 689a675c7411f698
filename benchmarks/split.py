"""What splitting costs: `python benchmarks/split.py [--small]`.

1,000 expenses over 5,000 lots, exact to the cent: 5 million parts, computed and stored under row-level security by the way that an import
takes. The floor, in turn with it: the same rows, computed beforehand, by COPY to a temporary table and INSERT .. SELECT under the same
role. (PostgreSQL refuses COPY into a table with row-level security.) `--small`: a tenth of the expenses.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from array import array
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import repeat
from statistics import median
from uuid import UUID

import asyncpg
from floor import figure, folder, ground, machine
from sqlalchemy import URL

from core.buildings import store as buildings
from core.buildings.model import GENERAL, Lot, Weight
from core.charges import store
from core.charges.bookkeeping.model import Documents, lot_parts
from core.charges.model import ORDINARY, Expense
from core.database import Database, application_url
from core.kernel.ids import new_id
from core.outbox.service import Recorder

LOTS, EXPENSES, TIMES = 5_000, 1_000, 3
MOST_RATIO = 2.0
KEYS = (GENERAL, "lift", "heating")


def large_building(expenses: int) -> Documents:
    """Lots of 1 to 97 shares, two keys besides (one of which leaves every third lot out), and invoices of odd amounts."""
    lots = [Lot(f"L{number:04}", "apartment", "", number * 37 % 97 + 1) for number in range(LOTS)]
    weights = [Weight("lift", lot.lot, number * 11 % 53 + 1) for number, lot in enumerate(lots)]
    weights += [Weight("heating", lot.lot, number * 7 % 31 + 1) for number, lot in enumerate(lots)]
    invoices = []
    for number in range(expenses):
        net = 5_000_000 + number * 7_919
        invoices.append(
            Expense(
                f"F{number:04}",
                date(2026, 1 + number % 12, 1),
                "Supplier",
                "Service",
                net,
                0,
                net,
                "61000",
                KEYS[number % 3],
                ORDINARY,
                "owner",
                "",
                "",
            )
        )
    return Documents(lots, weights, (), (), (), invoices, (), ())


class Split:
    def __init__(self, database: Database, app: asyncpg.Connection, owner: asyncpg.Connection, documents: Documents):
        self.database, self.app, self.owner, self.documents = database, app, owner, documents
        self.organisation, self.building = UUID(int=0), new_id()
        self.rows = 0
        # Computed beforehand for the floor: the cents alone, eight bytes a row.
        self._cents = [
            (f"expense:{row.number}", array("q", documents.register.over_lots(row.total, row.key)))
            for row in documents.expenses
        ]

    async def ours(self) -> float:
        """Computed and stored, as an import does it."""
        begun = time.perf_counter()
        async with self.database.work(self.organisation) as uow:
            await store.replace_parts(uow, self.building, lot_parts(self.documents))
            await uow.commit()
        return time.perf_counter() - begun

    async def floor(self) -> float:
        """The same rows by COPY and INSERT .. SELECT, and nothing else."""
        begun = time.perf_counter()
        async with self.app.transaction():
            await self.app.execute("SELECT set_config('koprogo.organisation', $1, true)", str(self.organisation))
            await self.app.execute(
                "CREATE TEMPORARY TABLE incoming (building_id uuid, source text, lot text, cents bigint) ON COMMIT DROP"
            )
            await self.app.copy_records_to_table("incoming", records=self._ready())
            await self.app.execute(
                "INSERT INTO parts (organisation_id, building_id, source, lot, cents)"
                " SELECT $1, building_id, source, lot, cents FROM incoming",
                self.organisation,
            )
        return time.perf_counter() - begun

    def _ready(self) -> Iterator[tuple[UUID, str, str, int]]:
        lots = [lot.lot for lot in self.documents.lots]
        for source, cents in self._cents:
            yield from zip(repeat(self.building), repeat(source), lots, cents, strict=False)

    async def cleared(self) -> tuple[int, int]:
        """How many rows stood there, and their sum; then none do."""
        row = await self.owner.fetchrow("SELECT count(*), coalesce(sum(cents), 0)::bigint FROM parts")
        await self.owner.execute("TRUNCATE parts")
        await self.owner.execute("CHECKPOINT")
        return row[0], row[1]


async def opened(owner: URL, expenses: int) -> None:
    url = application_url(owner)
    dsn = [each.set(drivername="postgresql").render_as_string(hide_password=False) for each in (url, owner)]
    app, admin = await asyncpg.connect(dsn[0]), await asyncpg.connect(dsn[1])
    async with Database(url, recorder=Recorder(()), clock=lambda: datetime(2026, 11, 22, tzinfo=UTC)) as database:
        split = Split(database, app, admin, large_building(expenses))
        async with database.work() as uow:
            split.organisation = await buildings.add_organisation(uow, "bench")
            await uow.commit()
        billed = sum(row.total for row in split.documents.expenses)
        ours, floor = [], []
        before = _peak()
        for turn in range(TIMES):
            for name in ("ours", "floor") if turn % 2 else ("floor", "ours"):
                took = await getattr(split, name)()
                (ours if name == "ours" else floor).append(took)
                if await split.cleared() != (expenses * LOTS, billed):
                    raise SystemExit(f"the rows of {name} are not those that were to be stored")
                print(f"  {name:<6} {took:.2f} s", flush=True)
    ratio = median(ours) / median(floor)
    rows = expenses * LOTS
    print(f"\n{expenses} expenses over {LOTS} lots, {rows} rows, {TIMES} times each, medians")
    figure("split and stored", f"{median(ours):.2f} s ({rows / median(ours) / 1e6:.2f} M rows/s)")
    figure("COPY and INSERT .. SELECT of the same rows", f"{median(floor):.2f} s")
    figure("ratio", f"{ratio:.2f}", ratio < MOST_RATIO, f"< {MOST_RATIO:.0f}")
    figure("memory that it took at most", f"{_peak() - before:.0f} MB")
    await app.close()
    await admin.close()


def _peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


async def main(small: bool) -> None:
    machine()
    async with ground(folder()) as owner:
        await opened(owner, EXPENSES // 10 if small else EXPENSES)


if __name__ == "__main__":
    asyncio.run(main("--small" in sys.argv[1:]))
