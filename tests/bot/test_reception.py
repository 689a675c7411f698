"""What arrives is answered once and in order, whoever answers, and whatever the database does meanwhile."""

from __future__ import annotations

import asyncio

import pytest

import bot.reception
from bot.concierge import Answered, Concierge
from bot.courier import Courier
from bot.reception import Reception
from channels.console import NAME, Console
from core.database import Database, application_url
from core.inbox import service as inbox
from core.kernel.text import say
from core.messaging.card import Card, Choice
from core.messaging.channel import Address, Message, Origin, Receipt, Room, Signal
from core.messaging.intent import Intent
from core.outbox.service import Recorder
from tests.bot.conftest import rows
from tests.ground_floor import CHANNELS, Sample
from tests.talking import Talking
from tests.waiting import eventually

LEA, TOM = Address(NAME, "lea.dubois@tilleuls.example"), Address(NAME, "tom.vermeulen@tilleuls.example")


@pytest.fixture
async def known(talking: Talking) -> Talking:
    """Two people who have spoken before."""
    for address in (LEA, TOM):
        await talking.say(address.handle, "merci")
    del talking.console.shown[:]
    return talking


def message(talking: Talking, address: Address, ref: str, text: str) -> Message:
    return Message(Origin(address), ref, talking.clock(), text)


def titles(console: Console, address: Address) -> list[str]:
    return [shown.card.title for shown in console.shown if shown.to == address]


ASKED = ["merci", "combien je dois ?", "comment payer ?", "bonjour", "merci"] * 4
TOLD = [
    "Avec plaisir !",
    "À payer : 740,40\u00a0€, pour le 30 novembre 2026",
    "Voici comment payer 740,40\u00a0€",
    "Bonjour Léa Dubois !",
    "Avec plaisir !",
] * 4


async def test_answers_keep_the_order_of_an_address(known: Talking) -> None:
    reception = known.application.reception()
    receive = reception.receive(NAME)
    for number, text in enumerate(ASKED):
        await receive(message(known, LEA, f"l{number}", text))
        await receive(message(known, TOM, f"t{number}", "dank u"))
    await reception.idle()
    assert titles(known.console, LEA) == TOLD
    assert titles(known.console, TOM) == ["Graag gedaan!"] * len(ASKED)


async def test_several_processes_answer_each_message_once(known: Talking, sample: Sample) -> None:
    """As many bots as one likes on one database: an address is one's at a time."""
    others: list[tuple[Database, Console, Reception]] = []
    for _ in range(3):
        database = Database(application_url(sample.owner), recorder=Recorder(CHANNELS), clock=known.clock)
        console = Console()
        channels = {NAME: console}
        catalogues = known.application.catalogues
        courier = Courier(database, channels, catalogues)
        concierge = Concierge(database, known.application.understanding)
        others.append((database, console, Reception(database, concierge, courier, channels, catalogues)))
    try:
        for number, text in enumerate(ASKED):
            await inbox.receive(sample.database, NAME, message(known, LEA, f"l{number}", text))
        await asyncio.gather(*(reception.catch_up() for _, _, reception in others))
        await asyncio.gather(*(reception.idle() for _, _, reception in others))
        told = [title for _, console, _ in others for title in titles(console, LEA)]
        assert sorted(told) == sorted(TOLD)
        recorded = await rows(
            sample, "SELECT card ->> 'title' AS title FROM deliveries WHERE key LIKE 'answer:%' ORDER BY ordinal"
        )
        assert len(recorded) == len(ASKED) + 2
        assert [row["state"] for row in await rows(sample, "SELECT DISTINCT state FROM inbox")] == ["done"]
    finally:
        for database, _, _ in others:
            await database.close()


async def test_the_same_message_twice_is_stored_once(known: Talking, sample: Sample) -> None:
    reception = known.application.reception()
    receive = reception.receive(NAME)
    await asyncio.gather(*(receive(message(known, LEA, "same", "merci")) for _ in range(8)))
    await reception.idle()
    assert titles(known.console, LEA) == ["Avec plaisir !"]


async def test_many_at_once(known: Talking) -> None:
    reception = known.application.reception()
    receive = reception.receive(NAME)
    strangers = [Address(NAME, f"s{number}@elsewhere.example") for number in range(40)]
    await asyncio.gather(*(receive(message(known, who, who.handle, "bonjour")) for who in strangers))
    await reception.idle()
    assert len(known.console.shown) == len(strangers)
    assert {shown.to for shown in known.console.shown} == set(strangers)


class Slow(Concierge):
    """Holds a connection in every turn until it is let go."""

    def __init__(self, talking: Talking, database: Database) -> None:
        super().__init__(database, talking.application.understanding)
        self.gate, self.now, self.most = asyncio.Event(), 0, 0

    async def answer_next(self, address: Address) -> Answered | None:
        self.now += 1
        self.most = max(self.most, self.now)
        async with self._database.work():
            await self.gate.wait()
        self.now -= 1
        return await super().answer_next(address)


