"""Brings a database to the current schema: under an advisory lock, with lock and statement timeouts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.database import MINIMUM_SERVER, Database, DatabaseError, application_role, owner_connection

HEAD = "0018"
"""The schema that this program speaks; schemas are numbered in their order."""

LOCK = 0x6B6F7072
LOCK_TIMEOUT, STATEMENT_TIMEOUT = "5s", "60s"


async def current(connection: AsyncConnection) -> str | None:
    """The schema that the database has; None: none of ours yet."""
    known = await connection.scalar(text("SELECT to_regclass('public.alembic_version') IS NOT NULL"))
    if not known:
        return None
    version: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


async def upgrade(owner: URL, *, renew_role: bool = False) -> bool:
    """Migrates, and makes the application's role if it is missing. True where the schema changed. DatabaseError says what is in the way.

    `renew_role`: sets the role's password anew, for when the owner's has changed and it follows.
    """
    async with owner_connection(owner) as connection:
        version = int(await connection.scalar(text("SELECT current_setting('server_version_num')::int")) or 0)
        if version < MINIMUM_SERVER * 10_000:
            raise DatabaseError("database.too_old", needed=str(MINIMUM_SERVER), version=str(version // 10_000))
        schema = await current(connection)
        if schema is not None and schema > HEAD:
            raise DatabaseError("database.too_new", version=schema, known=HEAD)
        if schema == HEAD:
            if renew_role:
                await _make_application_role(connection, owner, renew_role)
                await connection.commit()
            return False
        await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        # The lock outlives this transaction; only the next one is sure to see what others have created meanwhile.
        await connection.commit()
        try:
            if await current(connection) == HEAD:
                return False
            await _make_application_role(connection, owner, renew_role)
            await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
            await connection.commit()
            await connection.run_sync(_run, application_role(owner)[0])
            await connection.commit()
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            await connection.commit()
        return True


def _run(connection: Connection, application: str) -> None:
    # Alembic takes a third of a second to import, and is needed only when there is something to do.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, application=application)
    command.upgrade(config, "head")


async def _make_application_role(connection: AsyncConnection, owner: URL, renew: bool) -> None:
    name, password = application_role(owner)
    quoted = connection.dialect.identifier_preparer.quote(name)
    exists = await connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    secret = f"PASSWORD '{password}'" if password else ""
    # A role that may create roles may not touch what only a superuser grants, not even to take it away.
    modest = "" if exists else "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
    try:
        if renew or not exists:
            await connection.execute(text(f"{'ALTER' if exists else 'CREATE'} ROLE {quoted} LOGIN {modest} {secret}"))
        await connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
    except ProgrammingError as error:
        raise DatabaseError("database.no_role", role=name) from error


@dataclass(frozen=True, slots=True)
class Facts:
    """What the application finds when it connects: the server's version, and what its own role may do."""

    version: str
    role: str
    superuser: bool
    bypasses: bool


async def facts(database: Database) -> Facts:
    async with database.work() as uow:
        row = (
            await uow.connection.execute(
                text(
                    "SELECT current_setting('server_version') AS version, current_user AS role, rolsuper, rolbypassrls"
                    " FROM pg_roles WHERE rolname = current_user"
                )
            )
        ).one()
    return Facts(row.version, row.role, row.rolsuper, row.rolbypassrls)
