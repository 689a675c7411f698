"""A mail server hands over: each recipient has his answer, and what is not stored is brought again."""

from __future__ import annotations

import asyncio
import logging
import smtplib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from channels.email import MEBIBYTE
from channels.email.lmtp import LONGEST_LINE
from core.messaging.channel import Bounced, Ignored, Inbound, Message, Trust, TryLater
from tests.channels.email.conftest import KEY, LEA, US, World, letter
from tests.servers.mail import HOST
from tests.waiting import eventually

DIRECT = "koprogo@direct.example"


async def talked(world: World, talk: Callable[[smtplib.LMTP], Any]) -> Any:
    """What a mail server gets for an answer, in a thread of its own."""

    def talked() -> Any:
        with smtplib.LMTP(HOST, world.lmtp_port, timeout=20) as lmtp:
            return talk(lmtp)

    return await asyncio.to_thread(talked)


def by_hand(light: World, **more: Any) -> Any:
    return light.listening(light.channel(lmtp=light.lmtp, **more))


async def listened(light: World) -> None:
    """Until somebody listens."""
    async with asyncio.timeout(5):
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, light.lmtp_port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


async def test_each_recipient_has_an_answer_and_a_message_of_his_own(light: World) -> None:
    token = light.pages.reply(KEY)
    tos = [US, f"koprogo+{token}@immeuble.example", "nobody@immeuble.example", "koprogo@elsewhere.example"]

    def talk(lmtp: smtplib.LMTP) -> list[Any]:
        lmtp.ehlo_or_helo_if_needed()
        answers = [lmtp.mail(LEA.handle), *(lmtp.rcpt(to) for to in tos), lmtp.data(letter("oui"))]
        return [*answers, lmtp.getreply()]

    async with by_hand(light):
        await listened(light)
        answers = await talked(light, talk)
    assert [code for code, _ in answers] == [250, 250, 250, 550, 550, 250, 250]
    assert answers[3][1].startswith(b"5.1.1")
    first, second = light.inbox.stored
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert first.ref != second.ref
    assert (first.origin.trust, second.origin.trust, second.origin.token) == (Trust.NONE, Trust.REPLY, KEY)


async def test_what_could_not_be_stored_is_not_acknowledged(light: World, caplog: pytest.LogCaptureFixture) -> None:
    light.inbox.refusals = 1

    def talk(lmtp: smtplib.LMTP) -> list[Any]:
        lmtp.ehlo_or_helo_if_needed()
        lmtp.mail(LEA.handle)
        lmtp.rcpt(US)
        lmtp.rcpt(f"koprogo+{light.pages.reply(KEY)}@immeuble.example")
        return [lmtp.data(letter("un secret")), lmtp.getreply()]

    async with by_hand(light):
        await listened(light)
        answers = await talked(light, talk)
    assert [code for code, _ in answers] == [451, 250]
    assert len(light.inbox.stored) == 1
    said = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 1
    for private in ("@", "secret", KEY):
        assert private not in caplog.text


async def test_250_only_after_it_was_stored(light: World) -> None:
    gate, order = asyncio.Event(), list[str]()

    async def receive(inbound: Inbound) -> None:
        order.append("asked")
        await gate.wait()
        order.append("stored")

    light.inbox.receive = receive  # type: ignore[method-assign]
    async with by_hand(light):
        await listened(light)
        handed = asyncio.create_task(talked(light, lambda lmtp: lmtp.sendmail(LEA.handle, [US], letter("oui"))))
        handed.add_done_callback(lambda _: order.append("acknowledged"))
        await eventually(lambda: order == ["asked"])
        await asyncio.sleep(0.2)
        assert order == ["asked"]
        gate.set()
        await handed
        await asyncio.sleep(0)
    assert order == ["asked", "stored", "acknowledged"]


async def test_the_size_is_announced_and_each_recipient_is_told(light: World) -> None:
    large = letter("x" * 76 + "\n") + (b"x" * 76 + b"\r\n") * 3000

    def announced(lmtp: smtplib.LMTP) -> Any:
        lmtp.ehlo_or_helo_if_needed()
        return lmtp.esmtp_features["size"], lmtp.mail(LEA.handle, [f"size={len(large)}"])

    def talk(lmtp: smtplib.LMTP) -> list[Any]:
        lmtp.ehlo_or_helo_if_needed()
        lmtp.mail(LEA.handle)
        lmtp.rcpt(US)
        lmtp.rcpt(US)
        return [lmtp.data(large), lmtp.getreply(), lmtp.noop()]

    async with by_hand(light, most_bytes=100_000):
        await listened(light)
        size, refused = await talked(light, announced)
        answers = await talked(light, talk)
        await talked(light, lambda lmtp: lmtp.sendmail(LEA.handle, [US], letter("petit")))
    assert size == "100000"
    assert refused[0] == 552
    assert [code for code, _ in answers] == [552, 552, 250]
    assert light.inbox.texts() == ["petit"]


