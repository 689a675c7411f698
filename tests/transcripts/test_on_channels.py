"""The same conversations on Telegram (our reading of it), on Matrix and by e-mail (real servers), and what the person reads there.

On the wire each line is what the person does there: a message, a button, a reaction, a mail. Only what a channel changes is put aside: HTML,
the numbers of choices, labels cut for a button, and of a mail the line to answer above and the pages of its choices.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.concierge import Concierge
from bot.reception import Reception
from bot.understanding import Understanding
from channels.shaping import shorten
from core.database import Database, application_url
from core.inbox.service import StoredMemory
from core.kernel.clock import BRUSSELS
from core.kernel.i18n import Catalogues, Words
from core.kernel.text import say
from core.messaging.channel import Address, Inbound, Message
from core.outbox.service import Recorder
from core.people import service as people
from core.people import store as persons
from core.people.model import EMAIL
from koprogo.application import Application
from koprogo.settings import read_settings
from tests.channels.wires.servers import MAIL, MATRIX, Servers, servers
from tests.channels.wires.wire import Heard, Wire, numbered_apart
from tests.ground_floor import Hands, Sample
from tests.servers.postgres import connect
from tests.talking import WAYS, taken_down
from tests.transcripts.test_transcripts import FILES, FOLDER
from tests.transcripts.transcript import BETWEEN, Transcript
from tests.waiting import eventually

__all__ = ["servers"]

LEFT_OUT = {
    "groups": "speaks on Telegram in a group, as it says itself",
    "settings.link": "speaks on Telegram, Matrix and the terminal, as it says itself",
    "tickets-story": "goes from Matrix to e-mail to Telegram and back, as it says itself",
    "sel-crossing": "goes from Matrix to e-mail to Telegram, as it says itself",
    "notices-party": "goes from Matrix to Telegram to e-mail, as it says itself",
    "notices-moderated": "goes from Matrix to e-mail to Telegram, as it says itself",
    "loans-ladder": "goes from Matrix to e-mail to Telegram, as it says itself",
    "bazaar-story": "goes from Telegram to Matrix to e-mail, as it says itself",
    "bazaar-swap": "goes from Matrix to Telegram to e-mail, and is answered there",
    "skills-story": "goes from Matrix to Telegram to e-mail, as it says itself",
    "skills-mishaps": "goes from Matrix to Telegram to e-mail, and is answered there",
    "loans-reminder": "goes from e-mail to Telegram or Matrix, as it says itself",
    "weekly-news": "goes from e-mail to Telegram or Matrix, as it says itself",
    "todo-list": "goes from one channel to the next, and asks by commands, as it says itself",
    "settings.notify": "offers the channel that it is held on, and none where that is the terminal",
}
"""Files that cannot be held on one channel alone, and why."""
HELD = [path for path in FILES if path.stem not in LEFT_OUT]


@dataclass(frozen=True)
class Read:
    """A card as it is read: paragraphs, facts among them; the labels of its choices; the names of its files.

    Not `whole`: in several texts, cut wherever there was room, so that its lines stand for its paragraphs.
    """

    paragraphs: tuple[str, ...]
    choices: tuple[str, ...]
    files: tuple[str, ...] = ()
    whole: bool = True


@dataclass
class Told:
    """Somebody of the conversation at his wire, and how many texts and cards he has read there."""

    wire: Wire
    read: int = 0
    cards: int = 0


@dataclass
class Held:
    """A conversation that is held with the whole bot, on one channel."""

    name: str
    sample: Sample
    clock: Hands
    database: Database
    owner: asyncpg.Connection
    stored: int = 0
    expected: int = 0
    people: dict[str, Told] = field(default_factory=dict)

    def open(self, application: Application, concierge: Concierge) -> None:
        self.courier = application.courier
        self.reception = Reception(
            self.database, concierge, application.courier, application.channels, application.catalogues
        )

    async def receive(self, inbound: Inbound) -> None:
        await self.reception.receive(self.name)(inbound)
        self.stored += isinstance(inbound, Message)

    async def somebody(self, who: str, wire: Wire) -> Told:
        """At his own wire, known there where his address is on file."""
        if who not in self.people:
            told = self.people[who] = Told(await wire.another() if self.people else wire)
            await people.open_address(self.database, Address(EMAIL, who), told.wire.address)
        return self.people[who]

    async def new(self, told: Told) -> list[Read]:
        """What somebody was told since he looked last: all that the bot says that it sent, in that order, and nothing else."""
        address = told.wire.address
        sent = await self.owner.fetch(
            "SELECT wire_ref FROM deliveries WHERE channel = $1 AND handle = $2 AND fate = 'sent' ORDER BY ordinal",
            address.channel,
            address.handle,
        )
        refs = [row["wire_ref"] for row in sent[told.cards :]]
        heard = await told.wire.received(told.read + len(refs))
        while refs and str(heard[-1].id) != refs[-1]:
            heard = await told.wire.received(len(heard) + 1)
        new, cards = heard[told.read :], []
        told.read, told.cards = len(heard), len(sent)
        for ref in refs:
            last = next(place for place, each in enumerate(new) if str(each.id) == ref)
            cards.append(_joined(new[: last + 1]))
            new = new[last + 1 :]
        assert new == []
        return cards

    async def says(self, told: Told, text: str, last: list[Read]) -> list[Read]:
        """A line of somebody's, and what he is answered."""
        await self._says(told, text, last)
        self.expected += 1
        await eventually(lambda: self.stored >= self.expected)
        assert self.stored == self.expected
        await self.reception.idle()
        await self.courier.drain()
        return await self.new(told)

    async def _says(self, told: Told, text: str, last: list[Read]) -> None:
        wire = told.wire
        if pressed := re.fullmatch(r"\[(.+)\]", text):
            choices = last[-1].choices
            label = shorten(pressed[1], wire.label)
            if label not in choices:
                await wire.presses_old()
            elif wire.taps:
                await wire.presses(label)
            else:
                await wire.answers(choices.index(label) + 1)
        elif text.isdigit():
            await wire.answers(int(text))
        elif not await people.known_at(self.database, wire.address) and (heard := await wire.received()):
            # A stranger answers what he was told: a mail of his own would be answered three times an hour only.
            await wire.replies(heard[-1], text)
        else:
            await wire.says(text)

    async def links(self, told: Told, person: str) -> None:
        async with self.database.work(self.sample.organisation) as uow:
            await persons.link(uow, told.wire.address, await self._named(uow, person))
            await uow.commit()

    async def invited(self, person: str) -> str:
        async with self.database.work(self.sample.organisation) as uow:
            code = await people.invite(uow, await self._named(uow, person), self.name)
            await uow.commit()
            return code

    async def _named(self, uow: Any, person: str) -> Any:
        rows = await persons.residents(uow, self.sample.known.building_id)
        return next(row.person_id for row in rows if row.resident.person == person)


