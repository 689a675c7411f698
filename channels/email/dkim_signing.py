"""Signing what leaves, with DKIM (RFC 6376): so that a receiver can tell our mail from what others write in our name."""

from __future__ import annotations

import asyncio

import dkim

from channels.email import DkimSettings

SIGNED = (
    *(b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"in-reply-to", b"references"),
    *(b"mime-version", b"content-type", b"content-transfer-encoding"),
    *(b"auto-submitted", b"list-unsubscribe", b"list-unsubscribe-post"),
)
"""What is signed where it is there; RFC 8058 wants its two headers among them."""
NEVER_ADDED = (b"from", b"to", b"subject", b"reply-to", b"date", b"message-id")
"""What is signed once more than it is there, so that nobody can add another."""


class Signer:
    """Signs mails in a thread: one takes some milliseconds of arithmetic."""

    def __init__(self, settings: DkimSettings) -> None:
        """ValueError where the key cannot be read or used: better at the start than with the first mail."""
        self._domain = settings.domain.encode("idna")
        self._selector = settings.selector.encode("ascii")
        try:
            self._key = settings.key_file.read_bytes()
        except OSError as error:
            raise ValueError(f"the DKIM key cannot be read: {error.strerror}") from None
        try:
            self.header(b"From: <>\r\n\r\n")
        except Exception:
            raise ValueError("the DKIM key is no RSA key in PEM") from None

    async def signed(self, mail: bytes) -> bytes:
        """The mail, its lines ended by CR LF, with its signature above it."""
        return await asyncio.to_thread(self.header, mail) + mail

    def header(self, mail: bytes) -> bytes:
        """The signature alone, as a header."""
        names = [line.partition(b":")[0].lower() for line in mail.partition(b"\r\n\r\n")[0].split(b"\r\n")]
        header: bytes = dkim.sign(
            mail,
            self._selector,
            self._domain,
            self._key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*(name for name in names if name in SIGNED), *NEVER_ADDED],
        )
        return header
