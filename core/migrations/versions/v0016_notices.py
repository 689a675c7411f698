"""The notice board: notes, what was reported, who comes, that somebody answered (never what), and who asked to be told at once."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import close_to_others, grant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ("notices", "notice_reports", "notice_comers", "notice_answers", "notice_followers")
SCHEMA = """
CREATE TABLE notices (
    organisation_id uuid NOT NULL,
    notice_id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY,
    building_id uuid NOT NULL,
    author_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('announcement', 'event', 'found', 'carpool', 'child_care')),
    language text NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    titles jsonb NOT NULL DEFAULT '{}',
    photos text[] NOT NULL DEFAULT '{}',
    day date,
    clock time,
    place text NOT NULL DEFAULT '',
    posted_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    sequence integer NOT NULL DEFAULT 0,
    expires_on date NOT NULL,
    state text NOT NULL CHECK (state IN ('shown', 'hidden', 'removed', 'withdrawn', 'ended')),
    pinned_at timestamptz,
    reason text NOT NULL DEFAULT '',
    appeal text NOT NULL DEFAULT '',
    objects boolean NOT NULL DEFAULT false,
    CHECK ((kind = 'event') = (day IS NOT NULL)),
    CHECK (pinned_at IS NULL OR state = 'shown'),
    UNIQUE (organisation_id, notice_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, author_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX notices_on_the_board ON notices (organisation_id, building_id, pinned_at, number DESC) WHERE state IN ('shown', 'hidden');
CREATE INDEX notices_of_author ON notices (organisation_id, author_id, number DESC);
CREATE INDEX notices_expiring ON notices (organisation_id, expires_on) WHERE state IN ('shown', 'hidden');

CREATE TABLE notice_reports (
    organisation_id uuid NOT NULL,
    notice_id uuid NOT NULL,
    person_id uuid NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    because text NOT NULL CHECK (because IN ('insult', 'advertising', 'wrong', 'old', 'other')),
    words text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    settled_at timestamptz,
    PRIMARY KEY (organisation_id, notice_id, person_id),
    FOREIGN KEY (organisation_id, notice_id) REFERENCES notices (organisation_id, notice_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);

CREATE TABLE notice_comers (
    organisation_id uuid NOT NULL,
    notice_id uuid NOT NULL,
    person_id uuid NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, notice_id, person_id),
    FOREIGN KEY (organisation_id, notice_id) REFERENCES notices (organisation_id, notice_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);

CREATE TABLE notice_answers (
    organisation_id uuid NOT NULL,
    answer_id uuid PRIMARY KEY,
    notice_id uuid NOT NULL,
    writer_id uuid NOT NULL,
    reader_id uuid NOT NULL,
    at timestamptz NOT NULL,
    CHECK (writer_id <> reader_id),
    FOREIGN KEY (organisation_id, notice_id) REFERENCES notices (organisation_id, notice_id),
    FOREIGN KEY (organisation_id, writer_id) REFERENCES persons (organisation_id, person_id),
    FOREIGN KEY (organisation_id, reader_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX notice_answers_between ON notice_answers (organisation_id, notice_id, writer_id, reader_id);
CREATE INDEX notice_answers_of_writer ON notice_answers (organisation_id, writer_id, at DESC);

CREATE TABLE notice_followers (
    organisation_id uuid NOT NULL,
    building_id uuid NOT NULL,
    person_id uuid NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, building_id, person_id),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
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
