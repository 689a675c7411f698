"""Use cases: find and enter organisations, and their buildings."""

from __future__ import annotations

from uuid import UUID

from core.buildings import store
from core.buildings.model import Known, Lot, Weight
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


async def find(uow: UnitOfWork, slug: str) -> Known | None:
    """The building of that slug in the unit's organisation."""
    return await store.find(uow, slug)


async def every(uow: UnitOfWork) -> list[Known]:
    """The buildings of the unit's organisation, by slug."""
    return await store.every(uow)


async def everywhere(database: Database) -> list[tuple[UUID, Known]]:
    """Every building with its organisation; for the operator of the installation, each read inside its tenant."""
    found = []
    for organisation in (await organisations(database)).values():
        async with database.work(organisation) as uow:
            found += [(organisation, known) for known in await store.every(uow)]
    return found


async def get(uow: UnitOfWork, building: UUID) -> Known:
    """A building of the organisation by its identity. NoSuchBuilding, in the same words for one of another organisation."""
    return await store.get(uow, building)


async def lots(uow: UnitOfWork, building: UUID) -> tuple[Lot, ...]:
    return await store.lots(uow, building)


async def weights(uow: UnitOfWork, building: UUID) -> tuple[Weight, ...]:
    return await store.weights(uow, building)
