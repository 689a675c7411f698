"""The methods of the stand-in for Telegram that concern messages, commands and files, and the form of every call.

Our reading of its Bot API, as `telegram` says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.telegram_markup import MarkupError, Parsed, parse_html, units
from tests.servers.telegram_people import Crowd, Refusal, Sent, bad

TEXT_LIMIT, CAPTION_LIMIT, DATA_LIMIT = 4096, 1024, 64
PHOTO_BYTES, DOCUMENT_BYTES, DOWNLOAD_BYTES = 10_000_000, 50_000_000, 20_000_000
KINDS = frozenset(
    {
        *("message", "edited_message", "channel_post", "edited_channel_post", "inline_query", "chosen_inline_result"),
        *("callback_query", "shipping_query", "pre_checkout_query", "poll", "poll_answer", "my_chat_member"),
        *("chat_join_request", "chat_boost", "removed_chat_boost"),
    }
)
"""What Telegram sends where `allowed_updates` is not given; the kinds that have to be asked for are in ON_REQUEST."""
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})

_SEND = "chat_id message_thread_id disable_notification protect_content reply_parameters reply_markup"
_EDIT = "chat_id message_id inline_message_id reply_markup"
METHODS: Mapping[str, tuple[str, str]] = {
    "getMe": ("", ""),
    "getUpdates": ("", "offset limit timeout allowed_updates"),
    "setWebhook": ("url", "ip_address max_connections allowed_updates drop_pending_updates secret_token"),
    "deleteWebhook": ("", "drop_pending_updates"),
    "getWebhookInfo": ("", ""),
    "sendMessage": ("chat_id text", f"{_SEND} parse_mode entities link_preview_options"),
    "sendPhoto": ("chat_id photo", f"{_SEND} caption parse_mode caption_entities"),
    "sendDocument": ("chat_id document", f"{_SEND} caption parse_mode caption_entities disable_content_type_detection"),
    "sendChatAction": ("chat_id action", "message_thread_id"),
    "answerCallbackQuery": ("callback_query_id", "text show_alert url cache_time"),
    "editMessageText": ("text", f"{_EDIT} parse_mode entities link_preview_options"),
    "editMessageCaption": ("", f"{_EDIT} caption parse_mode caption_entities"),
    "editMessageReplyMarkup": ("", _EDIT),
    "setMyCommands": ("commands", "scope language_code"),
    "getMyCommands": ("", "scope language_code"),
    "deleteMyCommands": ("", "scope language_code"),
    "getChatMemberCount": ("chat_id", ""),
    "getFile": ("file_id", ""),
}
"""Each method's required and optional fields."""
NESTED: Mapping[str, frozenset[str]] = {
    "reply_markup": frozenset({"inline_keyboard"}),
    "reply_parameters": frozenset({"message_id", "allow_sending_without_reply", "chat_id"}),
    "link_preview_options": frozenset({"is_disabled"}),
    "scope": frozenset({"type", "chat_id", "user_id"}),
}
INTEGERS = frozenset(
    ["offset", "limit", "timeout", "max_connections", "chat_id", "message_thread_id", "message_id", "cache_time"]
)
FLAGS = frozenset(
    ["drop_pending_updates", "disable_notification", "protect_content", "show_alert", "disable_content_type_detection"]
)
OBJECTS = frozenset({*NESTED, "allowed_updates", "commands", "entities", "caption_entities"})
ACTIONS = frozenset({"typing", "upload_photo", "upload_document", "record_voice", "upload_voice", "find_location"})
SENDING = frozenset({"sendMessage", "sendPhoto", "sendDocument"})


@dataclass(frozen=True)
class Upload:
    name: str
    media_type: str
    content: bytes


