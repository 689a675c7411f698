"""What we ask of a homeserver. The same for a user who syncs and for an application service: they differ in who they are to it.

`Client` is what the channel speaks to; `Requests` are its calls over HTTP, whose one request a subclass makes in its own name.
See https://spec.matrix.org/latest/client-server-api/.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote, urlencode

from aiohttp import ClientResponse

from channels.matrix.failure import FORGOTTEN, MatrixError, refusal

PATIENCE: Final = 5.0
"""Seconds that a request waits when the homeserver asks for it. Longer ones are the caller's to wait for."""
TRIES: Final = 4
ANSWER_LIMIT: Final = 64_000_000
"""Bytes of an answer that we read. A sync after a long absence is large; nothing is as large as this."""
TIMEOUT: Final = 60.0
_MEDIA = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255})/([A-Za-z0-9_-]{1,255})")

Json = dict[str, Any]


class Answer(NamedTuple):
    """What came back for one request: its body cut off at the limit that was asked for."""

    status: int
    headers: Mapping[str, str]
    content: bytes


async def answer_of(response: ClientResponse, limit: int) -> Answer:
    """What came back, read no further than one byte past the limit."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        content += chunk
        if len(content) > limit:
            break
    return Answer(response.status, response.headers, bytes(content[: limit + 1]))


class Client(Protocol):
    """A homeserver as one user sees it. Every call raises MatrixError where it is refused or not answered."""

    @property
    def encrypts(self) -> bool:
        """Whether we write in encrypted rooms as they want it: else nothing is said there."""

    async def open(self) -> str:
        """Our own user id, once we are known to the homeserver. May be called again at any time."""

    async def close(self) -> None:
        """Ends the connections; the next call opens them anew."""

    async def put_event(self, room: str, kind: str, txn_id: str, content: Mapping[str, Any]) -> str:
        """Sends an event, encrypted where the room is; its id. The same transaction id sends nothing twice."""

    async def upload(self, room: str, name: str, media_type: str, content: bytes) -> Json:
        """Puts a file on the server; what an event says of where it is: `url`, or `file` in an encrypted room."""

    async def download(self, content: Mapping[str, Any], limit: int) -> bytes:
        """The file that the content of an event names. MatrixError M_TOO_LARGE for more than `limit` bytes."""

    async def event(self, room: str, event: str) -> Json:
        """One event that we may see, as it now is."""

    async def state(self, room: str) -> Sequence[Any]:
        """All state events of a room that we are in, or of the moment when we left."""

    async def messages(self, room: str, start: str | None, end: str | None = None) -> Json:
        """A page of events from the newest, or from `start`, backwards: `chunk`, and `end` where there may be more."""

    async def typing(self, room: str, seconds: float) -> None: ...

    async def read(self, room: str, event: str) -> None:
        """Tells others that we have read up to that event."""

    async def exists(self, user: str) -> bool:
        """Whether there may be such a user: False where their homeserver says that there is none."""

    async def create_direct(self, user: str) -> str:
        """A new room for a talk with one person, who is invited; its id."""

    async def join(self, room: str) -> None: ...

    async def leave(self, room: str) -> None: ...

    async def joined_rooms(self) -> Sequence[str]: ...

    async def direct_rooms(self) -> dict[str, list[str]]:
        """The rooms that we take for a talk with a user, by user: the account data m.direct."""

    async def keep_direct_rooms(self, rooms: Mapping[str, Sequence[str]]) -> None: ...


class Requests(ABC):
    """The calls of a `Client`. A subclass has `user_id` once it is open, and makes the requests.

    Where the homeserver says that we are too fast, all calls wait as long as it asks, if that is short, and try again.
    """

    def __init__(
        self,
        *,
        encrypted: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`encrypted`: we read and write in encrypted rooms, and those that we create are."""
        self.user_id = ""
        self.encrypts = encrypted
        self._monotonic = monotonic
        self._sleep = sleep
        self.logins = 0
        """How many sessions there have been."""
        self._held_until = 0.0

    @abstractmethod
    async def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        media_type: str,
        timeout: float,  # noqa: ASYNC109 - it is the request's
        limit: int,
    ) -> Answer:
        """One request in our name. `path` begins with a slash and is encoded. MatrixError(0) where there is no answer in time.

        Of the body at most `limit` + 1 bytes are read.
        """

    @abstractmethod
    async def open(self) -> str:
        """Our own user id, once we are known to the homeserver."""

    @abstractmethod
    async def close(self) -> None:
        """Ends the connections."""

    async def renewed(self, logins: int) -> bool:
        """Asked when the homeserver does not know our session, the one after so many `logins`: whether there is a new one now."""
        return False

    # Saying

    async def put_event(self, room: str, kind: str, txn_id: str, content: Mapping[str, Any]) -> str:
        return _text(await self.call("PUT", _path("rooms", room, "send", kind, txn_id), content), "event_id")

    async def typing(self, room: str, seconds: float) -> None:
        body = {"typing": seconds > 0, **({"timeout": int(seconds * 1000)} if seconds > 0 else {})}
        await self.call("PUT", _path("rooms", room, "typing", self.user_id), body)

    async def read(self, room: str, event: str) -> None:
        await self.call("POST", _path("rooms", room, "receipt", "m.read", event), {})

    # Files

    async def upload(self, room: str, name: str, media_type: str, content: bytes) -> Json:
        return {"url": await self.store(name, media_type, content)}

    async def download(self, content: Mapping[str, Any], limit: int) -> bytes:
        return await self.fetch(content.get("url"), limit)

    async def store(self, name: str, media_type: str, content: bytes) -> str:
        """Puts bytes on the server as they are; their mxc address."""
        path = f"/_matrix/media/v3/upload?{urlencode({'filename': name})}"
        return _text(_json(await self._tried("POST", path, content, media_type, 2 * TIMEOUT)), "content_uri")

    async def fetch(self, address: Any, limit: int) -> bytes:
        """The bytes behind an mxc address, by authenticated media."""
        named = _MEDIA.fullmatch(address) if isinstance(address, str) else None
        if named is None:
            raise MatrixError(404, "M_NOT_FOUND")
        path = f"/_matrix/client/v1/media/download/{quote(named[1], safe='')}/{named[2]}"
        answer = await self._tried("GET", path, None, "", 2 * TIMEOUT, limit)
        if len(answer.content) > limit:
            raise MatrixError(413, "M_TOO_LARGE")
        return answer.content

    # Seeing

    async def event(self, room: str, event: str) -> Json:
        return _object(await self.call("GET", _path("rooms", room, "event", event)))

    async def state(self, room: str) -> Sequence[Any]:
        events = await self.call("GET", _path("rooms", room, "state"))
        return events if isinstance(events, list) else []

    async def messages(self, room: str, start: str | None, end: str | None = None) -> Json:
        query = {"dir": "b", "limit": "100", **({"from": start} if start else {}), **({"to": end} if end else {})}
        return _object(await self.call("GET", f"{_path('rooms', room, 'messages')}?{urlencode(query)}"))

    # People and rooms

    async def exists(self, user: str) -> bool:
        try:
            await self.call("GET", _path("profile", user))
        except MatrixError as error:
            if error.status == 404:
                return False
            if error.status != 403:  # a server that tells nobody
                raise
        return True

    async def create_direct(self, user: str) -> str:
        asked: Json = {"invite": [user], "is_direct": True, "preset": "trusted_private_chat"}
        if self.encrypts:
            content = {"algorithm": "m.megolm.v1.aes-sha2"}
            asked["initial_state"] = [{"type": "m.room.encryption", "state_key": "", "content": content}]
        return _text(await self.call("POST", _path("createRoom"), asked), "room_id")

    async def join(self, room: str) -> None:
        await self.call("POST", _path("rooms", room, "join"), {})

    async def leave(self, room: str) -> None:
        await self.call("POST", _path("rooms", room, "leave"), {})

    async def joined_rooms(self) -> Sequence[str]:
        rooms = _object(await self.call("GET", _path("joined_rooms"))).get("joined_rooms")
        return [room for room in rooms if isinstance(room, str)] if isinstance(rooms, list) else []

    async def direct_rooms(self) -> dict[str, list[str]]:
        try:
            content = _object(await self.call("GET", _path("user", self.user_id, "account_data", "m.direct")))
        except MatrixError as error:
            if error.status == 404:
                return {}
            raise
        return {
            user: [room for room in rooms if isinstance(room, str)]
            for user, rooms in content.items()
            if isinstance(rooms, list)
        }

    async def keep_direct_rooms(self, rooms: Mapping[str, Sequence[str]]) -> None:
        content = {user: list(of_user) for user, of_user in rooms.items()}
        await self.call("PUT", _path("user", self.user_id, "account_data", "m.direct"), content)

    # The one way

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - as above
    ) -> Any:
        """A call with JSON both ways. `path`: from the root, encoded, with its query."""
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return _json(await self._tried(method, path, content, "application/json", timeout))

    async def _tried(
        self,
        method: str,
        path: str,
        body: bytes | None,
        media_type: str,
        timeout: float,  # noqa: ASYNC109 - as above
        limit: int = ANSWER_LIMIT,
    ) -> Answer:
        """The answer that says yes. Waits where it is told to, as long as that is short; makes itself known again where it is forgotten."""
        renewed = False
        for trial in range(TRIES):
            await self._until_welcome()
            logins = self.logins
            answer = await self.exchange(method, path, body, media_type, timeout, limit)
            if 200 <= answer.status < 300:
                return answer
            error = refusal(answer.status, answer.headers, answer.content)
            if error.limited:
                self._held_until = self._monotonic() + (error.after if error.after is not None else PATIENCE)
                if trial == TRIES - 1:
                    raise error
            elif error.code in FORGOTTEN and not renewed and await self.renewed(logins):
                renewed = True
            else:
                raise error
        raise MatrixError(401, FORGOTTEN[0])

    async def _until_welcome(self) -> None:
        """Waits until the homeserver hears us again; MatrixError where that takes too long."""
        while (left := self._held_until - self._monotonic()) > 0:
            if left > PATIENCE + 0.5:
                raise MatrixError(429, "M_LIMIT_EXCEEDED", left)
            await self._sleep(left)

    @property
    def held(self) -> bool:
        """Whether the homeserver has asked us to be slower, now or within the last ten minutes."""
        return self._held_until > 0 and self._monotonic() < self._held_until + 600


def _path(*parts: str) -> str:
    return "/_matrix/client/v3/" + "/".join(quote(part, safe="") for part in parts)


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        raise MatrixError(502) from None


def _object(content: Any) -> Json:
    if not isinstance(content, dict):
        raise MatrixError(502)
    return content


def _text(content: Any, name: str) -> str:
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, str):
        raise MatrixError(502)
    return value
