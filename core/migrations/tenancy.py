"""What every migration says of a new table: whose rows these are, and what the application's role may do with them."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import context, op
from sqlalchemy.dialects import postgresql


def application() -> str:
    """The application's role, quoted for SQL."""
    name: str = context.config.attributes["application"]
    return str(postgresql.dialect().identifier_preparer.quote(name))  # type: ignore[no-untyped-call]


def close_to_others(table: str) -> None:
    """Row-level security on `organisation_id`: a transaction sees the rows of the organisation that it entered, and no other.

    The setting is read in a subquery: once for a statement, not once for each row.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table} "
        "USING (organisation_id = (SELECT nullif(current_setting('koprogo.organisation', true), '')::uuid)) "
        "WITH CHECK (organisation_id = (SELECT nullif(current_setting('koprogo.organisation', true), '')::uuid))"
    )


def grant(tables: Sequence[str], rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    op.execute(f"GRANT {rights} ON {', '.join(tables)} TO {application()}")
