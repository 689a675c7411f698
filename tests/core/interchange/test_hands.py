"""One person, one representative, and what a transfer would do to the books before it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from core.charges import store as charges
from core.charges.bookkeeping import service as bookkeeping
from core.database import UnitOfWork
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Moved, Represent, Right, Transfer
from core.interchange.typed import Outdated, Problems
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.messaging.channel import Address
from core.people import service as persons
from core.people import store as people
from core.people.audit import service as audit
from core.people.audit.model import Actor
from tests.core.small import call, day, expense, owns, payment, settlement, small_building, stored

ANN = Actor(new_id(), "Ann of the office")
DAN = {"person": "dan", "name": "Dan Dupont", "email": "dan@three.example", "language": "fr", "roles": "owner"}
HALVES = (
    replace(owns("A", "ann", fraction=(1, 2)), representative=True),
    owns("A", "bob", "2020-01-01", fraction=(1, 2)),
    owns("B", "bob"),
    owns("C", "cem"),
)


async def shown(uow: UnitOfWork, **rest: object) -> amendments.Editable:
    known = await stored(uow, small_building(**rest))
    return await amendments.editable(uow, known.building_id)


def refused(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.text.key.rpartition(".")[2]


async def test_what_a_transfer_would_move_is_foreseen_and_nothing_is_done(uow: UnitOfWork) -> None:
    calls = (call("C1", "2026-01-31", 100_000), call("C2", "2026-06-30", 100_000))
    seen = await shown(uow, calls=calls, payments=(payment("2026-02-01", "bob", 26_300),))
    building, before = seen.known.building_id, await charges.postings(uow, [(seen.known.building_id, "bob")])
    wanted = Transfer("B", day("2026-03-02"), (Right("dan"),), (DAN,))
    moved = await amendments.foresee(uow, building, seen.version, wanted, ANN)
    assert moved == [
        Moved("bob", "call", "C2", day("2026-06-30"), -26_300),
        Moved("dan", "call", "C2", day("2026-06-30"), 26_300),
    ]
    assert (await amendments.editable(uow, building)).version == seen.version
    assert await charges.postings(uow, [(building, "bob")]) == before
    assert (await audit.entries(uow)).entries == ()
    await amendments.transfer(uow, building, seen.version, wanted, ANN)
    assert await bookkeeping.verify(uow, building) == []


async def test_a_settlement_that_would_change_is_foreseen(uow: UnitOfWork) -> None:
    rest = {
        "expenses": (expense("E1", "2026-01-20", 90_000),),
        "settlements": (settlement("S1", "2026-01-01", "2026-03-31", "2026-04-15"),),
    }
    seen = await shown(uow, **rest)
    building = seen.known.building_id
    before = await charges.postings(uow, [(building, "cem")])
    inside = Transfer("C", day("2026-02-15"), (Right("dan"),), (DAN,))
    moved = await amendments.foresee(uow, building, seen.version, inside, ANN)
    assert {(row.kind, row.number, row.person) for row in moved} == {
        ("settlement", "S1", "cem"),
        ("settlement", "S1", "dan"),
    }
    assert sum(row.cents for row in moved) == 0
    after = replace(inside, day=day("2026-04-01"))
    assert await amendments.foresee(uow, building, seen.version, after, ANN) == []
    await amendments.transfer(uow, building, seen.version, after, ANN)
    assert await charges.postings(uow, [(building, "cem")]) == before, "a closed period stays as it was"
    assert await bookkeeping.verify(uow, building) == []


async def test_what_cannot_be_is_not_foreseen_either(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    building = seen.known.building_id
    wanted = Transfer("B", day("2026-03-02"), (Right("ann", "full", "1", "2"),))
    with pytest.raises(Problems):
        await amendments.foresee(uow, building, seen.version, wanted, ANN)
    with pytest.raises(Outdated):
        await amendments.foresee(uow, building, "old", Transfer("B", day("2026-03-02"), (Right("ann"),)), ANN)
    assert await uow.connection.scalar(text("SELECT 1")) == 1, "the transaction goes on"


async def test_another_representative_from_a_day_on(uow: UnitOfWork) -> None:
    seen = await shown(uow, ownership=HALVES)
    building = seen.known.building_id
    await amendments.represent(uow, building, seen.version, Represent("A", "bob", day("2026-05-01")), ANN)
    rows = [row for row in await people.ownership(uow, building) if row.lot == "A"]
    assert [(row.person, row.first, row.last, row.representative) for row in rows] == [
        ("ann", day("2020-01-01"), day("2026-04-30"), True),
        ("bob", day("2020-01-01"), day("2026-04-30"), False),
        ("ann", day("2026-05-01"), None, False),
        ("bob", day("2026-05-01"), None, True),
    ]
    assert [entry.deed for entry in (await audit.entries(uow)).entries] == ["ownership_changed"]


@pytest.mark.parametrize("person", ["bob", ""])
async def test_a_representative_that_was_typed_wrongly(uow: UnitOfWork, person: str) -> None:
    seen = await shown(uow, ownership=HALVES)
    await amendments.represent(uow, seen.known.building_id, seen.version, Represent("A", person), ANN)
    rows = [row for row in await people.ownership(uow, seen.known.building_id) if row.lot == "A"]
    assert [(row.person, row.first, row.representative) for row in rows] == [
        ("ann", day("2020-01-01"), False),
        ("bob", day("2020-01-01"), person == "bob"),
    ]


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (Represent("Z", "ann"), "unknown_lot"),
        (Represent("A", "cem"), "owns_not"),
        (Represent("A", "ann"), "nothing_changes"),
        (Represent("A", "ann", date(2026, 5, 1)), "nothing_changes"),
        (Represent("A", "bob", date(2019, 1, 1)), "owns_not"),
        (Represent("A", "", date(2019, 1, 1)), "owns_not"),
        (Represent("A", "bob", date(2020, 1, 1)), "changes_later"),
    ],
)
async def test_a_representative_that_makes_no_sense(uow: UnitOfWork, wanted: Represent, key: str) -> None:
    seen = await shown(uow, ownership=HALVES)
    with pytest.raises(DomainError) as error:
        await amendments.represent(uow, seen.known.building_id, seen.version, wanted, ANN)
    assert refused(error) == key


async def test_a_person_comes_changes_and_goes(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    building = seen.known.building_id
    await amendments.put_person(uow, building, seen.version, "", {**DAN, "person": "", "roles": "caretaker"}, ANN)
    seen = await amendments.editable(uow, building)
    await amendments.put_person(uow, building, seen.version, "dan-dupont", {"phone": "1"}, ANN)
    found = {row.resident.person: row.resident for row in await people.residents(uow, building) if row.present}
    assert (found["dan-dupont"].phone, found["dan-dupont"].email) == ("1", "dan@three.example")
    seen = await amendments.editable(uow, building)
    await amendments.remove_person(uow, building, seen.version, "dan-dupont", ANN)
    assert "dan-dupont" not in {row.resident.person for row in await people.residents(uow, building) if row.present}
    seen = await amendments.editable(uow, building)
    for change in (
        amendments.remove_person(uow, building, seen.version, "dan-dupont", ANN),
        amendments.put_person(uow, building, seen.version, "dan-dupont", {"phone": "2"}, ANN),
    ):
        with pytest.raises(DomainError) as error:
            await change
        assert refused(error) == "unknown_person"


async def test_whom_a_lot_or_the_books_name_stays(uow: UnitOfWork) -> None:
    seen = await shown(uow, calls=(call("C1", "2020-01-31", 100_000),))
    with pytest.raises(DomainError) as error:
        await amendments.remove_person(uow, seen.known.building_id, seen.version, "ann", ANN)
    assert refused(error) == "person_has_lots"


async def test_where_nothing_arrives_nothing_does_because_something_else_is_changed(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    building = seen.known.building_id
    assert await persons.bury(uow, Address("email", "ann@three.example"))
    await amendments.put_person(uow, building, seen.version, "bob", {"phone": "1"}, ANN)
    assert not await persons.bury(uow, Address("email", "ann@three.example")), "known to be dead still"
    seen = await amendments.editable(uow, building)
    await amendments.put_person(uow, building, seen.version, "ann", {"email": "new@three.example"}, ANN)
    assert await persons.bury(uow, Address("email", "new@three.example")), "a new one lives"


def test_the_first_owner_of_a_lot_may_come_on_the_first_of_days() -> None:
    from core.interchange.amendments.model import transferred
    from core.interchange.tables import LOTS, OWNERSHIP
    from core.interchange.typed import Typed

    changes = transferred(Typed().with_rows(LOTS, [{"lot": "A"}]), Transfer("A", date.min, (Right("ann"),)))
    assert [row["from"] for row in changes.tables[OWNERSHIP.file]] == ["0001-01-01"]
