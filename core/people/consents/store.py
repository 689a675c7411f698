"""Where acceptances are kept: the rows of `consents.csv`, those of the files and those given by message."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork
from core.people.model import Consent


async def of(uow: UnitOfWork, building: UUID, person: str) -> list[Consent]:
    """Those of a person, by his code in the building, in the order in which they were given."""
    rows = await uow.connection.execute(
        text(
            "SELECT person, channel, address, accepted_on, withdrawn_on, evidence FROM consents"
            " WHERE building_id = :building AND person = :person ORDER BY position"
        ),
        {"building": building, "person": person},
    )
    return [Consent(*row) for row in rows]


async def add(uow: UnitOfWork, building: UUID, consent: Consent) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO consents (organisation_id, building_id, position, person, channel, address, accepted_on, withdrawn_on, evidence)"
            " SELECT :organisation, CAST(:building AS uuid), coalesce(max(position), -1) + 1, :person, :channel, :address,"
            " CAST(:accepted_on AS date), CAST(:withdrawn_on AS date), :evidence FROM consents WHERE building_id = :building"
        ),
        {"organisation": uow.organisation, "building": building} | _values(consent),
    )


async def change(uow: UnitOfWork, building: UUID, consent: Consent) -> None:
    """Keeps what happened to an acceptance since it was given."""
    await uow.connection.execute(
        text(
            "UPDATE consents SET withdrawn_on = :withdrawn_on, evidence = :evidence WHERE building_id = :building"
            " AND person = :person AND channel = :channel AND address = :address AND accepted_on = :accepted_on"
        ),
        {"building": building} | _values(consent),
    )


def _values(consent: Consent) -> dict[str, object]:
    return {
        "person": consent.person,
        "channel": consent.channel,
        "address": consent.address,
        "accepted_on": consent.accepted_on,
        "withdrawn_on": consent.withdrawn_on,
        "evidence": consent.evidence,
    }
