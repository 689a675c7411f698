"""The session of a user: kept as a secret, taken up again, and made anew where it was ended."""

from __future__ import annotations

import pytest

from channels.matrix.account import SESSION, Account
from channels.matrix.failure import MatrixError
from core.messaging.channel import Address, TryLater
from tests.channels.matrix.conftest import CARD, World, key
from tests.servers.synapse_people import Person

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("matrix")]


async def devices(world: World) -> set[str]:
    return {each["device_id"] for each in (await world.bot.call("GET", "devices"))["devices"]} - {world.bot.device}


async def test_one_login_serves_for_good_and_only_we_can_read_it(world: World, lea: Person) -> None:
    for number in range(2):
        account = Account(world.settings(device_name="L'immeuble"))
        assert await account.open() == world.id
        assert await account.joined_rooms() == []
        await account.close()
        assert len(await devices(world)) == 1, number
    assert (world.folder.stat().st_mode & 0o777, (world.folder / SESSION).stat().st_mode & 0o777) == (0o700, 0o600)
    assert [path.name for path in world.folder.iterdir()] == [SESSION]
    secrets = str(account.settings) + repr(account.settings)
    assert "password" not in secrets or "a password for tests only" not in secrets


async def test_a_session_that_was_ended_is_made_anew_as_the_same_device(world: World, lea: Person) -> None:
    room = await world.talk(lea)
    channel = world.channel()
    first = await channel.send(Address("matrix", lea.id), CARD, (), key(1), None)
    (device,) = await devices(world)
    await world.bot.call("POST", "logout/all", {})
    world.bot = await world.server.login(world.id)
    second = await channel.send(Address("matrix", lea.id), CARD, (), key(2), None)
    await channel.close_connections()
    assert await devices(world) == {device}
    await lea.sync()
    said = [
        event["event_id"] for event in lea.events if event["sender"] == world.id and event["type"] == "m.room.message"
    ]
    assert (said, room) == ([first.wire_ref, second.wire_ref], lea.events[0]["room_id"])


async def test_an_access_token_serves_in_the_place_of_a_password(world: World, lea: Person) -> None:
    account = Account(world.settings(password=None, access_token=world.bot.token))
    assert await account.open() == world.id
    await account.close()
    assert await devices(world) == set()
    other = Account(world.settings(password=None, access_token=lea.token))
    with pytest.raises(MatrixError, match="OTHER_USER"):
        await other.open()
    await other.close()


async def test_a_token_that_ended_is_said_and_what_is_to_be_sent_waits(world: World, lea: Person) -> None:
    channel = world.channel(world.settings(password=None, access_token="syt_no_such_token"))
    with pytest.raises(TryLater, match="session"):
        await channel.send(Address("matrix", lea.id), CARD, (), key(1), None)
    with pytest.raises(TryLater, match="session"):
        await channel.run()
    await channel.close_connections()


async def test_a_wrong_password_is_said(world: World, lea: Person) -> None:
    channel = world.channel(world.settings(password="wrong"))
    with pytest.raises(TryLater, match="name and password"):
        await channel.send(Address("matrix", lea.id), CARD, (), key(1), None)
    await channel.close_connections()
    assert not world.folder.exists()
