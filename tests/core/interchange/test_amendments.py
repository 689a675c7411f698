"""A building changed by hand: a lot that changes hands, tenants in and out, tables edited; by the rules of the files."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.buildings.model import NoSuchBuilding
from core.charges import store as charges
from core.charges.bookkeeping import service as bookkeeping
from core.charges.model import Payment
from core.database import Database, UnitOfWork
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import (
    Changes,
    MoveIn,
    MoveOut,
    Right,
    Transfer,
    code_for,
    coded,
    transferred,
)
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import export_building
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS
from core.interchange.typed import Outdated, Problems, Typed, typed
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.people import store as people
from core.people.audit import service as audit
from core.people.audit.model import Actor
from core.people.model import Ownership
from tests.core.small import call, day, expense, owns, payment, settlement, small_building, stored
from tests.ground_floor import Sample

ANN = Actor(new_id(), "Ann of the office")
DAN = {"person": "dan", "name": "Dan Dupont", "email": "dan@three.example", "language": "fr", "roles": "owner"}


async def shown(uow: UnitOfWork, **rest: Any) -> amendments.Editable:
    known = await stored(uow, small_building(**rest))
    return await amendments.editable(uow, known.building_id)


async def hand_over(uow: UnitOfWork, seen: amendments.Editable, wanted: Transfer) -> None:
    await amendments.transfer(uow, seen.known.building_id, seen.version, wanted, ANN)


def refused(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.text.key.rpartition(".")[2]


# ------------------------------------------------------------------------------------------------------------ transfers


async def test_a_lot_is_sold_to_somebody_new(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    await hand_over(uow, seen, Transfer("B", day("2026-03-02"), (Right("dan"),), (DAN,)))
    building = seen.known.building_id
    rows = [row for row in await people.ownership(uow, building) if row.lot == "B"]
    assert rows == [owns("B", "bob", last="2026-03-01"), owns("B", "dan", "2026-03-02")]
    assert "dan" in {row.resident.person for row in await people.residents(uow, building)}
    log = {(entry.deed, entry.subject) for entry in (await audit.entries(uow)).entries}
    assert log == {("lot_transferred", "lot B"), ("person_changed", "person dan")}


async def test_who_is_new_needs_no_code(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    changes = Changes(tables={PEOPLE.file: [*seen.typed.rows(PEOPLE), {**DAN, "person": ""}]})
    await amendments.amend(uow, seen.known.building_id, seen.version, changes, ANN)
    found = [row.resident.person for row in await people.residents(uow, seen.known.building_id)]
    assert found == ["ann", "bob", "cem", "dan-dupont"]


async def test_a_lot_is_split_into_usufruct_and_bare_ownership_with_a_voice(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    rights = (
        Right("bob", "usufruct", representative="yes"),
        Right("ann", "bare", "1", "2"),
        Right("cem", "bare", "1", "2"),
    )
    await hand_over(uow, seen, Transfer("B", day("2026-01-01"), rights))
    rows = [row for row in await people.ownership(uow, seen.known.building_id) if row.holds(day("2026-01-01"))]
    found = [(row.person, row.right, row.fraction, row.representative) for row in rows if row.lot == "B"]
    assert [(person, right) for person, right, _, _ in found] == [("bob", "usufruct"), ("ann", "bare"), ("cem", "bare")]
    assert sum(fraction for _, _, fraction, _ in found) == 2
    assert [voice for *_, voice in found] == [True, False, False]


async def test_who_keeps_his_half_keeps_his_row(uow: UnitOfWork) -> None:
    halves = (owns("A", "ann", fraction=(1, 2)), owns("A", "bob", fraction=(1, 2)), owns("B", "bob"), owns("C", "cem"))
    seen = await shown(uow, ownership=halves)
    rights = (Right("bob", "full", "1", "2"), Right("cem", "full", "1", "2"))
    await hand_over(uow, seen, Transfer("A", day("2026-05-01"), rights))
    rows = [row for row in await people.ownership(uow, seen.known.building_id) if row.lot == "A"]
    assert rows == [
        owns("A", "ann", last="2026-04-30", fraction=(1, 2)),
        owns("A", "bob", fraction=(1, 2)),
        owns("A", "cem", "2026-05-01", fraction=(1, 2)),
    ]


@pytest.mark.parametrize(
    ("transfer", "key"),
    [
        (Transfer("Z", date(2026, 1, 1), (Right("ann"),)), "unknown_lot"),
        (Transfer("", date(2026, 1, 1), (Right("ann"),)), "unknown_lot"),
        (Transfer("A", date(2026, 1, 1), ()), "nobody_gets_it"),
        (Transfer("A", date(2019, 1, 1), (Right("bob"),)), "changes_later"),
        (Transfer("A", date(2020, 1, 1), (Right("bob"),)), "changes_later"),
        (Transfer("A", date(2026, 1, 1), (Right("ann"),)), "nothing_changes"),
    ],
)
async def test_a_transfer_that_makes_no_sense_is_refused(uow: UnitOfWork, transfer: Transfer, key: str) -> None:
    seen = await shown(uow)
    with pytest.raises(DomainError) as error:
        await hand_over(uow, seen, transfer)
    assert refused(error) == key
    assert (await audit.entries(uow)).entries == ()


@pytest.mark.parametrize(
    ("rights", "wrong"),
    [
        ((Right("nobody"),), "unknown_person"),
        ((Right("bob", "full", "1", "2"),), "lot_gap"),
        ((Right("bob"), Right("cem")), "lot_overlap"),
        ((Right("bob", "usufruct"),), "bare_gap"),
        ((Right("bob", "lease"),), "code"),
        ((Right("bob", "full", "2", "1"),), "fraction"),
        ((Right("bob", "full", "1", "0"),), "whole_out_of_range"),
        ((Right("bob", "full", "-1", "x"),), "whole"),
        ((Right("bob", "full", "1", "1", "maybe"),), "code"),
    ],
)
async def test_the_rules_of_the_files_say_what_is_wrong(uow: UnitOfWork, rights: tuple[Right, ...], wrong: str) -> None:
    seen = await shown(uow)
    with pytest.raises(Problems) as error:
        await hand_over(uow, seen, Transfer("A", day("2026-01-01"), rights))
    problems = error.value.problems
    assert wrong in {problem.wrong.key.rpartition(".")[2] for problem in problems}
    assert all(problem.file == OWNERSHIP.file and problem.row is not None for problem in problems)
    assert await people.ownership(uow, seen.known.building_id) == tuple(typed_ownership(seen))


def typed_ownership(seen: amendments.Editable) -> list[Ownership]:
    assert len(seen.typed.rows(OWNERSHIP)) == 3
    return [owns("A", "ann"), owns("B", "bob"), owns("C", "cem")]


async def test_the_books_follow_as_if_the_files_were_imported(uow: UnitOfWork) -> None:
    """The call due after the sale is the buyer's, the one before stays the seller's; and all adds up."""
    calls = (call("C1", "2026-01-31", 100_000), call("C2", "2026-06-30", 100_000))
    seen = await shown(uow, calls=calls, payments=(payment("2026-02-01", "bob", 26_300),))
    building = seen.known.building_id
    done = await amendments.transfer(
        uow, building, seen.version, Transfer("B", day("2026-03-02"), (Right("dan"),), (DAN,)), ANN
    )
    assert (done.booked, done.reversed) == (1, 1)
    found = await charges.postings(uow, [(building, "bob")])
    assert sum(posting.cents for posting in found[building]) == 0
    found = await charges.postings(uow, [(building, "dan")])
    assert sum(posting.cents for posting in found[building]) == 26_300
    assert await bookkeeping.verify(uow, building) == []


async def test_a_lot_is_not_taken_from_under_a_call(uow: UnitOfWork) -> None:
    seen = await shown(uow, calls=(call("C1", "2020-01-31", 100_000),))
    rows = [{**row, "from": "2021-01-01"} for row in seen.typed.rows(OWNERSHIP)]
    with pytest.raises(Problems) as error:
        await amendments.amend(uow, seen.known.building_id, seen.version, Changes(tables={OWNERSHIP.file: rows}), ANN)
    (problem,) = error.value.problems
    assert (problem.file, problem.wrong.key) == ("calls.csv", "interchange.fault.unowned")


async def test_a_closed_settlement_is_rebooked_and_its_documents_stay(uow: UnitOfWork) -> None:
    rest = {
        "expenses": (expense("E1", "2026-01-20", 90_000),),
        "settlements": (settlement("S1", "2026-01-01", "2026-03-31", "2026-04-15"),),
    }
    seen = await shown(uow, **rest)
    await hand_over(uow, seen, Transfer("C", day("2026-02-15"), (Right("dan"),), (DAN,)))
    assert await bookkeeping.verify(uow, seen.known.building_id) == []
    found = await charges.postings(uow, [(seen.known.building_id, "dan")])
    assert sum(posting.cents for posting in found[seen.known.building_id]) == 27_000  # 45 of 90 days of 54 000


# ------------------------------------------------------------------------------------------------------------- tenants


async def test_tenants_come_and_go(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    building = seen.known.building_id
    sam = {"person": "sam", "name": "Sam", "language": "en"}
    await amendments.move_in(uow, building, seen.version, MoveIn("A", "sam", day("2026-01-01"), people=(sam,)), ANN)
    (row,) = await people.tenancies(uow, building)
    assert (row.lot, row.person, row.first, row.last) == ("A", "sam", day("2026-01-01"), None)
    roles = {row.resident.person: row.resident.roles for row in await people.residents(uow, building)}
    assert roles["sam"] == ("tenant",)
    seen = await amendments.editable(uow, building)
    with pytest.raises(DomainError) as error:
        await amendments.move_in(uow, building, seen.version, MoveIn("A", "sam", day("2026-09-01")), ANN)
    assert refused(error) == "rents_already"
    await amendments.move_out(uow, building, seen.version, MoveOut("A", "sam", day("2026-08-31")), ANN)
    seen = await amendments.editable(uow, building)
    await amendments.move_in(uow, building, seen.version, MoveIn("A", "sam", day("2026-09-01"), day("2026-10-31")), ANN)
    assert [(row.first, row.last) for row in await people.tenancies(uow, building)] == [
        (day("2026-01-01"), day("2026-08-31")),
        (day("2026-09-01"), day("2026-10-31")),
    ]


@pytest.mark.parametrize(
    "move",
    [MoveOut("A", "ann", date(2026, 1, 1)), MoveOut("Z", "", date(2026, 1, 1)), MoveOut("A", "x" * 9999, date.max)],
)
async def test_nobody_leaves_who_does_not_live_there(uow: UnitOfWork, move: MoveOut) -> None:
    seen = await shown(uow)
    with pytest.raises(DomainError) as error:
        await amendments.move_out(uow, seen.known.building_id, seen.version, move, ANN)
    assert refused(error) == "rents_not"


async def test_a_tenancy_ends_after_it_began(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    move = MoveIn("A", "ann", day("2026-05-01"), day("2026-04-01"))
    with pytest.raises(Problems) as error:
        await amendments.move_in(uow, seen.known.building_id, seen.version, move, ANN)
    assert [problem.wrong.key for problem in error.value.problems] == ["interchange.fault.days_in_disorder"]


# ------------------------------------------------------------------------------------------------------- tables, and two


async def test_of_two_who_change_the_same_building_the_second_is_told(database: Database, organisation: Any) -> None:
    async with database.work(organisation) as uow:
        seen = await shown(uow)
        await uow.commit()
    building = seen.known.building_id

    async def press(city: str) -> str:
        async with database.work(organisation) as uow:
            try:
                await amendments.amend(uow, building, seen.version, Changes({"city": city}), ANN)
            except Outdated as refusal:
                return refusal.text.key
            await uow.commit()
            return city

    done = await asyncio.gather(*(press(city) for city in ("Namur", "Gent", "Eupen")))
    assert sorted(done)[1:] == ["amend.outdated"] * 2
    async with database.work(organisation) as uow:
        now = await amendments.editable(uow, building)
        assert now.typed.settings["city"] in done
        assert now.version != seen.version
        assert len((await audit.entries(uow)).entries) == 1


async def test_what_is_paid_meanwhile_disturbs_nobody(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    await charges.replace(uow, seen.known.building_id, Payment, (payment("2026-02-01", "ann", 100),))
    assert (await amendments.editable(uow, seen.known.building_id)).version == seen.version


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        (Changes({"slug": "other"}), "slug_stays"),
        (Changes({"modules": "sel"}), "council_decides"),
        (Changes({"nonsense": "x"}), "toml_unknown"),
        (Changes({"city": "\0"}), "hidden_sign"),
        (Changes(tables={"expenses.csv": []}), "unknown_table"),
        (Changes(tables={"../../etc/passwd": []}), "unknown_table"),
        (Changes(tables={PEOPLE.file: [{"password": "x"}]}), "unknown_column"),
    ],
)
async def test_what_can_not_be_changed_is_refused(uow: UnitOfWork, changes: Changes, key: str) -> None:
    seen = await shown(uow)
    with pytest.raises(DomainError) as error:
        await amendments.amend(uow, seen.known.building_id, seen.version, changes, ANN)
    assert refused(error) == key
    assert (await amendments.editable(uow, seen.known.building_id)).version == seen.version


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("shares_total", "toml_whole"),
        ("languages", "code"),
        ("provisional_acceptance", "toml_date"),
        ("financial_year_start", "month_day"),
        ("accounts.working", "iban"),
        ("enterprise_number", "enterprise_number"),
        ("syndic.email", "email"),
        ("arrears.reminder_days", "toml_whole"),
        ("arrears.interest.rate", "interest"),
        ("region", "code"),
    ],
)
async def test_a_wrong_setting_is_told_by_its_name(uow: UnitOfWork, setting: str, wrong: str) -> None:
    seen = await shown(uow)
    with pytest.raises(Problems) as error:
        await amendments.amend(uow, seen.known.building_id, seen.version, Changes({setting: "<b>ten</b>"}), ANN)
    (problem,) = error.value.problems
    assert problem.wrong.key == f"interchange.fault.{wrong}"
    assert setting.startswith(problem.column)
    assert problem.file == "building.toml"


async def test_what_the_books_name_stays(uow: UnitOfWork) -> None:
    seen = await shown(uow, calls=(call("C1", "2026-01-31", 100_000),))
    building, rows = seen.known.building_id, seen.typed.rows
    fewer = [{**rows(LOTS)[0], "lot": "A2"}, *rows(LOTS)[1:]]
    weights = [{**row, "lot": "A2"} if row["lot"] == "A" else row for row in rows(WEIGHTS)]
    owners = [{**row, "lot": "A2"} if row["lot"] == "A" else row for row in rows(OWNERSHIP)]
    tables = {LOTS.file: fewer, WEIGHTS.file: weights, OWNERSHIP.file: owners}
    with pytest.raises(DomainError) as error:
        await amendments.amend(uow, building, seen.version, Changes(tables=tables), ANN)
    assert refused(error) == "lot_booked"
    others = [{**row, "person": "ann2"} if row["person"] == "ann" else row for row in rows(PEOPLE)]
    owners = [{**row, "person": "ann2"} if row["person"] == "ann" else row for row in rows(OWNERSHIP)]
    with pytest.raises(DomainError) as error:
        await amendments.amend(
            uow, building, seen.version, Changes(tables={PEOPLE.file: others, OWNERSHIP.file: owners}), ANN
        )
    assert refused(error) == "person_booked"


async def test_a_new_lot_comes_with_its_shares_and_its_owner(uow: UnitOfWork) -> None:
    seen = await shown(uow)
    lot = {"lot": "G1", "kind": "garage", "floor": "-1", "shares": "10"}
    owner = {**seen.typed.rows(OWNERSHIP)[0], "lot": "G1", "from": "2026-01-01"}
    tables = {LOTS.file: [*seen.typed.rows(LOTS), lot], OWNERSHIP.file: [*seen.typed.rows(OWNERSHIP), owner]}
    with pytest.raises(Problems) as error:
        await amendments.amend(uow, seen.known.building_id, seen.version, Changes(tables=tables), ANN)
    assert [problem.wrong.key for problem in error.value.problems] == ["interchange.fault.shares"]
    changes = Changes({"shares_total": "1010"}, tables)
    done = await amendments.amend(uow, seen.known.building_id, seen.version, changes, ANN)
    assert done.lots == 4
    assert done.building.building.shares_total == 1010


async def test_a_building_of_others_is_not_there(uow: UnitOfWork) -> None:
    with pytest.raises(NoSuchBuilding):
        await amendments.editable(uow, new_id())
    with pytest.raises(NoSuchBuilding):
        await amendments.amend(uow, new_id(), "", Changes(), ANN)


async def test_the_sample_changes_hands_and_is_exported_with_all_that_it_had(sample: Sample) -> None:
    """Papers, expenses and comments come through: only what was changed differs."""
    async with sample.database.work(sample.organisation) as uow:
        before = await export_building(uow, sample.known, sample.shelf)
        seen = await amendments.editable(uow, sample.known.building_id)
        await hand_over(uow, seen, Transfer("3A", day("2026-12-01"), (Right("james-carter"),)))
        after = await export_building(uow, sample.known, sample.shelf)
        assert await bookkeeping.verify(uow, sample.known.building_id) == []
    files = {name for name in before if not name.startswith("records/")}
    assert {name for name in files if before[name] != after[name]} == {"ownership.csv"}
    old, new = before["ownership.csv"].decode().splitlines(), after["ownership.csv"].decode().splitlines()
    assert [line for line in new if line not in old] == [
        "3A,lea-dubois,full,1,1,2020-09-14,2026-11-30,no",
        "3A,james-carter,full,1,1,2026-12-01,,no",
    ]
    assert read_building(Folder.of({name: after[name] for name in files})).ownership


# ---------------------------------------------------------------------------------------------------------------- rules

NAMES = st.text(max_size=60)


@given(st.lists(NAMES, max_size=8))
def test_everybody_gets_a_code_of_his_own(names: list[str]) -> None:
    rows = coded([{"person": "", "name": name, "phone": "1"} for name in names])
    codes = [row["person"] for row in rows]
    assert len(set(codes)) == len(codes) == len(names)
    assert all(code and code.isascii() and code == code.strip() and len(code) <= 45 for code in codes)


def test_codes_are_made_of_names() -> None:
    assert code_for("Léa Dubois", ()) == "lea-dubois"
    assert code_for("Léa Dubois", {"lea-dubois", "lea-dubois-2"}) == "lea-dubois-3"
    assert code_for("王小明", ()) == "person"


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
    st.dates(date(2020, 1, 2), date(2030, 1, 1)),
    st.dates(date(2020, 1, 2), date(2030, 1, 1)),
)
def test_on_every_day_a_lot_is_owned_wholly(buyers: list[str], first: date, second: date) -> None:
    """Whoever it goes to in equal parts, and on to one of them: no day without an owner, none with too many."""
    now = typed(small_building())
    now = now.with_rows(OWNERSHIP, [{**row, "person": "x"} for row in now.rows(OWNERSHIP)])
    share = str(len(buyers))
    for when, rights in (
        (first, tuple(Right(person, "full", "1", share) for person in buyers)),
        (second, (Right(buyers[0]),)),
    ):
        try:
            changes = transferred(now, Transfer("A", when, rights))
        except DomainError:
            continue
        now = now.with_rows(OWNERSHIP, changes.tables[OWNERSHIP.file])
    rows = [row for row in now.rows(OWNERSHIP) if row["lot"] == "A"]
    for when in {
        date(2020, 1, 1),
        first,
        first - timedelta(days=1),
        second,
        second - timedelta(days=1),
        date(2031, 1, 1),
    }:
        holding = [
            row for row in rows if row["from"] <= when.isoformat() and (not row["to"] or row["to"] >= when.isoformat())
        ]
        total = {int(row["denominator"]) for row in holding}
        assert len(total) == 1
        assert sum(int(row["numerator"]) for row in holding) == total.pop()


def test_a_lot_that_nobody_owned_yet_gets_its_first_owner() -> None:
    now = Typed().with_rows(LOTS, [{"lot": "A"}])
    changes = transferred(now, Transfer("A", date(2026, 1, 1), (Right("ann"),)))
    assert [row["from"] for row in changes.tables[OWNERSHIP.file]] == ["2026-01-01"]
    assert TENANCIES.file not in changes.tables
