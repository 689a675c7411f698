"""Our own mail server hands each mail to us, by LMTP (RFC 2033): one answer for each recipient, and 250 only when it is stored.

What we do not take yet the server keeps and brings again; how long, is its own affair.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, AnyStr, Final
from weakref import WeakSet

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope

from channels.email import LmtpSettings
from core.messaging.channel import TryLater

LONGEST_LINE: Final = 1024 * 1024
"""Bytes. RFC 5321 allows 998; what people's programs send is taken all the same."""
STORED: Final = "250 2.1.5 stored"
NOT_OURS: Final = "550 5.1.1 no such address here"
NOT_STORED: Final = "451 4.3.0 not stored, try again"
AFTER_DATA: Final = ("552 Error: Too much mail data", "500 Line too long (see RFC5321 4.5.3.1.6)")
"""What the library answers in place of our handler."""
TAKEN: Final = timedelta(seconds=30)

_log = logging.getLogger(__name__)

Take = Callable[[bytes, str, str], Awaitable[None]]
"""A mail, the recipient and the sender of its envelope, "" where it has none. Returns when it is stored."""


class Lmtp:
    """Listens where the settings say. Several processes may share the place: each connection goes to one of them."""

    def __init__(
        self, settings: LmtpSettings, hostname: str, ours: Callable[[str], bool], take: Take, most_bytes: int
    ) -> None:
        """`ours`: whether an address is one of ours."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # it names senders and recipients
        self._settings, self._hostname, self._most_bytes = settings, hostname, most_bytes
        self._reception = _Reception(ours, take)

    async def listen(self) -> None:
        """Takes what is brought, until cancelled. TryLater where somebody else listens there."""
        loop = asyncio.get_running_loop()
        talks: WeakSet[_Talk] = WeakSet()

        def talk() -> _Talk:
            opened = _Talk(
                self._reception,
                hostname=self._hostname,
                ident="LMTP",
                data_size_limit=self._most_bytes,
                enable_SMTPUTF8=True,
                loop=loop,
            )
            talks.add(opened)
            return opened

        try:
            server = await loop.create_server(talk, self._settings.host, self._settings.port, reuse_port=True)
        except OSError as error:
            raise TryLater(f"LMTP cannot be listened for: {error.strerror}", TAKEN) from None
        try:
            await server.serve_forever()
        finally:
            server.close()
            for opened in list(talks):
                if opened.transport is not None:
                    opened.transport.abort()  # type: ignore[attr-defined]


class _Talk(LMTP):
    """One connection."""

    line_length_limit = LONGEST_LINE

    async def push(self, status: AnyStr) -> None:
        """After the mail there is an answer for each recipient, whoever gives it."""
        if status in AFTER_DATA and self.envelope is not None:
            for _ in self.envelope.rcpt_tos[1:]:
                await super().push(status)
        await super().push(status)


class _Reception:
    """What the library asks of us. The names of the methods are its own."""

    def __init__(self, ours: Callable[[str], bool], take: Take) -> None:
        self._ours, self._take = ours, take

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if not self._ours(address):
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ours"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        sender = "" if envelope.mail_from in (None, "<>") else _text(envelope.mail_from or "")
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        return "\r\n".join([await self._answer(content, _text(to), sender) for to in envelope.rcpt_tos])

    async def _answer(self, content: bytes, recipient: str, sender: str) -> str:
        try:
            await self._take(content, recipient, sender)
        except Exception as error:  # whatever it is, the mail is not stored, and the server keeps it
            _log.error("a mail could not be stored: %s", type(error).__name__)
            return NOT_STORED
        return STORED

    async def handle_exception(self, error: Exception) -> str:
        _log.error("a talk by LMTP failed: %s", type(error).__name__)
        return NOT_STORED


def _text(address: str) -> str:
    """The address without what is no character."""
    return address.encode("utf-8", "replace").decode()