async def test_turns_leave_connections_to_what_arrives(known: Talking, sample: Sample) -> None:
    size = bot.reception.TURNS_AT_A_TIME + 1
    database = Database(
        application_url(sample.owner), recorder=Recorder(CHANNELS), clock=known.clock, size=size, wait=5.0
    )
    channels: dict[str, Console] = {NAME: known.console}
    slow, catalogues = Slow(known, database), known.application.catalogues
    reception = Reception(database, slow, Courier(database, channels, catalogues), channels, catalogues)
    strangers = [Address(NAME, f"s{number}@elsewhere.example") for number in range(3 * size)]
    async with database:
        for who in strangers:
            await reception.receive(NAME)(message(known, who, who.handle, "bonjour"))
        slow.gate.set()
        await reception.idle()
    assert slow.most == size - 1
    assert {shown.to for shown in known.console.shown} == set(strangers)


class Watched(Console):
    """A terminal that notes what it is asked to show."""

    def __init__(self) -> None:
        super().__init__()
        self.signals: list[Signal] = []

    async def signal(self, origin: Origin, signal: Signal) -> None:
        self.signals.append(signal)


@pytest.mark.parametrize(("slow", "shown"), [(False, [Signal.READ]), (True, [Signal.READ, Signal.TYPING])])
async def test_that_we_read_and_write_is_shown(
    known: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch, slow: bool, shown: list[Signal]
) -> None:
    monkeypatch.setattr(bot.reception, "WRITING_SECONDS", 0.05)
    watched = Watched()
    channels: dict[str, Console] = {NAME: watched}
    concierge, catalogues = Slow(known, sample.database), known.application.catalogues
    reception = Reception(
        sample.database, concierge, Courier(sample.database, channels, catalogues), channels, catalogues
    )
    if not slow:
        concierge.gate.set()
    await reception.receive(NAME)(message(known, LEA, "watched", "merci"))
    if slow:
        await eventually(lambda: watched.signals == shown)
    concierge.gate.set()
    await reception.idle()
    await asyncio.sleep(0.1)
    assert watched.signals == shown
    assert titles(watched, LEA) == ["Avec plaisir !"]


@pytest.mark.parametrize("when", ["before the answer", "in the answer", "before the commit"])
async def test_a_database_that_goes_away_loses_nothing(
    known: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setattr(bot.reception, "PAUSE_SECONDS", 0.05)
    cut = 0

    async def cut_once() -> None:
        nonlocal cut
        cut += 1
        if cut == 1:
            await rows(
                sample,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )

    target, name = {
        "before the answer": ("core.inbox.service.next_at", "next_at"),
        "in the answer": ("core.inbox.service.speaker", "speaker"),
        "before the commit": ("core.inbox.service.answered", "answered"),
    }[when]
    real = getattr(inbox, name)

    async def cutting(*given: object) -> object:
        await cut_once()
        return await real(*given)

    monkeypatch.setattr(target, cutting)
    reception = known.application.reception()
    await reception.receive(NAME)(message(known, LEA, "l", "merci"))
    async with asyncio.timeout(20):
        await reception.idle()
    assert cut >= 2
    assert titles(known.console, LEA) == ["Avec plaisir !"]
    assert await rows(sample, "SELECT 1 FROM set_aside") == []


async def test_when_no_connection_is_free_a_message_waits(
    known: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.reception, "PAUSE_SECONDS", 0.05)
    await inbox.receive(sample.database, NAME, message(known, LEA, "l", "merci"))
    small = Database(application_url(sample.owner), recorder=Recorder(CHANNELS), clock=known.clock, size=1, wait=0.05)
    channels: dict[str, Console] = {NAME: known.console}
    courier = Courier(small, channels, known.application.catalogues)
    reception = Reception(
        small, Concierge(small, known.application.understanding), courier, channels, known.application.catalogues
    )
    try:
        async with small.work():
            reception.attend(LEA)
            await asyncio.sleep(0.3)
            assert titles(known.console, LEA) == []
        async with asyncio.timeout(10):
            await reception.idle()
        assert titles(known.console, LEA) == ["Avec plaisir !"]
    finally:
        await small.close()


class Closing(Console):
    """A terminal on which it is seen where the buttons have gone, and with which choice."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: list[str] = []

    async def close(self, receipt: Receipt, to: Address | Room, card: Card[str], chosen: str) -> None:
        self.closed.append(chosen)


@pytest.mark.parametrize(("title", "gone"), [("help.title", ["Comment payer ?"]), ("bulletin.title", [])])
async def test_the_buttons_go_but_those_of_the_news(
    known: Talking, sample: Sample, title: str, gone: list[str]
) -> None:
    """Of the news of a week one may want to borrow the ladder, and read the note too."""
    application, console = known.application, Closing()
    application.channels[NAME] = console
    card = Card(
        say(title, building="Tilleuls"), choices=(Choice(Intent("charges.pay"), say("help.offer.charges.pay")),)
    )
    people = await sample.people()
    async with sample.work() as uow:
        uow.tell(people["lea-dubois"].person_id, card, "notice_board", key="news", building=sample.building)
    await application.courier.drain()
    (shown,) = console.shown
    pressed = Message(Origin(LEA), "pressed", known.clock(), "", shown.card.choices[0].token)
    reception = application.reception()
    await reception.receive(NAME)(pressed)
    await reception.idle()
    assert console.shown[1].card.title.startswith("Voici comment payer")
    assert console.closed == gone
