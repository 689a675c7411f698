"""Where reports are kept, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import text

from core.community.neighbours.model import called
from core.community.notices.moderation.model import Case, Report, Undecided
from core.community.notices.store import COLUMNS, notice_of
from core.database import UnitOfWork


async def report(uow: UnitOfWork, notice: UUID, person: UUID, report: Report) -> bool:
    """False where he reported it before."""
    done = await uow.connection.execute(
        text(
            "INSERT INTO notice_reports (organisation_id, notice_id, person_id, because, words, at)"
            " VALUES (:organisation, :notice, :person, :because, :words, :at) ON CONFLICT DO NOTHING"
        ),
        {
            "organisation": uow.organisation,
            "notice": notice,
            "person": person,
            "because": report.because,
            "words": report.words,
            "at": report.at,
        },
    )
    return bool(done.rowcount == 1)


async def settle(uow: UnitOfWork, notice: UUID) -> None:
    """The council has decided on all reports there are."""
    await uow.connection.execute(
        text("UPDATE notice_reports SET settled_at = :now WHERE notice_id = :notice AND settled_at IS NULL"),
        {"notice": notice, "now": uow.now},
    )


async def reports(uow: UnitOfWork, notice: UUID) -> list[Report]:
    """All of them, the newest first."""
    rows = await uow.connection.execute(
        text(
            "SELECT because, words, at, settled_at IS NOT NULL AS settled FROM notice_reports WHERE notice_id = :notice"
            " ORDER BY number DESC"
        ),
        {"notice": notice},
    )
    return [Report(row.because, row.words, row.at, row.settled) for row in rows]


_CASES = (
    f"SELECT {COLUMNS}, p.name, r.waiting FROM notices n JOIN persons p ON p.person_id = n.author_id"
    " CROSS JOIN LATERAL (SELECT count(*) AS waiting FROM notice_reports r WHERE r.notice_id = n.notice_id"
    "  AND r.organisation_id = n.organisation_id AND r.settled_at IS NULL) r"
)


async def cases(uow: UnitOfWork, buildings: Collection[UUID], today: date, most: int) -> list[Case]:
    """What stands on the boards of these buildings, and what its author objects to: what waits for a decision first, then the newest."""
    rows = await uow.connection.execute(
        text(
            f"{_CASES} WHERE n.building_id = ANY(CAST(:buildings AS uuid[])) AND n.expires_on >= :today"
            " AND (n.state IN ('shown', 'hidden') OR n.objects)"
            " ORDER BY (r.waiting > 0 OR n.objects OR n.state <> 'shown') DESC,"
            " n.pinned_at DESC NULLS LAST, n.number DESC LIMIT :most"
        ),
        {"buildings": sorted(buildings), "today": today, "most": most},
    )
    return [Case(notice_of(row), called(row.name), row.waiting) for row in rows]


async def case(uow: UnitOfWork, notice: UUID) -> Case | None:
    row = (
        await uow.connection.execute(text(f"{_CASES} WHERE n.notice_id = :notice"), {"notice": notice})
    ).one_or_none()
    return Case(notice_of(row), called(row.name), row.waiting) if row else None


async def undecided(uow: UnitOfWork, buildings: Collection[UUID] | None, today: date) -> list[Undecided]:
    """Where something waits for a decision, and how much; None: in all buildings. What `cases` lists as waiting, counted."""
    rows = await uow.connection.execute(
        text(
            "SELECT n.building_id, count(*) FILTER (WHERE n.objects) AS objected,"
            " count(*) FILTER (WHERE n.state = 'hidden' AND NOT n.objects) AS hidden,"
            " count(*) FILTER (WHERE n.state = 'shown' AND NOT n.objects) AS reported FROM notices n"
            " WHERE n.expires_on >= :today AND (CAST(:buildings AS uuid[]) IS NULL OR n.building_id = ANY(CAST(:buildings AS uuid[])))"
            " AND (n.objects OR n.state = 'hidden' OR n.state = 'shown' AND EXISTS (SELECT 1 FROM notice_reports r"
            "  WHERE r.notice_id = n.notice_id AND r.organisation_id = n.organisation_id AND r.settled_at IS NULL))"
            " GROUP BY n.building_id"
        ),
        {"buildings": None if buildings is None else sorted(buildings), "today": today},
    )
    return [Undecided(row.building_id, row.objected, row.hidden, row.reported) for row in rows]
