"""Reads a folder or a ZIP file from disk, and refuses what in it could do harm. The only room of interchange that touches files."""

from __future__ import annotations

import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from core.interchange.cells import LONGEST_PATH, unsafe_path
from core.interchange.model import DOCUMENTS, Fault, shown
from core.kernel.errors import DomainError
from core.kernel.text import Value, say

MEGABYTE = 1_000_000
MOST_FILES = 10_000
MOST_BYTES_OF_A_TABLE = 32 * MEGABYTE
MOST_BYTES_OF_A_DOCUMENT = 64 * MEGABYTE
MOST_BYTES = 1_000 * MEGABYTE
"""Of all files together, unpacked; and of a ZIP file as it lies there."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many files, and how many bytes in a table, a document and all of them together, are read at most."""

    files: int = MOST_FILES
    table: int = MOST_BYTES_OF_A_TABLE
    document: int = MOST_BYTES_OF_A_DOCUMENT
    together: int = MOST_BYTES


LIMITS = Limits()
"""For who sits at the machine itself."""

ENCRYPTED = 0x1
"""The bit of a ZIP entry's general purpose flags (APPNOTE 4.4.4)."""

UTF_8 = 0x800
"""The bit that says that the name is UTF-8 (APPNOTE D.1)."""

MOST_BYTES_OF_AN_ENTRY = 2_000
"""In the table of contents of an archive: names and what else is said of a file."""
_END_RECORD, _LOCATOR = struct.Struct("<4s4H2LH"), 20
"""How a ZIP file ends, and the bytes before that which point to a larger end record (APPNOTE 4.3.15)."""

_IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini", "Icon\r")
_BROKEN = (OSError, ValueError, EOFError, RuntimeError, struct.error, zipfile.BadZipFile, zlib.error)
"""What reading a damaged archive can raise."""


