"""How a database is brought to the current schema, by whom, and what is said when it cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text

import core.migrations
from core.buildings import store as buildings
from core.database import Database, DatabaseError, application_role, application_url, owner_connection
from core.migrations import upgrade as migrations
from core.migrations.upgrade import HEAD, current, facts, upgrade
from core.outbox.service import Recorder
from tests.servers.postgres import Postgres, connect


@pytest.fixture
async def empty(postgres: Postgres) -> AsyncIterator[URL]:
    """A database without anything in it."""
    async with postgres.copy("template0") as url:
        yield url


@pytest.fixture
async def modest(postgres: Postgres) -> AsyncIterator[URL]:
    """An empty database of an owner who is no superuser but may make roles, as a provider gives it."""
    async for url in _owned(postgres, "CREATEROLE"):
        yield url


@pytest.fixture
async def powerless(postgres: Postgres) -> AsyncIterator[URL]:
    """An empty database of an owner who may not make roles."""
    async for url in _owned(postgres, "NOCREATEROLE"):
        yield url


async def _owned(postgres: Postgres, right: str) -> AsyncIterator[URL]:
    role = f"kopro_{uuid4().hex[:8]}"
    async with postgres.copy("template0") as url:
        await postgres.admin.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER {right} PASSWORD 'secret'")
        await postgres.admin.execute(f'ALTER DATABASE "{url.database}" OWNER TO {role}')
        yield url.set(username=role, password="secret")
        await postgres.admin.execute(f'DROP DATABASE "{url.database}" WITH (FORCE)')
        await postgres.admin.execute(f"DROP ROLE IF EXISTS {role}_app")
        await postgres.admin.execute(f"DROP ROLE {role}")
        await postgres.admin.execute(f'CREATE DATABASE "{url.database}"')


async def fingerprint(url: URL) -> list[tuple[Any, ...]]:
    """All columns, policies and rights of a database."""
    connection = await connect(url)
    try:
        columns = await connection.fetch(
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
            " WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        policies = await connection.fetch("SELECT tablename, policyname, qual FROM pg_policies ORDER BY 1, 2")
        rights = await connection.fetch(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = $1 ORDER BY 1, 2",
            application_role(url)[0],
        )
        return [tuple(row) for rows in (columns, policies, rights) for row in rows]
    finally:
        await connection.close()


async def works(url: URL) -> None:
    """The application can do its work there, and nothing more."""
    async with Database(application_url(url), recorder=Recorder(()), size=2, wait=5) as database:
        async with database.work() as uow:
            name = uuid4().hex
            await buildings.add_organisation(uow, name)
            await uow.commit()
        async with database.work() as uow:
            assert name in await buildings.organisations(uow)
        found = await facts(database)
        assert (found.role, found.superuser, found.bypasses) == (application_role(url)[0], False, False)
        assert int(found.version.split(".")[0]) >= 15


def test_the_program_speaks_the_latest_schema() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(core.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_an_empty_database_is_migrated_once(empty: URL) -> None:
    async with owner_connection(empty) as connection:
        assert await current(connection) is None
    assert await upgrade(empty) is True
    before = await fingerprint(empty)
    assert await upgrade(empty) is False
    assert await upgrade(empty, renew_role=True) is False
    assert await fingerprint(empty) == before
    assert len(before) > 250
    async with owner_connection(empty) as connection:
        assert await current(connection) == HEAD
    await works(empty)


async def test_several_processes_migrate_at_once(empty: URL) -> None:
    done = await asyncio.gather(*(upgrade(empty) for _ in range(4)))
    assert sorted(done) == [False, False, False, True]
    await works(empty)


async def test_a_migration_does_not_wait_for_ever(empty: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, str] = {}

    def run(connection: Connection, application: str) -> None:
        for name in ("lock_timeout", "statement_timeout"):
            found[name] = connection.execute(text(f"SHOW {name}")).scalar_one()

    monkeypatch.setattr(migrations, "_run", run)
    await upgrade(empty)
    assert found == {"lock_timeout": "5s", "statement_timeout": "1min"}


async def test_a_migration_that_fails_leaves_nothing_and_blocks_nobody(
    empty: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = migrations._run

    def fail(connection: Connection, application: str) -> None:
        run(connection, "no_such_role")

    monkeypatch.setattr(migrations, "_run", fail)
    with pytest.raises(Exception, match="no_such_role"):
        await upgrade(empty)
    monkeypatch.undo()
    assert await fingerprint(empty) == []
    assert await asyncio.wait_for(upgrade(empty), 20) is True
    await works(empty)


async def test_an_old_server_is_refused(empty: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MINIMUM_SERVER", 99)
    with pytest.raises(DatabaseError, match=r"database\.too_old") as refusal:
        await upgrade(empty)
    assert refusal.value.text.values["needed"] == "99"
    assert int(str(refusal.value.text.values["version"])) >= 15
    assert await fingerprint(empty) == []


async def test_a_schema_of_a_later_program_is_refused(owner: URL) -> None:
    connection = await connect(owner)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    before = await fingerprint(owner)
    with pytest.raises(DatabaseError, match=r"database\.too_new") as refusal:
        await upgrade(owner)
    assert refusal.value.text.values["version"] == "9999"
    assert await fingerprint(owner) == before


# ----------------------------------------------------------------------------------------------------------- the two roles


async def test_an_owner_who_may_only_make_roles_is_enough(modest: URL, postgres: Postgres) -> None:
    assert await upgrade(modest) is True
    name = application_role(modest)[0]
    role = await postgres.admin.fetchrow("SELECT * FROM pg_roles WHERE rolname = $1", name)
    powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb")
    assert {power: role[power] for power in powers} == dict.fromkeys(powers, False)
    assert role["rolcanlogin"]
    await works(modest)
    assert await upgrade(modest, renew_role=True) is False
    await works(modest)


async def test_the_role_follows_the_owners_password(modest: URL, postgres: Postgres) -> None:
    async def kept() -> str | None:
        name = application_role(modest)[0]
        found: str | None = await postgres.admin.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", name)
        return found

    await upgrade(modest)
    first = await kept()
    assert first
    assert first.startswith("SCRAM-SHA-256")
    await postgres.admin.execute(f"ALTER ROLE {modest.username} PASSWORD 'other'")
    await upgrade(modest.set(password="other"))
    assert await kept() == first
    await upgrade(modest.set(password="other"), renew_role=True)
    assert await kept() != first


async def test_an_owner_who_may_not_make_roles_is_told_what_to_do(powerless: URL) -> None:
    with pytest.raises(DatabaseError, match=r"database\.no_role") as refusal:
        await upgrade(powerless)
    assert refusal.value.text.values["role"] == application_role(powerless)[0]
    assert await fingerprint(powerless) == []
