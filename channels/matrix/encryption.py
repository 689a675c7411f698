"""End-to-end encryption for the bot's user: what goes to and comes from encrypted rooms, files included. Needs the extra `e2e`.

There is no cross-signing: others see our device as one that nobody has verified.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from nio.crypto import decrypt_attachment, encrypt_attachment
from nio.exceptions import EncryptionError

from channels.matrix import MatrixSettings
from channels.matrix.account import PAGE, Account, Session
from channels.matrix.client import Json
from channels.matrix.failure import MatrixError
from channels.matrix.keys import ENCRYPTED, Keys

_TAG = 64
"""Bytes that encryption may add to a file; it adds none, but a limit is no place to be exact."""

_log = logging.getLogger(__name__)


class EncryptedAccount(Account):
    """The client of a user who reads and writes encrypted. What it gives was decrypted; an event that stays encrypted could not be read."""

    def __init__(self, settings: MatrixSettings, **more: Any) -> None:
        super().__init__(settings, **more)
        self.keys: Keys | None = None
        self._brought: tuple[str, list[str]] = ("", [])
        """The token of the last sync, and the events that it brought late."""

    async def began(self, session: Session) -> None:
        if self.keys:
            self.keys.close()
        self.keys = None
        if session.device_id:
            self.keys = Keys(self.settings.data, session.user_id, session.device_id, self.call)
        else:
            _log.warning("a session without a device cannot encrypt: use a password, or the token of a device")

    async def close(self) -> None:
        await super().close()
        if self.keys:
            self.keys.close()

    # What arrives

    async def sync(self, since: str | None, seconds: float, page: int = PAGE) -> Json:
        """What is new, decrypted. An event whose key came late stands before the others of its room."""
        if self.keys and since == self._brought[0]:  # who asks from there on has taken what was given
            self.keys.settled(self._brought[1])
        answer = await super().sync(since, seconds, page)
        if self.keys is None:
            return answer
        self.keys.arrived(answer)
        rooms = answer.get("rooms")
        joined = rooms.get("join") if isinstance(rooms, dict) else None
        for room, told in joined.items() if isinstance(joined, dict) else ():
            timeline = told.get("timeline") if isinstance(told, dict) else None
            if isinstance(timeline, dict) and isinstance(timeline.get("events"), list):
                timeline["events"] = [self._read(room, event) for event in timeline["events"]]
        await self.keys.keep_up()
        self._brought = (answer["next_batch"], await self._late(answer))
        return answer

    async def _late(self, answer: Json) -> list[str]:
        """Puts into an answer the events whose keys have come; their ids."""
        assert self.keys
        found: dict[str, list[Json]] = {}
        settled = []
        for room, name in self.keys.late():
            try:
                found.setdefault(room, []).append(await self.event(room, name))
            except MatrixError as error:
                if error.status not in (403, 404):
                    continue  # the next sync tries again
            settled.append(name)
        for room, events in found.items():
            joined = answer.setdefault("rooms", {}).setdefault("join", {}).setdefault(room, {})
            timeline = joined.setdefault("timeline", {})
            timeline["events"] = [*events, *timeline.get("events", ())]
        return settled

    async def messages(self, room: str, start: str | None, end: str | None = None) -> Json:
        page = await super().messages(room, start, end)
        if isinstance(page.get("chunk"), list):
            page["chunk"] = [self._read(room, event) for event in page["chunk"]]
        return page

    async def event(self, room: str, event: str) -> Json:
        read: Json = self._read(room, await super().event(room, event))
        return read

    def _read(self, room: str, event: Any) -> Any:
        if self.keys is None or not isinstance(event, dict) or event.get("type") != ENCRYPTED:
            return event
        return self.keys.decrypted(room, event) or event

    async def download(self, content: Mapping[str, Any], limit: int) -> bytes:
        match content:
            case {
                "file": {
                    "url": str(url),
                    "key": {"k": str(key)},
                    "hashes": {"sha256": str(checksum)},
                    "iv": str(vector),
                }
            }:
                sealed = await self.fetch(url, limit + _TAG)
                try:
                    return bytes(await asyncio.to_thread(decrypt_attachment, sealed, key, checksum, vector))
                except (EncryptionError, ValueError):
                    raise MatrixError(404, "M_NOT_FOUND") from None
        return await super().download(content, limit)

    # What leaves

    async def put_event(self, room: str, kind: str, txn_id: str, content: Mapping[str, Any]) -> str:
        if self.keys:
            kind, content = await self.keys.encrypted(room, kind, content)
        return await super().put_event(room, kind, txn_id, content)

    async def upload(self, room: str, name: str, media_type: str, content: bytes) -> Json:
        if self.keys is None or not await self.keys.encrypts(room):
            return await super().upload(room, name, media_type, content)
        sealed, secret = await asyncio.to_thread(encrypt_attachment, content)
        url = await self.store("file", "application/octet-stream", sealed)
        return {"file": {**secret, "url": url}}