class Messages(Crowd):
    """What a bot can say, change and fetch. The names of the methods are Telegram's."""

    def __init__(self) -> None:
        super().__init__()
        self.strangers: list[str] = []
        """Unknown methods, unknown fields and values of a wrong form: a test asserts that there are none."""
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        """By scope and language, "" without one."""

    def _strange(self, what: str) -> Refusal:
        self.strangers.append(what)
        return bad(what)

    def _checked(self, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields in their types; a method, a field or a form that we do not know is refused and kept."""
        if method not in METHODS:
            raise self._strange(f"unknown method {method}")
        required, optional = (set(names.split()) for names in METHODS[method])
        fields: dict[str, Any] = {}
        for name, value in given.items():
            if name not in required | optional:
                raise self._strange(f"unknown field {name} of {method}")
            try:
                fields[name] = _typed(name, value)
            except (ValueError, KeyError):
                raise self._strange(f"field {name} of {method} has a wrong form") from None
            if name in NESTED and (unknown := set(fields[name]) - NESTED[name]):
                raise self._strange(f"unknown field {min(unknown)} of {name} of {method}")
        for name in required - fields.keys():
            raise bad({"text": "message text is empty"}.get(name, f"there is no {name} in the request"))
        return fields

    async def _getMe(self) -> Any:
        return {
            **self.me,
            "can_join_groups": True,
            "can_read_all_group_messages": True,
            "supports_inline_queries": False,
        }

    async def _sendMessage(self, chat_id: int, text: str, **given: Any) -> Any:
        given.pop("link_preview_options", None)
        return self._sent(chat_id, text=self._text(text, given.pop("parse_mode", None)), **given)

    async def _sendPhoto(self, chat_id: int, photo: Any, caption: str = "", **given: Any) -> Any:
        if not isinstance(photo, Upload):
            raise bad("wrong remote file identifier specified")
        if len(photo.content) > PHOTO_BYTES:
            raise bad("file is too big for a photo")
        if not photo.content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")):
            raise bad("IMAGE_PROCESS_FAILED")
        parsed = self._caption(caption, given.pop("parse_mode", None))
        return self._sent(chat_id, caption=parsed, photo=photo.content, **given)

    async def _sendDocument(self, chat_id: int, document: Any, caption: str = "", **given: Any) -> Any:
        given.pop("disable_content_type_detection", None)
        if not isinstance(document, Upload):
            raise bad("wrong remote file identifier specified")
        if len(document.content) > DOCUMENT_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        if not document.content:
            raise bad("file must be non-empty")
        parsed = self._caption(caption, given.pop("parse_mode", None))
        return self._sent(chat_id, caption=parsed, document=(document.name, document.content), **given)

    async def _sendChatAction(self, chat_id: int, action: str, message_thread_id: int | None = None) -> bool:
        if action not in ACTIONS:
            raise bad("wrong parameter action in request")
        self.talk(chat_id).check()
        return True

    async def _answerCallbackQuery(self, callback_query_id: str, **given: Any) -> bool:
        if callback_query_id not in self.taps:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.taps[callback_query_id] += 1
        return True

    async def _editMessageText(self, text: str, chat_id: int = 0, message_id: int = 0, **given: Any) -> Any:
        given.pop("link_preview_options", None)
        parsed = self._text(text, given.pop("parse_mode", None))
        return self._edited(chat_id, message_id, text=parsed, **given)

    async def _editMessageCaption(self, chat_id: int = 0, message_id: int = 0, caption: str = "", **given: Any) -> Any:
        parsed = self._caption(caption, given.pop("parse_mode", None))
        return self._edited(chat_id, message_id, caption=parsed, **given)

    async def _editMessageReplyMarkup(self, chat_id: int = 0, message_id: int = 0, reply_markup: Any = None) -> Any:
        return self._edited(chat_id, message_id, reply_markup=reply_markup)

    async def _setMyCommands(
        self, commands: list[dict[str, str]], scope: Mapping[str, Any] | None = None, language_code: str = ""
    ) -> bool:
        if language_code and not re.fullmatch("[a-z]{2}", language_code):
            raise bad("language code is invalid")
        for command in commands:
            if unknown := command.keys() - {"command", "description"}:
                raise self._strange(f"unknown field {min(unknown)} of a command of setMyCommands")
            if not re.fullmatch("[a-z0-9_]{1,32}", command["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        self.commands[_scope(scope), language_code] = commands
        return True

    async def _getMyCommands(self, scope: Mapping[str, Any] | None = None, language_code: str = "") -> Any:
        return self.commands.get((_scope(scope), language_code), [])

    async def _deleteMyCommands(self, scope: Mapping[str, Any] | None = None, language_code: str = "") -> bool:
        self.commands.pop((_scope(scope), language_code), None)
        return True

    async def _getChatMemberCount(self, chat_id: int) -> int:
        return self.talk(chat_id).check().members

    async def _getFile(self, file_id: str) -> Any:
        if file_id not in self.files:
            raise bad("wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id])
        if size > DOWNLOAD_BYTES:
            raise bad("file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": size,
            "file_path": f"files/{file_id}",
        }

    # What the methods have in common

    def _text(self, text: str, parse_mode: str | None) -> Parsed:
        parsed = self._parsed(text, parse_mode)
        if not parsed.text.strip():
            raise bad("message text is empty")
        if units(parsed.text) > TEXT_LIMIT:
            raise bad("message is too long")
        return parsed

    def _caption(self, caption: str, parse_mode: str | None) -> Parsed:
        parsed = self._parsed(caption, parse_mode)
        if units(parsed.text) > CAPTION_LIMIT:
            raise bad("message caption is too long")
        return parsed

    def _parsed(self, text: str, parse_mode: str | None) -> Parsed:
        if parse_mode not in {None, "HTML"}:
            raise self._strange(f"parse_mode {parse_mode}")
        if re.search("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]", text):
            raise self._strange("a control character or half a character in a text")
        try:
            return parse_html(text) if parse_mode else Parsed(text)
        except MarkupError as error:
            raise bad(f"can't parse entities: {error}") from None

    def _buttons(self, reply_markup: Any) -> list[list[tuple[str, str]]]:
        rows: list[list[tuple[str, str]]] = []
        for row in (reply_markup or {}).get("inline_keyboard", []):
            for button in row:
                if unknown := button.keys() - {"text", "callback_data"}:
                    raise self._strange(f"unknown field {min(unknown)} of a button")
                if not 1 <= len(button["callback_data"].encode()) <= DATA_LIMIT:
                    raise bad("BUTTON_DATA_INVALID")
                if not button["text"].strip():
                    raise bad("inline keyboard button text is empty")
            rows.append([(button["text"], button["callback_data"]) for button in row])
        return rows

    def _sent(self, chat_id: int, reply_parameters: Any = None, reply_markup: Any = None, **content: Any) -> Any:
        for flag in ("disable_notification", "protect_content", "message_thread_id", "entities", "caption_entities"):
            content.pop(flag, None)
        talk = self.talk(chat_id).check()
        reply_to = None
        if reply_parameters:
            reply_to = reply_parameters["message_id"]
            if not talk.has(reply_to):
                if not reply_parameters.get("allow_sending_without_reply"):
                    raise bad("message to be replied not found")
                reply_to = None
        return talk.receives(Sent(buttons=self._buttons(reply_markup), reply_to=reply_to, **content))

    def _edited(self, chat_id: int, message_id: int, reply_markup: Any = None, **content: Parsed) -> Any:
        message = self.talk(chat_id).check().sent.get(message_id)
        if message is None:
            raise bad("message to edit not found")
        if "text" in content and message.text is None:
            raise bad("there is no text in the message to edit")
        if "caption" in content and message.text is not None:
            raise bad("there is no caption in the message to edit")
        before = message.content()
        message.buttons = self._buttons(reply_markup)
        for name, parsed in content.items():
            setattr(message, name, parsed)
        if message.content() == before:
            raise bad("message is not modified: specified new message content and reply markup are exactly the same")
        return self.talk(chat_id).shown(message)


def _scope(scope: Mapping[str, Any] | None) -> str:
    return str(scope["type"]) if scope else "default"


def _typed(name: str, value: Any) -> Any:
    """A value in the type of its field. ValueError where it has another form."""
    if name in INTEGERS:
        return int(value)
    if name in FLAGS:
        return {"true": True, "false": False, "True": True, "False": False}[str(value)]
    if name in OBJECTS and isinstance(value, str):
        return json.loads(value)
    if name in {"text", "caption"} and not isinstance(value, str):
        raise ValueError(name)
    return value
