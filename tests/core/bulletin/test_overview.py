"""All buildings at a glance: what is counted, for whom, and how fast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.buildings import store as buildings
from core.buildings.model import Building
from core.bulletin.overview import service as overview
from core.bulletin.overview.model import WINDOW_SOON, Glance, windows
from core.database import UnitOfWork
from core.interchange.setup import service as setup
from core.kernel.ids import new_id
from core.kernel.text import say
from core.messaging.card import Card
from core.messaging.channel import Address
from core.outbox.letters import service as letters
from core.people import store as people
from core.people.audit.model import Actor
from core.people.model import Consent, Resident
from tests.core.small import OWNERSHIP, PEOPLE, call, day, owns, resident, settlement, small_building, stored
from tests.ground_floor import Sample

ANN = Actor(new_id(), "Ann")


def nowhere(person: str, **rest: object) -> Resident:
    return replace(resident(person), email="", **rest)  # type: ignore[arg-type]


async def the_one(uow: UnitOfWork) -> Glance:
    (found,) = await overview.glances(uow)
    return found


async def failed(
    uow: UnitOfWork, building: UUID | None, key: str, days_ago: int = 1, next_way: UUID | None = None
) -> None:
    uow.tell(Address("console", "lea"), Card(say("help.thanks")), "account", key=key, building=building)
    await uow.flush()
    await uow.connection.execute(
        text(
            "UPDATE deliveries SET fate = 'failed', created_at = :at, next_way = :next, building_id = :building WHERE key = :key"
        ),
        {"at": uow.now - timedelta(days=days_ago), "next": next_way, "key": key, "building": building},
    )


async def test_a_building_without_worries_is_quiet(uow: UnitOfWork) -> None:
    accepted = tuple(replace(row, channels_accepted=("email",), accepted_on=day("2025-01-01")) for row in PEOPLE)
    await stored(uow, small_building(people=accepted))
    glance = await the_one(uow)
    assert glance.quiet
    assert (glance.name, glance.lots, glance.people, glance.modules) == ("Three lots", 3, 3, ())


async def test_who_cannot_be_reached_is_counted_and_named(uow: UnitOfWork) -> None:
    here = (
        nowhere("ann"),
        replace(nowhere("bob"), street="Rue 1"),
        replace(resident("cem"), channels_accepted=("email",), accepted_on=day("2025-01-01")),
        resident("dan", "tenant"),
        nowhere("eva", roles=("tenant",)),
    )
    building = (await stored(uow, small_building(people=here))).building_id
    glance = await the_one(uow)
    assert (glance.people, glance.unreachable, glance.unwarned) == (5, 2, 1)
    found = await overview.unreachable(uow)
    assert [(row.person, row.at_all) for row in found] == [("ann", True), ("eva", True)]
    assert {row.building_id for row in found} == {building}


async def test_an_address_that_died_reaches_nobody(uow: UnitOfWork) -> None:
    accepted = tuple(replace(row, channels_accepted=("email",), accepted_on=day("2025-01-01")) for row in PEOPLE)
    await stored(uow, small_building(people=accepted))
    await people.bury(uow, Address("email", "ann@three.example"))
    glance = await the_one(uow)
    assert (glance.unreachable, glance.unwarned) == (1, 1)
    await people.stop(uow, Address("email", "bob@three.example"))
    assert (await the_one(uow)).unreachable == 2


@pytest.mark.parametrize(
    ("consent", "unwarned"),
    [
        (Consent("ann", "email", "ann@three.example", day("2025-01-01"), None, ""), 0),
        (Consent("ann", "email", "", day("2025-01-01"), None, ""), 0),
        (Consent("ann", "email", "old@three.example", day("2025-01-01"), None, ""), 1),
        (Consent("ann", "telegram", "", day("2025-01-01"), None, ""), 1),
        (Consent("ann", "email", "", day("2025-01-01"), day("2026-11-22"), ""), 1),
        (Consent("ann", "email", "", day("2025-01-01"), day("2026-11-23"), ""), 0),
        (Consent("ann", "email", "", day("2026-11-23"), None, ""), 1),
    ],
)
async def test_an_acceptance_counts_while_it_holds(uow: UnitOfWork, consent: Consent, unwarned: int) -> None:
    accepted = tuple(replace(row, channels_accepted=("email",), accepted_on=day("2025-01-01")) for row in PEOPLE[1:])
    await stored(uow, small_building(people=(resident("ann"), *accepted), consents=(consent,)))
    glance = await the_one(uow)
    assert (glance.unreachable, glance.unwarned) == (0, unwarned)


async def test_a_former_owner_needs_no_summons(uow: UnitOfWork) -> None:
    rights = (owns("A", "bob", "2020-01-01"), *OWNERSHIP[1:])
    here = (nowhere("ann"), *PEOPLE[1:])
    await stored(uow, small_building(people=here, ownership=rights))
    glance = await the_one(uow)
    assert (glance.unreachable, glance.unwarned) == (1, 2)


@pytest.mark.parametrize(
    ("rights", "voiceless"),
    [
        ((owns("A", "ann", fraction=(1, 2)), owns("A", "bob", fraction=(1, 2))), ["A"]),
        ((owns("A", "ann", right="usufruct"), owns("A", "bob", right="bare")), ["A"]),
        ((owns("A", "ann", right="usufruct"), replace(owns("A", "bob", right="bare"), representative=True)), []),
        ((owns("A", "ann", last="2026-11-21"), owns("A", "bob", "2026-11-22")), []),
        ((owns("A", "ann", last="2026-11-22"), owns("A", "bob", "2026-11-23")), []),
    ],
)
async def test_lots_of_several_without_a_voice_are_named(uow: UnitOfWork, rights: tuple, voiceless: list[str]) -> None:  # type: ignore[type-arg]
    building = (await stored(uow, small_building(ownership=(*rights, *OWNERSHIP[1:])))).building_id
    assert await overview.voiceless(uow, building) == voiceless
    assert (await the_one(uow)).voiceless == len(voiceless)


async def test_what_failed_is_counted_where_it_belongs(uow: UnitOfWork) -> None:
    building = (await stored(uow, small_building())).building_id
    await failed(uow, building, "one")
    await failed(uow, building, "went another way", next_way=new_id())
    await failed(uow, building, "long ago", days_ago=31)
    await failed(uow, None, "of no building")
    assert (await the_one(uow)).failed == 1
    assert (await overview.todo(uow)).elsewhere.failed == 1


async def test_letters_wait_until_they_are_posted(uow: UnitOfWork) -> None:
    building = (await stored(uow, small_building())).building_id
    person = (await people.residents(uow, building))[0].person_id
    uow.tell(Address("console", "lea"), Card(say("help.thanks")), "account", key="letter", building=building)
    await uow.flush()
    await uow.connection.execute(text("UPDATE deliveries SET building_id = :building"), {"building": building})
    await letters.add(uow, "letter", person, b"hash", 1)
    assert (await the_one(uow)).letters == 1
    await uow.connection.execute(
        text("UPDATE letters SET posted_on = :day, posted_by = 'Ann'"), {"day": uow.now.date()}
    )
    assert (await the_one(uow)).letters == 0


async def test_what_was_set_aside_is_told_to_those_whom_it_concerns(uow: UnitOfWork) -> None:
    await stored(uow, small_building())
    for place, handle in enumerate(("ann@three.example", "stranger@three.example")):
        inbound = await uow.connection.scalar(
            text(
                "INSERT INTO inbox (channel, ref, handle, kind, content, at, received_at, state)"
                " VALUES ('email', :ref, :handle, 'message', '{}', :now, :now, 'set_aside') RETURNING inbound_id"
            ),
            {"ref": str(new_id()), "handle": handle, "now": uow.now},
        )
        await uow.connection.execute(
            text("INSERT INTO set_aside (reference, inbound_id, reason, at) VALUES (:reference, :inbound, 'x', :now)"),
            {"reference": f"{new_id()}{place}", "inbound": inbound, "now": uow.now},
        )
    assert (await overview.todo(uow)).elsewhere.set_aside == 1
    await uow.connection.execute(text("UPDATE set_aside SET resolved_at = :now"), {"now": uow.now})
    assert (await overview.todo(uow)).elsewhere.set_aside == 0


async def test_what_falls_due_is_told_soonest_first(uow: UnitOfWork) -> None:
    building = Building("Three lots", "three", shares_total=1000, assembly_window_start=(1, 10), source="")
    calls = (
        call("C1", "2026-12-31", 100, issued="2026-11-01"),
        call("C2", "2026-11-22", 100),
        call("not issued yet", "2026-12-15", 100, issued="2026-12-01"),
        call("far", "2027-01-31", 100, issued="2026-11-01"),
        call("past", "2026-11-21", 100),
        call("C3", "2026-12-22", 100, issued="2026-11-01"),
    )
    closing = settlement("S1", "2026-07-01", "2026-09-30", "2026-11-02", "2026-12-01")
    await stored(uow, small_building(building=building, calls=calls, settlements=(closing,)))
    found = [(due.day, due.kind, due.number) for due in (await overview.todo(uow)).dues]
    assert found == [
        (day("2026-11-22"), "call", "C2"),
        (day("2026-12-01"), "settlement", "S1"),
        (day("2026-12-22"), "call", "C3"),
        (day("2027-01-10"), "assembly_window", ""),
    ]


async def test_who_has_one_building_sees_one(uow: UnitOfWork) -> None:
    mine = (
        await stored(uow, small_building("mine", calls=(call("C1", "2026-11-30", 100, issued="2026-11-01"),)))
    ).building_id
    others = tuple(replace(row, email=f"{row.person}@other.example", person=f"{row.person}2") for row in PEOPLE)
    rights = tuple(replace(row, person=f"{row.person}2") for row in OWNERSHIP)
    due = (call("C2", "2026-11-30", 100, issued="2026-11-01"),)
    theirs = (await stored(uow, small_building("theirs", people=others, ownership=rights, calls=due))).building_id
    await setup.begin(uow, ANN)
    whole, part = await overview.todo(uow), await overview.todo(uow, [mine])
    assert {glance.building_id for glance in whole.buildings} == {mine, theirs}
    assert [glance.building_id for glance in part.buildings] == [mine]
    assert {row.building_id for row in part.dues} == {mine}
    assert (whole.elsewhere.drafts, part.elsewhere.drafts) == (1, 0)
    assert {row.building_id for row in await overview.unreachable(uow, [mine])} <= {mine}
    assert await overview.glances(uow, []) == []


async def test_who_takes_part_is_counted_once(uow: UnitOfWork) -> None:
    here = (resident("ann"), replace(nowhere("bob"), street="Rue 1"), replace(resident("cem"), street="Rue 2"))
    building = (await stored(uow, small_building(people=here))).building_id
    empty = await overview.participation(uow, building)
    assert (empty.people, dict(empty.reach), empty.linked, empty.wrote) == (3, {"email": 2, "letter": 2}, 0, 0)
    persons = {row.resident.person: row.person_id for row in await people.residents(uow, building)}
    for handle in ("1", "2"):
        await people.link(uow, Address("telegram", handle), persons["ann"])
    await people.link(uow, Address("matrix", "@bob:three.example"), persons["bob"])
    await people.bury(uow, Address("matrix", "@bob:three.example"))
    await people.stop(uow, Address("email", "cem@three.example"))
    for handle, days in (("1", 90), ("2", 1), ("@bob:three.example", 91), ("cem@three.example", 5)):
        await uow.connection.execute(
            text("UPDATE directory SET last_used = :at WHERE handle = :handle"),
            {"at": uow.now - timedelta(days=days), "handle": handle},
        )
    found = await overview.participation(uow, building)
    assert dict(found.reach) == {"email": 1, "letter": 2, "telegram": 1}
    assert (found.linked, found.wrote) == (1, 2), "bob's address is dead, and he wrote longer ago; cem wrote"


async def test_another_organisation_sees_nothing(sample: Sample) -> None:
    async with sample.database.work() as uow:
        await buildings.add_organisation(uow, "others")
        todo = await overview.todo(uow)
        assert (todo.buildings, todo.dues) == ((), ())
        assert await overview.unreachable(uow) == []
        assert await overview.voiceless(uow, sample.known.building_id) == []
        assert (await overview.participation(uow, sample.known.building_id)).people == 0


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.dates(date(2020, 1, 1), date(2020, 12, 31)))
def test_the_window_that_is_told_is_the_next_one(today: date, start: date) -> None:
    glance = Glance(new_id(), "x", "X", "", (), 0, 0, 0, 0, 0, 0, 0, (start.month, start.day))
    found = windows([glance], today)
    assert len(found) <= 1
    for due in found:
        assert today <= due.day <= today + WINDOW_SOON
        assert due.day.month == start.month
    if not found:
        days = [today + timedelta(days=number) for number in range(WINDOW_SOON.days + 1)]
        assert (start.month, start.day) not in {(each.month, each.day) for each in days}
