"""Matrix: messages from and to people and rooms. Who we are to the homeserver, a user or an application service, is the client's affair.

See https://spec.matrix.org/latest/client-server-api/.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final, cast
from weakref import WeakValueDictionary

from aiohttp import web

from channels import shaping
from channels.matrix import MatrixSettings, parse, render
from channels.matrix.arrival import Arrivals
from channels.matrix.client import Requests
from channels.matrix.failure import MatrixError, channel_error
from channels.matrix.listening import Listening, Source
from channels.matrix.rooms import Rooms
from core.kernel.clock import Clock, system_clock
from core.messaging.card import Card
from core.messaging.channel import (
    Address,
    ChannelError,
    Evidence,
    File,
    Membership,
    Memory,
    Origin,
    Receipt,
    Receive,
    Rejected,
    Room,
    Signal,
    Traits,
    TryLater,
)

TYPING_SECONDS: Final = 20.0
PARTLY_REMEMBERED: Final = 1_000
TAPS_AT_ONCE: Final = 8
"""Cards that are given their reactions at the same time. In a burst the answers matter more, and numbers always work."""

_log = logging.getLogger(__name__)


class Matrix:
    """The channel `matrix`. Handles are user ids and room ids; wire references are event ids.

    `client`: who speaks for us, a user of the homeserver unless another is given; what it hears is given to `arrivals`.
    `clock` tells the time of receipts.
    """

    name: Final = parse.NAME

    def __init__(
        self,
        settings: MatrixSettings,
        receive: Receive,
        memory: Memory,
        *,
        client: Requests | None = None,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.traits: Final = Traits(
            buttons=False,
            max_chars=render.TEXT_LIMIT,
            max_file_bytes=settings.file_limit,
            one_receiver=True,
            idempotent=True,
            edits=True,
            groups=True,
            best_evidence=Evidence.SEEN,
        )
        self.client = client or _account(settings, monotonic=monotonic, sleep=sleep)
        self.rooms = Rooms(self.client, memory, monotonic)
        self.arrivals = Arrivals(self.client, self.rooms, receive, clock, settings.file_limit)
        self._memory = memory
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._partly: OrderedDict[str, dict[int, str]] = OrderedDict()
        self._tapped: set[asyncio.Task[None]] = set()

    # What arrives

    async def run(self) -> None:
        """Listens until cancelled. ChannelError where the homeserver is away or refuses; else what `receive` raises."""
        try:
            await Listening(cast(Source, self.client), self.arrivals, self._memory).run()
        except MatrixError as error:
            raise channel_error(error) from None
        except asyncio.CancelledError:
            await self.close_connections()
            raise

    async def close_connections(self) -> None:
        """At the end: what is under way for the eye only is given up."""
        for task in self._tapped:
            task.cancel()
        await self.client.close()

    async def whoami(self) -> str:
        """Our user id, as the homeserver knows us. ChannelError where it does not take us."""
        try:
            return await self.client.open()
        except MatrixError as error:
            raise channel_error(error) from None
        finally:
            await self.close_connections()

    def routes(self) -> Sequence[web.RouteDef]:
        return ()

    # What leaves

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[File], key: str, reply_to: str | None
    ) -> Receipt:
        """Sends the card, in several events where it does not fit in one, with its files before the text.

        To a person it goes into a room that he shares with nobody but us: the one that he wrote from, if it is one. The key makes the
        transaction ids, so that the homeserver sends nothing twice, whatever was tried before.
        """
        if any(file.size > self.traits.max_file_bytes for file in files):
            raise Rejected("a file is larger than may be sent")
        thread = render.thread(reply_to)
        async with self._locks.setdefault(to.handle, asyncio.Lock()):
            try:
                await self.client.open()
                room = await self._room(to, thread)
                event = await self._deliver(room, card, files, key, thread if thread and thread.room == room else None)
            except MatrixError as error:
                raise channel_error(error) from None
        self._offer(room, event, card, key)
        return Receipt(event, Evidence.ACCEPTED, self._clock())

    async def close(self, receipt: Receipt, to: Address | Room, card: Card[str], chosen: str) -> None:
        """The choice stands in the place of the choices. `chosen`: its label, or its token. Never fails: it is only for the eye."""
        label = next((choice.label for choice in card.choices if choice.token == chosen), chosen)
        with suppress(MatrixError, ChannelError):
            await self._replace(receipt, to, render.closed(card, label))

    async def edit(self, receipt: Receipt, to: Address | Room, card: Card[str]) -> None:
        """Replaces the event of the receipt; of a card in several events, the last. ChannelError where it may work later."""
        try:
            await self._replace(receipt, to, render.contents(card)[-1])
        except MatrixError as error:
            failure = channel_error(error)
            if isinstance(failure, TryLater):
                raise failure from None
        except ChannelError as failure:
            if isinstance(failure, TryLater):
                raise

    async def signal(self, origin: Origin, signal: Signal) -> None:
        """Shows that we write, or that we have read the last that came from there."""
        last = self.arrivals.last_of(origin)
        if last is None or self.client.held:
            return
        with suppress(MatrixError):
            if signal is Signal.TYPING:
                await self.client.typing(last[0], TYPING_SECONDS)
            else:
                await self.client.read(*last)

    async def members(self, room: Room) -> Membership:
        """How many are in the room besides ourselves, and whether it is encrypted."""
        try:
            us = await self.client.open()
            self.rooms.changed(room.handle)
            seen = await self.rooms.view(room.handle)
        except MatrixError as error:
            raise channel_error(error) from None
        return Membership(seen.others(us), seen.encrypted)

    async def _room(self, to: Address | Room, thread: render.Thread | None) -> str:
        if isinstance(to, Room):
            return to.handle
        return await self.rooms.direct(to.handle, thread.room if thread else None)

    async def _deliver(
        self, room: str, card: Card[str], files: Sequence[File], key: str, thread: render.Thread | None
    ) -> str:
        """All pieces of a card; the id of the last. What an earlier attempt of this process has sent is not uploaded again."""
        texts = render.contents(card)
        sent = self._partly.pop(key, {})
        event = ""
        try:
            for number in range(len(files) + len(texts)):
                if number not in sent:
                    place = number - len(files)
                    content = texts[place] if place >= 0 else await self._uploaded(room, files[number])
                    txn_id = key if len(files) + len(texts) == 1 else f"{key}-{number}"
                    sent[number] = await self._put(room, txn_id, content, thread)
                event = sent[number]
        except BaseException:
            self._partly[key] = sent
            while len(self._partly) > PARTLY_REMEMBERED:
                self._partly.popitem(last=False)
            raise
        return event

    async def _uploaded(self, room: str, file: File) -> render.Content:
        content = await file.read()
        if len(content) > self.traits.max_file_bytes:
            raise Rejected("a file is larger than may be sent")
        name = shaping.file_name(file.name)
        return render.file(
            name, file.media_type, len(content), await self.client.upload(room, name, file.media_type, content)
        )

    async def _put(self, room: str, txn_id: str, content: render.Content, thread: render.Thread | None) -> str:
        """One event. Where the homeserver takes the root for none that a thread may have, it stands outside of it."""
        if thread is None:
            return await self.client.put_event(room, "m.room.message", txn_id, content)
        try:
            within = {**content, "m.relates_to": thread.relation()} if thread.root else content
            return await self.client.put_event(room, "m.room.message", txn_id, within)
        except MatrixError as error:
            if error.status != 400:
                raise
            return await self.client.put_event(room, "m.room.message", txn_id, content)

    async def _replace(self, receipt: Receipt, to: Address | Room, content: Mapping[str, Any]) -> None:
        await self.client.open()
        room = to.handle if isinstance(to, Room) else await self.rooms.direct(to.handle)
        written = json.dumps([receipt.wire_ref, content], sort_keys=True).encode("utf-8", "replace")
        replacement = render.replacement(receipt.wire_ref, content)
        await self.client.put_event(room, "m.room.message", sha256(written).hexdigest()[:32], replacement)

    def _offer(self, room: str, event: str, card: Card[str], key: str) -> None:
        """Our own reactions under the card, to be tapped in the place of writing a number; none where the homeserver is strict or busy."""
        if len(card.choices) in render.TAPPED and not self.client.held and len(self._tapped) < TAPS_AT_ONCE:
            task = asyncio.create_task(self._react(room, event, len(card.choices), key))
            self._tapped.add(task)
            task.add_done_callback(self._tapped.discard)

    async def _react(self, room: str, event: str, count: int, key: str) -> None:
        with suppress(MatrixError):
            for number in range(1, count + 1):
                if self.client.held:
                    return
                await self.client.put_event(room, "m.reaction", f"{key}-tap-{number}", render.reaction(event, number))


def _account(settings: MatrixSettings, **more: Any) -> Requests:
    """Who we are as a user. The wire library is imported only for one, and what encrypts only where it is wanted."""
    from channels.matrix.account import Account

    if not settings.encryption:
        return Account(settings, **more)
    try:
        from channels.matrix.encryption import EncryptedAccount
    except ImportError:
        _log.warning("encrypted rooms cannot be read: the extra e2e is not installed")
        return Account(replace(settings, encryption=False), **more)
    return EncryptedAccount(settings, **more)
