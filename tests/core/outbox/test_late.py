"""What comes late, after an outage or a retry, still leaves nobody woken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.kernel.text import literal
from core.messaging.card import Card
from core.messaging.channel import Address
from core.messaging.kinds import ACCOUNT, MONEY, Urgency
from core.outbox import service as outbox
from core.people import store as people
from tests.ground_floor import Hands, Sample

LEA = Address("console", "lea.dubois@tilleuls.example")
EVENING = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)
"""Half an hour before the quiet hours that everybody has who never said another."""
NIGHT, MORNING = EVENING + timedelta(hours=3), datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


async def told(sample: Sample, kind: str, urgency: Urgency | None = None) -> None:
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        await people.link(uow, LEA, listed["lea-dubois"])
        uow.tell(listed["lea-dubois"], Card(literal("news")), kind, key="news", urgency=urgency)
        await uow.commit()


@pytest.mark.parametrize("kind", [ACCOUNT, MONEY])
async def test_what_was_due_before_waits_for_the_morning(sample: Sample, clock: Hands, kind: str) -> None:
    clock.now = EVENING
    await told(sample, kind)
    clock.now = NIGHT
    for _ in range(3):
        assert await outbox.claim(sample.database, ("console",)) == []
    clock.now = MORNING - timedelta(minutes=1)
    assert await outbox.claim(sample.database, ("console",)) == []
    clock.now = MORNING
    (delivery,) = await outbox.claim(sample.database, ("console",))
    assert (delivery.key, delivery.attempts) == ("news", 1)


async def test_a_retry_waits_for_the_morning_too(sample: Sample, clock: Hands) -> None:
    clock.now = EVENING + timedelta(minutes=29)
    await told(sample, ACCOUNT)
    (delivery,) = await outbox.claim(sample.database, ("console",))
    await outbox.later(sample.database, delivery, "away", timedelta(minutes=5))
    clock.now = NIGHT
    assert await outbox.claim(sample.database, ("console",)) == []
    clock.now = MORNING
    assert [each.attempts for each in await outbox.claim(sample.database, ("console",))] == [2]


async def test_what_is_urgent_passes_and_says_why(sample: Sample, clock: Hands) -> None:
    clock.now = NIGHT
    await told(sample, ACCOUNT, Urgency.URGENT)
    (delivery,) = await outbox.claim(sample.database, ("console",))
    assert [text.key for text in delivery.card.body] == ["notify.passes"]
