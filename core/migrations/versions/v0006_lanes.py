"""Lanes: what is due is claimed channel by channel, in order for each address; gathered cards; and where a delivery went on."""

from __future__ import annotations

from alembic import op

from core.migrations.tenancy import application

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = """
ALTER TABLE deliveries
    ADD COLUMN next_way uuid,
    ADD COLUMN within uuid,
    ADD COLUMN gathers boolean NOT NULL DEFAULT false;
DROP INDEX deliveries_due;
DROP INDEX deliveries_digest;
CREATE INDEX deliveries_lane ON deliveries (channel, due, ordinal) WHERE fate IN ('waiting', 'sending');
CREATE INDEX deliveries_queue ON deliveries (channel, handle, ordinal) WHERE fate IN ('waiting', 'sending');
CREATE INDEX deliveries_within ON deliveries (within) WHERE within IS NOT NULL;
DROP FUNCTION claim_deliveries(integer, timestamptz, interval, text[]);
"""

CLAIM = """
CREATE FUNCTION claim_deliveries(most integer, at timestamptz, lease interval, through text)
RETURNS TABLE (organisation_id uuid, delivery_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = public SET enable_seqscan = off SET enable_bitmapscan = off AS
$$ WITH first AS MATERIALIZED (
       SELECT d.delivery_id, d.handle, d.ordinal FROM deliveries d
       WHERE d.channel = through AND d.due <= at AND d.fate IN ('waiting', 'sending') AND (d.fate = 'waiting' OR d.lease_until <= at)
         AND d.ordinal = (
             SELECT e.ordinal FROM deliveries e
             WHERE e.channel = through AND e.handle = d.handle AND e.fate IN ('waiting', 'sending')
               AND CASE e.fate WHEN 'waiting' THEN e.due <= at OR e.attempts > 0 ELSE e.lease_until IS NOT NULL END
             ORDER BY e.ordinal LIMIT 1)
       ORDER BY d.due, d.ordinal LIMIT most FOR UPDATE SKIP LOCKED
   ), behind AS MATERIALIZED (
       SELECT f.delivery_id FROM first CROSS JOIN LATERAL (
           SELECT e.delivery_id FROM deliveries e
           WHERE e.channel = through AND e.handle = first.handle AND e.ordinal > first.ordinal AND e.due <= at
             AND e.fate IN ('waiting', 'sending') AND (e.fate = 'waiting' OR e.lease_until <= at)
           ORDER BY e.ordinal LIMIT 100 FOR UPDATE SKIP LOCKED) f
   ), due AS MATERIALIZED (SELECT first.delivery_id FROM first UNION ALL SELECT behind.delivery_id FROM behind
   ), taken AS (
       UPDATE deliveries d SET fate = CASE WHEN d.expires <= at THEN 'skipped' ELSE 'sending' END,
           reason = CASE WHEN d.expires <= at THEN 'expired' ELSE d.reason END,
           lease_until = CASE WHEN coalesce(d.expires > at, true) THEN at + lease END,
           attempts = d.attempts + CASE WHEN d.expires <= at THEN 0 ELSE 1 END
       FROM due WHERE d.delivery_id = due.delivery_id RETURNING d.organisation_id, d.delivery_id, d.fate
   )
   SELECT taken.organisation_id, taken.delivery_id FROM taken WHERE taken.fate = 'sending' $$;
"""
"""Only the first that is due at an address, or was put off, or is under way there, opens the address; what is due behind it comes along.
So two who claim at once never share an address, and nothing overtakes. A queue is read by its index, whatever was known of its size in
another hour. A part of a gathered card is under way without a lease: the card is claimed, not its parts."""


def upgrade() -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(CLAIM)
    function = "claim_deliveries(integer, timestamptz, interval, text)"
    op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {application()}")
