"""From an update of Telegram's to what it means. Pure: nothing is fetched, and nothing that arrives makes it fail."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any, Final

import telegram
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType, UpdateType

from channels import shaping
from core.messaging.channel import (
    Address,
    Departure,
    File,
    Gone,
    Ignored,
    Inbound,
    Joined,
    Message,
    Origin,
    Room,
)

NAME: Final = "telegram"
KINDS: Final = tuple(
    str(kind.value)
    for kind in (UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.MY_CHAT_MEMBER)
)
"""The kinds of update that mean something to us, and that we ask for."""

_START = re.compile(r"/start(?:@\w+)?\s+([A-Za-z0-9_-]{1,64})")
_AWAY = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.BANNED})

Fetch = Callable[[str], Awaitable[bytes]]
"""Gives the bytes of a file by Telegram's id of it."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who we are on Telegram."""

    id: int
    username: str


def inbound(raw: Any, me: Me, fetch: Fetch, now: datetime) -> Inbound:
    """What an update, as it came in JSON, means. `ref` is its update id; `now` stands where Telegram names no time."""
    ref = reference(raw)
    try:
        if not isinstance(raw, Mapping) or type(raw.get("update_id")) is not int:
            return Ignored(ref, now, "malformed")
        known = {kind: raw[kind] for kind in KINDS if raw.get(kind) is not None}
        if not known:
            return Ignored(ref, now, "unknown_kind")
        update = telegram.Update.de_json({"update_id": raw["update_id"], **known}, None)
        if message := update.message or update.edited_message:
            return _Said(message, ref, me, fetch).inbound(edited=update.message is None)
        if update.callback_query:
            return _pressed(update.callback_query, ref, now)
        if update.my_chat_member:
            return _standing(update.my_chat_member, ref)
    except Exception:  # whatever a stranger's JSON can cause: it is counted, and never repeated
        pass
    return Ignored(ref, now, "malformed")


def reference(raw: Any) -> str:
    """The reference of an update, unique on the channel; of one without an id, made of its content."""
    if isinstance(raw, Mapping) and type(raw.get("update_id")) is int:
        return str(raw["update_id"])
    try:
        content = raw if isinstance(raw, bytes) else json.dumps(raw, sort_keys=True).encode()
    except (ValueError, TypeError, RecursionError):
        content = b""
    return f"malformed-{sha256(content).hexdigest()[:16]}"


def tap(raw: Any) -> str | None:
    """The id by which a pressed button is to be answered; None where no button was pressed."""
    query = raw.get("callback_query") if isinstance(raw, Mapping) else None
    number = query.get("id") if isinstance(query, Mapping) else None
    return number if isinstance(number, str) else None


def chat(raw: Any) -> str:
    """The chat that an update belongs to, "" where it names none: updates of one chat are taken in order."""
    if isinstance(raw, Mapping):
        for kind in KINDS:
            content = raw.get(kind)
            if isinstance(content, Mapping):
                inner = content.get("message", content)
                place = inner.get("chat") if isinstance(inner, Mapping) else None
                return str(place.get("id", "")) if isinstance(place, Mapping) else ""
    return ""


