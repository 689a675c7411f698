"""The log: what was done is written with its deed, found again page by page, and never changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database import Database, UnitOfWork
from core.interchange.toml_writing import NAMES
from core.interchange.typed import TYPED
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.ids import new_id
from core.people.audit import cards
from core.people.audit import service as audit
from core.people.audit.model import MOST_BYTES, Actor, Deed, Entry, Filter, Record, differing
from tests.core.small import small_building, stored
from tests.ground_floor import NOW, Hands

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


async def test_who_has_some_buildings_sees_the_entries_of_those_only(uow: UnitOfWork) -> None:
    mine = (await stored(uow, small_building())).building_id
    await audit.record(uow, ANN, Deed.LOT_CHANGED, "lot A", None, {"shares": "1"}, mine)
    await audit.record(uow, BOB, Deed.TOKEN_GIVEN, "token books", None, {"scopes": ["accounts:read"]})
    of_building, of_office = reversed((await audit.entries(uow)).entries)
    for within, numbers in (
        (frozenset({mine}), [of_building.number]),
        (frozenset({new_id()}), []),
        (frozenset(), []),
        (None, [of_office.number, of_building.number]),
    ):
        found = (await audit.entries(uow, Filter(within=within))).entries
        assert [entry.number for entry in found] == numbers
        one = [await audit.entry(uow, each.number, within) for each in (of_office, of_building)]
        assert [each.number for each in one if each] == numbers
    assert await audit.entry(uow, 2**62) is None


async def test_an_actor_is_found_by_a_part_of_his_name(uow: UnitOfWork) -> None:
    await audit.record(uow, Actor(None, "Élise 100% O'Neill"), Deed.INVITED, "person lea")
    await audit.record(uow, BOB, Deed.INVITED, "person tom")
    for named, subjects in (
        ("ÉLISE", ["person lea"]),
        ("100%", ["person lea"]),
        ("o'n", ["person lea"]),
        ("%", 1),
        ("x", []),
    ):
        found = [entry.subject for entry in (await audit.entries(uow, Filter(named=named))).entries]
        assert found == subjects or len(found) == subjects, named


def entry(deed: Deed, subject: str, before: Any = None, after: Any = None) -> Entry:
    return Entry(1, NOW, ANN, deed, subject, None, before, after)


@pytest.mark.parametrize(
    ("deed", "subject", "said"),
    [
        (Deed.LOT_CHANGED, "lot A/1", "Lot A/1"),
        (Deed.BUILDING_CHANGED, "building", "The building"),
        (Deed.LETTER_POSTED, "lot A", "lot A"),
        (Deed.BROADCAST_SENT, "key to the cellar", "key to the cellar"),
        (Deed.SETTINGS_CHANGED, "reminders", "reminders"),
        (Deed.DRAFT_DROPPED, "draft", "draft"),
        (Deed.TOKEN_GIVEN, "token {name}", "Access key {name}"),
    ],
)
def test_what_it_was_done_to_is_said(deed: Deed, subject: str, said: str, catalogues: Catalogues) -> None:
    assert catalogues["en"](cards.subject(entry(deed, subject))) == said


def test_what_changed_is_said_field_by_field(catalogues: Catalogues) -> None:
    words = catalogues["en"]
    before = {"shares": "137", "on": False, "note": "", "unheard_of": None}
    after = {
        "shares": "138",
        "on": True,
        "decided_on": "2026-11-20",
        "total_cents": 44520,
        "role": "council",
        "scopes": ["accounts:read", "payments:write"],
        "expires": "2027-11-22T09:00:00+00:00",
        "unheard_of": {"a": [1]},
        "lots": 24000,
        "slug": "2026-13-45",
    }
    found = {
        words(change.label): tuple(
            ", ".join(words(each) for line in side for each in line) for side in (change.before, change.after)
        )
        for change in cards.changes(entry(Deed.LOT_CHANGED, "lot A", before, after))
    }
    assert found == {
        "shares": ("137", "138"),
        "on": ("no", "yes"),
        "note": ("", ""),
        "decided on": ("", "20 November 2026"),
        "total": ("", "€445.20"),
        "role": ("", "Member of the council"),
        "rights": ("", "accounts:read, payments:write"),
        "good until": ("", "22 November 2027 10:00"),
        "unheard_of": ("", '{"a": [1]}'),
        "lots": ("", "24,000"),
        "short name": ("", "2026-13-45"),
    }


def test_of_rows_those_that_came_and_went_are_said(catalogues: Catalogues) -> None:
    kept, gone, new = ({"lot": "A", "weight": "1"}, {"lot": "B", "weight": "2"}, {"lot": "B", "weight": "3"})
    (change,) = cards.changes(entry(Deed.KEY_CHANGED, "key lift", {"rows": [kept, gone]}, {"rows": [kept, new]}))
    words = catalogues["fr"]
    assert [[words(each) for each in line] for line in change.before] == [["lot : B", "poids : 2"]]
    assert [[words(each) for each in line] for line in change.after] == [["lot : B", "poids : 3"]]


def test_every_field_has_its_words(catalogues: Catalogues) -> None:
    for language in LANGUAGES:
        assert all(catalogues[language](cards.label(name)) for name in cards.FIELDS)
    assert {*cards.FIELDS} >= {name for table in TYPED for name in table.names()} | set(NAMES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=12) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ANYTHING = st.none() | st.dictionaries(st.sampled_from(["rows", "role", "on", "a_cents", "x"]), JSON, max_size=4)


@given(st.sampled_from(Deed), st.text(max_size=20), ANYTHING, ANYTHING)
def test_whatever_stands_in_the_log_is_said(
    catalogues: Catalogues, deed: Deed, subject: str, before: Any, after: Any
) -> None:
    for language in LANGUAGES:
        words, told = catalogues[language], entry(deed, subject, before, after)
        said = [words(cards.sentence(told)), words(cards.subject(told))]
        for change in cards.changes(told):
            said += [words(change.label), *(words(each) for line in change.before + change.after for each in line)]
        assert all(isinstance(each, str) for each in said)
