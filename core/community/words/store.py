"""How a table that has a column `terms text[]` is searched: the same for whatever neighbours put up.

    rows = await uow.connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM objects WHERE building_id = :building AND withdrawn_at IS NULL AND {MATCHES}"
            f" ORDER BY {IN_COMMON} DESC, at DESC LIMIT :most"
        ),
        {"building": building, "most": most, **asked(wanted)},
    )

A b-tree on (organisation_id, building_id) is the index for it. PostgreSQL asks a GIN index on `terms` nothing where row-level security
holds: `&&` is not leakproof, so that it may look only at rows that the policy has let through.
"""

from __future__ import annotations

from core.community.words.model import decisive

MATCHES = "terms && CAST(:decisive AS text[])"
"""Whether a row is meant."""
IN_COMMON = "cardinality(ARRAY(SELECT unnest(terms) INTERSECT SELECT unnest(CAST(:wanted AS text[]))))"
"""How well."""


def asked(wanted: frozenset[str]) -> dict[str, list[str]]:
    """The parameters of both, of the terms of what somebody is looking for. Without any, no row is meant."""
    return {"wanted": sorted(wanted), "decisive": sorted(decisive(wanted))}
