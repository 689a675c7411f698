"""Where it is kept that neighbours wrote to one another about a note. What they wrote stands in what was told, and nowhere else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork


async def add(uow: UnitOfWork, answer: UUID, notice: UUID, writer: UUID, reader: UUID) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO notice_answers (organisation_id, answer_id, notice_id, writer_id, reader_id, at)"
            " VALUES (:organisation, :answer, :notice, :writer, :reader, :now)"
        ),
        {
            "organisation": uow.organisation,
            "answer": answer,
            "notice": notice,
            "writer": writer,
            "reader": reader,
            "now": uow.now,
        },
    )


async def wrote(uow: UnitOfWork, notice: UUID, writer: UUID, reader: UUID) -> bool:
    """Whether somebody wrote to somebody about it."""
    return bool(
        await uow.connection.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM notice_answers WHERE notice_id = :notice AND writer_id = :writer AND reader_id = :reader)"
            ),
            {"notice": notice, "writer": writer, "reader": reader},
        )
    )


async def count(uow: UnitOfWork, writer: UUID, since: datetime) -> int:
    return int(
        await uow.connection.scalar(
            text("SELECT count(*) FROM notice_answers WHERE writer_id = :writer AND at > :since"),
            {"writer": writer, "since": since},
        )
        or 0
    )
