"""Groups that are tied to a building, codes that tie them, and wrong codes counted by address."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import grant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OUTSIDE = ("rooms", "code_tries")
"""What stands outside the tenants: the room in which we are addressed, and whoever sends a code, come before their tenant is known."""

SCHEMA = """
CREATE TABLE rooms (
    channel text NOT NULL, handle text NOT NULL,
    organisation_id uuid NOT NULL, building_id uuid NOT NULL,
    tied_by uuid NOT NULL, tied_at timestamptz NOT NULL, left_at timestamptz CHECK (left_at >= tied_at),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);
CREATE UNIQUE INDEX rooms_tied ON rooms (channel, handle) WHERE left_at IS NULL;

CREATE TABLE code_tries (
    channel text NOT NULL, handle text NOT NULL, wrong smallint NOT NULL, last_at timestamptz NOT NULL,
    PRIMARY KEY (channel, handle)
);

ALTER TABLE link_codes ADD COLUMN building_id uuid;

ALTER TABLE deliveries ADD COLUMN room boolean NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    grant(OUTSIDE)
