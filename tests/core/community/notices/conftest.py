"""The people of the sample building, and what each of them is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import text

from core.buildings.model import Module
from core.community.notices import service
from core.community.notices.model import Draft, Kind, Notice, When
from core.community.notices.module import MODULE
from core.database import from_jsonb
from core.kernel.errors import DomainError
from core.messaging.channel import Address
from core.people import store as people
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.ground_floor import Hands, House, Sample

FRIDAY = When(date(2026, 12, 4), time(19), "garden")


@dataclass
class Board(House):
    """The notice board of the sample building, between one transaction and the next."""

    async def do(self, act: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> Any:
        """A use case in a transaction of its own; persons by their code in the files."""
        async with self.work() as uow:
            return await act(
                uow, *[self.persons.get(each, each) if isinstance(each, str) else each for each in given], **named
            )

    async def refused(self, act: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> str:
        """The key of the sentence with which a use case is refused. It changes nothing."""
        before = await self.rows()
        with pytest.raises(DomainError) as refusal:
            await self.do(act, *given, **named)
        assert await self.rows() == before
        return refusal.value.text.key

    async def post(self, who: str = "james-carter", title: str = "Carpool", **draft: Any) -> Notice:
        kind = draft.pop("kind", Kind.CARPOOL)
        posted = await self.do(
            service.post, who, self.building, Draft(kind, title, draft.pop("text", ""), "en", **draft)
        )
        notice: Notice = posted.seen.notice
        return notice

    async def event(self, who: str = "james-carter", title: str = "Drink", when: When = FRIDAY) -> Notice:
        return await self.post(who, title, kind=Kind.EVENT, when=when)

    async def switch(self, on: bool) -> None:
        wish = Wish(Module(MODULE.name), on, self.clock().date())
        await self.do(council.switch, self.building, wish, Actor(None, "test"))

    async def told(self, beginning: str = "notice:") -> list[tuple[str, str, str]]:
        """Whom, of what kind, and the title's key, in the order in which it was told; what was skipped too."""
        codes = {person: code for code, person in self.persons.items()}
        async with self.sample.database.work(self.sample.organisation) as uow:
            rows = await uow.connection.execute(
                text("SELECT person_id, kind, card, fate FROM deliveries WHERE key LIKE :key ORDER BY ordinal"),
                {"key": f"{beginning}%"},
            )
            return [(codes[row.person_id], row.kind, from_jsonb(row.card)["title"]["text"]) for row in rows]

    async def rows(self) -> list[Any]:
        async with self.sample.database.work(self.sample.organisation) as uow:
            found: list[Any] = []
            for table in ("notices", "notice_reports", "notice_comers", "notice_answers", "notice_followers", "posts"):
                found += list(await uow.connection.execute(text(f"SELECT t::text FROM {table} t ORDER BY 1")))
            return found


@pytest.fixture
async def board(sample: Sample, clock: Hands) -> Board:
    made = Board(sample, clock, await sample.people())
    async with made.work() as uow:
        for code, person in made.persons.items():
            await people.link(uow, Address("console", code), person)
    return made
