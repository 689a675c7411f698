"""Matrix as an application service: for those who run a homeserver. It brings us what happens, and we need not ask.

See https://spec.matrix.org/latest/application-service-api/.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, cast

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from yarl import URL

from channels.matrix import MatrixSettings, parse
from channels.matrix.arrival import Arrivals
from channels.matrix.channel import Matrix
from channels.matrix.client import ANSWER_LIMIT, Answer, Requests, answer_of
from channels.matrix.failure import MatrixError, channel_error
from channels.matrix.listening import Listening, Source
from channels.matrix.registration import user_parts
from core.kernel.clock import Clock, system_clock
from core.messaging.channel import Ignored, Memory, Receive

IN_USE: Final = "M_USER_IN_USE"
BODY_LIMIT: Final = 32_000_000
"""Bytes of a transaction: a homeserver puts at most a few hundred events of 65,536 bytes into one."""
REMEMBERED: Final = 2_000
_EPHEMERAL: Final = ("ephemeral", "de.sorunome.msc2409.ephemeral")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The secrets of the registration: `as_token` we show to the homeserver, `hs_token` it shows to us."""

    as_token: str = field(repr=False)
    hs_token: str = field(repr=False)


class ServiceClient(Requests):
    """The bot's user by the token of the application service: no password, no device, and no limit of speed."""

    def __init__(self, homeserver: str, user: str, as_token: str) -> None:
        super().__init__()
        self._homeserver = homeserver.rstrip("/")
        self._user = user
        self._as_token = as_token
        self._session: ClientSession | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> str:
        """Makes the user once, and asks whom the token stands for. MatrixError M_EXCLUSIVE where that is another than the settings say."""
        async with self._opening:
            if self.user_id:
                return self.user_id
            asked = {
                "type": "m.login.application_service",
                "username": user_parts(self._user)[0],
                "inhibit_login": True,
            }
            try:
                await self.call("POST", "/_matrix/client/v3/register", asked)
            except MatrixError as error:
                if error.code != IN_USE:
                    raise
            answered = await self.call("GET", "/_matrix/client/v3/account/whoami")
            if not isinstance(answered, dict) or answered.get("user_id") != self._user:
                raise MatrixError(400, "M_EXCLUSIVE")
            self.user_id = self._user
            return self.user_id

    async def close(self) -> None:
        if self._session:
            await self._session.close()
        self._session = None

    async def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        media_type: str,
        timeout: float,  # noqa: ASYNC109 - it is the request's
        limit: int = ANSWER_LIMIT,
    ) -> Answer:
        self._session = self._session or ClientSession()
        headers = {"Authorization": f"Bearer {self._as_token}", **({"Content-Type": media_type} if media_type else {})}
        try:
            # A redirect could carry the token to somebody else.
            async with self._session.request(
                method,
                URL(self._homeserver + path, encoded=True),
                data=body,
                headers=headers,
                timeout=ClientTimeout(total=timeout),
                allow_redirects=False,
            ) as answer:
                return await answer_of(answer, limit)
        except (ClientError, TimeoutError, OSError):
            raise MatrixError(0) from None


