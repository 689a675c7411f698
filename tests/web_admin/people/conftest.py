"""The office with the sample building, and what its database says afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest

from core.buildings import store as buildings
from core.charges import store as charges
from core.charges.bookkeeping import service as bookkeeping
from core.people import store as people
from core.people.accounts.model import Role
from core.people.audit import service as audit
from core.people.model import Ownership, Resident, Tenancy
from tests.web_admin.reading import Reader, Shown, Site

OTHER = "syndic@other.example"


@dataclass
class House:
    """The sample building of the office."""

    site: Site

    @property
    def building(self) -> UUID:
        return self.site.sample.known.building_id

    @property
    def path(self) -> str:
        return f"/buildings/{self.site.sample.known.building.slug}"

    async def syndic(self) -> Reader:
        return await self.site.signed_in()

    async def stranger(self) -> Reader:
        """The syndic of another tenant."""
        async with self.site.sample.database.work() as uow:
            organisation = await buildings.add_organisation(uow, "another")
            await uow.commit()
        await self.site.account(OTHER, organisation=organisation)
        reader = self.site.reader()
        await reader.sign_in(OTHER)
        return reader

    async def ownership(self, lot: str) -> list[Ownership]:
        async with self.site.sample.database.work(self.site.sample.organisation) as uow:
            return [row for row in await people.ownership(uow, self.building) if row.lot == lot]

    async def tenancies(self, lot: str) -> list[Tenancy]:
        async with self.site.sample.database.work(self.site.sample.organisation) as uow:
            return [row for row in await people.tenancies(uow, self.building) if row.lot == lot]

    async def residents(self) -> dict[str, Resident]:
        async with self.site.sample.database.work(self.site.sample.organisation) as uow:
            return {
                row.resident.person: row.resident for row in await people.residents(uow, self.building) if row.present
            }

    async def log(self) -> list[tuple[str, str]]:
        async with self.site.sample.database.work(self.site.sample.organisation) as uow:
            found = (await audit.entries(uow)).entries
            return [(row.deed, row.subject) for row in reversed(found) if row.deed not in ("employed", "dismissed")]

    async def booked(self, person: str) -> dict[tuple[str, str], int]:
        """What the books say of somebody, by kind and document, in cents."""
        async with self.site.sample.database.work(self.site.sample.organisation) as uow:
            found = await charges.postings(uow, [(self.building, person)])
            return {(row.kind, row.source): row.cents for row in found[self.building]}

    async def verified(self) -> Sequence[object]:
        async with self.site.sample.database.work(self.site.sample.organisation) as uow:
            return await bookkeeping.verify(uow, self.building)

    async def token(self, reader: Reader, shown: Shown) -> str:
        """What a form carries that was made for this reader."""
        assert reader.last is not None
        return shown.form("/sign-out")["form_token"]


@pytest.fixture
async def house(rooms: Site) -> House:
    return House(rooms)


READERS = (Role.COUNCIL, Role.AUDITOR, Role.ACCOUNTANT)
