"""People who talk with the bot in this process, each at a terminal of his own, with the sample building in a real database."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.concierge import Concierge
from bot.reception import Reception
from bot.understanding import Understanding
from bot.ways import Ways, way
from channels.console import NAME, Console, Shown
from core.community.offered import service as offered
from core.database import Database
from core.inbox import service as inbox
from core.kernel.ids import new_id
from core.messaging.channel import Address, Departure, File, Gone, Joined, Message, Origin, Room
from core.people import service
from core.people import store as people
from core.people.audit.model import Actor
from core.people.model import EMAIL
from koprogo import cards, due
from koprogo.application import Application
from koprogo.settings import read_settings
from tests.ground_floor import Hands, Sample

Card = dict[str, Any]
"""A card as `--json` prints it."""


TELEGRAM_BOT, MATRIX_USER, MAILBOX = "@tilleuls_bot", "@koprogo:tilleuls.example", "bonjour@tilleuls.example"
WAYS = Ways(
    {
        "telegram": way(
            "telegram",
            TELEGRAM_BOT,
            link="https://t.me/tilleuls_bot?start={code}",
            groups=True,
            group_link="https://t.me/tilleuls_bot?startgroup={code}",
        ),
        "matrix": way("matrix", MATRIX_USER, link=f"https://matrix.to/#/{MATRIX_USER}", groups=True),
        "email": way("email", MAILBOX),
    }
)
"""How the bot of the tests is reached."""


class Wire(Console):
    """Another channel, of which it is seen what is sent there, and nothing else: what the wire makes of it is for its own tests."""

    def __init__(self, name: str, shown: list[Shown]) -> None:
        self.name, self.shown = name, shown


def at(who: str) -> Address:
    """`matrix:@lea:tilleuls.example`: an address there; anything without a channel is a terminal."""
    channel, _, handle = who.partition(":")
    return Address(channel, handle) if handle and channel in WAYS.by_channel else Address(NAME, who)


def room(where: str) -> Room:
    address = at(where)
    return Room(address.channel, address.handle)


@dataclass
class Talking:
    """The bot with its terminals. `clock` is everybody's."""

    application: Application
    clock: Hands
    console: Console
    opened: set[str] = field(default_factory=set)
    ways: Ways = WAYS

    async def say(
        self,
        who: str,
        text: str = "",
        *,
        choice: str | None = None,
        building: str | None = None,
        group: str | None = None,
    ) -> list[Card]:
        """What the person with that e-mail address is answered."""
        shown = await self.shown(who, text, choice=choice, building=building, group=group)
        return [await self.json(each) for each in shown]

    async def shown(
        self,
        who: str,
        text: str = "",
        *,
        choice: str | None = None,
        building: str | None = None,
        group: str | None = None,
        addressed: bool = True,
        files: tuple[File, ...] = (),
    ) -> list[Shown]:
        """The same as it reached the terminal. Said in a group, what is said there counts too."""
        address, there = at(who), room(group) if group else None
        if address.channel == NAME and who not in self.opened:
            await service.open_address(self.application.database, Address(EMAIL, who), address)
            self.opened.add(who)
        origin = Origin(address, there, addressed)
        message = Message(origin, new_id().hex, self.clock(), text, choice, files=files)
        return await self.happens(message, building)

    async def joins(self, who: str, group: str) -> list[Shown]:
        """Somebody takes the bot into a group."""
        return await self.happens(Joined(Origin(at(who), room(group)), new_id().hex, self.clock()))

    async def leaves(self, who: str, group: str) -> list[Shown]:
        """Somebody puts the bot out of it."""
        return await self.happens(Gone(Origin(at(who), room(group)), new_id().hex, self.clock(), Departure.LEFT))

    async def happens(self, inbound: Message | Joined | Gone, building: str | None = None) -> list[Shown]:
        """What the sender is told by it, and those in the room with him."""
        origin, database = inbound.origin, self.application.database
        for channel in {origin.sender.channel, *self.ways.by_channel} - set(self.application.channels):
            self.application.channels[channel] = Wire(channel, self.console.shown)
        reception = self.reception(building)
        del self.console.shown[:]
        await inbox.receive(database, origin.sender.channel, inbound, self.application.shelf.put)
        await reception.serve_all(origin.sender)
        await self.application.courier.drain()
        return [each for each in self.console.shown if each.to in (origin.sender, origin.room)]

    async def due(self, name: str) -> None:
        """What falls due by now is done, by its name; whoever is told that has been told it then."""
        del self.console.shown[:]
        await dict(due.DUE)[name](self.application.database)
        await self.application.courier.drain()

    async def removes(self, sample: Sample, reason: str) -> None:
        """The office takes down what a neighbour put up last; whoever is told that has been told it then."""
        await taken_down(self.application.database, sample, reason)
        del self.console.shown[:]
        await self.application.courier.drain()

    def reception(self, building: str | None = None) -> Reception:
        application = self.application
        concierge = Concierge(
            application.database,
            application.understanding,
            building,
            self.ways,
            application.catalogues,
            application.shelf,
        )
        return Reception(
            application.database,
            concierge,
            application.courier,
            application.channels,
            application.catalogues,
            application.shelf,
        )

    async def told(self, who: str) -> list[Card]:
        """What somebody was told by what was said last."""
        return [await self.json(each) for each in self.console.shown if each.to == at(who)]

    async def json(self, shown: Shown) -> Card:
        return await cards.as_json(shown.card, shown.files, self.application.settings.data)

    async def press(self, who: str, card: Card, label: str) -> list[Card]:
        """Presses the choice of that label."""
        return await self.say(who, choice=token(card, label))


def token(card: Card, label: str) -> str:
    return next(choice["token"] for choice in card["choices"] if choice["label"] == label)


def cents(card: Card) -> dict[str, int]:
    """The amounts of a card that scripts rely on, by key."""
    return {fact["key"]: fact["amount_cents"] for fact in card["facts"] if "key" in fact and "amount_cents" in fact}


async def seat(sample: Sample, person: str, handle: str) -> None:
    """Gives somebody that address, be he on file with it or not."""
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        await people.link(uow, at(handle), listed[person])
        await uow.commit()


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return Understanding.load()


@pytest.fixture
def talking(sample: Sample, clock: Hands, understanding: Understanding, tmp_path: Path) -> Talking:
    """The bot, and the people of the sample building."""
    console = Console()
    settings = read_settings({"KOPROGO_DATA": str(tmp_path)})
    application = Application(settings, sample.owner, sample.database, {NAME: console})
    application.understanding = understanding
    return Talking(application, clock, console)


async def taken_down(database: Database, sample: Sample, reason: str) -> None:
    """The office takes down what a neighbour put up last, for that reason."""
    async with database.work(sample.organisation) as uow:
        up = await offered.up(uow, sample.known.building_id)
        await offered.remove(uow, up[0].kind, up[0].subject, Actor(None, "Renard Gestion"), reason)
        await uow.commit()
