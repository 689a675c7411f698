"""A mail server, an inbox that remembers, and the channel between them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import pytest

from channels.email import EmailSettings, ImapSettings, LmtpSettings, Security, SmtpSettings
from channels.email.channel import Email
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import Address, File, Inbound, Message, Receipt
from core.messaging.intent import Intent
from tests.channels.world import Notes, at_work
from tests.servers.mail import DOMAIN, HOST, PASSWORD, Full, Light, needs_full
from tests.servers.ports import free_port
from tests.waiting import eventually

US = f"koprogo@{DOMAIN}"
LEA = Address("email", "lea@post.example")
ABOVE = "--- Répondez au-dessus de cette ligne | Antwoord boven deze regel ---"
KEY = "0123456789abcdef0123456789abcdef"
TOKENS = {"Expliquer": "k7fQ29hX_0aBcDeF", "Payer": "p7fQ29hX-0aBcDeF"}
CARD: Card[str] = Card(
    "Vous devez 412,60 €",
    ("Trimestre 4 de 2026.",),
    (Fact("À payer", "412,60 €", "to_pay", 41260), Fact("Communication", "+++010/8068/17183+++")),
    tuple(Choice(Intent("charges.explain"), label, token) for label, token in TOKENS.items()),
)
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


@dataclass
class Inbox:
    """Stores what arrives, and refuses to as often as it is told."""

    stored: list[Inbound] = field(default_factory=list)
    refusals: int = 0
    asked: int = 0

    async def receive(self, inbound: Inbound) -> None:
        self.asked += 1
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("the database is away")
        self.stored.append(inbound)

    async def until(self, count: int, seconds: float = 20.0) -> list[Inbound]:
        """All that is stored, once there is so much."""
        try:
            await eventually(lambda: len(self.stored) >= count, seconds)
        except TimeoutError:
            raise AssertionError(f"{len(self.stored)} of {count}: {self.stored}") from None
        return self.stored

    def texts(self) -> list[str]:
        return [said.text for said in self.stored if isinstance(said, Message)]


@dataclass
class Signed:
    """Pages whose signature is a lookup."""

    given: dict[str, str] = field(default_factory=dict)
    base: str | None = "https://kopro.example"

    def choice(self, key: str, token: str) -> str | None:
        return f"{self.base}/choose/{key}/{token}?a=1&b=2" if self.base else None

    def unsubscribe(self, to: Address) -> str | None:
        return f"{self.base}/stop/{hashlib.sha256(to.handle.encode()).hexdigest()}" if self.base else None

    def reply(self, key: str) -> str:
        token = hashlib.sha256(key.encode()).hexdigest()[:42]
        self.given[token] = key
        return token

    def replied(self, token: str) -> str | None:
        return self.given.get(token.lower())


@dataclass
class World:
    """A mail server, us, and what was stored."""

    server: Full | Light
    inbox: Inbox = field(default_factory=Inbox)
    notes: Notes = field(default_factory=Notes)
    pages: Signed = field(default_factory=Signed)
    lmtp_port: int = field(default_factory=free_port)

    def settings(self, **more: Any) -> EmailSettings:
        """Out by the server's SMTP port, and nothing in, unless it is said."""
        smtp = SmtpSettings(HOST, self.server.smtp_port, security=Security.NONE)
        return replace(EmailSettings(US, "Résidence Zénith", smtp), **more)

    @property
    def imap(self) -> ImapSettings:
        """pymap tells of nothing that came between a command and IDLE: it is looked at often, where no test says otherwise."""
        look = 2.0 if isinstance(self.server, Light) else 60.0
        return ImapSettings(HOST, "koprogo", PASSWORD, self.server.imap_port, Security.NONE, look_seconds=look)

    @property
    def lmtp(self) -> LmtpSettings:
        return LmtpSettings(self.server.direct_port if isinstance(self.server, Full) else self.lmtp_port, HOST)

    def channel(self, **more: Any) -> Email:
        return Email(self.settings(**more), self.inbox.receive, self.notes, self.pages, ABOVE)

    def reading(self, **more: Any) -> Email:
        """A channel that listens to the mailbox."""
        return self.channel(imap=replace(self.imap, **more))

    def listening(self, channel: Email | None = None) -> AbstractAsyncContextManager[Email]:
        """The channel while it listens, by default to the mailbox; cancelled at the end."""
        return at_work(channel or self.reading())

    async def sends(self, card: Card[str] = CARD, to: str = LEA.handle, key: str = KEY, **more: Any) -> Receipt:
        """Sends a card by a channel of its own."""
        files: Sequence[File] = more.pop("files", ())
        reply_to: str | None = more.pop("reply_to", None)
        channel = self.channel(**more)
        try:
            return await channel.send(Address("email", to), card, files, key, reply_to)
        finally:
            await closed(channel)

    async def writes(self, *texts: str, to: str = US, **more: Any) -> None:
        """Léa writes mails, one after the other."""
        await self.server.submit_all([letter(text, to, **more) for text in texts], LEA.handle, to)


def letter(text: str, to: str = US, sender: str = LEA.handle, **headers: str) -> bytes:
    """A mail as a person writes one."""
    message = EmailMessage()
    given = {"From": sender, "To": to, "Subject": "Bonjour", "Date": "Sun, 22 Nov 2026 10:00:00 +0100"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in (given | {"Message-ID": make_msgid(domain="post.example")} | named).items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes(policy=SMTP)


def file(name: str, media_type: str, content: bytes) -> File:
    async def read() -> bytes:
        return content

    return File(name, media_type, len(content), read)


async def closed(channel: Email) -> None:
    """Ends a channel that never listened."""
    running = asyncio.create_task(channel.run())
    await asyncio.sleep(0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.fixture(scope="session")
async def servers(run_folder: Path) -> AsyncIterator[Callable[[str], Any]]:
    """Starts a mail server of a kind when it is first asked for; all are stopped after the last test."""
    started: dict[str, Full | Light] = {}

    async def get(kind: str) -> Full | Light:
        if kind not in started:
            folder = run_folder / f"mail-{kind}-{os.getpid()}"
            started[kind] = Full(folder) if kind == Full.kind else Light(folder)
            await started[kind].start()
        return started[kind]

    try:
        yield get
    finally:
        for server in started.values():
            await server.stop()


@pytest.fixture(params=[Full.kind, Light.kind])
async def world(request: pytest.FixtureRequest, servers: Callable[[str], Any]) -> World:
    """A world for each kind of server, its mailboxes empty."""
    return await _world(servers, request.param)


@pytest.fixture
async def full(servers: Callable[[str], Any]) -> World:
    """A world with Postfix and Dovecot."""
    return await _world(servers, Full.kind)


@pytest.fixture
async def light(servers: Callable[[str], Any]) -> World:
    return await _world(servers, Light.kind)


async def _world(servers: Callable[[str], Any], kind: str) -> World:
    if kind == Full.kind:
        needs_full()
    server = await servers(kind)
    await server.empty()
    return World(server)
