"""Where wishes are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork, from_jsonb
from core.messaging.preferences import BY_DEFAULT, Preferences, from_json, to_json


async def keep(uow: UnitOfWork, person: UUID, wishes: Preferences) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO preferences (organisation_id, person_id, wishes, changed_at)"
            " VALUES (:organisation, :person, CAST(:wishes AS jsonb), :now)"
            " ON CONFLICT (person_id) DO UPDATE SET wishes = excluded.wishes, changed_at = excluded.changed_at"
        ),
        {
            "organisation": uow.organisation,
            "person": person,
            "wishes": json.dumps(to_json(wishes)),
            "now": uow.now,
        },
    )


async def of(uow: UnitOfWork, person: UUID) -> Preferences:
    """Those of a person; where nothing was said, the usual ones."""
    return (await of_all(uow, [person])).get(person, BY_DEFAULT)


async def of_all(uow: UnitOfWork, persons: Sequence[UUID]) -> dict[UUID, Preferences]:
    """Those of each person who said anything about it."""
    rows = await uow.connection.execute(
        text("SELECT person_id, wishes FROM preferences WHERE person_id = ANY(CAST(:persons AS uuid[]))"),
        {"persons": list(persons)},
    )
    return {row.person_id: from_json(from_jsonb(row.wishes)) for row in rows}
