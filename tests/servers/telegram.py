"""A stand-in for Telegram's Bot API over HTTP: OUR READING of its documentation, not Telegram. What passes here proves only that.

It is stricter than Telegram: an unknown method or field is `400 Bad Request` naming it, and stands in `strangers`, so that a test can
assert that there was none. Where Telegram asks for https, loopback http is taken too. Bodies: JSON, form-urlencoded, multipart, query.

    async with BotApi() as api:
        lea = api.person("Léa", "fr")
        lea.starts("INVITATION")
        ...
        assert lea.last.text == "Bonjour"
        lea.presses(lea.last, "Expliquer")

Faults are put in with `fail`, `drop` and `slow`, for a method and a number of its next calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import BodyPartReader, ClientError, ClientSession, ClientTimeout, web

from tests.servers.telegram_methods import KINDS, ON_REQUEST, SENDING, Messages, Upload
from tests.servers.telegram_people import Refusal, bad

TOKEN = "110201543:a-token-for-tests-only"


@dataclass(frozen=True)
class Call:
    """A call that came in: `at` by the server's clock; `chat` where it has one."""

    method: str
    fields: Mapping[str, Any]
    at: float
    chat: int | None = None


@dataclass(frozen=True)
class Fault:
    code: int | None = None
    description: str = ""
    parameters: Mapping[str, int] = field(default_factory=dict)
    drop: bool = False
    delay: float = 0.0


@dataclass
class Webhook:
    url: str = ""
    secret: str | None = None
    answers: list[int] = field(default_factory=list)
    """The status of every delivery, in order."""


