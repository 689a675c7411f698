"""Encrypted rooms on a real homeserver: the person at the other end is a client of its own, with its own keys."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import nio
import pytest

from channels.matrix.account import Account
from channels.matrix.channel import Matrix
from channels.matrix.encryption import EncryptedAccount
from channels.matrix.failure import MatrixError
from channels.matrix.keys import FILE, WAITING, Keys
from core.messaging.channel import Address
from tests.channels.matrix.conftest import CARD, PNG, World, file, key
from tests.servers.synapse import PASSWORD, Synapse
from tests.servers.synapse_people import Person
from tests.waiting import eventually

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("matrix")]

ALGORITHM = {"algorithm": "m.megolm.v1.aes-sha2"}


class Encrypting:
    """Somebody whose client encrypts. `nio` is the client; it keeps its keys in memory."""

    def __init__(self, server: Synapse, user: str) -> None:
        config = nio.AsyncClientConfig(store=nio.store.SqliteMemoryStore, encryption_enabled=True)
        self.nio = nio.AsyncClient(server.url, user, config=config)
        self.id = user
        self.events: list[Any] = []
        self.nio.add_event_callback(self._hear, (nio.RoomMessage, nio.RoomEncryptedMedia, nio.MegolmEvent))

    async def _hear(self, room: nio.MatrixRoom, event: Any) -> None:
        if event.sender != self.id:
            self.events.append(event)

    async def sync(self, milliseconds: int = 0) -> None:
        """What a client does: looks what is new, and gives and gets the keys that are wanted."""
        await self.nio.sync(milliseconds)
        if self.nio.should_upload_keys:
            await self.nio.keys_upload()
        if self.nio.should_query_keys:
            await self.nio.keys_query()
        if self.nio.should_claim_keys:
            await self.nio.keys_claim(self.nio.get_users_for_key_claiming())
        await self.nio.send_to_device_messages()

    async def talk(self, world: World) -> str:
        """An encrypted talk with us, in which we are."""
        asked = [{"type": "m.room.encryption", "state_key": "", "content": ALGORITHM}]
        room = (await self.nio.room_create(invite=[world.id], is_direct=True, initial_state=asked)).room_id
        await eventually(lambda: world.notes.kept.get(f"dm:{self.id}") == room)
        await self.until(lambda: room in self.nio.rooms and world.id in self.nio.rooms[room].users)
        return str(room)

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not true():
                await self.sync(300)

    async def text(self, room: str, body: str) -> str:
        content = {"msgtype": "m.text", "body": body}
        sent = await self.nio.room_send(room, "m.room.message", content, ignore_unverified_devices=True)
        return str(sent.event_id)

    async def hears(self, number: int = 1) -> Any:
        """What others have said, by its number, counted from 1."""
        await self.until(lambda: len(self.events) >= number)
        return self.events[number - 1]


async def encrypting(world: World, person: Person) -> Encrypting:
    client = Encrypting(world.server, person.id)
    await client.nio.login(PASSWORD)
    await client.sync()
    return client


@pytest.fixture
async def anna(world: World, lea: Person) -> AsyncIterator[Encrypting]:
    client = await encrypting(world, lea)
    yield client
    await client.nio.close()


def secret(world: World) -> Matrix:
    return world.channel(world.settings(encryption=True))


def keys_of(channel: Matrix) -> Keys:
    assert isinstance(channel.client, EncryptedAccount)
    assert channel.client.keys
    return channel.client.keys


async def on_the_wire(world: World, room: str, event: str) -> dict[str, Any]:
    """An event as the homeserver has it."""
    return await world.bot.event(room, event)


async def test_a_talk_that_the_homeserver_cannot_read(world: World, anna: Encrypting) -> None:
    async with world.listening(secret(world)) as channel:
        room = await anna.talk(world)
        asked = await anna.text(room, "Que dois-je ce trimestre ?")
        message = await world.inbox.message()
        assert (message.ref, message.text, message.origin.room) == (asked, "Que dois-je ce trimestre ?", None)
        receipt = await channel.send(message.origin.sender, CARD, (), key(1), message.thread)
        answer = await anna.hears()
        assert isinstance(answer, nio.RoomMessageNotice)
        assert answer.body.startswith("Vous devez 412,60 €")
        sent = await on_the_wire(world, room, receipt.wire_ref)
        assert sent["type"] == "m.room.encrypted"
        assert "412,60" not in str(sent), "not even by chance: secrets are written without a comma"
        again = await channel.send(message.origin.sender, CARD, (), key(1), message.thread)
        assert again.wire_ref == receipt.wire_ref
        keys_of(channel)._olm.outbound_group_sessions[room].message_count = 100
        after = await channel.send(message.origin.sender, CARD, (), key(6), message.thread)
        renewed = await on_the_wire(world, room, after.wire_ref)
        assert renewed["content"]["session_id"] != sent["content"]["session_id"]
        assert isinstance(await anna.hears(2), nio.RoomMessageNotice)


async def test_files_both_ways(world: World, anna: Encrypting) -> None:
    async with world.listening(secret(world)) as channel:
        room = await anna.talk(world)
        sealed, place = nio.crypto.encrypt_attachment(PNG)
        url = await world.bot.upload(sealed)
        content = {"msgtype": "m.image", "body": "fuite.png", "info": {"mimetype": "image/png"}}
        asked = {**content, "file": {**place, "url": url}}
        await anna.nio.room_send(room, "m.room.message", asked, ignore_unverified_devices=True)
        (given,) = (await world.inbox.message()).files
        assert (given.name, given.media_type, await given.read()) == ("fuite.png", "image/png", PNG)
        plan = file("plan.pdf", "application/pdf", b"%PDF-1.7 " * 200)
        await channel.send(Address("matrix", anna.id), CARD, [plan], key(2), None)
        got = await anna.hears()
        assert isinstance(got, nio.RoomEncryptedFile)
        stored = await world.bot.download(got.url)
        assert b"PDF" not in stored
        opened = nio.crypto.decrypt_attachment(stored, got.key["k"], got.hashes["sha256"], got.iv)
        assert opened == await plan.read()


async def test_a_restart_reads_what_was_said_meanwhile(world: World, anna: Encrypting) -> None:
    async with world.listening(secret(world)):
        room = await anna.talk(world)
        await anna.text(room, "Bonsoir")
        await world.inbox.message()
    night = [f"pendant la nuit {number}" for number in range(105)]
    await asyncio.gather(*[anna.text(room, text) for text in night])
    async with world.listening(secret(world)) as channel:
        await world.inbox.message(106)
        assert sorted(each.text for each in world.inbox.messages[1:]) == sorted(night)
        assert world.inbox.ignored == []
        await channel.send(Address("matrix", anna.id), CARD, (), key(3), None)
        assert (await anna.hears()).body.startswith("Vous devez")


async def test_a_new_device_reads_what_is_said_from_then_on(world: World, anna: Encrypting, lea: Person) -> None:
    async with world.listening(secret(world)) as channel:
        await anna.talk(world)
        await channel.send(Address("matrix", anna.id), CARD, (), key(4), None)
        await anna.hears()
        phone = await encrypting(world, lea)
        try:
            keys = keys_of(channel)
            await eventually(lambda: anna.id in keys._olm.users_for_key_query)
            await channel.send(Address("matrix", anna.id), CARD, (), key(5), None)
            await phone.until(lambda: any(isinstance(each, nio.RoomMessageNotice) for each in phone.events))
            assert isinstance(await anna.hears(2), nio.RoomMessageNotice)
        finally:
            await phone.nio.close()


async def test_who_has_left_a_group_reads_nothing_more(world: World, anna: Encrypting, tom: Person) -> None:
    carl = await encrypting(world, tom)
    try:
        async with world.listening(secret(world)) as channel:
            room = await anna.talk(world)
            await anna.nio.room_invite(room, tom.id)
            await carl.nio.join(room)
            account, keys = channel.client, keys_of(channel)
            first = await account.put_event(room, "m.room.message", "t1", {"msgtype": "m.notice", "body": "un"})
            await carl.until(lambda: first in {each.event_id for each in carl.events})
            await carl.nio.room_leave(room)
            await eventually(lambda: room not in keys._members)
            second = await account.put_event(room, "m.room.message", "t2", {"msgtype": "m.notice", "body": "deux"})
            sessions = [(await on_the_wire(world, room, each))["content"]["session_id"] for each in (first, second)]
            assert sessions[0] != sessions[1]
            assert carl.nio.olm.inbound_group_store.get(
                room, keys._olm.account.identity_keys["curve25519"], sessions[0]
            )
            await carl.sync()
            assert not carl.nio.olm.inbound_group_store.get(
                room, keys._olm.account.identity_keys["curve25519"], sessions[1]
            )
            await anna.until(lambda: second in {each.event_id for each in anna.events})
            assert anna.events[-1].body == "deux"
    finally:
        await carl.nio.close()


async def test_what_cannot_be_read_is_counted_and_its_key_asked_for_once(world: World, anna: Encrypting) -> None:
    async with world.listening(secret(world)) as channel:
        room = await anna.talk(world)
        withheld = anna.nio.share_group_session

        withheld_keys: list[str] = []

        async def to_nobody(room_id: str, ignore_unverified_devices: bool = False) -> None:
            anna.nio.olm.create_outbound_group_session(room_id)
            anna.nio.olm.outbound_group_sessions[room_id].shared = True
            withheld_keys.append(anna.nio.olm.outbound_group_sessions[room_id].session_key)

        anna.nio.share_group_session = to_nobody
        lost = [await anna.text(room, f"perdu {number}") for number in range(2)]
        anna.nio.share_group_session = withheld
        await eventually(lambda: world.inbox.ignored.count("undecryptable") == 2)
        keys = keys_of(channel)
        await eventually(
            lambda: len(keys._olm.outgoing_key_requests) == 1 and not keys._olm.outgoing_to_device_messages
        )
        assert world.inbox.messages == []

        # The key comes late, after all.
        (late,) = withheld_keys
        await send_key(anna, world, room, anna.nio.olm.outbound_group_sessions[room].id, late)
        await world.inbox.message(2)
        assert [(each.ref, each.text) for each in world.inbox.messages] == [(lost[0], "perdu 0"), (lost[1], "perdu 1")]
        await eventually(lambda: (world.folder / WAITING).read_text() == "{}")
        assert len({each.ref for each in world.inbox.stored}) == len(world.inbox.stored)


async def send_key(anna: Encrypting, world: World, room: str, session_id: str, session_key: str) -> None:
    """Gives us the key of a room's session, as a client does that shares it late."""
    missing = anna.nio.get_missing_sessions(room)
    if missing:
        await anna.nio.keys_claim(missing)
    (device,) = list(anna.nio.olm.device_store.active_user_devices(world.id))
    content = {
        "algorithm": ALGORITHM["algorithm"],
        "room_id": room,
        "session_id": session_id,
        "session_key": session_key,
    }
    olm = anna.nio.olm
    sealed = olm._olm_encrypt(olm.session_store.get(device.curve25519), device, "m.room_key", content)
    await anna.nio.to_device(nio.ToDeviceMessage("m.room.encrypted", world.id, device.id, sealed))


