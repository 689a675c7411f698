"""Statements that a test sends itself: as the owner of the tables, and as the application, which is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from core.database import UnitOfWork
from tests.servers.postgres import connect


async def fetch(owner: URL, statement: str, *values: object) -> list[Any]:
    """As the owner of the tables, whom nothing is hidden from."""
    connection = await connect(owner)
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


async def refused(uow: UnitOfWork, statement: str, **values: object) -> str:
    """The reason why the database does not do it."""
    with pytest.raises(DBAPIError) as refusal:
        async with uow.connection.begin_nested():
            await uow.connection.execute(text(statement), values)
    return str(refusal.value.orig)
