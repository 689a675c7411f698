"""The people of the sample building, who report what is broken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from core.buildings import store as buildings
from core.database import UnitOfWork
from core.kernel.ids import new_id
from core.people.audit.model import Actor
from core.people.model import Person, Place
from core.tickets import service
from core.tickets.model import Move, Story, Ticket
from core.tickets.service import Done, Outcome
from core.tickets.words import report_of
from tests.ground_floor import Hands, Sample, places
from tests.servers.postgres import connect

LEA, TOM, ANNA, JAMES, SYNDIC, YOUSSEF, WERNER = (
    "lea-dubois",
    "tom-vermeulen",
    "anna-schmitz",
    "james-carter",
    "nathalie-renard",
    "youssef-benali",
    "werner-klein",
)


@dataclass
class Street:
    """What the people of the building do, each in a transaction of its own."""

    sample: Sample
    clock: Hands
    persons: Mapping[str, Person]

    @asynccontextmanager
    async def work(self, code: str) -> AsyncIterator[tuple[UnitOfWork, Person, Place]]:
        async with self.sample.database.work(self.sample.organisation) as uow:
            known = await buildings.get(uow, self.sample.known.building_id)
            yield uow, self.persons[code], (await places(uow, known))[code]

    async def reports(
        self, code: str, text: str, *, sure: bool = False, identity: UUID | None = None, photos: tuple[bytes, ...] = ()
    ) -> Outcome:
        async with self.work(code) as (uow, person, place):
            said = report_of(text, await buildings.lots(uow, place.known.building_id), photos)
            done = await service.report(uow, person, place, said, identity or new_id(), sure=sure)
            await uow.commit()
            return done

    async def joins(self, code: str, ticket: Ticket, text: str = "moi aussi") -> Ticket:
        async with self.work(code) as (uow, person, place):
            done = await service.join(uow, person, place, ticket.ticket, report_of(text))
            await uow.commit()
            return done

    async def moves(
        self,
        code: str,
        ticket: Ticket,
        move: Move,
        *,
        note: str = "",
        to: str = "",
        on: date | None = None,
        seen: int | None = None,
    ) -> Done:
        async with self.work(code) as (uow, person, place):
            actor = Actor(person.person_id, person.name)
            done = await service.move(
                uow,
                ticket.ticket,
                place.known.building_id,
                move,
                actor,
                manages=place.manages,
                note=note,
                to=to,
                on=on,
                seen=seen,
            )
            await uow.commit()
            return done

    async def story(self, ticket: Ticket) -> Story:
        async with self.sample.database.work(self.sample.organisation) as uow:
            found = await service.story(uow, ticket.ticket)
            assert found is not None
            return found

    async def told(self, code: str) -> list[str]:
        """The titles of what somebody was told, oldest first, as keys."""
        return [
            row["key"]
            for row in await self.rows(
                "SELECT card -> 'title' ->> 'text' AS key FROM deliveries WHERE person_id = $1 ORDER BY ordinal",
                self.persons[code].person_id,
            )
        ]

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        connection = await connect(self.sample.owner)
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()


@pytest.fixture
async def street(sample: Sample, clock: Hands) -> Street:
    return Street(sample, clock, await sample.people())
