"""What the role of the application cannot do: it has no power, and opens nothing that is closed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.core.statements import fetch, refused
from tests.ground_floor import Sample

APPEND_ONLY = {
    "ledger_entries",
    "ledger_lines",
    "audit_log",
    "module_decisions",
    "sel_entries",
    "sel_lines",
    "bazaar_draws",
}


async def test_the_role_has_no_power(sample: Sample) -> None:
    (role,) = await fetch(
        sample.owner,
        "SELECT * FROM pg_roles WHERE rolname = $1",
        sample.database.engine.url.username,
    )
    powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
    assert {power: role[power] for power in powers} == dict.fromkeys(powers, False)
    owned = await fetch(
        sample.owner,
        "SELECT relname FROM pg_class WHERE relowner = $1 UNION ALL SELECT proname FROM pg_proc WHERE proowner = $1"
        " UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = $1"
        " UNION ALL SELECT datname FROM pg_database WHERE datdba = $1",
        role["oid"],
    )
    assert owned == []
    member = await fetch(sample.owner, "SELECT roleid FROM pg_auth_members WHERE member = $1", role["oid"])
    assert member == []


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET organisation_id = organisation_id",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} ADD COLUMN x int",
    ],
)
async def test_the_books_can_only_be_added_to(sample: Sample, table: str, statement: str) -> None:
    async with sample.database.work(sample.organisation) as uow:
        reason = await refused(uow, statement.format(table))
    assert "permission denied" in reason or "must be owner" in reason


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE lots DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE lots NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON lots",
        "CREATE POLICY all_of_it ON lots USING (true)",
        "ALTER ROLE {role} BYPASSRLS",
        "ALTER ROLE {role} SUPERUSER",
        "SET ROLE {owner}",
        "SET SESSION AUTHORIZATION {owner}",
        "TRUNCATE lots",
        "DROP TABLE lots",
        "CREATE TABLE public.mine (a int)",
        "DELETE FROM alembic_version",
        "COPY lots TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/hostname')",
    ],
)
async def test_the_role_can_not_open_what_is_closed(sample: Sample, statement: str) -> None:
    role, owner = sample.database.engine.url.username, sample.owner.username
    async with sample.database.work(sample.organisation) as uow:
        reason = await refused(uow, statement.format(role=role, owner=owner))
    assert any(word in reason for word in ("permission denied", "must be owner", "must be superuser")), reason


async def test_to_leave_the_role_is_to_stay_in_it(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        for statement in ("RESET ROLE", "RESET SESSION AUTHORIZATION", "SET row_security = off"):
            await uow.connection.execute(text(statement))
        reason = await refused(uow, "SELECT count(*) FROM lots")
        assert "row-level security" in reason
        await uow.connection.execute(text("SET row_security = on"))
        assert await uow.connection.scalar(text("SELECT count(DISTINCT organisation_id) FROM lots")) == 1
