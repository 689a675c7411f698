"""The bot for the conversations, and the sample building whose people are told by the channels that they are told by in a file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.database import Database, application_url
from core.outbox.service import Recorder
from tests.ground_floor import CHANNELS, Hands, Sample
from tests.talking import talking, understanding

__all__ = ["talking", "understanding"]

TOLD = re.compile(r"^told: (email|matrix):", re.MULTILINE)


@pytest.fixture
async def sample(sample: Sample, clock: Hands, request: pytest.FixtureRequest) -> AsyncIterator[Sample]:
    """Other tests tell nobody by mail or on Matrix. Where a file says that somebody was, everybody is who writes from there."""
    path = getattr(request.node, "callspec", None) and request.node.callspec.params.get("path")
    told = TOLD.search(path.read_text(encoding="utf-8")) if isinstance(path, Path) else None
    if told is None:
        yield sample
        return
    recorder = Recorder((*CHANNELS, "matrix", "email"))
    async with Database(application_url(sample.owner), recorder=recorder, clock=clock) as database:
        yield replace(sample, database=database)
