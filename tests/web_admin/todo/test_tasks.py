"""What there is to do as lines: in what order, with whose names, leading where."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from core.bulletin.overview.model import Due, Elsewhere, Glance, Todo, Unreachable
from core.interchange.setup.model import Listed
from core.kernel.ids import new_id
from core.people.audit.model import Actor
from tests.ground_floor import NOW
from web_admin.todo.tasks import ASSEMBLIES, DRAFT, MOST_NAMES, PERSON, groups

TODAY = date(2026, 11, 22)
NOTHING = Elsewhere(0, 0, 0)
OAK = Glance(new_id(), "oak", "Oak", "Gent", (), 3, 3, 0, 0, 0, 0, 0)
ELM = Glance(new_id(), "elm", "Elm", "Gent", (), 3, 3, 0, 0, 0, 0, 0)


def test_kinds_come_in_one_order_and_only_where_there_is_something() -> None:
    busy = replace(OAK, unreachable=1, unwarned=2, voiceless=1, failed=2, letters=1)
    people = [Unreachable(OAK.building_id, new_id(), "ann", "Ann", at_all) for at_all in (True, False)]
    dues = (Due(OAK.building_id, TODAY, "call", "C1", "Winter"),)
    draft = Listed(new_id(), None, 1, "", NOW, Actor(new_id(), "Ann"))
    found = groups(Todo((busy,), dues, Elsewhere(1, 2, 1)), people, [draft], TODAY, ())
    assert [group.name for group in found] == [
        *("due", "failed", "unreachable", "unwarned", "voiceless", "letters", "aside", "drafts")
    ]
    assert groups(Todo((OAK, ELM), (), NOTHING), (), (), TODAY, ()) == []


def test_each_building_has_its_line_and_what_belongs_to_none_comes_last() -> None:
    todo = Todo((replace(OAK, failed=2), ELM, replace(ELM, failed=1)), (), Elsewhere(4, 0, 0))
    (group,) = groups(todo, (), (), TODAY, ())
    assert [(line.where, line.said.values["count"], line.path) for line in group.lines] == [
        ("Oak", 2, "/messages?building=oak&fate=failed"),
        ("Elm", 1, "/messages?building=elm&fate=failed"),
        ("", 4, "/messages?fate=failed"),
    ]


def test_whoever_is_not_reached_is_named_and_has_a_link_once_his_page_stands() -> None:
    people = [Unreachable(ELM.building_id, new_id(), f"p{number}", f"P {number}", True) for number in range(7)]
    people.insert(3, Unreachable(OAK.building_id, new_id(), "ann", "Ann", False))
    todo = Todo((replace(OAK, unwarned=1), replace(ELM, unreachable=7)), (), NOTHING)
    unreachable, unwarned = groups(todo, people, (), TODAY, ())
    (line,) = unreachable.lines
    assert [each.name for each in line.names] == ["P 0", "P 1", "P 2", "P 3", "P 4"]
    assert (len(line.names), line.more, line.said.values["count"]) == (MOST_NAMES, 2, 7)
    assert {each.path for each in line.names} == {""}
    assert [line.path for line in unwarned.lines] == ["/buildings/oak/people"]
    linked, _ = groups(todo, people, (), TODAY, {PERSON})
    assert linked.lines[0].names[0].path == "/buildings/elm/people/p0"


def test_what_is_near_is_marked_and_the_yearly_assembly_is_prepared() -> None:
    dues = tuple(
        Due(OAK.building_id, TODAY + timedelta(days=days), kind, "1")
        for days, kind in ((7, "call"), (8, "settlement"), (50, "assembly_window"))
    )
    todo = Todo((OAK,), dues, NOTHING)
    (group,) = groups(todo, (), (), TODAY, ())
    assert [(line.near, line.path) for line in group.lines] == [
        (True, "/buildings/oak#owes"),
        (False, "/buildings/oak#owes"),
        (False, "/messages/broadcasts/new?building=oak"),
    ]
    (group,) = groups(todo, (), (), TODAY, {ASSEMBLIES})
    assert group.lines[-1].path == ASSEMBLIES


def test_calls_of_one_day_are_one_line() -> None:
    later = TODAY + timedelta(days=30)
    given = ((TODAY, OAK, "1"), (TODAY, ELM, "2"), (TODAY, OAK, "3"), (later, OAK, "4"))
    dues = tuple(Due(glance.building_id, day, "call", number, "Winter") for day, glance, number in given)
    (group,) = groups(Todo((ELM, OAK), dues, NOTHING), (), (), TODAY, ())
    assert [(line.where, line.said.values["count"], [each.name for each in line.names]) for line in group.lines] == [
        ("Oak", 2, ["1 Winter", "3 Winter"]),
        ("Elm", 1, ["2 Winter"]),
        ("Oak", 1, ["4 Winter"]),
    ]


def test_lots_are_named_where_all_is_about_one_building() -> None:
    todo = Todo((replace(OAK, voiceless=6),), (), NOTHING)
    (group,) = groups(todo, (), (), TODAY, (), ["A", "B", "C", "D", "E", "F"])
    (line,) = group.lines
    assert ([each.name for each in line.names], line.more) == (["A", "B", "C", "D", "E"], 1)
    (group,) = groups(todo, (), (), TODAY, ())
    assert group.lines[0].names == ()


def test_a_draft_leads_to_its_page_once_that_stands() -> None:
    draft = Listed(new_id(), None, 1, "Ash", NOW, Actor(new_id(), "Ann"))
    (group,) = groups(Todo((), (), NOTHING), (), [draft], TODAY, ())
    assert (group.lines[0].path, group.lines[0].said.values) == ("/setup", {"name": "Ash"})
    (group,) = groups(Todo((), (), NOTHING), (), [draft], TODAY, {DRAFT})
    assert group.lines[0].path == f"/setup/{draft.draft_id}"
