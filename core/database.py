"""The way to the database: engine, roles, row-level security and the unit of work. It knows no table.

Two roles use it. The *owner* (the role of `DATABASE_URL`) creates and changes tables; the *application* connects as a role of its own,
named `<owner>_app`, which owns nothing, is no superuser, and which row-level security binds to one organisation at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any
from uuid import UUID

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from core.kernel.clock import Clock, system_clock
from core.kernel.errors import DomainError
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.channel import Address, Room
from core.messaging.delivery import Claimed, Notice, Reader
from core.messaging.kinds import Urgency

STRANGERS = UUID(int=0)
"""The organisation of those who belong to none: what is said to strangers stands there, and no building ever does."""

MINIMUM_SERVER = 15
OFFICES = 5
"""What only one process does at a time: listening on each wire that allows one receiver, ticking, speaking at a terminal."""
_NOTICE_SILENCE = text(
    "SELECT set_config('tcp_keepalives_idle', '4', false), set_config('tcp_keepalives_interval', '2', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)
_SET_ORGANISATION = text("SELECT set_config('koprogo.organisation', :organisation, true)")


class DatabaseError(DomainError):
    """The database cannot be used as it is; its sentence says what to do."""


class Busy(Exception):
    """No connection became free in time, or the one that there was broke. Nothing is known to be done; the caller may try again."""


def owner_url(database_url: str) -> URL:
    """The URL of the owner's role with the driver that this program speaks. ValueError where it is no PostgreSQL URL."""
    url = make_url(database_url)
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL must be a PostgreSQL URL: postgresql://user:password@host/database")
    return url.set(drivername="postgresql+asyncpg")


def application_role(owner: URL) -> tuple[str, str | None]:
    """Name and password of the application's own role.

    The password follows from the owner's, so that every process finds it and nobody has to keep a second one; where the owner connects
    without one (a socket that only this user can reach), so does the application.
    """
    name = f"{owner.username or 'postgres'}_app"
    if not owner.password:
        return name, None
    return name, hmac.new(str(owner.password).encode(), f"koprogo/{name}".encode(), hashlib.sha256).hexdigest()


def application_url(owner: URL) -> URL:
    name, password = application_role(owner)
    return owner.set(username=name, password=password)


Recorder = Callable[["UnitOfWork", Sequence[Notice]], Awaitable[Sequence[Claimed]]]
"""Writes what a unit of work has to tell, within its transaction; gives what this process is to send itself, once committed."""


@dataclass
class UnitOfWork:
    """One transaction inside one organisation: everything that happens in it is kept together, or not at all.

    `now` is one instant for all of it, UTC. Rolls back unless committed. It knows no table: stores take it.
    """

    connection: AsyncConnection
    organisation: UUID
    now: datetime
    recorder: Recorder
    notices: list[Notice] = field(default_factory=list)
    claimed: list[Claimed] = field(default_factory=list)
    committed: bool = False

    def tell(
        self,
        to: UUID | Address | Room,
        card: Card[Text],
        kind: str,
        *,
        key: str,
        due: datetime | None = None,
        expires: datetime | None = None,
        reply_to: str | None = None,
        reader: Reader | None = None,
        building: UUID | None = None,
        urgency: Urgency | None = None,
    ) -> None:
        """Has something told to a person, at an address or in a room: recorded at commit, sent after."""
        self.notices.append(Notice(to, card, kind, key, due, expires, reply_to, reader, building, urgency))

    async def enter(self, organisation: UUID) -> None:
        """Makes this transaction see that organisation, and no other."""
        self.organisation = organisation
        await self.connection.execute(_SET_ORGANISATION, {"organisation": str(organisation)})

    async def flush(self) -> None:
        """Records what was told so far, so that it can be read within the transaction."""
        if self.notices:
            notices, self.notices = self.notices, []
            self.claimed += await self.recorder(self, notices)

    async def commit(self) -> None:
        await self.flush()
        await self.connection.commit()
        self.committed = True


