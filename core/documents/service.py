"""Papers: kept, listed, and handed to those who may see them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from core.database import UnitOfWork
from core.documents import store
from core.documents.model import Document, may_see
from core.documents.store import Stored


class Shelf:
    """The folder in which bytes lie under their SHA-256, each once. Tenants share only equal bytes, which tell neither of the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, content: bytes) -> bytes:
        """Keeps the bytes; gives their hash. Written whole or not at all."""
        return await asyncio.to_thread(self._put, content)

    async def get(self, digest: bytes) -> bytes:
        """The bytes under a hash. OSError where they are gone, ValueError where they are not what they were."""
        return await asyncio.to_thread(self._get, digest)

    def _place(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._folder / name[:2] / name

    def _put(self, content: bytes) -> bytes:
        digest = sha256(content).digest()
        place = self._place(digest)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = place.with_name(f"{place.name}.{os.getpid()}.part")
            partial.write_bytes(content)
            partial.replace(place)
        return digest

    def _get(self, digest: bytes) -> bytes:
        content = self._place(digest).read_bytes()
        if sha256(content).digest() != digest:
            raise ValueError("a stored file is not what it was")
        return content


async def visible(uow: UnitOfWork, building: UUID, roles: Collection[str]) -> list[Stored]:
    """The documents of a building that somebody with these roles there may see."""
    return [row for row in await store.every(uow, building) if may_see(row.document.visible_to, roles)]


async def find(uow: UnitOfWork, document: UUID, building: UUID, roles: Collection[str]) -> Stored | None:
    """One document, where it is of that building and may be seen with these roles."""
    row = await store.find(uow, document)
    return row if row and row.building_id == building and may_see(row.document.visible_to, roles) else None


async def for_person(uow: UnitOfWork, document: UUID, person: UUID) -> Stored | None:
    """One document, where that person may see it today."""
    row = await store.find(uow, document)
    return row if row and may_see(row.document.visible_to, await store.roles(uow, row.building_id, person)) else None


async def add(uow: UnitOfWork, building: UUID, identity: UUID, document: Document, size: int, sha256: bytes) -> None:
    """Lists a document whose bytes lie on the shelf under that hash, last of its building; one that is listed stays as it is."""
    await store.add(uow, Stored(identity, building, document, size, sha256))
