"""The ground: tenants, buildings, people, the directory, inbox and outbox, documents, charges and the ledger."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import application, close_to_others, grant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OUTSIDE = ("directory", "link_codes", "inbox", "set_aside", "channel_memory")
"""What stands outside the tenants: an inbound handle comes before its tenant is known."""

TENANTS = (
    "organisations",
    "buildings",
    "lots",
    "distribution_weights",
    "imported_files",
    "persons",
    "residents",
    "consents",
    "ownership",
    "tenancies",
    "documents",
    "budget_lines",
    "expenses",
    "calls",
    "settlements",
    "openings",
    "payments",
    "parts",
    "conversations",
    "deliveries",
    "choices",
)
APPEND_ONLY = ("ledger_entries", "ledger_lines")

SCHEMA = """
CREATE TABLE organisations (
    organisation_id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

CREATE SEQUENCE building_numbers MAXVALUE 99999;

CREATE TABLE buildings (
    organisation_id uuid NOT NULL REFERENCES organisations,
    building_id uuid PRIMARY KEY,
    number integer NOT NULL UNIQUE,
    slug text NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    postal_code text NOT NULL,
    city text NOT NULL,
    languages text[] NOT NULL,
    shares_total bigint NOT NULL CHECK (shares_total > 0),
    year_month smallint NOT NULL CHECK (year_month BETWEEN 1 AND 12),
    year_day smallint NOT NULL CHECK (year_day BETWEEN 1 AND 28),
    modules text[] NOT NULL,
    working_iban text NOT NULL,
    reserve_iban text NOT NULL,
    syndic jsonb NOT NULL,
    settings jsonb NOT NULL,
    source text NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (organisation_id, slug),
    UNIQUE (organisation_id, building_id)
);

CREATE TABLE lots (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    lot text NOT NULL, kind text NOT NULL, floor text NOT NULL, shares bigint NOT NULL CHECK (shares >= 0),
    PRIMARY KEY (building_id, lot),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE distribution_weights (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    key text NOT NULL CHECK (key <> 'general'), lot text NOT NULL, weight bigint NOT NULL CHECK (weight >= 0),
    PRIMARY KEY (building_id, key, lot),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE imported_files (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, file text NOT NULL, columns text[] NOT NULL, unsaid text[] NOT NULL,
    PRIMARY KEY (building_id, file),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE persons (
    organisation_id uuid NOT NULL REFERENCES organisations,
    person_id uuid PRIMARY KEY,
    name text NOT NULL,
    language text NOT NULL CHECK (language IN ('fr', 'nl', 'de', 'en')),
    UNIQUE (organisation_id, person_id)
);

CREATE TABLE residents (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    person text NOT NULL, person_id uuid NOT NULL, account integer NOT NULL CHECK (account BETWEEN 1 AND 9999),
    name text NOT NULL, email text NOT NULL, phone text NOT NULL, language text NOT NULL, roles text[] NOT NULL,
    channels_accepted text[] NOT NULL, accepted_on date,
    street text NOT NULL, postal_code text NOT NULL, city text NOT NULL, country text NOT NULL,
    present boolean NOT NULL DEFAULT true,
    PRIMARY KEY (building_id, person),
    UNIQUE (building_id, account),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id)
);
CREATE INDEX residents_by_person ON residents (person_id);

CREATE TABLE consents (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    person text NOT NULL, channel text NOT NULL, address text NOT NULL, accepted_on date NOT NULL, withdrawn_on date, evidence text NOT NULL,
    PRIMARY KEY (building_id, position),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE ownership (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    lot text NOT NULL, person text NOT NULL, "right" text NOT NULL CHECK ("right" IN ('full', 'usufruct', 'bare')),
    numerator bigint NOT NULL CHECK (numerator > 0), denominator bigint NOT NULL CHECK (denominator >= numerator),
    first date NOT NULL, last date CHECK (last >= first), representative boolean NOT NULL,
    PRIMARY KEY (building_id, position),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);
CREATE INDEX ownership_by_person ON ownership (building_id, person);
CREATE INDEX ownership_by_lot ON ownership (building_id, lot);

CREATE TABLE tenancies (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    lot text NOT NULL, person text NOT NULL, first date NOT NULL, last date CHECK (last >= first),
    PRIMARY KEY (building_id, position),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE documents (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    document_id uuid NOT NULL UNIQUE, file text NOT NULL, title text NOT NULL, kind text NOT NULL, day date NOT NULL,
    language text NOT NULL, visible_to text NOT NULL, size bigint NOT NULL, sha256 bytea NOT NULL,
    PRIMARY KEY (building_id, file),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE budget_lines (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    year integer NOT NULL, account text NOT NULL, description text NOT NULL, cents bigint NOT NULL, key text NOT NULL, fund text NOT NULL,
    PRIMARY KEY (building_id, position),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE expenses (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    number text NOT NULL, day date NOT NULL, supplier text NOT NULL, description text NOT NULL,
    net bigint NOT NULL, vat_rate smallint NOT NULL, total bigint NOT NULL, account text NOT NULL, key text NOT NULL,
    nature text NOT NULL, borne_by text NOT NULL, document text NOT NULL, private_lot text NOT NULL, fund text NOT NULL,
    PRIMARY KEY (building_id, number),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);
CREATE INDEX expenses_by_day ON expenses (building_id, day);

CREATE TABLE calls (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    number text NOT NULL, day date NOT NULL, due date NOT NULL CHECK (due >= day), title text NOT NULL, fund text NOT NULL,
    total bigint NOT NULL, key text NOT NULL,
    PRIMARY KEY (building_id, number),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE settlements (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    number text NOT NULL, first date NOT NULL, last date NOT NULL, day date NOT NULL, due date NOT NULL,
    CHECK (first <= last AND last <= day AND day <= due),
    PRIMARY KEY (building_id, number),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE openings (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    person text NOT NULL, day date NOT NULL, cents bigint NOT NULL,
    PRIMARY KEY (building_id, person, day),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE payments (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, position integer NOT NULL,
    day date NOT NULL, person text NOT NULL, cents bigint NOT NULL, reference text NOT NULL, source text NOT NULL,
    PRIMARY KEY (building_id, position),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE parts (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, source text NOT NULL, lot text NOT NULL, cents bigint NOT NULL,
    PRIMARY KEY (building_id, source, lot)
);

CREATE TABLE ledger_entries (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, number bigint NOT NULL,
    kind text NOT NULL, source text NOT NULL, booked_on date NOT NULL, known_on date NOT NULL, due date NOT NULL, fund text NOT NULL,
    reverses bigint, recorded_at timestamptz NOT NULL, previous bytea NOT NULL, hash bytea NOT NULL,
    PRIMARY KEY (building_id, number),
    UNIQUE (building_id, reverses),
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id)
);

CREATE TABLE ledger_lines (
    organisation_id uuid NOT NULL, building_id uuid NOT NULL, entry bigint NOT NULL, line integer NOT NULL,
    account text NOT NULL, cents bigint NOT NULL, person text NOT NULL, lot text NOT NULL,
    PRIMARY KEY (building_id, entry, line),
    FOREIGN KEY (building_id, entry) REFERENCES ledger_entries (building_id, number)
);
CREATE INDEX ledger_lines_by_person ON ledger_lines (building_id, person) WHERE person <> '';

CREATE TABLE conversations (
    organisation_id uuid NOT NULL REFERENCES organisations,
    channel text NOT NULL, handle text NOT NULL, dialogue text NOT NULL, version integer NOT NULL, state jsonb NOT NULL,
    expires timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, channel, handle)
);

CREATE TABLE deliveries (
    organisation_id uuid NOT NULL REFERENCES organisations,
    delivery_id uuid PRIMARY KEY,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    person_id uuid,
    channel text NOT NULL,
    handle text NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    card jsonb NOT NULL,
    reply_to text,
    due timestamptz NOT NULL,
    expires timestamptz,
    fate text NOT NULL CHECK (fate IN ('waiting', 'sending', 'sent', 'failed', 'skipped')),
    reason text NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    evidence smallint NOT NULL DEFAULT 0,
    wire_ref text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    UNIQUE (organisation_id, key)
);
CREATE INDEX deliveries_due ON deliveries (due) WHERE fate IN ('waiting', 'sending');
CREATE INDEX deliveries_by_address ON deliveries (organisation_id, channel, handle, ordinal DESC);
CREATE INDEX deliveries_by_person ON deliveries (person_id, ordinal);

CREATE TABLE choices (
    organisation_id uuid NOT NULL REFERENCES organisations,
    token text PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES deliveries,
    position smallint NOT NULL,
    intent text NOT NULL,
    slots jsonb NOT NULL
);
CREATE INDEX choices_by_delivery ON choices (delivery_id);

CREATE TABLE directory (
    channel text NOT NULL, handle text NOT NULL, organisation_id uuid NOT NULL REFERENCES organisations,
    person_id uuid NOT NULL, linked_at timestamptz NOT NULL, last_used timestamptz,
    PRIMARY KEY (channel, handle, organisation_id)
);
CREATE INDEX directory_by_person ON directory (person_id);

CREATE TABLE link_codes (
    digest bytea PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations, person_id uuid NOT NULL, channel text NOT NULL,
    created_at timestamptz NOT NULL, expires timestamptz NOT NULL, used_at timestamptz
);

CREATE TABLE inbox (
    inbound_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text NOT NULL, ref text NOT NULL, handle text NOT NULL,
    kind text NOT NULL, content jsonb NOT NULL, at timestamptz NOT NULL, received_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'set_aside')),
    UNIQUE (channel, ref)
);
CREATE INDEX inbox_waiting ON inbox (channel, handle, inbound_id) WHERE state = 'waiting';

CREATE TABLE set_aside (
    reference text PRIMARY KEY,
    inbound_id bigint REFERENCES inbox, delivery_id uuid,
    reason text NOT NULL, at timestamptz NOT NULL, resolved_at timestamptz
);

CREATE TABLE channel_memory (
    channel text NOT NULL, account text NOT NULL, key text NOT NULL, value text NOT NULL,
    PRIMARY KEY (channel, account, key)
);

INSERT INTO organisations VALUES ('00000000-0000-0000-0000-000000000000', '', now());
"""

ACROSS = """
CREATE FUNCTION every_organisation() RETURNS TABLE (organisation_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT organisation_id, name FROM organisations WHERE name <> '' ORDER BY name $$;

CREATE FUNCTION claim_deliveries(most integer, at timestamptz, lease interval, through text[])
RETURNS TABLE (organisation_id uuid, delivery_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = public AS
$$ WITH due AS MATERIALIZED (
       SELECT d.delivery_id, coalesce(d.expires <= at, false) AS expired FROM deliveries d
       WHERE ((d.fate = 'waiting' AND d.due <= at) OR (d.fate = 'sending' AND d.lease_until <= at)) AND d.channel = ANY(through)
       ORDER BY d.due, d.ordinal LIMIT most FOR UPDATE SKIP LOCKED
   ), taken AS (
       UPDATE deliveries d SET fate = CASE WHEN expired THEN 'skipped' ELSE 'sending' END,
           reason = CASE WHEN expired THEN 'expired' ELSE d.reason END,
           lease_until = CASE WHEN NOT expired THEN at + lease END,
           attempts = d.attempts + CASE WHEN expired THEN 0 ELSE 1 END
       FROM due WHERE d.delivery_id = due.delivery_id RETURNING d.organisation_id, d.delivery_id, expired
   )
   SELECT taken.organisation_id, taken.delivery_id FROM taken WHERE NOT expired $$;
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in (*TENANTS, *APPEND_ONLY):
        close_to_others(table)
    grant(TENANTS)
    grant(APPEND_ONLY, "SELECT, INSERT")
    grant(OUTSIDE)
    for function in ACROSS.split(";\n\n"):
        op.execute(function)
    for function in ("every_organisation()", "claim_deliveries(integer, timestamptz, interval, text[])"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {application()}")
    op.execute(f"GRANT USAGE ON SEQUENCE building_numbers TO {application()}")