def from_jsonb(stored: Any) -> Any:
    """What stands in a column of JSON: the driver gives its text, another one may give it read."""
    return json.loads(stored) if isinstance(stored, str) else stored


async def insert_rows(uow: UnitOfWork, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Stores many rows of the unit's organisation at once; `columns` without `organisation_id`, which is added.

    COPY into a temporary table, then INSERT .. SELECT: PostgreSQL refuses COPY into a table with row-level security.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    await uow.connection.execute(
        text(f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {table} WHERE false")
    )
    raw = await uow.connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    await driver.copy_records_to_table("incoming", records=rows, columns=list(columns), schema_name="pg_temp")
    await uow.connection.execute(
        text(
            f"INSERT INTO {table} (organisation_id, {names}) SELECT CAST(:organisation AS uuid), {names} FROM pg_temp.incoming"
        ),
        {"organisation": str(uow.organisation)},
    )
    await uow.connection.execute(text("DROP TABLE pg_temp.incoming"))


class Database:
    """A bounded, fair pool of connections of the application's role, and the units of work made from it."""

    def __init__(
        self, url: URL, *, recorder: Recorder, clock: Clock = system_clock, size: int = 8, wait: float = 10.0
    ) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=size,
            max_overflow=OFFICES,  # the connections of elections, which take nobody's place
            pool_timeout=wait,
            hide_parameters=True,
            json_serializer=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
            connect_args={"server_settings": {"application_name": "koprogo", "timezone": "UTC"}},
        )
        self.clock = clock
        self._recorder = recorder
        self._wait = wait
        # The driver's own pool lets newcomers overtake those who wait; a semaphore serves in order of arrival.
        self._places = asyncio.Semaphore(size)

    @asynccontextmanager
    async def work(self, organisation: UUID = STRANGERS, *, now: datetime | None = None) -> AsyncIterator[UnitOfWork]:
        """A unit of work. Busy where no connection is free in time, or where it is lost on the way."""
        await self._place()
        connected = False
        try:
            async with self.engine.connect() as connection:
                connected = True
                uow = UnitOfWork(connection, organisation, now or self.clock(), self._recorder)
                await uow.enter(organisation)
                try:
                    yield uow
                finally:
                    if not uow.committed:
                        await connection.rollback()
        except DBAPIError as error:
            if error.connection_invalidated or not connected:
                raise Busy from error
            raise
        finally:
            self._places.release()

    async def _place(self) -> None:
        """Waits for one's turn."""
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(self._wait):
                await self._places.acquire()
        except TimeoutError as error:
            raise Busy from error

    @asynccontextmanager
    async def elected(self, lock: int) -> AsyncIterator[AsyncConnection | None]:
        """A connection that holds a lock which only one process can have; None where another has it. Gone with the connection."""
        async with self.engine.connect() as connection:
            mine = await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock})
            if mine:
                # A machine that went without a word is noticed in ten seconds; a process that died, at once.
                await connection.execute(_NOTICE_SILENCE)
            await connection.commit()
            try:
                yield connection if mine else None
            finally:
                if mine:
                    await connection.invalidate()

    async def close(self) -> None:
        await self.engine.dispose()

    async def __aenter__(self) -> Database:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


@asynccontextmanager
async def owner_connection(owner: URL) -> AsyncIterator[AsyncConnection]:
    """One connection of the owner's role, for migrations and checks. DatabaseError where the server cannot be reached or refuses."""
    engine = create_async_engine(
        owner, poolclass=NullPool, hide_parameters=True, connect_args={"server_settings": {"timezone": "UTC"}}
    )
    try:
        try:
            connection = await engine.connect().start()
        except (OSError, DBAPIError) as error:
            raise DatabaseError("database.unreachable") from error
        try:
            yield connection
        finally:
            await connection.close()
    finally:
        await engine.dispose()


async def answers(connection: AsyncConnection) -> bool:
    """Whether the database is still there."""
    alive = await connection.scalar(text("SELECT true"))
    await connection.commit()
    return bool(alive)
