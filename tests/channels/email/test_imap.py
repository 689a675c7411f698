"""A mailbox, listened to: whatever comes is taken once and in order, whatever happens on the way."""

from __future__ import annotations

import asyncio
import imaplib
import logging
import shutil
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from channels.email import MEBIBYTE, ImapSettings, Security
from channels.email.channel import Email
from channels.email.imap import CURSOR, STUBBORN, Cursor, Found, Mailbox, wire
from core.messaging.channel import Ignored, Message, TryLater
from tests.channels.email.conftest import US, World, letter
from tests.channels.world import Notes
from tests.servers.mail import HOST, PASSWORD, Full
from tests.waiting import eventually

NEVER = 3600.0
"""Seconds between two looks, where only the server's own word counts."""


async def stopped(world: World, channel: Email) -> BaseException:
    """What ended a channel that listened until something happened."""
    with pytest.raises(Exception) as ended:  # noqa: PT011 - the caller looks at it
        await asyncio.wait_for(channel.run(), 20)
    return ended.value


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[None]]:
    """Waits until the server waits with us: only from then on is it sure to tell (pymap) what comes."""
    waiting = asyncio.Event()
    start, done = wire.IMAP4.idle_start, wire.IMAP4.idle_done

    async def started(self: wire.IMAP4, **given: Any) -> Any:
        begun = await start(self, **given)
        waiting.set()
        return begun

    def ended(self: wire.IMAP4) -> None:
        waiting.clear()
        done(self)

    monkeypatch.setattr(wire.IMAP4, "idle_start", started)
    monkeypatch.setattr(wire.IMAP4, "idle_done", ended)

    async def until() -> None:
        async with asyncio.timeout(20):
            await waiting.wait()
            await asyncio.sleep(0.3)  # it says so a moment before it does

    return until


async def test_what_comes_while_we_listen_is_told_by_the_server(
    world: World, idle: Callable[[], Awaitable[None]]
) -> None:
    async with world.listening(world.reading(look_seconds=NEVER)):
        for number in range(3):
            await idle()
            await world.writes(f"mail {number}")
            await world.inbox.until(number + 1)
    assert world.inbox.texts() == ["mail 0", "mail 1", "mail 2"]


async def test_a_server_that_tells_nothing_is_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known = wire.IMAP4.has_capability
    monkeypatch.setattr(wire.IMAP4, "has_capability", lambda self, name: name != "IDLE" and known(self, name))
    async with world.listening(world.reading(look_seconds=0.2)):
        await asyncio.sleep(0.3)
        await world.writes("oui")
        await world.inbox.until(1)
        await world.writes("non")
        await world.inbox.until(2)
    assert world.inbox.texts() == ["oui", "non"]


async def test_a_burst_while_nobody_listened_is_taken_once_and_in_order(world: World) -> None:
    texts = [f"mail {number}" for number in range(200)]
    await world.server.put("koprogo", *map(letter, texts))
    for _ in range(2):
        async with world.listening():
            await world.inbox.until(200, 60)
            await asyncio.sleep(0.3)
    assert world.inbox.texts() == texts
    assert len({said.ref for said in world.inbox.stored}) == 200


async def test_what_comes_while_we_are_busy_is_not_left_for_later(
    world: World, idle: Callable[[], Awaitable[None]]
) -> None:
    gate = asyncio.Event()
    store = world.inbox.receive

    async def receive(inbound: Any) -> None:
        await gate.wait()
        await store(inbound)

    world.inbox.receive = receive  # type: ignore[method-assign]
    async with world.listening(world.reading(look_seconds=NEVER)):
        await idle()
        await world.writes("un")
        await asyncio.sleep(0.7)
        await world.writes("deux", "trois")
        await world.server.mails("koprogo", 3)
        gate.set()
        await world.inbox.until(3)
    assert world.inbox.texts() == ["un", "deux", "trois"]


async def test_nothing_is_changed_in_the_mailbox_unless_it_is_told(world: World) -> None:
    await world.server.put("koprogo", letter("un"), letter("deux"))
    async with world.listening():
        await world.inbox.until(2)
    assert await unseen(world) == 2
    async with world.listening(world.reading(delete=True)):
        await world.writes("trois")
        await world.inbox.until(3)
        await asyncio.sleep(0.5)
    assert await unseen(world) == 2
    assert world.inbox.texts() == ["un", "deux", "trois"]


