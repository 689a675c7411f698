"""Where drafts are kept."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork, from_jsonb
from core.interchange.setup.model import Draft, Listed, from_json, to_json
from core.interchange.typed import Typed
from core.people.audit.model import Actor

_COLUMNS = "draft_id, building_id, based_on, version, content, begun_at, changed_at, changed_by_id, changed_by"


async def add(uow: UnitOfWork, draft: Draft) -> None:
    await uow.connection.execute(
        text(
            f"INSERT INTO drafts (organisation_id, {_COLUMNS}) VALUES (:organisation, :draft, :building, :based_on, :version,"
            " CAST(:content AS jsonb), :now, :now, :by_id, :by)"
        ),
        {
            "organisation": uow.organisation,
            "draft": draft.draft_id,
            "building": draft.building,
            "based_on": draft.based_on,
            "version": draft.version,
            "content": _content(draft.typed),
            "now": uow.now,
            "by_id": draft.changed_by.actor_id,
            "by": draft.changed_by.name,
        },
    )


async def find(uow: UnitOfWork, draft: UUID, *, to_change: bool = False) -> Draft | None:
    """`to_change`: nobody else changes it until the transaction ends."""
    row = (
        await uow.connection.execute(
            text(f"SELECT {_COLUMNS} FROM drafts WHERE draft_id = :draft{' FOR UPDATE' if to_change else ''}"),
            {"draft": draft},
        )
    ).one_or_none()
    return _draft(row) if row else None


async def every(uow: UnitOfWork) -> list[Listed]:
    """The drafts of the organisation, the one changed last first."""
    rows = await uow.connection.execute(
        text(
            "SELECT draft_id, building_id, version, coalesce(content -> 'settings' ->> 'name', '') AS name, changed_at, changed_by_id,"
            " changed_by FROM drafts ORDER BY changed_at DESC, draft_id"
        )
    )
    return [
        Listed(
            row.draft_id,
            row.building_id,
            row.version,
            row.name,
            row.changed_at,
            Actor(row.changed_by_id, row.changed_by),
        )
        for row in rows
    ]


async def change(uow: UnitOfWork, draft: UUID, version: int, typed: Typed, actor: Actor) -> bool:
    """Keeps what was typed as the next version. False where the draft is not in that version."""
    done = await uow.connection.execute(
        text(
            "UPDATE drafts SET content = CAST(:content AS jsonb), version = version + 1, changed_at = :now, changed_by_id = :by_id,"
            " changed_by = :by WHERE draft_id = :draft AND version = :version"
        ),
        {
            "content": _content(typed),
            "now": uow.now,
            "by_id": actor.actor_id,
            "by": actor.name,
            "draft": draft,
            "version": version,
        },
    )
    return bool(done.rowcount)


async def remove(uow: UnitOfWork, draft: UUID) -> None:
    await uow.connection.execute(text("DELETE FROM drafts WHERE draft_id = :draft"), {"draft": draft})


def _content(typed: Typed) -> str:
    return json.dumps(to_json(typed), ensure_ascii=False)


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        row.draft_id,
        row.building_id,
        row.based_on,
        row.version,
        from_json(from_jsonb(row.content)),
        row.begun_at,
        row.changed_at,
        Actor(row.changed_by_id, row.changed_by),
    )
