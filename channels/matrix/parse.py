"""From an event of Matrix to what it means. Pure: nothing is fetched, and nothing that arrives makes it fail.

See https://spec.matrix.org/latest/client-server-api/#instant-messaging, #event-replacements, #threading, #event-annotations-and-reactions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final, TypeGuard

from channels import shaping
from channels.matrix.render import Thread
from core.messaging.channel import Address, File, Ignored, Inbound, Message, Origin, Room, Seen

NAME: Final = "matrix"
OWN: Final = "own"
"""Why our own events are ignored: they come back to us as any other."""

_EVENT_ID = re.compile(r"\$[\x21-\x7e]{1,254}")
_KEYCAP = re.compile("([1-9]|[1-9][0-9])\u20e3?")
_QUOTED = re.compile(r"> (?:\* )?<@[^\n>]*>[^\n]*\n(?:>[^\n]*\n)*\n")
"""The fallback of a rich answer: what it answers, quoted before it."""
_TEXTS = ("m.text", "m.emote")
_FILES: Final = {"m.file": "", "m.image": "image/jpeg", "m.audio": "audio/ogg", "m.video": "video/mp4"}
_AHEAD = timedelta(minutes=5)

Fetch = Callable[[Mapping[str, Any]], Awaitable[bytes]]
"""Gives the bytes of a file by the content of the event that names it."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who we are: our user id, and the name that people see."""

    id: str
    name: str = ""

    @property
    def names(self) -> list[str]:
        """What people may call us, the longest first."""
        known = {self.id, self.name, self.id[1:].partition(":")[0]}
        return sorted((name for name in known if name), key=lambda name: (-len(name), name))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event was seen. `direct`: by its sender and us alone."""

    room: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Related:
    """The event that another one refers to: whose it is, and the root of the thread that it stands in, if any."""

    sender: str
    root: str | None = None


def inbound(raw: Any, me: Me, place: Place, related: Related | None, fetch: Fetch, now: datetime) -> Inbound:
    """What an event, as it came in JSON, means. `ref` is its id; `related`: what `refers_to` names, where it is known."""
    ref = reference(raw)
    try:
        if not _sound(raw):
            return Ignored(ref, now, "malformed")
        at = moment(raw["origin_server_ts"], now)
        content = raw["content"]
        if raw["sender"] == me.id:
            return Ignored(ref, at, OWN)
        if _redacted(raw):
            return Ignored(ref, at, "redacted")
        if "state_key" in raw:
            return Ignored(ref, at, "state")
        if raw["type"] == "m.room.encrypted":
            # Its key may come, and then it is read under its own reference.
            return Ignored(f"sealed-{ref}", at, "undecryptable")
        if raw["type"] == "m.reaction":
            return _reaction(raw, me, place, related, at)
        if raw["type"] != "m.room.message":
            return Ignored(ref, at, "unknown_kind")
        if not isinstance(content.get("msgtype"), str) or not isinstance(content.get("body"), str):
            return Ignored(ref, at, "malformed")
        if content["msgtype"] == "m.notice":
            return Ignored(ref, at, "notice")
        if _relation(raw).get("rel_type") == "m.replace":
            return _edit(raw, me, place, related, at)
        return _Said(raw, content, me, place, related, fetch).inbound(at)
    except Exception:  # whatever a stranger's JSON can cause: it is counted, and never repeated
        return Ignored(ref, now, "malformed")


def reference(raw: Any) -> str:
    """The reference of an event, unique on the channel; of one without an id, made of its content."""
    if isinstance(raw, Mapping) and _is_event_id(raw.get("event_id")):
        return str(raw["event_id"])
    try:
        content = json.dumps(raw, sort_keys=True).encode()
    except (ValueError, TypeError, RecursionError):
        content = b""
    return f"malformed-{sha256(content).hexdigest()[:16]}"


def refers_to(raw: Any, direct: bool) -> str | None:
    """The event that has to be known to read this one: the one that it marks or replaces, and in a group the one that it answers."""
    try:
        if not _sound(raw) or _redacted(raw):
            return None
        relation = _relation(raw)
        if relation.get("rel_type") in ("m.annotation", "m.replace"):
            target = relation.get("event_id")
        else:
            target = None if direct else _answered(raw)
        return target if _is_event_id(target) else None
    except Exception:  # as above
        return None


def related(raw: Any) -> Related | None:
    """What an event is to those that refer to it."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("sender"), str) or not _is_mapping(raw.get("content")):
        return None
    relation = _relation(raw)
    root = relation.get("event_id") if relation.get("rel_type") == "m.thread" else None
    return Related(raw["sender"], root if _is_event_id(root) else None)