async def test_what_was_not_stored_is_taken_again(world: World) -> None:
    await world.server.put("koprogo", *(letter(f"mail {number}") for number in range(3)))
    world.inbox.refusals = 1
    assert isinstance(await stopped(world, world.reading()), ConnectionError)
    assert world.inbox.stored == []
    async with world.listening():
        await world.inbox.until(3)
    assert world.inbox.texts() == ["mail 0", "mail 1", "mail 2"]


async def test_killed_between_storing_and_moving_on_the_same_mail_has_the_same_reference(world: World) -> None:
    class Forgetful(Notes):
        async def put(self, key: str, value: str) -> None:
            raise KeyboardInterrupt

    await world.server.put("koprogo", letter("oui"), letter("non"))
    notes, world.notes = world.notes, Forgetful()
    with pytest.raises(KeyboardInterrupt):
        await reading_alone(world)
    assert world.inbox.texts() == ["oui"]
    world.notes = notes
    async with world.listening():
        await world.inbox.until(3)
    assert world.inbox.texts() == ["oui", "oui", "non"]
    first, again, _ = world.inbox.stored
    assert first.ref == again.ref


async def reading_alone(world: World) -> None:
    """Listens without a task of its own, so that what a process cannot survive comes through."""
    mailbox = Mailbox(world.imap, world.reading()._found, world.notes, 25 * MEBIBYTE)
    await mailbox.listen()


async def test_a_server_that_ends_in_the_middle_loses_nothing(full: World) -> None:
    texts = [f"mail {number}" for number in range(60)]
    await full.server.put("koprogo", *map(letter, texts))
    store = full.inbox.receive

    async def slowly(inbound: Any) -> None:
        await asyncio.sleep(0.02)
        await store(inbound)

    full.inbox.receive = slowly  # type: ignore[method-assign]
    running = asyncio.create_task(full.reading().run())
    await full.inbox.until(10)
    await full.server.stop_imap()
    with pytest.raises(TryLater):
        await asyncio.wait_for(running, 20)
    taken = len(full.inbox.stored)
    assert 10 <= taken < 60
    assert isinstance(await stopped(full, full.reading()), TryLater)
    await full.server.start_imap()
    await full.writes("après")
    async with full.listening():
        await full.inbox.until(61)
    assert full.inbox.texts() == [*texts, "après"]


async def test_a_connection_lost_while_idle_is_noticed_at_once(
    world: World, idle: Callable[[], Awaitable[None]]
) -> None:
    running = asyncio.create_task(world.reading(look_seconds=NEVER).run())
    await idle()
    await world.server.stop_imap()
    try:
        with pytest.raises(TryLater):
            await asyncio.wait_for(running, 5)
    finally:
        await world.server.start_imap()


async def test_idle_is_renewed_and_goes_on_telling(world: World) -> None:
    taken: list[bytes] = []

    async def take(found: Found) -> None:
        taken.append(found.raw)

    mailbox = Mailbox(replace(world.imap, look_seconds=0.2), take, world.notes, MEBIBYTE)
    listening = asyncio.create_task(mailbox.listen())
    try:
        await asyncio.sleep(1.1)
        assert not listening.done()
        await world.writes("oui")
        await eventually(lambda: len(taken) == 1)
    finally:
        listening.cancel()


async def test_what_makes_no_sense_is_counted_and_blocks_nothing(world: World) -> None:
    tagged = b"From: lea@post.example\r\nSubject: x\r\n\r\nA1 OK done)\r\n* 1 FETCH (UID 1 BODY[] {3}\r\n+ go on\r\n* BYE\r\n"
    odd = [b"\xff\xfe garbage", b"x" * 3000, b"From: a@b.example, c@d.example\r\n\r\nx", tagged]
    await world.server.put("koprogo", *odd, letter("après"))
    async with world.listening():
        stored = await world.inbox.until(5)
    assert [type(said) for said in stored[:3]] == [Ignored] * 3
    assert isinstance(stored[3], Message)
    assert "* BYE" in stored[3].text
    assert world.inbox.texts()[-1] == "après"


