"""Tokens of accounting tools, and what their requests were answered."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import application, close_to_others, grant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("api_tokens", "api_answers")

SCHEMA = """
CREATE TABLE api_tokens (
    organisation_id uuid NOT NULL REFERENCES organisations,
    token_id uuid PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    name text NOT NULL,
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_at timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    last_used timestamptz,
    revoked_at timestamptz,
    UNIQUE (organisation_id, token_id)
);
CREATE UNIQUE INDEX api_tokens_by_name ON api_tokens (organisation_id, name) WHERE revoked_at IS NULL;

CREATE TABLE api_answers (
    organisation_id uuid NOT NULL,
    token_id uuid NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    status smallint NOT NULL,
    answer text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (token_id, key),
    FOREIGN KEY (organisation_id, token_id) REFERENCES api_tokens (organisation_id, token_id)
);
CREATE INDEX api_answers_by_age ON api_answers (organisation_id, at);
"""

ACROSS = """
CREATE FUNCTION bearer_of_token(wanted bytea, at timestamptz)
RETURNS TABLE (organisation_id uuid, token_id uuid, scopes text[], last_used timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT t.organisation_id, t.token_id, t.scopes, t.last_used FROM api_tokens t
   WHERE t.digest = wanted AND t.revoked_at IS NULL AND t.expires > at $$
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in TABLES:
        close_to_others(table)
    grant(TABLES)
    op.execute(ACROSS)
    op.execute("REVOKE ALL ON FUNCTION bearer_of_token(bytea, timestamptz) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION bearer_of_token(bytea, timestamptz) TO {application()}")
