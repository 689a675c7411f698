"""Use cases: see a building as it can be changed by hand, and change it: by the checks of the files, and by the same import.

What follows in the books is what would follow if the changed files were imported: documents of closed periods stay as they are.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from core.buildings import store as buildings
from core.buildings.model import Known
from core.charges import store as charges
from core.charges.accounts.model import Posting
from core.database import UnitOfWork
from core.interchange.amendments.model import (
    Changes,
    Moved,
    MoveIn,
    MoveOut,
    Represent,
    Transfer,
    check_returns,
    coded,
    latest_transfer,
    moved,
    moved_in,
    moved_out,
    person_put,
    person_removed,
    records,
    represented,
    taken_back,
    transferred,
    unlisted,
)
from core.interchange.extracts import store as extracts
from core.interchange.model import BUILDING, BuildingFiles, Faults, StoredFile, shown
from core.interchange.reading import read_again
from core.interchange.service import Imported, import_building, kept_files
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, Table
from core.interchange.toml_writing import renewed
from core.interchange.typed import TYPED, Line, Outdated, Typed, Written, problems, table_named, typed, written
from core.interchange.writing import write_tables
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed, Fields, Filter

Turn = tuple[Fields | None, Fields | None]
"""What somebody was in the list, and became."""
MOST_LISTED = 50
"""People whom one transfer touches; a lot has fewer owners."""


@dataclass(frozen=True, slots=True)
class Editable:
    """A building as it can be changed by hand. `version` is given back with a change: it tells whether somebody was faster."""

    known: Known
    typed: Typed
    version: str


@dataclass(frozen=True, slots=True)
class _Open:
    """A building that nobody else changes until the transaction ends."""

    known: Known
    files: BuildingFiles
    typed: Typed


async def editable(uow: UnitOfWork, building: UUID) -> Editable:
    """NoSuchBuilding."""
    known = await buildings.get(uow, building)
    now = typed(await kept_files(uow, known))
    return Editable(known, now, now.fingerprint)


async def amend(uow: UnitOfWork, building: UUID, version: str, changes: Changes, actor: Actor) -> Imported:
    """Changes settings and tables of a building, all or nothing; the caller commits.

    NoSuchBuilding; Outdated where the building is no longer what `version` was given for; Problems with all that is wrong; DomainError for
    what the books name and would be gone. Who has no code among the people gets one.
    """
    found = await _open(uow, building, version)
    return await _apply(uow, found, changes, actor)


async def transfer(uow: UnitOfWork, building: UUID, version: str, wanted: Transfer, actor: Actor) -> Imported:
    """A lot changes hands on a day; who is new comes among the people. Raises what `amend` does."""
    return await _change(uow, building, version, lambda now: transferred(now, wanted), actor, Deed.LOT_TRANSFERRED)


async def foresee(uow: UnitOfWork, building: UUID, version: str, wanted: Transfer, actor: Actor) -> list[Moved]:
    """What the books would say otherwise of whom after a transfer, by day: it is done, looked at, and taken back. Raises what it does."""
    undone = await uow.connection.begin_nested()
    try:
        before = await _booked(uow, building)
        await transfer(uow, building, version, wanted, actor)
        after = await _booked(uow, building)
    finally:
        await undone.rollback()
    return moved(before, after)


async def take_back(uow: UnitOfWork, building: UUID, version: str, lot: str, actor: Actor) -> list[Moved]:
    """The latest transfer of a lot was entered wrongly: it is as if it had never been, but for the log. Gives what the books say otherwise.

    DomainError where it never changed hands, and where something was settled or paid by it; then nothing is changed. Raises what `amend`
    does. Who came into the list of people with it goes out with it, unless something else speaks of him.
    """
    whole = await uow.connection.begin_nested()
    try:
        follows = await _take_back(uow, building, version, lot, actor)
    except DomainError:
        await whole.rollback()
        raise
    await whole.commit()
    return follows


async def foresee_return(uow: UnitOfWork, building: UUID, version: str, lot: str, actor: Actor) -> list[Moved]:
    """What the books would say otherwise once the latest transfer of a lot is taken back. Raises what that does."""
    undone = await uow.connection.begin_nested()
    try:
        return await _take_back(uow, building, version, lot, actor)
    finally:
        await undone.rollback()


async def _take_back(uow: UnitOfWork, building: UUID, version: str, lot: str, actor: Actor) -> list[Moved]:
    found = await _open(uow, building, version)
    day = latest_transfer(found.typed, lot)
    began = [row for row in found.typed.rows(OWNERSHIP) if (row["lot"], row["from"]) == (lot, day.isoformat())]
    listed = await _listed_with(uow, building, lot, day)
    before = await _booked(uow, building)
    await _apply(uow, found, taken_back(found.typed, lot), actor, Deed.TRANSFER_TAKEN_BACK)
    follows = moved(before, await _booked(uow, building))
    check_returns(lot, day, {row["person"] for row in began}, before, follows)
    if listed:
        await _unlist(uow, building, listed, actor)
    return follows


async def _unlist(uow: UnitOfWork, building: UUID, listed: Mapping[str, Turn], actor: Actor) -> None:
    now = await editable(uow, building)
    people = unlisted(now.typed, listed)
    if people != list(now.typed.rows(PEOPLE)):
        # Of whom the books speak stays in the list.
        with suppress(DomainError):
            await amend(uow, building, now.version, Changes(tables={PEOPLE.file: people}), actor)


async def _listed_with(uow: UnitOfWork, building: UUID, lot: str, day: date) -> dict[str, Turn]:
    """What the transfer of a lot on a day made of whom in the list of people, by code. Only the log knows."""
    about = Filter(building=building, deed=Deed.LOT_TRANSFERRED, subject=f"lot {lot}")
    transfers = (await audit.entries(uow, about, most=1)).entries
    if not transfers or all(row.get("from") != day.isoformat() for row in (transfers[0].after or {}).get("rows", ())):
        return {}
    at = transfers[0].at
    same = Filter(building=building, deed=Deed.PERSON_CHANGED, since=at, until=at + timedelta(microseconds=1))
    entries = (await audit.entries(uow, same, most=MOST_LISTED)).entries
    return {entry.subject.partition(" ")[2]: (entry.before, entry.after) for entry in entries}


async def represent(uow: UnitOfWork, building: UUID, version: str, wanted: Represent, actor: Actor) -> Imported:
    """Somebody else speaks for a lot of several. Raises what `amend` does."""
    today = local_day(uow.now)
    return await _change(uow, building, version, lambda now: represented(now, wanted, today), actor)


async def put_person(uow: UnitOfWork, building: UUID, version: str, person: str, row: Line, actor: Actor) -> Imported:
    """Adds somebody (`person` empty), or changes what is said of him. Raises what `amend` does."""
    return await _change(uow, building, version, lambda now: person_put(now, person, row), actor)


async def remove_person(uow: UnitOfWork, building: UUID, version: str, person: str, actor: Actor) -> Imported:
    """Takes somebody out whom neither a lot nor the books name. Raises what `amend` does."""
    return await _change(uow, building, version, lambda now: person_removed(now, person), actor)


async def move_in(uow: UnitOfWork, building: UUID, version: str, wanted: MoveIn, actor: Actor) -> Imported:
    """Somebody rents a lot from a day on. Raises what `amend` does."""
    return await _change(uow, building, version, lambda now: moved_in(now, wanted), actor)


async def move_out(uow: UnitOfWork, building: UUID, version: str, wanted: MoveOut, actor: Actor) -> Imported:
    """A tenant leaves. Raises what `amend` does."""
    return await _change(uow, building, version, lambda now: moved_out(now, wanted), actor)


async def _change(
    uow: UnitOfWork,
    building: UUID,
    version: str,
    change: Callable[[Typed], Changes],
    actor: Actor,
    ownership: Deed = Deed.OWNERSHIP_CHANGED,
) -> Imported:
    found = await _open(uow, building, version)
    return await _apply(uow, found, change(found.typed), actor, ownership)


async def _open(uow: UnitOfWork, building: UUID, version: str) -> _Open:
    known = await buildings.get(uow, building)
    await buildings.lock(uow, known.building.slug)
    known = await buildings.get(uow, building)
    files = await kept_files(uow, known)
    now = typed(files)
    if now.fingerprint != version:
        raise Outdated("amend.outdated")
    return _Open(known, files, now)


async def _apply(
    uow: UnitOfWork, found: _Open, changes: Changes, actor: Actor, ownership: Deed = Deed.OWNERSHIP_CHANGED
) -> Imported:
    after = changed(found.typed, changes)
    if after.settings["slug"] != found.typed.settings["slug"]:
        raise DomainError("amend.slug_stays")
    if after.settings["modules"] != found.typed.settings["modules"]:
        raise DomainError("amend.council_decides")
    await _still_named(uow, found, after)
    done = await bring(uow, after, found.files)
    entries = [
        replace(entry, deed=ownership) if entry.deed is Deed.OWNERSHIP_CHANGED else entry
        for entry in records(found.typed, after)
    ]
    await audit.record_all(uow, actor, entries, found.known.building_id)
    return done


def changed(now: Typed, changes: Changes) -> Typed:
    """What is typed, with the changes. DomainError for what can not be kept."""
    after = now.with_settings(changes.settings)
    for file, rows in changes.tables.items():
        table = table_named(file)
        after = after.with_rows(table, coded(rows) if table is PEOPLE else rows)
    return after


async def bring(uow: UnitOfWork, after: Typed, kept: BuildingFiles | None) -> Imported:
    """Imports what was typed, together with what is kept of the building besides. Problems."""
    contents, tables, papers = contents_of(after, kept)
    try:
        files = await asyncio.to_thread(read_again, contents, papers)
        return await import_building(uow, files, None)
    except Faults as faults:
        raise problems(faults, tables) from faults


def contents_of(
    after: Typed, kept: BuildingFiles | None
) -> tuple[dict[str, bytes], Mapping[str, Written], Mapping[str, StoredFile]]:
    """The files that say what was typed, those of them that were typed, and the papers that are kept.

    Consents of those who are named no longer are not asked for; what was accepted by message stays all the same.
    """
    columns = kept.columns if kept else {}
    named = {row["person"] for row in after.rows(PEOPLE)}
    contents: dict[str, bytes] = {}
    if kept is not None:
        consents = tuple(row for row in kept.consents if row.person in named)
        contents |= write_tables(replace(kept, consents=consents))
    tables: dict[str, Written] = {}
    for table in TYPED:
        rows = after.rows(table)
        if rows or table is LOTS or table.file in columns:
            tables[table.file] = written(table, rows, columns.get(table.file, ()))
            contents[table.file] = tables[table.file].content
        else:
            contents.pop(table.file, None)
    source = contents[BUILDING].decode() if kept is not None else ""
    contents[BUILDING] = renewed(source, after.settings).encode()
    papers = {unicodedata.normalize("NFC", file): stored for file, stored in kept.files.items()} if kept else {}
    return contents, tables, papers


async def _booked(uow: UnitOfWork, building: UUID) -> dict[str, list[Posting]]:
    return await extracts.postings(uow, building, sorted(await extracts.booked_persons(uow, building)))


async def _still_named(uow: UnitOfWork, found: _Open, after: Typed) -> None:
    """DomainError where a lot or a person would be gone, or be called something else, of whom the books speak."""
    building = found.known.building_id
    gone = _gone(found.typed, after, LOTS, "lot")
    if gone:
        bearing = {lot for (_, lot), cents in (await charges.parts(uow, building)).items() if cents}
        for lot in gone:
            if lot in bearing:
                raise DomainError("amend.lot_booked", lot=shown(lot))
    for person in _gone(found.typed, after, PEOPLE, "person"):
        if (await charges.postings(uow, [(building, person)]))[building]:
            raise DomainError("amend.person_booked", person=shown(person))


def _gone(before: Typed, after: Typed, table: Table, column: str) -> list[str]:
    there = {row[column] for row in after.rows(table)}
    return [row[column] for row in before.rows(table) if row[column] not in there]