@pytest.mark.parametrize("path", HELD, ids=[str(path.relative_to(FOLDER)) for path in HELD])
@pytest.mark.parametrize("name", ["telegram", MAIL, MATRIX])
async def test_it_is_read_there_as_it_is_written(
    name: str,
    path: Path,
    sample: Sample,
    clock: Hands,
    servers: Servers,
    understanding: Understanding,
    catalogues: Catalogues,
    tmp_path: Path,
) -> None:
    owner = await connect(sample.owner)
    try:
        async with Database(application_url(sample.owner), recorder=Recorder((name,)), clock=clock) as database:
            held = Held(name, sample, clock, database, owner)
            memory = StoredMemory(database, name, "ours")
            opened = await servers.opened(name, tmp_path / name, held.receive, memory, clock=clock)
            async with opened as wire:
                settings = read_settings({"KOPROGO_DATA": str(tmp_path)})
                application = Application(settings, sample.owner, database, {name: wire.channel})
                held.open(application, Concierge(database, understanding, ways=WAYS))
                words = catalogues[path.parent.name]
                await _as_written(Transcript.read(path), held, wire, words)
        # Others are told things too, whom nobody has given a mailbox here.
        handles = [told.wire.address.handle for told in held.people.values()]
        query = "SELECT DISTINCT fate FROM deliveries WHERE channel = $1 AND handle = ANY($2::text[])"
        fates = await owner.fetch(query, name, handles)
        assert {row["fate"] for row in fates} == {"sent"}
    finally:
        await owner.close()


