"""A mailbox as a wire: whatever arrives in it is taken, in order, and only then the cursor moves (RFC 3501, IDLE by RFC 2177).

The cursor is the highest UID that was taken and the UIDVALIDITY it belongs to. Nothing is marked or moved in the mailbox; where the server
numbers it anew, all of it is taken again, and the references of the messages keep anything from being answered twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import aioimaplib.aioimaplib as wire

from channels.email import ImapSettings, Security
from core.messaging.channel import Memory, TryLater

CURSOR: Final = "imap"
TIMEOUT: Final = 30.0
"""Seconds without a sign of the server that make a command fail."""
BATCH: Final = 50
"""Mails whose size is asked for at once. The library calls itself once for each line that arrives together."""
STUBBORN: Final = 5
"""So many times a mail that the server does not give, or hangs up over, is asked for before it is left behind."""
AWAY: Final = timedelta(seconds=5)
SHUT_OUT: Final = timedelta(minutes=5)

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A mail in the mailbox. `name`: unique in it for ever. `whole`: False where `raw` is only its beginning, or nothing at all."""

    name: str
    size: int
    raw: bytes
    whole: bool


Take = Callable[[Found], Awaitable[None]]
"""Returns when the mail is stored."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which mail everything was taken."""

    validity: int
    uid: int

    @classmethod
    def of(cls, stored: str | None) -> Cursor | None:
        try:
            validity, uid = json.loads(stored or "")
            return cls(int(validity), int(uid))
        except (ValueError, TypeError):
            return None

    def __str__(self) -> str:
        return json.dumps([self.validity, self.uid])


class Mailbox:
    """One folder of one account, listened to by one process."""

    def __init__(
        self,
        settings: ImapSettings,
        take: Take,
        memory: Memory,
        most_bytes: int,
        tls: ssl.SSLContext | None = None,
        *,
        beginning: int = 256 * 1024,
    ) -> None:
        """Of a mail of more than `most_bytes` only the `beginning` is fetched."""
        _silence()
        self._settings, self._take, self._memory, self._tls = settings, take, memory, tls
        self._most_bytes, self._beginning = most_bytes, beginning
        self._refused: dict[str, int] = {}
        self._shut_out = False

    async def listen(self) -> None:
        """Takes what is there and what comes, until cancelled. TryLater where the server is away; else what storing raised."""
        async with self._connected() as session:
            cursor = await self._cursor(await session.selected(self._settings.folder))
            while True:
                cursor = await self._taken(session, cursor)
                await session.news(self._settings.look_seconds)

    async def greet(self) -> None:
        """Asks whether the mailbox takes us, and has the folder. TryLater where not."""
        async with self._connected() as session:
            await session.selected(self._settings.folder)

    async def _cursor(self, validity: int) -> Cursor:
        kept = Cursor.of(await self._memory.get(CURSOR))
        if kept is not None and kept.validity == validity:
            return kept
        if kept is not None:
            _log.warning("the mailbox was numbered anew: all that is in it is looked at again")
        return Cursor(validity, 0)

    async def _taken(self, session: _Session, cursor: Cursor) -> Cursor:
        """Takes all mails after the cursor, the oldest first, and moves it after each, until there are no more."""
        while uids := await session.after(cursor.uid):
            batch = uids[:BATCH]
            sizes = await session.sizes(batch)
            for uid in batch:
                if uid in sizes:
                    found = await self._found(session, cursor.validity, uid, sizes[uid])
                    if found is not None:
                        await self._take(found)
                cursor = Cursor(cursor.validity, uid)
                await self._memory.put(CURSOR, str(cursor))
                if self._settings.delete:
                    await session.delete(uid)
        return cursor

    async def _found(self, session: _Session, validity: int, uid: int, size: int) -> Found | None:
        """The mail with that number; None where it is gone meanwhile."""
        name = f"imap-{validity}-{uid}"
        whole = size <= self._most_bytes
        session.alive()
        try:
            raw = await session.content(uid, None if whole else self._beginning)
        except (_Refused, TryLater):
            self._refused[name] = self._refused.get(name, 0) + 1
            if self._refused[name] < STUBBORN:
                raise TryLater("the mailbox does not give a mail that it has", AWAY) from None
            del self._refused[name]
            _log.error("mail %s is in the mailbox, but the server does not give it: it is left behind", name)
            return Found(name, size, b"", whole=False)
        self._refused.pop(name, None)
        if raw is not None and not whole:
            _log.warning("mail %s is larger than is taken: its files are left behind", name)
        return None if raw is None else Found(name, size, raw, whole)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[_Session]:
        """A session, signed in; closed at the end, whatever happened."""
        settings = self._settings
        secret = self._tls if settings.security is Security.TLS else None
        if settings.security is Security.TLS:
            client = wire.IMAP4_SSL(settings.host, settings.usual_port, timeout=TIMEOUT, ssl_context=secret)
        else:
            client = wire.IMAP4(settings.host, settings.usual_port, timeout=TIMEOUT)
        session = _Session(client)
        try:
            await session.asked(client.wait_hello_from_server())
            if settings.security is Security.STARTTLS:
                await session.start_tls(self._tls or ssl.create_default_context(), settings.host)
            await self._signed_in(session)
            yield session
        finally:
            await session.close()

    async def _signed_in(self, session: _Session) -> None:
        try:
            await session.sign_in(self._settings.user, self._settings.password)
        except _Refused:
            if not self._shut_out:
                _log.error("the mailbox refuses our user or password: no mail arrives until that is mended")
                self._shut_out = True
            raise TryLater("the mailbox refuses our user or password", SHUT_OUT) from None
        if self._shut_out:
            _log.warning("the mailbox lets us in again")
            self._shut_out = False


