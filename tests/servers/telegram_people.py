"""The people and groups of the stand-in for Telegram: what they write, tap and see. Our reading of its Bot API, as `telegram` says."""

from __future__ import annotations

import itertools
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.servers.telegram_markup import Parsed, units

T = TypeVar("T", bound="Talk")

BOT_ID = 110201543
BOT_NAME = "kopro_test_bot"


class Refusal(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(what: str) -> Refusal:
    return Refusal(400, f"Bad Request: {what}")


@dataclass(eq=False)
class Sent:
    """A message of the bot as it stands now. `text` None: a photo or document with its `caption`. Buttons are (label, data)."""

    text: Parsed | None = None
    caption: Parsed | None = None
    photo: bytes | None = None
    document: tuple[str, bytes] | None = None
    buttons: list[list[tuple[str, str]]] = field(default_factory=list)
    reply_to: int | None = None
    id: int = 0
    talk: Talk | None = None

    @property
    def words(self) -> str:
        """What is read: the text or the caption, without markup."""
        parsed = self.text or self.caption
        return parsed.text if parsed else ""

    def marked(self, kind: str) -> list[str]:
        """The words under that kind of entity: `bold`, `code`."""
        parsed = self.text or self.caption
        return parsed.marked(kind) if parsed else []

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label, _ in row]

    def data(self, label: str) -> str:
        """What the button of that label carries."""
        return next(data for row in self.buttons for name, data in row if name == label)

    def content(self) -> tuple[Any, ...]:
        """What an edit changes."""
        return (self.words, [row[:] for row in self.buttons], str(self.text), str(self.caption))


class Talk:
    """A chat: private, or a group."""

    def __init__(self, api: Crowd, chat: Mapping[str, Any]) -> None:
        self.api = api
        self.chat = dict(chat)
        self.id: int = chat["id"]
        self.sent: dict[int, Sent] = {}
        self.members = 2
        self.barred: Refusal | None = None
        """Why the bot may not write here."""
        self._numbers = itertools.count(1)
        self._received: set[int] = set()

    def check(self) -> Talk:
        if self.barred:
            raise self.barred
        return self

    def number(self) -> int:
        """The id of a message: counted in each chat."""
        new = next(self._numbers)
        self._received.add(new)
        return new

    def has(self, message_id: int) -> bool:
        return message_id in self._received

    def receives(self, message: Sent) -> Any:
        """A message of the bot arrives here. As JSON."""
        message.id, message.talk = self.number(), self
        self.sent[message.id] = message
        return self.shown(message)

    def shown(self, message: Sent) -> Any:
        """A message of the bot as Telegram writes it."""
        shown: dict[str, Any] = {
            "message_id": message.id,
            "from": self.api.me,
            "chat": self.chat,
            "date": int(time.time()),
        }
        if message.text is not None:
            shown["text"] = message.text.text
        elif message.caption is not None and message.caption.text:
            shown["caption"] = message.caption.text
        if message.photo is not None:
            shown["photo"] = [self.api.stored(message.photo) | {"width": 100, "height": 100}]
        if message.document is not None:
            shown["document"] = self.api.stored(message.document[1]) | {"file_name": message.document[0]}
        if message.buttons:
            rows = [[{"text": label, "callback_data": data} for label, data in row] for row in message.buttons]
            shown["reply_markup"] = {"inline_keyboard": rows}
        return shown

    @property
    def messages(self) -> list[Sent]:
        """All that the bot wrote here, oldest first."""
        return list(self.sent.values())

    @property
    def last(self) -> Sent:
        return self.messages[-1]


class Group(Talk):
    """A group. It has the bot in it from `takes_bot_in` on."""

    def __init__(self, api: Crowd, chat: Mapping[str, Any]) -> None:
        super().__init__(api, chat)
        self.barred = Refusal(403, "Forbidden: bot is not a member of the group chat")

    def takes_bot_in(self, by: Person) -> int:
        self.barred = None
        return self.api.membership(self, by, "left", "member")

    def puts_bot_out(self, by: Person) -> int:
        self.barred = Refusal(403, "Forbidden: bot was kicked from the group chat")
        return self.api.membership(self, by, "member", "kicked")


