"""What tests share about time and place: a clock to set, and the sample building with its people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL

from core.buildings.model import Known
from core.database import Database, UnitOfWork
from core.documents.service import Shelf
from core.kernel.clock import local_day
from core.people import store as people
from core.people.model import Membership, Person, Place

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

    @property
    def building(self) -> UUID:
        return self.known.building_id

    @asynccontextmanager
    async def work(self) -> AsyncIterator[UnitOfWork]:
        """A transaction of the organisation; what is done in it is kept."""
        async with self.database.work(self.organisation) as uow:
            yield uow
            await uow.commit()

    async def people(self) -> dict[str, Person]:
        """Who is in the building, by the codes of the files."""
        async with self.work() as uow:
            listed = await people.residents(uow, self.building)
        return {row.resident.person: Person(row.person_id, row.resident.name, row.resident.language) for row in listed}


@dataclass
class House:
    """The sample building with its people, for tests of what they do: each use case in a transaction of its own."""

    sample: Sample
    clock: Hands
    people: dict[str, Person]
    persons: dict[str, UUID] = field(init=False)
    """The same, for whom only the identity matters."""

    def __post_init__(self) -> None:
        self.persons = {code: person.person_id for code, person in self.people.items()}

    @property
    def building(self) -> UUID:
        return self.sample.building

    @asynccontextmanager
    async def work(self) -> AsyncIterator[UnitOfWork]:
        async with self.sample.work() as uow:
            yield uow

    def __getitem__(self, code: str) -> UUID:
        return self.persons[code]

    def day(self, ahead: int = 0) -> date:
        """So many days from now, at the building."""
        return local_day(self.clock()) + timedelta(days=ahead)


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
