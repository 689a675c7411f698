"""What the office shows of a message is what its channels send: compared with what their wires were given for the same card."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from itertools import count
from typing import Any

import pymupdf
import pytest

from channels.console import Console
from channels.email import EmailSettings, Security, SmtpSettings
from channels.email.channel import Email
from channels.letter import Letter
from channels.letter.sheet import Drawn
from channels.matrix import MatrixSettings
from channels.matrix.channel import Matrix
from channels.matrix.client import Answer, Requests
from channels.matrix.render import KEYCAPS
from channels.telegram import TelegramSettings
from channels.telegram.channel import Telegram
from core.kernel.text import Text, literal
from core.messaging.card import Card
from core.messaging.channel import Address, File, Inbound, Room
from core.messaging.kinds import KINDS
from koprogo.channels import above, links
from koprogo.letters import Post
from koprogo.preview import Pictures
from tests.channels.world import Notes
from tests.servers.telegram import TOKEN, BotApi
from tests.web_admin.preview.conftest import MAILBOX, Wired, everything
from tests.web_admin.preview.test_try import LEA, person
from web_admin.preview.protocols import Bubble, Message, Picture, Sitter

KEY = "0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


async def sitter(wired: Wired, code: str = LEA, language: str = "fr") -> Sitter:
    sample = wired.sample
    return Sitter(sample.organisation, sample.known.building.slug, await person(wired, code), language)


def file(name: str, media_type: str, content: bytes) -> File:
    async def read() -> bytes:
        return content

    return File(name, media_type, len(content), read)


async def messages(wired: Wired) -> dict[str, Message]:
    """Short, with a picture, with a calendar, and more than one message can hold."""
    pictures, who = Pictures(wired.application), await sitter(wired)
    found = {name: (await pictures.sample(name, who))[0] for name in ("charges.owed", "charges.pay", "legal", "help")}
    words = " ".join(f"Ligne {number} & <b>fin</b>." for number in range(1200))
    long = replace(found["legal"].card, body=(literal(words),))
    return found | {
        "long": replace(found["legal"], card=long),
        "papers": replace(
            found["charges.owed"],
            files=(file("a.png", "image/png", PNG), file("décompte.pdf", "application/pdf", b"%PDF-1.7 x")),
        ),
    }


NAMES = ("charges.owed", "charges.pay", "legal", "help", "long", "papers")


async def sent(wired: Wired, message: Message, *, on_paper: bool = False) -> tuple[Card[str], list[File]]:
    """As the courier hands it to a channel: its choices with tokens of their own."""
    numbers = count(1)
    card, files = await wired.application.courier.rendered(
        message.card.offered(lambda: f"k7fQ29hX_0aBc{next(numbers)}"),
        message.language,
        message.organisation,
        message.person,
        on_paper=on_paper,
    )
    return replace(card, may_stop=KINDS[message.kind].may_stop), [*files, *message.files]


async def picture(wired: Wired, message: Message, channel: str) -> Picture:
    found = await Pictures(wired.application).pictures(message)
    return next(each for each in found if each.channel == channel)


async def ignored(inbound: Inbound) -> None:
    """Nothing arrives."""


@pytest.mark.parametrize("name", NAMES)
async def test_telegram(wired: Wired, name: str) -> None:
    message = (await messages(wired))[name]
    card, files = await sent(wired, message)
    async with BotApi() as api:
        lea = api.person("Léa", "fr")
        lea.barred = None
        channel = Telegram(TelegramSettings(TOKEN, api.url), ignored, Notes(), sleep=nothing)
        await channel.send(Address("telegram", str(lea.id)), card, files, KEY, None)
        calls = [call for call in api.calls if call.method.startswith("send")]
    shown = await picture(wired, message, "telegram")
    given = [str(call.fields.get("text") or call.fields.get("caption") or "") for call in calls]
    assert [bubble.html for bubble in shown.bubbles] == given
    assert [bool(bubble.file) for bubble in shown.bubbles] == [call.method != "sendMessage" for call in calls]
    markup = json.loads(str(calls[-1].fields.get("reply_markup") or '{"inline_keyboard": []}'))
    assert [[button["text"] for button in row] for row in markup["inline_keyboard"]] == [
        list(row) for row in shown.buttons
    ]
    assert bool(shown.buttons) == bool(card.choices)
    assert (len(shown.bubbles) > 1) == (name in ("long", "papers"))


async def nothing(seconds: float) -> None:
    """No time passes."""


class Homeserver(Requests):
    """Takes whatever is sent."""

    def __init__(self) -> None:
        super().__init__(monotonic=lambda: 0.0, sleep=nothing)
        self.events: list[tuple[str, Mapping[str, Any]]] = []

    async def open(self) -> str:
        self.user_id = "@koprogo:tilleuls.example"
        return self.user_id

    async def close(self) -> None:
        """Nothing is open."""

    async def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        media_type: str,
        timeout: float,  # noqa: ASYNC109 - as it is declared
        limit: int,
    ) -> Answer:
        return Answer(200, {}, b'{"content_uri": "mxc://tilleuls.example/file"}')

    async def put_event(self, room: str, kind: str, txn_id: str, content: Mapping[str, Any]) -> str:
        self.events.append((kind, content))
        return f"$event{len(self.events)}"


@pytest.mark.parametrize("name", NAMES)
async def test_matrix(wired: Wired, name: str, tmp_path: Any) -> None:
    message = (await messages(wired))[name]
    card, files = await sent(wired, message)
    homeserver = Homeserver()
    settings = MatrixSettings("http://localhost", "@koprogo:tilleuls.example", tmp_path, "secret")
    channel = Matrix(settings, ignored, Notes(), client=homeserver)
    await channel.send(Room("matrix", "!room:tilleuls.example"), card, files, KEY, None)
    for task in set(channel._tapped):
        await task
    shown = await picture(wired, message, "matrix")
    said = [content for kind, content in homeserver.events if kind == "m.room.message"]
    texts = [content for content in said if content["msgtype"] == "m.notice"]
    assert [(bubble.html, bubble.text) for bubble in shown.bubbles if not bubble.file] == [
        (content["formatted_body"], content["body"]) for content in texts
    ]
    assert [bool(bubble.file) for bubble in shown.bubbles] == [content["msgtype"] != "m.notice" for content in said]
    taps = [content["m.relates_to"]["key"] for kind, content in homeserver.events if kind == "m.reaction"]
    assert list(shown.taps) == taps
    assert taps == list(KEYCAPS[: len(card.choices)] if 2 <= len(card.choices) <= 4 else ())


@pytest.mark.parametrize("name", NAMES)
async def test_email(wired: Wired, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    message = (await messages(wired))[name]
    card, files = await sent(wired, message)
    application, taken = wired.application, list[bytes]()
    smtp = SmtpSettings("localhost", 25, security=Security.NONE)
    settings = EmailSettings(MAILBOX, application.settings.email_name, smtp)
    channel = Email(settings, ignored, Notes(), links(application.settings), above(application.catalogues))

    async def hand_over(sender: str, recipient: str, mail: bytes) -> None:
        taken.append(mail)

    monkeypatch.setattr(channel._sending, "hand_over", hand_over)
    await channel.send(Address("email", "lea@tilleuls.example"), card, files, KEY, None)
    mail = message_from_bytes(taken[0], policy=default)
    shown = await picture(wired, message, "email")
    headers = dict(shown.headers)
    assert headers["Subject"] == mail["Subject"]
    assert headers["From"] == mail["From"]
    local, _, host = MAILBOX.partition("@")
    assert headers["Reply-To"] == re.sub(r"\+[a-z0-9]{42}@", "+...@", mail["Reply-To"])
    assert f"{local}+...@{host}" in headers["Reply-To"]
    assert ("List-Unsubscribe" in headers) == (mail["List-Unsubscribe"] is not None) == card.may_stop
    (bubble,) = shown.bubbles
    for kind, given in (("plain", bubble.text), ("html", bubble.html)):
        part = mail.get_body((kind,))
        assert part is not None
        assert given == covered(str(part.get_content()).replace("\r\n", "\n"))
    attached = [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()]
    assert list(shown.files) == attached


def covered(text: str) -> str:
    """Without the tokens of its links."""
    return re.sub(r"(https://kopro\.example/c/)[^\s\"<]+", r"\1...", text)


async def test_a_letter(wired: Wired) -> None:
    application, kept = wired.application, list[Drawn]()
    pictures = Pictures(application)
    (message,) = await pictures.sample("legal", await sitter(wired, "marguerite-lambert"))

    async def invitation() -> tuple[str, Text] | None:
        return pictures._invited()

    async def tray(to: Address, key: str, letter: Drawn) -> None:
        kept.append(letter)

    before = await everything(wired.sample)
    looked, page = await pictures.letter(message), await pictures.first_page(message)
    assert await everything(wired.sample) == before
    card, files = await sent(wired, message, on_paper=True)
    post = Post(application.database, application.shelf, application.catalogues, invitation)
    channel = Letter(post.address_of, tray)
    await channel.send(Address("letter", str(message.person)), card, files, "0" * 32, None)
    shown, real = (read(pdf) for pdf in (looked, kept[0].pdf))
    assert "Marguerite Lambert" in real
    assert len(re.findall(r"•{2,}", shown)) == 3
    # The code alone is covered.
    code = re.search(r"\b([A-Z2-9]{4})\s+([A-Z2-9]{3})\s+([A-Z2-9]{3})\b", real)
    assert code is not None
    assert re.sub(r"•+", "#", shown) == real.replace(code[1], "#").replace(code[2], "#").replace(code[3], "#")
    assert page.startswith(b"\x89PNG")
    assert (await picture(wired, message, "letter")).paged


def read(pdf: bytes) -> str:
    """Its words; where they break into lines depends on how wide a code is."""
    pages: Any = pymupdf.open(stream=pdf)
    return " ".join(" ".join(page.get_text() for page in pages).split())


async def test_what_has_no_letter_says_why(wired: Wired) -> None:
    pictures, who = Pictures(wired.application), await sitter(wired)
    (money,) = await pictures.sample("money", who)
    refused = (await picture(wired, money, "letter")).refused
    assert refused is not None
    assert refused.key == "office.preview.by_law_only"
    (legal,) = await pictures.sample("legal", replace(who, person=None))
    nowhere = (await picture(wired, legal, "letter")).refused
    assert nowhere is not None
    assert nowhere.key == "office.preview.no_home"


@pytest.mark.parametrize("name", NAMES)
async def test_the_terminal(wired: Wired, name: str) -> None:
    from channels.shaping import plain

    message = (await messages(wired))[name]
    card, files = await sent(wired, message)
    console = Console()
    await console.send(Address("console", "lea"), card, files, KEY, None)
    shown = await picture(wired, message, "console")
    assert shown.bubbles == (Bubble(text=plain(console.shown[0].card)),)
    assert shown.files == tuple((each.name, each.media_type) for each in console.shown[0].files)


async def test_no_token_of_a_delivery_is_in_any_picture(wired: Wired) -> None:
    """Who has one acts for its reader."""
    message = (await messages(wired))["charges.owed"]
    token = "SecretToken0123"
    stored = replace(message, card=message.card.offered(lambda: token))
    for each in await Pictures(wired.application).pictures(stored):
        assert token not in repr(each)


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
async def test_every_sample_in_every_language_on_every_channel(wired: Wired, language: str) -> None:
    """And nothing of it is recorded."""
    pictures = Pictures(wired.application)
    before = await everything(wired.sample)
    names = [sample.name for sample in pictures.samples()]
    assert {kind for kind in KINDS if kind != "answer"} <= set(names)
    titles = set()
    for name in names:
        for code in (LEA, "werner-klein", "nathalie-renard"):
            found = await pictures.sample(name, await sitter(wired, code, language))
            assert found, name
            for message in found:
                assert message.language == language
                assert [each.channel for each in await pictures.pictures(message)] == [
                    *("telegram", "matrix", "email", "letter", "console")
                ]
                titles.add(wired.application.catalogues[language](message.card.title))
    assert len(titles) > 15
    assert await everything(wired.sample) == before


async def test_a_sample_that_there_is_not(wired: Wired) -> None:
    pictures, who = Pictures(wired.application), await sitter(wired)
    assert await pictures.sample("nonsense", who) == ()
    assert await pictures.sample("money", replace(who, building="nowhere")) == ()
    (owed,) = await pictures.sample("charges.owed", who)
    assert await pictures.file(owed, 1) is None
    assert await pictures.file(owed, -1) is None
