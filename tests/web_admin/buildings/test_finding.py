"""Which buildings are found by what is typed, and in what order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bulletin.overview.model import Glance
from core.kernel.ids import new_id
from web_admin.buildings.finding import BACKWARDS, BY_WORRIES, found


def house(name: str, city: str = "Gent", **worries: int) -> Glance:
    glance = Glance(new_id(), name.casefold().replace(" ", "-"), name, city, (), 3, 3, 0, 0, 0, 0, 0)
    return replace(glance, **worries)


HOUSES = (
    house("Eikenhof", unreachable=9),
    house("Les Tilleuls", "Liège"),
    house("Résidence Élysée", "Schaerbeek", failed=1),
    house("Zonnehof", letters=2),
)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", ["Eikenhof", "Les Tilleuls", "Résidence Élysée", "Zonnehof"]),
        ("HOF", ["Eikenhof", "Zonnehof"]),
        ("elysee", ["Résidence Élysée"]),
        ("LIEGE", ["Les Tilleuls"]),
        ("hof  gent zon", ["Zonnehof"]),
        ("les-tilleuls", ["Les Tilleuls"]),
        ("%", []),
        ("\u202ehof", ["Eikenhof", "Zonnehof"]),
        ("nowhere", []),
    ],
)
def test_words_are_looked_for_in_name_and_place(typed: str, names: list[str]) -> None:
    assert [glance.name for glance in found(HOUSES, typed)] == names


def test_names_run_both_ways_and_the_most_serious_comes_first() -> None:
    assert found(HOUSES, "", BACKWARDS) == list(HOUSES[::-1])
    assert [glance.name for glance in found(HOUSES, "", BY_WORRIES)] == [
        *("Résidence Élysée", "Eikenhof", "Zonnehof", "Les Tilleuls")
    ]


@given(st.text(max_size=100))
def test_whatever_is_typed_finds_some_of_them(typed: str) -> None:
    assert set(found(HOUSES, typed)) <= set(HOUSES)
