"""How each channel does: what last left, what waits too long, what failed lately and why."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.buildings import store as buildings
from core.database import Database
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address, Evidence, Receipt
from core.messaging.kinds import ACCOUNT
from core.outbox import service as outbox
from core.outbox.model import LATELY, OVERDUE, Traffic
from core.people import service as people
from core.people import store
from tests.ground_floor import NOW, Hands

CARD = Card(say("help.thanks"))


async def tell(database: Database, organisation: UUID, handle: str, channel: str = "telegram") -> None:
    async with database.work(organisation) as uow:
        uow.tell(Address(channel, handle), CARD, ACCOUNT, key=f"{channel}:{handle}")
        await uow.commit()


async def test_by_channel(database: Database, organisation: UUID, clock: Hands) -> None:
    for handle in ("1", "2", "3"):
        await tell(database, organisation, handle)
    await tell(database, organisation, "4", "console")
    first, second, third = await outbox.claim(database, ("telegram",))
    await outbox.sent(database, first, Receipt("w", Evidence.ACCEPTED, NOW))
    await outbox.failed(database, second, "unreachable: blocked")
    await outbox.set_aside(database, third, "too long")
    async with database.work(organisation) as uow:
        assert await outbox.traffic(uow) == {
            "telegram": Traffic(NOW, 0, 2, "too long"),
            "console": Traffic(None, 0, 0, ""),
        }
        (way,) = await outbox.ways_of(uow, "telegram:2")
        assert (way.told.fate, way.told.reason) == ("failed", "unreachable: blocked")
        assert await outbox.ways_of(uow, "telegram:9") == []
    clock.now = NOW + OVERDUE + timedelta(seconds=1)
    async with database.work(organisation) as uow:
        assert (await outbox.traffic(uow))["console"].overdue == 1
    clock.now = NOW + LATELY
    async with database.work(organisation) as uow:
        assert (await outbox.traffic(uow))["telegram"] == Traffic(NOW, 0, 0, "")
    async with database.work() as uow:
        await buildings.add_organisation(uow, "others")
        assert await outbox.traffic(uow) == {}
        assert await outbox.ways_of(uow, "telegram:2") == []


async def test_when_somebody_last_wrote(database: Database, organisation: UUID) -> None:
    async with database.work(organisation) as uow:
        person = await store.add_person(uow, "Léa", "fr")
        for handle in ("lea@home.example", "lea@work.example"):
            await store.link(uow, Address("email", handle), person)
        assert await people.last_written(uow) == {}
        await store.used(uow, Address("email", "lea@work.example"), NOW - timedelta(hours=1))
        await store.used(uow, Address("email", "lea@home.example"), NOW)
        assert await people.last_written(uow) == {"email": NOW}
        found = await people.with_email(uow, "LEA@work.example")
        assert found is not None
        assert (found.name, found.person_id) == ("Léa", person)
        assert await people.with_email(uow, "nobody@home.example") is None
        await buildings.add_organisation(uow, "others")
        assert await people.last_written(uow) == {}
        assert await people.with_email(uow, "lea@work.example") is None
