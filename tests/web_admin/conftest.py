"""People who talk with the bot while their pages are read, and the office with whoever works there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.understanding import Understanding
from core.kernel.i18n import Catalogues
from tests.ground_floor import Sample
from tests.talking import talking, understanding
from tests.web_admin.browser import chromium
from tests.web_admin.house import House, house_of
from tests.web_admin.reading import Site, site_of

__all__ = ["chromium", "talking", "understanding"]


@pytest.fixture
async def rooms(sample: Sample, catalogues: Catalogues) -> AsyncIterator[Site]:
    """The office over HTTP, with every page there is."""
    async with site_of(sample, catalogues) as site:
        yield site


@pytest.fixture
async def house(sample: Sample, understanding: Understanding, tmp_path: Path) -> AsyncIterator[House]:
    """The office with something of everything in it, and another tenant next door."""
    async with house_of(sample, understanding, tmp_path) as made:
        yield made
