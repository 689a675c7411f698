"""As an application service of a real homeserver, which was let know of us by the very file that `koprogo matrix-registration` prints."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession, web

from channels.matrix import MatrixSettings
from channels.matrix.appservice import MatrixService, ServiceClient, Tokens
from channels.matrix.failure import MatrixError
from core.messaging.channel import Address, Evidence, Ignored, Joined, Message, Room, Seen, TryLater
from tests.channels.matrix.conftest import CARD, PNG, Inbox, file, key
from tests.channels.world import Notes
from tests.servers.ports import free_port
from tests.servers.synapse import Synapse, synapse
from tests.servers.synapse_people import Person
from tests.waiting import eventually

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("matrix")]

US = "@kopro.bot:home.example"
TRANSACTIONS = "/_matrix/app/v1/transactions/"


@dataclass
class House:
    """A homeserver with us as its application service, our door for it, and what was stored."""

    server: Synapse
    channel: MatrixService
    inbox: Inbox
    tokens: Tokens
    url: str
    session: ClientSession

    async def in_room(self, room: str, count: int) -> list[Message]:
        """The messages of a talk, once there are so many."""

        def there() -> list[Message]:
            return [message for message in self.inbox.messages if message.thread and room in message.thread]

        await eventually(lambda: len(there()) >= count)
        return there()

    async def put(self, name: str, body: Any, token: str | None = "", raw: bytes | None = None) -> tuple[int, Any]:
        """Brings a parcel as a homeserver does. `token`: the right one unless another is given, or None."""
        shown = self.tokens.hs_token if token == "" else token
        headers = {"Authorization": f"Bearer {shown}"} if shown is not None else {}
        address = f"{self.url}{TRANSACTIONS}{name}"
        given: dict[str, Any] = {"data": raw} if raw is not None else {"json": body}
        async with self.session.put(address, headers=headers, **given) as answer:
            return answer.status, await answer.json()


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    inbox, notes = Inbox(), Notes()
    url = f"http://127.0.0.1:{free_port()}"
    printed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "koprogo", "matrix-registration", "--url", url, "--user", US],
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        check=True,
        capture_output=True,
    )
    (folder / "koprogo.yaml").write_bytes(printed.stdout)
    read = yaml.safe_load(printed.stdout)
    tokens = Tokens(read["as_token"], read["hs_token"])
    async with (
        synapse(folder / "synapse", registrations=[folder / "koprogo.yaml"]) as server,
        ClientSession() as session,
    ):
        channel = MatrixService(MatrixSettings(server.url, US, folder / "data"), tokens, inbox.receive, notes)
        app = web.Application()
        app.add_routes(channel.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(url.rpartition(":")[2])).start()
        running = asyncio.create_task(channel.run())
        yield House(server, channel, inbox, tokens, url, session)
        assert not running.done(), running.exception()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await runner.cleanup()


@pytest.fixture
async def lea(house: House) -> Person:
    return await house.server.newcomer("lea")


async def talk(house: House, lea: Person) -> str:
    """A talk of hers with us, in which we are."""
    room = await lea.create(invite=[US], direct=True)
    await lea.until(lambda: any(joined(event, room) for event in lea.events))
    return room


def joined(event: dict[str, Any], room: str) -> bool:
    return (event["type"], event["room_id"], event.get("state_key"), event["content"].get("membership")) == (
        "m.room.member",
        room,
        US,
        "join",
    )


def said(room: str, text: str, number: int = 0, **more: Any) -> dict[str, Any]:
    """A message as a homeserver brings it."""
    content = {"msgtype": "m.text", "body": text}
    return {
        "type": "m.room.message",
        "room_id": room,
        "event_id": f"$made-{number}-{abs(hash(text))}",
        "sender": "@lea:home.example",
        "origin_server_ts": 1_795_000_000_000,
        "content": content,
        **more,
    }


async def test_a_talk_from_the_first_word_to_the_receipt(house: House, lea: Person) -> None:
    room = await lea.create(invite=[US], direct=True)
    asked = await lea.text(room, "Que dois-je ?")
    (message,) = await house.in_room(room, 1)
    assert (message.ref, message.text, message.origin.sender, message.origin.room) == (
        asked,
        "Que dois-je ?",
        Address("matrix", lea.id),
        None,
    )
    files = [file("plan.png", "image/png", PNG)]
    receipt = await house.channel.send(message.origin.sender, CARD, files, key(1), message.thread)
    picture = await lea.hears(by=US)
    assert await lea.download(picture["content"]["url"]) == PNG
    answer = await lea.hears(by=US)
    assert answer["event_id"] == receipt.wire_ref
    again = await house.channel.send(message.origin.sender, CARD, files, key(1), message.thread)
    assert again.wire_ref == receipt.wire_ref
    await lea.read(room, receipt.wire_ref)
    await eventually(lambda: any(isinstance(each, Seen) for each in house.inbox.stored))
    (seen,) = [each for each in house.inbox.stored if isinstance(each, Seen)]
    assert (seen.wire_ref, seen.origin.sender.handle) == (receipt.wire_ref, lea.id)
    assert house.channel.traits.best_evidence is Evidence.SEEN


async def test_we_may_begin_a_talk(house: House, lea: Person) -> None:
    receipt = await house.channel.send(Address("matrix", lea.id), CARD, (), key(2), None)
    await lea.until(lambda: bool(lea.invited))
    await lea.join(lea.invited[0])
    assert (await lea.hears(by=US))["event_id"] == receipt.wire_ref


async def test_a_group_is_joined_and_told(house: House, lea: Person) -> None:
    tom = await house.server.newcomer("tom")
    room = await lea.create(invite=[tom.id], name="Escalier B")
    await tom.join(room)
    await lea.text(room, "avant")
    await lea.invite(room, US)
    await eventually(lambda: any(isinstance(each, Joined) for each in house.inbox.stored))
    (came,) = [each for each in house.inbox.stored if isinstance(each, Joined)]
    assert (came.origin.room, came.origin.sender.handle, came.members) == (Room("matrix", room), lea.id, 2)
    await tom.text(room, "après")
    (message,) = await house.in_room(room, 1)
    assert (message.text, message.origin.addressed) == ("après", False)


async def test_a_burst_is_stored_whole_and_once(house: House, lea: Person) -> None:
    room = await talk(house, lea)
    await asyncio.gather(*[lea.text(room, str(number)) for number in range(50)])
    await house.in_room(room, 50)
    await lea.text(room, "fin")
    messages = await house.in_room(room, 51)
    assert sorted(int(message.text) for message in messages[:-1]) == list(range(50))
    assert messages[-1].text == "fin"
    assert len({message.ref for message in messages}) == 51


async def test_what_cannot_be_stored_comes_again(house: House, lea: Person) -> None:
    room = await talk(house, lea)
    house.inbox.refusals = 1
    await lea.text(room, "Encore ?")
    (message,) = await house.in_room(room, 1)
    assert (message.text, house.inbox.refusals) == ("Encore ?", 0)


async def test_a_homeserver_that_was_killed_brings_what_is_new(house: House, lea: Person) -> None:
    room = await talk(house, lea)
    await house.server.kill()
    await house.server.start()
    asked = [await lea.text(room, str(number)) for number in range(3)]
    assert [message.ref for message in await house.in_room(room, 3)] == asked


async def test_a_stranger_at_the_door(house: House) -> None:
    body = {"events": [said("!r:home.example", "Payez-moi")]}
    assert await house.put("s1", body, token="wrong") == (403, {"errcode": "M_FORBIDDEN"})
    assert await house.put("s1", body, token=house.tokens.as_token) == (403, {"errcode": "M_FORBIDDEN"})
    assert await house.put("s1", body, token=None) == (401, {"errcode": "M_MISSING_TOKEN"})
    assert "Payez-moi" not in [message.text for message in house.inbox.messages]
    headers = {"Authorization": f"Bearer {house.tokens.hs_token}"}
    for path, wanted in (("/users/@x:home.example", 404), ("/rooms/%23x:home.example", 404)):
        async with house.session.get(f"{house.url}/_matrix/app/v1{path}", headers=headers) as answer:
            assert (answer.status, (await answer.json())["errcode"]) == (wanted, "M_NOT_FOUND")
        async with house.session.get(f"{house.url}/_matrix/app/v1{path}") as answer:
            assert answer.status == 401


async def test_the_homeserver_can_ask_whether_we_are_there(house: House) -> None:
    headers = {"Authorization": f"Bearer {house.tokens.as_token}"}
    address = f"{house.server.url}/_matrix/client/v1/appservice/koprogo/ping"
    async with house.session.post(address, json={"transaction_id": "p"}, headers=headers) as answer:
        assert answer.status == 200
        assert (await answer.json())["duration_ms"] < 5_000


async def test_a_parcel_counts_once(house: House, lea: Person) -> None:
    room = await talk(house, lea)
    body = {"events": [said(room, "deux fois")]}
    for name in ("d1", "d1", "d2"):
        assert await house.put(name, body) == (200, {})
    assert [message.text for message in await house.in_room(room, 1)] == ["deux fois"]
    house.inbox.refusals = 1
    fresh = {"events": [said(room, "une", 1), said(room, "autre", 2)]}
    assert (await house.put("d3", fresh))[0] == 500
    assert await house.put("d3", fresh) == (200, {})
    assert [message.text for message in await house.in_room(room, 3)] == ["deux fois", "une", "autre"]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("m1", b"not json"),
        ("m2", b"[]"),
        ("m3", b'{"events": 1}'),
        ("m4", b'{"events": [1, null, {"room_id": 5}, {"type": "m.room.message"}]}'),
        ("m5", b"[" * 100_000),
        (
            "m6",
            b'{"events": [{"room_id": "!x:home.example", "type": "m.room.message", "content": []}], "ephemeral": [3]}',
        ),
        ("m7", b"\xff\x00"),
    ],
)
async def test_what_makes_no_sense_is_counted_and_taken(house: House, name: str, raw: bytes) -> None:
    before = len(house.inbox.stored)
    assert await house.put(name, None, raw=raw) == (200, {})
    new = house.inbox.stored[before:]
    assert new
    assert all(isinstance(each, Ignored) and each.why == "malformed" for each in new), new


async def test_other_kinds_are_counted(house: House, lea: Person) -> None:
    room = await talk(house, lea)
    before = len(house.inbox.stored)
    assert (await house.put("k1", {"events": [said(room, "?", type="org.example.strange")], "later": {}}))[0] == 200
    (counted,) = house.inbox.stored[before:]
    assert isinstance(counted, Ignored)
    assert counted.why == "unknown_kind"


async def test_a_parcel_too_large_is_refused(house: House) -> None:
    status, answer = await house.put("big", None, raw=b"x" * 32_000_001)
    assert (status, answer["errcode"]) == (413, "M_TOO_LARGE")


async def test_another_user_than_the_registration_names(house: House) -> None:
    client = ServiceClient(house.server.url, "@somebody:home.example", house.tokens.as_token)
    with pytest.raises(MatrixError):
        await client.open()
    await client.close()


async def test_a_wrong_token_is_for_the_operator(house: House, tmp_path: Path) -> None:
    settings = MatrixSettings(house.server.url, US, tmp_path)
    channel = MatrixService(settings, Tokens("wrong", "wrong"), Inbox().receive, Notes())
    with pytest.raises(TryLater, match="session"):
        await channel.run()
    await channel.close_connections()
