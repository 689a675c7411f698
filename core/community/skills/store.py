"""Where the directory is kept, and who asked whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.community.skills.model import Ask, Pay, Skill, State
from core.database import UnitOfWork
from core.kernel.errors import DomainError

_SKILLS = "SELECT skill_id, building_id, person_id, name, terms, pay, consent, listed_at, withdrawn_at IS NOT NULL AS withdrawn FROM skills"
_ASKS = "SELECT ask_id, skill_id, asker_id, words, at, state, answered_at FROM skill_asks"


async def add(uow: UnitOfWork, skill: Skill, terms: Collection[str]) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO skills (organisation_id, skill_id, building_id, person_id, name, terms, pay, consent, listed_at)"
            " VALUES (:organisation, :skill, :building, :person, :name, CAST(:terms AS text[]), :pay, :consent, :listed_at)"
        ),
        {
            "organisation": uow.organisation,
            "skill": skill.skill_id,
            "building": skill.building,
            "person": skill.person,
            "name": skill.name,
            "terms": sorted(terms),
            "pay": skill.pay.value,
            "consent": skill.consent,
            "listed_at": skill.listed_at,
        },
    )


async def renew(uow: UnitOfWork, skill: Skill) -> None:
    """Says anew what he agreed to, and whether it is paid."""
    await uow.connection.execute(
        text("UPDATE skills SET pay = :pay, consent = :consent WHERE skill_id = :skill AND withdrawn_at IS NULL"),
        {"skill": skill.skill_id, "pay": skill.pay.value, "consent": skill.consent},
    )


async def withdraw(uow: UnitOfWork, skill: UUID) -> None:
    await uow.connection.execute(
        text("UPDATE skills SET withdrawn_at = :now WHERE skill_id = :skill AND withdrawn_at IS NULL"),
        {"skill": skill, "now": uow.now},
    )


async def get(uow: UnitOfWork, skill: UUID, *, lock: bool = False) -> Skill | None:
    """One skill. `lock`: nobody else asks for it, or answers about it, until this transaction is over."""
    row = (
        await uow.connection.execute(
            text(f"{_SKILLS} WHERE skill_id = :skill{' FOR UPDATE' if lock else ''}"), {"skill": skill}
        )
    ).one_or_none()
    return _skill(row) if row else None


async def listed(uow: UnitOfWork, building: UUID) -> list[tuple[Skill, frozenset[str]]]:
    """The directory of a building by name; each with its terms."""
    rows = await uow.connection.execute(
        text(f"{_SKILLS} WHERE building_id = :building AND withdrawn_at IS NULL ORDER BY lower(name), listed_at"),
        {"building": building},
    )
    return [(_skill(row), frozenset(row.terms)) for row in rows]


async def with_terms(uow: UnitOfWork, building: UUID, terms: Collection[str]) -> list[tuple[Skill, frozenset[str]]]:
    """What is listed in a building and has any of these terms, the oldest first."""
    rows = await uow.connection.execute(
        text(
            f"{_SKILLS} WHERE building_id = :building AND withdrawn_at IS NULL AND terms && CAST(:terms AS text[])"
            " ORDER BY listed_at, skill_id"
        ),
        {"building": building, "terms": sorted(terms)},
    )
    return [(_skill(row), frozenset(row.terms)) for row in rows]


async def everywhere(uow: UnitOfWork) -> list[Skill]:
    """All that is listed in the organisation."""
    rows = await uow.connection.execute(text(f"{_SKILLS} WHERE withdrawn_at IS NULL"))
    return [_skill(row) for row in rows]


async def add_ask(uow: UnitOfWork, ask: Ask) -> None:
    await uow.connection.execute(
        text(
            "INSERT INTO skill_asks (organisation_id, ask_id, skill_id, asker_id, words, state, at)"
            " VALUES (:organisation, :ask, :skill, :asker, :words, :state, :at)"
        ),
        {
            "organisation": uow.organisation,
            "ask": ask.ask_id,
            "skill": ask.skill,
            "asker": ask.asker,
            "words": ask.words,
            "state": ask.state.value,
            "at": ask.at,
        },
    )


async def move_ask(uow: UnitOfWork, before: Ask, after: Ask) -> None:
    """Keeps an answer. DomainError where there was another meanwhile."""
    done = await uow.connection.execute(
        text(
            "UPDATE skill_asks SET state = :state, answered_at = :answered_at WHERE ask_id = :ask AND state = :before"
        ),
        {
            "ask": after.ask_id,
            "before": before.state.value,
            "state": after.state.value,
            "answered_at": after.answered_at,
        },
    )
    if done.rowcount != 1:
        raise DomainError("skills.moved_on")


async def ask(uow: UnitOfWork, ask: UUID) -> Ask | None:
    row = (await uow.connection.execute(text(f"{_ASKS} WHERE ask_id = :ask FOR UPDATE"), {"ask": ask})).one_or_none()
    return _ask(row) if row else None


async def last_ask(uow: UnitOfWork, skill: UUID, asker: UUID) -> Ask | None:
    """When somebody last asked for a skill."""
    row = (
        await uow.connection.execute(
            text(f"{_ASKS} WHERE skill_id = :skill AND asker_id = :asker ORDER BY at DESC, ask_id LIMIT 1"),
            {"skill": skill, "asker": asker},
        )
    ).one_or_none()
    return _ask(row) if row else None


async def waiting(uow: UnitOfWork, since: datetime | None = None, skill: UUID | None = None) -> list[Ask]:
    """Whoever waits for an answer: since then or longer, for that skill; None: any."""
    rows = await uow.connection.execute(
        text(
            f"{_ASKS} WHERE state = 'asked' AND (CAST(:since AS timestamptz) IS NULL OR at <= :since)"
            " AND (CAST(:skill AS uuid) IS NULL OR skill_id = :skill) ORDER BY at, ask_id FOR UPDATE"
        ),
        {"since": since, "skill": skill},
    )
    return [_ask(row) for row in rows]


def _skill(row: Row[Any]) -> Skill:
    return Skill(
        row.skill_id,
        row.building_id,
        row.person_id,
        row.name,
        Pay(row.pay),
        row.consent,
        row.listed_at,
        row.withdrawn,
    )


def _ask(row: Row[Any]) -> Ask:
    return Ask(row.ask_id, row.skill_id, row.asker_id, row.words, row.at, State(row.state), row.answered_at)
