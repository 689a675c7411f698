"""The neighbours of the sample building and their hours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from core.community.sel import service as sel
from core.community.sel.accounts import service as accounts
from core.community.sel.exchanges import service as exchanges
from core.community.sel.exchanges.model import Exchange
from core.community.sel.exchanges.service import Report
from core.kernel.text import Text
from core.messaging.card import Card
from tests.bot.conftest import rows
from tests.ground_floor import Hands, House, Sample

Result = TypeVar("Result")


@dataclass
class Hours(House):
    """What its neighbours do, each thing in a transaction of its own."""

    async def does(self, use: Callable[..., Awaitable[Result]], *values: Any) -> Result:
        """One use case, kept."""
        async with self.work() as uow:
            return await use(uow, *values)

    async def reports(
        self, who: str, partner: str, minutes: int | None, *, gave: bool = True, gift: bool = False
    ) -> Card[Text]:
        said = Report(self[partner], gave, minutes, gift)
        return await self.does(exchanges.report, self.building, self[who], said)

    async def open(self, who: str) -> list[Exchange]:
        return await self.does(exchanges.open_of, self.building, self[who])

    async def helped(self, giver: str, receiver: str, minutes: int) -> None:
        """Reported by one, confirmed by the other."""
        await self.reports(giver, receiver, minutes)
        (waiting,) = [each for each in await self.open(giver) if each.receiver == self[receiver]]
        await self.does(exchanges.confirm, waiting.exchange_id, self[receiver])

    async def balance(self, who: str) -> int:
        return (await self.does(accounts.account, self.building, self[who])).balance

    async def told(self, who: str) -> list[str]:
        """The titles of what somebody was told, oldest first, by their keys."""
        found = await rows(
            self.sample,
            "SELECT card -> 'title' ->> 'text' AS key FROM deliveries WHERE person_id = $1 ORDER BY ordinal",
            self[who],
        )
        return [row["key"] for row in found]

    async def sums_to_zero(self) -> None:
        assert await self.does(sel.verify, self.building) == []

    async def due(self) -> int:
        return await sel.due(self.sample.database)


@pytest.fixture
async def house(sample: Sample, clock: Hands) -> Hours:
    return Hours(sample, clock, await sample.people())
