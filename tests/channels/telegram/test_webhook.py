"""What arrives by webhook: with the right secret only, stored before it is acknowledged, in order for each chat."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web

from channels.telegram.channel import BODY_LIMIT, SECRET_HEADER, Telegram
from core.messaging.channel import Ignored, Inbound, Message
from tests.channels.telegram.conftest import World
from tests.waiting import eventually

SECRET = "a-secret_of-ours"


@contextlib.asynccontextmanager
async def served(world: World, secret: str | None = SECRET) -> AsyncIterator[tuple[str, Telegram]]:
    """The webhook on a port of its own, not yet known to Telegram. Its address, and the channel."""
    app = web.Application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    channel = world.channel(world.settings(webhook_url="http://127.0.0.1:1/hook/telegram", webhook_secret=secret))
    app.add_routes(channel.routes())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook/telegram"
    channel._settings = world.settings(webhook_url=url, webhook_secret=secret)
    try:
        yield url, channel
    finally:
        await runner.cleanup()


async def test_updates_come_with_the_secret_and_are_acknowledged(world: World) -> None:
    lea = world.api.person("Léa", "nl")
    async with served(world) as (url, channel), world.listening(channel):
        await eventually(lambda: world.api.webhook.url == url)
        assert world.api.webhook.secret == SECRET
        assert world.api.allowed == {"message", "edited_message", "callback_query", "my_chat_member"}
        update = lea.says("wat moet ik betalen?")
        message = await world.inbox.message()
        await eventually(lambda: world.api.pending == [])
    assert (message.text, message.ref, message.origin.language) == ("wat moet ik betalen?", str(update), "nl")
    assert world.api.webhook.answers == [200]
    assert world.api.called("getUpdates") == []


async def test_what_could_not_be_stored_comes_again(world: World) -> None:
    lea = world.api.person("Léa")
    async with served(world) as (url, channel), world.listening(channel):
        await eventually(lambda: world.api.webhook.url == url)
        world.inbox.refusals = 2
        lea.says("un")
        lea.says("deux")
        stored = await world.inbox.until(2)
        await eventually(lambda: world.api.pending == [])
    assert [one.text for one in stored if isinstance(one, Message)] == ["un", "deux"]
    assert world.api.webhook.answers == [500, 500, 200, 200]


async def test_without_a_secret_of_ours_one_is_derived_that_lasts(world: World) -> None:
    async with served(world, secret=None) as (url, channel), world.listening(channel):
        await eventually(lambda: world.api.webhook.url == url)
        first = world.api.webhook.secret
        world.api.person("Léa").says("un")
        await world.inbox.message()
    assert first
    assert len(first) >= 32
    assert world.api.token not in first
    assert world.channel()._secret() == first


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({SECRET_HEADER: ""}, 403),
        ({SECRET_HEADER: "wrong"}, 403),
        ({SECRET_HEADER: SECRET + "x"}, 403),
        ({SECRET_HEADER: "é"}, 403),
    ],
)
async def test_nobody_else_gets_in(world: World, headers: dict[str, str], status: int) -> None:
    body = b'{"update_id": 1, "message": {}}'
    async with (
        served(world) as (url, _),
        ClientSession() as session,
        session.post(url, data=body, headers=headers) as answer,
    ):
        assert answer.status == status
    assert world.inbox.stored == []
    assert world.api.calls == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"[]", b"null", b'"text"', b'{"update_id": "7"}', b'{"message": {}}'],
)
async def test_nonsense_is_counted_and_acknowledged(world: World, body: bytes) -> None:
    async with (
        served(world) as (url, channel),
        world.listening(channel),
        ClientSession() as session,
        session.post(url, data=body, headers={SECRET_HEADER: SECRET}) as answer,
    ):
        assert answer.status == 200
    assert isinstance(world.inbox.stored[0], Ignored)
    assert world.inbox.stored[0].why == "malformed"
    assert len(world.inbox.stored) == 1


async def test_two_kinds_of_nonsense_are_told_apart_and_one_twice_is_one(world: World) -> None:
    async with served(world) as (url, channel), world.listening(channel), ClientSession() as session:
        for body in (b"{", b"{{", b"{"):
            await session.post(url, data=body, headers={SECRET_HEADER: SECRET})
    first, second, third = [one.ref for one in world.inbox.stored]
    assert first == third != second


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_too_large_is_refused(world: World, announced: bool) -> None:
    body = b'{"update_id": 1}' + b" " * BODY_LIMIT

    async def unannounced() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    async with served(world) as (url, _), ClientSession() as session:
        data = body if announced else unannounced()
        async with session.post(url, data=data, headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == 413
    assert world.inbox.stored == []


async def test_updates_of_one_chat_keep_their_order_and_others_do_not_wait(world: World) -> None:
    lea, tom = world.api.person("Léa"), world.api.person("Tom")
    gate, order = asyncio.Event(), []

    async def receive(inbound: Inbound) -> None:
        assert isinstance(inbound, Message)
        if inbound.text == "first":
            await gate.wait()
        order.append(inbound.text)

    updates = {
        text: _update(number, who.id, text)
        for number, (who, text) in enumerate([(lea, "first"), (lea, "second"), (tom, "other")], 1)
    }
    async with served(world) as (url, channel), ClientSession() as session:
        channel._receive = receive
        posts = []
        for update in updates.values():
            posts.append(
                asyncio.create_task(session.post(url, json=update, headers={SECRET_HEADER: SECRET}).__aenter__())
            )
            await asyncio.sleep(0.05)
        await eventually(lambda: order == ["other"])
        gate.set()
        assert [answer.status for answer in await asyncio.gather(*posts)] == [200, 200, 200]
        await channel._sending.shutdown()
    assert order == ["other", "first", "second"]


def _update(number: int, chat: int, text: str) -> dict[str, object]:
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1,
            "text": text,
            "chat": {"id": chat, "type": "private"},
            "from": {"id": chat, "is_bot": False, "first_name": "x"},
        },
    }


async def test_without_a_webhook_there_is_no_route(world: World) -> None:
    assert world.channel().routes() == ()
