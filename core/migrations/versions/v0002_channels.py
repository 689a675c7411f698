"""Several channels: whose a delivery is by its key, and addresses that nothing reaches any more."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import application

revision = "0002"
down_revision = "0001"

SCHEMA = """
ALTER TABLE directory ADD COLUMN dead_at timestamptz, ADD COLUMN stopped_at timestamptz;
CREATE INDEX deliveries_by_wire ON deliveries (organisation_id, channel, wire_ref) WHERE wire_ref <> '';
"""

OWNER = """
CREATE FUNCTION delivery_owner(wanted text)
RETURNS TABLE (organisation_id uuid, delivery_id uuid, person_id uuid, channel text, handle text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT d.organisation_id, d.delivery_id, d.person_id, d.channel, d.handle, d.created_at
   FROM deliveries d WHERE d.delivery_id = CASE WHEN wanted ~ '^[0-9a-f]{32}$' THEN wanted::uuid END $$
"""
"""A key is 128 bits of chance that only its channel was given."""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(OWNER)
    op.execute("REVOKE ALL ON FUNCTION delivery_owner(text) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION delivery_owner(text) TO {application()}")
