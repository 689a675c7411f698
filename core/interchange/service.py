"""Use cases: bring a building in from its files, or up to date, all or nothing; give the same files back."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from core.buildings import store as buildings
from core.buildings.model import Known
from core.charges import store as charges
from core.charges.bookkeeping import service as bookkeeping
from core.charges.bookkeeping.model import Documents
from core.charges.ledger import store as ledger
from core.charges.model import BudgetLine, Payment
from core.database import UnitOfWork
from core.documents import store as documents
from core.documents.service import Shelf
from core.interchange.folder import Unreadable
from core.interchange.model import DOCUMENTS, BuildingFiles, Fault, Faults, StoredFile
from core.interchange.writing import write_tables
from core.kernel.clock import local_day
from core.kernel.text import say
from core.messaging.channel import Address
from core.outbox import service as outbox
from core.people import store as people
from core.people.consents.model import merged
from core.people.council import store as council
from core.people.council.model import followed
from core.people.model import EMAIL, LETTER, Resident


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do."""

    building: Known
    new: bool
    lots: int
    people: int
    booked: int
    reversed: int


async def import_building(uow: UnitOfWork, files: BuildingFiles, shelf: Shelf | None) -> Imported:
    """Loads or updates a building in the organisation of the unit of work, which the caller commits.

    `shelf` None: documents are not kept (dry run).

    Faults where a row that can no longer change did: in a settled period, or an issued call.
    """
    await buildings.lock(uow, files.building.slug)
    before = await buildings.find(uow, files.building.slug)
    today = local_day(uow.now)
    if before:
        stored = await bookkeeping.documents(uow, before.building_id)
        if faults := list(_frozen(stored, files, today)):
            raise Faults(faults)
    decided = await council.decided(uow, before.building_id) if before else {}
    modules = followed(files.building.modules, decided)
    known = await buildings.save(uow, replace(files.building, modules=modules), before)
    building = known.building_id
    await buildings.replace_lots(uow, building, files.lots, files.weights)
    await buildings.replace_files(uow, building, dict(files.columns), files.unsaid_funds)
    await _save_people(uow, building, files)
    consents = merged(files.consents, await people.consents(uow, building))
    await people.save_rights(uow, building, files.ownership, files.tenancies, consents)
    done = await bookkeeping.book(
        uow,
        building,
        Documents(
            files.lots,
            files.weights,
            files.ownership,
            files.openings,
            files.calls,
            files.expenses,
            files.settlements,
            files.payments,
        ),
        files.budget,
    )
    await documents.replace(
        uow, building, [(row, files.files[row.file].size, files.files[row.file].sha256) for row in files.documents]
    )
    if shelf is not None:
        for stored_file in files.files.values():
            await shelf.put(await asyncio.to_thread(stored_file.read))
    return Imported(known, before is None, len(files.lots), len(files.people), len(done.new), len(done.reversals))


async def kept_files(uow: UnitOfWork, known: Known) -> BuildingFiles:
    """A building as its files would tell it now; of its papers size and hash, not the bytes."""
    building = known.building_id
    found = await bookkeeping.documents(uow, building)
    papers = await documents.every(uow, building)
    columns, unsaid = await buildings.files(uow, building)
    residents = tuple(row.resident for row in await people.residents(uow, building) if row.present)
    here = {row.person for row in residents}
    return BuildingFiles(
        building=known.building,
        lots=tuple(found.lots),
        weights=tuple(found.weights),
        people=residents,
        consents=tuple(row for row in await people.consents(uow, building) if row.person in here),
        ownership=tuple(found.ownership),
        tenancies=await people.tenancies(uow, building),
        budget=await charges.every(uow, building, BudgetLine),
        expenses=tuple(found.expenses),
        calls=tuple(found.calls),
        settlements=tuple(found.settlements),
        openings=tuple(found.openings),
        payments=tuple(found.payments),
        documents=tuple(row.document for row in papers),
        columns=columns,
        files={row.document.file: StoredFile(row.size, row.sha256, _not_here) for row in papers},
        unsaid_funds=unsaid,
    )


async def export_building(uow: UnitOfWork, known: Known, shelf: Shelf) -> dict[str, bytes]:
    """The files of a building by relative path: those that came in, and what has no input file below `records/`."""
    written, papers = await exported(uow, known)
    return written | {file: await shelf.get(digest) for file, digest in papers.items()}


