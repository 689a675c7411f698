"""Broadcasts: as they were sent, and to whom."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE broadcasts (
    organisation_id uuid NOT NULL REFERENCES organisations,
    broadcast_id uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    author_id uuid NOT NULL,
    kind text NOT NULL,
    urgency smallint,
    audience jsonb NOT NULL,
    original text NOT NULL CHECK (original IN ('fr', 'nl', 'de', 'en')),
    wordings jsonb NOT NULL,
    papers jsonb NOT NULL,
    occasion jsonb,
    expires timestamptz,
    sent_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 1 CHECK (attempts > 0),
    stopped_at timestamptz,
    UNIQUE (organisation_id, broadcast_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, author_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX broadcasts_latest ON broadcasts (organisation_id, building_id, sent_at);
CREATE TABLE broadcast_recipients (
    organisation_id uuid NOT NULL,
    broadcast_id uuid NOT NULL,
    person_id uuid NOT NULL,
    attempt smallint NOT NULL CHECK (attempt > 0),
    delivery_key text NOT NULL,
    PRIMARY KEY (broadcast_id, person_id, attempt),
    FOREIGN KEY (organisation_id, broadcast_id) REFERENCES broadcasts (organisation_id, broadcast_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in ("broadcasts", "broadcast_recipients"):
        close_to_others(table)
    grant(("broadcasts", "broadcast_recipients"))