# What lies on the disk, and what need not be there


async def nothing(method: str, path: str, body: Any) -> Any:
    raise MatrixError(0)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    made = Keys(tmp_path / "data", "@koprogo:home.example", "DEVICE", nothing)
    yield made
    made.close()


def test_only_we_may_read_the_keys(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    (folder / FILE).touch(mode=0o644)
    (folder / "session.json").write_text("{}")
    Keys(folder, "@koprogo:home.example", "DEVICE", nothing).close()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        FILE: 0o600,
        "session.json": 0o600,
    }


def test_the_same_device_keeps_its_keys(tmp_path: Path) -> None:
    def identity(device: str) -> str:
        made = Keys(tmp_path, "@koprogo:home.example", device, nothing)
        made.close()
        return str(made._olm.account.identity_keys["ed25519"])

    assert identity("DEVICE") == identity("DEVICE") != identity("ANOTHER")


@pytest.mark.parametrize(
    "content",
    [
        {"algorithm": "m.megolm.v1.aes-sha2"},
        {"algorithm": 5, "ciphertext": [], "sender_key": None},
        {**dict.fromkeys(("ciphertext", "sender_key", "session_id", "device_id"), "\x00"), **ALGORITHM},
        "text",
    ],
)
async def test_nonsense_in_an_encrypted_event(keys: Keys, content: Any) -> None:
    event = {"type": "m.room.encrypted", "event_id": "$1", "sender": "@x:home.example", "content": content}
    assert keys.decrypted("!r:home.example", {**event, "origin_server_ts": 1}) is None
    assert keys.decrypted("!r:home.example", event) is None


