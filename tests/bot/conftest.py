"""The bot at work: with terminals, and with a stand-in for Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from channels.telegram import TelegramSettings
from channels.telegram.channel import Telegram
from core.database import Database
from core.inbox.service import StoredMemory
from core.people import service as people
from core.people import store as persons
from koprogo.application import Application
from koprogo.settings import Settings, read_settings
from tests.channels.telegram.conftest import Skipped, api, closed
from tests.ground_floor import Sample
from tests.servers.ports import free_port
from tests.servers.postgres import connect
from tests.servers.telegram import BotApi
from tests.servers.telegram_people import Person, Sent
from tests.talking import Talking, talking, understanding
from tests.waiting import eventually

__all__ = ["api", "talking", "understanding"]

PATIENCE = 15.0
"""Seconds: Telegram takes one message a second to each person."""


async def invited(database: Database, sample: Sample, person: str) -> str:
    """A one-time code for Telegram of somebody in the sample building."""
    async with database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await persons.residents(uow, sample.known.building_id)}
        code = await people.invite(uow, listed[person], "telegram")
        await uow.commit()
        return code


async def answered(person: Person, count: int) -> Sent:
    """The last thing that the bot wrote to a person, once it has written so much."""
    await eventually(lambda: len(person.sent) >= count, PATIENCE)
    assert len(person.sent) == count
    return person.last


async def rows(sample: Sample, query: str, *values: Any) -> list[dict[str, Any]]:
    """What the owner of the database sees in it, across all tenants."""
    connection = await connect(sample.owner)
    try:
        return [dict(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()


@pytest.fixture
def settings(sample: Sample, api: BotApi, tmp_path: Path) -> Settings:
    """Those of an installation with the sample building, whose Telegram is the stand-in."""
    return read_settings(
        {
            "DATABASE_URL": sample.owner.render_as_string(hide_password=False),
            "KOPROGO_DATA": str(tmp_path),
            "KOPROGO_HTTP_PORT": str(free_port()),
            "KOPROGO_TELEGRAM_TOKEN": api.token,
            "KOPROGO_TELEGRAM_API": api.url,
        }
    )


@dataclass
class Desk:
    """The bot on Telegram with a clock that a test sets, and no need to wait for one's turn."""

    talking: Talking
    api: BotApi
    sample: Sample

    @property
    def application(self) -> Application:
        return self.talking.application

    @asynccontextmanager
    async def telegram(self) -> AsyncIterator[Telegram]:
        """The channel among those of the application; it does not listen, but may send."""
        time = Skipped()
        reception = self.application.reception()
        channel = Telegram(
            TelegramSettings(self.api.token, self.api.url, poll_timeout=1),
            reception.receive("telegram"),
            StoredMemory(self.application.database, "telegram", "110201543"),
            clock=self.talking.clock,
            monotonic=time.clock,
            sleep=time.sleep,
        )
        self.application.channels["telegram"] = channel
        try:
            yield channel
            await reception.idle()
        finally:
            del self.application.channels["telegram"]
            await closed(channel)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Telegram]:
        """The channel, listening; what waited already is answered."""
        async with self.telegram() as channel:
            running = asyncio.create_task(channel.run())
            reception = self.application.reception()
            await reception.catch_up()
            try:
                yield channel
                assert not running.done(), running.exception()
                await reception.idle()
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running

    async def linked(self, name: str, code: str, language: str | None = None) -> Person:
        """Somebody of the building whose Telegram is tied already: the bot has said welcome to him."""
        person = self.api.person(name, language)
        person.starts(await invited(self.application.database, self.sample, code))
        await answered(person, 1)
        return person

    async def fates(self) -> list[tuple[str, str, int]]:
        """Every delivery to Telegram, oldest first: its fate, the reason, and how often it was tried."""
        found = await rows(
            self.sample, "SELECT fate, reason, attempts FROM deliveries WHERE channel = 'telegram' ORDER BY ordinal"
        )
        return [(row["fate"], row["reason"], row["attempts"]) for row in found]


@pytest.fixture
def desk(talking: Talking, api: BotApi, sample: Sample) -> Desk:
    return Desk(talking, api, sample)
