"""How each channel shows a message, for the office: drawn by what the channels themselves draw with, and sent nowhere."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from itertools import count
from pathlib import Path

from channels import shaping
from channels.letter import PATIENCE_SECONDS, Apart, Letter
from channels.letter import sheet as letter_sheet
from channels.letter.sheet import Drawn, Sheet
from core.buildings import service as buildings
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.channel import Address, File, Rejected, TryLater
from core.messaging.kinds import ANSWER, KINDS
from core.outbox.letters import service as letters
from core.people.model import LETTER
from koprogo.application import Application
from koprogo.channels import above
from koprogo.letters import Post
from koprogo.rehearsal import rehearsed, stage
from koprogo.samples import STRANGER, question, samples, told
from koprogo.settings import Settings, reachable
from web_admin.preview.protocols import Bubble, Line, Message, Picture, Sample, Sitter

HIDDEN = "..."
"""Stands where a token of the reader's would: whoever has one acts in his place."""
COVERED = "•"
UNNAMED = "koprogo@mail.example"
"""Our address in a picture where the installation has none; it is not shown."""
HEADERS = ("From", "Reply-To", "Subject")
LOOK = (
    "import sys; sys.path.insert(0, sys.argv[1]); import sheet;"
    " sys.stdout.buffer.write(sheet.look(*sheet.from_json(sys.stdin.buffer.read()))[0])"
)
"""Draws the first page of a letter in a process of its own, as the letter itself is drawn."""


class Pictures:
    """The `Previews` of an installation."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._draw = Apart()

    def samples(self) -> Sequence[Sample]:
        return samples()

    async def sample(self, name: str, sitter: Sitter) -> Sequence[Message]:
        wanted = next((each for each in samples() if each.name == name), None)
        if wanted is None:
            return ()
        if wanted.answer:
            sitter = replace(sitter, person=None) if name == STRANGER else sitter
            return await self._answered(question(name, sitter.language), sitter)
        application = self._application
        async with application.database.work(sitter.organisation) as uow:
            known, now = await buildings.find(uow, sitter.building), uow.now
        found = told(name, known, sitter.language, application.catalogues, now) if known else None
        if found is None:
            return ()
        return (Message(found.card, found.kind, sitter.language, sitter.organisation, sitter.person),)

    async def _answered(self, text: str, sitter: Sitter) -> Sequence[Message]:
        application = self._application
        await asyncio.to_thread(lambda: application.understanding)
        now = application.database.clock()
        async with stage(application, sitter, new_id().int % 2**63, now) as played:
            said = await played.says(Line(now, text))
        return [
            Message(each.card, ANSWER, each.reader.language, sitter.organisation, each.reader.person) for each in said
        ]

    async def pictures(self, message: Message) -> Sequence[Picture]:
        card, files = await self._rendered(message)
        settings = self._application.settings
        found = [telegram(card, files), matrix(card, files), await self._mail(card, files)]
        here = reachable(settings)
        listed = tuple((file.name, file.media_type) for file in files)
        found = [replace(each, files=listed, set_up=each.channel in here) for each in found]
        return [*found, await self._as_letter(message), console(card, files)]

    async def file(self, message: Message, number: int) -> File | None:
        _, files = await self._rendered(message)
        return files[number - 1] if 0 < number <= len(files) else None

    async def letter(self, message: Message) -> bytes:
        try:
            return (await self._draw(await self._sheet(message))).pdf
        except (Rejected, TryLater) as error:
            raise DomainError("office.preview.not_drawn") from error

    async def first_page(self, message: Message) -> bytes:
        return await _looked_at(await self._sheet(message))

    async def _rendered(self, message: Message, *, on_paper: bool = False) -> tuple[Card[str], list[File]]:
        """As the courier has it before he hands it to a channel, its choices with tokens that are none."""
        numbers = count(1)
        card, files = await self._application.courier.rendered(
            message.card.offered(lambda: str(next(numbers))),
            message.language,
            message.organisation,
            message.person,
            on_paper=on_paper,
        )
        return replace(card, may_stop=KINDS[message.kind].may_stop), [*files, *(() if on_paper else message.files)]

    async def _mail(self, card: Card[str], files: Sequence[File]) -> Picture:
        from channels.email import render
        from channels.email.addresses import Own

        application = self._application
        own = Own(application.settings.email_address or UNNAMED)
        pages = Nowhere(application.settings)
        enclosures = [render.Enclosure(file.name, file.media_type, await file.read()) for file in files]
        mail = render.mail(
            card,
            enclosures,
            render.Ends(own.address, application.settings.email_name, "", own.reply_address(HIDDEN)),
            message_id=own.message_id(HIDDEN),
            at=application.database.clock(),
            above=above(application.catalogues),
            links={choice.token: link for choice in card.choices if (link := pages.choice("", choice.token))},
            unsubscribe=pages.unsubscribe(Address("email", "")) if card.may_stop else None,
        )
        headers = [(name, str(make_header(decode_header(str(mail[name]))))) for name in HEADERS]
        if application.settings.email_address is None:
            headers = headers[-1:]
        if unsubscribe := mail["List-Unsubscribe"]:
            headers.append(("List-Unsubscribe", str(unsubscribe)))
        return Picture("email", (Bubble(_part(mail, "html"), _part(mail, "plain")),), headers=tuple(headers))

    async def _as_letter(self, message: Message) -> Picture:
        if not KINDS[message.kind].by_law:
            return Picture("letter", refused=say("office.preview.by_law_only"))
        if message.person is None:
            return Picture("letter", refused=say("office.preview.no_home"))
        async with self._application.database.work(message.organisation) as uow:
            home = await letters.correspondent(uow, message.person)
        return Picture("letter", paged=True) if home else Picture("letter", refused=say("office.preview.no_home"))

    async def _sheet(self, message: Message) -> Sheet:
        """What the channel would draw, were the letter sent; its code, which opens nothing, is covered."""
        if message.person is None:
            raise DomainError("office.preview.no_home")
        application, drawn = self._application, list[Sheet]()
        card, files = await self._rendered(message, on_paper=True)

        async def draw(sheet: Sheet) -> Drawn:
            drawn.append(sheet)
            return Drawn(b"", 0)

        async def tray(to: Address, key: str, letter: Drawn) -> None:
            """It is thrown away."""

        async def invitation() -> tuple[str, Text] | None:
            return self._invited()

        async with rehearsed(application, message.organisation) as database:
            post = Post(database, application.shelf, application.catalogues, invitation)
            channel = Letter(post.address_of, tray, draw=draw)
            try:
                await channel.send(Address(LETTER, str(message.person)), card, files, "0" * 32, None)
            except Rejected as error:
                raise DomainError("office.preview.no_home") from error
        return replace(drawn[0], code=tuple(COVERED * len(group) for group in drawn[0].code))

    def _invited(self) -> tuple[str, Text] | None:
        """The channel that the code of a letter would tie, and where it says that it is to be written."""
        ways = self._application.ways
        for channel, name in (("telegram", "bot"), ("email", "address"), ("matrix", "user")):
            if channel in ways:
                where = ways[channel].where
                return channel, say(
                    f"letter.invitation.{channel}", **{name: where.lstrip("@") if name == "bot" else where}
                )
        return None


class Nowhere:
    """The `Pages` of a message that is only looked at: addresses as long as the true ones are needed, and nothing behind them."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.public_url

    def choice(self, key: str, token: str) -> str | None:
        return f"{self._base}/c/{HIDDEN}" if self._base else None

    def unsubscribe(self, to: Address) -> str | None:
        return f"{self._base}/u/{HIDDEN}" if self._base else None

    def reply(self, key: str) -> str:
        return HIDDEN

    def replied(self, token: str) -> str | None:
        return None


