"""Use cases: see what files would change in a building, and bring them in just so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

from core.buildings import store as buildings
from core.database import UnitOfWork
from core.documents.service import Shelf
from core.interchange.arrivals.model import Rows, compared
from core.interchange.model import BuildingFiles
from core.interchange.service import Imported, import_building, kept_files
from core.interchange.typed import Outdated
from core.interchange.writing import write_tables
from core.kernel.errors import DomainError
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed, Record
from core.people.council import store as council
from core.people.council.model import followed


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an import did, or would do. `seen` is the state of the building of which that is true: it is given back to bring the files in.

    `changes`: of settings, lots, keys, people, ownership and tenancies, as the log tells them; empty for a new building.
    """

    imported: Imported
    seen: str
    rows: tuple[Rows, ...]
    changes: tuple[Record, ...]

    @property
    def differs(self) -> bool:
        return self.imported.new or bool(self.changes) or any(each.new or each.gone for each in self.rows)


async def look(uow: UnitOfWork, files: BuildingFiles, only: UUID | None = None) -> Arrival:
    """What these files would do: a dry run of the import, which the caller must not commit.

    `only`: the one building that they may be of. Faults; DomainError where they are of another one.
    """
    before, state, files = await _meeting(uow, files, only)
    rows, changes = compared(before, files)
    return Arrival(await import_building(uow, files, None), state, rows, changes)


async def bring_in(
    uow: UnitOfWork, files: BuildingFiles, shelf: Shelf, seen: str, actor: Actor, only: UUID | None = None
) -> Arrival:
    """Imports the files; the caller commits. Outdated where the building is not what it was when it was looked at; else like `look`."""
    before, state, files = await _meeting(uow, files, only)
    if state != seen:
        raise Outdated("amend.outdated")
    rows, changes = compared(before, files)
    done = await import_building(uow, files, shelf)
    building = done.building
    after = {
        "name": building.building.name,
        "slug": building.building.slug,
        "new": done.new,
        "lots": done.lots,
        "people": done.people,
        "booked": done.booked,
        "reversed": done.reversed,
        "rows": {each.file: {"new": each.new, "gone": each.gone} for each in rows if each.new or each.gone},
    }
    await audit.record(uow, actor, Deed.BUILDING_IMPORTED, "building", None, after, building.building_id)
    await audit.record_all(uow, actor, changes, building.building_id)
    return Arrival(done, state, rows, changes)


async def _meeting(
    uow: UnitOfWork, files: BuildingFiles, only: UUID | None
) -> tuple[BuildingFiles | None, str, BuildingFiles]:
    """The building as it is today, its state, and the files as far as it follows them: modules are the council's.

    Nobody else changes it until the transaction ends.
    """
    slug = files.building.slug
    await buildings.lock(uow, slug)
    known = await buildings.find(uow, slug)
    if only is not None and (known is None or known.building_id != only):
        raise DomainError("interchange.another_building", slug=slug)
    if known is None:
        return None, "", files
    before = await kept_files(uow, known)
    modules = followed(files.building.modules, await council.decided(uow, known.building_id))
    return before, _state(before), replace(files, building=replace(files.building, modules=modules))


def _state(files: BuildingFiles) -> str:
    """What tells one state of a building from another: it is the same where all its files are."""
    told = sha256()
    for name, content in sorted(write_tables(files).items()):
        told.update(f"{name} {len(content)}\n".encode() + content)
    for name, stored in sorted(files.files.items()):
        told.update(f"{name}\n".encode("utf-8", "backslashreplace") + stored.sha256)
    return told.hexdigest()