class Person(Talk):
    """Somebody with Telegram on the phone. The bot cannot write to him before he wrote to it."""

    def __init__(self, api: Crowd, user: Mapping[str, Any]) -> None:
        super().__init__(api, {"id": user["id"], "type": "private", "first_name": user["first_name"]})
        self.user = dict(user)
        self.barred = Refusal(403, "Forbidden: bot can't initiate conversation with a user")

    def says(self, text: str, group: Group | None = None, reply_to: int | Sent | None = None, **more: Any) -> int:
        """Writes to the bot, or in a group. The id of the update."""
        content = {"text": text, "entities": entities(text)} if text else {}
        return self._writes("message", group or self, {**content, **more}, reply_to)

    def starts(self, payload: str = "") -> int:
        """Opens the link of the bot, with what the link carries."""
        return self.says(f"/start {payload}".strip())

    def sends_photo(self, content: bytes, caption: str = "", group: Group | None = None) -> int:
        small = self.api.stored(content[:1]) | {"width": 10, "height": 10}
        large = self.api.stored(content) | {"width": 100, "height": 100}
        more = {"caption": caption, "caption_entities": entities(caption)} if caption else {}
        return self._writes("message", group or self, {"photo": [small, large], **more}, None)

    def sends_document(self, name: str, content: bytes, media_type: str = "application/pdf", caption: str = "") -> int:
        document = self.api.stored(content) | {"file_name": name, "mime_type": media_type}
        return self._writes("message", self, {"document": document, **({"caption": caption} if caption else {})}, None)

    def edits(self, message_id: int, text: str) -> int:
        """Changes a message of his: `said` has its id."""
        return self._writes("edited_message", self, {"text": text, "edit_date": int(time.time())}, None, message_id)

    def presses(self, message: Sent, label: str) -> int:
        return self.presses_data(message, message.data(label))

    def presses_data(self, message: Sent, data: str) -> int:
        """Presses a button that may be gone or never was there."""
        assert message.talk is not None
        tap = self.api.new_tap()
        query = {"id": tap, "from": self.user, "chat_instance": "1", "data": data}
        return self.api.deliver("callback_query", {**query, "message": message.talk.shown(message)})

    def blocks(self) -> int:
        self.barred = Refusal(403, "Forbidden: bot was blocked by the user")
        return self.api.membership(self, self, "member", "kicked")

    def unblocks(self) -> int:
        self.barred = None
        return self.api.membership(self, self, "kicked", "member")

    def vanishes(self) -> None:
        """Deletes the account."""
        self.barred = Refusal(403, "Forbidden: user is deactivated")

    said: int = 0
    """The id of the message last written."""

    def _writes(
        self, kind: str, talk: Talk, content: Mapping[str, Any], reply_to: int | Sent | None, number: int | None = None
    ) -> int:
        if talk is self:
            self.barred = None
        self.said = number or talk.number()
        message: dict[str, Any] = {
            "message_id": self.said,
            "from": self.user,
            "chat": talk.chat,
            "date": int(time.time()),
            **content,
        }
        if isinstance(reply_to, Sent):
            message["reply_to_message"] = talk.shown(reply_to)
        elif reply_to is not None:
            message["reply_to_message"] = {
                "message_id": reply_to,
                "chat": talk.chat,
                "date": int(time.time()),
                "from": self.user,
            }
        return self.api.deliver(kind, message)


class Crowd(ABC):
    """Everybody on the server, and what they need of it."""

    def __init__(self) -> None:
        self.me: Mapping[str, Any] = {"id": BOT_ID, "is_bot": True, "first_name": "KoproGo", "username": BOT_NAME}
        self.talks: dict[int, Talk] = {}
        self.files: dict[str, bytes] = {}
        """By file id; a file of a message can be fetched by it."""
        self.taps: dict[str, int] = {}
        """How often each tap was answered."""

    @abstractmethod
    def deliver(self, kind: str, content: Any) -> int: ...

    def person(self, name: str, language: str | None = None, bot: bool = False) -> Person:
        number = 1000 + len(self.talks)
        user = {"id": number, "is_bot": bot, "first_name": name} | ({"language_code": language} if language else {})
        return self._known(Person(self, user))

    def group(self, title: str) -> Group:
        return self._known(Group(self, {"id": -1001000 - len(self.talks), "type": "supergroup", "title": title}))

    def talk(self, chat_id: int) -> Talk:
        if chat_id not in self.talks:
            raise bad("chat not found")
        return self.talks[chat_id]

    def membership(self, talk: Talk, by: Person, before: str, after: str) -> int:
        """The bot's own standing in a chat changes."""
        return self.deliver(
            "my_chat_member",
            {
                "chat": talk.chat,
                "from": by.user,
                "date": int(time.time()),
                "old_chat_member": self._standing(before),
                "new_chat_member": self._standing(after),
            },
        )

    def stored(self, content: bytes) -> dict[str, Any]:
        number = f"F{len(self.files) + 1}"
        self.files[number] = content
        return {"file_id": number, "file_unique_id": f"u{number}", "file_size": len(content)}

    def new_tap(self) -> str:
        tap = f"{4382 + len(self.taps)}"
        self.taps[tap] = 0
        return tap

    def _known(self, talk: T) -> T:
        self.talks[talk.id] = talk
        return talk

    def _standing(self, status: str) -> Mapping[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"user": self.me, "status": status, **until}


def entities(text: str) -> list[dict[str, Any]]:
    """The commands and mentions that Telegram marks in what a person writes."""
    patterns = {"bot_command": r"(?:^|\s)(/\w+(?:@\w+)?)", "mention": r"(?:^|\s)(@\w+)"}
    return [
        {"type": kind, "offset": units(text[: match.start(1)]), "length": units(match[1])}
        for kind, pattern in patterns.items()
        for match in re.finditer(pattern, text)
    ]
