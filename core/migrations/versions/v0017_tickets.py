"""What is broken: tickets, what happened to them, who follows them, and the photos that show it."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ("tickets", "ticket_moves", "ticket_followers", "ticket_photos")
SCHEMA = """
CREATE TABLE tickets (
    organisation_id uuid NOT NULL,
    ticket uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    number integer NOT NULL,
    category text NOT NULL,
    spot jsonb NOT NULL,
    danger text NOT NULL DEFAULT '',
    reporter uuid NOT NULL,
    made_at timestamptz NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL,
    version integer NOT NULL,
    assigned_to text NOT NULL DEFAULT '',
    planned_on date,
    into_ticket uuid,
    UNIQUE (organisation_id, ticket),
    UNIQUE (organisation_id, building_id, number),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, reporter) REFERENCES persons (organisation_id, person_id),
    FOREIGN KEY (organisation_id, into_ticket) REFERENCES tickets (organisation_id, ticket)
);
CREATE INDEX tickets_by_state ON tickets (organisation_id, state, since);
CREATE TABLE ticket_moves (
    organisation_id uuid NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket uuid NOT NULL,
    move text NOT NULL,
    state text NOT NULL,
    actor_id uuid,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    note text NOT NULL DEFAULT '',
    assigned_to text NOT NULL DEFAULT '',
    planned_on date,
    FOREIGN KEY (organisation_id, ticket) REFERENCES tickets (organisation_id, ticket)
);
CREATE INDEX ticket_moves_of ON ticket_moves (organisation_id, ticket, number);
CREATE INDEX ticket_moves_by ON ticket_moves (organisation_id, actor_id, at DESC);
CREATE TABLE ticket_followers (
    organisation_id uuid NOT NULL,
    ticket uuid NOT NULL,
    person_id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, ticket, person_id),
    FOREIGN KEY (organisation_id, ticket) REFERENCES tickets (organisation_id, ticket),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX ticket_followers_of ON ticket_followers (organisation_id, person_id);
CREATE TABLE ticket_photos (
    organisation_id uuid NOT NULL,
    photo uuid PRIMARY KEY,
    ticket uuid NOT NULL,
    sha256 bytea NOT NULL,
    person_id uuid NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (organisation_id, ticket, sha256),
    FOREIGN KEY (organisation_id, ticket) REFERENCES tickets (organisation_id, ticket),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in TABLES:
        close_to_others(table)
    if TABLES:
        grant(TABLES)
