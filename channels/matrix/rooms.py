"""The rooms that we are in: who is there, whether a talk in one is between two, and which one is whose.

What a person is told must be seen by nobody else, so a room counts as direct only where nobody but him and us has joined or is invited,
and nobody can come in or look in unasked.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakValueDictionary

from channels.matrix.client import Client
from channels.matrix.failure import MatrixError
from core.messaging.channel import Memory, Unreachable

FRESH: Final = 10.0
"""Seconds for which a look into a room holds. What is heard of a change ends it at once."""
REMEMBERED: Final = 2_000
SEEN_BY: Final = frozenset({"m.room.member", "m.room.join_rules", "m.room.history_visibility", "m.room.encryption"})
"""State that changes what we know of a room."""
_USER = re.compile(r"@[\x21-\x39\x3b-\x7e]*:[A-Za-z0-9.:\[\]-]+")


@dataclass(frozen=True, slots=True)
class View:
    """A room as it was a moment ago. `open`: anybody may come in, or look in. `expelled_by`: who put us out, where we are not in it."""

    joined: frozenset[str] = frozenset()
    invited: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    open: bool = False
    encrypted: bool = False
    our_name: str = ""
    expelled_by: str | None = None

    def between(self, us: str, user: str) -> bool:
        """Whether a talk there is between us and one user: seen by both and by nobody else."""
        return not self.open and self.joined | self.invited | {us, user} == {us, user}

    def others(self, us: str) -> int:
        return len(self.joined - {us})


def view(state: Iterable[Any], us: str) -> View:
    """What the state of a room says. State that cannot be read counts as absent, but for who may come in: then the room is open."""
    people: dict[str, str] = {}
    content_of: dict[str, Mapping[str, Any]] = {}
    expelled_by, our_name = None, ""
    for event in state:
        match event:
            case {
                "type": "m.room.member",
                "state_key": str(user),
                "content": {"membership": str(membership)} as content,
            }:
                people[user] = membership
                if user == us:
                    name, sender = content.get("displayname"), event.get("sender")
                    our_name = name if isinstance(name, str) else ""
                    expelled_by = sender if membership in ("leave", "ban") and isinstance(sender, str) else None
            case {"type": str(kind), "state_key": "", "content": dict(content)}:
                content_of[kind] = content
    entry = content_of.get("m.room.join_rules", {}).get("join_rule", "public")
    sight = content_of.get("m.room.history_visibility", {}).get("history_visibility", "shared")
    return View(
        frozenset(user for user, membership in people.items() if membership == "join"),
        frozenset(user for user, membership in people.items() if membership == "invite"),
        frozenset(user for user, membership in people.items() if membership in ("leave", "ban")),
        entry not in ("invite", "knock", "private") or sight not in ("shared", "invited", "joined"),
        "m.room.encryption" in content_of,
        our_name,
        expelled_by,
    )


class Rooms:
    """What we know of rooms, and the direct one of each user, which memory keeps under `dm:` and his name."""

    def __init__(self, client: Client, memory: Memory, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client, self._memory, self._monotonic = client, memory, monotonic
        self._views: OrderedDict[str, tuple[float, View]] = OrderedDict()
        self._direct: OrderedDict[str, str] = OrderedDict()
        self._looked = False
        self._changes = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._account_data = asyncio.Lock()

    async def view(self, room: str) -> View:
        """The room as it is. MatrixError where we may not look."""
        known = self._views.get(room)
        if known and known[0] + FRESH > self._monotonic():
            return known[1]
        asked, changes = self._monotonic(), self._changes
        found = view(await self._client.state(room), await self._client.open())
        if changes == self._changes:  # else it may be of before the change
            _keep(self._views, room, (asked, found))
        return found

    def changed(self, room: str) -> None:
        """Something was heard that changes it."""
        self._views.pop(room, None)
        self._changes += 1

    async def direct_of(self, user: str) -> str | None:
        """The room in which we last talked with a user; None: none that we know of."""
        return self._direct.get(user) or await self._memory.get(f"dm:{user}")

    async def remember(self, user: str, room: str) -> None:
        """This is where we talk with a user."""
        if self._direct.get(user) != room:
            if await self._memory.get(f"dm:{user}") != room:
                await self._memory.put(f"dm:{user}", room)
            _keep(self._direct, user, room)

    async def direct(self, user: str, wanted: str | None = None) -> str:
        """A room in which a user is told what is for him alone: `wanted` if it is one, else the last one, else any, else a new one.

        Unreachable where he has left the talk or there is no such user.
        """
        if not _USER.fullmatch(user) or len(user) > 255:
            raise Unreachable("not a user of Matrix")
        async with self._locks.setdefault(user, asyncio.Lock()):
            remembered = await self.direct_of(user)
            if wanted not in (None, remembered):
                with suppress(Unreachable):  # he may have gone on elsewhere
                    if await self._fits(str(wanted), user):
                        return str(wanted)
            if remembered is not None and await self._fits(remembered, user, ours=True):
                return remembered
            return await self._found(user) or await self._made(user)

    async def tell_account(self, user: str, room: str) -> None:
        """Notes in our account which room is the talk with a user, as clients do."""
        async with self._account_data:
            rooms = await self._client.direct_rooms()
            if room not in rooms.get(user, []):
                await self._client.keep_direct_rooms({**rooms, user: [*rooms.get(user, []), room]})

    async def _fits(self, room: str, user: str, ours: bool = False) -> bool:
        """Whether a talk with him goes on there. Unreachable where he has left it, or put us out. `ours`: we have been in that room."""
        us = await self._client.open()
        try:
            seen = await self.view(room)
        except MatrixError as error:
            if ours and error.status == 403:
                raise Unreachable("does not let us into the talk") from None
            if error.status in (400, 403, 404):
                return False
            raise
        if user in seen.left and seen.joined <= {us}:
            raise Unreachable("has left the talk")
        if us not in seen.joined:
            if seen.expelled_by == user:
                raise Unreachable("has put us out of the talk")
            return False
        readable = self._client.encrypts or not seen.encrypted
        return readable and seen.between(us, user) and user in seen.joined | seen.invited

    async def _found(self, user: str) -> str | None:
        """His room among all that we are in. Looked through once: later ones are remembered when they come to be."""
        if self._looked:
            return None
        us = await self._client.open()
        mine: str | None = None
        for room in await self._client.joined_rooms():
            try:
                seen = await self.view(room)
            except MatrixError as error:
                if error.status in (400, 403, 404):
                    continue
                raise
            others = (seen.joined | seen.invited) - {us}
            if len(others) == 1 and seen.between(us, *others):
                (other,) = others
                if other == user:
                    mine = room
                elif await self.direct_of(other) is None:
                    await self.remember(other, room)
        self._looked = True
        if mine is not None:
            await self.remember(user, mine)
        return mine

    async def _made(self, user: str) -> str:
        if not await self._client.exists(user):
            raise Unreachable("no such user")
        try:
            room = await self._client.create_direct(user)
        except MatrixError as error:
            # It may be there although we do not know.
            self._looked = error.status not in (0, 502, 504) and self._looked
            raise
        await self.remember(user, room)
        await self.tell_account(user, room)
        return room


def _keep(known: OrderedDict[str, Any], name: str, value: Any) -> None:
    known[name] = value
    known.move_to_end(name)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