@dataclass(frozen=True, slots=True)
class _Said:
    """A message of a person, new or edited."""

    message: telegram.Message
    ref: str
    me: Me
    fetch: Fetch

    def inbound(self, edited: bool) -> Inbound:
        message = self.message
        at = _utc(message.edit_date if edited and message.edit_date else message.date)
        if message.chat.type == ChatType.CHANNEL:
            return Ignored(self.ref, at, "unknown_kind")
        if message.from_user is None or message.sender_chat is not None:
            return Ignored(self.ref, at, "no_person")
        if message.from_user.is_bot:
            return Ignored(self.ref, at, "bot")
        if message.migrate_to_chat_id:
            return Gone(self._origin(), self.ref, at, Departure.LEFT)
        if message.migrate_from_chat_id:
            return Joined(self._origin(), self.ref, at)
        files = tuple(self._files())
        text = self._text()
        if not text and not files and (edited or message.effective_attachment is None):
            return Ignored(self.ref, at, "service")
        start = _START.fullmatch(text)
        return Message(
            self._origin(),
            self.ref,
            at,
            text,
            start=start[1] if start else None,
            in_reply_to=self._in_reply_to(),
            edits=str(message.message_id) if edited else None,
            files=files,
        )

    def _origin(self) -> Origin:
        assert self.message.from_user is not None
        return _origin(self.message.from_user, self.message.chat, self._addressed())

    def _text(self) -> str:
        """What was written, whole, without our own name in it."""
        message = self.message
        text = message.text or message.caption or ""
        if not text and message.sticker:
            text = message.sticker.emoji or ""
        if any(self._names_us(named) for named in self._entities(MessageEntityType.MENTION)):
            text = re.sub(rf"\s*@{re.escape(self.me.username)}\b", "", text, flags=re.IGNORECASE).strip()
        for command in self._entities(MessageEntityType.BOT_COMMAND):
            name, _, bot = command.partition("@")
            if bot and self._names_us(f"@{bot}"):
                text = text.replace(command, name, 1)
        return shaping.storable(text)

    def _addressed(self) -> bool:
        """In a group we are meant by a command, by our name, or by an answer to what we said."""
        if self.message.chat.type == ChatType.PRIVATE:
            return True
        commands = [command.partition("@")[2] for command in self._entities(MessageEntityType.BOT_COMMAND)]
        if commands and commands[0]:
            return self._names_us(f"@{commands[0]}")
        answered = self._answered()
        return (
            bool(commands)
            or any(self._names_us(named) for named in self._entities(MessageEntityType.MENTION))
            or bool(answered and answered.from_user and answered.from_user.id == self.me.id)
        )

    def _answered(self) -> telegram.Message | None:
        """The message that this one answers. Within a topic of a group each message seems to answer the topic's first: that is none."""
        answered = self.message.reply_to_message
        return None if answered is None or answered.forum_topic_created else answered

    def _in_reply_to(self) -> str | None:
        answered = self._answered()
        return str(answered.message_id) if answered else None

    def _names_us(self, mention: str) -> bool:
        return mention.lower() == f"@{self.me.username}".lower()

    def _entities(self, kind: str) -> list[str]:
        message = self.message
        found = message.parse_entities([kind]) if message.text else message.parse_caption_entities([kind])
        return [found[entity] for entity in sorted(found, key=lambda entity: entity.offset)]

    def _files(self) -> Iterator[File]:
        message = self.message
        if message.photo:
            largest = max(message.photo, key=lambda size: size.file_size or size.width * size.height)
            yield self._file(largest, None, "image/jpeg", "photo", ".jpg")
            return
        for found, kind, media_type, ending in (
            (message.document, "document", "application/octet-stream", ""),
            (message.voice, "voice", "audio/ogg", ".ogg"),
            (message.audio, "audio", "audio/mpeg", ".mp3"),
            (message.video, "video", "video/mp4", ".mp4"),
            (message.video_note, "video", "video/mp4", ".mp4"),
        ):
            if found is not None:
                named = getattr(found, "file_name", None)
                yield self._file(found, named, getattr(found, "mime_type", None) or media_type, kind, ending)

    def _file(self, found: Any, named: str | None, media_type: str, kind: str, ending: str) -> File:
        name = shaping.file_name(named or f"{kind}-{found.file_unique_id}{ending}")
        return File(name, shaping.line(media_type), int(found.file_size or 0), partial(self.fetch, str(found.file_id)))


def _pressed(query: telegram.CallbackQuery, ref: str, now: datetime) -> Inbound:
    if query.data is None or query.message is None:
        return Ignored(ref, now, "unknown_kind")
    if query.from_user.is_bot:
        return Ignored(ref, now, "bot")
    origin = _origin(query.from_user, query.message.chat, True)
    return Message(origin, ref, now, choice=shaping.storable(query.data), in_reply_to=str(query.message.message_id))


def _standing(change: telegram.ChatMemberUpdated, ref: str) -> Inbound:
    """Our own standing in a chat has changed."""
    at = _utc(change.date)
    before, after = change.old_chat_member.status, change.new_chat_member.status
    origin = _origin(change.from_user, change.chat, True)
    if change.chat.type == ChatType.CHANNEL:
        return Ignored(ref, at, "unknown_kind")
    if after in _AWAY:
        return Gone(origin, ref, at, Departure.LEFT if origin.room else Departure.BLOCKED)
    if before in _AWAY:
        return Joined(origin, ref, at) if origin.room else Ignored(ref, at, "unblocked")
    return Ignored(ref, at, "standing")


def _origin(user: telegram.User, place: telegram.Chat, addressed: bool) -> Origin:
    if type(user.id) is not int or type(place.id) is not int:
        raise TypeError("an id is a number")
    room = None if place.type == ChatType.PRIVATE else Room(NAME, str(place.id))
    return Origin(Address(NAME, str(user.id)), room, addressed, _language(user.language_code))


def _language(code: str | None) -> str | None:
    """`nl-BE` is Dutch."""
    short = (code or "").partition("-")[0].lower()
    return short if re.fullmatch("[a-z]{2,3}", short) else None


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
