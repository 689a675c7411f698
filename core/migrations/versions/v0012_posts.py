"""What somebody put up for his neighbours, so that it can be counted and taken back."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE posts (
    organisation_id uuid NOT NULL,
    post bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    subject uuid NOT NULL,
    at timestamptz NOT NULL,
    undone_at timestamptz,
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX posts_latest ON posts (organisation_id, person_id, at DESC);
CREATE UNIQUE INDEX posts_subject ON posts (organisation_id, subject);
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    close_to_others("posts")
    grant(("posts",))
