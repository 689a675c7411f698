"""The print tray: letters that were drawn, until a human has posted them."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE letters (
    organisation_id uuid NOT NULL REFERENCES organisations,
    letter_id uuid PRIMARY KEY,
    delivery_key text NOT NULL,
    person_id uuid NOT NULL,
    file bytea NOT NULL,
    pages integer NOT NULL CHECK (pages > 0),
    made_at timestamptz NOT NULL,
    printed_at timestamptz,
    posted_on date,
    posted_by text NOT NULL DEFAULT '',
    UNIQUE (organisation_id, delivery_key),
    CHECK ((posted_on IS NULL) = (posted_by = '')),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX letters_waiting ON letters (organisation_id, made_at) WHERE posted_on IS NULL;
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    close_to_others("letters")
    grant(("letters",))
