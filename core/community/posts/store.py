"""Where it is kept who put up what, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from core.community.posts.model import Post
from core.database import UnitOfWork


async def lock(uow: UnitOfWork, person: UUID) -> None:
    """One post at a time of each person, so that nobody passes the limit by being quick."""
    await uow.connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 6))"), {"person": f"{uow.organisation}:{person}"}
    )


async def count(uow: UnitOfWork, person: UUID, since: datetime) -> int:
    return int(
        await uow.connection.scalar(
            text("SELECT count(*) FROM posts WHERE person_id = :person AND at > :since"),
            {"person": person, "since": since},
        )
        or 0
    )


async def add(uow: UnitOfWork, post: Post) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO posts (organisation_id, building_id, person_id, kind, subject, at)"
            " VALUES (:organisation, :building, :person, :kind, :subject, :at)"
        ),
        {
            "organisation": uow.organisation,
            "building": post.building,
            "person": post.person,
            "kind": post.kind,
            "subject": post.subject,
            "at": post.at,
        },
    )


async def last(uow: UnitOfWork, person: UUID) -> Post | None:
    """What a person put up last and has not taken back."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT person_id, building_id, kind, subject, at FROM posts WHERE person_id = :person AND undone_at IS NULL"
                " ORDER BY at DESC, post DESC LIMIT 1"
            ),
            {"person": person},
        )
    ).one_or_none()
    return Post(*row) if row else None


async def of(uow: UnitOfWork, kind: str, subject: UUID) -> Post | None:
    """How something was put up, the last time, locked."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT person_id, building_id, kind, subject, at FROM posts WHERE kind = :kind AND subject = :subject"
                " ORDER BY at DESC, post DESC LIMIT 1 FOR UPDATE"
            ),
            {"kind": kind, "subject": subject},
        )
    ).one_or_none()
    return Post(*row) if row else None


async def since(uow: UnitOfWork, subjects: Collection[UUID]) -> dict[UUID, datetime]:
    rows = await uow.connection.execute(
        text(
            "SELECT subject, min(at) AS at FROM posts WHERE subject = ANY(CAST(:subjects AS uuid[])) GROUP BY subject"
        ),
        {"subjects": list(subjects)},
    )
    return {row.subject: row.at for row in rows}


async def undone(uow: UnitOfWork, subject: UUID) -> None:
    await uow.connection.execute(
        text("UPDATE posts SET undone_at = :now WHERE subject = :subject AND undone_at IS NULL"),
        {"subject": subject, "now": uow.now},
    )
