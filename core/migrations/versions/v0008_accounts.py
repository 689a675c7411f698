"""Accounts of the office: who signs in, by what, where he has which role, and wrong tries counted."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import application, close_to_others, grant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OUTSIDE = ("accounts", "account_links", "account_sessions", "recovery_codes", "sign_in_tries")
"""What stands outside the tenants: who signs in comes before his tenant is known, and may have a role in several."""

SCHEMA = """
CREATE TABLE accounts (
    account_id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    name text NOT NULL,
    language text NOT NULL CHECK (language IN ('fr', 'nl', 'de', 'en')),
    password text,
    authenticator bytea,
    authenticator_step bigint NOT NULL DEFAULT 0,
    administrator boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    closed_at timestamptz
);

CREATE TABLE account_roles (
    organisation_id uuid NOT NULL REFERENCES organisations,
    account_id uuid NOT NULL REFERENCES accounts,
    role text NOT NULL CHECK (role IN ('syndic', 'accountant', 'council', 'auditor')),
    building_id uuid,
    person_id uuid,
    granted_at timestamptz NOT NULL,
    granted_by uuid,
    FOREIGN KEY (organisation_id, building_id) REFERENCES buildings (organisation_id, building_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES persons (organisation_id, person_id),
    UNIQUE NULLS NOT DISTINCT (organisation_id, account_id, role, building_id)
);
CREATE INDEX account_roles_by_account ON account_roles (account_id);

CREATE TABLE account_links (
    digest bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'recovery', 'sign_in')),
    created_at timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX account_links_by_account ON account_links (account_id) WHERE used_at IS NULL;

CREATE TABLE account_sessions (
    session_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    chosen uuid NOT NULL,
    refresh bytea NOT NULL,
    before bytea,
    rotated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    last_used timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    ended_at timestamptz,
    reused boolean NOT NULL DEFAULT false,
    agent text NOT NULL
);
CREATE INDEX account_sessions_open ON account_sessions (account_id) WHERE ended_at IS NULL;

CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts,
    digest bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, digest)
);

CREATE TABLE sign_in_tries (
    of_whom bytea PRIMARY KEY,
    wrong integer NOT NULL,
    last_at timestamptz NOT NULL,
    rests_until timestamptz NOT NULL
);
"""

WHERE = """
CREATE FUNCTION organisations_of_account(wanted uuid)
RETURNS TABLE (organisation_id uuid, person_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT r.organisation_id, (array_agg(r.person_id ORDER BY r.granted_at) FILTER (WHERE r.person_id IS NOT NULL))[1]
   FROM account_roles r WHERE r.account_id = wanted GROUP BY r.organisation_id ORDER BY r.organisation_id $$
"""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    grant(OUTSIDE)
    close_to_others("account_roles")
    grant(("account_roles",))
    op.execute(WHERE)
    op.execute("REVOKE ALL ON FUNCTION organisations_of_account(uuid) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION organisations_of_account(uuid) TO {application()}")
