"""Files of a building on their way in: kept on disk from the look at them until they are brought in, one upload for each account.

They lie in a folder that only this program's user can enter, for an hour at most, and are gone as soon as they are brought in or refused.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from aiohttp.web import FileField

from core.interchange.cells import unsafe_path
from core.interchange.folder import MEGABYTE, Folder, Limits
from core.interchange.model import DOCUMENTS, shown
from core.kernel.errors import DomainError

MEGABYTES = 50
LARGEST = MEGABYTES * MEGABYTE
"""Bytes of an upload. What is larger is imported where the program runs: `koprogo import`."""
TAKEN = LARGEST + 14 * MEGABYTE
"""Bytes that are read from a browser at all, so that what is too large can be refused beside its field."""
LIMITS = Limits(files=2_000, table=2 * MEGABYTE, document=LARGEST, together=4 * LARGEST)
"""Of an upload once it is unpacked."""
LASTS = 3600
"""Seconds for which an upload waits to be brought in."""

_PLAIN = (".csv", ".toml")
_BLOCK = 2**20


class TooLarge(DomainError):
    """More than this page takes."""


@dataclass(frozen=True, slots=True)
class Held:
    """An upload on disk: `path` is a ZIP file or a folder, `digest` tells it from any other."""

    place: Path
    path: Path
    digest: str

    def open(self) -> Folder:
        """To be called in a thread, like the folder's reading. DomainError where it is no archive that can be read."""
        try:
            return Folder.open(self.path, LIMITS)
        except DomainError as error:
            raise DomainError("office.setup.import.unreadable", name=shown(self.path.name)) from error

    def remove(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)


def given(files: Sequence[Any]) -> list[FileField]:
    """The files that were chosen; a browser sends an empty one where none was."""
    return [each for each in files if isinstance(each, FileField) and each.filename]


async def hold(files: Sequence[FileField], organisation: UUID, account: UUID) -> Held:
    """Writes an upload to disk in place of an earlier one of the same account. DomainError for what is no building's files; TooLarge."""
    if not files:
        raise DomainError("office.setup.import.none")
    held = await asyncio.to_thread(_hold, files, f"{organisation.hex}-{account.hex}")
    asyncio.get_running_loop().call_later(LASTS, held.remove)
    return held


async def held(organisation: UUID, account: UUID, digest: str) -> Held:
    """The upload that was looked at. DomainError where it is gone, or another one took its place."""
    return await asyncio.to_thread(_held, f"{organisation.hex}-{account.hex}", digest)


def _hold(files: Sequence[FileField], owner: str) -> Held:
    root = _root()
    _sweep(root)
    partial = Path(tempfile.mkdtemp(dir=root))
    try:
        digest = _write(files, partial)
        place = root / owner
        shutil.rmtree(place, ignore_errors=True)
        partial.rename(place)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return _held(owner, digest)


def _write(files: Sequence[FileField], folder: Path) -> str:
    """Every file under its own name, the digest of all of them beside it."""
    if sum(each.file.seek(0, os.SEEK_END) for each in files) > LARGEST:
        raise TooLarge("office.setup.import.large", count=MEGABYTES)
    told = sha256()
    inside = folder / "upload"
    archive = _is_archive(files[0]) if len(files) == 1 else False
    for each in files:
        name = each.filename.replace("\\", "/").rpartition("/")[2]
        if len(files) > 1 and name.lower().endswith(".zip"):
            raise DomainError("office.setup.import.mixed", name=shown(name))
        if len(files) == 1 and not archive and not name.lower().endswith(_PLAIN):
            raise DomainError("office.setup.import.no_zip", name=shown(name))
        if unsafe_path(name) or len(name.encode("utf-8", "replace")) > 200:
            raise DomainError("office.setup.import.name", name=shown(name))
        below = "" if archive or name.lower().endswith(_PLAIN) else DOCUMENTS
        target = inside / below / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise DomainError("office.setup.import.twice", name=shown(name))
        told.update(f"{below}{name}\n".encode("utf-8", "backslashreplace"))
        with target.open("xb") as out:
            _copy(each.file, out, told)
    digest = told.hexdigest()
    (folder / "digest").write_text(f"{digest}\n{'zip' if archive else 'files'}", encoding="ascii")
    return digest


def _copy(source: IO[bytes], out: IO[bytes], told: Any) -> None:
    source.seek(0)
    while block := source.read(_BLOCK):
        told.update(block)
        out.write(block)


def _is_archive(file: FileField) -> bool:
    try:
        return zipfile.is_zipfile(file.file)
    except (OSError, ValueError):
        return False


def _held(owner: str, digest: str) -> Held:
    place = _root() / owner
    try:
        kept, _, kind = (place / "digest").read_text(encoding="ascii").partition("\n")
        inside = place / "upload"
        path = next(inside.iterdir()) if kind == "zip" else inside
    except (OSError, StopIteration, UnicodeError) as error:
        raise DomainError("office.setup.import.gone") from error
    if kept != digest:
        raise DomainError("office.setup.import.gone")
    return Held(place, path, digest)


def _root() -> Path:
    """The folder of all uploads. It is nobody else's: what another user put in its place is not used."""
    root = Path(tempfile.gettempdir()) / f"koprogo-imports-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    found = root.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError("the folder for uploads is not this user's alone")
    return root


def _sweep(root: Path) -> None:
    """What a process left behind that ended before its hour was over."""
    for place in root.iterdir():
        try:
            old = time.time() - place.stat().st_mtime > LASTS
        except OSError:
            continue
        if old:
            shutil.rmtree(place, ignore_errors=True)
