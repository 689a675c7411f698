"""The parts put together: settings, database, catalogues, understanding, channels, and the bot that uses them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import URL

from bot.courier import Courier
from bot.ways import Way, Ways
from channels import console
from core.database import Database, application_url, owner_url
from core.documents.service import Shelf
from core.kernel.clock import Clock, system_clock
from core.kernel.i18n import Catalogues
from core.messaging.channel import Channel
from core.migrations.upgrade import upgrade
from core.outbox.service import Recorder
from koprogo.catalogues import load
from koprogo.settings import Settings

if TYPE_CHECKING:
    from bot.concierge import Concierge
    from bot.reception import Reception
    from bot.understanding import Understanding


@dataclass
class Application:
    """One process's parts. What is not needed is not loaded."""

    settings: Settings
    owner: URL
    database: Database
    channels: dict[str, Channel]
    ways: dict[str, Way] = field(default_factory=dict)
    """How somebody reaches us on each channel; filled as the channels tell it."""

    @cached_property
    def catalogues(self) -> Catalogues:
        return load()

    @cached_property
    def understanding(self) -> Understanding:
        from bot.understanding import Understanding

        return Understanding.load()

    @cached_property
    def shelf(self) -> Shelf:
        return Shelf(self.settings.data / "files")

    @cached_property
    def courier(self) -> Courier:
        return Courier(self.database, self.channels, self.catalogues, self.shelf)

    def concierge(self, building: str | None = None) -> Concierge:
        from bot.concierge import Concierge

        return Concierge(self.database, self.understanding, building, Ways(self.ways), self.catalogues, self.shelf)

    def reception(self, building: str | None = None) -> Reception:
        from bot.reception import Reception

        return Reception(
            self.database, self.concierge(building), self.courier, self.channels, self.catalogues, self.shelf
        )


async def owner_of(settings: Settings) -> URL:
    """The owner's URL: that of DATABASE_URL, else of the bundled server, which is started."""
    if settings.database_url:
        return owner_url(settings.database_url)
    from koprogo.embedded import start

    return await start(settings.data)


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    channels: Mapping[str, Channel] | None = None,
    reach: Sequence[str] = (),
) -> AsyncIterator[Application]:
    """The parts of one process, the database brought up to date; closed on leaving.

    `reach`: names of channels through which people may be told, though another process sends there. The terminal is the last resort of
    every process: what is told there waits until it is opened.
    """
    owner = await owner_of(settings)
    await upgrade(owner)
    mine = dict(channels or {})
    recorder = Recorder(sorted({*mine, *reach} - {console.NAME}), last_resort=(console.NAME,))
    async with Database(
        application_url(owner), recorder=recorder, clock=clock, size=settings.database_pool
    ) as database:
        yield Application(settings, owner, database, mine)
