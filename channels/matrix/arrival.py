"""From events as the homeserver gives them to what is received: by a sync, or pushed to an application service.

Each event is looked at in its room as it now is, with the event that it refers to, and handed on. Whoever calls tells the wire only when
that has returned.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from channels.matrix import parse
from channels.matrix.client import Client
from channels.matrix.failure import MatrixError, channel_error
from channels.matrix.parse import Me, Place, Related
from channels.matrix.rooms import SEEN_BY, Rooms, View
from core.kernel.clock import Clock
from core.messaging.channel import (
    Departure,
    Gone,
    Ignored,
    Inbound,
    Joined,
    Message,
    Origin,
    Receive,
    Rejected,
    Room,
)

REMEMBERED: Final = 2_000
_SILENT: Final = frozenset({parse.OWN, "state"})
_AWAY: Final = (0, 429, 502, 503, 504)
"""The homeserver does not answer now, and will: what cannot be read without it is read later."""


class Arrivals:
    """Takes events in. `file_limit`: bytes of the largest file that is fetched."""

    def __init__(self, client: Client, rooms: Rooms, receive: Receive, clock: Clock, file_limit: int) -> None:
        self._client, self._rooms, self._receive, self._clock = client, rooms, receive, clock
        self._file_limit = file_limit
        self._known: OrderedDict[str, Related] = OrderedDict()
        self._last: OrderedDict[str, tuple[str, str]] = OrderedDict()

    async def event(self, room: str, raw: Any) -> None:
        """One event of a room's timeline. What `receive` raises is raised; MatrixError where the homeserver is away."""
        if isinstance(raw, Mapping):
            if raw.get("type") in SEEN_BY and "state_key" in raw:
                self._rooms.changed(room)
            if raw.get("type") == "m.room.member":
                await self._membership(room, raw)
                return
        self._know(raw)
        me, seen = await self._around(room)
        sender = raw.get("sender") if isinstance(raw, Mapping) else None
        place = Place(room, isinstance(sender, str) and seen.between(me.id, sender))
        related = await self._related(room, parse.refers_to(raw, place.direct))
        inbound = parse.inbound(raw, me, place, related, self._fetch, self._clock())
        if isinstance(inbound, Ignored) and inbound.why in _SILENT:
            return
        if isinstance(inbound, Message):
            await self._came(room, inbound)
        await self._receive(inbound)

    async def receipts(self, room: str, content: Any) -> None:
        """An ephemeral event `m.receipt`: what others have read. In a group it says nothing about a delivery to one person."""
        me, seen = await self._around(room)
        for each in parse.seen(content, me, room, self._clock()):
            if seen.between(me.id, each.origin.sender.handle):
                await self._receive(each)

    def last_of(self, origin: Origin) -> tuple[str, str] | None:
        """The room and the id of the last message that came from there."""
        return self._last.get((origin.room or origin.sender).handle)

    async def direct(self, room: str) -> bool:
        """Whether the room is a talk with one person."""
        me, seen = await self._around(room)
        return len(others := (seen.joined | seen.invited) - {me.id}) == 1 and seen.between(me.id, *others)

    # Who comes and goes

    async def _membership(self, room: str, raw: Mapping[str, Any]) -> None:
        ref, now = parse.reference(raw), self._clock()
        match raw:
            case {"state_key": str(user), "sender": str(sender), "content": {"membership": str(membership)}}:
                at = parse.moment(raw.get("origin_server_ts"), now)
            case _:
                await self._receive(Ignored(ref, now, "malformed"))
                return
        before = former(raw)
        us = await self._client.open()
        inbound: Inbound | None = None
        if user == us and membership == "join" and before != "join":
            inbound = await self._entered(room, raw, ref, sender)
        elif user == us and membership in ("leave", "ban") and before == "join" and sender != us:
            origin = Origin(parse.address(sender), Room(parse.NAME, room))
            inbound = Gone(origin, ref, at, Departure.LEFT)
            if await self._talks(sender, room):
                inbound = Gone(Origin(origin.sender), ref, at, Departure.BLOCKED)
        elif (
            user != us
            and membership in ("leave", "ban")
            and before in ("join", "invite")
            and await self._talks(user, room)
        ):
            inbound = Gone(Origin(parse.address(user)), ref, at, Departure.LEFT)
        if inbound is not None:
            await self._receive(inbound)

    async def _talks(self, user: str, room: str) -> bool:
        return await self._rooms.direct_of(user) == room

    async def _entered(self, room: str, raw: Mapping[str, Any], ref: str, sender: str) -> Inbound | None:
        """We have come in: to a talk, which is remembered, or to a group, which is told."""
        me, seen = await self._around(room)
        if await self.direct(room):
            (other,) = (seen.joined | seen.invited) - {me.id}
            await self._rooms.remember(other, room)
            await self._rooms.tell_account(other, room)
            return None
        if not seen.joined | seen.invited > {me.id}:
            return None  # our own room, whose guest is about to be invited
        unsigned = raw.get("unsigned")
        inviter = unsigned.get("prev_sender") if isinstance(unsigned, Mapping) else None
        origin = Origin(parse.address(inviter if isinstance(inviter, str) else sender), Room(parse.NAME, room))
        at = parse.moment(raw.get("origin_server_ts"), self._clock())
        return Joined(origin, ref, at, seen.others(me.id), seen.encrypted)

    async def _came(self, room: str, message: Message) -> None:
        origin = message.origin
        if origin.room is None:
            await self._rooms.remember(origin.sender.handle, room)
        _keep(self._last, (origin.room or origin.sender).handle, (room, message.ref))

    # What an event is read with

    async def _around(self, room: str) -> tuple[Me, View]:
        """Who we are in a room, and what it is. A room that we may not look into is nobody's talk."""
        us = await self._client.open()
        try:
            seen = await self._rooms.view(room)
        except MatrixError as error:
            if not 400 <= error.status < 500 or error.limited:
                raise
            seen = View(open=True)
        return Me(us, seen.our_name), seen

    def _know(self, raw: Any) -> None:
        known = parse.related(raw)
        if known is not None:
            _keep(self._known, parse.reference(raw), known)

    async def _related(self, room: str, event: str | None) -> Related | None:
        if event is None:
            return None
        if event in self._known:
            return self._known[event]
        try:
            found = await self._client.event(room, event)
        except MatrixError as error:
            if error.status in _AWAY or error.limited:
                raise
            return None
        known = parse.related(found) if found.get("room_id", room) == room else None
        if known is not None:
            _keep(self._known, event, known)
        return known

    async def _fetch(self, content: Mapping[str, Any]) -> bytes:
        """The bytes of a file that somebody sent. ChannelError where they are not to be had, or are too many."""
        try:
            return await self._client.download(content, self._file_limit)
        except MatrixError as error:
            if error.code == "M_TOO_LARGE":
                raise Rejected("a file is larger than we take") from None
            raise channel_error(error) from None


def former(raw: Mapping[str, Any]) -> str | None:
    """What somebody's membership was before this event of it."""
    match raw:
        case {"unsigned": {"prev_content": {"membership": str(membership)}}}:
            return membership
    return None


def _keep(known: OrderedDict[str, Any], name: str, value: Any) -> None:
    known[name] = value
    known.move_to_end(name)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
