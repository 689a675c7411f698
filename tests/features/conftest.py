"""The stories of this folder, told in steps: the command for the syndic, terminals and a stand-in for Telegram for everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tests.bot.conftest import desk, settings
from tests.channels.telegram.conftest import api
from tests.koprogo.conftest import bare
from tests.talking import talking, understanding

__all__ = ["api", "bare", "desk", "settings", "talking", "understanding"]

T = TypeVar("T")
Done = Callable[[Awaitable[T]], T]


@pytest.fixture
async def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


@pytest.fixture
def done(_loop: asyncio.AbstractEventLoop) -> Done:
    """Steps are plain functions: this has something awaited, and goes on when it is there."""

    def wait(what: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await what

        return _loop.run_until_complete(awaited())

    return wait
