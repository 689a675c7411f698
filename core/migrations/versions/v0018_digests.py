"""On which Friday the news of a building were told, and until when they reach."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ("bulletins",)
SCHEMA = """
CREATE TABLE bulletins (
    organisation_id uuid NOT NULL,
    building_id uuid NOT NULL,
    day date NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (building_id, day),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in TABLES:
        close_to_others(table)
    grant(TABLES)
