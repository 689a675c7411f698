"""What tests share about time and place: a clock to set, and the sample building with its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL

from core.buildings.model import Known
from core.database import Database, UnitOfWork
from core.documents.service import Shelf
from core.kernel.clock import local_day
from core.people import store as people
from core.people.model import Membership, Place

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""A quarter with an open call for the owners of the sample building."""
SAMPLE = Path(__file__).parents[1] / "koprogo" / "sample" / "residence-les-tilleuls"
CHANNELS = ("console", "telegram")
"""The channels through which the recorder of the tests tells."""


@dataclass
class Hands:
    """A clock that stands still until a test sets it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Sample:
    """The sample building in a database: as the application sees it, and `owner`, the URL of the owner of the tables."""

    database: Database
    owner: URL
    organisation: UUID
    known: Known
    shelf: Shelf

    async def places(self, uow: UnitOfWork) -> dict[str, Place]:
        """Everybody's place in the building, by his code in the files."""
        return await places(uow, self.known)


async def places(uow: UnitOfWork, known: Known) -> dict[str, Place]:
    day = local_day(uow.now)
    ownership, tenancies = (
        await people.ownership(uow, known.building_id),
        await people.tenancies(uow, known.building_id),
    )
    owners = {row.person for row in ownership}
    owners_today = {row.person for row in ownership if row.holds(day)}
    tenants_today = {row.person for row in tenancies if row.first <= day and (row.last is None or day <= row.last)}
    return {
        row.resident.person: Place(
            known,
            Membership(known.building_id, row.resident.person, row.account, row.resident.roles),
            row.resident.person in owners,
            row.resident.person in owners_today,
            row.resident.person in tenants_today,
        )
        for row in await people.residents(uow, known.building_id)
    }
