"""Who can be invited and which codes are out. Codes stand outside the tenants: every query here says which organisation it means."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.ids import digest
from core.people.codes.model import ANYWHERE
from core.people.invitations.model import Invited, Invitee, Out
from core.people.model import EMAIL, LETTER

ROLES = ("council", "syndic", "auditor", "caretaker")
"""Those that somebody has without a lot."""

# Sets instead of a look for each person, as in people.store: right after an import the tables have no statistics.
_ROSTER = text(
    "WITH here AS (SELECT * FROM residents WHERE building_id = ANY(CAST(:buildings AS uuid[])) AND present),"
    " held AS (SELECT building_id, person, lot FROM ownership WHERE building_id = ANY(CAST(:buildings AS uuid[]))"
    "   AND first <= :today AND (last IS NULL OR last >= :today)"
    "  UNION SELECT building_id, person, lot FROM tenancies WHERE building_id = ANY(CAST(:buildings AS uuid[]))"
    "   AND first <= :today AND (last IS NULL OR last >= :today)),"
    " lots_of AS (SELECT h.building_id, h.person, string_agg(h.lot, ', ' ORDER BY l.position) AS lots"
    "  FROM held h JOIN lots l ON l.building_id = h.building_id AND l.lot = h.lot GROUP BY h.building_id, h.person),"
    " ways AS (SELECT d.person_id,"
    "   array_agg(DISTINCT d.channel) FILTER (WHERE d.last_used IS NOT NULL OR d.channel <> :email) AS linked,"
    "   array_agg(DISTINCT d.channel) AS on_file"
    "  FROM directory d JOIN (SELECT DISTINCT person_id FROM here) p USING (person_id)"
    "  WHERE d.organisation_id = :organisation AND d.channel <> :paper AND d.dead_at IS NULL GROUP BY d.person_id),"
    " out AS (SELECT person_id, count(*) AS codes, max(created_at) AS since, max(expires) AS until FROM link_codes"
    "  WHERE organisation_id = :organisation AND building_id IS NULL AND used_at IS NULL AND expires > :now GROUP BY person_id)"
    " SELECT h.building_id, h.person_id, h.person, h.name, p.language, coalesce(lots_of.lots, '') AS lots, h.street, h.postal_code,"
    " h.city, h.country, ways.linked, ways.on_file, out.codes, out.since, out.until"
    " FROM here h JOIN persons p USING (person_id) LEFT JOIN lots_of USING (building_id, person)"
    " LEFT JOIN ways USING (person_id) LEFT JOIN out USING (person_id)"
    " WHERE lots_of.lots IS NOT NULL OR h.roles && CAST(:roles AS text[]) ORDER BY h.building_id, h.position"
)


async def roster(uow: UnitOfWork, buildings: Collection[UUID]) -> dict[UUID, list[Invitee]]:
    """For each building everybody with a lot or a role in it today, in the order of its file."""
    rows = await uow.connection.execute(
        _ROSTER,
        {
            "buildings": list(buildings),
            "organisation": uow.organisation,
            "today": local_day(uow.now),
            "now": uow.now,
            "email": EMAIL,
            "paper": LETTER,
            "roles": list(ROLES),
        },
    )
    found: dict[UUID, list[Invitee]] = {building: [] for building in buildings}
    for row in rows:
        found[row.building_id].append(_invitee(row))
    return found


async def add(uow: UnitOfWork, given: Sequence[Invited]) -> set[UUID]:
    """Keeps the codes, hashed; gives the persons whose code is new."""
    rows = await uow.connection.execute(
        text(
            "INSERT INTO link_codes (digest, organisation_id, person_id, channel, building_id, created_at, expires)"
            " SELECT c.digest, :organisation, c.person, :anywhere, NULL, :now, c.until FROM unnest(CAST(:digests AS bytea[]),"
            "  CAST(:persons AS uuid[]), CAST(:untils AS timestamptz[])) AS c (digest, person, until) ORDER BY c.digest"
            " ON CONFLICT (digest) DO NOTHING RETURNING person_id"
        ),
        {
            "organisation": uow.organisation,
            "anywhere": ANYWHERE,
            "now": uow.now,
            "digests": [digest(each.code) for each in given],
            "persons": [each.to.person_id for each in given],
            "untils": [each.until for each in given],
        },
    )
    return set(rows.scalars().all())


async def known(uow: UnitOfWork, given: Sequence[Invited]) -> tuple[datetime, bool] | None:
    """Of codes that are kept already: when the first was made, and whether one is used up or revoked. None where none is kept."""
    row = (
        await uow.connection.execute(
            text(
                "SELECT min(created_at) AS made, bool_or(used_at IS NOT NULL) AS over FROM link_codes"
                " WHERE organisation_id = :organisation AND digest = ANY(CAST(:digests AS bytea[]))"
            ),
            {"organisation": uow.organisation, "digests": [digest(each.code) for each in given]},
        )
    ).one()
    return (row.made, row.over) if row.made is not None else None


async def revoke(uow: UnitOfWork, persons: Collection[UUID]) -> dict[UUID, int]:
    """No code that is out for these people ties a channel any more; gives how many were, by person."""
    rows = await uow.connection.execute(
        text(
            "WITH gone AS (UPDATE link_codes SET used_at = :now WHERE organisation_id = :organisation AND building_id IS NULL"
            "  AND person_id = ANY(CAST(:persons AS uuid[])) AND used_at IS NULL AND expires > :now RETURNING person_id)"
            " SELECT person_id, count(*) AS codes FROM gone GROUP BY person_id"
        ),
        {"organisation": uow.organisation, "persons": list(persons), "now": uow.now},
    )
    return {row.person_id: row.codes for row in rows}


def _invitee(row: Row[Any]) -> Invitee:
    return Invitee(
        row.person_id,
        row.person,
        row.name,
        row.language,
        row.lots,
        row.street,
        row.postal_code,
        row.city,
        row.country,
        tuple(row.linked or ()),
        tuple(row.on_file or ()),
        Out(row.codes, row.since, row.until) if row.codes else None,
    )
