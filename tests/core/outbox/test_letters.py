"""The print tray: a letter lies in it once, until somebody has posted it, and only then does its delivery prove anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.buildings import store as buildings
from core.database import Database
from core.kernel.errors import DomainError
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address, Evidence, Receipt
from core.messaging.delivery import Claimed, Reader
from core.messaging.kinds import ANSWER
from core.outbox import service as outbox
from core.outbox.letters import service as letters
from core.outbox.letters.model import House, Letter
from core.people import store as people
from tests.ground_floor import NOW, Hands, Sample

FILE = sha256(b"%PDF").digest()
TODAY = date(2026, 11, 22)


async def somebody(database: Database, organisation: UUID, name: str = "Marguerite") -> UUID:
    async with database.work(organisation) as uow:
        person = await people.add_person(uow, name, "fr")
        await uow.commit()
        return person


async def delivery(database: Database, organisation: UUID, person: UUID, key: str = "k") -> Claimed:
    async with database.work(organisation) as uow:
        to = Address("letter", str(person))
        uow.tell(to, Card(say("help.thanks")), ANSWER, key=key, reader=Reader(person, "fr"))
        await uow.commit()
        return uow.claimed[0]


async def add(
    database: Database, organisation: UUID, person: UUID, key: str, file: bytes = FILE, pages: int = 2
) -> bool:
    async with database.work(organisation) as uow:
        added = await letters.add(uow, key, person, file, pages)
        await uow.commit()
        return added


async def tray(database: Database, organisation: UUID) -> list[Letter]:
    async with database.work(organisation) as uow:
        return await letters.tray(uow)


async def post(database: Database, organisation: UUID, *ids: UUID, on: date = TODAY, by: str = "Lea") -> set[UUID]:
    async with database.work(organisation) as uow:
        done = await letters.posted(uow, ids, by, on)
        await uow.commit()
        return done


async def evidence(database: Database, organisation: UUID) -> list[int]:
    async with database.work(organisation) as uow:
        return [told.evidence for told in await outbox.deliveries(uow)]


async def test_a_letter_lies_in_the_tray(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation)
    assert await add(database, organisation, person, "a" * 32)
    (row,) = await tray(database, organisation)
    assert row == Letter(row.letter_id, "a" * 32, person, "Marguerite", FILE, 2, NOW, None, None, "")
    async with database.work(organisation) as uow:
        assert await letters.find(uow, row.letter_id) == row
        assert await letters.find(uow, uuid4()) is None


async def test_the_same_key_again_changes_nothing(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation)
    assert await add(database, organisation, person, "k")
    assert not await add(database, organisation, person, "k", sha256(b"other").digest(), 9)
    assert [(row.file, row.pages) for row in await tray(database, organisation)] == [(FILE, 2)]


async def test_oldest_first(database: Database, organisation: UUID, clock: Hands) -> None:
    person = await somebody(database, organisation)
    for key in ("b", "a", "c"):
        await add(database, organisation, person, key)
        clock.now += timedelta(minutes=1)
    assert [row.delivery_key for row in await tray(database, organisation)] == ["b", "a", "c"]


async def test_the_first_printing_counts(database: Database, organisation: UUID, clock: Hands) -> None:
    person = await somebody(database, organisation)
    await add(database, organisation, person, "a")
    await add(database, organisation, person, "b")
    one, other = await tray(database, organisation)
    for _ in range(2):
        async with database.work(organisation) as uow:
            await letters.printed(uow, [one.letter_id])
            await uow.commit()
        clock.now += timedelta(hours=1)
    assert await tray(database, organisation) == [replace(one, printed_at=NOW), other]


async def test_posting_is_what_proves_something(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation)
    mine = await delivery(database, organisation, person)
    other = await delivery(database, organisation, person, "other")
    key = mine.delivery_id.hex
    await add(database, organisation, person, key)
    await outbox.sent(database, mine, Receipt(key, Evidence.NONE, NOW))
    await outbox.sent(database, other, Receipt(other.delivery_id.hex, Evidence.NONE, NOW))
    assert await evidence(database, organisation) == [Evidence.NONE, Evidence.NONE]
    (row,) = await tray(database, organisation)
    async with database.work(organisation) as uow:
        await letters.printed(uow, [row.letter_id])
        await uow.commit()
    assert await evidence(database, organisation) == [Evidence.NONE, Evidence.NONE]
    yesterday = TODAY - timedelta(days=1)
    assert await post(database, organisation, row.letter_id, on=yesterday) == {row.letter_id}
    assert await evidence(database, organisation) == [Evidence.ACCEPTED, Evidence.NONE]
    assert await tray(database, organisation) == []
    async with database.work(organisation) as uow:
        assert await letters.find(uow, row.letter_id) == replace(
            row, printed_at=NOW, posted_on=yesterday, posted_by="Lea"
        )


async def test_evidence_never_falls(database: Database, organisation: UUID) -> None:
    person = await somebody(database, organisation)
    mine = await delivery(database, organisation, person)
    await add(database, organisation, person, mine.delivery_id.hex)
    await outbox.sent(database, mine, Receipt("x", Evidence.ACKNOWLEDGED, NOW))
    (row,) = await tray(database, organisation)
    await post(database, organisation, row.letter_id)
    assert await evidence(database, organisation) == [Evidence.ACKNOWLEDGED]


async def test_posting_again_changes_nothing(database: Database, organisation: UUID, clock: Hands) -> None:
    person = await somebody(database, organisation)
    await add(database, organisation, person, "not a delivery of ours")
    (row,) = await tray(database, organisation)
    assert await post(database, organisation, row.letter_id, row.letter_id) == {row.letter_id}
    clock.now += timedelta(days=1)
    assert await post(database, organisation, row.letter_id, uuid4(), by="Tom") == set()
    async with database.work(organisation) as uow:
        after = await letters.find(uow, row.letter_id)
    assert after == replace(row, printed_at=NOW, posted_on=TODAY, posted_by="Lea")


async def test_no_letter_is_posted_tomorrow(database: Database, organisation: UUID, clock: Hands) -> None:
    person = await somebody(database, organisation)
    await add(database, organisation, person, "k")
    (row,) = await tray(database, organisation)
    with pytest.raises(DomainError, match=r"letter\.posted_too_early"):
        await post(database, organisation, row.letter_id, on=TODAY + timedelta(days=1))
    clock.now = NOW.replace(hour=23, minute=30)  # half past midnight in Brussels
    assert await post(database, organisation, row.letter_id, on=TODAY + timedelta(days=1)) == {row.letter_id}


async def test_the_trays_of_others_are_closed(database: Database, organisation: UUID) -> None:
    async with database.work() as uow:
        others = await buildings.add_organisation(uow, "others")
        await uow.commit()
    person, theirs = await somebody(database, organisation), await somebody(database, others)
    assert await add(database, organisation, person, "k")
    assert await add(database, others, theirs, "k")
    (row,) = await tray(database, organisation)
    assert await post(database, others, row.letter_id) == set()
    async with database.work(others) as uow:
        await letters.printed(uow, [row.letter_id])
        assert await letters.find(uow, row.letter_id) is None
        await uow.commit()
    assert await tray(database, organisation) == [row]
    async with database.work() as uow:
        assert await uow.connection.scalar(text("SELECT count(*) FROM letters")) == 0


# ------------------------------------------------------------------------------------------------- who lives where


async def found(sample: Sample, code: str) -> UUID:
    async with sample.database.work(sample.organisation) as uow:
        listed = await people.residents(uow, sample.known.building_id)
    return next(row.person_id for row in listed if row.resident.person == code)


async def test_a_correspondent(sample: Sample) -> None:
    person = await found(sample, "marguerite-lambert")
    async with sample.database.work(sample.organisation) as uow:
        known = await letters.correspondent(uow, person)
    assert known is not None
    assert (known.person_id, known.language, known.name) == (person, "fr", "Marguerite Lambert")
    assert (known.street, known.postal_code, known.city, known.country) == (
        *("Square du Tilleul Argenté 7 bte 41", "1030", "Schaerbeek"),
        "",
    )
    assert known.houses == (House("Résidence Les Tilleuls", "Square du Tilleul Argenté 7", "1030", "Schaerbeek"),)
    assert (known.syndic, known.syndic_phone) == ("Renard Gestion SRL", "+32 2 555 01 40")


async def test_abroad_and_in_another_language(sample: Sample) -> None:
    person = await found(sample, "tom-vermeulen")
    async with sample.database.work(sample.organisation) as uow:
        await people.speak(uow, person, "de")
        await uow.connection.execute(
            text("UPDATE residents SET country = 'lu' WHERE person_id = :person"), {"person": person}
        )
        known = await letters.correspondent(uow, person)
    assert known is not None
    assert (known.language, known.country) == ("de", "LU")


async def test_nobody_without_a_postal_address(sample: Sample) -> None:
    person = await found(sample, "lea-dubois")
    async with sample.database.work(sample.organisation) as uow:
        assert await letters.correspondent(uow, uuid4()) is None
        await uow.connection.execute(
            text("UPDATE residents SET street = ' ' WHERE person_id = :person"), {"person": person}
        )
        assert await letters.correspondent(uow, person) is None
    async with sample.database.work() as uow:
        assert await letters.correspondent(uow, person) is None
