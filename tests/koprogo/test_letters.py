"""`koprogo letters`: the tray as a person and as a script sees it, onto paper and into the post."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.buildings import store as buildings
from core.database import Database, UnitOfWork, application_url, owner_url
from core.documents.service import Shelf
from core.outbox.letters import service as letters
from core.outbox.service import Recorder
from core.people import store as people
from tests.koprogo.conftest import Command

KEYS = ("3f2a91bc" + "0" * 24, "77777777" + "1" * 24)
LETTER = {"id", "reference", "to", "pages", "made_at", "printed_at", "posted_on", "posted_by"}


@asynccontextmanager
async def work(koprogo: Command) -> AsyncIterator[UnitOfWork]:
    url = application_url(owner_url(koprogo.settings["DATABASE_URL"]))
    async with Database(url, recorder=Recorder(())) as database:
        async with database.work() as uow:
            organisation = (await buildings.organisations(uow))["default"]
        async with database.work(organisation) as uow:
            yield uow
            await uow.commit()


@pytest.fixture
async def tray(koprogo: Command) -> Command:
    """The command where two letters to Marguerite lie in the tray."""
    shelf = Shelf(Path(koprogo.settings["KOPROGO_DATA"]) / "files")
    async with work(koprogo) as uow:
        (known,) = await buildings.every(uow)
        listed = await people.residents(uow, known.building_id)
        person = next(row.person_id for row in listed if row.resident.person == "marguerite-lambert")
        for number, key in enumerate(KEYS, 1):
            assert await letters.add(uow, key, person, await shelf.put(b"%%PDF %d" % number), number)
    return koprogo


def test_nothing_to_print(koprogo: Command, tmp_path: Path) -> None:
    assert koprogo("letters", "--json").json == []
    told = koprogo("letters")
    assert (told.code, len(told.out.splitlines())) == (0, 1)
    assert koprogo("letters", "--print", str(tmp_path / "new"), "--json").json == []


def test_from_the_tray_into_the_post(tray: Command, tmp_path: Path) -> None:
    first, second = tray("letters", "--json").json
    assert set(first) == LETTER
    assert (first["reference"], first["to"], first["pages"]) == ("3F2A 91BC", "Marguerite Lambert", 1)
    assert (first["printed_at"], first["posted_on"], first["posted_by"]) == (None, None, "")
    assert datetime.fromisoformat(first["made_at"]) > datetime.now(UTC) - timedelta(minutes=5)
    told = tray("letters")
    assert "3F2A 91BC  Marguerite Lambert, 1 page" in told.out
    assert "7777 7777  Marguerite Lambert, 2 pages" in told.out

    folder = tmp_path / "out" / "letters"
    printed = tray("letters", "--print", str(folder), "--json").json
    assert [Path(row["path"]).read_bytes() for row in printed] == [b"%PDF 1", b"%PDF 2"]
    assert sorted(folder.iterdir()) == sorted(Path(row["path"]) for row in printed)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert "Marguerite" not in " ".join(path.name for path in folder.iterdir())
    assert all(row["printed_at"] for row in tray("letters", "--json").json)
    assert tray("letters", "--print", str(folder)).code == 0
    assert len(list(folder.iterdir())) == 2

    (posted,) = tray("letters", "--posted", "3f2a91bc", "--on", "2026-01-05", "--json").json
    assert (posted["id"], posted["posted_on"]) == (first["id"], "2026-01-05")
    assert posted["posted_by"]
    assert [row["id"] for row in tray("letters", "--json").json] == [second["id"]]
    (posted,) = tray("letters", "--posted", second["id"], "7777 7777", "--json").json
    assert date.fromisoformat(posted["posted_on"]) >= date(2026, 1, 5)
    assert tray("letters", "--json").json == []


def test_all_or_none_are_posted(tray: Command) -> None:
    ran = tray("letters", "--posted", "3F2A 91BC", "00000000")
    assert (ran.code, len(ran.lines)) == (1, 1)
    assert "00000000" in ran.err
    assert len(tray("letters", "--json").json) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--posted", "3f2a91bc", "--on", "2999-01-01"), 1),
        (("--posted", "3f2a91bc", "--on", "yesterday"), 2),
        (("--on", "2026-01-05"), 2),
        (("--posted",), 2),
        (("--print", "x", "--posted", "3f2a91bc"), 2),
        (("--posted", "%s" % ("x" * 500)), 1),
        (("--print", "/proc/nowhere"), 1),
    ],
)
def test_what_makes_no_sense(tray: Command, arguments: tuple[str, ...], code: int) -> None:
    ran = tray("letters", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err
    assert len(tray("letters", "--json").json) == 2


def test_a_file_that_is_gone_is_said(tray: Command, tmp_path: Path) -> None:
    for path in (Path(tray.settings["KOPROGO_DATA"]) / "files").rglob("*"):
        if path.is_file():
            path.write_bytes(b"changed")
    ran = tray("letters", "--print", str(tmp_path / "out"))
    assert (ran.code, len(ran.lines)) == (1, 1)
    assert "3F2A 91BC" in ran.err
    assert [row["printed_at"] for row in tray("letters", "--json").json] == [None, None]


async def test_two_with_one_reference(tray: Command) -> None:
    async with work(tray) as uow:
        person = (await letters.tray(uow))[0].person_id
        await letters.add(uow, KEYS[0][:-1] + "f", person, b"x" * 32, 1)
    ran = tray("letters", "--posted", "3F2A91BC")
    assert (ran.code, "--json" in ran.err) == (1, True)
    chosen = tray("letters", "--json").json[0]["id"]
    assert tray("letters", "--posted", chosen).code == 0