async def test_a_redacted_event_stays_as_it_is(keys: Keys) -> None:
    event = {"type": "m.room.encrypted", "event_id": "$1", "sender": "@x:home.example", "content": {}}
    assert keys.decrypted("!r:home.example", event) == event


async def test_an_encrypted_event_is_no_state_whatever_is_in_it(keys: Keys) -> None:
    room, kind, content = "!r:home.example", "m.room.member", {"membership": "invite"}
    keys._olm.create_outbound_group_session(room)
    keys._olm.outbound_group_sessions[room].shared = True
    sealed = keys._olm.group_encrypt(room, {"type": kind, "content": content})
    event = {
        "type": "m.room.encrypted",
        "event_id": "$1",
        "sender": "@koprogo:home.example",
        "origin_server_ts": 1,
        "content": sealed,
    }
    assert keys.decrypted(room, {**event, "state_key": "@koprogo:home.example"}) is None
    read = keys.decrypted(room, event)
    assert read
    assert (read["type"], read["content"]) == (kind, content)
    assert "state_key" not in read
    assert keys.decrypted(room, {**event, "sender": "@mallory:home.example"}) is None
    assert keys.decrypted(room, {**event, "event_id": "$2"}) is None, "the same text may not be said twice"


@pytest.mark.parametrize(
    "answer",
    [
        {
            "to_device": {
                "events": [None, 5, {}, {"type": "m.room.encrypted"}, {"type": "m.room_key_request", "content": {}}]
            }
        },
        {"to_device": {"events": [{"type": "m.room.encrypted", "sender": 1, "content": {"algorithm": "x"}}]}},
        {
            "to_device": [],
            "device_lists": {"changed": [1, {}]},
            "device_one_time_keys_count": {"signed_curve25519": "x"},
        },
        {"rooms": {"join": {"!r:home.example": {"timeline": {"events": [{}, 1]}, "state": []}, "x": 1}, "leave": 7}},
        {"to_device": None, "rooms": None, "device_lists": None, "device_one_time_keys_count": 3},
    ],
)
async def test_nonsense_in_a_sync(keys: Keys, answer: Any) -> None:
    keys.arrived(answer)
    await keys.keep_up()
    assert list(keys.late()) == []


