"""Files brought in by upload and taken along again: seen first, brought in whole or not at all, whatever is sent."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from core.buildings import service as buildings
from core.interchange.folder import Folder
from core.interchange.model import Faults, fault_line
from core.interchange.reading import read_building
from core.kernel.i18n import LANGUAGES, Catalogues
from core.people.accounts.model import Role
from tests.core.interchange.tiny import spoiled
from tests.ground_floor import SAMPLE
from tests.web_admin.reading import Reader, Shown
from tests.web_admin.setup.conftest import Firm
from web_admin.setup import uploads

IMPORT, FILES = "/setup/import", "/buildings/tilleuls/files"


def sample_files() -> dict[str, bytes]:
    return {str(path.relative_to(SAMPLE)): path.read_bytes() for path in sorted(SAMPLE.rglob("*")) if path.is_file()}


def zipped(files: Mapping[str, bytes], below: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(below + name, content)
    return out.getvalue()


async def send(reader: Reader, *files: tuple[str, bytes], to: str = IMPORT) -> Shown:
    form = (await reader.get(to)).form(to)
    data = FormData(quote_fields=False)
    data.add_field("form_token", form["form_token"])
    for name, content in files or (("", b""),):
        data.add_field("files", content, filename=name, content_type="application/octet-stream")
    return await reader.post(to, data)  # type: ignore[arg-type]


def waiting(tmp_path: Path) -> list[str]:
    return [path.name for root in tmp_path.glob("koprogo-imports-*") for path in root.iterdir()]


@pytest.mark.parametrize("below", ["", "les-charmes/"])
async def test_a_new_building_is_seen_then_brought_in(firm: Firm, tmp_path: Path, below: str) -> None:
    reader = (await firm.clerk()).reader
    shown = await send(reader, ("charmes.zip", zipped(spoiled({}), below)))
    assert shown.status == 200, shown.text
    assert "A new building:" in shown.text
    assert "lots.csv" in shown.text
    assert await firm.count("buildings") == 1, "a dry run"
    assert len(waiting(tmp_path)) == 1
    done = await reader.send({}, to="/go")
    assert done.status == 200, done.text
    assert "was brought in." in done.text
    assert waiting(tmp_path) == []
    assert await firm.count("buildings") == 2
    assert await firm.deeds() == ["building_imported"]
    again = await reader.send({}, to="/go", on=shown)
    assert again.status == 409
    assert "Choose them once more." in again.text


async def test_the_files_themselves_chosen_together(firm: Firm) -> None:
    reader = (await firm.clerk()).reader
    files = [(name.rpartition("/")[2], content) for name, content in spoiled({}).items()]
    shown = await send(reader, *files)
    assert shown.status == 200, shown.text
    assert "A new building:" in shown.text
    done = await reader.send({}, to="/go")
    assert "was brought in." in done.text
    papers = await firm.count("documents")
    assert papers > 5, "what is no table is a paper"


async def test_a_building_that_exists_says_what_would_change(firm: Firm) -> None:
    reader = (await firm.clerk()).reader
    files = sample_files()
    shown = await send(reader, ("t.zip", zipped(files)))
    assert "There is nothing to do." in shown.text
    assert "Bring it in" not in shown.text
    people = files["people.csv"].replace(b"tom.vermeulen@", b"tom@")
    extra = files["payments.csv"] + b"2026-11-20,tom-vermeulen,12.50,extra,bank\n"
    shown = await send(reader, ("t.zip", zipped(files | {"people.csv": people, "payments.csv": extra})))
    assert "exists already. This is what would change." in shown.text
    assert "People, Person tom-vermeulen" in shown.text
    assert "<del>tom.vermeulen@tilleuls.example</del> <ins>tom@tilleuls.example</ins>" in shown.text
    assert "New entries in the books: 1; reversed: 0." in shown.text
    done = await reader.send({}, to="/go")
    assert "was brought up to date from the files." in done.text
    assert sorted(await firm.deeds()) == ["building_imported", "person_changed"]


async def test_a_building_that_changed_after_it_was_looked_at_is_looked_at_again(firm: Firm) -> None:
    ann, bob = (await firm.clerk("a@x.example")).reader, (await firm.clerk("b@x.example")).reader
    files = sample_files()
    first = await send(
        ann, ("t.zip", zipped(files | {"building.toml": files["building.toml"].replace(b"1030", b"1031")}))
    )
    second = await send(
        bob, ("t.zip", zipped(files | {"building.toml": files["building.toml"].replace(b"Schaerbeek", b"Evere")}))
    )
    assert "Evere" in second.text
    done = await bob.send({}, to="/go", on=second)
    assert done.status == 200
    late = await ann.send({}, to="/go", on=first)
    assert late.status == 409
    assert "changed meanwhile" in late.text
    assert "<del>Evere</del> <ins>Schaerbeek</ins>" in late.text, "what would be undone is shown"
    async with firm.sample.database.work(firm.sample.organisation) as uow:
        known = await buildings.find(uow, "tilleuls")
        assert known is not None
        assert known.building.city == "Evere"
    done = await ann.send({}, to="/go", on=late)
    assert "brought up to date" in done.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_faults_are_those_of_the_command_all_at_once(
    firm: Firm, catalogues: Catalogues, language: str, tmp_path: Path
) -> None:
    files = spoiled({"payments.csv": b"date,person,amount,reference,source\n2026-13-01,nobody,1,,bank\n"}) | {
        "lots.csv": b"lot,kind,floor,shares\nA,castle,0,x\n"
    }
    with pytest.raises(Faults) as error:
        read_building(Folder.of(files))
    expected = [fault_line(fault, catalogues[language]) for fault in error.value.faults]
    assert len(expected) > 4
    reader = (await firm.clerk(language=language)).reader
    reader.language = language
    shown = await send(reader, ("x.zip", zipped(files)))
    assert shown.status == 422
    page = re.sub(r"&#3[49];|&quot;", "'", shown.text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    for line in expected:
        assert f"<li>{line.replace(chr(34), chr(39))}</li>" in page, line
    assert waiting(tmp_path) == []
    assert await firm.count("buildings") == 1


def bomb() -> bytes:
    return zipped({"lots.csv": b"\0" * 100_000_000, "building.toml": b""})


def crowd() -> bytes:
    return zipped({f"documents/{n}.txt": b"" for n in range(2_001)})


def locked() -> bytes:
    content = bytearray(zipped(spoiled({})))
    for sign, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        found = content.find(sign)
        while found >= 0:
            content[found + place] |= 1
            found = content.find(sign, found + 1)
    return bytes(content)


@pytest.mark.parametrize(
    ("files", "status", "sentence"),
    [
        ([], 422, "Choose a ZIP file"),
        ([("empty.zip", b"")], 422, "is no ZIP file"),
        ([("photo.jpg", b"\xff\xd8\xff")], 422, "“photo.jpg” is no ZIP file"),
        ([("broken.zip", b"PK\x03\x04 and no more")], 422, "is no ZIP file"),
        ([("none.zip", zipped({}))], 422, "this file is missing"),
        ([("bomb.zip", bomb())], 422, "lots.csv:1: this file is larger than 2 MB"),
        ([("crowd.zip", crowd())], 422, "there are more than 2000 files"),
        ([("locked.zip", locked())], 422, "this file is encrypted"),
        ([("out.zip", zipped(spoiled({}) | {"../../evil.csv": b"x"}))], 422, "the path of this file is not allowed"),
        ([("out.zip", zipped(spoiled({}) | {"/etc/evil.csv": b"x"}))], 422, "the path of this file is not allowed"),
        ([("a.zip", zipped({})), ("lots.csv", b"")], 422, "“a.zip” is a ZIP file. Choose it alone"),
        ([("lots.csv", b"x"), ("lots.csv", b"y")], 422, "“lots.csv” was chosen twice"),
        ([("lots.csv", b"lot,kind,floor,shares\nA,apartment,0,1\n")], 422, "building.toml:1: this file is missing"),
        ([("people.txt", b"x"), ("lots.csv", b"y")], 422, "building.toml:1: this file is missing"),
        ([("large.zip", bytes(50_000_001))], 413, "This is more than 50 MB."),
        ([("huge.zip", bytes(70_000_000))], 413, "too large"),
        ([("<script>.exe", b"MZ")], 422, "&lt;script&gt;.exe"),
        ([("..", b"MZ"), ("lots.csv", b"y")], 422, "cannot be the name of a file"),
    ],
)
async def test_what_is_no_building_is_refused_with_a_sentence(
    firm: Firm, tmp_path: Path, files: list[tuple[str, bytes]], status: int, sentence: str
) -> None:
    reader = (await firm.clerk()).reader
    shown = await send(reader, *files)
    assert shown.status == status, shown.text
    assert sentence in shown.text.replace("&#39;", "'"), shown.text
    assert str(tmp_path) not in shown.text
    assert waiting(tmp_path) == [], "nothing is left behind"
    assert await firm.count("buildings") == 1


async def test_an_upload_is_its_senders_alone_and_not_for_ever(
    firm: Firm, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = (await firm.clerk("a@x.example")).reader, (await firm.clerk("b@x.example")).reader
    seen = await send(ann, ("c.zip", zipped(spoiled({}))))
    upload = seen.form("/go")["upload"]
    token = (await bob.get(IMPORT)).form(IMPORT)["form_token"]
    stolen = await bob.post(f"{IMPORT}/go", {"form_token": token, "upload": upload})
    assert stolen.status == 422
    await firm.site.account("boss@other.example", organisation=firm.stranger)
    other = firm.site.reader()
    await other.sign_in("boss@other.example")
    token = (await other.get(IMPORT)).form(IMPORT)["form_token"]
    assert (await other.post(f"{IMPORT}/go", {"form_token": token, "upload": upload})).status == 422
    await send(ann, ("d.zip", zipped(spoiled({}) | {"documents/.hidden": b"x"})))
    replaced = await ann.send({}, to="/go", on=seen)
    assert replaced.status == 409, "the second upload took the place of the first"
    assert await firm.count("buildings") == 1
    monkeypatch.setattr(uploads, "LASTS", -1)
    await send(bob, ("e.zip", b"nothing"))
    assert waiting(tmp_path) == [], "what is too old is swept away"


async def test_a_building_is_taken_along_and_comes_back_as_it_was(firm: Firm, tmp_path: Path) -> None:
    reader = (await firm.clerk()).reader
    page = await reader.get(FILES)
    assert "personal and bank data" in page.text
    form = page.form("/export")
    async with reader.client.post(
        firm.site.address + form["action"], data={"form_token": form["form_token"]}
    ) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"] == 'attachment; filename="tilleuls-2026-11-22.zip"'
        assert answer.headers["Cache-Control"] == "no-store"
        content = await answer.read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        taken = {name: archive.read(name) for name in archive.namelist()}
    assert {name: text for name, text in taken.items() if not name.startswith("records/")} == sample_files()
    assert {"records/ledger.jsonl", "records/deliveries.jsonl"} <= set(taken)
    assert await firm.deeds() == ["building_exported"]
    shown = await send(reader, ("back.zip", content), to=FILES)
    assert "There is nothing to do." in shown.text
    changed = taken | {"tenancies.csv": taken["tenancies.csv"] + b"2B,james-carter,2026-12-01,\n"}
    shown = await send(reader, ("back.zip", zipped(changed)), to=FILES)
    assert "Tenancies, Lot 2B" in shown.text
    assert 'aria-current="page">Files' in shown.text
    done = await reader.send({}, to="/go")
    assert done.status == 200
    assert "brought up to date" in done.text


async def test_the_files_of_another_building_are_not_taken_for_this_one(firm: Firm) -> None:
    reader = (await firm.clerk("one@x.example", Role.SYNDIC, building=firm.sample.known.building_id)).reader
    shown = await send(reader, ("c.zip", zipped(spoiled({}))), to=FILES)
    assert shown.status == 422
    assert "not of this one" in shown.text
    assert (await reader.get(IMPORT)).status == 403
    own = await send(reader, ("t.zip", zipped(sample_files() | {"tenancies.csv": b"lot,person,from,to\n"})), to=FILES)
    assert own.status == 200
    sealed = own.form("/go")["upload"]
    boss = (await firm.clerk("boss@x.example")).reader
    token = (await boss.get(IMPORT)).form(IMPORT)["form_token"]
    assert (await boss.post(f"{IMPORT}/go", {"form_token": token, "upload": sealed})).status == 422
    done = await reader.send({}, to="/go", on=own)
    assert done.status == 200


@pytest.mark.parametrize(
    ("role", "exports", "imports"),
    [
        (Role.COUNCIL, False, False),
        (Role.ACCOUNTANT, False, False),
        (Role.AUDITOR, True, False),
        (Role.SYNDIC, True, True),
    ],
)
async def test_who_may_take_a_building_along_and_bring_it_in(
    firm: Firm, role: Role, exports: bool, imports: bool
) -> None:
    reader = (await firm.clerk("r@x.example", role)).reader
    shown = await reader.get(FILES)
    assert shown.status == 200
    assert ("Download the ZIP file</button>" in shown.text) is exports
    assert ("Look at the files</button>" in shown.text) is imports
    token = {"form_token": shown.form("/sign-out")["form_token"]}
    async with reader.client.post(f"{firm.site.address}/office{FILES}/export", data=token) as answer:
        assert answer.status == (200 if exports else 403)
    assert (await firm.deeds() == ["building_exported"]) is exports
    for path in ("", "/go"):
        assert ((await reader.post(FILES + path, token)).status == 403) is not imports


async def test_a_building_of_another_tenant_is_not_there(firm: Firm) -> None:
    await firm.site.account("boss@other.example", organisation=firm.stranger)
    other = firm.site.reader()
    await other.sign_in("boss@other.example")
    token = {"form_token": (await other.get("/setup")).form("/sign-out")["form_token"]}
    assert (await other.get(FILES)).status == 404
    for path in ("", "/go", "/export"):
        assert (await other.post(FILES + path, token)).status == 404
    shown = await send(other, ("t.zip", zipped(sample_files())))
    assert "A new building:" in shown.text, "of another tenant's building nothing is known"


async def test_a_paper_that_is_gone_is_told(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(digest: bytes) -> bytes:
        raise FileNotFoundError(digest.hex())

    monkeypatch.setattr(firm.sample.shelf, "get", gone)
    reader = (await firm.clerk()).reader
    shown = await reader.get(FILES)
    answer = await reader.send({}, to="/export", on=shown)
    assert answer.status == 422
    assert "cannot be found or is damaged" in answer.text
