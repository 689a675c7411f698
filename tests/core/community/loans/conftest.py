"""Neighbours of the sample building who lend one another things."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core.buildings.model import Module
from core.community.loans import service, store
from core.community.loans.model import Loan
from core.community.loans.reminders import service as reminders
from core.community.loans.things import service as things
from core.community.loans.things import store as thing_store
from core.community.loans.things.model import Thing
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.periods import Period
from core.messaging.card import Card
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.ground_floor import Hands, House, Sample

TOM, LEA, ANNA, JAMES, YOUSSEF = "tom-vermeulen", "lea-dubois", "anna-schmitz", "james-carter", "youssef-benali"


@dataclass
class Neighbourhood(House):
    """The building, its people by their codes, and what they do to one another's things."""

    def days(self, first: int = 0, count: int = 1) -> Period:
        """So many days, from so many days from now on."""
        begin = self.day(first)
        return Period(begin, begin + timedelta(days=count - 1))

    async def lends(self, who: str = TOM, name: str = "Ladder", *, longest: int = 7, deposit: int = 0) -> Thing:
        async with self.sample.database.work(self.sample.organisation) as uow:
            thing = await things.lend(uow, self.persons[who], self.building, name)
            thing = await things.lend_for(uow, self.persons[who], thing.thing_id, longest)
            if deposit:
                thing = await things.ask_deposit(uow, self.persons[who], thing.thing_id, deposit)
            await uow.commit()
            return thing

    async def does(self, who: str, what: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> Any:
        """A use case by somebody: kept, or DomainError and nothing has changed."""
        async with self.sample.database.work(self.sample.organisation) as uow:
            done = await what(uow, self.persons[who], *given, **named)
            await uow.commit()
            return done

    async def refused(self, who: str, what: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> str:
        with pytest.raises(DomainError) as refusal:
            await self.does(who, what, *given, **named)
        return refusal.value.text.key

    async def asks(self, who: str, thing: Thing, days: Period, *, queue: bool = False) -> UUID:
        """The identity of his request."""
        await self.does(who, service.borrow, thing.thing_id, days, queue=queue)
        return (await self.loans(thing, who))[-1].loan_id

    async def granted(self, who: str, thing: Thing, days: Period) -> UUID:
        loan = await self.asks(who, thing, days)
        await self.does(self.code(thing.owner), service.grant, loan)
        return loan

    async def out(self, who: str, thing: Thing, days: Period) -> UUID:
        loan = await self.granted(who, thing, days)
        await self.does(self.code(thing.owner), service.hand_over, loan)
        await self.does(who, service.hand_over, loan)
        return loan

    async def loans(self, thing: Thing, who: str | None = None) -> list[Loan]:
        """Those of a thing that are not over, first come first."""
        async with self.sample.database.work(self.sample.organisation) as uow:
            found = await store.running(uow, thing.thing_id)
        return [each for each in found if who is None or each.borrower == self.persons[who]]

    async def loan(self, loan: UUID) -> Loan:
        async with self.sample.database.work(self.sample.organisation) as uow:
            found = await store.get(uow, loan)
        assert found is not None
        return found

    async def thing(self, thing: UUID) -> Thing:
        async with self.sample.database.work(self.sample.organisation) as uow:
            found = await thing_store.get(uow, thing)
        assert found is not None
        return found

    async def told(self, who: str) -> list[dict[str, Any]]:
        """The cards of all that he was told about loans, oldest first."""
        async with self.sample.database.work(self.sample.organisation) as uow:
            rows = await uow.connection.execute(
                text("SELECT card FROM deliveries WHERE person_id = :person AND kind = 'loan' ORDER BY ordinal"),
                {"person": self.persons[who]},
            )
            return [json.loads(card) if isinstance(card, str) else card for card in rows.scalars()]

    async def heard(self, who: str) -> list[str]:
        """The keys of what he was told."""
        return [card["title"]["text"] for card in await self.told(who)]

    async def time(self, **passes: float) -> int:
        """Time passes, and what is due is done."""
        self.clock.now += timedelta(**passes)
        return await reminders.due(self.sample.database)

    async def switch(self, *, on: bool) -> None:
        async with self.sample.database.work(self.sample.organisation) as uow:
            await council.switch(uow, self.building, Wish(Module("loans"), on, local_day(uow.now)), Actor(None, "Ann"))
            await uow.commit()

    async def moves_out(self, who: str) -> None:
        async with self.sample.database.work(self.sample.organisation) as uow:
            await uow.connection.execute(text("UPDATE residents SET present = false WHERE person = :who"), {"who": who})
            await uow.commit()

    def code(self, person: UUID) -> str:
        return next(code for code, each in self.persons.items() if each == person)


def title(card: Card[Any]) -> str:
    return str(card.title.key)


@pytest.fixture
async def house(sample: Sample, clock: Hands) -> Neighbourhood:
    return Neighbourhood(sample, clock, await sample.people())
