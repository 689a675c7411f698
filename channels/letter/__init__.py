"""The letter: a card as an accessible PDF in the tray of what is to be printed and posted. A human is the wire."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from channels import shaping
from channels.letter.sheet import SUFFIXES, UNDRAWABLE_EXIT, Drawn, Line, Picture, Sheet, to_json
from core.kernel.clock import Clock, system_clock
from core.kernel.i18n import COUNTRY
from core.messaging.card import Card
from core.messaging.channel import (
    Address,
    Evidence,
    File,
    Membership,
    Origin,
    Receipt,
    Rejected,
    Room,
    Signal,
    Traits,
    TryLater,
)

NAME: Final = "letter"
PATIENCE_SECONDS: Final = 60.0
"""A letter takes a fifth of a second; one that takes this long never ends."""
AT_ONCE: Final = 2
"""Letters drawn at the same time: each costs a process."""
GROUP: Final = 4
"""Signs of a code that an eye takes in at once."""

_DRAWING = Path(__file__).with_name("sheet.py")


@dataclass(frozen=True, slots=True)
class Envelope:
    """All that is on a letter and not on its card, in the words of its reader.

    `recipient_lines`: name and postal address, as bpost wants them (at most six lines). `dated`: place and date as one phrase.
    `reference`: what stands before the reference, by which an answer on paper finds its delivery. `columns`: what stands over the table of
    facts. `how_to_answer` and `invitation`: a heading and its paragraphs; the invitation says where to write the `code` that ties a
    channel, and stays away with it. `pictures`: by the name of a file, the text beside it. `greeting` stands before what the card says;
    `added`, `closing` and `signature` after it.
    """

    recipient_lines: tuple[str, ...]
    sender_lines: tuple[str, ...]
    dated: str
    language: str
    footer: str
    reference: str = ""
    columns: tuple[str, str] = ("", "")
    how_to_answer: tuple[str, ...] = ()
    code: str = field(default="", repr=False)
    invitation: tuple[str, ...] = ()
    pictures: Mapping[str, str] = field(default_factory=dict)
    greeting: str = ""
    added: str = ""
    closing: str = ""
    signature: str = ""


AddressOf = Callable[[Address], Awaitable[Envelope | None]]
"""Who lives at an address of this channel; None: nobody with a postal address."""
Tray = Callable[[Address, str, Drawn], Awaitable[None]]
"""Keeps a letter until it is printed: to whom, its delivery key, the letter. The same key again changes nothing."""
Draw = Callable[[Sheet], Awaitable[Drawn]]


class Letter:
    """The channel `letter`. A handle is the id of a person, as text; a wire reference is the delivery key.

    What lies in the tray was not sent: printing and posting it are what raises its evidence.
    """

    name: Final = NAME
    traits: Final = Traits(
        buttons=False,
        max_chars=200_000,
        max_file_bytes=5_000_000,
        idempotent=True,
        on_paper=True,
        best_evidence=Evidence.ACCEPTED,
    )

    def __init__(
        self, address_of: AddressOf, tray: Tray, *, draw: Draw | None = None, clock: Clock = system_clock
    ) -> None:
        self._address_of = address_of
        self._tray = tray
        self._draw = draw or Apart()
        self._clock = clock

    async def run(self) -> None:
        """Nothing arrives by letter that a program could read."""

    def routes(self) -> Sequence[Any]:
        return ()

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[File], key: str, reply_to: str | None
    ) -> Receipt:
        """Draws the letter and puts it into the tray."""
        if isinstance(to, Room):
            raise Rejected("a letter has one reader")
        envelope = await self._address_of(to)
        if envelope is None or not envelope.recipient_lines:
            raise Rejected("no postal address on file")
        pictures = [await _picture(file, envelope) for file in files]
        drawn = await self._draw(sheet_of(card, envelope, pictures, key))
        await self._tray(to, key, drawn)
        return Receipt(key, Evidence.NONE, self._clock())

    async def close(self, receipt: Receipt, to: Address | Room, card: Card[str], chosen: str) -> None:
        """What is on paper stays on paper."""

    async def edit(self, receipt: Receipt, to: Address | Room, card: Card[str]) -> None:
        """What is on paper stays on paper."""

    async def signal(self, origin: Origin, signal: Signal) -> None:
        """Paper shows no signals."""

    async def members(self, room: Room) -> Membership:
        raise Rejected("a letter has one reader")


class Apart:
    """Draws each letter in a process of its own, which is gone afterwards: nothing of the compiler stays in this one."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._patience = patience

    async def __call__(self, *sheets: Sheet) -> Drawn:
        """The letter, or several as one file. Rejected where it cannot be drawn, TryLater where the process broke down."""
        async with self._places:
            # Isolated and without our environment: what draws needs no secrets.
            worker = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(_DRAWING)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
            )
            try:
                async with asyncio.timeout(self._patience):
                    drawn, _ = await worker.communicate(to_json(*sheets))
            except TimeoutError:
                raise Rejected("drawing the letter took too long") from None
            finally:
                if worker.returncode is None:
                    with suppress(ProcessLookupError):
                        worker.kill()
                    await worker.wait()
        if worker.returncode == UNDRAWABLE_EXIT:
            raise Rejected("the letter cannot be drawn")
        pages, newline, pdf = drawn.partition(b"\n")
        if worker.returncode or not newline or not pages.isdigit():
            raise TryLater(f"drawing the letter ended with {worker.returncode}")
        return Drawn(pdf, int(pages))


