"""A folder or a ZIP file from disk: what is ours is read, what could do harm is refused by a sentence."""

from __future__ import annotations

import io
import os
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from core.interchange.folder import Folder, Limits, Unreadable
from core.interchange.model import Faults
from core.interchange.reading import read_building
from core.interchange.writing import write_building
from core.kernel.errors import DomainError
from core.kernel.i18n import Words
from tests.core.interchange.tiny import places, spoiled

BILL = "documents/bill.txt"


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    """The tiny building as a directory."""
    root = tmp_path / "charmes"
    for name, content in spoiled({}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def packed(path: Path, files: Mapping[str, bytes], *more: tuple[zipfile.ZipInfo, bytes], top: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{top}{name}", content)
        for info, content in more:
            archive.writestr(info, content)
    return path


@pytest.mark.parametrize("top", ["", "charmes/"])
def test_a_folder_and_its_zip_are_the_same_building(laid_out: Path, tmp_path: Path, top: str) -> None:
    files = spoiled({})
    archive = packed(tmp_path / "charmes.zip", files, top=top)
    with Folder.open(archive) as unpacked:
        assert write_building(read_building(unpacked)) == files
    assert write_building(read_building(Folder.open(laid_out))) == files


def test_what_is_not_ours_is_passed_over(laid_out: Path, tmp_path: Path) -> None:
    strange = {
        "README.txt": b"x",
        ".hidden.csv": b"x",
        "records/votes.csv": b"x",
        "old/lots.csv": b"x",
        ".git/config.toml": b"x",
        "documents/.DS_Store": b"x",
        "documents/Thumbs.db": b"x",
    }
    for name, content in strange.items():
        (laid_out / name).parent.mkdir(exist_ok=True)
        (laid_out / name).write_bytes(content)
    assert places(Folder.open(laid_out)) == []
    mac = {"__MACOSX/charmes/._lots.csv": b"x", "charmes/.DS_Store": b"x"}
    zipped = {f"charmes/{name}": content for name, content in (spoiled({}) | strange).items()}
    assert places(Folder.open(packed(tmp_path / "mac.zip", zipped | mac))) == []


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("nowhere", None, "nothing_there"),
        ("building.toml", b"name = 'A'", "neither_folder_nor_zip"),
        ("empty.zip", b"", "neither_folder_nor_zip"),
        ("broken.zip", b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 9, 9, 9999, 0, 0), "unreadable"),
        ("bad\0name", None, "nothing_there"),
    ],
)
def test_what_is_no_folder_is_said_in_one_sentence(
    tmp_path: Path, words: Mapping[str, Words], name: str, content: bytes | None, key: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DomainError) as refused:
        Folder.open(tmp_path / name)
    assert refused.value.text.key == f"interchange.{key}"
    assert all(name.replace("\0", "\\x00") in say(refused.value.text) for say in words.values())


def test_a_folder_that_may_not_be_read(laid_out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_: object) -> object:
        raise PermissionError

    monkeypatch.setattr(os, "scandir", forbidden)
    with pytest.raises(DomainError, match=r"interchange\.unreadable"):
        Folder.open(laid_out)


