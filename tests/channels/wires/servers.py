"""The real servers behind the wires: each is started when it is first asked for, and stopped after the last test of the worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from core.messaging.channel import Memory, Receive
from tests.channels.wires.console import console
from tests.channels.wires.mail import mail
from tests.channels.wires.matrix import MOST_BYTES, matrix
from tests.channels.wires.telegram import telegram
from tests.channels.wires.wire import Wire
from tests.servers.mail import Full, Light, installed
from tests.servers.synapse import Synapse, synapse

MATRIX = pytest.param("matrix", marks=pytest.mark.xdist_group("matrix"))
"""One worker has the homeserver."""
MAIL = pytest.param("email", marks=pytest.mark.xdist_group("mail"))


class Servers:
    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._folder, self._stack = folder, stack
        # The users of the mail server have to get at what is theirs.
        folder.chmod(0o755)
        self._synapse: Synapse | None = None
        self._mail: Full | Light | None = None

    async def homeserver(self) -> Synapse:
        if self._synapse is None:
            opened = synapse(self._folder / "matrix", settings={"max_upload_size": MOST_BYTES})
            self._synapse = await self._stack.enter_async_context(opened)
        return self._synapse

    async def mailserver(self) -> Full | Light:
        if self._mail is None:
            self._mail = (Full if installed() else Light)(self._folder / "mail")
            self._stack.push_async_callback(self._mail.stop)
            await self._mail.start()
        return self._mail

    async def opened(
        self, name: str, folder: Path, receive: Receive, memory: Memory, **more: Any
    ) -> AbstractAsyncContextManager[Wire]:
        """The wire of that name. `more` is for its channel, but for the terminal's, which has nothing to set."""
        if name == "matrix":
            return matrix(await self.homeserver(), folder, receive, memory, **more)
        if name == "email":
            return mail(await self.mailserver(), receive, memory, **more)
        return telegram(receive, memory, **more) if name == "telegram" else console(receive)


@pytest.fixture(scope="session")
async def servers(run_folder: Path) -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        yield Servers(Path(mkdtemp(prefix="wires-", dir=run_folder)), stack)