def sheet_of(card: Card[str], envelope: Envelope, pictures: Sequence[Picture], key: str) -> Sheet:
    """The card and its envelope as one sheet, every text clean."""
    return Sheet(
        language=envelope.language,
        region=COUNTRY[envelope.language],
        sender=_lines(envelope.sender_lines),
        recipient=_lines(envelope.recipient_lines),
        dated=shaping.line(envelope.dated),
        title=_visible(shaping.line(card.title)),
        footer=shaping.line(envelope.footer),
        reference=f"{shaping.line(envelope.reference)} {reference(key)}" if envelope.reference else "",
        body=_paragraphs(card.body),
        columns=(shaping.line(envelope.columns[0]), shaping.line(envelope.columns[1])),
        facts=tuple(
            Line(shaping.line(fact.label), shaping.line(fact.value))
            for fact in card.facts
            if shaping.visible(shaping.fact_line(fact))
        ),
        pictures=tuple(pictures),
        choices=tuple(_visible(shaping.line(choice.label)) for choice in card.choices),
        how_to_answer=_paragraphs(envelope.how_to_answer),
        code=groups(envelope.code),
        invitation=_paragraphs(envelope.invitation) if envelope.code else (),
        greeting=_paragraphs((envelope.greeting,)),
        added=_paragraphs((envelope.added,)),
        closing=_paragraphs((envelope.closing, envelope.signature)),
    )


def reference(key: str) -> str:
    """The first signs of a delivery key as they stand on its letter: enough to find it again in an organisation."""
    return " ".join(groups(key[: 2 * GROUP].upper()))


def groups(code: str) -> tuple[str, ...]:
    """A code in groups as equal as they can be, of four signs at most, the larger first."""
    signs = "".join(code.split())
    number = -(-len(signs) // GROUP)
    cuts = [0]
    for left in range(number, 0, -1):
        cuts.append(cuts[-1] + -(-(len(signs) - cuts[-1]) // left))
    return tuple(signs[begin:end] for begin, end in pairwise(cuts))


async def _picture(file: File, envelope: Envelope) -> Picture:
    if file.media_type not in SUFFIXES:
        raise Rejected("a letter shows pictures, and no other files")
    if file.size > Letter.traits.max_file_bytes:
        raise Rejected("a picture is larger than a letter takes")
    text = shaping.paragraph(envelope.pictures.get(file.name, "")) or shaping.line(file.name)
    return Picture(file.media_type, _visible(text), await file.read())


def _lines(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(shaping.visible, map(shaping.line, lines)))


def _paragraphs(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for text in texts for part in shaping.paragraph(text).split("\n\n") if shaping.visible(part))


def _visible(text: str) -> str:
    return text if shaping.visible(text) else shaping.BLANK
