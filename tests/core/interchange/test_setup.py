"""The wizard: a building typed step by step, kept however wrong it is, and made when it is right."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.buildings import service as buildings
from core.buildings import store as building_store
from core.buildings.model import NoSuchBuilding
from core.charges.bookkeeping import service as bookkeeping
from core.database import Database, UnitOfWork
from core.interchange.setup import service as setup
from core.interchange.setup.model import (
    MOST_DRAFTS,
    STEPS,
    Draft,
    NoSuchDraft,
    from_json,
    hanging,
    renamed,
    state,
    to_json,
    without,
)
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS
from core.interchange.typed import TYPED, Outdated, Problems, Typed
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.people import store as people
from core.people.audit import service as audit
from core.people.audit.model import Actor
from tests.core.small import small_building, stored

ANN, BOB = Actor(new_id(), "Ann"), Actor(new_id(), "Bob")
SETTINGS = {"name": "Villa", "slug": "villa", "shares_total": "1000", "languages": "fr;nl", "city": "Namur"}
ROWS: dict[str, list[dict[str, str]]] = {
    LOTS.file: [
        {"lot": "A", "kind": "apartment", "floor": "0", "shares": "400"},
        {"lot": "B", "kind": "apartment", "floor": "1", "shares": "600"},
    ],
    WEIGHTS.file: [{"key": "lift", "lot": "B", "weight": "1"}],
    PEOPLE.file: [
        {"name": "Léa Dubois", "email": "lea@villa.example", "language": "fr", "roles": "owner"},
        {"person": "tom", "name": "Tom", "language": "nl", "roles": "owner", "channels_accepted": "letter"},
    ],
    OWNERSHIP.file: [
        {
            "lot": "A",
            "person": "lea-dubois",
            "right": "full",
            "numerator": "1",
            "denominator": "1",
            "from": "2020-01-01",
        },
        {"lot": "B", "person": "tom", "right": "full", "numerator": "1", "denominator": "1", "from": "2020-01-01"},
    ],
    TENANCIES.file: [],
}
for _row in ROWS[OWNERSHIP.file]:
    _row["representative"] = "no"


async def typed_in(uow: UnitOfWork, settings: dict[str, str] = SETTINGS, **tables: list[dict[str, str]]) -> Draft:
    """A draft with everything typed, some of it otherwise."""
    draft = await setup.begin(uow, ANN)
    draft = await setup.type_settings(uow, draft.draft_id, draft.version, settings, ANN)
    for table in TYPED:
        rows = tables.get(table.rows, ROWS[table.file])
        draft = await setup.type_rows(uow, draft.draft_id, draft.version, table.file, rows, ANN)
    return draft


def keys(problems: Any) -> list[tuple[str, int | None, str, str]]:
    return [(each.file, each.row, each.column, each.wrong.key.rpartition(".")[2]) for each in problems]


def refused(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.text.key.rpartition(".")[2]


async def test_a_building_is_set_up_step_by_step(uow: UnitOfWork) -> None:
    people_rows = [{**ROWS[PEOPLE.file][0]}, {**ROWS[PEOPLE.file][1], "accepted_on": "2025-01-06"}]
    draft = await typed_in(uow, people=people_rows)
    assert await setup.look_over(uow, draft) == ()
    done = await setup.apply(uow, draft.draft_id, draft.version, ANN)
    assert (done.new, done.lots, done.people) == (True, 2, 2)
    known = await buildings.get(uow, done.building.building_id)
    assert (known.building.name, known.building.city, known.building.shares_total) == ("Villa", "Namur", 1000)
    assert [row.resident.person for row in await people.residents(uow, known.building_id)] == ["lea-dubois", "tom"]
    assert await bookkeeping.verify(uow, known.building_id) == []
    assert await setup.drafts(uow) == []
    (entry,) = (await audit.entries(uow)).entries
    assert (entry.deed, entry.building, entry.after) == (
        "building_set_up",
        known.building_id,
        {"name": "Villa", "slug": "villa", "lots": 2, "people": 2},
    )


async def test_each_step_is_judged_when_one_is_there(uow: UnitOfWork) -> None:
    draft = await setup.begin(uow, ANN)
    found = keys(await setup.look_over(uow, draft, STEPS[0]))
    assert {column for _, _, column, _ in found} == {"name", "slug", "shares_total"}
    draft = await setup.type_settings(uow, draft.draft_id, draft.version, SETTINGS, ANN)
    assert await setup.look_over(uow, draft, STEPS[0]) == ()
    assert keys(await setup.look_over(uow, draft, LOTS.file)) == [(LOTS.file, None, "", "shares")]
    with pytest.raises(DomainError):
        await setup.look_over(uow, draft, "expenses.csv")


async def test_what_is_wrong_is_kept_as_it_was_typed_and_told_where_it_stands(uow: UnitOfWork) -> None:
    lots = [ROWS[LOTS.file][0], {"lot": "A", "kind": "castle", "floor": "<script>", "shares": "six hundred"}]
    draft = await typed_in(uow, lots=lots)
    assert (await setup.draft(uow, draft.draft_id)).typed.rows(LOTS)[1]["shares"] == "six hundred"
    found = keys(await setup.look_over(uow, draft))
    assert (LOTS.file, 1, "kind", "code") in found
    assert (LOTS.file, 1, "shares", "whole") in found
    assert (LOTS.file, 1, "lot", "repeated") in found
    assert (OWNERSHIP.file, 1, "lot", "unknown_lot") in found
    assert (WEIGHTS.file, 0, "lot", "unknown_lot") in found
    with pytest.raises(Problems) as error:
        await setup.apply(uow, draft.draft_id, draft.version, ANN)
    assert keys(error.value.problems) == found
    assert await buildings.every(uow) == []
    assert len(await setup.drafts(uow)) == 1


async def test_lots_are_added_changed_and_taken_out_while_nothing_hangs_on_them(uow: UnitOfWork) -> None:
    draft = await typed_in(uow)
    row = {"lot": "C", "kind": "cellar", "floor": "-1", "shares": "0"}
    draft = await setup.put_row(uow, draft.draft_id, draft.version, LOTS.file, None, row, ANN)
    with pytest.raises(DomainError) as error:
        await setup.remove_row(uow, draft.draft_id, draft.version, LOTS.file, 1, ANN)
    assert refused(error) == "hangs"
    assert error.value.text.values == {"name": "B", "files": "keys.csv, ownership.csv"}
    draft = await setup.remove_row(uow, draft.draft_id, draft.version, LOTS.file, 2, ANN)
    draft = await setup.put_row(uow, draft.draft_id, draft.version, LOTS.file, 1, {"lot": "B2"}, ANN)
    assert [row["lot"] for row in draft.typed.rows(LOTS)] == ["A", "B2"]
    assert draft.typed.rows(LOTS)[1]["shares"] == "600"
    assert draft.typed.rows(OWNERSHIP)[1]["lot"] == draft.typed.rows(WEIGHTS)[0]["lot"] == "B2"
    for place in (-1, 2, 10**9):
        with pytest.raises(DomainError) as error:
            await setup.remove_row(uow, draft.draft_id, draft.version, LOTS.file, place, ANN)
        assert refused(error) == "no_such_row"


def test_what_names_a_lot_follows_it_while_it_is_clear_which_one_is_meant() -> None:
    rows = [{"key": "lift", "lot": lot, "weight": "1"} for lot in ("A", "B", "C")]
    now = Typed().with_rows(LOTS, [{"lot": "A"}]).with_rows(WEIGHTS, rows)

    def follow(*called: tuple[str, str]) -> list[str]:
        return [row["lot"] for row in renamed(now, LOTS, called).rows(WEIGHTS)]

    assert follow(("A", "X"), ("B", "B")) == ["X", "B", "C"]
    assert follow(("A", "B"), ("B", " A ")) == ["B", "A", "C"], "two that change their names"
    assert follow(("A", "B"), ("B", "B")) == ["A", "B", "C"], "two of one name: none follows"
    assert follow(("A", "A"), ("A", "X")) == ["A", "B", "C"], "nobody knows which A was meant"
    assert follow(("A", ""), ("", "B")) == ["A", "B", "C"]


def test_the_state_of_a_step_is_that_of_nothing_else() -> None:
    now = Typed({"name": "V"}).with_rows(LOTS, ROWS[LOTS.file])
    more = now.with_rows(WEIGHTS, ROWS[WEIGHTS.file])
    for step in STEPS:
        assert (state(now, step) == state(more, step)) is (step != WEIGHTS.file)
    assert state(now, STEPS[0]) != state(now.with_settings({"name": "W"}), STEPS[0])


async def test_several_tables_are_kept_at_once_by_who_saw_them(uow: UnitOfWork) -> None:
    draft = await setup.begin(uow, ANN)
    before = state(draft.typed, LOTS.file)
    tables = {LOTS.file: ROWS[LOTS.file], OWNERSHIP.file: ROWS[OWNERSHIP.file]}
    draft = await setup.type_tables(uow, draft.draft_id, draft.version, tables, ANN)
    lots = [{**row, "lot": row["lot"] + "1"} for row in ROWS[LOTS.file]]
    called = {LOTS.file: [("A", "A1"), ("B", "B1")]}
    after = await setup.type_tables(uow, draft.draft_id, draft.version, {LOTS.file: lots}, BOB, called)
    assert [row["lot"] for row in after.typed.rows(OWNERSHIP)] == ["A1", "B1"]
    with pytest.raises(Outdated) as error:
        await setup.seen(uow, draft.draft_id, LOTS.file, before)
    assert error.value.text.values["name"] == "Bob"
    assert (
        await setup.seen(uow, draft.draft_id, WEIGHTS.file, state(draft.typed, WEIGHTS.file))
    ).version == after.version
    with pytest.raises(NoSuchDraft):
        await setup.seen(uow, new_id(), LOTS.file, before)


async def test_somebody_is_added_without_a_code(uow: UnitOfWork) -> None:
    draft = await typed_in(uow)
    row = {"name": "Léa Dubois", "language": "fr", "email": "other@villa.example"}
    draft = await setup.put_row(uow, draft.draft_id, draft.version, PEOPLE.file, None, row, ANN)
    assert [row["person"] for row in draft.typed.rows(PEOPLE)] == ["lea-dubois", "tom", "lea-dubois-2"]


async def test_of_two_tabs_the_second_is_told_by_whom(database: Database, organisation: Any) -> None:
    async with database.work(organisation) as uow:
        draft = await typed_in(uow)
        await uow.commit()

    async def save(city: str, actor: Actor) -> str:
        async with database.work(organisation) as uow:
            try:
                await setup.type_settings(uow, draft.draft_id, draft.version, {"city": city}, actor)
            except Outdated as refusal:
                return f"told of {refusal.text.values['name']}"
            await uow.commit()
            return city

    done = await asyncio.gather(save("Gent", ANN), save("Eupen", BOB), save("Arlon", ANN))
    told = [text for text in done if text.startswith("told of ")]
    assert len(told) == 2
    assert set(told) <= {"told of Ann", "told of Bob"}
    async with database.work(organisation) as uow:
        now = await setup.draft(uow, draft.draft_id)
        assert now.version == draft.version + 1
        assert now.typed.settings["city"] in done


async def test_a_draft_that_is_applied_twice_at_once_makes_one_building(database: Database, organisation: Any) -> None:
    async with database.work(organisation) as uow:
        draft = await typed_in(uow, people=[ROWS[PEOPLE.file][0], {**ROWS[PEOPLE.file][1], "channels_accepted": ""}])
        await uow.commit()

    async def press() -> str:
        async with database.work(organisation) as uow:
            try:
                await setup.apply(uow, draft.draft_id, draft.version, ANN)
            except NoSuchDraft:
                return "gone"
            await uow.commit()
            return "made"

    assert sorted(await asyncio.gather(press(), press(), press())) == ["gone", "gone", "made"]
    async with database.work(organisation) as uow:
        assert len(await buildings.every(uow)) == 1


async def test_a_draft_never_takes_the_place_of_another_building(uow: UnitOfWork) -> None:
    await stored(uow, small_building("villa"))
    draft = await typed_in(uow)
    with pytest.raises(DomainError) as error:
        await setup.apply(uow, draft.draft_id, draft.version, ANN)
    assert refused(error) == "slug_taken"
    (known,) = await buildings.every(uow)
    assert known.building.name == "Three lots"


async def test_a_draft_of_a_building_changes_it_unless_it_changed_meanwhile(uow: UnitOfWork) -> None:
    building = (await stored(uow, small_building())).building_id
    first, second = await setup.begin(uow, ANN, building), await setup.begin(uow, BOB, building)
    assert await setup.look_over(uow, first) == ()
    first = await setup.type_settings(uow, first.draft_id, first.version, {"city": "Gent"}, ANN)
    done = await setup.apply(uow, first.draft_id, first.version, ANN)
    assert (done.new, done.building.building.city) == (False, "Gent")
    second = await setup.type_settings(uow, second.draft_id, second.version, {"city": "Arlon"}, BOB)
    with pytest.raises(Outdated) as error:
        await setup.apply(uow, second.draft_id, second.version, BOB)
    assert refused(error) == "outdated"
    assert (await buildings.get(uow, building)).building.city == "Gent"
    assert (await setup.draft(uow, second.draft_id)).typed.settings["city"] == "Arlon"
    with pytest.raises(NoSuchBuilding):
        await setup.begin(uow, ANN, new_id())


async def test_a_draft_is_thrown_away_and_that_is_written_down(uow: UnitOfWork) -> None:
    draft = await typed_in(uow)
    with pytest.raises(Outdated):
        await setup.drop(uow, draft.draft_id, draft.version - 1, ANN)
    await setup.drop(uow, draft.draft_id, draft.version, ANN)
    for use in (setup.draft(uow, draft.draft_id), setup.drop(uow, draft.draft_id, draft.version, ANN)):
        with pytest.raises(NoSuchDraft):
            await use
    assert [entry.subject for entry in (await audit.entries(uow)).entries] == ["draft Villa"]


async def test_the_drafts_of_others_are_not_there(database: Database, organisation: Any) -> None:
    async with database.work(organisation) as uow:
        draft = await setup.begin(uow, ANN)
        await uow.commit()
    async with database.work() as uow:
        await building_store.add_organisation(uow, "others")
        assert await setup.drafts(uow) == []
        with pytest.raises(NoSuchDraft):
            await setup.type_settings(uow, draft.draft_id, draft.version, {"city": "x"}, BOB)


async def test_there_are_not_more_drafts_than_anybody_finishes(uow: UnitOfWork) -> None:
    for _ in range(MOST_DRAFTS):
        await setup.begin(uow, ANN)
    with pytest.raises(DomainError) as error:
        await setup.begin(uow, ANN)
    assert refused(error) == "too_many_drafts"


@pytest.mark.parametrize("hostile", ["'; DROP TABLE drafts; --", "{0}", "\\", '"""', "=1+1", "\u202e", "🏠" * 100])
async def test_hostile_texts_come_back_as_they_were(uow: UnitOfWork, hostile: str) -> None:
    draft = await setup.begin(uow, ANN)
    draft = await setup.type_settings(uow, draft.draft_id, draft.version, {"name": hostile}, ANN)
    draft = await setup.type_rows(uow, draft.draft_id, draft.version, LOTS.file, [{"lot": hostile}], ANN)
    draft = await setup.draft(uow, draft.draft_id)
    assert draft.typed.settings["name"] == hostile
    assert draft.typed.rows(LOTS)[0]["lot"] == hostile
    assert await setup.look_over(uow, draft) != ()
    assert [each.name for each in await setup.drafts(uow)] == [hostile]


TEXTS = st.sampled_from(["", "A", "B", "a,b"])
LINES = st.lists(st.fixed_dictionaries({"lot": TEXTS, "kind": TEXTS}), max_size=4)


@given(LINES, st.lists(st.fixed_dictionaries({"key": TEXTS, "lot": TEXTS}), max_size=4))
def test_a_draft_is_kept_as_it_is_and_gives_up_only_what_nothing_hangs_on(
    lots: list[dict[str, str]], weights: list[dict[str, str]]
) -> None:
    now = Typed({"name": "V"}).with_rows(LOTS, lots).with_rows(WEIGHTS, weights)
    again = from_json(to_json(now))
    assert (again.settings, again.rows(LOTS), again.rows(WEIGHTS)) == (now.settings, now.rows(LOTS), now.rows(WEIGHTS))
    assert again.fingerprint == now.fingerprint
    for place, row in enumerate(now.rows(LOTS)):
        alone = sum(other["lot"] == row["lot"] for other in now.rows(LOTS)) == 1
        if alone and hanging(now, LOTS, row):
            with pytest.raises(DomainError):
                without(now, LOTS, place)
        else:
            assert len(without(now, LOTS, place).rows(LOTS)) == len(now.rows(LOTS)) - 1
