"""A user of a homeserver for the tests, over plain HTTP: what a person does in a client, and what he sees there."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote

from aiohttp import ClientSession

Event = dict[str, Any]
"""An event as the server gave it, with its `room_id`."""


class Refused(Exception):
    """The server said no: its status and its answer, such as 403 and M_FORBIDDEN."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {answer}")
        self.status, self.answer = status, answer
        self.code = answer.get("errcode")


class Person:
    """One user on one device. `events` is all that came so far, oldest first; `hears` waits for the next that fits."""

    def __init__(self, session: ClientSession, url: str, user: str, token: str, device: str) -> None:
        self.session, self.url = session, url
        self.id, self.token, self.device = user, token, device
        self.events: list[Event] = []
        self.invited: list[str] = []
        """Rooms that he was invited to and has not joined."""
        self.receipts: dict[str, set[str]] = defaultdict(set)
        """For an event id, who said that he has read up to it."""
        self.typing: dict[str, list[list[str]]] = defaultdict(list)
        """For a room, who was seen typing, each time that it changed."""
        self._since: str | None = None
        self._known: set[str] = set()
        self._heard = 0

    @classmethod
    async def login(cls, session: ClientSession, url: str, name: str, password: str) -> Self:
        asked = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": password,
        }
        async with session.post(f"{url}/_matrix/client/v3/login", json=asked) as answer:
            given = await answer.json()
            if answer.status != 200:
                raise Refused(answer.status, given)
        return cls(session, url, given["user_id"], given["access_token"], given["device_id"])

    async def call(self, method: str, path: str, body: Any = None, **query: str | int) -> Any:
        """A call of the client-server API, its path from after `/_matrix/client/v3/`. Refused where it is not answered by 2xx."""
        async with self.session.request(
            method,
            path if path.startswith("http") else f"{self.url}/_matrix/client/v3/{path}",
            json=body,
            params=query or None,
            headers={"Authorization": f"Bearer {self.token}"},
        ) as answer:
            given = await answer.json()
            if answer.status >= 300:
                raise Refused(answer.status, given)
            return given

    # Rooms

    async def create(
        self,
        *,
        invite: Sequence[str] = (),
        direct: bool = False,
        encrypted: bool = False,
        name: str | None = None,
        public: bool = False,
    ) -> str:
        """A new room; its id."""
        asked: dict[str, Any] = {
            "invite": list(invite),
            "is_direct": direct,
            "preset": "public_chat" if public else "trusted_private_chat" if direct else "private_chat",
        }
        if name:
            asked["name"] = name
        if encrypted:
            content = {"algorithm": "m.megolm.v1.aes-sha2"}
            asked["initial_state"] = [{"type": "m.room.encryption", "state_key": "", "content": content}]
        return str((await self.call("POST", "createRoom", asked))["room_id"])

    async def invite(self, room: str, user: str) -> None:
        await self.call("POST", f"rooms/{quote(room)}/invite", {"user_id": user})

    async def join(self, room: str) -> None:
        await self.call("POST", f"rooms/{quote(room)}/join", {})
        if room in self.invited:
            self.invited.remove(room)

    async def leave(self, room: str) -> None:
        await self.call("POST", f"rooms/{quote(room)}/leave", {})

    async def kick(self, room: str, user: str) -> None:
        await self.call("POST", f"rooms/{quote(room)}/kick", {"user_id": user})

    async def ban(self, room: str, user: str) -> None:
        await self.call("POST", f"rooms/{quote(room)}/ban", {"user_id": user})

    async def members(self, room: str) -> set[str]:
        return set((await self.call("GET", f"rooms/{quote(room)}/joined_members"))["joined"])

    async def state(self, room: str, kind: str, content: Mapping[str, Any], key: str = "") -> str:
        path = f"rooms/{quote(room)}/state/{quote(kind)}/{quote(key)}"
        return str((await self.call("PUT", path, dict(content)))["event_id"])

    # Saying

    async def send(self, room: str, content: Mapping[str, Any], kind: str = "m.room.message") -> str:
        """Any event; its id."""
        path = f"rooms/{quote(room)}/send/{quote(kind)}/{secrets.token_hex(8)}"
        return str((await self.call("PUT", path, dict(content)))["event_id"])

    async def text(
        self,
        room: str,
        body: str,
        *,
        thread: str | None = None,
        reply_to: str | None = None,
        mentions: Sequence[str] = (),
        html: str | None = None,
        kind: str = "m.text",
    ) -> str:
        """A message. `thread`: the event at the root of the thread that it stands in."""
        content: dict[str, Any] = {"msgtype": kind, "body": body}
        if html:
            content |= {"format": "org.matrix.custom.html", "formatted_body": html}
        if mentions:
            content["m.mentions"] = {"user_ids": list(mentions)}
        if thread:
            content["m.relates_to"] = {
                "rel_type": "m.thread",
                "event_id": thread,
                "is_falling_back": reply_to is None,
                "m.in_reply_to": {"event_id": reply_to or thread},
            }
        elif reply_to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        return await self.send(room, content)

    async def notice(self, room: str, body: str) -> str:
        return await self.text(room, body, kind="m.notice")

    async def react(self, room: str, event: str, key: str) -> str:
        content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}}
        return await self.send(room, content, "m.reaction")

    async def edit(self, room: str, event: str, body: str) -> str:
        new = {"msgtype": "m.text", "body": body}
        relation = {"rel_type": "m.replace", "event_id": event}
        return await self.send(room, {**new, "body": f"* {body}", "m.new_content": new, "m.relates_to": relation})

    async def redact(self, room: str, event: str) -> str:
        path = f"rooms/{quote(room)}/redact/{quote(event)}/{secrets.token_hex(8)}"
        return str((await self.call("PUT", path, {}))["event_id"])

    async def upload(self, content: bytes, media_type: str = "application/octet-stream", name: str = "file") -> str:
        """Puts bytes on the server; their mxc address."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": media_type}
        address = f"{self.url}/_matrix/media/v3/upload"
        async with self.session.post(address, data=content, headers=headers, params={"filename": name}) as answer:
            given = await answer.json()
            if answer.status != 200:
                raise Refused(answer.status, given)
            return str(given["content_uri"])

    async def file(
        self,
        room: str,
        name: str,
        content: bytes,
        media_type: str = "application/octet-stream",
        caption: str | None = None,
    ) -> str:
        """A file, an image where its type says so."""
        said: dict[str, Any] = {
            "msgtype": "m.image" if media_type.startswith("image/") else "m.file",
            "body": caption or name,
            "filename": name,
            "url": await self.upload(content, media_type, name),
            "info": {"mimetype": media_type, "size": len(content)},
        }
        return await self.send(room, said)

    async def download(self, address: str) -> bytes:
        """The bytes behind an mxc address."""
        path = address.removeprefix("mxc://")
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.get(f"{self.url}/_matrix/client/v1/media/download/{path}", headers=headers) as answer:
            if answer.status != 200:
                raise Refused(answer.status, await answer.json())
            return await answer.read()

    async def read(self, room: str, event: str, thread: str | None = None) -> None:
        """Says that he has read up to that event."""
        body = {"thread_id": thread} if thread else {}
        await self.call("POST", f"rooms/{quote(room)}/receipt/m.read/{quote(event)}", body)

    # Seeing

    async def event(self, room: str, event: str) -> Event:
        """One event as it now is."""
        return dict(await self.call("GET", f"rooms/{quote(room)}/event/{quote(event)}"))

    async def history(self, room: str, limit: int = 1000) -> list[Event]:
        """Up to `limit` events of a room, oldest first."""
        events: list[Event] = []
        query: dict[str, str | int] = {"dir": "b", "limit": 100}
        while len(events) < limit:
            page = await self.call("GET", f"rooms/{quote(room)}/messages", **query)
            events += page["chunk"]
            if not page.get("end") or not page["chunk"]:
                break
            query["from"] = page["end"]
        return events[:limit][::-1]

    async def sync(self, seconds: float = 0) -> list[Event]:
        """Looks what is new, waiting at most so long; the new events. A timeline that the server cut short is paged back."""
        query: dict[str, str | int] = {
            "timeout": int(seconds * 1000),
            "filter": json.dumps({"room": {"timeline": {"limit": 100}}}),
        }
        if self._since:
            query["since"] = self._since
        given = await self.call("GET", "sync", **query)
        rooms = given.get("rooms", {})
        before, new = self._since, []
        for room, state in rooms.get("join", {}).items():
            timeline = state["timeline"]
            events = timeline["events"]
            if timeline.get("limited") and before:
                events = await self._gap(room, timeline["prev_batch"], before) + events
            new += [{**event, "room_id": room} for event in events if event["event_id"] not in self._known]
            self._known |= {event["event_id"] for event in events}
            for ephemeral in state.get("ephemeral", {}).get("events", ()):
                if ephemeral["type"] == "m.receipt":
                    for event, kinds in ephemeral["content"].items():
                        self.receipts[event] |= set(kinds.get("m.read", ()))
                elif ephemeral["type"] == "m.typing":
                    self.typing[room].append(ephemeral["content"]["user_ids"])
        self.invited += [room for room in rooms.get("invite", {}) if room not in self.invited]
        self._since = given["next_batch"]
        self.events += new
        return new

    async def _gap(self, room: str, since: str, until: str) -> list[Event]:
        events: list[Event] = []
        page = {"end": since}
        while page.get("end"):
            query = {"dir": "b", "limit": 100, "from": page["end"], "to": until}
            page = await self.call("GET", f"rooms/{quote(room)}/messages", **query)
            if not page["chunk"]:
                break
            events += page["chunk"]
        return events[::-1]

    async def hears(
        self,
        when: Callable[[Event], bool] = lambda event: True,
        *,
        by: str | None = None,
        room: str | None = None,
        kind: str = "m.room.message",
        seconds: float = 15,
    ) -> Event:
        """The next event that fits, from somebody else: of that kind, by that user, in that room. What came before it counts as heard."""

        def fits(event: Event) -> bool:
            wanted = event["type"] == kind and event["sender"] != self.id
            return wanted and by in (None, event["sender"]) and room in (None, event["room_id"]) and when(event)

        end = time.monotonic() + seconds
        while True:
            for at in range(self._heard, len(self.events)):
                if fits(self.events[at]):
                    self._heard = at + 1
                    return self.events[at]
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{self.id} heard nothing that fits in {seconds} s")
            await self.sync(min(left, 10))

    async def until(self, true: Callable[[], bool], seconds: float = 15) -> None:
        """Looks what is new until it is true, of `receipts`, `typing`, `invited` or `events`."""
        end = time.monotonic() + seconds
        while not true():
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{self.id} waited {seconds} s in vain")
            await self.sync(min(left, 2))
            await asyncio.sleep(0)

    async def quiet(self, seconds: float = 1.0, by: str | None = None) -> list[Event]:
        """The messages of others that come within so long, of `by` where given."""
        start, end = len(self.events), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await self.sync(left)
        new = self.events[start:]
        self._heard = len(self.events)
        return [
            e for e in new if e["type"] == "m.room.message" and e["sender"] != self.id and by in (None, e["sender"])
        ]
