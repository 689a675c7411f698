"""Where tokens are kept, hashed, and the answers that were given to their requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from core.database import UnitOfWork
from core.kernel.ids import new_id
from core.people.api_tokens.model import ANSWERS_LAST, FRESH, Bearer, Kept, Token


async def add(uow: UnitOfWork, digest: bytes, name: str, scopes: Sequence[str], expires: datetime) -> Token | None:
    """Keeps a token; None where another of that name is good still."""
    token = Token(new_id(), name, tuple(scopes), uow.now, expires)
    await uow.connection.execute(
        text("UPDATE api_tokens SET revoked_at = :now WHERE name = :name AND revoked_at IS NULL AND expires <= :now"),
        {"name": name, "now": uow.now},
    )
    done = await uow.connection.execute(
        text(
            "INSERT INTO api_tokens (organisation_id, token_id, digest, name, scopes, created_at, expires)"
            " VALUES (:organisation, :token, :digest, :name, CAST(:scopes AS text[]), :now, :expires)"
            " ON CONFLICT (organisation_id, name) WHERE revoked_at IS NULL DO NOTHING"
        ),
        {
            "organisation": uow.organisation,
            "token": token.token_id,
            "digest": digest,
            "name": name,
            "scopes": list(scopes),
            "now": uow.now,
            "expires": expires,
        },
    )
    return token if done.rowcount else None


async def bearer(uow: UnitOfWork, digest: bytes) -> Bearer | None:
    """Whose a token is and what it may, across tenants; None where it is not known, expired or revoked."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT organisation_id, token_id, scopes, last_used"
                " FROM bearer_of_token(CAST(:digest AS bytea), CAST(:now AS timestamptz))"
            ),
            {"digest": digest, "now": uow.now},
        )
    ).one_or_none()
    if row is None:
        return None
    idle = row.last_used is None or row.last_used + FRESH <= uow.now
    return Bearer(row.token_id, row.organisation_id, frozenset(row.scopes), idle)


async def name(uow: UnitOfWork, token: UUID) -> str:
    """What a token of the organisation is called; empty where there is none."""
    found = await uow.connection.scalar(text("SELECT name FROM api_tokens WHERE token_id = :token"), {"token": token})
    return found or ""


async def used(uow: UnitOfWork, token: UUID) -> None:
    await uow.connection.execute(
        text("UPDATE api_tokens SET last_used = :now WHERE token_id = :token"), {"token": token, "now": uow.now}
    )


async def revoke(uow: UnitOfWork, name: str) -> bool:
    """The token of that name is good for nothing any more; False where there is none."""
    done = await uow.connection.execute(
        text("UPDATE api_tokens SET revoked_at = :now WHERE name = :name AND revoked_at IS NULL"),
        {"name": name, "now": uow.now},
    )
    return bool(done.rowcount)


async def every(uow: UnitOfWork) -> list[Token]:
    """The tokens of the organisation that were not revoked, oldest first."""
    rows = await uow.connection.execute(
        text(
            "SELECT token_id, name, scopes, created_at, expires, last_used, revoked_at FROM api_tokens"
            " WHERE revoked_at IS NULL ORDER BY created_at, name"
        )
    )
    return [Token(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows]


async def reserve(uow: UnitOfWork, token: UUID, key: str) -> bool:
    """Keeps others from a key of this token until the transaction ends; False where one of them has it now."""
    return bool(
        await uow.connection.scalar(
            text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 2))"), {"name": f"{token}/{key}"}
        )
    )


async def kept(uow: UnitOfWork, token: UUID, key: str) -> Kept | None:
    row = (
        await uow.connection.execute(
            text(
                "SELECT request, status, answer FROM api_answers WHERE token_id = :token AND key = :key AND at > :since"
            ),
            {"token": token, "key": key, "since": uow.now - ANSWERS_LAST},
        )
    ).one_or_none()
    return Kept(bytes(row.request), row.status, row.answer) if row else None


async def keep(uow: UnitOfWork, token: UUID, key: str, kept: Kept) -> None:
    """Keeps an answer, and forgets those that are too old to be asked for."""
    await uow.connection.execute(text("DELETE FROM api_answers WHERE at <= :since"), {"since": uow.now - ANSWERS_LAST})
    await uow.connection.execute(
        text(
            "INSERT INTO api_answers (organisation_id, token_id, key, request, status, answer, at)"
            " VALUES (:organisation, :token, :key, :request, :status, :answer, :now)"
        ),
        {
            "organisation": uow.organisation,
            "token": token,
            "key": key,
            "request": kept.request,
            "status": kept.status,
            "answer": kept.answer,
            "now": uow.now,
        },
    )
