"""What is given, swapped and sought; and who can do what."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("bazaar_items", "bazaar_line", "bazaar_seeks", "skills", "skill_asks")
APPEND_ONLY = ("bazaar_draws",)
SCHEMA = """
CREATE TABLE bazaar_items (
    organisation_id uuid NOT NULL,
    item_id uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    giver_id uuid NOT NULL,
    name text NOT NULL,
    in_return text NOT NULL DEFAULT '',
    photo text,
    terms text[] NOT NULL,
    how text NOT NULL CHECK (how IN ('first', 'lot', 'choice')),
    draw_on date,
    drawn boolean NOT NULL DEFAULT false,
    state text NOT NULL CHECK (state IN ('offered', 'reserved', 'collected', 'expired', 'withdrawn')),
    put_up_at timestamptz NOT NULL,
    expires_on date NOT NULL,
    reserved_at timestamptz,
    fetched_at timestamptz,
    nudged_on date,
    over_at timestamptz,
    CHECK ((how = 'lot') = (draw_on IS NOT NULL)),
    CHECK (in_return = '' OR how = 'choice'),
    CHECK (drawn IS FALSE OR how = 'lot'),
    CHECK (state <> 'reserved' OR reserved_at IS NOT NULL),
    CHECK ((state IN ('collected', 'expired', 'withdrawn')) = (over_at IS NOT NULL)),
    UNIQUE (organisation_id, item_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, giver_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX bazaar_items_open ON bazaar_items (organisation_id, building_id, put_up_at DESC) WHERE over_at IS NULL;
CREATE INDEX bazaar_items_terms ON bazaar_items USING gin (terms) WHERE over_at IS NULL;
CREATE INDEX bazaar_items_of_giver ON bazaar_items (organisation_id, giver_id) WHERE over_at IS NULL;

CREATE TABLE bazaar_line (
    organisation_id uuid NOT NULL,
    item_id uuid NOT NULL,
    person_id uuid NOT NULL,
    position int NOT NULL CHECK (position > 0),
    standing text NOT NULL CHECK (standing IN ('waiting', 'asked', 'taker', 'out')),
    ticket text NOT NULL DEFAULT '',
    in_return text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    asked_at timestamptz,
    PRIMARY KEY (item_id, person_id),
    CHECK ((standing = 'asked') = (asked_at IS NOT NULL)),
    FOREIGN KEY (organisation_id, item_id) REFERENCES bazaar_items (organisation_id, item_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
-- Whatever else goes wrong: a thing is one person's.
CREATE UNIQUE INDEX bazaar_line_taker ON bazaar_line (item_id) WHERE standing = 'taker';
CREATE UNIQUE INDEX bazaar_line_ticket ON bazaar_line (item_id, ticket) WHERE ticket <> '';
CREATE INDEX bazaar_line_of_person ON bazaar_line (organisation_id, person_id) WHERE standing <> 'out';

CREATE TABLE bazaar_draws (
    organisation_id uuid NOT NULL,
    item_id uuid NOT NULL,
    day date NOT NULL,
    tickets text[] NOT NULL,
    seed text NOT NULL,
    PRIMARY KEY (item_id, day),
    FOREIGN KEY (organisation_id, item_id) REFERENCES bazaar_items (organisation_id, item_id)
);

CREATE TABLE bazaar_seeks (
    organisation_id uuid NOT NULL,
    seek_id uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    terms text[] NOT NULL,
    at timestamptz NOT NULL,
    expires_on date NOT NULL,
    over_at timestamptz,
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX bazaar_seeks_open ON bazaar_seeks (organisation_id, building_id) WHERE over_at IS NULL;

CREATE TABLE skills (
    organisation_id uuid NOT NULL,
    skill_id uuid PRIMARY KEY,
    building_id uuid NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    terms text[] NOT NULL,
    pay text NOT NULL CHECK (pay IN ('', 'free', 'paid')),
    consent text NOT NULL CHECK (consent <> ''),
    listed_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    UNIQUE (organisation_id, skill_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX skills_listed ON skills (organisation_id, building_id) WHERE withdrawn_at IS NULL;
CREATE INDEX skills_terms ON skills USING gin (terms) WHERE withdrawn_at IS NULL;

CREATE TABLE skill_asks (
    organisation_id uuid NOT NULL,
    ask_id uuid PRIMARY KEY,
    skill_id uuid NOT NULL,
    asker_id uuid NOT NULL,
    words text NOT NULL,
    state text NOT NULL CHECK (state IN ('asked', 'agreed', 'declined', 'lapsed')),
    at timestamptz NOT NULL,
    answered_at timestamptz,
    CHECK ((state = 'asked') = (answered_at IS NULL)),
    FOREIGN KEY (organisation_id, skill_id) REFERENCES skills (organisation_id, skill_id),
    FOREIGN KEY (organisation_id, asker_id) REFERENCES persons (organisation_id, person_id)
);
CREATE UNIQUE INDEX skill_asks_open ON skill_asks (skill_id, asker_id) WHERE state = 'asked';
CREATE INDEX skill_asks_by_skill ON skill_asks (skill_id, asker_id, at DESC);
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in (*TABLES, *APPEND_ONLY):
        close_to_others(table)
    grant(TABLES)
    grant(APPEND_ONLY, "SELECT, INSERT")
