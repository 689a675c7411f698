"""The office wired with a bot and channels, as an installation has them; and everything that stands in its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import text

from bot.trace import trace
from bot.understanding import Understanding
from core.database import owner_connection
from core.kernel.i18n import Catalogues
from koprogo.application import Application
from koprogo.preview import Pictures
from koprogo.settings import read_settings
from koprogo.try_it import Trials
from tests.ground_floor import Sample
from tests.talking import WAYS
from tests.web_admin.reading import SECRET, CountedPasswords, Site
from web_admin.application import PREFIX, office
from web_admin.messages.reach import SHELF
from web_admin.pages import OFFICE
from web_admin.preview.protocols import PREVIEWS, TRY_IT
from web_admin.routes import FOLDER

MAILBOX = "bonjour@tilleuls.example"


@dataclass
class Wired:
    """The office over HTTP, and the installation behind it."""

    site: Site
    application: Application

    @property
    def sample(self) -> Sample:
        return self.site.sample


@pytest.fixture
def application(sample: Sample, understanding: Understanding, tmp_path: Path) -> Application:
    settings = read_settings(
        {
            "KOPROGO_DATA": str(tmp_path),
            "KOPROGO_EMAIL_ADDRESS": MAILBOX,
            "KOPROGO_EMAIL_SMTP": "smtp://localhost:25?security=none",
            "KOPROGO_EMAIL_LMTP": "127.0.0.1:24",
            "KOPROGO_PUBLIC_URL": "https://kopro.example",
        }
    )
    made = Application(settings, sample.owner, sample.database, {}, dict(WAYS.by_channel))
    made.understanding = understanding
    made.shelf = sample.shelf
    return made


@pytest.fixture
async def wired(application: Application, sample: Sample, catalogues: Catalogues) -> AsyncIterator[Wired]:
    made = office(sample.database, catalogues, SECRET, "http://kopro.example", trace, CountedPasswords())
    made[SHELF] = sample.shelf
    made[PREVIEWS], made[TRY_IT] = Pictures(application), Trials(application)
    top = web.Application()
    top.router.add_static("/static", FOLDER / "static")
    top.add_subapp(PREFIX, made)
    runner = web.AppRunner(top, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site = Site(sample, f"http://127.0.0.1:{runner.addresses[0][1]}", made[OFFICE])
    try:
        yield Wired(site, application)
    finally:
        for client in site.readers:
            await client.close()
        await runner.cleanup()


async def everything(sample: Sample) -> dict[str, tuple[int, str]]:
    """Of every table how many rows it has, and what stands in them; but for the sessions of those who look."""
    async with owner_connection(sample.owner) as connection:
        tables = (
            await connection.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
            )
        ).scalars()
        found = {}
        for table in list(tables):
            row = (
                await connection.execute(
                    text(
                        f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
                    )
                )
            ).one()
            found[table] = (int(row[0]), str(row[1]))
        return found
