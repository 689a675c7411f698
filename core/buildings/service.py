"""Use cases: find and enter organisations, and their buildings."""

from __future__ import annotations

from uuid import UUID

from core.buildings import store
from core.buildings.model import Known
from core.database import Database, UnitOfWork


async def organisations(database: Database) -> dict[str, UUID]:
    """Every organisation by name."""
    async with database.work() as uow:
        return await store.organisations(uow)


async def enter(uow: UnitOfWork, name: str) -> UUID:
    """Enters the organisation of that name, which is made where there is none."""
    found = (await store.organisations(uow)).get(name)
    if found is None:
        return await store.add_organisation(uow, name)
    await uow.enter(found)
    return found


async def everywhere(database: Database) -> list[tuple[UUID, Known]]:
    """Every building with its organisation; for the operator of the installation, each read inside its tenant."""
    found = []
    for organisation in (await organisations(database)).values():
        async with database.work(organisation) as uow:
            found += [(organisation, known) for known in await store.every(uow)]
    return found