async def _as_written(transcript: Transcript, held: Held, wire: Wire, words: Words) -> None:
    """Holds the conversation, and compares each answer with the file. `words`: those of its language."""
    who, code, channel = "", "", words(say(f"channel.{held.name}"))
    asked = words(say("trust.title"))
    last: list[Read] = []
    for line in transcript.lines:
        directive, value = line.directive
        if directive == "who":
            who = value
        elif directive == "is":
            await held.links(await held.somebody(who, wire), value)
        elif directive == "at":
            held.clock.now = datetime.fromisoformat(value).replace(tzinfo=BRUSSELS).astimezone(UTC)
        elif directive == "invite":
            code = await held.invited(value)
        elif directive == "removed":
            await taken_down(held.database, held.sample, value)
            await held.courier.drain()
        elif directive in ("says", "told"):
            told = await held.somebody(who if directive == "says" else value, wire)
            if directive == "says" and not wire.taps and _is_old(value, last):
                continue
            said = await (
                held.says(told, value.replace("{code}", code), last) if directive == "says" else held.new(told)
            )
            if said and said[-1].paragraphs[0] == asked:
                # What binds is not done by a mail alone: he is asked, at the reply address, whether it was him.
                assert wire.address.channel == "email"
                said = await held.says(told, f"[{said[-1].choices[0]}]", said)
            there = channel if wire.address.channel == "telegram" else f"{channel} {told.wire.address.handle}"
            written = _cards(line.answer, there)
            assert len(said) == len(written), line.text
            assert said == [_as_shown(card, wire, read.whole) for card, read in zip(written, said, strict=True)], (
                line.text
            )
            last = said


def _is_old(text: str, last: list[Read]) -> bool:
    """A button that is under nothing any more: there is none in a mail, and its page has tests of its own."""
    return text.startswith("[") and text[1:-1] not in last[-1].choices


def _cards(answer: list[str], there: str) -> list[Read]:
    """The cards in an answer of the file. `there`: what the address is called that is a terminal in it."""
    cards = []
    for text in "\n".join(answer).split(f"\n\n{BETWEEN.strip()}\n\n") if answer else ():
        files = tuple(re.findall(r"^\[file: (\S+) .*\]$", text, re.MULTILINE))
        words = re.sub(r"(?i)\bterminal \S+@\S+", there, re.sub(r"\n?^\[file: .*\]$", "", text, flags=re.MULTILINE))
        said, choices = numbered_apart(words)
        cards.append(Read(tuple(_paragraphs(said)), choices, files))
    return cards


def _as_shown(card: Read, wire: Wire, whole: bool) -> Read:
    """A card of the file as a wire has to show it."""
    choices = tuple(shorten(label, wire.label) for label in card.choices)
    return replace(card, paragraphs=card.paragraphs if whole else _lines(card.paragraphs), choices=choices, whole=whole)


def _joined(texts: Sequence[Heard]) -> Read:
    """The card that these texts are together, the same in each of the forms in which it is read."""
    *before, last = texts
    assert not any(each.choices for each in before)
    forms = {
        tuple([part for each in texts for part in _paragraphs(each.forms[form])]) for form in range(len(last.forms))
    }
    assert len(forms) == 1, forms
    (paragraphs,) = forms
    # A picture has no name on Telegram; the bot draws one kind only.
    files = tuple([name or "epc-qr.png" for each in texts for name, _ in each.files])
    return Read(paragraphs if not before else _lines(paragraphs), last.choices, files, whole=not before)


def _lines(paragraphs: Sequence[str]) -> tuple[str, ...]:
    return tuple("\n".join(paragraphs).split("\n"))


def _paragraphs(text: str) -> list[str]:
    return [re.sub(r" *\n *", "\n", paragraph.strip()) for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()]