def test_a_file_that_may_not_be_read_is_a_fault_and_makes_no_other(
    laid_out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.read_bytes

    def some(path: Path) -> bytes:
        if path.name in ("people.csv", "bill.txt", "building.toml"):
            raise PermissionError
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", some)
    assert places(Folder.open(laid_out)) == [
        ("building.toml", 1, "unreadable"),
        ("people.csv", 1, "unreadable"),
        (BILL, 1, "unreadable"),
    ]


def test_a_file_that_goes_while_the_folder_is_looked_at(laid_out: Path) -> None:
    folder = Folder.open(laid_out)
    (laid_out / BILL).unlink()
    with pytest.raises(Unreadable):
        folder.entries[BILL].read()
    assert places(folder) == [(BILL, 1, "unreadable")]


def test_links_within_the_folder_are_followed_and_others_refused(laid_out: Path, tmp_path: Path) -> None:
    (laid_out / BILL).rename(laid_out / "bill-of-january")
    (laid_out / BILL).symlink_to(laid_out / "bill-of-january")
    assert places(Folder.open(laid_out)) == []
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    (laid_out / BILL).unlink()
    (laid_out / BILL).symlink_to(outside)
    (laid_out / "documents/all").symlink_to(laid_out)
    (laid_out / "documents/loop").symlink_to("loop")
    (laid_out / "documents/gone").symlink_to("nowhere")
    assert places(Folder.open(laid_out)) == [
        ("documents/all", 1, "link"),
        (BILL, 1, "link"),
        ("documents/gone", 1, "unreadable"),
        ("documents/loop", 1, "unreadable"),
    ]


def test_a_folder_of_documents_that_is_a_link_is_refused_once(laid_out: Path, tmp_path: Path) -> None:
    (laid_out / "documents").rename(tmp_path / "elsewhere")
    (laid_out / "documents").symlink_to(tmp_path / "elsewhere")
    assert places(Folder.open(laid_out)) == [("documents", 1, "link")]


def test_what_is_no_ordinary_file_is_refused_and_not_waited_for(laid_out: Path) -> None:
    os.mkfifo(laid_out / "documents/pipe")
    (laid_out / "payments.csv").unlink()
    (laid_out / "payments.csv").symlink_to("documents/pipe")
    assert places(Folder.open(laid_out)) == [("payments.csv", 1, "no_file"), ("documents/pipe", 1, "no_file")]


@pytest.mark.parametrize("name", ["documents/a\nb.txt", "documents/a\\b.txt", "documents/" + "x/" * 140 + "b"])
def test_names_that_are_no_names_are_refused_in_a_directory(laid_out: Path, name: str) -> None:
    (laid_out / name).parent.mkdir(parents=True, exist_ok=True)
    (laid_out / name).write_text("x")
    assert places(Folder.open(laid_out)) == [(name, 1, "path_of_file")]


@pytest.mark.parametrize(
    "name", ["../lots.csv", "/etc/passwd", "documents/../../x", "C:/x", "..\\x", "documents/a\x07b", "./lots.csv"]
)
def test_paths_that_lead_out_of_a_zip_are_refused(tmp_path: Path, name: str) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = name
    archive = packed(tmp_path / "slip.zip", spoiled({}), (info, b"x"))
    assert places(Folder.open(archive)) == [(name, 1, "path_of_file")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["slip.zip"]


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo(BILL)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive = packed(tmp_path / "link.zip", spoiled({BILL: None}), (info, b"/etc/passwd"))
    assert places(Folder.open(archive)) == [(BILL, 1, "link")]


def test_what_is_encrypted_or_packed_otherwise_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo(BILL)
    info.compress_type = zipfile.ZIP_LZMA
    archive = packed(tmp_path / "odd.zip", spoiled({BILL: None}), (info, b"x" * 99))
    assert places(Folder.open(archive)) == [(BILL, 1, "compression")]
    locked = _patched(packed(tmp_path / "locked.zip", spoiled({})), b"people.csv", 8, struct.pack("<H", 1))
    assert places(Folder.open(locked)) == [("people.csv", 1, "encrypted")]


def test_a_file_twice_in_a_zip_is_a_fault(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = packed(tmp_path / "twice.zip", spoiled({}), (zipfile.ZipInfo("lots.csv"), b"x"))
    assert places(Folder.open(archive)) == [("lots.csv", 1, "file_twice")]


def test_a_damaged_file_in_a_zip_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in spoiled({}).items():
            archive.writestr(name, content)
    path.write_bytes(path.read_bytes().replace(b"lea,2025-01-01,120.00", b"lea,2025-01-01,120.01"))
    assert places(Folder.open(path)) == [("opening.csv", 1, "unreadable")]


def test_sizes_are_limited(tmp_path: Path, laid_out: Path) -> None:
    archive = packed(tmp_path / "bomb.zip", spoiled({"payments.csv": b"\0" * 40_000_000, BILL: b"\0" * 70_000_000}))
    assert archive.stat().st_size < 200_000
    expected = [("payments.csv", 1, "file_too_large"), (BILL, 1, "file_too_large")]
    assert places(Folder.open(archive)) == expected
    os.truncate(laid_out / "payments.csv", 40_000_000)
    os.truncate(laid_out / BILL, 70_000_000)
    assert places(Folder.open(laid_out)) == expected
    little = Limits(together=1_000)
    assert places(Folder.open(archive, little)) == [("bomb.zip", 1, "folder_too_large")]
    assert ("charmes", 1, "folder_too_large") in places(Folder.open(laid_out, little))
    many = packed(tmp_path / "many.zip", spoiled({BILL: b"\0" * 400_000}))
    assert places(Folder.open(many, Limits(together=300_000))) == [("many.zip", 1, "folder_too_large")]
    own = Limits(table=100, document=500_000)
    assert {file for file, _, wrong in places(Folder.open(many, own)) if wrong == "file_too_large"} >= {"people.csv"}
    assert BILL not in {file for file, _, _ in places(Folder.open(many, own))}


def test_files_are_limited(tmp_path: Path, laid_out: Path) -> None:
    few = Limits(files=10)
    assert places(Folder.open(packed(tmp_path / "many.zip", spoiled({})), few)) == [("many.zip", 1, "too_many_files")]
    assert places(Folder.open(laid_out, few)) == [("charmes", 1, "too_many_files")]


def test_a_table_of_contents_that_is_too_long_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Limits(files=10)
    path = tmp_path / "names.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(400):
            archive.writestr(f"{number}.txt", b"")
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert places(Folder.open(path, few)) == [("names.zip", 1, "too_many_files")]
    large = tmp_path / "large.zip"
    locator = b"PK\x06\x07" + bytes(16)
    large.write_bytes(bytes(30_000) + locator + path.read_bytes()[-22:-10] + bytes(10))
    assert places(Folder.open(large, few)) == [("large.zip", 1, "too_many_files")]


@pytest.mark.parametrize("announced", [5, 50_000_001])
def test_a_file_gives_no_more_than_it_announces(tmp_path: Path, announced: int) -> None:
    """A ZIP entry that unpacks to 50 million bytes and says otherwise is not unpacked further than it says, and is refused."""
    archive = packed(tmp_path / "liar.zip", spoiled({BILL: b"\0" * 50_000_000}))
    folder = Folder.open(_patched(archive, BILL.encode(), 24, struct.pack("<L", announced)))
    assert folder.entries[BILL].size == announced
    tracemalloc.start()
    with pytest.raises(Unreadable):
        folder.entries[BILL].read()
    assert tracemalloc.get_traced_memory()[1] < 3 * announced + 1_000_000
    tracemalloc.stop()
    assert places(folder) == [(BILL, 1, "unreadable")]


@pytest.mark.parametrize("cut", [1, 30, 100, 400])
def test_a_zip_from_which_bytes_are_missing_is_never_read(tmp_path: Path, cut: int) -> None:
    archive = packed(tmp_path / "cut.zip", spoiled({}))
    content = archive.read_bytes()
    archive.write_bytes(content[:60] + content[60 + cut :])
    with pytest.raises(DomainError) as refused:
        read_building(Folder.open(archive))
    told = refused.value.faults if isinstance(refused.value, Faults) else ()
    assert {fault.wrong.key for fault in told} <= {"interchange.fault.unreadable", "interchange.fault.file_missing"}
    assert told or refused.value.text.key == "interchange.unreadable"


def test_accents_are_the_same_however_they_are_stored(tmp_path: Path) -> None:
    """A Mac stores `é` as two signs, and says so in no ZIP flag; a spreadsheet writes it as one."""
    stored = "documents/re\u0301sume\u0301.txt"
    files = spoiled(
        {BILL: None, "documents.csv": ("bill.txt", "résumé.txt"), "expenses.csv": ("bill.txt", "résumé.txt")}
    )
    assert places(Folder.of(files | {stored: b"x"})) == []
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in (files | {"documents/rXXsumXX.txt": b"x"}).items():
            archive.writestr(name, content)
    path = tmp_path / "mac.zip"
    path.write_bytes(raw.getvalue().replace(b"documents/rXXsumXX", "documents/résumé".encode()))
    ours = packed(tmp_path / "ours.zip", files | {"documents/résumé.txt": b"x"})
    for archived in (path, ours):
        found = read_building(Folder.open(archived))
        assert list(found.files) == ["résumé.txt"]
        assert write_building(found)["documents/résumé.txt"] == b"x"


def test_names_of_other_systems_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "dos.zip"
    packed(
        path, spoiled({"documents.csv": ("bill.txt", "bälü.txt"), "expenses.csv": ("bill.txt", "bälü.txt"), BILL: None})
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("documents/bXlX.txt", b"x")
    path.write_bytes(path.read_bytes().replace(b"documents/bXlX", b"documents/b\x84l\x81"))
    assert places(Folder.open(path)) == []


def test_only_documents_is_no_top_folder(tmp_path: Path) -> None:
    archive = packed(tmp_path / "part.zip", {"documents/lots.csv": b"x"})
    assert places(Folder.open(archive)) == [
        ("building.toml", 1, "file_missing"),
        ("lots.csv", 1, "file_missing"),
        ("documents.csv", 1, "document_undescribed"),
    ]


def test_a_zip_can_be_closed(tmp_path: Path) -> None:
    with Folder.open(packed(tmp_path / "charmes.zip", spoiled({}))) as folder:
        read: Callable[[], bytes] = folder.entries["lots.csv"].read
        assert read().startswith(b"lot,")
    with pytest.raises(Unreadable):
        read()


def _patched(archive: Path, name: bytes, place: int, change: bytes) -> Path:
    """Changes a field of a file's entry in the directory of a ZIP file; `place` counts from the entry's begin."""
    content = bytearray(archive.read_bytes())
    begin = content.rindex(b"PK\x01\x02", 0, content.rindex(name))
    content[begin + place : begin + place + len(change)] = change
    archive.write_bytes(bytes(content))
    return archive
