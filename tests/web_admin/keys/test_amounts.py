"""Amounts as people type them, and splits that add up: to the cent, to the whole picture."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.buildings.model import Lot, Weight
from core.kernel.money import split
from koprogo.catalogues import load
from web_admin.keys.amounts import cents_of
from web_admin.keys.split import SHADES, WIDE, keys_of, percent

ENGLISH = load()["en"]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1000", 100_000),
        ("0", 0),
        ("1.000", 100_000),
        ("1,000", 100_000),
        ("1 234,50 €", 123_450),
        ("1\u202f234,5", 123_450),
        ("1,234.50", 123_450),
        ("1.234,50", 123_450),
        ("12.345.678,90", 1_234_567_890),
        ("1.23", 123),
        ("0,05", 5),
        ("-25,00", -2_500),
        ("EUR 12", 1_200),
        ("", None),
        (".", None),
        ("1.234.50", None),
        ("1,23,4", None),
        ("0,001", None),
        ("1.2345", None),
        ("12.34.567", None),
        ("ten", None),
        ("1e6", None),
        ("１２", None),
        ("9" * 13, None),
        ("--1", None),
        ("1\x00", None),
        ("0" * 90 + "1", 100),
    ],
)
def test_an_amount_is_read_in_each_way_of_writing_it(text: str, cents: int | None) -> None:
    assert cents_of(text) == cents


@given(st.integers(-(10**14) + 1, 10**14 - 1))
def test_every_amount_is_read_as_it_is_written(cents: int) -> None:
    for language, words in load().items():
        from core.kernel.money import Money

        assert cents_of(words.written(Money(cents))) == cents, language


@given(st.text(max_size=40))
def test_whatever_is_typed_is_an_amount_or_none(text: str) -> None:
    found = cents_of(text)
    assert found is None or abs(found) < 10**14


WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


@given(WEIGHTS, st.integers(-(10**9), 10**9))
def test_the_parts_make_the_amount_and_the_picture(weights: list[int], cents: int) -> None:
    lots = [Lot(str(place), "apartment", "", shares) for place, shares in enumerate(weights)]
    general, other = keys_of(lots, [Weight("x", str(place), 1) for place in range(len(weights))])
    assert [money.cents for money in general.costs(cents)] == split(cents, weights)
    assert sum(money.cents for money in other.costs(cents)) == cents
    assert sum(part.part for part in general.parts) == 1
    begins = [begin for begin, _, _ in general.stacked]
    ends = [begin + width for begin, width, _ in general.stacked]
    assert (begins[0], ends[-1]) == (0, WIDE)
    assert begins[1:] == ends[:-1], "no gap and nothing twice"
    assert all(0 <= shade < SHADES for _, _, shade in general.stacked)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Fraction(1), "100.00 %"),
        (Fraction(0), "0.00 %"),
        (Fraction(1, 3), "33.33 %"),
        (Fraction(2, 3), "66.67 %"),
        (Fraction(1, 20_000), "0.01 %"),
        (Fraction(92, 1000), "9.20 %"),
    ],
)
def test_a_part_in_percent(part: Fraction, said: str) -> None:
    assert ENGLISH(percent(part)) == said
