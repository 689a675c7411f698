"""What the tests stand on: a real database for each, the catalogues, and the sample building."""

from __future__ import annotations

import asyncio
import atexit
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import URL

from core.buildings import store as buildings
from core.database import Database, UnitOfWork, application_url
from core.documents.service import Shelf
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.kernel.i18n import Catalogues
from core.migrations.upgrade import upgrade
from core.outbox.service import Recorder
from koprogo.catalogues import load
from tests.ground_floor import CHANNELS, NOW, SAMPLE, Hands, Sample
from tests.servers.postgres import SETTING, Postgres, drop_all, new_folder, remove

ROOT = Path(__file__).parents[1]
FOLDER = pytest.StashKey[Path]()
GIVEN = "koprogo_folder"

# How fast an example runs says something of the machine only.
settings.register_profile("koprogo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("koprogo")


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[FOLDER] = Path(given[GIVEN])
        return
    config.stash[FOLDER] = folder = new_folder()
    # Registered before any server is started, so that it runs after the server was stopped.
    atexit.register(remove, folder)
    _compile_catalogues()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker of pytest-xdist works in the folder of the whole run."""
    node.workerinput[GIVEN] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if os.environ.get(SETTING) and not hasattr(config, "workerinput"):
        asyncio.run(drop_all(f"koprogo_test_{config.stash[FOLDER].name[-8:].lower()}"))


def _compile_catalogues() -> None:
    sources = list((ROOT / "locale").glob("*/LC_MESSAGES/messages.po"))
    if any(_older(source.with_suffix(".mo"), source) for source in sources):
        from hatch_build import compile_catalogues

        compile_catalogues(ROOT)


def _older(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    """A folder of this run, shared by its workers."""
    return pytestconfig.stash[FOLDER]


@pytest.fixture(scope="session")
def catalogues() -> Catalogues:
    return load()


@pytest.fixture(scope="session")
async def postgres(run_folder: Path) -> AsyncIterator[Postgres]:
    """The server of this run."""
    async with Postgres.running(run_folder, os.environ.get("PYTEST_XDIST_WORKER", "main")) as server:
        yield server


@pytest.fixture(scope="session")
async def migrated(postgres: Postgres) -> str:
    """The name of an empty, migrated database to copy."""

    async def fill(url: URL) -> None:
        await upgrade(url)

    return await postgres.template("migrated", fill)


@pytest.fixture(scope="session")
async def imported(postgres: Postgres, migrated: str, run_folder: Path) -> str:
    """The name of a database with the sample building to copy; its papers lie on the shelf in the folder of the run."""

    async def fill(url: URL) -> None:
        async with Database(application_url(url), recorder=Recorder(CHANNELS), clock=Hands(NOW)) as database:
            with Folder.open(SAMPLE) as folder:
                files = read_building(folder)
                async with database.work() as uow:
                    await buildings.add_organisation(uow, "default")
                    await import_building(uow, files, Shelf(run_folder / "files"))
                    await uow.commit()

    return await postgres.template("sample", fill, of=migrated)


@pytest.fixture
def clock() -> Hands:
    """What time it is for `database` and `sample`: 22 November 2026, 10.00 in Brussels, until a test sets it."""
    return Hands(NOW)


@pytest.fixture
async def owner(postgres: Postgres, migrated: str) -> AsyncIterator[URL]:
    """The owner's URL of an empty, migrated database of this test's own."""
    async with postgres.copy(migrated) as url:
        yield url


@pytest.fixture
async def database(owner: URL, clock: Hands) -> AsyncIterator[Database]:
    """That database as the application sees it: through its own role, with the outbox's recorder."""
    async with Database(application_url(owner), recorder=Recorder(CHANNELS), clock=clock) as opened:
        yield opened


@pytest.fixture
async def organisation(database: Database) -> UUID:
    """An organisation in `database`."""
    async with database.work() as uow:
        made = await buildings.add_organisation(uow, "default")
        await uow.commit()
        return made


@pytest.fixture(scope="session")
async def common(postgres: Postgres, migrated: str) -> AsyncIterator[Database]:
    """A database for all tests of a worker that leave nothing behind."""
    async with (
        postgres.copy(migrated) as url,
        Database(application_url(url), recorder=Recorder(CHANNELS), clock=Hands(NOW)) as opened,
    ):
        yield opened


@pytest.fixture
async def uow(common: Database) -> AsyncIterator[UnitOfWork]:
    """A unit of work in an organisation of its own, rolled back after the test."""
    async with common.work() as work:
        await buildings.add_organisation(work, "default")
        yield work


@pytest.fixture
async def sample(postgres: Postgres, imported: str, clock: Hands, run_folder: Path) -> AsyncIterator[Sample]:
    """The sample building, in a database of this test's own."""
    async with (
        postgres.copy(imported) as url,
        Database(application_url(url), recorder=Recorder(CHANNELS), clock=clock) as database,
    ):
        async with database.work() as uow:
            organisation = (await buildings.organisations(uow))["default"]
        async with database.work(organisation) as uow:
            (known,) = await buildings.every(uow)
        yield Sample(database, url, organisation, known, Shelf(run_folder / "files"))