async def test_long_lines_bytes_and_nothing_at_all_are_taken(light: World) -> None:
    head = b"From: lea@post.example\r\nTo: koprogo@immeuble.example\r\nSubject: x\r\n\r\n"
    async with by_hand(light):
        await listened(light)
        for raw in (
            head + b"x" * (LONGEST_LINE // 2) + b"\r\n",
            head + b"\xff\x00\xfe\r\n..\r\n.x\r\n",
            b"",
            b"\r\n",
            b"\0" * 99,
        ):
            assert await talked(light, lambda lmtp, raw=raw: lmtp.sendmail(LEA.handle, [US], raw)) == {}
    assert len(light.inbox.stored) == 5
    assert all(isinstance(said, Message | Ignored) for said in light.inbox.stored)


async def test_without_a_sender_it_is_a_bounce_or_nothing(light: World) -> None:
    async with by_hand(light):
        await listened(light)
        await talked(light, lambda lmtp: lmtp.sendmail("", [f"koprogo+bounce-{KEY}@immeuble.example"], letter("?")))
        (said,) = await light.inbox.until(1)
    assert not isinstance(said, Message)


async def test_many_at_once(light: World) -> None:
    def brings(number: int) -> Callable[[smtplib.LMTP], Any]:
        return lambda lmtp: lmtp.sendmail(LEA.handle, [US], letter(f"mail {number}"))

    async with by_hand(light):
        await listened(light)
        await asyncio.gather(*(talked(light, brings(number)) for number in range(40)))
    assert sorted(light.inbox.texts()) == sorted(f"mail {number}" for number in range(40))


async def test_ending_breaks_off_what_is_not_stored(light: World) -> None:
    async def receive(inbound: Inbound) -> None:
        light.inbox.asked += 1
        await asyncio.Event().wait()

    light.inbox.receive = receive  # type: ignore[method-assign]
    async with by_hand(light):
        await listened(light)
        handed = asyncio.create_task(talked(light, lambda lmtp: lmtp.sendmail(LEA.handle, [US], letter("oui"))))
        await eventually(lambda: light.inbox.asked == 1)
    with pytest.raises((smtplib.SMTPException, OSError)):
        await handed


async def test_somebody_else_listens_there(light: World) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), HOST, light.lmtp_port)
    async with server:
        with pytest.raises(TryLater, match="LMTP"):
            await light.channel(lmtp=light.lmtp).run()


# With Postfix before it


def direct(full: World, **more: Any) -> Any:
    return full.listening(full.channel(address=DIRECT, lmtp=full.lmtp, **more))


async def test_postfix_hands_over_in_order_what_came_while_nobody_listened(full: World) -> None:
    texts = [f"mail {number}" for number in range(50)]
    await full.writes(*texts, to=DIRECT)
    await eventually(lambda: full.server.queued() == 50)  # type: ignore[union-attr]
    assert full.inbox.stored == []
    async with direct(full):
        await full.inbox.until(50, 30)
        await eventually(lambda: full.server.queued() == 0)  # type: ignore[union-attr]
        await full.writes("après", to=DIRECT)
        await full.inbox.until(51)
    assert sorted(full.inbox.texts()[:50]) == sorted(texts)
    assert full.inbox.texts()[50] == "après"


async def test_postfix_hands_over_one_after_the_other_in_order(full: World) -> None:
    async with direct(full):
        for number in range(20):
            await full.writes(f"mail {number}", to=DIRECT)
            await full.inbox.until(number + 1)
    assert full.inbox.texts() == [f"mail {number}" for number in range(20)]


async def test_postfix_keeps_what_was_not_stored_and_brings_it_again(full: World) -> None:
    full.inbox.refusals = 3
    async with direct(full):
        await full.writes("oui", to=DIRECT)
        await full.inbox.until(1, 30)
        await eventually(lambda: full.server.queued() == 0)  # type: ignore[union-attr]
    assert full.inbox.asked == 4
    assert full.inbox.texts() == ["oui"]


async def test_a_mail_that_is_too_large_goes_back_to_its_author(full: World) -> None:
    async with direct(full, most_bytes=MEBIBYTE):
        await full.server.submit(letter("x" * 76 + "\n") + (b"x" * 76 + b"\r\n") * 20_000, LEA.handle, DIRECT)
        (bounce,) = await full.server.mails("lea", 1)
    assert b"Undelivered" in bounce
    assert full.inbox.stored == []


async def test_a_bounce_comes_by_lmtp_too(full: World) -> None:
    await full.sends(to="unknown@post.example", address=DIRECT)
    async with direct(full):
        (said,) = await full.inbox.until(1)
    assert isinstance(said, Bounced)
    assert (said.key, said.hard) == (KEY, True)


async def test_by_mailbox_and_by_hand_a_mail_is_the_same(full: World) -> None:
    """Its reference is made of what it is, so that two ways in answer once."""
    one = letter("oui")
    await full.server.put("koprogo", one)
    await full.server.submit(one, LEA.handle, US)
    async with full.listening():
        stored = await full.inbox.until(2)
    assert len({said.ref for said in stored}) == 1
    assert replace(stored[0], at=stored[1].at) == stored[1]