async def test_an_olm_message_that_is_none(keys: Keys) -> None:
    ours = keys._olm.account.identity_keys["curve25519"]
    for kind in (0, 1, 2):
        content = {
            "algorithm": "m.olm.v1.curve25519-aes-sha2",
            "sender_key": ours,
            "ciphertext": {ours: {"type": kind, "body": "bm8gbWVzc2FnZQ"}},
        }
        keys.arrived(
            {"to_device": {"events": [{"type": "m.room.encrypted", "sender": "@x:y.example", "content": content}]}}
        )
    assert not list(keys._olm.session_store)


def test_nothing_of_it_is_imported_without_need() -> None:
    code = (
        "import sys; from pathlib import Path; from channels.matrix import MatrixSettings;"
        "from channels.matrix.channel import Matrix;"
        "Matrix(MatrixSettings('http://127.0.0.1:1', '@k:home.example', Path('x')), None, None);"
        "print([name for name in sys.modules if name.startswith('channels.matrix.') and name[16:] in ('keys', 'encryption')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


async def test_without_the_extra_we_say_so_and_go_on(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("channels.matrix.keys", "channels.matrix.encryption"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("nio.crypto.Olm")
    channel = secret(world)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "encrypted rooms cannot be read: the extra e2e is not installed"
    ]
    assert type(channel.client) is Account
    room = await channel.client.create_direct((await world.server.newcomer("lea")).id)
    assert not any(event["type"] == "m.room.encryption" for event in await channel.client.state(room))
    await channel.close_connections()
