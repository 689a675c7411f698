"""What is read across all tables for a glance: few statements, whatever the number of buildings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from core.bulletin.overview.model import CALL, SETTLEMENT, Due, Elsewhere, Glance, Participation, Unreachable
from core.database import UnitOfWork, from_jsonb
from core.people.model import EMAIL, LETTER

_REACHED = (
    "listed AS MATERIALIZED (SELECT r.building_id, r.position, r.person_id, r.person, r.name, r.email, r.street, r.channels_accepted,"
    "  r.accepted_on FROM residents r WHERE r.present"
    "  AND (CAST(:only AS uuid[]) IS NULL OR r.building_id = ANY(CAST(:only AS uuid[])))),"
    " alive AS MATERIALIZED (SELECT d.person_id, d.channel, d.handle FROM directory d WHERE d.organisation_id = :organisation"
    "  AND d.channel <> 'letter' AND d.dead_at IS NULL AND d.stopped_at IS NULL),"
    " owners AS MATERIALIZED (SELECT DISTINCT o.building_id, o.person FROM ownership o"
    "  WHERE o.first <= :today AND coalesce(o.last >= :today, true)),"
    " warned AS MATERIALIZED (SELECT DISTINCT r.building_id, r.person FROM listed r JOIN alive a USING (person_id)"
    "  LEFT JOIN consents c ON c.building_id = r.building_id AND c.person = r.person AND c.channel = a.channel"
    "  WHERE CASE WHEN c.person IS NULL THEN a.channel = ANY(r.channels_accepted) AND r.accepted_on <= :today"
    "    AND (a.channel <> 'email' OR a.handle = lower(r.email))"
    "   ELSE (c.address = '' OR lower(c.address) = lower(a.handle)) AND c.accepted_on <= :today"
    "    AND coalesce(c.withdrawn_on > :today, true) END),"
    " here AS MATERIALIZED (SELECT r.building_id, r.position, r.person_id, r.person, r.name,"
    "  r.street = '' AND r.person_id NOT IN (SELECT alive.person_id FROM alive) AS unreachable,"
    "  r.street = '' AND owners.person IS NOT NULL AND warned.person IS NULL AS unwarned"
    "  FROM listed r LEFT JOIN owners USING (building_id, person) LEFT JOIN warned USING (building_id, person))"
)
_GLANCES = text(
    f"WITH {_REACHED},"
    " people AS (SELECT building_id, count(*) AS people, count(*) FILTER (WHERE unreachable) AS unreachable,"
    "  count(*) FILTER (WHERE unwarned) AS unwarned FROM here GROUP BY building_id),"
    " housed AS (SELECT building_id, count(*) AS lots FROM lots GROUP BY building_id),"
    " mute AS (SELECT building_id, count(*) AS voiceless FROM ("
    "  SELECT o.building_id FROM ownership o WHERE o.first <= :today AND coalesce(o.last >= :today, true)"
    "  GROUP BY o.building_id, o.lot HAVING count(DISTINCT o.person) > 1 AND NOT bool_or(o.representative)) v GROUP BY building_id),"
    " lost AS (SELECT building_id, count(*) AS failed FROM deliveries"
    "  WHERE fate = 'failed' AND next_way IS NULL AND created_at > :lately AND building_id IS NOT NULL GROUP BY building_id),"
    " tray AS (SELECT d.building_id, count(*) AS letters FROM letters l"
    "  JOIN deliveries d ON d.organisation_id = l.organisation_id AND d.key = l.delivery_key"
    "  WHERE l.posted_on IS NULL AND d.building_id IS NOT NULL GROUP BY d.building_id)"
    " SELECT b.building_id, b.slug, b.name, b.city, b.modules, b.settings -> 'assembly_window_start' AS begins,"
    " coalesce(housed.lots, 0) AS lots, coalesce(people.people, 0) AS people, coalesce(people.unreachable, 0) AS unreachable,"
    " coalesce(people.unwarned, 0) AS unwarned, coalesce(mute.voiceless, 0) AS voiceless, coalesce(lost.failed, 0) AS failed,"
    " coalesce(tray.letters, 0) AS letters"
    " FROM buildings b LEFT JOIN people USING (building_id) LEFT JOIN housed USING (building_id) LEFT JOIN mute USING (building_id)"
    " LEFT JOIN lost USING (building_id) LEFT JOIN tray USING (building_id)"
    " WHERE CAST(:only AS uuid[]) IS NULL OR b.building_id = ANY(CAST(:only AS uuid[])) ORDER BY b.name, b.slug"
)
_UNREACHABLE = text(
    f"WITH {_REACHED} SELECT building_id, person_id, person, name, unreachable FROM here WHERE unreachable OR unwarned"
    " ORDER BY building_id, position"
)
_VOICELESS = text(
    "SELECT o.lot FROM ownership o JOIN lots l ON l.building_id = o.building_id AND l.lot = o.lot"
    " WHERE o.building_id = :building AND o.first <= :today AND coalesce(o.last >= :today, true)"
    " GROUP BY o.lot, l.position HAVING count(DISTINCT o.person) > 1 AND NOT bool_or(o.representative) ORDER BY l.position"
)
_DUES = text(
    f"SELECT building_id, due AS day, '{CALL}' AS kind, number, title FROM calls WHERE due BETWEEN :today AND :until AND day <= :today"
    "  AND (CAST(:only AS uuid[]) IS NULL OR building_id = ANY(CAST(:only AS uuid[])))"
    f" UNION ALL SELECT building_id, due, '{SETTLEMENT}', number, '' FROM settlements WHERE due BETWEEN :today AND :until AND day <= :today"
    "  AND (CAST(:only AS uuid[]) IS NULL OR building_id = ANY(CAST(:only AS uuid[])))"
    " ORDER BY day, building_id, number"
)
_ELSEWHERE = text(
    "SELECT (SELECT count(*) FROM deliveries WHERE fate = 'failed' AND next_way IS NULL AND created_at > :lately"
    "  AND building_id IS NULL) AS failed,"
    " (SELECT count(*) FROM set_aside s LEFT JOIN deliveries d USING (delivery_id) WHERE s.resolved_at IS NULL"
    "  AND (d.delivery_id IS NOT NULL OR EXISTS (SELECT 1 FROM inbox i JOIN directory a ON a.channel = i.channel AND a.handle = i.handle"
    "   WHERE i.inbound_id = s.inbound_id AND a.organisation_id = :organisation))) AS set_aside,"
    " (SELECT count(*) FROM drafts) AS drafts"
)
_PARTICIPATION = text(
    "WITH listed AS (SELECT person_id, street <> '' AS has_post FROM residents WHERE building_id = :building AND present),"
    " theirs AS (SELECT d.person_id, d.channel, d.last_used, d.dead_at IS NULL AND d.stopped_at IS NULL AS alive FROM directory d"
    "  JOIN listed USING (person_id) WHERE d.organisation_id = :organisation AND d.channel <> :letter)"
    " SELECT (SELECT count(*) FROM listed) AS people,"
    " (SELECT count(DISTINCT person_id) FROM theirs WHERE alive AND channel <> :email) AS linked,"
    " (SELECT count(DISTINCT person_id) FROM theirs WHERE last_used >= :since) AS wrote,"
    " (SELECT jsonb_object_agg(channel, reached) FROM (SELECT channel, count(DISTINCT person_id) AS reached FROM theirs WHERE alive"
    "   GROUP BY channel UNION ALL SELECT :letter, count(*) FROM listed WHERE has_post) AS ways) AS reach"
)


async def glances(uow: UnitOfWork, only: Sequence[UUID] | None, today: date, lately: datetime) -> list[Glance]:
    rows = await uow.connection.execute(
        _GLANCES, {"organisation": uow.organisation, "today": today, "lately": lately, "only": _listed(only)}
    )
    found = []
    # Taken apart in one go: asking each row for its columns by name took a third of the time of the whole list.
    for house, slug, name, city, modules, begins, lots, people, lost, unwarned, voiceless, failed, letters in rows:
        begins = from_jsonb(begins)
        window = (int(begins[0]), int(begins[1])) if begins else None
        counts = (lots, people, lost, unwarned, voiceless, failed, letters)
        found.append(Glance(house, slug, name, city, tuple(modules), *counts, window))
    return found


async def dues(uow: UnitOfWork, only: Sequence[UUID] | None, today: date, until: date) -> list[Due]:
    rows = await uow.connection.execute(_DUES, {"today": today, "until": until, "only": _listed(only)})
    return [Due(row.building_id, row.day, row.kind, row.number, row.title) for row in rows]


async def elsewhere(uow: UnitOfWork, lately: datetime) -> Elsewhere:
    row = (await uow.connection.execute(_ELSEWHERE, {"organisation": uow.organisation, "lately": lately})).one()
    return Elsewhere(row.failed, row.set_aside, row.drafts)


async def unreachable(uow: UnitOfWork, only: Sequence[UUID] | None, today: date) -> list[Unreachable]:
    rows = await uow.connection.execute(
        _UNREACHABLE, {"organisation": uow.organisation, "today": today, "only": _listed(only)}
    )
    return [Unreachable(row.building_id, row.person_id, row.person, row.name, row.unreachable) for row in rows]


async def voiceless(uow: UnitOfWork, building: UUID, today: date) -> list[str]:
    return list((await uow.connection.execute(_VOICELESS, {"building": building, "today": today})).scalars())


async def participation(uow: UnitOfWork, building: UUID, since: datetime) -> Participation:
    row = (
        await uow.connection.execute(
            _PARTICIPATION,
            {
                "organisation": uow.organisation,
                "building": building,
                "since": since,
                "email": EMAIL,
                "letter": LETTER,
            },
        )
    ).one()
    return Participation(row.people, from_jsonb(row.reach), row.linked, row.wrote)


def _listed(only: Sequence[UUID] | None) -> list[UUID] | None:
    return None if only is None else list(only)
