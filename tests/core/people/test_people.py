"""Persons and their rights, and the directory that leads to them."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.buildings import store as buildings
from core.buildings.model import Building, Known
from core.database import Database, UnitOfWork
from core.kernel.banking import parse_communication
from core.kernel.errors import DomainError
from core.kernel.ids import digest
from core.messaging.channel import Address
from core.people import cards, store
from core.people import service as people
from core.people.cards import Linked
from core.people.model import Consent, Membership, Ownership, Person, Place, Tenancy
from tests.core.small import day, owns, resident, small_building, stored
from tests.ground_floor import NOW, Hands, Sample

PHONE, OTHER = Address("telegram", "1"), Address("telegram", "2")


async def add(database: Database, organisation: UUID, name: str = "Léa", language: str = "fr") -> Person:
    async with database.work(organisation) as uow:
        person = await store.add_person(uow, name, language)
        await uow.commit()
        return Person(person, name, language)


async def invited(database: Database, organisation: UUID, person: Person, channel: str = "telegram") -> str:
    async with database.work(organisation) as uow:
        code = await people.invite(uow, person.person_id, channel)
        await uow.commit()
        return code


async def redeem(database: Database, code: str, address: Address = PHONE) -> Linked | None:
    async with database.work() as uow:
        linked = await people.redeem(uow, code, address)
        await uow.commit()
        return linked


# ------------------------------------------------------------------------------------------------------- one-time codes


async def test_a_code_ties_a_channel_once(database: Database, organisation: UUID) -> None:
    lea = await add(database, organisation)
    code = await invited(database, organisation, lea)
    linked = await redeem(database, code)
    assert linked == Linked(lea, [], PHONE)
    assert await people.known_at(database, PHONE) == [(organisation, lea.person_id)]
    assert await redeem(database, code) is None
    assert await redeem(database, code, OTHER) is None
    assert await people.known_at(database, OTHER) == []


async def test_a_code_pressed_by_several_at_once_is_good_for_one(database: Database, organisation: UUID) -> None:
    code = await invited(database, organisation, await add(database, organisation))
    done = await asyncio.gather(*(redeem(database, code, Address("telegram", str(place))) for place in range(6)))
    assert sum(linked is not None for linked in done) == 1


@pytest.mark.parametrize(("after", "good"), [(timedelta(days=29, hours=23), True), (timedelta(days=30), False)])
async def test_a_code_expires(
    database: Database, organisation: UUID, clock: Hands, after: timedelta, good: bool
) -> None:
    code = await invited(database, organisation, await add(database, organisation))
    clock.now += after
    assert (await redeem(database, code) is not None) is good


async def test_a_code_is_for_one_channel_and_the_right_one_only(database: Database, organisation: UUID) -> None:
    code = await invited(database, organisation, await add(database, organisation))
    assert await redeem(database, code, Address("matrix", "@lea:b.example")) is None
    assert await redeem(database, "WRONG23456") is None
    assert await redeem(database, code) is not None


async def test_a_code_of_somebody_who_is_gone_is_good_for_nothing(database: Database, organisation: UUID) -> None:
    lea = await add(database, organisation)
    code = await invited(database, organisation, lea)
    async with database.work(organisation) as uow:
        await uow.connection.execute(text("DELETE FROM persons"))
        await uow.commit()
    with pytest.raises(DomainError, match=r"welcome\.wrong_code"):
        await redeem(database, code)
    assert await people.known_at(database, PHONE) == []


async def test_a_code_is_kept_as_a_hash_only(database: Database, organisation: UUID) -> None:
    code = await invited(database, organisation, await add(database, organisation))
    async with database.work() as uow:
        row = (await uow.connection.execute(text("SELECT * FROM link_codes"))).one()
    assert bytes(row.digest) == digest(code)
    assert code not in repr(row)


async def test_an_address_follows_its_last_link(database: Database, organisation: UUID) -> None:
    lea, tom = await add(database, organisation), await add(database, organisation, "Tom", "nl")
    await redeem(database, await invited(database, organisation, lea))
    await redeem(database, await invited(database, organisation, tom))
    assert await people.known_at(database, PHONE) == [(organisation, tom.person_id)]


async def test_who_is_shown_his_link_sees_whom_it_leads_to(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        rows = {row.resident.person: row for row in await store.residents(uow, sample.known.building_id)}
        lea = await people.person(uow, rows["lea-dubois"].person_id)
    assert lea is not None
    linked = await redeem(sample.database, await invited(sample.database, sample.organisation, lea))
    assert linked == Linked(lea, [("Résidence Les Tilleuls", "3A, G3, C3")], PHONE)
    card = cards.linked(linked)
    assert card.title.values == {"name": lea.name}
    assert card.facts[0].value.values == {"lots": "3A, G3, C3"}
    bare = cards.linked(Linked(lea, [("Elsewhere", "")], PHONE))
    assert bare.facts[0].value.key == "welcome.no_lot"


# -------------------------------------------------------------------------------------------------------- the directory


async def test_an_address_can_lead_to_somebody_in_each_organisation(sample: Sample) -> None:
    async with sample.database.work() as uow:
        other = await buildings.add_organisation(uow, "others")
        person = await store.add_person(uow, "Léa too", "fr")
        await store.link(uow, PHONE, person)
        await uow.commit()
    lea = await add(sample.database, sample.organisation)
    async with sample.database.work(sample.organisation) as uow:
        await store.link(uow, PHONE, lea.person_id)
        await uow.commit()
    both = {(other, person), (sample.organisation, lea.person_id)}
    assert set(await people.known_at(sample.database, PHONE)) == both
    assert set(await people.open_address(sample.database, PHONE, OTHER)) == both
    assert set(await people.known_at(sample.database, OTHER)) == both
    async with sample.database.work(other) as uow:
        await people.leave(uow, PHONE)
        await uow.commit()
    assert await people.known_at(sample.database, PHONE) == [(sample.organisation, lea.person_id)]
    await people.bury_address(sample.database, OTHER)
    async with sample.database.work(other) as uow:
        reached = (await store.recipients(uow, [person], ["telegram"]))[person][1].addresses
        assert [(each.address, each.dead) for each in reached] == [(OTHER, True)]
    assert set(await people.known_at(sample.database, OTHER)) == both, "whoever writes from it is known still"


async def test_a_link_made_again_keeps_when_it_was_used(uow: UnitOfWork) -> None:
    person = await store.add_person(uow, "Léa", "fr")
    await store.link(uow, PHONE, person)
    await store.used(uow, PHONE, NOW)
    await store.link(uow, PHONE, person)
    assert (await store.recipients(uow, [person], ["telegram"]))[person][1].addresses[0].last_used == NOW


async def test_a_person_has_one_language_and_one_name(uow: UnitOfWork) -> None:
    person = await store.add_person(uow, "Léa", "fr")
    await people.speak(uow, Person(person, "Léa", "fr"), "de")
    await store.rename(uow, person, "Léa D.")
    assert await people.person(uow, person) == Person(person, "Léa D.", "de")
    assert await people.person(uow, UUID(int=1)) is None


# ----------------------------------------------------------------------------------------------- who stands behind a building


async def test_who_can_be_written_to_for_a_building(uow: UnitOfWork) -> None:
    files = small_building(
        people=(resident("ann"), resident("bob", "council"), resident("cem", "council"), resident("syn", "syndic"))
    )
    known = await stored(uow, files)
    who = {row.resident.person: row.person_id for row in await store.residents(uow, known.building_id)}
    place = Place(known, Membership(known.building_id, "ann", 1), True)
    ann = Person(who["ann"], "Ann", "fr")

    async def writes(code: str) -> None:
        address = Address("telegram", code)
        await store.link(uow, address, who[code])
        await store.used(uow, address, NOW)

    assert await people.who_answers(uow, place, ann) == []
    await writes("cem")
    assert await people.who_answers(uow, place, ann) == [who["cem"]]
    await writes("bob")
    assert await people.who_answers(uow, place, ann) == [who["bob"], who["cem"]]
    assert await people.who_answers(uow, place, Person(who["bob"], "Bob", "nl")) == [who["cem"]]
    await writes("syn")
    assert await people.who_answers(uow, place, ann) == [who["syn"]]
    assert [row.person for row in await store.memberships(uow, who["cem"])] == ["cem"]
    assert cards.passed_on(ann, place, "Bonjour").title.values == {"name": "Ann"}


async def test_rights_and_consents_come_back_as_they_were_stored(uow: UnitOfWork) -> None:
    consents = (
        Consent("ann", "email", "ann@three.example", day("2025-01-01"), None, "letter"),
        Consent("ann", "email", "old@three.example", day("2020-01-01"), day("2024-12-31"), ""),
        Consent("bob", "letter", "", day("2025-01-01"), None, 'signed, "in person"\non paper'),
    )
    ownership = (
        owns("A", "ann", "2020-01-01", "2025-06-30", fraction=(2, 3)),
        owns("A", "bob", right="usufruct", fraction=(1, 3)),
        owns("B", "bob"),
    )
    tenancies = (
        Tenancy("A", "cem", day("2025-01-01"), None),
        Tenancy("A", "cem", day("2020-01-01"), day("2020-12-31")),
    )
    known = await stored(uow, small_building())
    await store.save_rights(uow, known.building_id, ownership, tenancies, consents)
    assert await store.consents(uow, known.building_id) == consents
    assert await store.ownership(uow, known.building_id) == ownership
    assert await store.tenancies(uow, known.building_id) == tenancies


@pytest.mark.parametrize(
    ("person", "on", "lots"),
    [("ann", "2026-01-01", "A"), ("bob", "2026-01-01", ""), ("bob", "2027-01-01", "B"), ("cem", "2026-06-01", "B, C")],
)
async def test_ones_lots_are_those_of_the_day(uow: UnitOfWork, person: str, on: str, lots: str) -> None:
    files = small_building(
        ownership=(
            owns("A", "ann"),
            owns("B", "ann", "2020-01-01", "2026-12-31"),
            owns("B", "bob", "2027-01-01"),
            owns("C", "cem"),
        ),
        tenancies=(Tenancy("B", "cem", day("2026-05-01"), day("2026-06-01")),),
    )
    known = await stored(uow, files)
    who = {row.resident.person: row.person_id for row in await store.residents(uow, known.building_id)}
    found = await store.lots_of(uow, who[person], day(on))
    assert found == [("Three lots", "A, B" if person == "ann" else lots)]


# ------------------------------------------------------------------------------------------------------------- the model


@given(st.dates(), st.integers(0, 4000), st.integers(-4000, 4000), st.integers(0, 4000), st.booleans())
def test_days_of_ownership_are_the_days_on_which_it_is_held(
    first: date, length: int, shift: int, asked: int, still: bool
) -> None:
    try:
        last, begin = first + timedelta(days=length), first + timedelta(days=shift)
        end = begin + timedelta(days=min(asked, 400))
    except OverflowError:
        return
    row = Ownership("A", "ann", "full", 1, 3, first, None if still else last, False)
    each = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    assert row.days(begin, end) == sum(row.holds(on) for on in each)
    assert row.fraction == Fraction(1, 3)


def test_communications_are_unique_for_each_person_and_building() -> None:
    seen = set()
    for number in (1, 2, 99_999):
        for account in (1, 2, 9_999):
            known = Known(UUID(int=number), number, Building("X", "x"))
            communication = Place(known, Membership(known.building_id, "p", account), True).communication
            assert parse_communication(communication) is not None
            seen.add(communication)
    assert len(seen) == 9