async def test_a_reader_that_fails_is_counted_and_blocks_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from channels.email import channel

    read = channel.inbound

    def fails(raw: bytes, *rest: Any) -> Any:
        if b"boom" in raw:
            raise RecursionError("never seen before")
        return read(raw, *rest)

    monkeypatch.setattr(channel, "inbound", fails)
    await world.server.put("koprogo", letter("boom"), letter("après"))
    async with world.listening():
        first, second = await world.inbox.until(2)
    assert isinstance(first, Ignored)
    assert first.why == "malformed"
    assert isinstance(second, Message)


async def test_a_mail_that_the_server_does_not_give_is_left_behind_in_the_end(
    full: World, caplog: pytest.LogCaptureFixture
) -> None:
    await full.server.put("koprogo", letter("un"), letter("deux"), letter("trois"))
    files = sorted(
        (full.server.folder / "mail" / "koprogo" / "Maildir").glob("[cn][ue][rw]/*"), key=lambda file: file.name
    )
    assert len(files) == 3
    shutil.chown(files[1], "root", "root")
    files[1].chmod(0)
    channel = full.reading()
    for _ in range(STUBBORN - 1):
        assert isinstance(await stopped(full, channel), TryLater)
    assert full.inbox.texts() == ["un"]
    await stopped(full, channel)
    async with full.listening(channel):
        stored = await full.inbox.until(3)
    assert isinstance(stored[1], Ignored)
    assert stored[1].why == "unreadable"
    assert full.inbox.texts() == ["un", "trois"]
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


