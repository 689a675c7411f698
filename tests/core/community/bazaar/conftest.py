"""The sample building as neighbours who give things use it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.community.bazaar import service
from core.community.bazaar.model import Item
from core.community.bazaar.rounds import service as rounds
from core.kernel.errors import DomainError
from core.kernel.i18n import Catalogues
from core.kernel.text import Text
from core.messaging.card import Card, card_from_json
from core.modules import named
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.ground_floor import Hands, House, Sample
from tests.servers.postgres import connect

Act = Callable[..., Awaitable[Card[Text]]]


@dataclass
class Shed(House):
    """Everybody by his code; `does` is one use case in a transaction of its own, as a press of a button is one."""

    words: Catalogues

    def __getattr__(self, name: str) -> UUID:
        """`house.lea` is Léa Dubois."""
        return next(person for code, person in self.persons.items() if code.startswith(name))

    async def does(self, act: Act, *given: Any, **named: Any) -> Card[Text]:
        """A refusal is a DomainError, and everything else that it would have done is committed, as the concierge does it."""
        async with self.sample.database.work(self.sample.organisation) as uow:
            try:
                return await act(uow, *given, **named)
            finally:
                await uow.commit()

    async def refused(self, act: Act, *given: Any) -> str:
        """The key of the refusal; and nothing has changed or was told."""
        before = await self.everything()
        with pytest.raises(DomainError) as refusal:
            await self.does(act, *given)
        assert await self.everything() == before
        return refusal.value.text.key

    async def given(self, giver: str = "tom", name: str = "babybed", **more: Any) -> UUID:
        async with self.sample.database.work(self.sample.organisation) as uow:
            await service.give(uow, getattr(self, giver), self.building, name, **more)
            await uow.commit()
        (row,) = await self.rows("SELECT subject FROM posts WHERE kind = 'gift' ORDER BY post DESC LIMIT 1")
        return UUID(str(row["subject"]))

    async def item(self, item: UUID) -> Item:
        async with self.sample.database.work(self.sample.organisation) as uow:
            return await service.get(uow, item)

    async def ticks(self, **passed: float) -> int:
        """What the clock does once so much time has passed."""
        self.clock.now += timedelta(**passed)
        return await rounds.due(self.sample.database)

    async def switch(self, module: str, on: bool) -> None:
        async with self.sample.database.work(self.sample.organisation) as uow:
            await council.switch(uow, self.building, Wish(named(module), on, uow.now.date()), Actor(None, "test"))
            await uow.commit()

    async def moves_out(self, person: str) -> None:
        """He owns and rents nothing from yesterday on."""
        yesterday = self.clock.now.date() - timedelta(days=1)
        code = next(code for code in self.persons if code.startswith(person))
        for table in ("ownership", "tenancies"):
            await self.rows(f"UPDATE {table} SET last = $1 WHERE person = $2 AND last IS NULL", yesterday, code)
        await self.rows("UPDATE residents SET roles = '{}' WHERE person = $1", code)

    async def told(self, person: str) -> list[str]:
        """The titles of what somebody was told, oldest first, in his language."""
        return [self.words[language](card.title) for language, card in await self.cards(person)]

    async def cards(self, person: str) -> list[tuple[str, Card[Text]]]:
        rows = await self.rows(
            "SELECT language, card FROM deliveries WHERE person_id = $1 ORDER BY ordinal", getattr(self, person)
        )
        return [(row["language"], card_from_json(json.loads(row["card"]))) for row in rows]

    async def keys(self, person: str) -> list[str]:
        """The messages of the titles of what somebody was told, oldest first."""
        return [card.title.key for _, card in await self.cards(person)]

    async def everything(self) -> list[Any]:
        found: list[Any] = []
        for table in (
            "bazaar_items",
            "bazaar_line",
            "bazaar_draws",
            "bazaar_seeks",
            "skills",
            "skill_asks",
            "posts",
            "deliveries",
        ):
            found += await self.rows(f"SELECT * FROM {table} ORDER BY ctid")
        return found

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """As the owner of the tables."""
        connection = await connect(self.sample.owner)
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()


@pytest.fixture
async def house(sample: Sample, clock: Hands, catalogues: Catalogues) -> Shed:
    return Shed(sample, clock, await sample.people(), catalogues)


def labels(card: Card[Text]) -> list[tuple[str, str]]:
    """What can be pressed: intent and what it does."""
    return [(choice.intent.name, str(choice.intent.slots.get("do", ""))) for choice in card.choices]


def values(card: Card[Text]) -> list[str]:
    """The plain values of the facts of a card."""
    return [str(fact.value.values["value"]) for fact in card.facts if not fact.value.key]
