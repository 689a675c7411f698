"""The keys of end-to-end encryption: ours, those of the devices that we talk with, and those of the rooms. Olm and Megolm by vodozemac.

They lie in one SQLite file, the only data outside PostgreSQL: a folder that nobody else may enter, and files that nobody else may read. What
nio knows of the protocol is used on the bare answers of the homeserver, so that nothing is kept of rooms and people.
See https://spec.matrix.org/latest/client-server-api/#end-to-end-encryption.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from weakref import WeakValueDictionary

from nio.crypto import Olm
from nio.event_builders import RoomKeyRequestMessage
from nio.events import MegolmEvent
from nio.events.to_device import RoomKeyRequest, RoomKeyRequestCancellation, ToDeviceEvent
from nio.responses import KeysClaimResponse, KeysQueryResponse, KeysUploadResponse, ToDeviceResponse
from nio.store import SqliteStore

from channels.matrix.client import Json
from channels.matrix.failure import MatrixError

FILE: Final = "keys.db"
WAITING: Final = "waiting.json"
WAITING_LIMIT: Final = 500
"""How many events that we could not read are remembered, in case that their keys come late."""
ENCRYPTED: Final = "m.room.encrypted"
ALGORITHM: Final = "m.megolm.v1.aes-sha2"
_V3 = "/_matrix/client/v3"
_TAKEN_REMEMBERED = 1_000

Call = Callable[[str, str, Any], Awaitable[Any]]
"""A request with JSON both ways, as `Requests.call`."""

_log = logging.getLogger(__name__)


class Keys:
    """The keys of one device. `call` makes requests in its name. One task at a time tells it what arrived; many may send."""

    def __init__(self, folder: Path, user_id: str, device_id: str, call: Call) -> None:
        """OSError where the folder is somebody else's."""
        guard(folder)
        self._call = call
        self._us = (user_id, device_id)
        self._folder = folder
        self._store = SqliteStore(user_id, device_id, str(folder), "koprogo", FILE)
        self._olm = Olm(user_id, device_id, self._store)
        self._encrypted: set[str] = set(self._store.load_encrypted_rooms())
        self._plain: set[str] = set()
        self._members: dict[str, frozenset[str]] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._taken: OrderedDict[bytes, None] = OrderedDict()
        self._waiting: OrderedDict[str, tuple[str, str, str]] = _read(folder / WAITING)

    def close(self) -> None:
        self._store.database.close()

    # What arrives

    def arrived(self, answer: Mapping[str, Any]) -> None:
        """What a sync says of keys, devices and rooms. It comes before the events of that sync are read."""
        for raw in _list(_map(answer, "to_device").get("events")):
            self._take(raw)
        self._olm.collect_key_requests()
        devices = _map(answer, "device_lists")
        changed = {user for name in ("changed", "left") for user in _list(devices.get(name)) if isinstance(user, str)}
        self._olm.add_changed_users(changed & self._olm.tracked_users)
        counts = answer.get("device_one_time_keys_count")
        if isinstance(counts, dict):
            count = counts.get("signed_curve25519", 0)
            self._olm.uploaded_key_count = count if isinstance(count, int) else None
        for room, told in _rooms(answer):
            self._heard(room, told)

    def _take(self, raw: Any) -> None:
        """One message from device to device. It may come again, and whatever is wrong with it harms nothing else."""
        mark = sha256(json.dumps(raw, sort_keys=True).encode()).digest()
        if not isinstance(raw, dict) or mark in self._taken:
            return
        self._taken[mark] = None
        if len(self._taken) > _TAKEN_REMEMBERED:
            self._taken.popitem(last=False)
        try:
            if str(raw.get("type")) in (ENCRYPTED, "m.room_key_request"):
                event = ToDeviceEvent.parse_event(raw)
                if isinstance(event, ToDeviceEvent | RoomKeyRequest | RoomKeyRequestCancellation):
                    self._olm.handle_to_device_event(event)
        except Exception as error:  # the libraries raise many, and none is ours to mend
            _log.info("a message between devices could not be read: %s", type(error).__name__)

    def _heard(self, room: str, told: Mapping[str, Any]) -> None:
        """What changes who is to read in a room, or whether it is encrypted."""
        timeline = _map(told, "timeline")
        events = [*_list(_map(told, "state").get("events")), *_list(timeline.get("events"))]
        kinds = {event.get("type") for event in events if isinstance(event, dict) and "state_key" in event}
        if "m.room.member" in kinds or timeline.get("limited"):
            self._members.pop(room, None)
        if "m.room.encryption" in kinds or timeline.get("limited"):
            self._plain.discard(room)

    def decrypted(self, room: str, event: Json) -> Json | None:
        """An encrypted event as it was before; None where we have no key for it, or it is not what it says.

        Its key is asked for, once; `late` gives it when the key comes.
        """
        content = event.get("content")
        if not content or "state_key" in event:  # redacted; or a forged state
            return event if not content else None
        try:
            read = MegolmEvent.from_dict({**event, "room_id": room})
            if not isinstance(read, MegolmEvent):
                return None
            if self._olm.inbound_group_store.get(room, read.sender_key, read.session_id) is None:
                self._miss(room, read)
                return None
            if self._lent(read.sender, read.sender_key):
                return None
            plain = self._olm.decrypt_megolm_event(read, room).source
        except Exception as error:  # the libraries raise many, and none is ours to mend
            _log.info("an encrypted event could not be read: %s", type(error).__name__)
            return None
        if not isinstance(plain.get("type"), str) or not isinstance(plain.get("content"), dict):
            return None
        return {**event, "type": plain["type"], "content": plain["content"]}

    def _lent(self, sender: str, sender_key: str) -> bool:
        """Whether a key is known to be a device's of somebody else than the one who is said to have written."""
        owners = {device.user_id for device in self._olm.device_store if device.curve25519 == sender_key}
        owners |= {self._us[0]} if sender_key == self._olm.account.identity_keys["curve25519"] else set()
        return bool(owners) and sender not in owners

    def _miss(self, room: str, event: MegolmEvent) -> None:
        """Remembers what could not be read, and asks the device that wrote it for the key."""
        if event.event_id not in self._waiting:
            self._waiting[event.event_id] = (room, event.sender_key, event.session_id)
            while len(self._waiting) > WAITING_LIMIT:
                self._waiting.popitem(last=False)
            self._write_waiting()
        asked = {m.session_id for m in self._olm.outgoing_to_device_messages if isinstance(m, RoomKeyRequestMessage)}
        if event.session_id not in self._olm.outgoing_key_requests and event.session_id not in asked:
            request = event.as_key_request(event.sender, self._us[1], event.session_id, event.device_id)
            self._olm.outgoing_to_device_messages.append(request)

    def late(self) -> Iterator[tuple[str, str]]:
        """Room and id of events that could not be read, whose keys have come. Each until `settled`."""
        for event, (room, sender_key, session) in list(self._waiting.items()):
            if self._olm.inbound_group_store.get(room, sender_key, session) is not None:
                yield room, event

    def settled(self, events: Iterable[str]) -> None:
        """These events are taken, or will never be."""
        if [self._waiting.pop(event) for event in events if event in self._waiting]:
            self._write_waiting()

    def _write_waiting(self) -> None:
        text = json.dumps(self._waiting)
        beside = self._folder / f"{WAITING}.new"
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        beside.replace(self._folder / WAITING)

    async def keep_up(self) -> None:
        """What is owed to others: our own keys, sessions that broke made anew, and messages between devices."""
        try:
            await self._give()
        except MatrixError as error:  # the next sync tries again
            _log.info("keys could not be exchanged: %s", error)

    async def _give(self) -> None:
        if self._olm.should_upload_keys:
            given = await self._call("POST", f"{_V3}/keys/upload", self._olm.share_keys())
            counts = {"curve25519": 0, "signed_curve25519": 0, **_map(given, "one_time_key_counts")}
            self._respond(KeysUploadResponse.from_dict({"one_time_key_counts": counts}), KeysUploadResponse)
        if self._olm.wedged_devices or self._olm.key_request_devices_no_session:
            await self._claim(self._olm.get_users_for_key_claiming())
            self._olm.collect_key_requests()
        for message in list(self._olm.outgoing_to_device_messages):
            await self._between_devices(message.type, message.as_dict())
            self._respond(ToDeviceResponse(message), ToDeviceResponse)

    # What leaves

    async def encrypts(self, room: str) -> bool:
        """Whether a room is encrypted. One that ever was is so for good."""
        if room not in self._encrypted | self._plain:
            try:
                await self._call("GET", f"{_V3}/rooms/{quote(room, safe='')}/state/m.room.encryption/", None)
            except MatrixError as error:
                if error.status != 404:
                    raise
                self._plain.add(room)
            else:
                self._encrypted.add(room)
                self._store.save_encrypted_rooms({room})
        return room in self._encrypted

    async def encrypted(self, room: str, kind: str, content: Mapping[str, Any]) -> tuple[str, Json]:
        """An event as it goes over the wire: encrypted for all devices of all who are in the room or invited, where the room is.

        Reactions go as they are, and so does what an event is related to: the homeserver needs it.
        """
        if kind == "m.reaction" or not await self.encrypts(room):
            return kind, dict(content)
        async with self._locks.setdefault(room, asyncio.Lock()):
            await self._share(room)
            sealed = dict(self._olm.group_encrypt(room, {"type": kind, "content": dict(content)}))
        if "m.relates_to" in content:
            sealed["m.relates_to"] = content["m.relates_to"]
        return ENCRYPTED, sealed

    async def _share(self, room: str) -> None:
        """Gives the key of the room to every device that is to read it: a new one, where others had the last."""
        members = await self._members_of(room)
        if unknown := {user for user in members if user not in self._olm.tracked_users} | (
            members & self._olm.users_for_key_query
        ):
            await self._query(unknown)
        if missing := self._olm.get_missing_sessions(sorted(members)):
            await self._claim(missing)
        wanted = {
            (user, device.id)
            for user in members
            for device in self._olm.device_store.active_user_devices(user)
            if device.id != self._us[1] and self._olm.session_store.get(device.curve25519)
        }
        session = self._olm.outbound_group_sessions.get(room)
        if session and session.shared and not session.expired and session.users_shared_with == wanted:
            return
        self._olm.create_outbound_group_session(room)
        session = self._olm.outbound_group_sessions[room]
        for readers, messages in self._olm.share_group_session_parallel(room, sorted(members), True):
            await self._between_devices(ENCRYPTED, messages)
            session.users_shared_with |= readers
        session.shared = True

    async def _members_of(self, room: str) -> frozenset[str]:
        if room not in self._members:
            path = f"{_V3}/rooms/{quote(room, safe='')}/members?not_membership=leave"
            given = await self._call("GET", path, None)
            self._members[room] = frozenset(
                event["state_key"]
                for event in _list(given.get("chunk") if isinstance(given, dict) else None)
                if isinstance(event, dict)
                and isinstance(event.get("state_key"), str)
                and _map(event, "content").get("membership") in ("join", "invite")
            )
        return self._members[room]

    async def _query(self, users: set[str]) -> None:
        """Learns the devices of users. A device whose keys cannot be read does not keep the others from being known."""
        self._olm.users_for_key_query -= users
        try:
            asked = {"device_keys": {user: [] for user in sorted(users)}, "timeout": 5_000}
            given = await self._call("POST", f"{_V3}/keys/query", asked)
        except BaseException:
            self._olm.users_for_key_query |= users
            raise
        told = _map(given, "device_keys")
        known = {
            user: {device: keys for device, keys in _map(told, user).items() if _one_device(user, device, keys)}
            for user in users
            if user in told
        }
        self._respond(KeysQueryResponse(known, {}), KeysQueryResponse)
        self._olm.tracked_users |= users

    async def _claim(self, devices: Mapping[str, Iterable[str]]) -> None:
        """Begins a session with each device, where it has left a key for that."""
        wanted = {user: {device: "signed_curve25519" for device in of_user} for user, of_user in devices.items()}
        given = await self._call("POST", f"{_V3}/keys/claim", {"one_time_keys": wanted, "timeout": 5_000})
        for user, of_user in _map(given, "one_time_keys").items():
            for device, keys in of_user.items() if isinstance(of_user, dict) else ():
                with suppress(Exception):  # one device whose key cannot be read is one that does not read us
                    answer = KeysClaimResponse.from_dict({"one_time_keys": {user: {device: keys}}, "failures": {}})
                    self._respond(answer, KeysClaimResponse)

    async def _between_devices(self, kind: str, messages: Json) -> None:
        await self._call("PUT", f"{_V3}/sendToDevice/{quote(kind)}/{secrets.token_hex(16)}", messages)

    def _respond(self, answer: Any, wanted: type) -> None:
        if not isinstance(answer, wanted):
            raise MatrixError(502)
        self._olm.handle_response(answer)


