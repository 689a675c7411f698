"""A channel accepted for legal notices by message, taken back, and what the files make of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from core.database import UnitOfWork
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import export_building, import_building
from core.kernel.errors import DomainError
from core.messaging.channel import Address
from core.people import service as people
from core.people import store as persons
from core.people.consents import service
from core.people.consents.model import LONGEST_EVIDENCE, acts, merged, proved, withdrawing
from core.people.model import Consent, Person, Place
from tests.ground_floor import NOW, Hands, Sample

TELEGRAM = Address("telegram", "4711")
MAIL = Address("email", "tom.vermeulen@tilleuls.example")
TEXT = "J'accepte « par Telegram »,\ntout à fait."
ASKED, LATER = UUID(int=77), UUID(int=78)
TODAY = date(2026, 11, 22)


async def who(uow: UnitOfWork, sample: Sample, code: str = "tom-vermeulen") -> tuple[Person, Place]:
    rows = {row.resident.person: row for row in await persons.residents(uow, sample.known.building_id)}
    person = await people.person(uow, rows[code].person_id)
    assert person is not None
    return person, (await sample.places(uow))[code]


async def consents(uow: UnitOfWork, sample: Sample, code: str = "tom-vermeulen") -> list[Consent]:
    return [row for row in await persons.consents(uow, sample.known.building_id) if row.person == code]


async def exported(sample: Sample) -> dict[str, bytes]:
    async with sample.database.work(sample.organisation) as uow:
        return await export_building(uow, sample.known, sample.shelf)


async def imported(sample: Sample, files: dict[str, bytes]) -> None:
    folder = Folder.of({name: content for name, content in files.items() if not name.startswith("records/")})
    async with sample.database.work(sample.organisation) as uow:
        await import_building(uow, read_building(folder), sample.shelf)
        await uow.commit()


async def accepts(sample: Sample, address: Address, code: str = "tom-vermeulen") -> tuple[Address, ...]:
    async with sample.database.work(sample.organisation) as uow:
        person, place = await who(uow, sample, code)
        await persons.link(uow, address, person.person_id)
        done = await service.accept(uow, person, place, address, TEXT, ASKED)
        await uow.commit()
        return done.accepted


async def withdraws(sample: Sample, address: Address, code: str = "tom-vermeulen") -> tuple[Address, ...]:
    async with sample.database.work(sample.organisation) as uow:
        done = await service.withdraw(uow, *await who(uow, sample, code), address, LATER)
        await uow.commit()
        return done.accepted


async def test_what_was_accepted_is_kept_with_what_proves_it(sample: Sample) -> None:
    assert TELEGRAM in await accepts(sample, TELEGRAM)
    async with sample.database.work(sample.organisation) as uow:
        row = (await consents(uow, sample))[-1]
        assert (row.person, row.channel, row.address) == ("tom-vermeulen", "telegram", "4711")
        assert (row.accepted_on, row.withdrawn_on) == (TODAY, None)
        assert json.loads(row.evidence) == {
            "accepted": "2026-11-22T10:00:00+01:00",
            "delivery": ASKED.hex,
            "sha256": sha256(TEXT.encode()).hexdigest(),
            "text": TEXT,
        }
        person, _ = await who(uow, sample)
        found = await persons.recipients(
            uow, [person.person_id], ["telegram", "email"], building=sample.known.building_id
        )
        assert TELEGRAM in found[person.person_id][1].consents
        elsewhere = await persons.recipients(uow, [person.person_id], ["telegram", "email"])
        assert elsewhere[person.person_id][1].consents == frozenset()


async def test_accepted_twice_it_is_accepted_once(sample: Sample) -> None:
    assert await accepts(sample, TELEGRAM) == await accepts(sample, TELEGRAM)
    async with sample.database.work(sample.organisation) as uow:
        assert len([row for row in await consents(uow, sample) if row.channel == "telegram"]) == 1


async def test_taken_back_it_counts_no_more_and_the_proof_remains(sample: Sample) -> None:
    await accepts(sample, TELEGRAM)
    assert TELEGRAM not in await withdraws(sample, TELEGRAM)
    async with sample.database.work(sample.organisation) as uow:
        (row,) = [row for row in await consents(uow, sample) if row.channel == "telegram"]
    assert row.withdrawn_on == TODAY
    given, gone = acts(row.evidence)
    assert (given["text"], gone["delivery"]) == (TEXT, LATER.hex)
    # the same day again, and another day
    assert TELEGRAM in await accepts(sample, TELEGRAM)
    async with sample.database.work(sample.organisation) as uow:
        (row,) = [row for row in await consents(uow, sample) if row.channel == "telegram"]
    assert (row.withdrawn_on, len(list(acts(row.evidence)))) == (None, 3)


async def test_another_day_it_is_another_acceptance(sample: Sample, clock: Hands) -> None:
    await accepts(sample, TELEGRAM)
    await withdraws(sample, TELEGRAM)
    clock.now = NOW + timedelta(days=3)
    assert TELEGRAM in await accepts(sample, TELEGRAM)
    async with sample.database.work(sample.organisation) as uow:
        rows = [row for row in await consents(uow, sample) if row.channel == "telegram"]
    assert [(row.accepted_on, row.withdrawn_on) for row in rows] == [(TODAY, TODAY), (date(2026, 11, 25), None)]


async def test_the_short_form_is_written_out_before_it_is_contradicted(sample: Sample) -> None:
    """`channels_accepted` stands for a consent at the address on file: another address must not end it, nor it the withdrawal."""
    async with sample.database.work(sample.organisation) as uow:
        listed = await persons.residents(uow, sample.known.building_id)
        rows = await persons.consents(uow, sample.known.building_id)
    full = {(row.person, row.channel) for row in rows}
    code, address = next(
        (row.resident.person, Address("email", row.resident.email.lower()))
        for row in listed
        if "email" in row.resident.channels_accepted and (row.resident.person, "email") not in full
    )
    second = Address("email", "second@elsewhere.example")
    assert await accepts(sample, second, code) == tuple(sorted((address, second)))
    assert await withdraws(sample, address, code) == (second,)
    await imported(sample, await exported(sample))
    async with sample.database.work(sample.organisation) as uow:
        assert (await service.lawful(uow, *await who(uow, sample, code))).accepted == (second,)


async def test_nobody_accepts_an_address_that_is_not_his(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        person, place = await who(uow, sample)
        for address in (
            Address("email", "lea.dubois@tilleuls.example"),
            Address("telegram", "1"),
            Address("letter", "x"),
        ):
            with pytest.raises(DomainError, match=r"consent\.not_yours"):
                await service.accept(uow, person, place, address, TEXT, ASKED)
            with pytest.raises(DomainError, match=r"consent\.not_yours"):
                await service.withdraw(uow, person, place, address, ASKED)


# ------------------------------------------------------------------------------------------------------------ the files


async def test_it_comes_back_in_the_export_byte_for_byte(sample: Sample) -> None:
    before = await exported(sample)
    await accepts(sample, TELEGRAM)
    await withdraws(sample, MAIL)
    after = await exported(sample)
    assert after["consents.csv"] != before["consents.csv"]
    assert b"tom-vermeulen,telegram,4711,2026-11-22,," in after["consents.csv"]
    await imported(sample, after)
    assert (await exported(sample))["consents.csv"] == after["consents.csv"]


async def test_files_from_before_take_nothing_back(sample: Sample) -> None:
    before = await exported(sample)
    await accepts(sample, TELEGRAM)
    await withdraws(sample, MAIL)
    after = await exported(sample)
    await imported(sample, before)
    assert (await exported(sample))["consents.csv"] == after["consents.csv"]
    async with sample.database.work(sample.organisation) as uow:
        assert (await service.lawful(uow, *await who(uow, sample))).accepted == (TELEGRAM,)


async def test_of_somebody_who_is_named_no_more_nothing_is_exported_and_all_is_kept(sample: Sample) -> None:
    """A tenant who moved: his row goes, what he said stays known, and comes back with him."""
    before = await exported(sample)
    async with sample.database.work(sample.organisation) as uow:
        right = {row.person for row in await persons.ownership(uow, sample.known.building_id)}
        right |= {row.person for row in await persons.tenancies(uow, sample.known.building_id)}
        listed = [row.resident.person for row in await persons.residents(uow, sample.known.building_id)]
    free = next((code for code in listed if code not in right), None)
    assert free is not None
    await accepts(sample, TELEGRAM, free)
    after = await exported(sample)
    people_csv = [line for line in before["people.csv"].split(b"\n") if not line.startswith(free.encode() + b",")]
    consents_csv = [line for line in before["consents.csv"].split(b"\n") if not line.startswith(free.encode() + b",")]
    await imported(sample, {**before, "people.csv": b"\n".join(people_csv), "consents.csv": b"\n".join(consents_csv)})
    assert free.encode() not in (await exported(sample))["consents.csv"]
    await imported(sample, before)
    assert (await exported(sample))["consents.csv"] == after["consents.csv"]


ROW = Consent("lea", "email", "Lea@b.example", date(2025, 1, 6), None, "signed form")


def test_what_only_the_files_say_is_as_the_files_say() -> None:
    other = replace(ROW, person="tom")
    assert merged([other], [ROW]) == (other,)
    changed = replace(ROW, withdrawn_on=date(2025, 3, 1), evidence="a letter")
    assert merged([changed], [ROW]) == (changed,)


def test_a_withdrawal_by_message_stays() -> None:
    gone = proved(replace(ROW, withdrawn_on=TODAY), withdrawing(NOW, LATER))
    assert merged([ROW], [gone]) == (gone,)
    assert merged([gone], [gone]) == (gone,)
    assert merged([], [gone]) == (gone,)
    more = replace(gone, evidence=f"{gone.evidence}\nconfirmed by telephone")
    assert merged([more], [gone]) == (more,)
    assert merged([replace(ROW, address="lea@b.example")], [gone])[0].withdrawn_on == TODAY


def test_there_is_always_room_to_withdraw() -> None:
    full = replace(ROW, evidence="x" * LONGEST_EVIDENCE)
    gone = proved(full, withdrawing(NOW, LATER))
    assert len(gone.evidence) == LONGEST_EVIDENCE
    assert [act["delivery"] for act in acts(gone.evidence)] == [LATER.hex]
    with pytest.raises(DomainError, match=r"consent\.too_often"):
        proved(full, {"accepted": "2026-11-22"})