def telegram(card: Card[str], files: Sequence[File]) -> Picture:
    """One file carries a card that fits as its caption; else the files come before the texts, and the buttons stand under the last."""
    from channels.telegram import render

    caption = render.caption(card) if len(files) == 1 else None
    if caption is not None:
        bubbles = [Bubble(caption, file=1)]
    else:
        bubbles = [Bubble(file=number) for number in range(1, len(files) + 1)]
        bubbles += [Bubble(text) for text in render.texts(card)]
    keyboard = render.keyboard(card)
    rows = keyboard.inline_keyboard if keyboard else ()
    return Picture("telegram", tuple(bubbles), tuple(tuple(button.text for button in row) for row in rows))


def matrix(card: Card[str], files: Sequence[File]) -> Picture:
    from channels.matrix import render

    bubbles = [Bubble(file=number) for number in range(1, len(files) + 1)]
    bubbles += [Bubble(content["formatted_body"], content["body"]) for content in render.contents(card)]
    number = len(card.choices)
    return Picture("matrix", tuple(bubbles), taps=render.KEYCAPS[:number] if number in render.TAPPED else ())


def console(card: Card[str], files: Sequence[File]) -> Picture:
    listed = tuple((file.name, file.media_type) for file in files)
    return Picture("console", (Bubble(text=shaping.plain(card)),), files=listed)


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None, "a mail has both parts"
    return str(part.get_content()).replace("\r\n", "\n")


async def _looked_at(sheet: Sheet) -> bytes:
    """The first page as PNG. DomainError where it cannot be drawn."""
    folder = str(Path(letter_sheet.__file__).parent)
    pipe = asyncio.subprocess.PIPE
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", LOOK, folder), stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={}
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            drawn, _ = await worker.communicate(letter_sheet.to_json(sheet))
    except TimeoutError as error:
        raise DomainError("office.preview.not_drawn") from error
    finally:
        if worker.returncode is None:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()
    if worker.returncode or not drawn:
        raise DomainError("office.preview.not_drawn")
    return drawn
