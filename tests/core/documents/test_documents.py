"""Papers: kept each once, listed, and handed to those who may see them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from core.database import UnitOfWork
from core.documents import service as documents
from core.documents import store
from core.documents.model import AUDIENCES, Document, may_see
from core.documents.service import Shelf
from core.people.model import ROLES
from tests.core.small import day, small_building, stored
from tests.ground_floor import SAMPLE, Sample

SEES = {
    "everyone": set(ROLES),
    "owners": {"owner", "council", "syndic", "auditor"},
    "council": {"council", "syndic", "auditor"},
    "syndic": {"syndic"},
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_who_may_see_what(audience: str, role: str) -> None:
    assert may_see(audience, [role]) is (role in SEES[audience])
    assert may_see(audience, ["tenant", role]) is (role in SEES[audience])


@pytest.mark.parametrize("audience", AUDIENCES)
def test_who_is_nobody_there_sees_nothing(audience: str) -> None:
    assert not may_see(audience, [])


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_bytes_lie_on_the_shelf_each_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "files")
    digests = [await shelf.put(content) for content in (b"one", b"two", b"one", b"")]
    assert digests == [sha256(content).digest() for content in (b"one", b"two", b"one", b"")]
    assert [await shelf.get(digest) for digest in digests] == [b"one", b"two", b"one", b""]
    assert len(kept(tmp_path)) == 3
    assert not [path for path in kept(tmp_path) if path.suffix == ".part"]


async def test_a_file_that_was_changed_or_lost_is_not_handed_out(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    digest = await shelf.put(b"the minutes")
    (path,) = kept(tmp_path)
    path.write_bytes(b"the minuteS")
    with pytest.raises(ValueError, match="not what it was"):
        await shelf.get(digest)
    path.unlink()
    with pytest.raises(OSError, match=r"."):
        await shelf.get(digest)


async def test_the_papers_of_the_sample_are_there_for_whom_they_are(sample: Sample) -> None:
    building = sample.known.building_id
    async with sample.database.work(sample.organisation) as uow:
        everything = await store.every(uow, building)
        seen = {role: await documents.visible(uow, building, [role]) for role in ROLES}
        assert await documents.visible(uow, building, []) == []
        for row in everything:
            for role in ROLES:
                found = await documents.find(uow, row.document_id, building, [role])
                assert found == (row if role in SEES[row.document.visible_to] else None)
            assert await documents.find(uow, row.document_id, UUID(int=1), ["syndic"]) is None
            assert await sample.shelf.get(row.sha256) == (SAMPLE / "documents" / row.document.file).read_bytes()
    assert len(everything) == 5
    assert seen["syndic"] == everything
    assert 0 < len(seen["tenant"]) < len(everything)
    async with sample.database.work() as uow:
        assert await documents.find(uow, everything[0].document_id, building, ["syndic"]) is None


async def test_a_paper_that_stays_keeps_its_identity(uow: UnitOfWork) -> None:
    known = await stored(uow, small_building())

    def paper(file: str, title: str = "Title") -> tuple[Document, int, bytes]:
        return Document(file, title, "minutes", day("2026-05-05"), "fr", "everyone"), 3, sha256(b"x").digest()

    await store.replace(uow, known.building_id, [paper("a.pdf"), paper("b.pdf")])
    before = {row.document.file: row.document_id for row in await store.every(uow, known.building_id)}
    await store.replace(uow, known.building_id, [paper("c.pdf"), paper("b.pdf", "Corrected")])
    after = await store.every(uow, known.building_id)
    assert [row.document.file for row in after] == ["c.pdf", "b.pdf"]
    assert after[1].document_id == before["b.pdf"]
    assert after[1].document.title == "Corrected"
    assert after[0].document_id not in before.values()
    assert await store.find(uow, before["a.pdf"]) is None
