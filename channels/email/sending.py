"""Handing mail to a server by SMTP, over one connection that is kept and opened anew where it was lost.

What the answers of a server mean (RFC 5321, and the finer codes of RFC 3463) is said in `failure`. No reason names an address.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from datetime import timedelta
from functools import partial
from typing import Final

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from channels.email import Security, SmtpSettings
from core.messaging.channel import ChannelError, Rejected, TryLater, Unreachable

TIMEOUT: Final = 60.0
IDLE: Final = 30.0
"""Seconds after which a kept connection is asked whether it still is one."""
AWAY: Final = timedelta(seconds=30)
BUSY: Final = timedelta(minutes=2)
FULL: Final = timedelta(hours=1)
SHUT_OUT: Final = timedelta(minutes=15)

_FINE_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NAMED = re.compile(r"<[^<>\s]*>|\S*@\S+|https?:\S+")
_log = logging.getLogger(__name__)


class Sending:
    """One server, one mail at a time."""

    def __init__(self, settings: SmtpSettings, hostname: str, tls: ssl.SSLContext | None = None) -> None:
        """`hostname`: what we call ourselves. `tls`: how the server's certificate is judged; by default, by the system's authorities."""
        self._settings = settings
        self._open = partial(
            aiosmtplib.SMTP,
            hostname=settings.host,
            port=settings.usual_port,
            username=settings.user,
            password=settings.password if settings.user else None,
            local_hostname=hostname,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            tls_context=tls,
            timeout=TIMEOUT,
        )
        self._smtp: aiosmtplib.SMTP | None = None
        self._turn = asyncio.Lock()
        self._used = 0.0
        self._shut_out = False

    async def hand_over(self, sender: str, recipient: str, mail: bytes) -> None:
        """Returns when the server has taken the mail. ChannelError where it has not. `sender`: where a bounce goes."""
        async with self._turn:
            try:
                await self._handed_over(sender, recipient, mail)
            except SMTPRecipientRefused as error:
                # The connection is still good for the next mail.
                await self._forgotten()
                raise self._failed(error) from None
            except (SMTPException, OSError, ValueError) as error:
                self._drop()
                raise self._failed(error) from None
            except BaseException:
                self._drop()
                raise
            self._used = asyncio.get_running_loop().time()

    async def greet(self) -> None:
        """Asks whether the server takes us. ChannelError where it does not."""
        async with self._turn:
            try:
                await self._connection()
            except (SMTPException, OSError, ValueError) as error:
                self._drop()
                raise self._failed(error) from None

    async def close(self) -> None:
        """Takes leave of the server. The next mail opens a connection anew."""
        async with self._turn:
            smtp, self._smtp = self._smtp, None
            if smtp is not None and smtp.is_connected:
                try:
                    await smtp.quit(timeout=2.0)
                except (SMTPException, OSError):
                    smtp.close()

    async def _handed_over(self, sender: str, recipient: str, mail: bytes) -> None:
        smtp = await self._connection()
        utf8 = not recipient.isascii()
        if utf8 and not smtp.supports_extension("smtputf8"):
            raise SMTPNotSupported("the server takes ASCII addresses only")
        encoding = "utf-8" if utf8 else "ascii"
        options = [f"SIZE={len(mail)}"] if smtp.supports_extension("size") else []
        options += ["SMTPUTF8"] if utf8 else []
        try:
            await smtp.mail(sender, options=options, encoding=encoding)
        except (SMTPServerDisconnected, SMTPResponseException) as error:
            # Servers end a connection that was idle, or had its share of mails: nothing was handed over yet.
            if not self._used or (isinstance(error, SMTPResponseException) and error.code != 421):
                raise
            self._drop()
            smtp = await self._connection()
            await smtp.mail(sender, options=options, encoding=encoding)
        await smtp.rcpt(recipient, encoding=encoding)
        await smtp.data(mail)

    async def _connection(self) -> aiosmtplib.SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            if asyncio.get_running_loop().time() - self._used < IDLE:
                return self._smtp
            await self._forgotten()
            if self._smtp is not None:
                return self._smtp
        self._drop()
        smtp = self._open()
        self._used = 0.0
        await smtp.connect()
        if self._shut_out:
            _log.warning("the mail server lets us in again")
            self._shut_out = False
        self._smtp = smtp
        return smtp

    async def _forgotten(self) -> None:
        """Has the server forget what was begun; where it does not answer, the connection is given up."""
        try:
            if self._smtp is not None:
                await self._smtp.rset(timeout=5.0)
        except (SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _failed(self, error: Exception) -> ChannelError:
        if _shuts_out(error):
            if not self._shut_out:
                _log.error("the mail server refuses our user or password: no mail leaves until that is mended")
                self._shut_out = True
            return TryLater("the mail server refuses our user or password", SHUT_OUT)
        return failure(error)


def failure(error: Exception) -> ChannelError:
    """What went wrong, as one of ours. A refusal that says nothing about the recipient never counts against him."""
    match error:
        case SMTPNotSupported() if "ASCII" in error.message:
            return Unreachable("the mail server takes no address with such letters")
        case SMTPConnectResponseError() | SMTPHeloError():
            return TryLater(_said(error), SHUT_OUT)
        case SMTPResponseException() if 400 <= error.code < 500:
            return TryLater(_said(error), FULL if _fine(error) == (2, 2) else BUSY)
        case SMTPRecipientRefused() if 500 <= error.code < 600:
            return _refused(error)
        case SMTPDataError() if 500 <= error.code < 600 and (_fine(error) or (0, 0))[0] in (1, 2):
            # Some servers look at the recipient only when they have the whole mail.
            return _refused(error)
        case SMTPResponseException() if 500 <= error.code < 600:
            return Rejected(_said(error))
        case _ if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            return TryLater("the mail server's certificate is refused, or it speaks no TLS", SHUT_OUT)
        case SMTPException() if type(error) is SMTPException:
            return TryLater("the mail server offers no encryption, or no sign-in, as it is asked to", SHUT_OUT)
        case ValueError():
            return Rejected("not to be said to a mail server")
        case TimeoutError():
            return TryLater("no answer from the mail server in time", AWAY)
    return TryLater("the mail server cannot be reached", AWAY)


def _refused(error: SMTPResponseException) -> ChannelError:
    """Why a recipient was refused: his address, his mailbox, or us."""
    match _fine(error):
        case (2, 2):
            return TryLater(_said(error), FULL)
        case (1, 7 | 8) | (3, 4) | (7, _):
            # Our own address, a mail that is too large, or what the server thinks of us: no fault of the recipient's.
            return Rejected(_said(error))
    return Unreachable(_said(error))


def _shuts_out(error: Exception) -> bool:
    return isinstance(error, SMTPAuthenticationError) or (
        isinstance(error, SMTPResponseException) and error.code in (530, 535)
    )


def _fine(error: SMTPResponseException) -> tuple[int, int] | None:
    """Subject and detail of the finer code (RFC 3463), where there is one."""
    found = _FINE_CODE.search(error.message)
    return (int(found[2]), int(found[3])) if found else None


def _said(error: SMTPResponseException) -> str:
    """The server's own words without the addresses and links in them."""
    return f"{error.code} {_NAMED.sub('…', ' '.join(error.message.split()))}"[:200]