async def test_of_a_mail_that_is_too_large_the_text_is_read(full: World, caplog: pytest.LogCaptureFixture) -> None:
    large = large_mail(30 * MEBIBYTE)
    await full.server.put("koprogo", large, letter("après"))
    del large
    channel = full.reading()
    tracemalloc.start()
    try:
        async with full.listening(channel):
            stored = await full.inbox.until(2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(stored[0], Message)
    assert (stored[0].text, stored[0].files) == ("Voici une vidéo.", ())
    assert full.inbox.texts()[1] == "après"
    assert peak < 5_000_000
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


async def test_a_large_mail_is_held_a_few_times_at_most(full: World) -> None:
    large = large_mail(20 * MEBIBYTE)
    size = len(large)
    await full.server.put("koprogo", large)
    del large
    channel = full.reading()
    tracemalloc.start()
    try:
        async with full.listening(channel):
            (said,) = await full.inbox.until(1, 60)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(said, Message)
    assert [file.name for file in said.files] == ["film.mp4"]
    assert len(await said.files[0].read()) == 20 * MEBIBYTE * 3 // 4
    assert peak < 4 * size


async def test_a_mailbox_that_is_numbered_anew_is_looked_at_again(
    full: World, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = letter("un"), letter("deux")
    folder = "Kopro Go"
    await in_folder(full, folder, one)
    async with full.listening(full.reading(folder=folder)):
        await full.inbox.until(1)
    await in_folder(full, folder, one, two)
    async with full.listening(full.reading(folder=folder)):
        stored = await full.inbox.until(3)
    assert full.inbox.texts() == ["un", "un", "deux"]
    assert stored[0].ref == stored[1].ref != stored[2].ref
    assert [record.message for record in caplog.records if "anew" in record.message]


async def test_a_folder_that_is_not_there(world: World) -> None:
    ended = await stopped(world, world.reading(folder="Nowhere"))
    assert isinstance(ended, TryLater)
    assert "folder" in ended.reason


@pytest.mark.parametrize("stored", [None, "", "x", "[]", '[1, "a"]', "null", "{}"])
async def test_a_cursor_that_makes_no_sense_is_none(stored: str | None) -> None:
    assert Cursor.of(stored) is None
    assert Cursor.of(str(Cursor(7, 9))) == Cursor(7, 9)


async def test_the_cursor_is_kept_after_each_mail(world: World) -> None:
    await world.server.put("koprogo", letter("un"), letter("deux"))
    async with world.listening():
        await world.inbox.until(2)
        await eventually(lambda: CURSOR in world.notes.kept)
    first = Cursor.of(world.notes.kept[CURSOR])
    assert first is not None
    async with world.listening():
        await world.writes("trois")
        await world.inbox.until(3)
        await eventually(lambda: Cursor.of(world.notes.kept[CURSOR]) == replace(first, uid=first.uid + 1))


async def test_a_wrong_password_is_said_once_without_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    channel = world.reading(password='a "wrong" password')
    for _ in range(2):
        ended = await stopped(world, channel)
        assert isinstance(ended, TryLater)
        assert "password" in ended.reason
    said = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 1
    assert "wrong" not in caplog.text


async def test_nobody_listens(light: World) -> None:
    for host, port in ((HOST, light.lmtp_port), ("nowhere.invalid", 143)):
        assert isinstance(await stopped(light, light.reading(host=host, port=port)), TryLater)


@asynccontextmanager
async def strange(*said: bytes) -> AsyncIterator[int]:
    """A server that says something for each line it hears, and then nothing more."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for words in said:
            writer.write(words)
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(talk, HOST)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    "said",
    [
        (b"",),
        (b"* BYE busy\r\n",),
        (b"* OK hello\r\n", b"* nonsense\r\nA OK\r\n"),
        (b"\xff" * 100 + b"\r\n", b"\xff\r\n"),
        (b"* OK hello\r\n" * 3000, b"x"),
    ],
)
async def test_a_server_that_makes_no_sense(
    light: World, said: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.email.imap.TIMEOUT", 1.0)
    async with strange(*said) as port:
        assert isinstance(await stopped(light, light.reading(port=port)), TryLater)


@pytest.fixture
def trusting(full: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """We believe the certificate of the test's server."""
    assert isinstance(full.server, Full)
    monkeypatch.setenv("SSL_CERT_FILE", str(full.server.certificate))
    return full


def secured(world: World, security: Security) -> ImapSettings:
    assert isinstance(world.server, Full)
    port = world.server.imaps_port if security is Security.TLS else world.server.imap_port
    return ImapSettings(HOST, "koprogo", PASSWORD, port, security)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_signed_in_over_tls(trusting: World, security: Security) -> None:
    async with trusting.listening(trusting.channel(imap=secured(trusting, security))):
        await trusting.writes("oui")
        await trusting.inbox.until(1)
    log = (trusting.server.folder / "log" / "dovecot").read_text()
    assert [line for line in log.splitlines() if "Login: user=<koprogo>" in line][-1].count("TLS")


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_certificate_that_nobody_vouches_for_is_refused(full: World, security: Security) -> None:
    ended = await stopped(full, full.channel(imap=secured(full, security)))
    assert isinstance(ended, TryLater)
    assert "certificate" in ended.reason


async def test_a_server_without_encryption_is_told_nothing(light: World) -> None:
    ended = await stopped(light, light.reading(security=Security.STARTTLS))
    assert isinstance(ended, TryLater)
    assert "TLS" in ended.reason


async def unseen(world: World) -> int:
    """How many mails nobody has read, and nobody is to delete."""

    def count() -> int:
        with imaplib.IMAP4(HOST, world.server.imap_port) as box:
            box.login("koprogo", PASSWORD)
            box.select("INBOX", readonly=True)
            return len(box.search(None, "UNSEEN", "UNDELETED")[1][0].split())

    return await asyncio.to_thread(count)


async def in_folder(world: World, folder: str, *raws: bytes) -> None:
    """A new folder, with nothing else in it."""

    def put() -> None:
        with imaplib.IMAP4(HOST, world.server.imap_port) as box:
            box.login("koprogo", PASSWORD)
            box.delete(f'"{folder}"')
            box.create(f'"{folder}"')
            for raw in raws:
                box.append(f'"{folder}"', "", "", raw)

    await asyncio.to_thread(put)


def large_mail(size: int) -> bytes:
    """A mail with a text and a film, that weighs so much."""
    head = (
        b"From: lea@post.example\r\nTo: " + US.encode() + b"\r\nSubject: x\r\nMessage-ID: <large@post.example>\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "Voici une vidéo.\r\n".encode() + b"--b\r\n"
        b'Content-Type: video/mp4; name="film.mp4"\r\nContent-Disposition: attachment; filename="film.mp4"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    line = b"AAAA" * 16 + b"\r\n"
    return head + line * (size // 64) + b"--b--\r\n"
