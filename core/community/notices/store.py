"""Where notes are kept, with who comes and who wants to be told of new ones."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.community.notices.model import Kind, Notice, State, When
from core.database import UnitOfWork, from_jsonb
from core.kernel.errors import DomainError

COLUMNS = (
    "n.notice_id, n.building_id, n.author_id, n.kind, n.language, n.title, n.text, n.titles, n.photos, n.day, n.clock, n.place,"
    " n.posted_at, n.changed_at, n.sequence, n.expires_on, n.state, n.pinned_at, n.reason, n.appeal, n.objects"
)
_STANDING = "n.state IN ('shown', 'hidden')"
PINS = "notices:pins"


async def lock(uow: UnitOfWork, what: str, subject: UUID) -> None:
    """One at a time of what is counted before it is done."""
    await uow.connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 16))"), {"what": f"{what}:{subject}"}
    )


async def add(uow: UnitOfWork, notice: Notice) -> None:
    names = list(_values(notice))
    await uow.connection.execute(
        text(
            f"INSERT INTO notices (organisation_id, notice_id, building_id, author_id, posted_at, {', '.join(names)})"
            " VALUES (:organisation, :notice, :building, :author, :posted_at,"
            f" {', '.join(_CAST.get(name, f':{name}') for name in names)})"
        ),
        {
            "organisation": uow.organisation,
            "notice": notice.notice_id,
            "building": notice.building,
            "author": notice.author,
            "posted_at": notice.posted_at,
            **_values(notice),
        },
    )


async def save(uow: UnitOfWork, before: Notice, after: Notice) -> None:
    """The note as it is after a move. DomainError where somebody was faster."""
    values = _values(after)
    settings = ", ".join(f"{name} = {_CAST.get(name, f':{name}')}" for name in values)
    done = await uow.connection.execute(
        text(f"UPDATE notices SET {settings} WHERE notice_id = :notice AND state = :before"),
        {"notice": after.notice_id, "before": before.state.value, **values},
    )
    if done.rowcount != 1:
        raise DomainError("notices.moved_on")


async def find(uow: UnitOfWork, notice: UUID, *, lock: bool = False) -> Notice | None:
    row = (
        await uow.connection.execute(
            text(f"SELECT {COLUMNS} FROM notices n WHERE n.notice_id = :notice{' FOR UPDATE' if lock else ''}"),
            {"notice": notice},
        )
    ).one_or_none()
    return notice_of(row) if row else None


async def board(uow: UnitOfWork, building: UUID, today: date, after: int, most: int) -> list[Notice]:
    """What neighbours see: pinned first, the others newest first; `most` of them after so many."""
    rows = await uow.connection.execute(
        text(
            f"SELECT {COLUMNS} FROM notices n WHERE n.building_id = :building AND n.state = 'shown' AND n.expires_on >= :today"
            " ORDER BY n.pinned_at DESC NULLS LAST, n.number DESC LIMIT :most OFFSET :after"
        ),
        {"building": building, "today": today, "most": most, "after": after},
    )
    return [notice_of(row) for row in rows]


async def count(uow: UnitOfWork, building: UUID, today: date) -> int:
    return int(
        await uow.connection.scalar(
            text(
                "SELECT count(*) FROM notices n WHERE n.building_id = :building AND n.state = 'shown' AND n.expires_on >= :today"
            ),
            {"building": building, "today": today},
        )
        or 0
    )


async def fresh(uow: UnitOfWork, building: UUID, today: date, since: datetime) -> list[Notice]:
    rows = await uow.connection.execute(
        text(
            f"SELECT {COLUMNS} FROM notices n WHERE n.building_id = :building AND n.state = 'shown' AND n.expires_on >= :today"
            " AND n.posted_at > :since ORDER BY n.number"
        ),
        {"building": building, "today": today, "since": since},
    )
    return [notice_of(row) for row in rows]


async def of_author(uow: UnitOfWork, building: UUID, author: UUID, most: int) -> list[Notice]:
    """Those of his that stand, the newest first."""
    rows = await uow.connection.execute(
        text(
            f"SELECT {COLUMNS} FROM notices n WHERE n.author_id = :author AND n.building_id = :building AND {_STANDING}"
            " ORDER BY n.number DESC LIMIT :most"
        ),
        {"author": author, "building": building, "most": most},
    )
    return [notice_of(row) for row in rows]


async def pinned(uow: UnitOfWork, building: UUID, today: date) -> int:
    return int(
        await uow.connection.scalar(
            text(
                "SELECT count(*) FROM notices n WHERE n.building_id = :building AND n.pinned_at IS NOT NULL AND n.expires_on >= :today"
            ),
            {"building": building, "today": today},
        )
        or 0
    )


async def standing(uow: UnitOfWork) -> list[Notice]:
    """All that stand anywhere in the organisation, locked for whoever ends them; what another holds at this moment is left to it."""
    rows = await uow.connection.execute(
        text(
            f"SELECT {COLUMNS} FROM notices n WHERE {_STANDING} ORDER BY n.building_id, n.notice_id FOR UPDATE SKIP LOCKED"
        )
    )
    return [notice_of(row) for row in rows]


async def open_reports(uow: UnitOfWork, notice: UUID) -> int:
    """How many reports on a note wait for a decision."""
    return int(
        await uow.connection.scalar(
            text("SELECT count(*) FROM notice_reports WHERE notice_id = :notice AND settled_at IS NULL"),
            {"notice": notice},
        )
        or 0
    )


async def to_decide(uow: UnitOfWork, building: UUID, today: date, besides: UUID) -> int:
    """How many notes of a building wait for its council, those of one author not counted."""
    return int(
        await uow.connection.scalar(
            text(
                "SELECT count(*) FROM notices n WHERE n.building_id = :building AND n.expires_on >= :today AND n.author_id <> :besides"
                " AND (n.objects OR n.state = 'hidden' OR (n.state = 'shown' AND EXISTS (SELECT 1 FROM notice_reports r"
                "  WHERE r.organisation_id = n.organisation_id AND r.notice_id = n.notice_id AND r.settled_at IS NULL)))"
            ),
            {"building": building, "today": today, "besides": besides},
        )
        or 0
    )


async def come(uow: UnitOfWork, notice: UUID, person: UUID) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO notice_comers (organisation_id, notice_id, person_id, at) VALUES (:organisation, :notice, :person, :now)"
            " ON CONFLICT DO NOTHING"
        ),
        {"organisation": uow.organisation, "notice": notice, "person": person, "now": uow.now},
    )


async def stay_away(uow: UnitOfWork, notice: UUID, person: UUID) -> None:
    await uow.connection.execute(
        text("DELETE FROM notice_comers WHERE notice_id = :notice AND person_id = :person"),
        {"notice": notice, "person": person},
    )


async def comers(uow: UnitOfWork, notice: UUID) -> list[UUID]:
    """Who comes, in the order in which they said so."""
    rows = await uow.connection.execute(
        text("SELECT person_id FROM notice_comers WHERE notice_id = :notice ORDER BY number"), {"notice": notice}
    )
    return [row.person_id for row in rows]


async def follow(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO notice_followers (organisation_id, building_id, person_id, since)"
            " VALUES (:organisation, :building, :person, :now) ON CONFLICT DO NOTHING"
        ),
        {"organisation": uow.organisation, "building": building, "person": person, "now": uow.now},
    )


async def unfollow(uow: UnitOfWork, building: UUID, person: UUID) -> None:
    await uow.connection.execute(
        text("DELETE FROM notice_followers WHERE building_id = :building AND person_id = :person"),
        {"building": building, "person": person},
    )


async def followers(uow: UnitOfWork, building: UUID) -> frozenset[UUID]:
    """Who asked to be told at once."""
    rows = await uow.connection.execute(
        text("SELECT person_id FROM notice_followers WHERE building_id = :building"), {"building": building}
    )
    return frozenset(row.person_id for row in rows)


async def names(uow: UnitOfWork, persons: Collection[UUID]) -> dict[UUID, str]:
    """The full names of persons, wherever they live now."""
    rows = await uow.connection.execute(
        text("SELECT person_id, name FROM persons WHERE person_id = ANY(CAST(:persons AS uuid[]))"),
        {"persons": sorted(persons)},
    )
    return {row.person_id: row.name for row in rows}


_CAST = {"titles": "CAST(:titles AS jsonb)"}


def _values(notice: Notice) -> dict[str, Any]:
    """What of a note may change."""
    return {
        "kind": notice.kind.value,
        "language": notice.language,
        "title": notice.title,
        "text": notice.text,
        "titles": json.dumps(dict(notice.titles), ensure_ascii=False),
        "photos": list(notice.photos),
        "day": notice.when and notice.when.day,
        "clock": notice.when and notice.when.clock,
        "place": notice.when.place if notice.when else "",
        "changed_at": notice.changed_at,
        "sequence": notice.sequence,
        "expires_on": notice.expires_on,
        "state": notice.state.value,
        "pinned_at": notice.pinned_at,
        "reason": notice.reason,
        "appeal": notice.appeal,
        "objects": notice.objects,
    }


def notice_of(row: Row[Any]) -> Notice:
    return Notice(
        row.notice_id,
        row.building_id,
        row.author_id,
        Kind(row.kind),
        row.language,
        row.title,
        row.text,
        row.posted_at,
        row.changed_at,
        row.expires_on,
        When(row.day, row.clock, row.place) if row.day else None,
        from_jsonb(row.titles),
        tuple(row.photos),
        row.sequence,
        State(row.state),
        row.pinned_at,
        row.reason,
        row.appeal,
        row.objects,
    )
