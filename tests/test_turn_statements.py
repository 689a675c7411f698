"""How many statements a turn sends to the database: from the stored message to the answer handed to the channel, at most eight.

BEGIN, COMMIT and the choice of the tenant are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.concierge import Concierge
from bot.courier import Courier
from bot.reception import Reception
from bot.understanding import COMMANDS, Understanding
from channels.console import NAME, Console
from core.inbox import service as inbox
from core.kernel.i18n import Catalogues
from core.kernel.ids import new_id
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address, File, Message, Origin, Receipt, Room
from core.outbox import service as outbox
from core.people import service as people
from core.people.model import EMAIL
from tests.ground_floor import Sample

MOST = 8
LEA = "lea.dubois@tilleuls.example"
SYNDIC = "nathalie.renard@renard-gestion.example"
STRANGER = "somebody@elsewhere.example"
CHARGES = ("charges.owed", "charges.explain", "charges.pay", "charges.paid", "charges.expenses", "charges.funds")


class Ears(Console):
    """A terminal that hears what is sent to the database until it is handed an answer."""

    def __init__(self, sample: Sample, catalogues: Catalogues) -> None:
        super().__init__()
        self.apologies = {words(say("bot.sorry")) for words in catalogues.values()}
        self.statements: list[str] = []
        self.before_the_answer: list[str] = []
        event.listen(sample.database.engine.sync_engine, "before_cursor_execute", self._heard)

    def _heard(self, connection: Connection, cursor: Any, sql: str, values: Any, context: Any, many: bool) -> None:
        if "set_config('koprogo.organisation'" not in sql:
            self.statements.append(" ".join(sql.split()))

    async def send(
        self, to: Address | Room, card: Card[str], files: Sequence[File], key: str, reply_to: str | None
    ) -> Receipt:
        assert card.title not in self.apologies, "the turn failed"
        self.before_the_answer = list(self.statements)
        return await super().send(to, card, files, key, reply_to)


class Talk:
    """Léa, the syndic and a stranger, each at a terminal."""

    def __init__(self, sample: Sample, catalogues: Catalogues, understanding: Understanding) -> None:
        self.sample, self.ears = sample, Ears(sample, catalogues)
        channels, database = {NAME: self.ears}, sample.database
        courier = Courier(database, channels, catalogues)
        self.reception = Reception(database, Concierge(database, understanding), courier, channels, catalogues)

    async def say(self, text: str = "", *, who: str = LEA, choice: str | None = None) -> list[str]:
        """The statements of the turn that answers."""
        address = Address(NAME, who)
        await inbox.receive(
            self.sample.database,
            NAME,
            Message(Origin(address), new_id().hex, self.sample.database.clock(), text, choice),
        )
        self.ears.statements, self.ears.before_the_answer = [], []
        shown = len(self.ears.shown)
        assert await self.reception.serve(address)
        assert len(self.ears.shown) > shown, "nothing was answered"
        return self.ears.before_the_answer

    @property
    def answer(self) -> Card[str]:
        return self.ears.shown[-1].card

    def token(self, intent: str) -> str:
        return next(choice.token for choice in self.answer.choices if choice.intent.name == intent)


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.load()


@pytest.fixture
async def talk(sample: Sample, catalogues: Catalogues, understanding: Understanding) -> Talk:
    for who in (LEA, SYNDIC):
        await people.open_address(sample.database, Address(EMAIL, who), Address(NAME, who))
    return Talk(sample, catalogues, understanding)


def few(statements: Sequence[str]) -> None:
    """The turn said something to the database, recorded its answer, and needed no more than it may."""
    assert any("INSERT INTO deliveries" in statement for statement in statements)
    assert any("UPDATE inbox SET state = 'done'" in statement for statement in statements)
    assert len(statements) <= MOST, "\n".join(statements)


@pytest.mark.parametrize("intent", [*CHARGES, "help", "settings.language", "human"])
async def test_what_is_asked_in_words(talk: Talk, intent: str) -> None:
    few(await talk.say(f"/{COMMANDS[intent]['fr']}"))


async def test_what_nobody_understands(talk: Talk) -> None:
    few(await talk.say("xyzzy plugh"))
    assert len(talk.answer.choices) == 3


@pytest.mark.parametrize("intent", CHARGES)
async def test_a_button(talk: Talk, intent: str) -> None:
    await talk.say(f"/{COMMANDS['help']['fr']}")
    few(await talk.say(choice=talk.token(intent)))


async def test_a_button_that_nobody_offered(talk: Talk) -> None:
    few(await talk.say(choice="no-such-token"))


async def test_a_number(talk: Talk) -> None:
    await talk.say(f"/{COMMANDS['charges.owed']['fr']}")
    assert talk.answer.choices[0].intent.name == "charges.explain"
    few(await talk.say("1"))


async def test_a_choice_of_language(talk: Talk) -> None:
    await talk.say(f"/{COMMANDS['settings.language']['fr']}")
    few(await talk.say("2"))


async def test_a_message_that_is_passed_on(talk: Talk) -> None:
    await talk.say(f"/{COMMANDS['help']['fr']}", who=SYNDIC)
    few(await talk.say(f"/{COMMANDS['human']['fr']}"))
    few(await talk.say("La lampe du hall clignote."))
    ((organisation, syndic),) = await people.known_at(talk.sample.database, Address(EMAIL, SYNDIC))
    async with talk.sample.database.work(organisation) as uow:
        assert "La lampe du hall clignote." in str((await outbox.told_to(uow, syndic))[-1].card)


async def test_a_button_during_a_talk(talk: Talk) -> None:
    await talk.say(f"/{COMMANDS['help']['fr']}", who=SYNDIC)
    await talk.say(f"/{COMMANDS['charges.owed']['fr']}")
    explain = talk.token("charges.explain")
    await talk.say(f"/{COMMANDS['human']['fr']}")
    few(await talk.say(choice=explain))
    few(await talk.say("xyzzy plugh"))
    assert len(talk.answer.choices) == 3, "the talk goes on after a button"


async def test_a_stranger(talk: Talk) -> None:
    few(await talk.say("Bonjour, combien je dois ?", who=STRANGER))
    few(await talk.say(choice=talk.token("settings.language"), who=STRANGER))
    few(await talk.say("AAAAA-BBBBB", who=STRANGER))


async def test_a_stranger_with_a_code(talk: Talk) -> None:
    sample = talk.sample
    ((organisation, person),) = await people.known_at(sample.database, Address(EMAIL, LEA))
    async with sample.database.work(organisation) as uow:
        code = await people.invite(uow, person, NAME)
        await uow.commit()
    few(await talk.say(code, who=STRANGER))
