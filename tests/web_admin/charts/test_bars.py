"""Where bars begin and how wide they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from web_admin.charts.bars import FULL, MOST, SHORT, THINNEST, WIDE, Row, bars


def drawn(*values: int, whole: int = 0) -> list[tuple[int, int]]:
    return [(bar.x, bar.width) for bar in bars((Row(str(value), value, "") for value in values), whole).bars]


def test_the_largest_fills_the_picture() -> None:
    assert drawn(400, 100, 0) == [(0, WIDE), (0, 250), (0, 0)]


def test_a_whole_is_what_a_full_bar_stands_for() -> None:
    assert drawn(10, 5, whole=20) == [(0, 500), (0, 250)]
    assert drawn(30, whole=20) == [(0, WIDE)], "never out of the picture"


def test_what_is_below_zero_grows_to_the_left() -> None:
    chart = bars([Row("debt", 300, ""), Row("credit", -100, "")])
    assert chart.zero == 250
    assert [(bar.x, bar.width, bar.below) for bar in chart.bars] == [(250, 750, False), (0, 250, True)]
    assert drawn(-50) == [(0, WIDE)]


def test_little_is_seen_and_nothing_is_not() -> None:
    assert drawn(1_000_000, 1, 0) == [(0, WIDE), (0, THINNEST), (0, 0)]
    assert drawn(0) == [(0, 0)]
    assert bars([]).bars == ()


def test_a_long_list_is_drawn_in_part_and_kept_whole() -> None:
    chart = bars(Row(str(number), number, "") for number in range(100, 0, -1))
    assert (len(chart.bars), len(chart.rows)) == (MOST, 100)


def test_a_long_name_is_cut_to_the_room_beside_its_number() -> None:
    name = "Indivision Vandenbroucke - de Mérode d'Ursel-Lannoy"
    (bar,) = bars([Row(name, 1, "€1,234.56")]).bars
    assert (bar.full, bar.short) == ("Indivision Vandenbroucke - de Mérode d'Urs…", "Indivision Vandenbrouck…")
    assert (len(bar.full) + 9, len(bar.short) + 9) == (FULL, SHORT)
    (bar,) = bars([Row("Léa Dubois", 1, "")]).bars
    assert bar.full == bar.short == "Léa Dubois"
    (bar,) = bars([Row("Léa Dubois", 1, "1" * 100)]).bars
    assert bar.short == "L…"


@given(st.lists(st.integers(-(10**12), 10**12), max_size=30), st.integers(0, 10**12))
def test_every_bar_stays_in_the_picture(values: list[int], whole: int) -> None:
    chart = bars([Row("x", value, "") for value in values], whole)
    assert 0 <= chart.zero <= WIDE
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDE
        assert (bar.width > 0) == (bar.row.value != 0)
