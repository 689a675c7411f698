"""A building as one ZIP file that lies on disk, however large its papers are."""

from __future__ import annotations

import asyncio
import tempfile
import zipfile
from collections.abc import Mapping
from typing import IO

from core.documents.service import Shelf
from core.kernel.errors import DomainError

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that every file bears, so that equal buildings give equal bytes."""
MODE = 0o644 << 16


async def packed(written: Mapping[str, bytes], papers: Mapping[str, bytes], shelf: Shelf) -> IO[bytes]:
    """A ZIP of these files, and of the papers that lie on the shelf under these hashes; open at its beginning, gone when it is closed.

    DomainError where a paper is gone, or is not what it was.
    """
    made: IO[bytes] = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted({*written, *papers}):
                try:
                    content = written[name] if name in written else await shelf.get(papers[name])
                except (OSError, ValueError) as error:
                    raise DomainError("interchange.paper_gone", name=name) from error
                await asyncio.to_thread(_add, archive, name, content)
        made.seek(0)
    except BaseException:
        made.close()
        raise
    return made


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = MODE
    archive.writestr(info, content)
