"""A log in which something stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from core.kernel.ids import new_id
from core.people.audit import service as audit
from core.people.audit.model import COMMAND, Actor, Deed, Entry, Record
from tests.ground_floor import NOW
from tests.web_admin.reading import Site

NATHALIE, TOOL = Actor(new_id(), "Nathalie Renard"), Actor(new_id(), "Boekhouding")


@dataclass
class Log:
    """The office, and its log."""

    site: Site

    async def write(
        self,
        records: Sequence[Record],
        actor: Actor = NATHALIE,
        building: UUID | None = None,
        organisation: UUID | None = None,
        at: datetime = NOW,
    ) -> list[int]:
        """Writes entries at that time, and gives their numbers."""
        sample = self.site.sample
        async with sample.database.work(organisation or sample.organisation, now=at) as uow:
            await audit.record_all(uow, actor, records, building)
            written = (await audit.entries(uow, most=len(records))).entries
            await uow.commit()
        return [entry.number for entry in reversed(written)]

    async def all(self) -> list[Entry]:
        async with self.site.sample.database.work(self.site.sample.organisation) as uow:
            return list((await audit.entries(uow, most=200)).entries)


@pytest.fixture
def log(rooms: Site) -> Log:
    return Log(rooms)


@pytest.fixture
async def filled(log: Log) -> Log:
    """What happens in a week."""
    house = log.site.sample.known.building_id
    await log.write([Record(Deed.BUILDING_IMPORTED, "building", None, {"lots": 24, "people": 31})], COMMAND, house)
    await log.write(
        [
            Record(Deed.LOT_CHANGED, "lot A/1", {"shares": "137", "floor": "0"}, {"shares": "138", "floor": "1"}),
            Record(
                Deed.OWNERSHIP_CHANGED,
                "lot A/1",
                {"rows": [{"person": "lea-dubois", "right": "full", "from": "2019-03-01"}]},
                {"rows": [{"person": "tom-vermeulen", "right": "full", "from": "2026-11-20"}]},
            ),
            Record(
                Deed.MODULE_SWITCHED,
                "module loans",
                {"on": True},
                {"on": False, "decided_on": "2026-11-18", "note": "Nobody lends anything yet."},
            ),
        ],
        building=house,
    )
    booked = {"date": "2026-11-20", "supplier": "Ascenseurs Dupont SA", "total_cents": 44520, "account": "61100"}
    await log.write([Record(Deed.EXPENSE_BOOKED, "expense 2026-118", None, booked)], TOOL, house)
    await log.write([Record(Deed.EMPLOYED, "account piet@renard-gestion.example", None, {"role": "accountant"})])
    return log
