"""Cards go out through a real server, and arrive as they were sent; what it refuses counts against whom it should."""

from __future__ import annotations

import asyncio
import email
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest

from channels import shaping
from channels.email import Security, SmtpSettings
from channels.email.channel import MOST_FILE_BYTES, deliverable
from channels.email.sending import AWAY, SHUT_OUT, Sending
from core.messaging.channel import (
    Address,
    Bounced,
    ChannelError,
    Evidence,
    Membership,
    Message,
    Origin,
    Receipt,
    Rejected,
    Room,
    Signal,
    Trust,
    TryLater,
    Unreachable,
)
from tests.channels.email.conftest import ABOVE, CARD, KEY, LEA, PDF, TOKENS, US, World, closed, file, letter
from tests.servers.mail import HOST, PASSWORD, Full

OTHER_KEY = "f" * 32


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def test_a_card_arrives_whole(world: World) -> None:
    calendar = "BEGIN:VCALENDAR\r\nSUMMARY:Assemblée générale\r\nEND:VCALENDAR\r\n".encode()
    files = [file("Relevé d’été.pdf", "application/pdf", PDF), file("assemblée.ics", "text/calendar", calendar)]
    receipt = await world.sends(replace(CARD, may_stop=True), files=files)
    assert receipt.wire_ref == f"<{KEY}@immeuble.example>"
    assert receipt.evidence is Evidence.ACCEPTED
    (raw,) = await world.server.mails("lea", 1)
    message = read(raw)
    assert message["Message-ID"] == receipt.wire_ref
    assert message["Subject"] == CARD.title
    (plain,) = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    text = str(plain.get_content()).replace("\r\n", "\n")
    assert text.startswith(f"{ABOVE}\n\n{CARD.title}\n\n")
    for token in TOKENS.values():
        link = world.pages.choice(KEY, token)
        assert link is not None
        assert f"\n{link}\n" in text
        text = text.replace(f"{link}\n", "").replace("\n\n2.", "\n2.")
    assert text == f"{ABOVE}\n\n{shaping.plain(CARD)}\n"
    found = list(message.iter_attachments())
    assert [attachment.get_filename() for attachment in found] == [given.name for given in files]
    assert [attachment.get_content_type() for attachment in found] == [given.media_type for given in files]
    assert [attachment.get_payload(decode=True) for attachment in found] == [PDF, calendar]
    assert message["List-Unsubscribe"] == f"<{world.pages.unsubscribe(LEA)}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_the_envelope_names_the_delivery(full: World) -> None:
    await full.sends()
    (raw,) = await full.server.mails("lea", 1)
    assert read(raw)["Return-Path"] == f"<koprogo+bounce-{KEY}@immeuble.example>"


async def test_an_answer_comes_back_by_the_reply_address_and_the_next_stands_in_its_thread(full: World) -> None:
    await full.sends()
    (raw,) = await full.server.mails("lea", 1)
    first = read(raw)
    reply = letter(
        "2, merci", first["Reply-To"].addresses[0].addr_spec, In_Reply_To=first["Message-ID"], Subject="RE: Vous devez"
    )
    async with full.listening():
        await full.server.submit(reply, LEA.handle, first["Reply-To"].addresses[0].addr_spec)
        (said,) = await full.inbox.until(1)
    assert isinstance(said, Message)
    assert (said.text, said.origin.sender, said.in_reply_to) == ("2, merci", LEA, first["Message-ID"])
    assert (said.origin.trust, said.origin.token) == (Trust.REPLY, KEY)
    await full.sends(key=OTHER_KEY, reply_to=said.thread)
    second = read((await full.server.mails("lea", 2))[1])
    written = read(reply)["Message-ID"]
    assert second["In-Reply-To"] == written
    assert second["References"].split() == [first["Message-ID"], written]
    assert second["Subject"] == "Re: Vous devez"
    assert second["Auto-Submitted"] == "auto-replied"


async def test_what_cannot_be_delivered_comes_back_with_the_key(full: World) -> None:
    await full.sends(to="unknown@post.example", key=OTHER_KEY)
    async with full.listening():
        (said,) = await full.inbox.until(1)
    assert isinstance(said, Bounced), said
    assert (said.key, said.hard) == (OTHER_KEY, True)


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("refused@post.example", Unreachable),
        ("full@post.example", TryLater),
        ("barred@post.example", Rejected),
        *(
            (wrong, Unreachable)
            for wrong in ("", "lea", "@post.example", "a b@post.example", "a@b\r\nRCPT TO:<x@y>", "é" * 300 + "@x")
        ),
    ],
)
async def test_what_a_refused_recipient_means(world: World, to: str, error: type[ChannelError]) -> None:
    with pytest.raises(error) as refusal:
        await world.sends(to=to)
    assert type(refusal.value) is error
    assert "@" not in refusal.value.reason
    assert refusal.value.__cause__ is None
    if isinstance(refusal.value, TryLater):
        assert refusal.value.after == timedelta(hours=1)


