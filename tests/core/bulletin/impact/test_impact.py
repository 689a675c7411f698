"""What neighbours did together: the figures, and that no total shows anybody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.bulletin.impact import cards
from core.bulletin.impact.factors import category_of, documented
from core.bulletin.impact.model import LEAST, Category, Deed, Figures, Kind, Line, figures, impact, told
from core.community.words.dictionary import dictionary

HOUSE, OTHER, THIRD = UUID(int=100), UUID(int=200), UUID(int=300)
NEW_YEAR = datetime(2026, 1, 10, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
FACTORS = documented().factors


def deed(
    giver: int,
    taker: int,
    kind: Kind = Kind.LOAN,
    *,
    building: UUID = HOUSE,
    day: int = 0,
    minutes: int = 0,
    category: Category = Category.OTHER,
    kept_well: bool = True,
) -> Deed:
    at = NEW_YEAR + timedelta(days=day)
    return Deed(kind, building, at, UUID(int=giver), UUID(int=taker), minutes, category, kept_well)


def people_of(deeds: list[Deed]) -> set[UUID]:
    return {person for each in deeds for person in each.persons}


@some.composite
def lives(draw: some.DrawFn, most: int = 25) -> list[Deed]:
    """What a few neighbours of three small buildings do in a year."""
    made = []
    for _ in range(draw(some.integers(0, most))):
        building = draw(some.sampled_from([HOUSE, OTHER, THIRD]))
        giver, taker = draw(some.lists(some.integers(1, 6), min_size=2, max_size=2, unique=True))
        base = building.int
        made.append(
            deed(
                base + giver,
                base + taker,
                draw(some.sampled_from(Kind)),
                building=building,
                day=draw(some.integers(0, 340)),
                minutes=draw(some.integers(0, 720)),
                category=draw(some.sampled_from(Category)),
                kept_well=draw(some.booleans()),
            )
        )
    return made


def days_later(count: int) -> date:
    return (NEW_YEAR + timedelta(days=count)).date()


# ----------------------------------------------------------------------------------------------- five persons behind each


@given(lives(), some.integers(0, 400))
def test_nothing_is_told_that_rests_on_fewer_than_five(deeds: list[Deed], today: int) -> None:
    for kind in Kind:
        for batch in told([each for each in deeds if each.kind is kind], days_later(today)).values():
            assert len(people_of(batch)) >= LEAST


@given(lives(), some.lists(some.integers(0, 400), min_size=2, max_size=6))
def test_what_is_told_later_and_was_not_before_rests_on_five_too(deeds: list[Deed], looks: list[int]) -> None:
    """Somebody looks again and again, and subtracts: of each building, of several together, of all."""
    for kind in Kind:
        seen: list[dict[UUID | None, list[Deed]]] = []
        for look in sorted(looks):
            today = days_later(look)
            happened = [each for each in deeds if each.kind is kind and each.at.date() <= today]
            seen.append(dict(told(happened, today)))
        for before, after in combinations(seen, 2):
            for building in {*before, *after}:
                one, other = before.get(building, []), after.get(building, [])
                assert other[: len(one)] == one, "what was told stays told, in its batch"
                assert other == one or len(people_of(other[len(one) :])) >= LEAST
            every = [deed for batch in before.values() for deed in batch]
            later = [deed for batch in after.values() for deed in batch]
            grown = [deed for deed in later if all(deed is not each for each in every)]
            assert not grown or len(people_of(grown)) >= LEAST


@given(lives())
def test_each_deed_is_told_once_at_most(deeds: list[Deed]) -> None:
    loans = [each for each in deeds if each.kind is Kind.LOAN]
    shown = [id(deed) for batch in told(loans, date(2027, 1, 1)).values() for deed in batch]
    assert len(shown) == len(set(shown))
    assert set(shown) <= set(map(id, loans))


@given(lives())
@settings(max_examples=60)
def test_a_total_is_the_sum_of_its_lines(deeds: list[Deed]) -> None:
    found = impact(2026, deeds, {HOUSE: 6, OTHER: 6, THIRD: 6}, FACTORS, date(2027, 1, 1))
    total = found.total
    for place, value in enumerate(total.listed):
        listed = [line.figures.listed[place] for line in found.lines if line.figures.listed[place] is not None]
        assert value == (sum(listed) if listed else None)  # type: ignore[arg-type]
    assert found.few == 3 - sum(line.building is not None for line in found.lines)
    assert all(line.figures.something for line in found.lines)


def test_four_neighbours_are_too_few_and_the_fifth_makes_them_enough() -> None:
    four = [deed(1, 2), deed(2, 3, day=1), deed(3, 4, day=2), deed(4, 1, day=3)]
    assert told(four, TODAY) == {}
    assert told([*four, deed(5, 1, day=4)], days_later(5)) == {HOUSE: [*four, deed(5, 1, day=4)]}


def test_what_comes_after_a_batch_waits_for_the_next_one() -> None:
    batch = [deed(1, 2), deed(3, 4, day=1), deed(5, 1, day=2)]
    rest = [deed(1, 2, day=3), deed(3, 4, day=4)]
    assert told([*batch, *rest], days_later(6)) == {HOUSE: batch}


def test_what_small_buildings_have_left_at_the_end_of_a_quarter_is_put_together() -> None:
    here, there = deed(101, 102), [deed(201, 202, building=OTHER, day=1), deed(203, 202, building=OTHER, day=2)]
    every = [here, *there]
    assert told(every, date(2026, 3, 31)) == {}
    assert told(every, date(2026, 4, 1)) == {None: every}
    found = impact(2026, every, {HOUSE: 9, OTHER: 8}, FACTORS, TODAY)
    assert [line.building for line in found.lines] == [None]
    assert (found.few, found.total.shared, found.total.met, found.total.people) == (2, 3, 3, 5)


def test_few_in_the_whole_organisation_are_told_nowhere() -> None:
    assert told([deed(101, 102), deed(201, 202, building=OTHER)], date(2027, 6, 1)) == {}


def test_one_kind_does_not_show_what_another_may_not() -> None:
    """Five lend, two exchange hours: the hours are not told, and nothing that is worked out from both contains them."""
    loans = [deed(1, 2), deed(3, 4, day=1), deed(5, 1, day=2)]
    hours = [deed(1, 9, Kind.EXCHANGE, minutes=60, day=3)]
    found = impact(2026, [*loans, *hours], {HOUSE: 20}, FACTORS, TODAY).of(HOUSE).figures
    assert found.minutes is None
    assert (found.shared, found.met, found.people) == (3, 3, 5)
    assert found == impact(2026, loans, {HOUSE: 20}, FACTORS, TODAY).of(HOUSE).figures


# ------------------------------------------------------------------------------------------------------------- the figures


def test_the_figures_by_hand() -> None:
    """A drill to two, one of whom has it twice; a sofa and a book given; two hours and a half of help; one ladder lost."""
    deeds = [
        deed(1, 2, category=Category.POWER_TOOL),
        deed(1, 2, category=Category.POWER_TOOL, day=1),
        deed(1, 3, category=Category.POWER_TOOL, day=2),
        deed(1, 4, category=Category.LADDER, day=3, kept_well=False),
        deed(5, 6, Kind.GIFT, category=Category.SOFA, day=4),
        deed(6, 5, Kind.GIFT, category=Category.BOOK, day=5),
        deed(2, 1, Kind.EXCHANGE, minutes=100, day=6),
        deed(2, 3, Kind.EXCHANGE, minutes=50, day=7),
    ]
    found = figures(deeds, FACTORS)
    assert (found.shared, found.given, found.minutes) == (3, 2, 150)
    # 1-2, 1-3, 1-4, 5-6, 2-3: whoever lends to whom has met, once.
    assert (found.met, found.people) == (5, 6)
    # A quarter of: two drills (2 and 3 each borrowed one), a sofa and a book.
    assert found.avoided == Fraction(4, 4)
    assert found.grams == Fraction(2 * 9_700 + 55_000 + 790, 4)
    shown = cards.whole(found)
    assert shown == {"shared": 3, "given": 2, "hours": 2, "met": 5, "avoided": 1, "co2": 18, "people": 6}


def test_no_deed_is_no_figure() -> None:
    assert figures([], FACTORS) == Figures()
    assert set(cards.whole(Figures()).values()) == {None}


@given(lives())
def test_figures_are_never_below_zero_and_never_rounded_up(deeds: list[Deed]) -> None:
    found = figures(deeds, FACTORS)
    for name, value in cards.whole(found).items():
        assert value is None or value >= 0, name
    if found.grams is not None:
        assert cards.whole(found)["co2"] == found.grams // 1000
        most = max(factor.grams for factor in FACTORS.values())
        assert found.grams <= Fraction(len(deeds), 4) * most


# ------------------------------------------------------------------------------------------------------------ the factors


def test_every_factor_has_its_source_or_is_called_an_assumption() -> None:
    assert set(FACTORS) == set(Category)
    assert {category for category, factor in FACTORS.items() if factor.assumed} == {
        Category.POWER_TOOL,
        Category.LADDER,
        Category.OTHER,
        Category.UNCOUNTED,
    }
    for factor in FACTORS.values():
        assert 0 <= factor.share <= Fraction(1, 4), "never more than the lower of what was measured"
        assert factor.grams >= 0
    assert FACTORS[Category.UNCOUNTED].share == 0
    claimed = [term for factor in FACTORS.values() for term in factor.terms]
    assert len(claimed) == len(set(claimed)), "a word means one category"


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("Perceuse", Category.POWER_TOOL),
        ("boormachine", Category.POWER_TOOL),
        ("Bohrmaschine", Category.POWER_TOOL),
        ("Trapladder", Category.LADDER),
        ("appareil à raclette", Category.SMALL_APPLIANCE),
        ("Fahrrad", Category.BICYCLE),
        ("canapé", Category.SOFA),
        # An armchair or a sofa: what counts less.
        ("zetel", Category.CHAIR),
        ("trois romans et un livre de cuisine", Category.BOOK),
        ("six eggs", Category.UNCOUNTED),
        ("Gugelhupfdings", Category.OTHER),
    ],
)
def test_a_thing_is_known_by_its_name_in_any_language(name: str, category: Category) -> None:
    assert category_of(name) is category


def test_every_term_of_a_factor_is_a_concept() -> None:
    known = {term for reading in dictionary().exact.values() for meant in reading.values() for term in meant}
    known |= {term for reading in dictionary().stems.values() for meant in reading.values() for term in meant}
    assert {term for factor in FACTORS.values() for term in factor.terms} <= known


def test_a_line_without_a_figure_says_so() -> None:
    assert cards.shown("met", None).key == "impact.too_few"
    assert Line(HOUSE, Figures()).figures.something is False
