"""Where decisions are kept. Nobody takes one back: the next one counts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork
from core.people.audit.model import Actor
from core.people.council.model import Decision

_DECISIONS = "SELECT module, switched_on, decided_on, note, actor_id, actor, at FROM module_decisions WHERE building_id = :building"


async def add(uow: UnitOfWork, building: UUID, decision: Decision) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO module_decisions (organisation_id, building_id, module, switched_on, decided_on, note, actor_id, actor, at)"
            " VALUES (:organisation, :building, :module, :on, :decided_on, :note, :actor_id, :actor, :now)"
        ),
        {
            "organisation": uow.organisation,
            "building": building,
            "module": decision.module,
            "on": decision.on,
            "decided_on": decision.decided_on,
            "note": decision.note,
            "actor_id": decision.actor.actor_id,
            "actor": decision.actor.name,
            "now": decision.at,
        },
    )


async def history(uow: UnitOfWork, building: UUID) -> list[Decision]:
    """All decisions, newest first."""
    rows = await uow.connection.execute(text(f"{_DECISIONS} ORDER BY decision DESC"), {"building": building})
    return [_decision(row) for row in rows]


async def last(uow: UnitOfWork, building: UUID, module: str) -> Decision | None:
    row = (
        await uow.connection.execute(
            text(f"{_DECISIONS} AND module = :module ORDER BY decision DESC LIMIT 1"),
            {"building": building, "module": module},
        )
    ).one_or_none()
    return _decision(row) if row else None


async def decided(uow: UnitOfWork, building: UUID) -> dict[str, bool]:
    """For each module that was ever decided on: whether it is to be on."""
    rows = await uow.connection.execute(
        text(
            "SELECT DISTINCT ON (module) module, switched_on FROM module_decisions WHERE building_id = :building"
            " ORDER BY module, decision DESC"
        ),
        {"building": building},
    )
    return {row.module: row.switched_on for row in rows}


def _decision(row: Row[Any]) -> Decision:
    return Decision(row.module, row.switched_on, row.decided_on, row.note, Actor(row.actor_id, row.actor), row.at)