async def test_refused_content_is_our_own_fault_and_the_next_mail_leaves(world: World) -> None:
    channel = world.channel()
    try:
        with pytest.raises(Rejected, match=r"5\.7\.1"):
            await channel.send(LEA, replace(CARD, title="REFUSED"), (), KEY, None)
        with pytest.raises(Unreachable):
            await channel.send(Address("email", "refused@post.example"), CARD, (), KEY, None)
        await channel.send(LEA, CARD, (), KEY, None)
    finally:
        await closed(channel)
    assert len(await world.server.mails("lea", 1)) == 1


async def test_rooms_and_files_that_are_too_large_are_rejected(world: World) -> None:
    channel = world.channel()
    with pytest.raises(Rejected):
        await channel.send(Room("email", "list@post.example"), CARD, (), KEY, None)
    half = file("a.pdf", "application/pdf", bytes(MOST_FILE_BYTES // 2 + 1))
    with pytest.raises(Rejected):
        await channel.send(LEA, CARD, [half, half], KEY, None)
    with pytest.raises(Rejected):
        await channel.send(LEA, CARD, [replace(half, size=1), replace(half, size=1)], KEY, None)


async def test_the_same_key_gives_the_same_message_id(world: World) -> None:
    for _ in range(2):
        await world.sends()
    first, second = map(read, await world.server.mails("lea", 2))
    assert first["Message-ID"] == second["Message-ID"]


async def test_many_at_once_go_over_one_connection(full: World) -> None:
    channel = full.channel()
    connections = _connections(full)
    try:
        await asyncio.gather(*(channel.send(LEA, CARD, (), f"{number:032x}", None) for number in range(30)))
    finally:
        await closed(channel)
    arrived = {read(raw)["Message-ID"] for raw in await full.server.mails("lea", 30)}
    assert arrived == {f"<{number:032x}@immeuble.example>" for number in range(30)}
    assert _connections(full) - connections == 1


async def test_a_server_that_went_and_came_back_is_found_again(world: World) -> None:
    channel = world.channel()
    try:
        await channel.send(LEA, CARD, (), "1" * 32, None)
        await world.server.stop_smtp()
        with pytest.raises(TryLater) as away:
            await channel.send(LEA, CARD, (), "2" * 32, None)
        assert away.value.after == AWAY
        await world.server.start_smtp()
        await channel.send(LEA, CARD, (), "3" * 32, None)
    finally:
        await closed(channel)
    assert [read(raw)["Message-ID"][1] for raw in await world.server.mails("lea", 2)] == ["1", "3"]


@pytest.fixture
def trusting(full: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """We believe the certificate of the test's server."""
    assert isinstance(full.server, Full)
    monkeypatch.setenv("SSL_CERT_FILE", str(full.server.certificate))
    return full


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_signed_in_over_tls(trusting: World, security: Security) -> None:
    smtp = secured(trusting, security)
    await trusting.sends(smtp=smtp)
    assert len(await trusting.server.mails("lea", 1)) == 1


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_certificate_that_nobody_vouches_for_is_refused(full: World, security: Security) -> None:
    with pytest.raises(TryLater, match="certificate"):
        await full.sends(smtp=secured(full, security))
    assert await full.server.mails("lea") == []


async def test_a_server_without_encryption_is_told_nothing(light: World) -> None:
    with pytest.raises(TryLater, match="no encryption"):
        await light.sends(smtp=SmtpSettings(HOST, light.server.smtp_port, "koprogo", PASSWORD, Security.STARTTLS))
    assert await light.server.mails("lea") == []


async def test_a_wrong_password_is_said_once_without_it(trusting: World, caplog: pytest.LogCaptureFixture) -> None:
    channel = trusting.channel(smtp=replace(secured(trusting, Security.TLS), password="a wrong password"))
    for _ in range(2):
        with pytest.raises(TryLater, match="password") as refusal:
            await channel.send(LEA, CARD, (), KEY, None)
        assert refusal.value.after == SHUT_OUT
    await closed(channel)
    said = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 1
    assert "a wrong password" not in caplog.text
    assert "@" not in caplog.text


Answers = Callable[[bytes], Awaitable[bytes | None]]


@asynccontextmanager
async def scripted(answer: Callable[[bytes], bytes]) -> AsyncIterator[SmtpSettings]:
    """A server that answers each line as it is told; b"" ends the connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = b"CONNECT\r\n"
        try:
            while line and (said := answer(line.strip())):
                writer.write(said + b"\r\n")
                if said.startswith(b"354"):
                    await reader.readuntil(b"\r\n.\r\n")
                    writer.write(answer(b".") + b"\r\n")
                line = await reader.readline()
        finally:
            writer.close()

    server = await asyncio.start_server(talk, HOST)
    async with server:
        yield SmtpSettings(HOST, server.sockets[0].getsockname()[1], security=Security.NONE)


@pytest.mark.parametrize(
    ("at", "answer", "error"),
    [
        ("CONNECT", "554 5.7.1 go away lea@post.example", TryLater),
        ("CONNECT", "421 busy", TryLater),
        ("EHLO", "", TryLater),
        ("MAIL", "451 4.3.0 later", TryLater),
        ("MAIL", "552 5.3.4 too large", Rejected),
        ("MAIL", "530 5.7.0 authentication required", TryLater),
        ("RCPT", "550 5.1.1 <lea@post.example> unknown", Unreachable),
        ("RCPT", "550 no such user lea@post.example", Unreachable),
        ("RCPT", "552 5.2.2 full", TryLater),
        ("RCPT", "550 5.2.1 switched off", Unreachable),
        ("RCPT", "553 5.1.8 bad sender", Rejected),
        ("RCPT", "554 5.7.1 blocked, see https://block.example/?ip=192.0.2.1", Rejected),
        ("RCPT", "450 4.7.1 greylisted", TryLater),
        ("RCPT", "nonsense", TryLater),
        ("RCPT", "", TryLater),
        ("DATA", "554 5.6.0 bad", Rejected),
        (".", "550 5.7.1 spam", Rejected),
        (".", "550 5.1.1 unknown after all", Unreachable),
        (".", "452 4.3.1 no room", TryLater),
        (".", "", TryLater),
    ],
)
async def test_what_each_answer_means(at: str, answer: str, error: type[ChannelError]) -> None:
    usual = {"CONNECT": "220 x", "EHLO": "250 x", "HELO": "250 x", "DATA": "354 go", "QUIT": "221 bye"}

    def said(line: bytes) -> bytes:
        verb = line.decode()[:7] if line == b"CONNECT" else line.decode().split(" ")[0][:4]
        return (answer if verb == at or (verb, at) == ("HELO", "EHLO") else usual.get(verb, "250 ok")).encode()

    async with scripted(said) as settings:
        sending = Sending(settings, "immeuble.example")
        with pytest.raises(ChannelError) as refusal:
            await sending.hand_over(US, LEA.handle, b"Subject: x\r\n\r\nx\r\n")
        await sending.close()
    assert type(refusal.value) is error
    assert "@" not in refusal.value.reason
    assert "block.example" not in refusal.value.reason


async def test_a_connection_that_was_ended_meanwhile_is_opened_anew() -> None:
    """Many servers end a connection after so many mails, and say so at the next MAIL."""
    mails: list[int] = []

    def said(line: bytes) -> bytes:
        if line.startswith(b"MAIL"):
            mails.append(len(mails))
            return b"421 4.7.0 enough of you" if len(mails) == 2 else b"250 ok"
        return {b"CONNECT": b"220 x", b"DATA": b"354 go", b"QUIT": b"221 bye"}.get(line.split(b" ")[0], b"250 ok")

    async with scripted(said) as settings:
        sending = Sending(settings, "immeuble.example")
        for _ in range(2):
            await sending.hand_over(US, LEA.handle, b"Subject: x\r\n\r\nx\r\n")
        await sending.close()
    assert len(mails) == 3


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        sending = Sending(SmtpSettings(HOST, taken.getsockname()[1], security=Security.NONE), "immeuble.example")
        with pytest.raises(TryLater):
            await sending.hand_over(US, LEA.handle, b"x")


def test_which_addresses_can_be_written_to() -> None:
    assert deliverable("lea@bücher.example") == "lea@xn--bcher-kva.example"
    assert deliverable("léa@post.example") == "léa@post.example"


async def test_what_a_mail_cannot_show_is_silent(light: World) -> None:
    channel = light.channel()
    receipt = Receipt("<x@immeuble.example>", Evidence.ACCEPTED, channel._clock())
    await channel.close(receipt, LEA, CARD, "tok")
    await channel.edit(receipt, LEA, CARD)
    await channel.signal(Origin(LEA), Signal.TYPING)
    assert await channel.members(Room("email", "x")) == Membership(1, False)
    assert list(channel.routes()) == []


async def test_without_a_wire_to_listen_to_it_waits(light: World) -> None:
    async with light.listening(light.channel()) as channel:
        await asyncio.sleep(0.05)
        assert not channel.traits.one_receiver
    assert light.reading().traits.one_receiver


LIBRARIES = "aioimaplib", "aiosmtpd", "aiosmtplib", "dkim"


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        ("import channels.email", []),
        ("import channels.email.channel", ["aiosmtplib"]),
        ("import channels.email.channel, channels.email.imap", ["aioimaplib", "aiosmtplib"]),
    ],
)
def test_what_is_not_configured_is_not_loaded(code: str, loaded: list[str]) -> None:
    told = f"{code}, sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}} & set({LIBRARIES})))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == loaded


def secured(world: World, security: Security) -> SmtpSettings:
    assert isinstance(world.server, Full)
    port = world.server.smtps_port if security is Security.TLS else world.server.submission_port
    return SmtpSettings(HOST, port, "koprogo", PASSWORD, security)


def _connections(world: World) -> int:
    assert isinstance(world.server, Full)
    return (world.server.folder / "log" / "postfix").read_text().count("]: connect from")
