"""Listening as a user: sync after sync, with nothing lost between them.

What a sync leaves out of a busy room is paged back. The token is kept only when all that came before it was received, so that whatever
fails in between comes again, with the same references. The very first sync answers nothing: what was said before is not meant for us.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from channels.matrix.arrival import Arrivals, former
from channels.matrix.client import Client, Json
from channels.matrix.failure import MatrixError
from channels.matrix.parse import reference
from core.messaging.channel import Memory

SINCE, INVITED = "since", "invited"
POLL: Final = 30.0
"""Seconds that the homeserver waits for something new."""
PAGES: Final = 2_000
"""Pages of a hundred events that are read back at most: who lost more has lost more than messages."""
INVITATION_PAGES: Final = 20
JOIN_TRIES: Final = 8

_log = logging.getLogger(__name__)


class Source(Client, Protocol):
    """A homeserver that a user listens to."""

    async def sync(self, since: str | None, seconds: float, page: int = 100) -> Json: ...


class Listening:
    """The loop of a user."""

    def __init__(self, client: Source, arrivals: Arrivals, memory: Memory) -> None:
        self._client, self._arrivals, self._memory = client, arrivals, memory
        self._us = ""
        self._inviting = asyncio.Lock()
        self._waiting: list[str] | None = None
        self._joining: dict[str, asyncio.Task[str]] = {}

    async def run(self) -> None:
        """Until cancelled. MatrixError where the homeserver is away or refuses; else what `receive` raises."""
        self._us = await self._client.open()
        try:
            await self._join_all([])
            while True:
                await self._next()
        finally:
            for task in self._joining.values():
                task.cancel()

    async def _next(self) -> None:
        since = await self._memory.get(SINCE)
        given = await self._client.sync(since, POLL if since else 0, 100 if since else 1)
        rooms = given.get("rooms")
        rooms = rooms if isinstance(rooms, Mapping) else {}
        if since is not None:
            for kind in ("join", "leave"):
                for room, content in _mappings(rooms.get(kind)):
                    await self._room(room, content, since)
        await self._join_all([room for room, _ in _mappings(rooms.get("invite"))])
        if given["next_batch"] != since:
            await self._memory.put(SINCE, given["next_batch"])

    # A room

    async def _room(self, room: str, content: Mapping[str, Any], since: str) -> None:
        timeline = content.get("timeline")
        timeline = timeline if isinstance(timeline, Mapping) else {}
        events = _list(timeline.get("events"))
        start = timeline.get("prev_batch")
        start = start if isinstance(start, str) else None
        if timeline.get("limited") is True and start is not None:
            gap, start = await self._back(room, start, since)
            events = gap + events
        for event in await self._meant_for_us(room, _once_each(events), start):
            await self._arrivals.event(room, event)
        for ephemeral in _list(_mapping(content.get("ephemeral")).get("events")):
            if _mapping(ephemeral).get("type") == "m.receipt":
                await self._arrivals.receipts(room, ephemeral.get("content"))

    async def _back(
        self, room: str, start: str | None, end: str | None, pages: int = PAGES, until: str | None = None
    ) -> tuple[list[Any], str | None]:
        """The events before a token, oldest first, back to another token, or to our own membership event `until`; and where they begin."""
        found: list[Any] = []
        at = start
        for _ in range(pages):
            try:
                page = await self._client.messages(room, at, end)
            except MatrixError as error:
                if error.status not in (400, 403, 404):
                    raise
                _log.warning("a room could not be read back: %s", error.code or error.status)
                break
            chunk = _list(page.get("chunk"))
            found += chunk
            before, at = at, page.get("end") if isinstance(page.get("end"), str) else None
            if at is None or at == before or any(self._own(event) == until for event in chunk if until):
                break
        return found[::-1], at

    async def _meant_for_us(self, room: str, events: list[Any], start: str | None) -> list[Any]:
        """The events that were written while we were there; in a talk between two from the invitation on, as people begin at once."""
        direct = False
        standing = "join"
        first = next((event for event in events if self._own(event)), None)
        if first is not None and former(first) != "join" and self._own(first) in ("join", "invite"):
            standing = "leave"
            direct = await self._arrivals.direct(room)
            if direct and self._own(first) == "join":
                earlier, _ = await self._back(room, start, None, INVITATION_PAGES, "invite")
                place = max(
                    (n for n, event in enumerate(earlier) if self._own(event) == "invite"), default=len(earlier)
                )
                events = _once_each(earlier[place:] + events)
        meant = []
        for event in events:
            standing = self._own(event) or standing
            if standing == "join" or (standing == "invite" and direct) or self._own(event):
                meant.append(event)
        return meant

    def _own(self, event: Any) -> str | None:
        """What an event makes of our own membership; None where it is about something else."""
        match event:
            case {"type": "m.room.member", "state_key": self._us, "content": {"membership": str(membership)}}:
                return membership
        return None

    # Invitations

    async def _join_all(self, rooms: Sequence[str]) -> None:
        """Accepts invitations, beside the listening: a homeserver far away may take its time. They are kept until that is done."""
        async with self._inviting:
            if self._waiting is None:
                self._waiting = _names(await self._memory.get(INVITED))
            if new := [room for room in rooms if room not in self._waiting]:
                self._waiting += new
                await self._memory.put(INVITED, json.dumps(self._waiting))
        for room in set(self._waiting) - self._joining.keys():
            task = self._joining[room] = asyncio.create_task(self._join(room))
            task.add_done_callback(self._joined)

    async def _join(self, room: str) -> str:
        for trial in range(JOIN_TRIES):
            try:
                await self._client.join(room)
                break
            except MatrixError as error:
                if 400 <= error.status < 500 and not error.limited:
                    _log.warning("an invitation could not be accepted: %s", error.code or error.status)
                    break
                await asyncio.sleep(max(error.after or 0.0, min(5.0 * 4**trial, 3600.0)))
        async with self._inviting:
            self._waiting = [waiting for waiting in self._waiting or [] if waiting != room]
            await self._memory.put(INVITED, json.dumps(self._waiting))
        return room

    def _joined(self, task: asyncio.Task[str]) -> None:
        """What could not be noted is tried again after the next sync."""
        self._joining = {room: joining for room, joining in self._joining.items() if joining is not task}
        if not task.cancelled() and (error := task.exception()):
            _log.error("an accepted invitation could not be noted: %s", type(error).__name__)


def _once_each(events: list[Any]) -> list[Any]:
    """Where a page and a sync overlap, an event comes twice."""
    return list({reference(event): event for event in events}.values())


def _names(text: str | None) -> list[str]:
    with suppress(ValueError):
        return [name for name in _list(json.loads(text or "[]")) if isinstance(name, str)]
    return []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, content) for name, content in _mapping(value).items() if isinstance(content, Mapping)]


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []
