"""People who talk with the bot in this process, each at a terminal of his own, with the sample building in a real database."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.understanding import Understanding
from channels.console import NAME, Console, Shown
from core.inbox import service as inbox
from core.kernel.ids import new_id
from core.messaging.channel import Address, Message, Origin
from core.people import service
from core.people import store as people
from core.people.model import EMAIL
from koprogo import cards
from koprogo.application import Application
from koprogo.settings import read_settings
from tests.ground_floor import Hands, Sample

Card = dict[str, Any]
"""A card as `--json` prints it."""


@dataclass
class Talking:
    """The bot with its terminals. `clock` is everybody's."""

    application: Application
    clock: Hands
    console: Console
    opened: set[str] = field(default_factory=set)

    async def say(
        self, who: str, text: str = "", *, choice: str | None = None, building: str | None = None
    ) -> list[Card]:
        """What the person with that e-mail address is answered."""
        shown = await self.shown(who, text, choice=choice, building=building)
        return [await cards.as_json(each.card, each.files, self.application.settings.data) for each in shown]

    async def shown(
        self, who: str, text: str = "", *, choice: str | None = None, building: str | None = None
    ) -> list[Shown]:
        """The same as it reached the terminal."""
        address, database = Address(NAME, who), self.application.database
        if who not in self.opened:
            await service.open_address(database, Address(EMAIL, who), address)
            self.opened.add(who)
        reception = self.application.reception(building)
        del self.console.shown[:]
        await inbox.receive(database, NAME, Message(Origin(address), new_id().hex, self.clock(), text, choice))
        await reception.serve_all(address)
        await self.application.courier.drain()
        return [each for each in self.console.shown if each.to == address]

    async def press(self, who: str, card: Card, label: str) -> list[Card]:
        """Presses the choice of that label."""
        return await self.say(who, choice=token(card, label))


def token(card: Card, label: str) -> str:
    return next(choice["token"] for choice in card["choices"] if choice["label"] == label)


def cents(card: Card) -> dict[str, int]:
    """The amounts of a card that scripts rely on, by key."""
    return {fact["key"]: fact["amount_cents"] for fact in card["facts"] if "key" in fact and "amount_cents" in fact}


async def seat(sample: Sample, person: str, handle: str) -> None:
    """Gives somebody a terminal at that address, be he on file with it or not."""
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        await people.link(uow, Address(NAME, handle), listed[person])
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
