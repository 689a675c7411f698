"""Telegram, by its Bot API: messages from and to people and groups. The library is used as a wire and nothing more.

Long polling is a loop of our own, so that an update is acknowledged (by the offset of the next question) only when it is stored. With a
webhook the same is done by the status of our answer. See https://core.telegram.org/bots/api.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import ssl
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from aiohttp import web
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction, FileSizeLimit, ParseMode
from telegram.error import BadRequest, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from channels import shaping
from channels.telegram import TelegramSettings, parse, render
from channels.telegram.failure import channel_error
from channels.telegram.pace import Pace
from core.kernel.clock import Clock, system_clock
from core.messaging.card import Card
from core.messaging.channel import (
    Address,
    Evidence,
    File,
    Membership,
    Memory,
    Origin,
    Receipt,
    Receive,
    Rejected,
    Room,
    Signal,
    Traits,
    TryLater,
    Unreachable,
)

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
BODY_LIMIT: Final = 1_000_000
"""Bytes of an update sent to the webhook; a real one has a few thousand."""
PHOTOS: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
PARTLY_REMEMBERED: Final = 1_000

Commands = Mapping[str, Sequence[tuple[str, str]]]
"""For each language the menu: commands without the slash, and what they do. The language "" stands for all others."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One message on the wire: a text, or a file with or without a caption. HTML."""

    html: str | None
    file: File | None = None


