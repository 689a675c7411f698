"""Use cases: the register of a building, what somebody accepted for legal notices, and who had which lot when."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from core.database import UnitOfWork
from core.people import store as people
from core.people.consents import store as consents
from core.people.consents.model import ACCEPTABLE, in_full
from core.people.model import LETTER, Consent, Ownership, Resident, Tenancy
from core.people.register import store
from core.people.register.model import Entry


async def register(uow: UnitOfWork, building: UUID) -> list[Entry]:
    """Everybody whom the files of a building name, in their order. Five statements."""
    present = [row for row in await people.residents(uow, building) if row.present]
    ways = await store.ways(uow, building)
    found = await people.recipients(uow, [row.person_id for row in present], ACCEPTABLE, building=building)
    ownership, tenancies = await people.ownership(uow, building), await people.tenancies(uow, building)
    entries = []
    for row in present:
        accepted = found[row.person_id][1].consents if row.person_id in found else frozenset()
        entries.append(
            Entry(
                row.person_id,
                row.resident,
                tuple(replace(way, accepted=way.address in accepted) for way in ways.get(row.person_id, ())),
                tuple(right for right in ownership if right.person == row.resident.person),
                tuple(tenancy for tenancy in tenancies if tenancy.person == row.resident.person),
            )
        )
    return entries


async def entry(uow: UnitOfWork, building: UUID, person: str) -> Entry | None:
    """Somebody by his code; None where the files of the building do not name him (any more)."""
    return next((row for row in await register(uow, building) if row.resident.person == person), None)


async def acceptances(uow: UnitOfWork, building: UUID, resident: Resident) -> list[Consent]:
    """All that somebody accepted for legal notices of a building, and withdrew, with what proves it, the oldest first.

    The short form of `people.csv` is told as the row for which it stands; a letter needs no acceptance and has none.
    """
    rows = await consents.of(uow, building, resident.person)
    short = [row for channel in resident.channels_accepted if (row := in_full(resident, channel, rows)) is not None]
    return sorted((row for row in (*rows, *short) if row.channel != LETTER), key=lambda row: row.accepted_on)


async def names(uow: UnitOfWork, building: UUID) -> dict[str, str]:
    """The name of everybody whom the files name or named, by code."""
    return {row.resident.person: row.resident.name for row in await people.residents(uow, building)}


async def rights(uow: UnitOfWork, building: UUID) -> tuple[Ownership, ...]:
    """Who owns and owned which lot, in the order of the files."""
    return await people.ownership(uow, building)


async def tenancies(uow: UnitOfWork, building: UUID) -> tuple[Tenancy, ...]:
    """Who rents and rented which lot, in the order of the files."""
    return await people.tenancies(uow, building)
