"""The log: what was done is written with its deed, found again page by page, and never changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database import Database, UnitOfWork
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.ids import new_id
from core.people.audit import cards
from core.people.audit import service as audit
from core.people.audit.model import MOST_BYTES, Actor, Deed, Filter, Record, differing
from tests.core.small import small_building, stored
from tests.ground_floor import Hands

ANN, BOB = Actor(new_id(), "Ann"), Actor(new_id(), "Bob")


async def test_what_was_done_is_found_again(uow: UnitOfWork) -> None:
    building = (await stored(uow, small_building())).building_id
    before, after = {"shares": "137", "floor": "0"}, {"shares": "138", "floor": "0"}
    await audit.record(uow, ANN, Deed.LOT_CHANGED, "lot A", before, after, building)
    (entry,) = (await audit.entries(uow)).entries
    assert (entry.actor, entry.deed, entry.subject, entry.building, entry.at) == (
        ANN,
        "lot_changed",
        "lot A",
        building,
        uow.now,
    )
    assert (entry.before, entry.after) == ({"shares": "137"}, {"shares": "138"})


async def test_what_changes_nothing_is_not_written(uow: UnitOfWork) -> None:
    await audit.record(uow, ANN, Deed.LOT_CHANGED, "lot A", {"floor": "0"}, {"floor": "0"})
    assert (await audit.entries(uow)).entries == ()
    await audit.record(uow, ANN, Deed.INVITED, "person lea")
    (entry,) = (await audit.entries(uow)).entries
    assert (entry.before, entry.after) == (None, None)


async def test_pages_hold_every_entry_once_and_newest_first(uow: UnitOfWork) -> None:
    await audit.record_all(uow, ANN, [Record(Deed.LOT_CHANGED, f"lot {number}", None, {}) for number in range(11)])
    seen, older, pages = [], None, 0
    while pages == 0 or older is not None:
        page = await audit.entries(uow, before=older, most=4)
        seen += [entry.subject for entry in page.entries]
        older, pages = page.older, pages + 1
    assert seen == [f"lot {number}" for number in reversed(range(11))]
    assert pages == 3


async def test_no_page_is_empty_because_the_last_was_full(uow: UnitOfWork) -> None:
    await audit.record_all(uow, ANN, [Record(Deed.LOT_CHANGED, f"lot {number}", None, {}) for number in range(4)])
    assert (await audit.entries(uow, most=4)).older is None
    assert len((await audit.entries(uow, most=-3)).entries) == 1
    assert len((await audit.entries(uow, most=10**9)).entries) == 4


async def test_each_filter_counts(uow: UnitOfWork) -> None:
    building = (await stored(uow, small_building())).building_id
    await audit.record(uow, ANN, Deed.LOT_CHANGED, "lot A", None, {"shares": "1"}, building)
    await audit.record(uow, BOB, Deed.MODULE_SWITCHED, "module sel", None, {"on": True})
    wanted = {
        Filter(building=building): ["lot A"],
        Filter(actor=BOB.actor_id): ["module sel"],
        Filter(deed="module_switched"): ["module sel"],
        Filter(subject="lot A"): ["lot A"],
        Filter(subject="lot A' OR true --"): [],
        Filter(actor=BOB.actor_id, building=building): [],
        Filter(since=uow.now): ["module sel", "lot A"],
        Filter(until=uow.now): [],
        Filter(since=uow.now + timedelta(seconds=1)): [],
    }
    for given_filter, subjects in wanted.items():
        found = (await audit.entries(uow, given_filter)).entries
        assert [entry.subject for entry in found] == subjects, given_filter


@pytest.mark.parametrize(
    "hostile", ["a\0b", "\ud800", "'; DROP TABLE audit_log; --", "x" * 5000, "\\u0000", '{"a": 1}']
)
async def test_hostile_texts_are_kept_and_do_no_harm(uow: UnitOfWork, hostile: str) -> None:
    await audit.record(uow, ANN, Deed.PERSON_CHANGED, hostile, None, {"name": hostile})
    (entry,) = (await audit.entries(uow)).entries
    assert entry.subject
    assert len(entry.subject) <= 200
    assert entry.after is not None
    assert "\0" not in entry.after["name"]


async def test_what_is_huge_is_counted_and_not_written_out(uow: UnitOfWork) -> None:
    await audit.record(uow, ANN, Deed.SETTINGS_CHANGED, "letters", {"text": ""}, {"text": "x" * MOST_BYTES})
    (entry,) = (await audit.entries(uow)).entries
    assert entry.after is not None
    assert list(entry.after) == ["bytes"]
    assert entry.after["bytes"] > MOST_BYTES


async def test_what_is_rolled_back_was_not_done(database: Database, organisation: Any, clock: Hands) -> None:
    async with database.work(organisation) as uow:
        await audit.record(uow, ANN, Deed.INVITED, "person lea")
    async with database.work(organisation) as uow:
        assert (await audit.entries(uow)).entries == ()


async def test_each_deed_has_its_words(uow: UnitOfWork, catalogues: Catalogues) -> None:
    await audit.record_all(uow, ANN, [Record(deed, "x") for deed in Deed])
    entries = (await audit.entries(uow, most=100)).entries
    assert len(entries) == len(Deed)
    for language in LANGUAGES:
        said = {catalogues[language](cards.sentence(entry)) for entry in entries}
        assert len(said) == len(Deed)
        assert not any(text.startswith("audit.") for text in said)


FIELDS = st.none() | st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["", "1", None, [1]]))


@given(FIELDS, FIELDS)
def test_only_what_differs_is_kept(before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    old, new = differing(before, after)
    assert (old is None, new is None) == (before is None, after is None)
    if before is None or after is None:
        assert (old, new) == (before, after)
    else:
        assert old is not None
        assert new is not None
        assert old.keys() == new.keys() == {name for name in before | after if before.get(name) != after.get(name)}