class _Refused(Exception):
    """The server answered NO or BAD."""


class _Session:
    """One connection. The library leaves whoever waits waiting when the connection is lost; here he is woken."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard = False
        self._left: set[asyncio.Future[Any]] = set()
        protocol = client.protocol
        self._read, self._pass_on = protocol.data_received, protocol._untagged_response
        protocol.conn_lost_cb = self._on_lost
        protocol.data_received, protocol._untagged_response = self._received, self._hear

    def _received(self, data: bytes) -> None:
        """A server that the library does not understand is hung up on; else what it said, a mail perhaps, would stand in the log."""
        try:
            self._read(data)
        except Exception as error:
            _log.error("the mailbox said what makes no sense (%s)", type(error).__name__)
            self._client.protocol.transport.abort()

    def _hear(self, line: bytes) -> Any:
        """What the server says unasked between two commands, which the library drops: there is new mail."""
        self._heard |= line.endswith(b" EXISTS")
        return self._pass_on(line)

    def _on_lost(self, error: Exception | None) -> None:
        if not self._lost.done():
            self._lost.set_result(None)

    def alive(self) -> None:
        """TryLater where the connection is lost."""
        if self._lost.done():
            raise _away(ConnectionError())

    async def asked(self, question: Awaitable[Any], seconds: float | None = TIMEOUT) -> Any:
        """What the server answers. TryLater where it is gone, silent, or not understood."""
        answer = asyncio.ensure_future(question)
        try:
            await asyncio.wait({answer, self._lost}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise ConnectionError("lost") if self._lost.done() else TimeoutError("silent")
        except Exception as error:
            raise _away(error) from None
        finally:
            if not answer.done():
                # The library may hold a lock that it waits for: it ends when the connection is closed.
                answer.cancel()
                self._left.add(answer)

    async def _ok(self, question: Awaitable[Any], seconds: float | None = TIMEOUT) -> list[bytes]:
        answer = await self.asked(question, seconds)
        if answer.result != "OK":
            if any(b"[UNAVAILABLE]" in line for line in answer.lines):
                raise TryLater("the mailbox cannot be reached for now", AWAY)
            raise _Refused
        return list(answer.lines)

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Makes the connection secret before anything is said on it. What the server said before counts for nothing."""
        protocol = self._client.protocol
        try:
            await self._ok(protocol.execute(wire.Command("STARTTLS", protocol.new_tag(), loop=protocol.loop)))
        except _Refused:
            raise _away(ssl.SSLError()) from None
        protocol.incomplete_line, protocol.current_command = b"", None
        begun = asyncio.get_running_loop().start_tls(
            protocol.transport, protocol, context, server_hostname=host, ssl_handshake_timeout=TIMEOUT
        )
        protocol.transport = await self.asked(begun)
        protocol.capabilities = set()
        await self.asked(protocol.capability())

    async def sign_in(self, user: str, password: str) -> None:
        await self._ok(self._client.login(wire.quoted(user), password))
        await self.asked(self._client.protocol.capability())

    async def selected(self, folder: str) -> int:
        """Opens a folder; gives its UIDVALIDITY."""
        try:
            lines = await self._ok(self._client.select(wire.quoted(folder)))
        except _Refused:
            raise TryLater("the mailbox has no such folder", SHUT_OUT) from None
        for line in lines:
            if found := _VALIDITY.search(line):
                return int(found[1])
        raise TryLater("the mailbox does not number its mails", SHUT_OUT)

    async def after(self, uid: int) -> list[int]:
        """The numbers of the mails after that one, in order. `n:*` names the last one even where it is before n."""
        self._heard = False
        try:
            *lines, _ = await self._ok(self._client.uid_search(f"UID {uid + 1}:*", charset=None))
        except _Refused:
            raise TryLater("the mailbox cannot be searched", AWAY) from None
        numbers = {int(word) for line in lines for word in line.split() if word.isdigit()}
        return sorted(number for number in numbers if number > uid)

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """The size of each, in bytes; without those that are gone."""
        try:
            lines = await self._ok(self._client.uid("fetch", ",".join(map(str, uids)), "(UID RFC822.SIZE)"))
        except _Refused:
            raise TryLater("the mailbox does not say how large its mails are", AWAY) from None
        pairs = ((_UID.search(line), _SIZE.search(line)) for line in lines if isinstance(line, bytes))
        sizes = {int(uid[1]): int(size[1]) for uid, size in pairs if uid and size}
        return {uid: sizes[uid] for uid in uids if uid in sizes}

    async def content(self, uid: int, most: int | None) -> bytes | None:
        """The bytes of a mail, or the first of them; None where it is gone. The mail stays unread for others."""
        part = "BODY.PEEK[]" if most is None else f"BODY.PEEK[]<0.{most}>"
        lines = await self._ok(self._client.uid("fetch", str(uid), f"(UID {part})"), seconds=None)
        for literal in _literals(lines):
            return literal
        # An empty mail may come without its bytes.
        return b"" if any(isinstance(line, bytes) and _UID.search(line) for line in lines) else None

    async def delete(self, uid: int) -> None:
        """Takes the mail out of the mailbox, where the server can do that to one mail alone; else only marks it."""
        with suppress(_Refused):
            await self._ok(self._client.uid("store", str(uid), r"+FLAGS.SILENT (\Deleted)"))
            if self._client.has_capability("UIDPLUS"):
                await self._ok(self._client.uid("expunge", str(uid)))

    async def news(self, look: float) -> None:
        """Returns when something may have come: at once where the server says so (IDLE), else after `look` seconds.

        Also where it does say so: servers may end an IDLE (RFC 2177), what stands between us and them forgets silent ones, and some
        servers do not tell of what came just before.
        """
        if not self._client.has_capability("IDLE"):
            await asyncio.wait({self._lost}, timeout=look)
            self.alive()
            return
        if self._heard:
            return
        idle = await self.asked(self._client.idle_start(timeout=look + TIMEOUT))
        pushed = self._client.protocol.idle_queue
        with suppress(TimeoutError):
            async with asyncio.timeout(look):
                while not any(b"EXISTS" in line for line in await self.asked(pushed.get(), seconds=None)):
                    pass
        self._client.idle_done()
        await self._ok(idle)
        while not pushed.empty():
            pushed.get_nowait()

    async def close(self) -> None:
        """Ends the connection and all that waits on it."""
        client, protocol = self._client, self._client.protocol
        del protocol._untagged_response, protocol.data_received
        if client._idle_waiter is not None:
            client._idle_waiter.cancel()
        if protocol.transport is not None:
            protocol.transport.abort()
        tasks = {client._client_task, *client.tasks, *protocol.tasks, *self._left}
        for task in tasks:
            task.cancel()
        done, _ = await asyncio.wait(tasks, timeout=1.0)
        for task in done:
            if not task.cancelled():
                task.exception()


def _away(error: Exception) -> TryLater:
    """What the end of a talk with the server means."""
    if isinstance(error, ssl.SSLError):
        return TryLater("the mailbox: the server's certificate is refused, or it speaks no TLS", SHUT_OUT)
    return TryLater(f"the mailbox cannot be reached ({type(error).__name__})", AWAY)


def _literals(lines: Sequence[bytes | bytearray]) -> Iterator[bytes]:
    """What the server sent with its length before it: the library gives those as byte arrays, and everything else as bytes."""
    for line in lines:
        if isinstance(line, bytearray):
            yield bytes(line)


def _silence() -> None:
    """The library logs what it sends and gets, and that are texts of people."""
    logging.getLogger("aioimaplib.aioimaplib").setLevel(logging.WARNING)
