"""The homeserver of the tests does what the tests rely on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers.synapse import Synapse, synapse
from tests.servers.synapse_people import Refused

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("matrix")]


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Synapse]:
    async with synapse(tmp_path_factory.mktemp("synapse")) as running:
        yield running


async def test_people_meet_and_nothing_is_lost_in_a_burst(server: Synapse) -> None:
    lea, tom = await server.newcomer("lea"), await server.newcomer("tom")
    room = await lea.create(invite=[tom.id], direct=True)
    await tom.until(lambda: room in tom.invited)
    await tom.join(room)
    await tom.sync()
    root = await lea.text(room, "Une échelle ?")
    await lea.text(room, "Jusqu'à dimanche.", thread=root)
    await lea.react(room, root, "👍")
    for number in range(105):
        await lea.notice(room, str(number))
    assert (await tom.hears(by=lea.id))["content"]["body"] == "Une échelle ?"
    assert (await tom.hears())["content"]["m.relates_to"]["rel_type"] == "m.thread"
    assert (await tom.hears(kind="m.reaction"))["content"]["m.relates_to"]["key"] == "👍"
    await tom.hears(lambda event: event["content"]["body"] == "104")
    assert [e["content"]["body"] for e in tom.events if e["content"].get("msgtype") == "m.notice"] == [
        str(number) for number in range(105)
    ]


async def test_a_file_and_a_receipt(server: Synapse) -> None:
    lea, tom = await server.newcomer("lea"), await server.newcomer("tom")
    room = await lea.create(invite=[tom.id])
    await tom.join(room)
    sent = await lea.file(room, "fuite.png", b"not really a picture", "image/png")
    seen = await tom.hears()
    assert seen["content"]["msgtype"] == "m.image"
    assert await tom.download(seen["content"]["url"]) == b"not really a picture"
    await tom.read(room, sent)
    await lea.until(lambda: tom.id in lea.receipts[sent])


async def test_it_keeps_what_it_knows_when_it_is_killed(server: Synapse) -> None:
    lea = await server.register("lea")
    room = await lea.create()
    sent = await lea.text(room, "Encore là ?")
    await server.kill()
    await server.start()
    assert (await lea.event(room, sent))["content"]["body"] == "Encore là ?"
    again = await server.login("lea")
    assert (again.id, again.device != lea.device) == (lea.id, True)
    with pytest.raises(Refused, match="M_FORBIDDEN"):
        await server.login("lea", "wrong")


async def test_default_limits_are_those_of_an_unknown_server(tmp_path: Path) -> None:
    async with synapse(tmp_path, default_limits=True) as server:
        lea = await server.register("lea")
        room = await lea.create()

        async def shout() -> None:
            for number in range(30):
                await lea.text(room, str(number))

        with pytest.raises(Refused) as refused:
            await shout()
        assert refused.value.status == 429
        assert refused.value.answer["retry_after_ms"] > 0
