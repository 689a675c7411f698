"""E-mail as a channel: cards out by SMTP, mails in from a mailbox or a mail server. What a mail means is said in `parse`."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, Final

from channels.email import NAME, EmailSettings, Security, render
from channels.email.addresses import Own
from channels.email.parse import inbound
from channels.email.sending import Sending
from core.kernel.clock import Clock, system_clock
from core.messaging.card import Card
from core.messaging.channel import (
    Address,
    Evidence,
    File,
    Ignored,
    Inbound,
    Membership,
    Memory,
    Message,
    Origin,
    Pages,
    Receipt,
    Receive,
    Rejected,
    Room,
    Signal,
    Traits,
    Unreachable,
)

MOST_FILE_BYTES: Final = 20 * 1000 * 1000
LONGEST_ADDRESS: Final = 254
"""Octets of an address (RFC 5321, 4.5.3.1.3)."""
READERS: Final = 2
"""Mails that are read at once: each may take some times its size in memory."""

_PART = r"[^\s\"(),:;<>@\[\\\]\x00-\x20\x7f]+"
_ADDRESS = re.compile(f"({_PART})@({_PART})")


class Email:
    """The channel `email`. Handles are e-mail addresses; wire references are Message-IDs; threads are JSON (see `render.Thread`)."""

    name: Final = NAME

    def __init__(
        self,
        settings: EmailSettings,
        receive: Receive,
        memory: Memory,
        pages: Pages,
        above: str,
        *,
        clock: Clock = system_clock,
    ) -> None:
        """`above`: the line that stands over each mail, "answer above this line", in the languages of the installation.

        ValueError where the key for DKIM is not one.
        """
        self.traits = Traits(
            buttons=False,
            max_chars=1_000_000,
            max_file_bytes=MOST_FILE_BYTES,
            one_receiver=settings.imap is not None,
            idempotent=True,
            best_evidence=Evidence.ACCEPTED,
        )
        self._settings, self._receive, self._pages, self._above, self._clock = settings, receive, pages, above, clock
        self._own = Own(settings.address, settings.authserv_id)
        tls = _tls(settings)
        self._sending = Sending(settings.smtp, self._own.host, tls)
        self._readers = ThreadPoolExecutor(READERS, "mail")
        self._wires: list[Any] = []
        self._mailbox: Any = None
        self._signed: Callable[[bytes], Awaitable[bytes]] | None = None
        # Each library is loaded only where it is used.
        if settings.dkim:
            from channels.email.dkim_signing import Signer

            self._signed = Signer(settings.dkim).signed
        if settings.imap:
            from channels.email.imap import Mailbox

            self._mailbox = Mailbox(settings.imap, self._found, memory, settings.most_bytes, tls)
            self._wires.append(self._mailbox)
        if settings.lmtp:
            from channels.email.lmtp import Lmtp

            self._wires.append(Lmtp(settings.lmtp, self._own.host, self._own.owns, self._brought, settings.most_bytes))

    # What arrives

    async def run(self) -> None:
        """Listens until cancelled. TryLater where a server is away; else what `receive` raises."""
        try:
            await _together([wire.listen() for wire in self._wires])
        except asyncio.CancelledError:
            await self._sending.close()
            raise

    async def whoami(self) -> str:
        """Our address, once the servers that are asked have taken us. ChannelError where one does not."""
        try:
            await self._sending.greet()
            if self._mailbox is not None:
                await self._mailbox.greet()
        finally:
            await self._sending.close()
        return self._settings.address

    def routes(self) -> Sequence[Any]:
        """No webhooks. The pages behind the links of a mail belong to the installation."""
        return ()

    async def _brought(self, raw: bytes, recipient: str, sender: str) -> None:
        """A mail that our server hands over."""
        await self._receive(await self._read(raw, recipient, sender))

    async def _found(self, found: Any) -> None:
        """A mail in the mailbox. Of one that is too large the beginning is read, and its files are left out."""
        if found.raw or found.whole:
            said = await self._read(found.raw)
        else:
            said = Ignored(found.name, self._clock(), "unreadable")
        if isinstance(said, Message) and not found.whole:
            said = dataclasses.replace(said, files=())
        await self._receive(said)

    async def _read(self, raw: bytes, recipient: str | None = None, sender: str | None = None) -> Inbound:
        """What a mail means. In a thread, as one made with malice takes its time; whatever it causes, it is counted and let go."""
        now = self._clock()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._readers, inbound, raw, self._own, self._pages, now, recipient, sender
            )
        except Exception:
            return Ignored(f"malformed-{sha256(raw).hexdigest()[:32]}", now, "malformed")

    # What leaves

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[File], key: str, reply_to: str | None
    ) -> Receipt:
        """Hands the card to the mail server, as one mail. Sent again with the same key, it has the same Message-ID."""
        if isinstance(to, Room):
            raise Rejected("e-mail has no rooms")
        recipient = deliverable(to.handle)
        if sum(file.size for file in files) > MOST_FILE_BYTES:
            raise Rejected("the files are larger than a mail carries")
        enclosures = [render.Enclosure(file.name, file.media_type, await file.read()) for file in files]
        if sum(len(enclosure.content) for enclosure in enclosures) > MOST_FILE_BYTES:
            raise Rejected("the files are larger than a mail carries")
        own, pages, at = self._own, self._pages, self._clock()
        links = {choice.token: link for choice in card.choices if (link := pages.choice(key, choice.token))}
        made = render.mail(
            card,
            enclosures,
            render.Ends(own.address, self._settings.name, recipient, own.reply_address(pages.reply(key))),
            message_id=own.message_id(key),
            at=at,
            above=self._above,
            thread=render.Thread.of(reply_to),
            links=links,
            unsubscribe=pages.unsubscribe(to) if card.may_stop else None,
        )
        mail = await asyncio.to_thread(render.wire_bytes, made)
        if self._signed:
            mail = await self._signed(mail)
        await self._sending.hand_over(own.bounce_address(key), recipient, mail)
        return Receipt(own.message_id(key), Evidence.ACCEPTED, self._clock())

    async def close(self, receipt: Receipt, to: Address | Room, card: Card[str], chosen: str) -> None:
        """A mail stays as it was sent."""

    async def edit(self, receipt: Receipt, to: Address | Room, card: Card[str]) -> None:
        """A mail stays as it was sent."""

    async def signal(self, origin: Origin, signal: Signal) -> None:
        """E-mail shows no signals."""

    async def members(self, room: Room) -> Membership:
        return Membership(1, False)


def deliverable(handle: str) -> str:
    """The address as a mail server is told it: the domain in its ASCII form. Unreachable where it is no address."""
    found = _ADDRESS.fullmatch(handle)
    if found is None:
        raise Unreachable("not an e-mail address")
    try:
        address = f"{found[1]}@{found[2].encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Unreachable("not an e-mail address") from None
    if len(address.encode("utf-8", "replace")) > LONGEST_ADDRESS or not address.isprintable():
        raise Unreachable("not an e-mail address")
    return address


def _tls(settings: EmailSettings) -> ssl.SSLContext | None:
    """One context for both servers, as it is large; None where neither is to be secret."""
    asked = {settings.smtp.security, settings.imap.security if settings.imap else Security.NONE}
    return ssl.create_default_context() if asked - {Security.NONE} else None


async def _together(listening: Sequence[Coroutine[Any, Any, None]]) -> None:
    """All of them until one fails; then the others end, and its error goes on. Nothing to listen to: for ever."""
    if not listening:
        await asyncio.Event().wait()
    tasks = [asyncio.ensure_future(one) for one in listening]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
