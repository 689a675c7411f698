"""A syndic who writes to the sample building."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.database import Database, UnitOfWork
from core.messaging.channel import Address
from core.outbox.broadcasts import service as broadcasts
from core.outbox.broadcasts.model import (
    Audience,
    Broadcast,
    Wording,
)
from core.people import store as people
from tests.ground_floor import Sample

FRENCH = Wording("Coupure d'eau", "L'eau est coupée jeudi.\n\nRemplissez {une} carafe.")
DUTCH = Wording("Waterpanne", "Donderdag is er geen water.")
SYNDIC_CODE, COUNCIL_CODE, OWNER_CODE, TENANT_CODE = "nathalie-renard", "lea-dubois", "anna-schmitz", "youssef-benali"
OWNERS = 12
"""Those who own a lot on that day; Werner Klein, who is listed, has sold his."""


async def persons(uow: UnitOfWork, sample: Sample) -> dict[str, UUID]:
    return {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}


def draft(sample: Sample, author: UUID, audience: str = "owners", **rest: Any) -> Broadcast:
    given: dict[str, Any] = {"wordings": {"fr": FRENCH, "nl": DUTCH}, "original": "fr"} | rest
    return Broadcast(uuid4(), sample.known.building_id, author, Audience.parse(audience), **given)


@pytest.fixture
async def who(sample: Sample) -> dict[str, UUID]:
    """Everybody by his code; all but Anna, who has no address, have a terminal."""
    async with sample.database.work(sample.organisation) as uow:
        found = await persons(uow, sample)
        for code, person in found.items():
            if code != OWNER_CODE:
                await people.link(uow, Address("console", code), person)
        await uow.commit()
    return found


@pytest.fixture
def write(sample: Sample, who: dict[str, UUID]) -> Callable[..., Broadcast]:
    """What the syndic writes."""

    def written(audience: str = "owners", by: str = SYNDIC_CODE, **rest: Any) -> Broadcast:
        return draft(sample, who[by], audience, **rest)

    return written


async def send(sample: Sample, broadcast: Broadcast) -> Any:
    async with sample.database.work(sample.organisation) as uow:
        done = await broadcasts.send(uow, broadcast)
        await uow.commit()
        return done


async def preview(sample: Sample, broadcast: Broadcast) -> Any:
    async with sample.database.work(sample.organisation) as uow:
        return await broadcasts.preview(uow, broadcast)


async def count(database: Database, organisation: UUID, table: str) -> int:
    async with database.work(organisation) as uow:
        return int(await uow.connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
