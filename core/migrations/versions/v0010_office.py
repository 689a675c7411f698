"""The office: who did what, what the council decided about modules, and drafts."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_log", "module_decisions")

SCHEMA = """
CREATE TABLE audit_log (
    organisation_id uuid NOT NULL REFERENCES organisations,
    entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id uuid,
    actor text NOT NULL,
    deed text NOT NULL,
    subject text NOT NULL,
    building_id uuid,
    before jsonb,
    after jsonb,
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);
CREATE INDEX audit_log_latest ON audit_log (organisation_id, entry DESC);
CREATE INDEX audit_log_by_building ON audit_log (organisation_id, building_id, entry DESC);

CREATE TABLE module_decisions (
    organisation_id uuid NOT NULL,
    decision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id uuid NOT NULL,
    module text NOT NULL,
    switched_on boolean NOT NULL,
    decided_on date NOT NULL,
    note text NOT NULL,
    actor_id uuid,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);
CREATE INDEX module_decisions_by_building ON module_decisions (building_id, module, decision DESC);

CREATE TABLE drafts (
    organisation_id uuid NOT NULL REFERENCES organisations,
    draft_id uuid PRIMARY KEY,
    building_id uuid,
    based_on text NOT NULL DEFAULT '',
    version integer NOT NULL CHECK (version > 0),
    content jsonb NOT NULL,
    begun_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by_id uuid,
    changed_by text NOT NULL,
    CHECK ((building_id IS NULL) = (based_on = '')),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);
CREATE INDEX drafts_latest ON drafts (organisation_id, changed_at DESC);

CREATE INDEX deliveries_failed ON deliveries (organisation_id, created_at) WHERE fate = 'failed' AND next_way IS NULL;
CREATE INDEX set_aside_open ON set_aside (at) WHERE resolved_at IS NULL;
CREATE INDEX calls_by_due ON calls (building_id, due);
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in (*APPEND_ONLY, "drafts"):
        close_to_others(table)
    grant(APPEND_ONLY, "SELECT, INSERT")
    grant(("drafts",))