def guard(folder: Path) -> None:
    """Makes the folder and the file of the keys readable for us alone. OSError where they belong to somebody else."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    os.close(os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o600))
    for path in folder.iterdir():
        if path.is_file() and not path.is_symlink():
            path.chmod(0o600)


def _one_device(user: str, device: str, keys: Any) -> bool:
    """Whether the keys of one device have the form that they are to have."""
    try:
        answer = KeysQueryResponse.from_dict({"device_keys": {user: {device: keys}}, "failures": {}})
    except Exception:  # the validation itself stumbles over some
        return False
    return isinstance(answer, KeysQueryResponse) and keys.get("user_id") == user and keys.get("device_id") == device


def _read(path: Path) -> OrderedDict[str, tuple[str, str, str]]:
    try:
        kept = json.loads(path.read_text())
        return OrderedDict((str(event), (str(a), str(b), str(c))) for event, (a, b, c) in kept.items())
    except (OSError, ValueError, TypeError, AttributeError):
        return OrderedDict()


def _rooms(answer: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rooms = _map(answer, "rooms")
    for kind in ("join", "leave"):
        for room, told in _map(rooms, kind).items():
            if isinstance(told, dict):
                yield room, told


def _map(content: Any, name: str) -> Mapping[str, Any]:
    value = content.get(name) if isinstance(content, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
