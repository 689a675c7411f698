"""Use cases of the wizard: begin a draft, type, see what is wrong so far, and make a building of it.

Whoever changes a draft gives the version that he saw; Outdated where somebody was faster. The caller commits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from core.buildings import store as buildings
from core.database import UnitOfWork
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Changes, coded
from core.interchange.model import Faults
from core.interchange.reading import read_again
from core.interchange.service import Imported, kept_files
from core.interchange.setup import store
from core.interchange.setup.model import (
    MOST_DRAFTS,
    STEPS,
    SUGGESTED,
    Draft,
    Listed,
    NoSuchDraft,
    renamed,
    until,
    with_row,
    without,
)
from core.interchange.setup.model import state as state_of
from core.interchange.tables import PEOPLE
from core.interchange.toml_writing import NAMES, settings_text
from core.interchange.typed import Line, Outdated, Problem, Typed, problems, table_named
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed


async def begin(uow: UnitOfWork, actor: Actor, building: UUID | None = None) -> Draft:
    """A new draft: of a new building, or of what one is today. NoSuchBuilding."""
    if len(await store.every(uow)) >= MOST_DRAFTS:
        raise DomainError("setup.too_many_drafts", count=MOST_DRAFTS)
    now, version = Typed({**dict.fromkeys(NAMES, ""), **SUGGESTED}), ""
    if building is not None:
        shown = await amendments.editable(uow, building)
        now, version = shown.typed, shown.version
    draft = Draft(new_id(), building, version, 1, now, uow.now, uow.now, actor)
    await store.add(uow, draft)
    return draft


async def settings_of(uow: UnitOfWork, building: UUID) -> dict[str, str]:
    """The settings of a building that stands, as one would type them for another like it. NoSuchBuilding."""
    return settings_text((await buildings.get(uow, building)).building)


async def drafts(uow: UnitOfWork) -> list[Listed]:
    """The drafts of the organisation, the one changed last first."""
    return await store.every(uow)


async def draft(uow: UnitOfWork, draft_id: UUID) -> Draft:
    """NoSuchDraft."""
    found = await store.find(uow, draft_id)
    if found is None:
        raise NoSuchDraft("setup.no_draft")
    return found


async def type_settings(
    uow: UnitOfWork, draft_id: UUID, version: int, settings: Mapping[str, str], actor: Actor
) -> Draft:
    """Keeps what was typed of the building itself, right or wrong."""
    found = await _to_change(uow, draft_id, version)
    return await _keep(uow, found, found.typed.with_settings(settings), actor)


async def seen(uow: UnitOfWork, draft_id: UUID, step: str, state: str) -> Draft:
    """The draft, to change a step of it that nobody changed since it was seen in that `state`. NoSuchDraft; Outdated."""
    found = await store.find(uow, draft_id, to_change=True)
    if found is None:
        raise NoSuchDraft("setup.no_draft")
    if state_of(found.typed, step) != state:
        raise _outdated(found)
    return found


async def type_rows(
    uow: UnitOfWork, draft_id: UUID, version: int, file: str, rows: Iterable[Line], actor: Actor
) -> Draft:
    """Keeps all rows of a table as they were typed, right or wrong. Who has no code among the people gets one."""
    return await type_tables(uow, draft_id, version, {file: rows}, actor)


async def type_tables(
    uow: UnitOfWork,
    draft_id: UUID,
    version: int,
    tables: Mapping[str, Iterable[Line]],
    actor: Actor,
    called: Mapping[str, Sequence[tuple[str, str]]] = MappingProxyType({}),
) -> Draft:
    """The same for several tables. `called`: for rows of a table what they were called before and are now; what names them follows."""
    found = await _to_change(uow, draft_id, version)
    after = found.typed
    for file, rows in tables.items():
        table = table_named(file)
        after = after.with_rows(table, coded(rows) if table is PEOPLE else rows)
    for file, names in called.items():
        after = renamed(after, table_named(file), names)
    return await _keep(uow, found, after, actor)


async def put_row(
    uow: UnitOfWork, draft_id: UUID, version: int, file: str, place: int | None, row: Line, actor: Actor
) -> Draft:
    """Adds a row (`place` None), or changes the one there; what names a lot or a person that is called otherwise now follows."""
    found, table = await _to_change(uow, draft_id, version), table_named(file)
    after = with_row(found.typed, table, place, row)
    if table is PEOPLE:
        after = after.with_rows(PEOPLE, coded(after.rows(PEOPLE)))
    return await _keep(uow, found, after, actor)


async def remove_row(uow: UnitOfWork, draft_id: UUID, version: int, file: str, place: int, actor: Actor) -> Draft:
    """Takes a row out. DomainError while other rows name its lot or its person."""
    found, table = await _to_change(uow, draft_id, version), table_named(file)
    return await _keep(uow, found, without(found.typed, table, place), actor)


async def look_over(uow: UnitOfWork, found: Draft, step: str = STEPS[-1]) -> tuple[Problem, ...]:
    """What is wrong with a draft up to a step, by the checks of the import. Nothing is changed."""
    if step not in STEPS:
        raise DomainError("setup.unknown_table", found=step)
    kept = await kept_files(uow, await buildings.get(uow, found.building)) if found.building else None
    contents, tables, papers = amendments.contents_of(found.typed, kept)
    try:
        await asyncio.to_thread(read_again, contents, papers)
    except Faults as faults:
        wrong = problems(faults, tables).problems
        return wrong if step == STEPS[-1] else until(wrong, step)
    return ()


async def apply(uow: UnitOfWork, draft_id: UUID, version: int, actor: Actor) -> Imported:
    """Makes the building of a draft, or changes the one that it was begun for; the draft is gone then.

    Outdated where the draft, or that building, was changed meanwhile; Problems with all that is wrong; DomainError where another building
    has its short name.
    """
    found = await _to_change(uow, draft_id, version)
    if found.building is not None:
        changes = Changes(found.typed.settings, found.typed.tables)
        done = await amendments.amend(uow, found.building, found.based_on, changes, actor)
    else:
        slug = found.typed.settings.get("slug", "")
        await buildings.lock(uow, slug)
        if await buildings.find(uow, slug) is not None:
            raise DomainError("setup.slug_taken", slug=slug)
        done = await amendments.bring(uow, found.typed, None)
        after = {"name": done.building.building.name, "slug": slug, "lots": done.lots, "people": done.people}
        await audit.record(uow, actor, Deed.BUILDING_SET_UP, "building", None, after, done.building.building_id)
    await store.remove(uow, draft_id)
    return done


async def drop(uow: UnitOfWork, draft_id: UUID, version: int, actor: Actor) -> None:
    """Throws a draft away, with all that was typed."""
    found = await _to_change(uow, draft_id, version)
    await store.remove(uow, draft_id)
    subject = f"draft {found.typed.settings.get('name', '')}".strip()
    await audit.record(uow, actor, Deed.DRAFT_DROPPED, subject, building=found.building)


async def _to_change(uow: UnitOfWork, draft_id: UUID, version: int) -> Draft:
    found = await store.find(uow, draft_id, to_change=True)
    if found is None:
        raise NoSuchDraft("setup.no_draft")
    if found.version != version:
        raise _outdated(found)
    return found


def _outdated(found: Draft) -> Outdated:
    return Outdated("setup.outdated", name=found.changed_by.name, at=found.changed_at)


async def _keep(uow: UnitOfWork, found: Draft, typed: Typed, actor: Actor) -> Draft:
    if not await store.change(uow, found.draft_id, found.version, typed, actor):
        raise _outdated(found)
    return await draft(uow, found.draft_id)
