"""What people want to be told where and when; what the law counts; and how a delivery came to be planned."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE preferences (
    organisation_id uuid NOT NULL REFERENCES organisations,
    person_id uuid PRIMARY KEY,
    wishes jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);

ALTER TABLE deliveries
    ADD COLUMN building_id uuid,
    ADD COLUMN urgency smallint,
    ADD COLUMN digest boolean NOT NULL DEFAULT false,
    ADD COLUMN tried jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN rendered text,
    ADD COLUMN rendered_hash bytea;
CREATE INDEX deliveries_digest ON deliveries (organisation_id, channel, handle, due) WHERE digest AND fate = 'waiting'
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    close_to_others("preferences")
    grant(("preferences",))