class Transactions(Listening):
    """What the homeserver brings, in parcels with an id each. It brings a parcel again until we say that all of it is stored.

    What came in one is not taken twice by this process; after a restart the references of its events say that they are known.
    """

    def __init__(self, client: Requests, arrivals: Arrivals, receive: Receive, memory: Memory, clock: Clock) -> None:
        # A listener that never asks: what it needs of its source is what every client has.
        super().__init__(cast(Source, client), arrivals, memory)
        self._receive, self._clock = receive, clock
        self._order = asyncio.Lock()
        self._parcels: OrderedDict[str, None] = OrderedDict()
        self._events: OrderedDict[str, None] = OrderedDict()

    async def open(self) -> None:
        """Knows who we are, and takes up the invitations of last time."""
        self._us = await self._client.open()
        await self._join_all([])

    def close(self) -> None:
        """Invitations that are being accepted are taken up next time."""
        for task in self._joining.values():
            task.cancel()

    async def take(self, name: str, body: bytes) -> None:
        """One parcel. Whatever is raised, the homeserver is to bring it again."""
        async with self._order:
            if name in self._parcels:
                return
            if not self._us:
                await self.open()
            try:
                content = json.loads(body)
            except (ValueError, RecursionError):
                content = None
            if not isinstance(content, dict) or not isinstance(content.get("events"), list):
                await self._malformed(body)
            else:
                await self._all(content)
            _remember(self._parcels, name)

    async def _all(self, content: Mapping[str, Any]) -> None:
        by_room: dict[str, list[Any]] = {}
        for event in content["events"]:
            room = event.get("room_id") if isinstance(event, dict) else None
            if not isinstance(room, str):
                await self._malformed(json.dumps(event).encode())
            elif parse.reference(event) not in self._events:
                by_room.setdefault(room, []).append(event)
        for room, events in by_room.items():
            await self._of_room(room, events)
        for each in next((content[name] for name in _EPHEMERAL if isinstance(content.get(name), list)), ()):
            if isinstance(each, dict) and each.get("type") == "m.receipt" and isinstance(each.get("room_id"), str):
                await self._arrivals.receipts(each["room_id"], each.get("content"))

    async def _of_room(self, room: str, events: list[Any]) -> None:
        if any(self._own(event) == "invite" for event in events):
            await self._join_all([room])
        for event in await self._meant_for_us(room, events, None):
            await self._arrivals.event(room, event)
            _remember(self._events, parse.reference(event))

    async def _malformed(self, content: bytes) -> None:
        ref = f"malformed-{sha256(content).hexdigest()[:16]}"
        await self._receive(Ignored(ref, self._clock(), "malformed"))


class MatrixService(Matrix):
    """The channel `matrix` by an application service. Rooms are not encrypted: that would need a session."""

    def __init__(
        self,
        settings: MatrixSettings,
        tokens: Tokens,
        receive: Receive,
        memory: Memory,
        *,
        clock: Clock = system_clock,
        **more: Any,
    ) -> None:
        client = ServiceClient(settings.homeserver, settings.user_id, tokens.as_token)
        super().__init__(settings, receive, memory, client=client, clock=clock, **more)
        self._hs_token = tokens.hs_token.encode()
        self._transactions = Transactions(client, self.arrivals, receive, memory, clock)

    async def run(self) -> None:
        """Makes itself known, and waits until cancelled: what arrives comes by `routes`. ChannelError where that is refused."""
        try:
            await self._transactions.open()
            await asyncio.Event().wait()
        except MatrixError as error:
            raise channel_error(error) from None
        except asyncio.CancelledError:
            self._transactions.close()
            await self.close_connections()
            raise

    def routes(self) -> Sequence[web.RouteDef]:
        base = "/_matrix/app/v1"
        return (
            web.put(base + "/transactions/{name}", self._brought),
            web.post(base + "/ping", self._asked),
            web.get(base + "/users/{user}", self._asked),
            web.get(base + "/rooms/{alias}", self._asked),
        )

    async def _brought(self, request: web.Request) -> web.Response:
        """200 says that all of it is stored, anything else that it is to come again."""
        if refused := self._stranger(request):
            return refused
        body = bytearray()
        async for chunk in request.content.iter_chunked(65_536):
            body += chunk
            if len(body) > BODY_LIMIT:
                return _error(413, "M_TOO_LARGE")
        try:
            await self._transactions.take(request.match_info["name"], bytes(body))
        except Exception as error:  # whatever it is, it is not stored, and the homeserver keeps it
            _log.error("a transaction could not be taken: %s", type(error).__name__)
            return _error(500, "M_UNKNOWN")
        return web.json_response({})

    async def _asked(self, request: web.Request) -> web.Response:
        """A ping; or whether there is a user or a room of a name: we make none when asked."""
        if refused := self._stranger(request):
            return refused
        return web.json_response({}) if request.method == "POST" else _error(404, "M_NOT_FOUND")

    def _stranger(self, request: web.Request) -> web.Response | None:
        """The refusal for whoever is not our homeserver."""
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not shown:
            return _error(401, "M_MISSING_TOKEN")
        known = hmac.compare_digest(shown.strip().encode("utf-8", "surrogateescape"), self._hs_token)
        return None if known else _error(403, "M_FORBIDDEN")


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"errcode": code}, status=status)


def _remember(known: OrderedDict[str, None], name: str) -> None:
    known[name] = None
    while len(known) > REMEMBERED:
        known.popitem(last=False)
