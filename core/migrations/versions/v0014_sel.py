"""Time credits: offers, requests, exchanges and their entries."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("sel_settings", "sel_exchanges", "sel_holds", "sel_offers", "sel_answers", "sel_leavers")
APPEND_ONLY = ("sel_entries", "sel_lines")

SCHEMA = """
CREATE TABLE sel_settings (
    organisation_id uuid NOT NULL,
    building_id uuid PRIMARY KEY,
    limit_minutes integer NOT NULL DEFAULT 1200 CHECK (limit_minutes > 0),
    looked_on date,
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE sel_exchanges (
    organisation_id uuid NOT NULL,
    exchange_id uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    giver uuid NOT NULL,
    receiver uuid NOT NULL,
    minutes integer NOT NULL CHECK (minutes BETWEEN 0 AND 720),
    gift boolean NOT NULL,
    reporter uuid NOT NULL,
    objection text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'disputed', 'booked', 'cancelled')),
    reported_at timestamptz NOT NULL,
    due timestamptz,
    settled_at timestamptz,
    CHECK (giver <> receiver),
    CHECK (reporter IN (giver, receiver)),
    CHECK (gift OR minutes > 0),
    CHECK ((state IN ('waiting', 'disputed')) = (due IS NOT NULL)),
    CHECK ((due IS NULL) = (settled_at IS NOT NULL)),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, giver) REFERENCES persons (organisation_id, person_id),
    FOREIGN KEY (organisation_id, receiver) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX sel_exchanges_due ON sel_exchanges (organisation_id, due) WHERE due IS NOT NULL;
CREATE INDEX sel_exchanges_by_building ON sel_exchanges (building_id, reported_at DESC);

CREATE TABLE sel_entries (
    organisation_id uuid NOT NULL,
    entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('exchange', 'deposit', 'pot')),
    subject uuid NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (organisation_id, kind, subject),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE sel_lines (
    organisation_id uuid NOT NULL,
    entry bigint NOT NULL REFERENCES sel_entries,
    building_id uuid NOT NULL,
    person_id uuid,
    minutes integer NOT NULL CHECK (minutes <> 0),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX sel_lines_by_entry ON sel_lines (entry);
CREATE INDEX sel_lines_by_account ON sel_lines (building_id, person_id) INCLUDE (minutes);

CREATE TABLE sel_holds (
    organisation_id uuid NOT NULL,
    subject uuid NOT NULL,
    building_id uuid NOT NULL,
    person_id uuid NOT NULL,
    minutes integer NOT NULL CHECK (minutes > 0),
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, subject),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX sel_holds_by_account ON sel_holds (building_id, person_id);

CREATE TABLE sel_offers (
    organisation_id uuid NOT NULL,
    offer_id uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('offer', 'request')),
    name text NOT NULL,
    first date,
    last date,
    expires_on date NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'closed')),
    at timestamptz NOT NULL,
    CHECK ((first IS NULL) = (last IS NULL)),
    UNIQUE (organisation_id, offer_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX sel_offers_open ON sel_offers (building_id, kind, at DESC) WHERE state = 'open';
CREATE INDEX sel_offers_expiring ON sel_offers (organisation_id, expires_on) WHERE state = 'open';

CREATE TABLE sel_answers (
    organisation_id uuid NOT NULL,
    answer_id uuid PRIMARY KEY,
    offer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('asked', 'agreed', 'declined')),
    at timestamptz NOT NULL,
    UNIQUE (organisation_id, offer_id, person_id),
    FOREIGN KEY (organisation_id, offer_id) REFERENCES sel_offers (organisation_id, offer_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX sel_answers_asked ON sel_answers (organisation_id, at) WHERE state = 'asked';

CREATE TABLE sel_leavers (
    organisation_id uuid NOT NULL,
    building_id uuid NOT NULL,
    person_id uuid NOT NULL,
    since date NOT NULL,
    PRIMARY KEY (building_id, person_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in (*TABLES, *APPEND_ONLY):
        close_to_others(table)
    grant(TABLES)
    grant(APPEND_ONLY, "SELECT, INSERT")
