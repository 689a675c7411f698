"""`import`, `export`, `verify`: a building from its files, back to them, and its books recomputed."""

from __future__ import annotations

import asyncio
import zipfile
from argparse import Namespace
from pathlib import Path
from uuid import UUID

from core.buildings import service as buildings
from core.buildings.model import Known
from core.charges.bookkeeping import service as bookkeeping
from core.community.sel import service as sel
from core.interchange import service as interchange
from core.interchange.folder import Folder
from core.interchange.model import BuildingFiles, Faults, fault_line
from core.interchange.reading import read_building
from core.people.audit import service as audit
from core.people.audit.model import COMMAND, Deed
from koprogo.application import Application, opened
from koprogo.output import DONE, REFUSED, WRONG, Output, Refusal, WrongInput
from koprogo.settings import Settings, reachable

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that every file of an export bears, so that equal buildings give equal bytes."""


async def import_files(options: Namespace, settings: Settings, out: Output) -> int:
    if not options.organisation.strip() or not options.organisation.isprintable():
        raise WrongInput("cli.wrong_organisation")
    try:
        with Folder.open(Path(options.folder)) as folder:
            files = await asyncio.to_thread(read_building, folder)
            async with opened(settings, reach=reachable(settings)) as application:
                done = await run_import(application, files, options.organisation.strip(), options.dry_run)
    except Faults as faults:
        lines = [fault_line(fault, out.words) for fault in faults.faults]
        out.json({"faults": lines})
        for line in lines:
            out.complain(line)
        return WRONG
    building = done.building.building
    key = ("cli.import.would" if options.dry_run else "cli.import.done") + ("_add" if done.new else "_update")
    out.line(key, building=building.name, slug=building.slug, lots=done.lots, people=done.people)
    out.line("cli.import.books", booked=done.booked, reversed=done.reversed)
    out.json(
        {
            "building": building.slug,
            "organisation": options.organisation,
            "new": done.new,
            "dry_run": options.dry_run,
            "lots": done.lots,
            "people": done.people,
            "booked": done.booked,
            "reversed": done.reversed,
        }
    )
    return DONE


async def run_import(
    application: Application, files: BuildingFiles, organisation: str, dry_run: bool
) -> interchange.Imported:
    """All or nothing; a dry run is the same, not committed."""
    async with application.database.work() as uow:
        await buildings.enter(uow, organisation)
        done = await interchange.import_building(uow, files, None if dry_run else application.shelf)
        if not dry_run:
            after = {"lots": done.lots, "people": done.people, "booked": done.booked, "reversed": done.reversed}
            await audit.record(uow, COMMAND, Deed.BUILDING_IMPORTED, "building", None, after, done.building.building_id)
            await uow.commit()
        return done


async def export(options: Namespace, settings: Settings, out: Output) -> int:
    target = Path(options.file)
    if not target.parent.is_dir():
        raise Refusal("cli.export.no_folder", folder=str(target.parent))
    async with opened(settings) as application:
        organisation, known = await one_building(application, options.building)
        async with application.database.work(organisation) as uow:
            files = await interchange.export_building(uow, known, application.shelf)
            await audit.record(uow, COMMAND, Deed.BUILDING_EXPORTED, "building", building=known.building_id)
            await uow.commit()
    await asyncio.to_thread(_write_zip, target, files)
    out.line("cli.export.done", building=known.building.name, file=str(target), count=len(files))
    out.json({"building": known.building.slug, "file": str(target), "files": sorted(files)})
    return DONE


async def verify(options: Namespace, settings: Settings, out: Output) -> int:
    report = []
    async with opened(settings) as application:
        if options.building:
            chosen = [await one_building(application, options.building)]
        else:
            chosen = await buildings.everywhere(application.database)
        for organisation, known in chosen:
            async with application.database.work(organisation) as uow:
                found = [*await bookkeeping.verify(uow, known.building_id), *await sel.verify(uow, known.building_id)]
                wrong = [out.words(text) for text in found]
            report.append({"building": known.building.slug, "differences": wrong})
            out.line(
                "cli.verify.wrong" if wrong else "cli.verify.right", building=known.building.slug, count=len(wrong)
            )
            for line in wrong:
                out.text(f"  {line}")
    if not report:
        out.line("cli.verify.nothing")
    out.json(report)
    return REFUSED if any(row["differences"] for row in report) else DONE


async def one_building(application: Application, name: str) -> tuple[UUID, Known]:
    """The building of that slug; `organisation/slug` where several organisations have one."""
    owner, slash, slug = name.rpartition("/")
    names = await buildings.organisations(application.database)
    found = [
        (organisation, known)
        for organisation, known in await buildings.everywhere(application.database)
        if known.building.slug == slug and (not slash or names.get(owner) == organisation)
    ]
    if not found:
        raise Refusal("cli.no_building", building=name)
    if len(found) > 1:
        raise Refusal("cli.several_buildings", building=name)
    return found[0]


def _write_zip(target: Path, files: dict[str, bytes]) -> None:
    """Whole or not at all."""
    partial = target.with_name(f"{target.name}.part")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(files):
                info = zipfile.ZipInfo(name, EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, files[name])
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
