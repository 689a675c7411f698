"""Things that neighbours lend, and their loans."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ("loan_things", "loans", "loan_wishes")
SCHEMA = """
CREATE TABLE loan_things (
    organisation_id uuid NOT NULL,
    thing_id uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    condition text NOT NULL DEFAULT '',
    photo text,
    deposit int NOT NULL DEFAULT 0 CHECK (deposit >= 0),
    longest int NOT NULL CHECK (longest BETWEEN 1 AND 90),
    terms text[] NOT NULL,
    put_up_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    UNIQUE (organisation_id, thing_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, owner_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX loan_things_terms ON loan_things USING gin (terms) WHERE withdrawn_at IS NULL;
CREATE INDEX loan_things_shown ON loan_things (organisation_id, building_id, put_up_at DESC) WHERE withdrawn_at IS NULL;

-- A range of one identity: the exclusion below needs no extension then.
CREATE TYPE uuidrange AS RANGE (subtype = uuid);

CREATE TABLE loans (
    organisation_id uuid NOT NULL,
    loan_id uuid PRIMARY KEY,
    thing_id uuid NOT NULL,
    building_id uuid NOT NULL,
    lender_id uuid NOT NULL,
    borrower_id uuid NOT NULL,
    first date NOT NULL,
    last date NOT NULL,
    asked_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN
        ('asked', 'suggested', 'waiting', 'granted', 'out', 'back', 'refused', 'cancelled', 'lapsed', 'lost')),
    claimed_by text CHECK (claimed_by IN ('lender', 'borrower')),
    claimed_at timestamptz,
    longer date,
    deposit int NOT NULL DEFAULT 0 CHECK (deposit >= 0),
    held int NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND deposit),
    handed_at timestamptz,
    over_at timestamptz,
    handed_photo text,
    returned_photo text,
    CHECK (first <= last),
    CHECK (lender_id <> borrower_id),
    CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
    CHECK (claimed_by IS NULL OR state IN ('granted', 'out')),
    FOREIGN KEY (organisation_id, thing_id) REFERENCES loan_things (organisation_id, thing_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, lender_id) REFERENCES persons (organisation_id, person_id),
    FOREIGN KEY (organisation_id, borrower_id) REFERENCES persons (organisation_id, person_id),
    CONSTRAINT loans_once EXCLUDE USING gist (uuidrange(thing_id, thing_id, '[]') WITH &&, daterange(first, last, '[]') WITH &&)
        WHERE (state IN ('granted', 'out'))
);
CREATE UNIQUE INDEX loans_out ON loans (thing_id) WHERE state = 'out';
CREATE INDEX loans_running ON loans (organisation_id, thing_id) WHERE over_at IS NULL;
CREATE INDEX loans_of_borrower ON loans (organisation_id, borrower_id) WHERE over_at IS NULL;
CREATE INDEX loans_of_lender ON loans (organisation_id, lender_id) WHERE over_at IS NULL;

CREATE TABLE loan_wishes (
    organisation_id uuid NOT NULL,
    wish_id uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    person_id uuid NOT NULL,
    words text NOT NULL,
    terms text[] NOT NULL,
    at timestamptz NOT NULL,
    over_at timestamptz,
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX loan_wishes_open ON loan_wishes (organisation_id, building_id) WHERE over_at IS NULL;
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in TABLES:
        close_to_others(table)
    if TABLES:
        grant(TABLES)