def seen(content: Any, me: Me, room: str, now: datetime) -> Iterator[Seen]:
    """What an ephemeral event of receipts says about others: `{event: {"m.read": {user: {"ts", "thread_id"}}}}`.

    A receipt within a thread says nothing about what stands outside; one of the main line, or of none, about all up to it.
    """
    for event, kinds in content.items() if _is_mapping(content) else ():
        readers = kinds.get("m.read") if _is_mapping(kinds) and _is_event_id(event) else None
        for user, receipt in readers.items() if _is_mapping(readers) else ():
            if not isinstance(user, str) or user == me.id or not _is_mapping(receipt):
                continue
            thread = receipt.get("thread_id")
            ref = sha256(json.dumps([room, user, event, thread]).encode()).hexdigest()
            up_to = thread in (None, "main")
            yield Seen(Origin(address(user)), f"read-{ref}", moment(receipt.get("ts"), now), event, up_to)


@dataclass(frozen=True, slots=True)
class _Said:
    """A message of a person. `content`: its own, or the new one where it is an edit."""

    raw: Mapping[str, Any]
    content: Mapping[str, Any]
    me: Me
    place: Place
    related: Related | None
    fetch: Fetch

    def inbound(self, at: datetime) -> Inbound:
        kind = self.content["msgtype"]
        if kind not in _TEXTS and kind not in _FILES:
            return Ignored(self.raw["event_id"], at, "unknown_kind")
        files = tuple(self._files())
        text = self._text()
        if not text and not files:
            return Ignored(self.raw["event_id"], at, "empty")
        thread = Thread(self.place.room, self._root(), self.raw["event_id"])
        return Message(
            _origin(self.raw["sender"], self.place, self._addressed()),
            self.raw["event_id"],
            at,
            text,
            in_reply_to=_answered(self.raw),
            files=files,
            thread=thread.text(),
        )

    def _root(self) -> str:
        """The root of the thread in which an answer belongs: the one it is in, or in a group the message itself. A direct talk has none."""
        relation = _relation(self.raw)
        root = relation.get("event_id") if relation.get("rel_type") == "m.thread" else None
        if _is_event_id(root):
            return str(root)
        return "" if self.place.direct else str(self.raw["event_id"])

    def _text(self) -> str:
        """What was written, without the quote of what it answers and without our name before it."""
        body = self.content["body"]
        if self.content["msgtype"] in _FILES:
            name = self.content.get("filename")
            body = body if isinstance(name, str) and name != body else ""
        if _answered(self.raw):
            body = _QUOTED.sub("", body, count=1) if body.startswith("> ") else body
        if not self.place.direct and (called := re.match(rf"\s*{self._names}(?:\s*[:,]\s*|\s+)", body, re.IGNORECASE)):
            body = body[called.end() :]
        return shaping.storable(body).strip()

    @property
    def _names(self) -> str:
        """A pattern of what we are called, with or without the sign that begins a user id."""
        return f"(?:{'|'.join('@?' + re.escape(name.removeprefix('@')) for name in self.me.names)})"

    def _addressed(self) -> bool:
        """In a group we are meant by a mention, by our name, by `!kopro`, or by an answer to what we said."""
        if self.place.direct:
            return True
        mentions = self.content.get("m.mentions")
        users = mentions.get("user_ids") if _is_mapping(mentions) else None
        if isinstance(users, list) and self.me.id in users:
            return True
        body = self.content["body"]
        if re.match(r"\s*!kopro\b", body, re.IGNORECASE):
            return True
        own = _QUOTED.sub("", body, count=1) if body.startswith("> ") else body
        if re.search(rf"(?<!\w){self._names}(?!\w)", own, re.IGNORECASE):
            return True
        return self.related is not None and self.related.sender == self.me.id

    def _files(self) -> Iterator[File]:
        kind = self.content["msgtype"]
        if kind not in _FILES:
            return
        place = self.content.get("file")
        if not isinstance(place.get("url") if _is_mapping(place) else self.content.get("url"), str):
            raise TypeError("a file is somewhere")
        info = self.content.get("info")
        info = info if _is_mapping(info) else {}
        named, media_type, size = self.content.get("filename"), info.get("mimetype"), info.get("size")
        yield File(
            shaping.file_name(named if isinstance(named, str) and named else self.content["body"]),
            _media_type(media_type) or _FILES[kind] or "application/octet-stream",
            size if type(size) is int and size >= 0 else 0,
            partial(self.fetch, dict(self.content)),
        )


