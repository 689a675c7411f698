"""Use cases: issue and revoke tokens, know who bears one, and do a request once however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from core.database import Database, UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.ids import digest, new_token
from core.people.api_tokens import store
from core.people.api_tokens.model import (
    LASTS,
    LONGEST,
    LONGEST_NAME,
    PREFIX,
    SECRET_BYTES,
    Bearer,
    InProgress,
    Kept,
    OtherRequest,
    Token,
    chosen_scopes,
)
from core.people.audit.model import Actor


async def issue(uow: UnitOfWork, name: str, scopes: Sequence[str], lasts: timedelta = LASTS) -> tuple[str, Token]:
    """A new token of the organisation: its secret, which nobody sees again, and what is kept of it.

    DomainError where a scope is not known, the name is taken or says nothing, or it would last too long or not at all.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise DomainError("api_tokens.wrong_name", most=LONGEST_NAME)
    if not timedelta(0) < lasts <= LONGEST:
        raise DomainError("api_tokens.wrong_days", most=LONGEST.days)
    secret = PREFIX + new_token(SECRET_BYTES)
    token = await store.add(uow, digest(secret), name, chosen_scopes(scopes), uow.now + lasts)
    if token is None:
        raise DomainError("api_tokens.name_taken", name=name)
    return secret, token


async def every(uow: UnitOfWork) -> list[Token]:
    """The tokens of the organisation that were not revoked, oldest first."""
    return await store.every(uow)


async def revoke(uow: UnitOfWork, name: str) -> None:
    """DomainError where no token of the organisation has that name."""
    if not await store.revoke(uow, name.strip()):
        raise DomainError("api_tokens.no_such_name", name=name.strip()[:LONGEST_NAME])


async def bearer(database: Database, secret: str) -> Bearer | None:
    """Who bears this token, and notes that it was used. None where it is not known, expired or revoked: nobody is told which."""
    async with database.work() as uow:
        found = await store.bearer(uow, digest(secret))
        if found is not None and found.idle:
            await uow.enter(found.organisation)
            await store.used(uow, found.token_id)
            await uow.commit()
        return found


async def actor(uow: UnitOfWork, token: UUID) -> Actor:
    """Who acts where a program does with this token: the token, by its name."""
    return Actor(token, await store.name(uow, token))


async def answered(uow: UnitOfWork, token: UUID, key: str, request: bytes) -> Kept | None:
    """What this request was answered before; None: it is to be done now, and nobody else does it until the transaction ends.

    InProgress where somebody does it at this moment; OtherRequest where the key stands for something else.
    """
    if not await store.reserve(uow, token, key):
        raise InProgress
    found = await store.kept(uow, token, key)
    if found is not None and found.request != request:
        raise OtherRequest
    return found


async def keep(uow: UnitOfWork, token: UUID, key: str, kept: Kept) -> None:
    """Keeps an answer with what it answers, in the same transaction."""
    await store.keep(uow, token, key, kept)
