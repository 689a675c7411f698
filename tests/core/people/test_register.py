"""The register of a building: who is in it, what he is on a day, and by which ways he is reached."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from core.bulletin.overview import service as overview
from core.kernel.clock import local_day
from core.messaging.channel import Address
from core.people import service as people
from core.people import store
from core.people.model import Ownership, Resident, Tenancy
from core.people.register import service as register
from core.people.register.model import UNLINKED, UNREACHABLE, Entry, Wanted, Way
from tests.ground_floor import Sample

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def entry(*ways: Way, street: str = "", roles: tuple[str, ...] = ("owner",), **rest: tuple[object, ...]) -> Entry:
    resident = Resident("ann", "Ann Ö. Peeters", "Ann@three.example", "+32 2 555", "nl", roles, street=street)
    return Entry(uuid4(), resident, ways, rest.get("owned", ()), rest.get("rented", ()))  # type: ignore[arg-type]


def owned(lot: str, first: str, last: str = "") -> Ownership:
    return Ownership(
        lot, "ann", "full", 1, 1, date.fromisoformat(first), date.fromisoformat(last) if last else None, False
    )


def test_roles_are_those_of_the_day() -> None:
    ann = entry(
        roles=("owner", "council"),
        owned=(owned("A", "2020-01-01", "2026-11-21"),),
        rented=(Tenancy("B", "ann", date(2026, 11, 22), date(2026, 11, 22)),),
    )
    assert ann.roles(TODAY) == ["tenant", "council"]
    assert ann.former(TODAY) == ["owner"]
    assert ann.roles(date(2026, 11, 21)) == ["owner", "council"]
    assert (ann.owns(TODAY), ann.rents(TODAY), ann.rents(date(2026, 11, 23))) == ([], ["B"], [])


@pytest.mark.parametrize(
    ("ways", "street", "unreachable", "linked"),
    [
        ((), "", True, False),
        ((), "Street 1", False, False),
        ((Way(Address("email", "a@b.example"), NOW),), "", False, False),
        ((Way(Address("email", "a@b.example"), NOW, last_used=NOW),), "", False, True),
        ((Way(Address("telegram", "1"), NOW),), "", False, True),
        ((Way(Address("telegram", "1"), NOW, dead_at=NOW),), "", True, False),
        ((Way(Address("matrix", "@a:b"), NOW, stopped_at=NOW),), "", True, False),
    ],
)
def test_who_is_reached(ways: tuple[Way, ...], street: str, unreachable: bool, linked: bool) -> None:
    ann = entry(*ways, street=street)
    assert (ann.unreachable, ann.linked) == (unreachable, linked)
    assert Wanted(reach=UNREACHABLE).among([ann], TODAY) == ([ann] if unreachable else [])
    assert Wanted(reach=UNLINKED).among([ann], TODAY) == ([] if linked else [ann])


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("", True),
        ("peeters ann", True),
        ("ö.", True),
        ("three.EXAMPLE", True),
        ("555", True),
        ("G7", True),
        ("zoe", False),
        ("\0", False),
    ],
)
def test_words_are_looked_for_everywhere(words: str, fits: bool) -> None:
    assert entry(owned=(owned("G7", "2020-01-01"),)).fits(words) is fits


async def test_the_sample_is_told_as_it_is(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        building = sample.known.building_id
        before = {row.resident.person: row for row in await register.register(uow, building)}
        assert len(before) == 16
        tom = before["tom-vermeulen"]
        await store.link(uow, Address("matrix", "@tom:tilleuls.example"), tom.person_id)
        assert await people.bury(uow, Address("email", "tom.vermeulen@tilleuls.example"))
        found = await register.entry(uow, building, "tom-vermeulen")
        assert found is not None
        ways = {way.address.channel: way for way in found.ways}
        assert set(ways) == {"email", "matrix"}, "a letter is no way of its own"
        assert (ways["email"].alive, ways["matrix"].alive) == (False, True)
        assert ways["matrix"].accepted
        assert await register.entry(uow, building, "nobody\0") is None
        consents = await register.acceptances(uow, building, found.resident)
        assert [row.channel for row in consents] == ["email", "matrix"]
        short = await register.acceptances(uow, building, before["lea-dubois"].resident)
        assert [row.channel for row in short] == ["email", "telegram"]


async def test_whom_nothing_reaches_is_the_same_for_the_list_of_what_is_to_do(sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        from sqlalchemy import text

        await uow.connection.execute(
            text("UPDATE residents SET street = '' WHERE person LIKE '%lambert' OR person = 'jan-desmet'")
        )
        assert await people.bury(uow, Address("email", "jan.desmet@tilleuls.example"))
        entries = await register.register(uow, sample.known.building_id)
        mine = {row.resident.person for row in Wanted(reach=UNREACHABLE).among(entries, local_day(uow.now))}
        theirs = {row.person for row in await overview.unreachable(uow, [sample.known.building_id]) if row.at_all}
        assert mine == theirs == {"marguerite-lambert", "jan-desmet"}


async def test_another_organisation_has_no_register_of_it(sample: Sample) -> None:
    from core.buildings import store as buildings

    async with sample.database.work() as uow:
        await buildings.add_organisation(uow, "another")
        assert await register.register(uow, sample.known.building_id) == []
        assert await register.rights(uow, sample.known.building_id) == ()
