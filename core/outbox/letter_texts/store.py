"""Where the texts of letters are kept: one row for each language that somebody has changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text

from core.database import UnitOfWork
from core.outbox.letter_texts.model import Kept, LetterTexts


async def every(uow: UnitOfWork) -> dict[str, Kept]:
    """By language; those that nobody has changed are not there."""
    rows = await uow.connection.execute(
        text(
            "SELECT language, greeting, closing, added, version, changed_at, changed_by FROM letter_texts ORDER BY language"
        )
    )
    return {row.language: _kept(row) for row in rows}


async def change(uow: UnitOfWork, language: str, texts: LetterTexts, version: int, by: str) -> bool:
    """Keeps the texts where their version is still that one; 0: where there are none yet."""
    values = {
        "organisation": uow.organisation,
        "language": language,
        "greeting": texts.greeting,
        "closing": texts.closing,
        "added": texts.added,
        "version": version,
        "now": uow.now,
        "by": by,
    }
    statement = (
        "UPDATE letter_texts SET greeting = :greeting, closing = :closing, added = :added, version = version + 1, changed_at = :now,"
        " changed_by = :by WHERE organisation_id = :organisation AND language = :language AND version = :version"
        if version
        else "INSERT INTO letter_texts (organisation_id, language, greeting, closing, added, version, changed_at, changed_by)"
        " SELECT :organisation, :language, :greeting, :closing, :added, 1 + CAST(:version AS integer), :now, :by"
        " ON CONFLICT (organisation_id, language) DO NOTHING"
    )
    return bool((await uow.connection.execute(text(statement), values)).rowcount)


def _kept(row: Row[Any]) -> Kept:
    return Kept(LetterTexts(row.greeting, row.closing, row.added), row.version, row.changed_at, row.changed_by)
