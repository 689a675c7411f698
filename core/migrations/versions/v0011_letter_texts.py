"""The texts of letters, and a way to the codes that are out."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE letter_texts (
    organisation_id uuid NOT NULL REFERENCES organisations,
    language text NOT NULL,
    greeting text NOT NULL,
    closing text NOT NULL,
    added text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (organisation_id, language)
);
CREATE INDEX link_codes_out ON link_codes (organisation_id, person_id) WHERE used_at IS NULL;
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    close_to_others("letter_texts")
    grant(("letter_texts",))
