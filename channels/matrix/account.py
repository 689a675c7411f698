"""A user of a homeserver: logs in once, keeps the session, and syncs. The wire library is used as a wire and nothing more.

The session (access token and device) is a file that only we may read. A device that comes back keeps its keys, and the homeserver
knows the transaction ids of its earlier sends.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import nio
from aiohttp import ClientError, ClientTimeout

from channels.matrix import MatrixSettings
from channels.matrix.client import Answer, Json, Requests, answer_of
from channels.matrix.failure import FORGOTTEN, LOGIN_REFUSED, OTHER_USER, MatrixError, refusal

SESSION: Final = "session.json"
PAGE: Final = 100
"""Events of a room in one sync: Synapse gives no more. What is beyond has to be paged back."""
_POLL_MARGIN: Final = 30.0


@dataclass(frozen=True, slots=True)
class Session:
    """Who we are to the homeserver. A secret."""

    homeserver: str
    user_id: str
    device_id: str
    access_token: str


class Account(Requests):
    """The client of a user. Subclasses that encrypt extend `began`, `sync`, `messages`, `event`, `put_event`, `upload` and `download`."""

    def __init__(self, settings: MatrixSettings, **more: Any) -> None:
        super().__init__(encrypted=settings.encryption, **more)
        logging.getLogger("nio").setLevel(logging.CRITICAL)  # it logs what it cannot read, and that may be a person's
        self.settings = settings
        self._opening = asyncio.Lock()
        self._opener: asyncio.Task[object] | None = None
        """Who opens must not wait for the end of it."""
        self.nio = nio.AsyncClient(
            settings.homeserver.rstrip("/"), settings.user_id, store_path=str(settings.data), config=self.config()
        )

    def config(self) -> nio.AsyncClientConfig:
        return nio.AsyncClientConfig(encryption_enabled=False, store=None, max_limit_exceeded=0, max_timeouts=0)

    async def open(self) -> str:
        if self.user_id:
            return self.user_id
        async with self._opening:
            if not self.user_id:
                self._opener = asyncio.current_task()
                await self._begin(self._kept() or await self._given() or await self._login(None))
        return self.user_id

    async def close(self) -> None:
        await self.nio.close()

    async def began(self, session: Session) -> None:
        """After a session was taken up, before its first request."""

    async def renewed(self, logins: int) -> bool:
        """Logs in anew as the same device, where a password lets us; or finds that somebody here just did."""
        if self._opening.locked() and self._opener is asyncio.current_task():
            return False
        async with self._opening:
            if logins != self.logins:
                return True
            if self.settings.password is None:
                return False
            self._opener = asyncio.current_task()
            await self._begin(await self._login(self.nio.device_id or None))
            return True

    async def sync(self, since: str | None, seconds: float, page: int = PAGE) -> Json:
        """What is new since a token, waiting for so long; `page` events of each room at most. The answer as it came."""
        wanted = {
            "presence": {"types": []},
            "account_data": {"types": []},
            "room": {
                "timeline": {"limit": page},
                "state": {"lazy_load_members": True},
                "ephemeral": {"types": ["m.receipt"]},
                "account_data": {"types": []},
            },
        }
        query = {
            "timeout": str(int(seconds * 1000)),
            "filter": json.dumps(wanted),
            **({"since": since} if since else {}),
        }
        path = f"/_matrix/client/v3/sync?{urlencode(query)}"
        given = await self.call("GET", path, timeout=seconds + _POLL_MARGIN)
        if not isinstance(given, dict) or not isinstance(given.get("next_batch"), str):
            raise MatrixError(502)
        return given

    async def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        media_type: str,
        timeout: float,  # noqa: ASYNC109 - it is the request's
        limit: int,
    ) -> Answer:
        headers = {"Content-Type": media_type} if body is not None else {}
        if self.nio.access_token:
            headers["Authorization"] = f"Bearer {self.nio.access_token}"
        try:
            # A number would do for the library, but not for the one below it.
            allowed: Any = ClientTimeout(total=timeout, sock_connect=10)
            response = await self.nio.send(method, path, body, headers, None, allowed)
            async with response:
                return await answer_of(response, limit)
        except (ClientError, TimeoutError, OSError):
            raise MatrixError(0) from None

    # The session

    def _kept(self) -> Session | None:
        """The session of last time, where it is this user's."""
        with suppress(OSError, ValueError, TypeError):
            kept = Session(**json.loads(self._file.read_text()))
            if all(isinstance(value, str) for value in asdict(kept).values()) and self._ours(kept):
                return kept
        return None

    def _ours(self, kept: Session) -> bool:
        return (
            kept.homeserver == self.settings.homeserver
            and kept.user_id == self.settings.user_id
            and self.settings.access_token in (None, kept.access_token)
        )

    async def _given(self) -> Session | None:
        """The session of the token in the settings, where there is one."""
        if self.settings.access_token is None:
            return None
        self.nio.access_token = self.settings.access_token
        try:
            answer = await self.call("GET", "/_matrix/client/v3/account/whoami")
        finally:
            self.nio.access_token = ""
        user, device = answer.get("user_id"), answer.get("device_id", "")
        if user != self.settings.user_id or not isinstance(device, str):
            raise MatrixError(403, OTHER_USER)
        return Session(self.settings.homeserver, user, device, self.settings.access_token)

    async def _login(self, device: str | None) -> Session:
        """A new session by password. Not by `call`: a login that is refused must not log in."""
        if self.settings.password is None:
            raise MatrixError(401, FORGOTTEN[0])
        asked = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.settings.user_id},
            "password": self.settings.password,
            "initial_device_display_name": self.settings.device_name,
            **({"device_id": device} if device else {}),
        }
        self.nio.access_token = ""
        body = json.dumps(asked).encode()
        answer = await self.exchange("POST", "/_matrix/client/v3/login", body, "application/json", 60, 1_000_000)
        if answer.status != 200:
            error = refusal(answer.status, answer.headers, answer.content)
            raise MatrixError(error.status, LOGIN_REFUSED, error.after) if error.code == "M_FORBIDDEN" else error
        given = json.loads(answer.content)
        match given:
            case {"user_id": str(user), "device_id": str(device_id), "access_token": str(token)}:
                return Session(self.settings.homeserver, user, device_id, token)
        raise MatrixError(502)

    async def _begin(self, session: Session) -> None:
        self.nio.user_id, self.nio.device_id = session.user_id, session.device_id
        self.nio.access_token = session.access_token
        await asyncio.to_thread(self._keep, session)
        await self.began(session)
        self.user_id = session.user_id
        self.logins += 1

    def _keep(self, session: Session) -> None:
        written(self._file, json.dumps(asdict(session)))

    @property
    def _file(self) -> Path:
        return self.settings.data / SESSION


def written(path: Path, secret: str) -> None:
    """Writes a secret as a whole or not at all, into a folder and a file that only we may read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