class BotApi(Messages):
    """The server. `clock` in seconds says when a call came in."""

    def __init__(self, token: str = TOKEN, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.token = token
        self.clock = clock
        self.calls: list[Call] = []
        self.webhook = Webhook()
        self.allowed: frozenset[str] = KINDS
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._pending: list[Mapping[str, Any]] = []
        self._last_id = 700_000_000
        self._arrived = asyncio.Event()
        self._poller: asyncio.Future[None] | None = None
        self._pusher: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self.url = ""

    # Starting and stopping

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop_pushing()
        if self._poller and not self._poller.done():
            self._poller.set_result(None)
        assert self._runner is not None
        await self._runner.cleanup()

    # What a test looks at

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def moments(self, chat: int) -> list[float]:
        """When messages were sent to that chat."""
        return [call.at for call in self.calls if call.chat == chat and call.method in SENDING]

    @property
    def pending(self) -> list[Any]:
        """The ids of the updates that are not acknowledged."""
        return [update.get("update_id") for update in self._pending]

    # Faults

    def fail(self, method: str, code: int, description: str = "", times: int = 1, **parameters: int) -> None:
        """The next calls of that method are answered so, `retry_after` and the like among the parameters."""
        self._faults[method] += [Fault(code, description, parameters=parameters)] * times

    def drop(self, method: str, times: int = 1) -> None:
        """The next calls of that method find the connection cut."""
        self._faults[method] += [Fault(drop=True)] * times

    def slow(self, method: str, seconds: float, times: int = 1) -> None:
        self._faults[method] += [Fault(delay=seconds)] * times

    # Updates

    def deliver(self, kind: str, content: Any) -> int:
        """Queues an update for the bot, unless it did not ask for that kind. Its id, 0 where it is not sent."""
        if kind not in self.allowed:
            return 0
        return self.raw({kind: content})

    def raw(self, update: Mapping[str, Any], numbered: bool = True) -> int:
        """Queues anything as an update: an unknown kind, nonsense. The id that it got."""
        if numbered:
            self._last_id += 1
            update = {"update_id": self._last_id, **update}
        self._pending.append(update)
        self._arrived.set()
        return self._last_id

    def repeat(self, update_id: int) -> None:
        """Sends an update that is still pending twice."""
        self._pending += [update for update in self._pending if update.get("update_id") == update_id][:1]
        self._arrived.set()

    def renumber(self, start: int) -> None:
        """After a week without updates Telegram goes on with a number at random, which may be a lower one."""
        self._last_id = start - 1

    # The wire

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _refused(Refusal(401, "Unauthorized"))
        try:
            given = await self._given(request)
            chat = int(given["chat_id"]) if re.fullmatch(r"-?\d+", str(given.get("chat_id", ""))) else None
            self.calls.append(Call(method, given, self.clock(), chat))
            fault = self._faults[method].popleft() if self._faults[method] else None
            if fault:
                if fault.drop:
                    assert request.transport is not None
                    request.transport.abort()
                    return web.Response()
                await asyncio.sleep(fault.delay)
                if fault.code:
                    raise Refusal(fault.code, fault.description, **fault.parameters)
            fields = self._checked(method, given)
            result = await getattr(self, f"_{method}")(**fields)
        except Refusal as refusal:
            return _refused(refusal)
        return web.json_response({"ok": True, "result": result})

    async def _given(self, request: web.Request) -> dict[str, Any]:
        """The fields of a call as they were sent."""
        given: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            given |= await request.json()
        elif request.content_type == "multipart/form-data":
            async for part in await request.multipart():
                assert isinstance(part, BodyPartReader)
                content = bytes(await part.read())
                given[part.name or ""] = (
                    content.decode()
                    if part.filename is None
                    else Upload(part.filename, part.headers.get("Content-Type", ""), content)
                )
        elif request.content_type == "application/x-www-form-urlencoded":
            given |= dict(await request.post())
        return given

    async def _download(self, request: web.Request) -> web.Response:
        stored = self.files.get(request.match_info["path"].removeprefix("files/"))
        if request.match_info["token"] != self.token or stored is None:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=stored)

    # Methods: the names are Telegram's

    async def _getUpdates(
        self,
        offset: int = 0,
        limit: int = 100,
        timeout: int = 0,  # noqa: ASYNC109 - the name is Telegram's
        allowed_updates: list[str] | None = None,
    ) -> Any:
        if self.webhook.url:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._poller and not self._poller.done():
            self._poller.set_result(None)
        mine = self._poller = asyncio.get_running_loop().create_future()
        if allowed_updates is not None:
            self._allow(allowed_updates)
        if offset - 1 in self.pending:  # it acknowledges that one and all that were queued before it
            self._pending = self._pending[len(self._pending) - self.pending[::-1].index(offset - 1) :]
        until = time.monotonic() + timeout
        while not self._pending and (left := until - time.monotonic()) > 0:
            self._arrived.clear()
            waiting = asyncio.create_task(self._arrived.wait())
            await asyncio.wait({waiting, mine}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if mine.done():
                raise Refusal(409, "Conflict: terminated by other getUpdates request")
        if not mine.done():
            mine.set_result(None)
        return self._pending[:limit]

    async def _setWebhook(
        self,
        url: str,
        secret_token: str | None = None,
        allowed_updates: list[str] | None = None,
        drop_pending_updates: bool = False,
        max_connections: int = 40,
        ip_address: str | None = None,
    ) -> bool:
        if url and not url.startswith(("https://", "http://127.0.0.1:")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret_token is not None and not re.fullmatch("[A-Za-z0-9_-]{1,256}", secret_token):
            raise bad("secret token contains unallowed characters")
        if not 1 <= max_connections <= 100:
            raise bad("max_connections out of range")
        await self._stop_pushing()
        if allowed_updates is not None:
            self._allow(allowed_updates)
        if drop_pending_updates:
            self._pending.clear()
        self.webhook = Webhook(url, secret_token)
        if url:
            self._pusher = asyncio.create_task(self._push())
        return True

    async def _deleteWebhook(self, drop_pending_updates: bool = False) -> bool:
        return await self._setWebhook("", drop_pending_updates=drop_pending_updates)

    async def _getWebhookInfo(self) -> Any:
        return {
            "url": self.webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
            "allowed_updates": sorted(self.allowed),
        }

    def _allow(self, kinds: list[str]) -> None:
        for kind in kinds:
            if kind not in KINDS | ON_REQUEST:
                raise self._strange(f"unknown kind of update {kind}")
        self.allowed = frozenset(kinds) or KINDS

    # The webhook

    async def _push(self) -> None:
        """Delivers what is pending, one update at a time, until each is taken with a 2xx."""
        secret = self.webhook.secret
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        async with ClientSession(timeout=ClientTimeout(total=10)) as session:
            while True:
                if not self._pending:
                    self._arrived.clear()
                    await self._arrived.wait()
                    continue
                body = json.dumps(self._pending[0])
                status = 0
                with contextlib.suppress(ClientError, TimeoutError):
                    async with session.post(
                        self.webhook.url, data=body, headers={**headers, "Content-Type": "application/json"}
                    ) as response:
                        status = response.status
                self.webhook.answers.append(status)
                if 200 <= status < 300:
                    self._pending.pop(0)
                else:
                    await asyncio.sleep(0.02)

    async def _stop_pushing(self) -> None:
        if self._pusher:
            self._pusher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pusher
            self._pusher = None


def _refused(refusal: Refusal) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)
