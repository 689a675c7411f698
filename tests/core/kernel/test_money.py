"""Splits that add up to the cent."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.money import Money, split

WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=60).filter(any)
CENTS = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize(
    ("cents", "weights", "parts"),
    [
        (123456, (137, 263, 600), [16913, 32469, 74074]),
        (123457, (137, 263, 600), [16914, 32469, 74074]),
        (10000, (1, 1, 1), [3334, 3333, 3333]),
        (1, (137, 263, 600), [0, 0, 1]),
        (5, (250, 250, 250, 250), [2, 1, 1, 1]),
        (-123456, (137, 263, 600), [-16913, -32469, -74074]),
        (-5, (250, 250, 250, 250), [-2, -1, -1, -1]),
        (0, (1, 2), [0, 0]),
        (7, (0, 3, 0), [0, 7, 0]),
    ],
)
def test_an_amount_is_split_by_largest_remainder(cents: int, weights: tuple[int, ...], parts: list[int]) -> None:
    assert split(cents, weights) == parts
    assert Money(cents).split(weights) == [Money(part) for part in parts]


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1), (3, -1), (-1,)])
def test_weights_that_divide_nothing_are_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)


@given(CENTS, WEIGHTS)
def test_parts_add_up_and_each_is_less_than_a_cent_from_exact(cents: int, weights: list[int]) -> None:
    parts = split(cents, weights)
    assert sum(parts) == cents
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(cents * weight, sum(weights))) < 1
        assert weight or not part


@given(CENTS, WEIGHTS)
def test_a_credit_note_mirrors_its_invoice(cents: int, weights: list[int]) -> None:
    assert split(-cents, weights) == [-part for part in split(cents, weights)]


@given(CENTS, WEIGHTS, st.integers(2, 1000))
def test_only_the_proportion_of_the_weights_counts(cents: int, weights: list[int], factor: int) -> None:
    assert split(cents, [weight * factor for weight in weights]) == split(cents, weights)


@given(st.integers(0, 10**9), WEIGHTS)
def test_who_weighs_more_never_gets_less(cents: int, weights: list[int]) -> None:
    parts = split(cents, weights)
    by_weight = sorted(zip(weights, range(len(weights)), parts, strict=True), key=lambda row: (row[0], -row[1]))
    assert [part for _, _, part in by_weight] == sorted(parts)


def test_money_is_reckoned_in_cents() -> None:
    assert Money(120) + Money(5) - Money(200) == Money(-75)
    assert -Money(3) == Money(-3)
    assert abs(Money(-3)) == Money(3)
    assert bool(Money(-1))
    assert not Money(0)
    assert sorted([Money(3), Money(-1)]) == [Money(-1), Money(3)]