class Unreadable(Exception):
    """A file that is there, and whose bytes cannot be had."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its size in bytes, and its bytes when they are wanted (raising `Unreadable`)."""

    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of a building by relative path (Unicode NFC, `/` between parts), and the faults of those that were refused.

    `cut`: some of it was not even looked at. A folder that came from a ZIP file is open until `close()`; what `read` gives is to be had
    until then.
    """

    entries: Mapping[str, Entry]
    faults: tuple[Fault, ...] = ()
    refused: frozenset[str] = frozenset()
    close: Callable[[], None] = lambda: None
    cut: bool = False

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Folder:
        """A folder that lies in memory."""
        concerned = {_same(name): content for name, content in files.items() if not _ignored(name) and _concerns(name)}
        return cls({name: Entry(len(content), _given(content)) for name, content in concerned.items()})

    @classmethod
    def open(cls, path: Path, limits: Limits = LIMITS) -> Folder:
        """A directory or a ZIP file. DomainError where it is neither, is not there, or cannot be read."""
        try:
            if path.is_dir():
                return _directory(path, limits)
            if not path.exists():
                raise DomainError("interchange.nothing_there", path=shown(str(path), LONGEST_PATH))
            if not path.is_file() or not zipfile.is_zipfile(path):
                raise DomainError("interchange.neither_folder_nor_zip", path=shown(str(path), LONGEST_PATH))
            return _archive(path, limits)
        except _BROKEN as error:
            raise DomainError("interchange.unreadable", path=shown(str(path), LONGEST_PATH)) from error


class _Gathering:
    """Takes files in, and keeps to the limits."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.entries: dict[str, Entry] = {}
        self.faults: list[Fault] = []
        self.refused: set[str] = set()
        self.bytes = 0
        self.cut = False

    def refuse(self, file: str, key: str, **values: Value) -> None:
        self.faults.append(Fault(file, 1, say(f"interchange.fault.{key}", **values)))
        self.refused.add(_same(file))

    def stop(self, key: str, **values: Value) -> None:
        self.refuse(self.name, key, **values)
        self.cut = True

    def add(self, file: str, size: int, read: Callable[[], bytes]) -> None:
        most = self.limits.document if file.startswith(DOCUMENTS) else self.limits.table
        if _same(file) in self.entries:
            self.refuse(file, "file_twice")
        elif size > most:
            self.refuse(file, "file_too_large", most=str(most // MEGABYTE))
        elif self.bytes + size > self.limits.together:
            self.stop("folder_too_large", most=str(self.limits.together // MEGABYTE))
        else:
            self.entries[_same(file)] = Entry(size, read)
            self.bytes += size

    def folder(self, close: Callable[[], None] = lambda: None) -> Folder:
        return Folder(MappingProxyType(self.entries), tuple(self.faults), frozenset(self.refused), close, self.cut)


def _directory(root: Path, limits: Limits) -> Folder:
    """What lies at the top and below `documents/`; other folders are none of ours."""
    gathering, inside = _Gathering(root.resolve().name, limits), root.resolve()
    for count, (file, path) in enumerate(_walk(root)):
        if count == limits.files:
            gathering.stop("too_many_files", most=str(limits.files))
            break
        if unsafe_path(file) or len(file) > LONGEST_PATH + len(DOCUMENTS):
            gathering.refuse(file, "path_of_file")
            continue
        if path.is_symlink() and (path.is_dir() or not Path(os.path.realpath(path)).is_relative_to(inside)):
            gathering.refuse(file, "link")
            continue
        try:
            found = path.stat()
        except OSError:
            gathering.refuse(file, "unreadable")
            continue
        if stat.S_ISREG(found.st_mode):
            gathering.add(file, found.st_size, _reader(path))
        else:
            gathering.refuse(file, "no_file")
    return gathering.folder()


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    """What concerns a building, by relative path; a link to a folder is told as it is, and not followed."""
    waiting = [(root, "")]
    while waiting:
        folder, below = waiting.pop()
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            file = f"{below}{entry.name}"
            if _ignored(file):
                continue
            if entry.is_dir(follow_symlinks=False):
                if f"{file}/".startswith(DOCUMENTS):
                    waiting.append((Path(entry.path), f"{file}/"))
            elif _concerns(file) or f"{file}/" == DOCUMENTS:
                yield file, Path(entry.path)


def _archive(path: Path, limits: Limits) -> Folder:
    """The files of a ZIP archive; one folder that holds all of them is taken off."""
    gathering = _Gathering(path.name, limits)
    if path.stat().st_size > limits.together:
        gathering.stop("folder_too_large", most=str(limits.together // MEGABYTE))
        return gathering.folder()
    if _contents(path) > limits.files * MOST_BYTES_OF_AN_ENTRY:
        gathering.stop("too_many_files", most=str(limits.files))
        return gathering.folder()
    archive = zipfile.ZipFile(path)
    members: list[tuple[str, zipfile.ZipInfo]] = []
    for info in archive.infolist():
        file = _written_name(info)
        if info.is_dir() or _ignored(file):
            continue
        if len(members) == limits.files:
            gathering.stop("too_many_files", most=str(limits.files))
            break
        if unsafe_path(info.orig_filename) or unsafe_path(file) or len(file) > 2 * LONGEST_PATH:
            gathering.refuse(file, "path_of_file")
        else:
            members.append((file, info))
    top = _top([file for file, _ in members])
    for whole, info in members:
        file = whole.removeprefix(top)
        if not _concerns(file):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            gathering.refuse(file, "link")
        elif info.flag_bits & ENCRYPTED:
            gathering.refuse(file, "encrypted")
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            gathering.refuse(file, "compression")
        else:
            gathering.add(file, info.file_size, _unpacker(archive, info))
    return gathering.folder(archive.close)


def _contents(path: Path) -> int:
    """Bytes of an archive's table of contents, which is read as a whole before anything can be counted (APPNOTE 4.3.14 to 4.3.16)."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _END_RECORD.size - 2**16 - _LOCATOR))
        tail = stream.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END_RECORD.size:
        return 0
    if tail[max(0, place - _LOCATOR) :].startswith(b"PK\x06\x07"):
        return path.stat().st_size
    return int(_END_RECORD.unpack_from(tail, place)[5])


def _top(files: list[str]) -> str:
    """The folder, with its `/`, in which all files lie; nothing where there is none, or where it is one of the building's own."""
    first = {file.partition("/")[0] for file in files}
    if len(first) != 1 or any("/" not in file for file in files):
        return ""
    top = f"{first.pop()}/"
    return "" if top == DOCUMENTS else top


def _written_name(info: zipfile.ZipInfo) -> str:
    """The name as its author wrote it: some programs write UTF-8 and do not say so."""
    if info.flag_bits & UTF_8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _ignored(file: str) -> bool:
    return any(part in _IGNORED or (part[:1] == "." and part != "." and part[:2] != "..") for part in file.split("/"))


def _concerns(file: str) -> bool:
    """Whether a building's files have anything to do with it: tables and settings at the top, and what lies in `documents/`."""
    return file.startswith(DOCUMENTS) if "/" in file else file.lower().endswith((".csv", ".toml"))


def _same(file: str) -> str:
    return unicodedata.normalize("NFC", file)


def _given(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise Unreadable(str(path)) from error

    return read


def _unpacker(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        """Never more bytes than the entry announces, whatever it holds."""
        try:
            with archive.open(info) as stream:
                content = stream.read(info.file_size + 1)
        except _BROKEN as error:
            raise Unreadable(info.filename) from error
        if len(content) != info.file_size:
            raise Unreadable(info.filename)
        return content

    return read
