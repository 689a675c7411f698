"""Files seen before they are brought in: what is told is what happens, and only of the building that was looked at."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from core.buildings import service as buildings
from core.charges.bookkeeping import service as bookkeeping
from core.database import UnitOfWork
from core.documents.service import Shelf
from core.interchange.arrivals import service as arrivals
from core.interchange.folder import Folder
from core.interchange.packing import packed
from core.interchange.reading import read_building
from core.interchange.service import exported
from core.interchange.typed import Outdated
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.people.audit import service as audit
from core.people.audit.model import Actor
from tests.core.interchange.tiny import spoiled

ANN = Actor(new_id(), "Ann")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


async def test_a_look_tells_of_a_new_building_and_is_not_to_be_committed(uow: UnitOfWork, shelf: Shelf) -> None:
    files = read_building(Folder.of(spoiled({})))
    seen = await arrivals.look(uow, files)
    assert seen.imported.new
    assert seen.changes == ()
    assert {each.file: (each.rows, each.new) for each in seen.rows}["lots.csv"] == (len(files.lots), len(files.lots))
    with pytest.raises(Outdated):
        await arrivals.bring_in(uow, files, shelf, seen.seen, ANN)


async def test_a_changed_building_is_told_by_row_and_field(uow: UnitOfWork, shelf: Shelf) -> None:
    files = read_building(Folder.of(spoiled({})))
    done = await arrivals.bring_in(uow, files, shelf, "", ANN)
    known = done.imported.building
    again = await arrivals.look(uow, files)
    assert not again.differs
    person = replace(files.people[0], phone="+32 2 000")
    changed = replace(files, people=(person, *files.people[1:]), building=replace(files.building, city="Eupen"))
    seen = await arrivals.look(uow, changed, known.building_id)
    assert seen.differs
    assert [(each.subject) for each in seen.changes] == ["building", f"person {person.person}"]
    assert [(each.file, each.new, each.gone) for each in seen.rows if each.new] == [("people.csv", 1, 1)]
    with pytest.raises(Outdated):
        await arrivals.bring_in(uow, changed, shelf, again.seen + "x", ANN)
    with pytest.raises(DomainError) as error:
        await arrivals.look(uow, changed, new_id())
    assert error.value.text.key == "interchange.another_building"


async def test_a_payment_more_is_another_state(uow: UnitOfWork, shelf: Shelf) -> None:
    files = read_building(Folder.of(spoiled({})))
    done = await arrivals.bring_in(uow, files, shelf, "", ANN)
    assert done.imported.new
    before = (await arrivals.look(uow, files)).seen
    more = replace(files, payments=(*files.payments, replace(files.payments[-1], day=date(2026, 11, 20))))
    await arrivals.bring_in(uow, more, shelf, before, ANN)
    with pytest.raises(Outdated):
        await arrivals.bring_in(uow, files, shelf, before, ANN)
    deeds = [entry.deed for entry in (await audit.entries(uow)).entries]
    assert deeds.count("building_imported") == 2


async def test_an_export_is_packed_whole_and_comes_back(uow: UnitOfWork, shelf: Shelf) -> None:
    given = spoiled({})
    done = await arrivals.bring_in(uow, read_building(Folder.of(given)), shelf, "", ANN)
    known = await buildings.get(uow, done.imported.building.building_id)
    written, papers = await exported(uow, known)
    with await packed(written, papers, shelf) as made, zipfile.ZipFile(made) as archive:
        taken = {name: archive.read(name) for name in archive.namelist()}
        assert list(taken) == sorted(taken)
    assert {name: content for name, content in taken.items() if not name.startswith("records/")} == given
    assert await bookkeeping.verify(uow, known.building_id) == []
    with await packed(written, papers, shelf) as one, await packed(written, papers, shelf) as other:
        assert one.read() == other.read()
    with pytest.raises(DomainError) as error:
        await packed({}, {"documents/a.pdf": b"\0" * 32}, shelf)
    assert error.value.text.key == "interchange.paper_gone"
    assert made.closed