async def exported(uow: UnitOfWork, known: Known) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The same with the bytes of tables and records only; of each paper the hash under which it lies on the shelf."""
    building = known.building_id
    files = await kept_files(uow, known)
    written = write_tables(files)
    written["records/ledger.jsonl"] = await _ledger_record(uow, building)
    written["records/deliveries.jsonl"] = await _delivery_record(uow, building)
    return written, {f"{DOCUMENTS}{file}": stored.sha256 for file, stored in files.files.items()}


def _not_here() -> bytes:
    raise Unreadable("the bytes of a paper lie on the shelf")


async def _save_people(uow: UnitOfWork, building: UUID, files: BuildingFiles) -> None:
    """Finds who each row is: by his code in this building, else by his address in the organisation, else somebody new.

    An address follows its row: whoever stands here under his own code, with another address, has given it up.
    """
    before = {row.resident.person: row for row in await people.residents(uow, building)}
    accounts = {row.person_id: row.account for row in before.values()}
    at_address = await people.on_file(uow, [row.email for row in files.people if row.email])
    named = {before[row.person].person_id for row in files.people if row.person in before}
    identities: dict[str, tuple[UUID, int]] = {}
    found: set[UUID] = set()
    faults = []
    for place, row in enumerate(files.people):
        known, somebody = before.get(row.person), at_address.get(row.email.lower()) if row.email else None
        if somebody in named:
            somebody = None
        if somebody and (somebody in found or (known and somebody != known.person_id)):
            line = files.lines["people.csv"][place] if "people.csv" in files.lines else 1
            faults.append(Fault("people.csv", line, say("interchange.fault.address_taken", email=row.email)))
            continue
        person = known.person_id if known else somebody
        if person is None:
            person = await people.add_person(uow, row.name, row.language)
        elif known:
            await _renew(uow, person, known.resident, row)
        account = accounts.setdefault(person, max(accounts.values(), default=0) + 1)
        identities[row.person] = (person, account)
        found.add(person)
    if faults:
        raise Faults(faults)
    for row in files.people:
        # One that leads to him already stays as it is: where nothing arrived before, nothing does because a file says so again.
        if row.email and at_address.get(row.email.lower()) != identities[row.person][0]:
            await people.link(uow, Address(EMAIL, row.email.lower()), identities[row.person][0])
        post = Address(LETTER, str(identities[row.person][0]))
        if row.street:
            await people.link(uow, post, identities[row.person][0])
        else:
            await people.unlink(uow, post)
    await people.save_residents(uow, building, files.people, identities)


async def _renew(uow: UnitOfWork, person: UUID, before: Resident, row: Resident) -> None:
    """What the files changed of a person. A language that he chose himself stays until the files say another one than before."""
    if before.name != row.name:
        await people.rename(uow, person, row.name)
    if before.language != row.language:
        await people.speak(uow, person, row.language)
    if before.email and before.email.lower() != row.email.lower():
        await people.unlink(uow, Address(EMAIL, before.email.lower()), person)


def _frozen(stored: Documents, files: BuildingFiles, today: date) -> Iterator[Fault]:
    """The rows that changed or vanished though they can no longer: those of a settled period, and issued calls."""
    settled = [(row.first, row.last) for row in stored.settlements if row.day <= today]

    def closed(day: date) -> bool:
        return any(first <= day <= last for first, last in settled)

    groups: tuple[tuple[str, str, Sequence[Any], Sequence[Any], Any, Any], ...] = (
        (
            "expenses.csv",
            "expense",
            stored.expenses,
            files.expenses,
            lambda row: row.number,
            lambda row: closed(row.day),
        ),
        (
            "calls.csv",
            "call",
            stored.calls,
            files.calls,
            lambda row: row.number,
            lambda row: row.day <= today or closed(row.due),
        ),
        (
            "settlements.csv",
            "settlement",
            stored.settlements,
            files.settlements,
            lambda row: row.number,
            lambda row: row.day <= today,
        ),
        (
            "opening.csv",
            "opening",
            stored.openings,
            files.openings,
            lambda row: (row.person, row.day),
            lambda row: closed(row.day),
        ),
    )
    for file, what, old, new, name, bound in groups:
        now = {name(row): (place, row) for place, row in enumerate(new)}
        for row in old:
            place, changed = now.get(name(row), (None, None))
            if bound(row) and changed != row:
                key = "vanished" if changed is None else "changed"
                line = 1 if place is None else files.lines[file][place]
                yield Fault(file, line, say(f"interchange.fault.{key}.{what}", **_named(what, row)))
    left = Counter(files.payments)
    for payment in stored.payments:
        if left[payment]:
            left[payment] -= 1
        elif closed(payment.day):
            yield Fault("payments.csv", 1, say("interchange.fault.vanished.payment", **_named("payment", payment)))


def _named(what: str, row: Any) -> dict[str, Any]:
    if what == "opening":
        return {"person": row.person, "day": row.day}
    if isinstance(row, Payment):
        return {"person": row.person, "day": row.day}
    return {"number": row.number}


async def _ledger_record(uow: UnitOfWork, building: UUID) -> bytes:
    """The books, an entry a line, with the hashes that chain them: enough to verify them without this program."""
    lines = [
        {
            "number": booked.number,
            "content": json.loads(booked.entry.content()),
            "previous": booked.previous.hex(),
            "hash": booked.hash.hex(),
        }
        for booked in await ledger.books(uow, building)
    ]
    return _jsonl(lines)


async def _delivery_record(uow: UnitOfWork, building: UUID) -> bytes:
    """What the people of the building were told and how far it came, a delivery a line; not what it said."""
    lines = []
    for row in await people.residents(uow, building):
        for told in await outbox.told_to(uow, row.person_id):
            lines.append(
                {
                    "person": row.resident.person,
                    "at": told.created_at.isoformat(),
                    "channel": told.address.channel,
                    "kind": told.kind,
                    "fate": told.fate,
                    "evidence": told.evidence,
                }
            )
    return _jsonl(lines)


def _jsonl(lines: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
