"""Where the log is kept. It can only be added to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, from_jsonb
from core.people.audit.model import Actor, Entry, Filter, Record

_ADD = text(
    "INSERT INTO audit_log (organisation_id, at, actor_id, actor, deed, subject, building_id, before, after)"
    " SELECT :organisation, :now, :actor_id, :actor, r.deed, r.subject, CAST(:building AS uuid), nullif(r.before, 'null'),"
    " nullif(r.after, 'null')"
    " FROM jsonb_to_recordset(CAST(:records AS jsonb)) AS r (deed text, subject text, before jsonb, after jsonb)"
)

_ENTRIES = "SELECT entry, at, actor_id, actor, deed, subject, building_id, before, after FROM audit_log"


async def add(uow: UnitOfWork, actor: Actor, records: Sequence[Record], building: UUID | None) -> None:
    await uow.connection.execute(
        _ADD,
        {
            "organisation": uow.organisation,
            "now": uow.now,
            "actor_id": actor.actor_id,
            "actor": actor.name,
            "building": building,
            "records": json.dumps(
                [
                    {"deed": row.deed.value, "subject": row.subject, "before": row.before, "after": row.after}
                    for row in records
                ],
                ensure_ascii=False,
            ),
        },
    )


async def entries(uow: UnitOfWork, wanted: Filter, before: int | None, most: int) -> list[Entry]:
    """Newest first, those with a smaller number than `before`."""
    conditions = ["entry < coalesce(CAST(:before AS bigint), 9223372036854775807)"]
    values: dict[str, Any] = {"before": before, "most": most}
    if wanted.within is not None:
        conditions.append("building_id = ANY(:within)")
        values["within"] = sorted(wanted.within)
    given: dict[str, tuple[str, Any]] = {
        "building": ("building_id = :building", wanted.building),
        "actor": ("actor_id = :actor", wanted.actor),
        "named": ("position(lower(:named) IN lower(actor)) > 0", wanted.named),
        "deed": ("deed = :deed", wanted.deed),
        "subject": ("subject = :subject", wanted.subject),
        "since": ("at >= :since", wanted.since),
        "until": ("at < :until", wanted.until),
    }
    for name, (condition, value) in given.items():
        if value:
            conditions.append(condition)
            values[name] = value
    rows = await uow.connection.execute(
        text(f"{_ENTRIES} WHERE {' AND '.join(conditions)} ORDER BY entry DESC LIMIT :most"), values
    )
    return [_entry(row) for row in rows]


async def entry(uow: UnitOfWork, number: int) -> Entry | None:
    row = (await uow.connection.execute(text(f"{_ENTRIES} WHERE entry = :number"), {"number": number})).one_or_none()
    return _entry(row) if row else None


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.entry,
        row.at,
        Actor(row.actor_id, row.actor),
        row.deed,
        row.subject,
        row.building_id,
        from_jsonb(row.before),
        from_jsonb(row.after),
    )
