"""A test wire: a loopback HTTP server that counts what it is given, and a channel that speaks to it. It is nobody's protocol.

    async with Sink() as sink:
        channel = Wire("email", sink.url, idempotent=True)
        sink.troubles = ["429", "500", "hang", "drip", "cut"]

A wire that is idempotent takes a key once, as a homeserver does with a transaction id: what comes again is answered and not shown again.
The other kind shows everything. Each trouble is met by one of the next requests.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web

from core.messaging.card import Card
from core.messaging.channel import (
    Address,
    Evidence,
    File,
    Membership,
    Origin,
    Receipt,
    Rejected,
    Room,
    Signal,
    Traits,
    TryLater,
    Unreachable,
)

HANG_SECONDS, DRIP_SECONDS = 30.0, 1.0


class Sink:
    """The server; `slow`: how many seconds pass between taking something and saying so.

    `shown`: what its people see, by channel and key; `order`: the keys of each handle as they came."""

    def __init__(self, port: int = 0, slow: float = 0.0) -> None:
        self.port, self.slow = port, slow
        self.shown: Counter[tuple[str, str]] = Counter()
        self.order: dict[str, list[str]] = {}
        self.requests = 0
        self.troubles: deque[str] = deque()
        self.met: Counter[str] = Counter()
        self.blocked: set[str] = set()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens, again on the same port after a cut."""
        app = web.Application()
        app.router.add_post("/{channel}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Cuts every connection, and takes no new one."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        channel = request.match_info["channel"]
        sent = await request.json()
        trouble = self.troubles.popleft() if self.troubles else ""
        self.met[trouble] += bool(trouble)
        if trouble == "429":
            return web.json_response({"after": 0.2}, status=429)
        if trouble == "500":
            return web.Response(status=500)
        if trouble == "cut":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if trouble == "hang":
            await asyncio.sleep(HANG_SECONDS)
            return web.Response(status=500)
        if sent["to"] in self.blocked:
            return web.Response(status=403)
        known = self.shown[channel, sent["key"]] and sent["idempotent"]
        if not known:
            self.shown[channel, sent["key"]] += 1
            self.order.setdefault(f"{channel}:{sent['to']}", []).append(sent["text"])
        if self.slow:
            await asyncio.sleep(self.slow)
        if trouble == "drip":
            return await self._dripping(request)
        return web.json_response({"ref": hashlib.sha256(sent["key"].encode()).hexdigest()[:16]})

    async def _dripping(self, request: web.Request) -> web.StreamResponse:
        """It has taken it; its answer comes byte by byte."""
        response = web.StreamResponse()
        await response.prepare(request)
        for byte in b'{"ref": "dripped"}':
            await asyncio.sleep(DRIP_SECONDS / 18)
            with suppress(ConnectionError):  # nobody waits any more
                await response.write(bytes([byte]))
        return response


class Wire:
    """The channel. `patience`: how long it waits for an answer, in seconds."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        idempotent: bool = True,
        patience: float = 3.0,
        per_second: float | None = None,
        per_chat_second: float | None = None,
        one_receiver: bool = False,
    ) -> None:
        self.name, self._url, self._patience = name, f"{url}/{name}", patience
        self.traits = Traits(
            buttons=True,
            max_chars=100_000,
            max_file_bytes=1_000_000,
            per_second=per_second,
            per_chat_second=per_chat_second,
            one_receiver=one_receiver,
            idempotent=idempotent,
            best_evidence=Evidence.ACCEPTED,
        )
        self._session: ClientSession | None = None

    async def run(self) -> None:
        """Nobody speaks from there."""

    def routes(self) -> Sequence[Any]:
        return ()

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[File], key: str, reply_to: str | None
    ) -> Receipt:
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=self._patience), connector=TCPConnector(limit=64))
        body = {"to": to.handle, "key": key, "text": card.title, "idempotent": self.traits.idempotent}
        try:
            async with self._session.post(self._url, json=body) as answer:
                if answer.status == 429:
                    raise TryLater("too many", timedelta(seconds=(await answer.json())["after"]))
                if answer.status == 403:
                    raise Unreachable("blocked")
                if answer.status >= 500:
                    raise TryLater(f"answers {answer.status}", timedelta())
                if answer.status >= 400:
                    raise Rejected(f"answers {answer.status}")
                return Receipt((await answer.json())["ref"], Evidence.ACCEPTED, datetime.now(UTC))
        except (ClientError, TimeoutError) as error:
            raise TryLater(type(error).__name__, timedelta()) from error

    async def end(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def close(self, receipt: Receipt, to: Address | Room, card: Card[str], chosen: str) -> None:
        """Nothing to take away."""

    async def edit(self, receipt: Receipt, to: Address | Room, card: Card[str]) -> None:
        """Nothing is changed there."""

    async def signal(self, origin: Origin, signal: Signal) -> None:
        """Nobody looks."""

    async def members(self, room: Room) -> Membership:
        return Membership(1, False)