class Telegram:
    """The channel `telegram`. Handles are Telegram's numbers of people and chats; wire references are its message ids within a chat.

    `clock` tells the time of receipts, `monotonic` and `sleep` are those of the pace.
    """

    name: Final = parse.NAME
    traits: Final = Traits(
        buttons=True,
        max_chars=render.TEXT_LIMIT,
        max_file_bytes=int(FileSizeLimit.FILESIZE_UPLOAD),
        per_second=30.0,
        per_chat_second=1.0,
        one_receiver=True,
        edits=True,
        groups=True,
        best_evidence=Evidence.ACCEPTED,
    )

    def __init__(
        self,
        settings: TelegramSettings,
        receive: Receive,
        memory: Memory,
        commands: Commands | None = None,
        *,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        _silence()
        self._settings = settings
        self._receive = receive
        self._memory = memory
        self._commands = commands or {}
        self._clock = clock
        self._pace = Pace(monotonic, sleep)
        self._me: parse.Me | None = None
        self._opening = asyncio.Lock()
        self._taps: set[asyncio.Task[None]] = set()
        self._partly: OrderedDict[str, int] = OrderedDict()
        context = httpx.create_ssl_context()
        self._sending = _request(64, context)
        self._asking = _request(1, context)
        base = settings.api_base.rstrip("/")
        self._bot = Bot(
            settings.token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._sending,
            get_updates_request=self._asking,
        )

    # What arrives

    async def run(self) -> None:
        """Listens until cancelled. ChannelError where Telegram cannot be reached or refuses; else what `receive` raises."""
        try:
            me = await self._open()
            await self._tell_commands()
            if self._settings.webhook_url:
                await self._bot.set_webhook(
                    self._settings.webhook_url, allowed_updates=parse.KINDS, secret_token=self._secret()
                )
                await asyncio.Event().wait()
            await self._bot.delete_webhook()
            while True:
                await self._ask(me)
        except TelegramError as error:
            raise channel_error(error) from None
        except asyncio.CancelledError:
            for answer in self._taps:
                answer.cancel()
            await self._sending.shutdown()
            raise
        finally:
            await self._asking.shutdown()

    def routes(self) -> Sequence[web.RouteDef]:
        """The webhook, where there is one: the path of its address."""
        if not self._settings.webhook_url:
            return ()
        return (web.post(urlsplit(self._settings.webhook_url).path or "/", self._called),)

    async def username(self) -> str:
        """The bot's own name, without the @: for links to it. ChannelError where Telegram does not tell it."""
        try:
            return (await self._open()).username
        except TelegramError as error:
            raise channel_error(error) from None

    async def whoami(self) -> str:
        """Who we are on Telegram. ChannelError where it does not take us."""
        return f"@{await self.username()}"

    async def _open(self) -> parse.Me:
        """Who we are, asked once; and the connections, opened anew where they were closed."""
        await self._sending.initialize()
        await self._asking.initialize()
        async with self._opening:
            if self._me is None:
                user = await self._bot.get_me()
                self._me = parse.Me(user.id, user.username or "")
            return self._me

    async def _tell_commands(self) -> None:
        """Gives Telegram the menus, when they are others than the last ones. A menu that fails keeps nobody from talking."""
        told = sha256(json.dumps({lang: list(menu) for lang, menu in self._commands.items()}).encode()).hexdigest()
        if not self._commands or await self._memory.get("commands") == told:
            return
        failed = False
        for language, menu in self._commands.items():
            try:
                await self._bot.set_my_commands(
                    [BotCommand(command, text) for command, text in menu], language_code=language or None
                )
            except TelegramError as error:
                failed = True
                _log.warning("the menu of commands in language %r: %s", language, channel_error(error).reason)
        if not failed:
            await self._memory.put("commands", told)

    async def _ask(self, me: parse.Me) -> None:
        """One question for updates. What was taken is remembered, and acknowledged by the next question.

        After a week of silence Telegram may go on with a lower number, so the offset follows the last update and not the highest.
        """
        stored = await self._memory.get("offset")
        query: dict[str, Any] = {
            "timeout": self._settings.poll_timeout,
            "allowed_updates": json.dumps(parse.KINDS),
            **({"offset": stored} if stored else {}),
        }
        # The library's get_updates loses all updates with one that it cannot read, so the request is made without it.
        updates = await self._asking.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(query)}", read_timeout=self._settings.poll_timeout + 15.0
        )
        offset: str | None = None
        try:
            for raw in updates if isinstance(updates, list) else ():
                await self._take(raw, me)
                if isinstance(raw, dict) and type(raw.get("update_id")) is int:
                    offset = str(raw["update_id"] + 1)
        finally:
            if offset is not None:
                await self._memory.put("offset", offset)
        if updates and offset is None:
            raise TryLater("updates without a number")

    async def _take(self, raw: Any, me: parse.Me) -> None:
        """One update: a tap is answered at once, whatever becomes of it; then it is stored."""
        if tap := parse.tap(raw):
            answer = asyncio.create_task(self._answer(tap))
            self._taps.add(answer)
            answer.add_done_callback(self._taps.discard)
        await self._receive(parse.inbound(raw, me, self._fetch, self._clock()))

    async def _answer(self, tap: str) -> None:
        with suppress(TelegramError):
            await self._bot.answer_callback_query(tap)

    async def _fetch(self, file_id: str) -> bytes:
        """The bytes of a file that somebody sent. Telegram gives at most 20 MB. ChannelError where it does not."""
        try:
            file = await self._bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())
        except TelegramError as error:
            raise channel_error(error) from None

    def _secret(self) -> str:
        """What Telegram shows us with each update. Derived from the token, it is the same after a restart."""
        derived = hmac.new(self._settings.token.encode(), b"webhook", "sha256").hexdigest()
        return self._settings.webhook_secret or derived

    async def _called(self, request: web.Request) -> web.Response:
        """The webhook. A 2xx says that the update is stored, anything else that it is to come again."""
        shown = request.headers.get(SECRET_HEADER)
        if shown is None:
            return web.Response(status=401)
        if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self._secret().encode()):
            return web.Response(status=403)
        body = bytearray()
        async for chunk in request.content.iter_chunked(65_536):
            body += chunk
            if len(body) > BODY_LIMIT:
                return web.Response(status=413)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            raw = bytes(body)
        try:
            me = await self._open()
            async with self._pace.lock(f"in {parse.chat(raw)}"):
                await self._take(raw, me)
        except Exception as error:  # whatever it is, the update is not stored, and Telegram keeps it
            _log.error("an update could not be taken: %s", type(error).__name__)
            return web.Response(status=500)
        return web.Response()

    # What leaves

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[File], key: str, reply_to: str | None
    ) -> Receipt:
        """Sends the card, in several messages where it does not fit in one, with its files before the text and its buttons on the last.

        `reply_to` is a message id. A send that failed half-way goes on where it stopped when the same key is sent again by this process.
        """
        chat = _chat(to)
        try:
            buttons = render.keyboard(card)
        except ValueError as error:
            raise Rejected(str(error)) from None
        pieces = _pieces(card, files)
        reply = _reply(reply_to)
        await self._sending.initialize()
        async with self._pace.lock(to.handle):
            message: Message | None = None
            for number in range(min(self._partly.pop(key, 0), len(pieces) - 1), len(pieces)):
                last = number == len(pieces) - 1
                try:
                    await self._turn(to)
                    message = await self._deliver(
                        chat, pieces[number], buttons if last else None, None if number else reply
                    )
                except BaseException as error:
                    self._remember(key, number)
                    if isinstance(error, TelegramError):
                        raise self._failed(error, to) from None
                    raise
        assert message is not None
        return Receipt(str(message.message_id), Evidence.ACCEPTED, self._clock())

    async def close(self, receipt: Receipt, to: Address | Room, card: Card[str], chosen: str) -> None:
        """The buttons go, and the choice stands under the text. `chosen`: its label, or its token. Never fails: it is only for the eye."""
        label = next((choice.label for choice in card.choices if choice.token == chosen), chosen)
        html = render.closed(card, label)
        with suppress(TelegramError, Unreachable):
            if html is None or not await self._change(receipt, to, html, None):
                await self._sending.initialize()
                await self._bot.edit_message_reply_markup(_chat(to), int(receipt.wire_ref))

    async def edit(self, receipt: Receipt, to: Address | Room, card: Card[str]) -> None:
        """Replaces the message that carries the buttons; of a card in several messages, the last. ChannelError where it may work later."""
        try:
            await self._change(receipt, to, render.texts(card)[-1], render.keyboard(card))
        except (TelegramError, ValueError) as error:
            failure = self._failed(error, to) if isinstance(error, TelegramError) else Rejected(str(error))
            if not isinstance(failure, Unreachable):
                raise failure from None

    async def signal(self, origin: Origin, signal: Signal) -> None:
        """Shows that we write. Telegram has no receipt for reading."""
        to = origin.room or origin.sender
        if signal is Signal.TYPING and not self._pace.held(to.handle):
            with suppress(TelegramError, Unreachable):
                await self._sending.initialize()
                await self._bot.send_chat_action(_chat(to), ChatAction.TYPING)

    async def members(self, room: Room) -> Membership:
        """How many are in the group besides ourselves. No group on Telegram is encrypted from end to end."""
        try:
            await self._sending.initialize()
            return Membership(max(0, await self._bot.get_chat_member_count(_chat(room)) - 1), encrypted=False)
        except TelegramError as error:
            raise self._failed(error, room) from None

    async def _turn(self, to: Address | Room) -> None:
        """Waits for the turn of a message. TryLater where Telegram told us to leave the chat alone."""
        if held := self._pace.held(to.handle):
            raise TryLater("too many requests", timedelta(seconds=held))
        await self._pace.turn(to.handle, isinstance(to, Room))

    async def _deliver(
        self, chat: int, piece: _Piece, buttons: InlineKeyboardMarkup | None, reply: ReplyParameters | None
    ) -> Message:
        given: dict[str, Any] = {"reply_markup": buttons, "reply_parameters": reply, "parse_mode": ParseMode.HTML}
        if piece.file is None:
            preview = LinkPreviewOptions(is_disabled=True)
            return await self._bot.send_message(chat, piece.html or "", link_preview_options=preview, **given)
        content = await piece.file.read()
        named = InputFile(content, shaping.file_name(piece.file.name))
        if piece.file.media_type in PHOTOS and len(content) <= FileSizeLimit.PHOTOSIZE_UPLOAD:
            try:
                return await self._bot.send_photo(chat, named, caption=piece.html, **given)
            except (
                BadRequest
            ) as error:  # a picture too long or too wide for a photo, or none at all, still goes as a document
                if not any(word in error.message.lower() for word in ("photo", "image")):
                    raise
        return await self._bot.send_document(chat, named, caption=piece.html, **given)

    async def _change(
        self, receipt: Receipt, to: Address | Room, html: str, buttons: InlineKeyboardMarkup | None
    ) -> bool:
        """Writes a message anew, be it a text or a caption. False where Telegram does not let us."""
        await self._sending.initialize()
        await self._pace.any_turn()
        chat, number = _chat(to), int(receipt.wire_ref)
        given: dict[str, Any] = {"parse_mode": ParseMode.HTML, "reply_markup": buttons}
        try:
            preview = LinkPreviewOptions(is_disabled=True)
            await self._bot.edit_message_text(html, chat, number, link_preview_options=preview, **given)
        except BadRequest as error:
            if "no text in the message" not in error.message:
                return "not modified" in error.message
            try:
                await self._bot.edit_message_caption(chat, number, caption=html, **given)
            except BadRequest as second:
                return "not modified" in second.message
        return True

    def _remember(self, key: str, number: int) -> None:
        """That so many pieces of a send have left, for the next attempt."""
        if number:
            self._partly[key] = number
            while len(self._partly) > PARTLY_REMEMBERED:
                self._partly.popitem(last=False)

    def _failed(self, error: TelegramError, to: Address | Room) -> Exception:
        failure = channel_error(error)
        if isinstance(error, RetryAfter) and isinstance(failure, TryLater):
            self._pace.hold(to.handle, failure.after.total_seconds())
        return failure


