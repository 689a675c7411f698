"""What was put up last is taken back, for a while, and only once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from bot.dialogues.undo import TAKEN_BACK
from core.community.posts import service as posts
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import Text, literal
from core.messaging.card import Card
from core.people import store as people
from tests.ground_floor import Hands, Sample
from tests.talking import Talking

LEA, TOM = "lea.dubois@tilleuls.example", "tom.vermeulen@tilleuls.example"
UNDO = "annule ce que je viens de faire"
NOTHING = "Il n'y a rien à reprendre : je n'ai rien changé."


async def put_up(sample: Sample, kind: str = "object", code: str = "lea-dubois") -> UUID:
    subject = new_id()
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await people.residents(uow, sample.known.building_id)}
        await posts.post(uow, listed[code], sample.known.building_id, kind, subject, "échelle")
        await uow.commit()
    return subject


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """What was taken back, by a folder that has objects."""
    found: list[UUID] = []

    async def take_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
        found.append(subject)
        return Card(literal("Repris."))

    monkeypatch.setitem(TAKEN_BACK, "object", take_back)
    return found


async def test_the_last_first_and_each_once(talking: Talking, sample: Sample, clock: Hands, taken: list[UUID]) -> None:
    first = await put_up(sample)
    clock.now += timedelta(minutes=1)
    second = await put_up(sample)
    titles = [(await talking.say(LEA, UNDO))[0]["title"] for _ in range(3)]
    assert titles == ["Repris.", "Repris.", NOTHING]
    assert taken == [second, first]


async def test_after_a_quarter_of_an_hour_it_stays(
    talking: Talking, sample: Sample, clock: Hands, taken: list[UUID]
) -> None:
    await put_up(sample)
    clock.now += timedelta(minutes=15)
    assert (await talking.say(LEA, UNDO))[0]["title"] == NOTHING
    assert taken == []


async def test_nobody_takes_back_what_is_anothers(talking: Talking, sample: Sample, taken: list[UUID]) -> None:
    await put_up(sample, code="tom-vermeulen")
    assert (await talking.say(LEA, UNDO))[0]["title"] == NOTHING
    assert taken == []


async def test_what_binds_stays_and_says_so(talking: Talking, sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    async def binds(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
        raise DomainError("photo.not_one")

    monkeypatch.setitem(TAKEN_BACK, "object", binds)
    await put_up(sample)
    for _ in range(2):
        (card,) = await talking.say(LEA, UNDO)
        assert card["title"].startswith("Je ne peux pas lire ce fichier")


async def test_what_nobody_knows_how_to_take_back(talking: Talking, sample: Sample) -> None:
    await put_up(sample, "unknown")
    assert (await talking.say(LEA, UNDO))[0]["title"] == NOTHING
