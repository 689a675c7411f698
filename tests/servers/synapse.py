"""A real Matrix homeserver for the tests: Synapse, a process of its own in a virtual environment of its own, on loopback, unfederated.

    async with synapse(folder) as server:
        lea = await server.register("lea")
        room = await lea.create(invite=["@koprogo:home.example"], direct=True)
        await lea.text(room, "Que dois-je ?")
        answer = await lea.hears(by="@koprogo:home.example")

The environment is made once, under a lock, in the folder named by KOPROGO_TEST_SYNAPSE, else in `var/synapse-venv` of the checkout. Where it
cannot be had, the test is skipped and says why; where CI is set, it fails. Synapse answers about 25 events in a second.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.servers.ports import free_port
from tests.servers.synapse_people import Person

SETTING: Final = "KOPROGO_TEST_SYNAPSE"
VERSION: Final = "1.163.2"
NAME: Final = "home.example"
"""The server's name: the part of a user id after the colon."""
PASSWORD: Final = "a password for tests only"
PATIENCE: Final = 90
"""Seconds that the server is given to answer on a busy machine; alone it takes three."""

_SECRET: Final = "a shared secret for tests only"
_WIDE: Final = {"per_second": 10_000, "burst_count": 10_000}
GENEROUS: Final[Mapping[str, Any]] = {
    "rc_message": _WIDE,
    "rc_registration": _WIDE,
    "rc_login": {"address": _WIDE, "account": _WIDE, "failed_attempts": _WIDE},
    "rc_joins": {"local": _WIDE, "remote": _WIDE},
    "rc_joins_per_room": _WIDE,
    "rc_invites": {"per_room": _WIDE, "per_user": _WIDE, "per_issuer": _WIDE},
    "rc_room_creation": _WIDE,
    "rc_media_create": _WIDE,
    "rc_admin_redaction": _WIDE,
}


class Synapse:
    """The server. `url` stays the same when it is stopped and started again, and so does all that it knows."""

    name = NAME

    def __init__(self, python: Path, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._python = python
        self._session: ClientSession | None = None
        self._process: asyncio.subprocess.Process | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.configure(settings)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Writes the configuration; it holds from the next start on."""
        logging = {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"one": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
            "handlers": {"file": {"class": "logging.FileHandler", "formatter": "one", "filename": str(self.log)}},
            "root": {"level": "WARNING", "handlers": ["file"]},
        }
        (self.folder / "log.yaml").write_text(json.dumps(logging))
        key = base64.b64encode(hashlib.sha256(str(self.folder).encode()).digest()).decode().rstrip("=")
        config = {
            "server_name": self.name,
            "report_stats": False,
            "pid_file": str(self.folder / "synapse.pid"),
            "listeners": [
                {
                    "port": self.port,
                    "type": "http",
                    "bind_addresses": ["127.0.0.1"],
                    "resources": [{"names": ["client"], "compress": False}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "media_store_path": str(self.folder / "media"),
            "log_config": str(self.folder / "log.yaml"),
            "signing_key": f"ed25519 a_test {key}",
            "macaroon_secret_key": _SECRET,
            "form_secret": _SECRET,
            "registration_shared_secret": _SECRET,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "presence": {"enabled": False},
            "bcrypt_rounds": 4,
            "url_preview_enabled": False,
            **settings,
        }
        # What is JSON is YAML.
        (self.folder / "homeserver.yaml").write_text(json.dumps(config, indent=1))

    @property
    def log(self) -> Path:
        return self.folder / "homeserver.log"

    @property
    def session(self) -> ClientSession:
        assert self._session is not None, "the server was not started"
        return self._session

    # Starting and stopping

    async def start(self) -> None:
        """Starts it and returns when it answers."""
        self._session = self._session or ClientSession(timeout=ClientTimeout(total=60))
        command = [str(self._python), "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml")]
        if setpriv := shutil.which("setpriv"):  # it ends with us, even where we are killed
            command = [setpriv, "--pdeathsig", "KILL", *command]
        with (self.folder / "output.log").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        end = time.monotonic() + PATIENCE
        while not await self._healthy():
            if self._process.returncode is not None or time.monotonic() > end:
                await self.kill()
                raise RuntimeError(f"Synapse did not start:\n{(self.folder / 'output.log').read_text()[-4000:]}")
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Asks it to end and waits for that."""
        if self._process and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 20)
            except TimeoutError:
                await self.kill()

    async def kill(self) -> None:
        """Ends it without a word, as a power failure does."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def close(self) -> None:
        await self.stop()
        if self._session:
            await self._session.close()

    async def _healthy(self) -> bool:
        try:
            async with self.session.get(f"{self.url}/health") as answer:
                return answer.status == 200
        except (ClientError, OSError):
            return False

    # People

    async def register(self, name: str, *, admin: bool = False, password: str = PASSWORD) -> Person:
        """A new user `@name:home.example`, logged in."""
        address = f"{self.url}/_synapse/admin/v1/register"
        async with self.session.get(address) as answer:
            nonce = (await answer.json())["nonce"]
        words = (nonce, name, password, "admin" if admin else "notadmin")
        proof = hmac.new(_SECRET.encode(), "\0".join(words).encode(), hashlib.sha1).hexdigest()
        asked = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": proof}
        async with self.session.post(address, json=asked) as answer:
            made = await answer.json()
            assert answer.status == 200, made
        return Person(self.session, self.url, made["user_id"], made["access_token"], made["device_id"])

    async def newcomer(self, name: str = "someone") -> Person:
        """A new user with a name that nobody has yet."""
        return await self.register(f"{name}-{secrets.token_hex(4)}")

    async def login(self, name: str, password: str = PASSWORD) -> Person:
        """An existing user on a new device."""
        return await Person.login(self.session, self.url, name, password)


@asynccontextmanager
async def synapse(
    folder: Path,
    *,
    default_limits: bool = False,
    registrations: Sequence[Path] = (),
    settings: Mapping[str, Any] | None = None,
) -> AsyncIterator[Synapse]:
    """A running server that keeps its things in `folder`. `registrations`: files of application services.

    `settings` are added to its configuration as they are, such as {"max_upload_size": "1M"}.
    """
    python = await asyncio.to_thread(installed)
    config: dict[str, Any] = {} if default_limits else dict(GENEROUS)
    config["app_service_config_files"] = [str(path) for path in registrations]
    server = Synapse(python, folder, {**config, **(settings or {})})
    try:
        await server.start()
        yield server
    finally:
        await server.close()


def installed() -> Path:
    """The interpreter of an environment with Synapse in it; made by who comes first. Skips, or fails in CI, where it cannot be made."""
    root = Path(__file__).parents[2]
    place = Path(os.environ.get(SETTING) or root / "var" / "synapse-venv").resolve()
    python, mark = place / "bin" / "python", place / "koprogo-version"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mark.exists() and mark.read_text() == VERSION and python.exists():
            return python
        shutil.rmtree(place, ignore_errors=True)
        try:
            _run(sys.executable, "-m", "venv", str(place))
            _run(str(python), "-m", "pip", "install", "--quiet", "--retries", "2", f"matrix-synapse=={VERSION}")
        except (OSError, subprocess.SubprocessError) as error:
            reason = f"no Synapse {VERSION} for these tests: {getattr(error, 'stderr', '') or error}"[-600:]
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        mark.write_text(VERSION)
    return python


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