def _pieces(card: Card[str], files: Sequence[File]) -> list[_Piece]:
    """The messages of a card: one where a single file can carry it as its caption, else the files and then the text."""
    for file in files:
        if file.size > Telegram.traits.max_file_bytes:
            raise Rejected("a file is larger than Telegram takes")
    caption = render.caption(card) if len(files) == 1 else None
    if caption is not None:
        return [_Piece(caption, files[0])]
    return [*(_Piece(None, file) for file in files), *(_Piece(text) for text in render.texts(card))]


def _chat(to: Address | Room) -> int:
    try:
        return int(to.handle)
    except ValueError:
        raise Unreachable("not a chat of Telegram's") from None


def _reply(reference: str | None) -> ReplyParameters | None:
    """What is answered, where it is a message id. A message that is gone is answered all the same."""
    if reference is None or not (reference.isascii() and reference.isdigit()):
        return None
    return ReplyParameters(int(reference), allow_sending_without_reply=True)


def _request(connections: int, context: ssl.SSLContext) -> HTTPXRequest:
    """Connections to Telegram; all share one TLS context, which is large."""
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=10.0,
        read_timeout=20.0,
        write_timeout=20.0,
        pool_timeout=30.0,
        media_write_timeout=120.0,
        httpx_kwargs={"verify": context},
    )


def _silence() -> None:
    """The libraries below log addresses with the token, and the texts of answers: neither may reach a log."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