def _reaction(raw: Mapping[str, Any], me: Me, place: Place, related: Related | None, at: datetime) -> Inbound:
    """A number as an emoji, or as a figure, is the choice of that number."""
    relation = _relation(raw)
    event, key = relation.get("event_id"), relation.get("key")
    if relation.get("rel_type") != "m.annotation" or not _is_event_id(event) or not isinstance(key, str):
        return Ignored(raw["event_id"], at, "malformed")
    figure = key.strip().replace("\ufe0f", "").replace("\U0001f51f", "10")
    number = _KEYCAP.fullmatch(figure)
    if number is None:
        return Ignored(raw["event_id"], at, "reaction")
    if related is not None and related.sender != me.id:
        return Ignored(raw["event_id"], at, "reaction_to_another")
    root = related.root if related is not None and related.root else str(event)
    return Message(
        _origin(raw["sender"], place, related is not None),
        raw["event_id"],
        at,
        choice=number[1],
        in_reply_to=str(event),
        thread=Thread(place.room, root, str(event)).text(),
    )


def _edit(raw: Mapping[str, Any], me: Me, place: Place, related: Related | None, at: datetime) -> Inbound:
    """A new text in the place of an earlier one, which only its own sender may give."""
    event = _relation(raw).get("event_id")
    new = raw["content"].get("m.new_content")
    if not _is_event_id(event) or not _is_mapping(new) or not isinstance(new.get("body"), str):
        return Ignored(raw["event_id"], at, "malformed")
    if new.get("msgtype") not in _TEXTS:
        return Ignored(raw["event_id"], at, "unknown_kind")
    if related is None or related.sender != raw["sender"]:
        return Ignored(raw["event_id"], at, "forged")
    said = _Said(raw, new, me, place, None, _nothing)
    text = said._text()
    if not text:
        return Ignored(raw["event_id"], at, "empty")
    return Message(
        _origin(raw["sender"], place, said._addressed()),
        raw["event_id"],
        at,
        text,
        edits=str(event),
        thread=Thread(place.room, related.root or str(event), str(event)).text(),
    )


async def _nothing(content: Mapping[str, Any]) -> bytes:
    return b""


def _sound(raw: Any) -> bool:
    return (
        _is_mapping(raw)
        and _is_event_id(raw.get("event_id"))
        and isinstance(raw.get("type"), str)
        and isinstance(raw.get("sender"), str)
        and _is_mapping(raw.get("content"))
        and type(raw.get("origin_server_ts")) is int
        and _sound_relation(raw["content"].get("m.relates_to", {}))
    )


def _sound_relation(relation: Any) -> bool:
    """Whether what stands under `m.relates_to` names events where it has to."""
    if not _is_mapping(relation) or not isinstance(relation.get("rel_type", ""), str):
        return False
    answered = relation.get("m.in_reply_to")
    return ("rel_type" not in relation or _is_event_id(relation.get("event_id"))) and (
        answered is None or (_is_mapping(answered) and _is_event_id(answered.get("event_id")))
    )


def _redacted(raw: Mapping[str, Any]) -> bool:
    unsigned = raw.get("unsigned")
    return "redacted_because" in raw or (_is_mapping(unsigned) and "redacted_because" in unsigned)


def _relation(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    relation = raw["content"].get("m.relates_to")
    return relation if _is_mapping(relation) else {}


def _answered(raw: Mapping[str, Any]) -> str | None:
    """The event that this one answers. Within a thread clients name the last one, unless the person chose another."""
    answered = _relation(raw).get("m.in_reply_to")
    event = answered.get("event_id") if _is_mapping(answered) else None
    return event if _is_event_id(event) else None


def _origin(user: str, place: Place, addressed: bool) -> Origin:
    return Origin(address(user), None if place.direct else Room(NAME, place.room), addressed or place.direct)


def address(user: str) -> Address:
    return Address(NAME, shaping.storable(user))


def moment(milliseconds: Any, now: datetime) -> datetime:
    """The time that an event's server gives it; now, where that is none or still to come."""
    if type(milliseconds) is not int or not 0 <= milliseconds < 253_402_300_800_000:
        return now
    named = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return now if named > now + _AHEAD else named


def _media_type(named: Any) -> str:
    return shaping.line(named)[:200] if isinstance(named, str) else ""


def _is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_event_id(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and _EVENT_ID.fullmatch(value) is not None
