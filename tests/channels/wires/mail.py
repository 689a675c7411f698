"""E-mail: its person has a mailbox at a real mail server, which hands us our mail by LMTP; with `Light`, we have a mailbox there too."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import make_msgid
from typing import Any, Self

from channels.email import EmailSettings, ImapSettings, LmtpSettings, Security, SmtpSettings
from channels.email.channel import Email
from core.messaging.channel import Address, ChannelError, Memory, Receive, Rejected, TryLater, Unreachable
from koprogo.links import Links
from tests.channels.wires.wire import Heard, Refusing, listening, numbered_apart, seen
from tests.servers.mail import HOST, PASSWORD, Full, Light, answering

PERSON, HOME = "lea", "post.example"
TRUSTED = "mx.immeuble.example"
PASSED = f"{TRUSTED}; dmarc=pass header.from={HOME}"
ABOVE = "--- Répondez au-dessus de cette ligne | Answer above this line ---"
_numbers = itertools.count(1)


class MailWire:
    taps = False
    label = 1_000
    in_order = False

    def __init__(self, server: Full | Light, channel: Email, us: str) -> None:
        self.server, self.channel, self.us = server, channel, us
        # All read the same mailbox, each what came to an address of his own.
        self.address = Address("email", f"{PERSON}+{next(_numbers)}@{HOME}")
        self._mails: list[EmailMessage] = []

    async def says(self, text: str) -> None:
        await self._writes(self.us, text, subject="Bonjour")

    async def answers(self, number: int) -> None:
        await self.replies((await self.received())[-1], str(number))

    async def presses(self, label: str) -> None:
        raise AssertionError("a mail has no buttons; the pages of its links are the installation's")

    async def presses_old(self) -> None:
        raise AssertionError("a mail has no buttons")

    async def replies(self, to: Heard, text: str) -> None:
        """Above the whole mail, quoted."""
        mail = next(mail for mail in self._mails if mail["Message-ID"] == to.id)
        quoted = "\n".join(f"> {line}".rstrip() for line in _part(mail, "plain").splitlines())
        body = f"{text}\n\nLe dim. 22 nov. 2026 à 10:30, KoproGo <{self.us}> a écrit :\n\n{quoted}\n"
        thread = {"In-Reply-To": to.id, "References": f"{mail.get('References', '')} {to.id}".strip()}
        await self._writes(str(mail["Reply-To"]), body, f"Re: {mail['Subject']}", **thread)

    async def received(self, count: int = 0) -> list[Heard]:
        raws = await self.server.mails(PERSON)
        while len(found := [mail for mail in map(_parsed, raws) if self.address.handle in mail["To"]]) < count:
            raws = await self.server.mails(PERSON, len(raws) + 1)
        self._mails = found
        return [self._heard(mail) for mail in found]

    @asynccontextmanager
    async def refusing(self, error: type[ChannelError]) -> AsyncIterator[Refusing]:
        name = {Unreachable: "refused", TryLater: "full", Rejected: "barred"}[error]
        yield Refusing(Address("email", f"{name}@{HOME}"))

    async def another(self) -> Self:
        return type(self)(self.server, self.channel, self.us)

    async def _writes(self, to: str, text: str, subject: str, **headers: str) -> None:
        mail = EmailMessage()
        # As the server that we trust finds a mail of this domain.
        mail["Authentication-Results"] = PASSED
        given = {"From": self.address.handle, "To": to, "Subject": subject, "Date": "Sun, 22 Nov 2026 10:30:00 +0100"}
        for name, value in (given | {"Message-ID": make_msgid(domain=HOME)} | headers).items():
            mail[name] = value
        mail.set_content(text)
        await self.server.submit(mail.as_bytes(policy=SMTP), self.address.handle, to)

    def _heard(self, mail: EmailMessage) -> Heard:
        plain, html = _part(mail, "plain"), seen(_part(mail, "html"))
        (text, labels), (other, listed) = (numbered_apart(form.replace(ABOVE, "", 1)) for form in (plain, html))
        assert labels == listed
        files = tuple((part.get_filename() or "", part.get_payload(decode=True)) for part in mail.iter_attachments())
        return Heard((text, other), labels, files, mail["Message-ID"])


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, _class=EmailMessage, policy=default)  # type: ignore[arg-type,return-value]


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None, f"no {kind} part"
    return str(part.get_content()).replace("\r\n", "\n")


@asynccontextmanager
async def mail(server: Full | Light, receive: Receive, memory: Memory, **more: Any) -> AsyncIterator[MailWire]:
    await server.empty()
    smtp = SmtpSettings(HOST, server.smtp_port, security=Security.NONE)
    if isinstance(server, Full):
        us, handed, mailbox = "koprogo@direct.example", LmtpSettings(server.direct_port, HOST), None
    else:
        us, handed = "koprogo@immeuble.example", None
        # pymap tells of nothing that came between a command and IDLE.
        mailbox = ImapSettings(HOST, "koprogo", PASSWORD, server.imap_port, Security.NONE, look_seconds=2.0)
    settings = EmailSettings(us, "Résidence Les Tilleuls", smtp, imap=mailbox, lmtp=handed, authserv_id=TRUSTED)
    channel = Email(
        settings, receive, memory, Links(b"a secret for tests only", "https://kopro.example"), ABOVE, **more
    )
    async with listening(channel):
        if isinstance(server, Full):
            await answering(server.direct_port, b"220", server.log)
        yield MailWire(server, channel, us)
