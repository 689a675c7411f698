"""Who bears what: over the lots by a key, then over the owners of each."""

from __future__ import annotations

from collections import Counter

import pytest

from core.buildings.model import Lot, Weight
from core.charges.model import vat_included
from core.charges.parts.model import Part, Register, Unowned, over_owners
from core.kernel.periods import Period
from tests.core.small import LOTS, OWNERSHIP, WEIGHTS, call, day, expense, owns, settlement

Q1 = Period(day("2026-01-01"), day("2026-03-31"))
THREE = Register(LOTS, WEIGHTS, OWNERSHIP)
ONE_LOT = (Lot("A", "apartment", "1", 1000),)


def by_person(parts: list[Part]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for part in parts:
        found[part.person] += part.cents
    return dict(found)


# ----------------------------------------------------------------------------------------------------------- over the lots


@pytest.mark.parametrize(
    ("cents", "key", "parts"),
    [
        (123456, "general", [16913, 32469, 74074]),
        (-123456, "general", [-16913, -32469, -74074]),
        (36000, "lift", [0, 12600, 23400]),
        (60000, "per_lot", [20000, 20000, 20000]),
        (0, "general", [0, 0, 0]),
    ],
)
def test_an_amount_goes_over_the_lots_by_its_key(cents: int, key: str, parts: list[int]) -> None:
    assert THREE.over_lots(cents, key) == parts


def test_a_private_cost_is_its_lots_alone() -> None:
    assert THREE.over_lots(999, "", "B") == [0, 999, 0]
    parts = THREE.expense(expense("1", "2026-02-01", 999, private_lot="B"), Q1)
    assert parts == [Part("B", "bob", 999)]


def test_a_key_that_nobody_has_divides_nothing() -> None:
    with pytest.raises(ValueError, match="weights"):
        THREE.over_lots(100, "garden")


# -------------------------------------------------------------------------------------------------------- over the owners


@pytest.mark.parametrize(
    ("fund", "parts"),
    [
        ("working", {"fay": 5000, "ugo": 5000}),
        ("reserve", {"fay": 5000, "nel": 5000}),
        ("exceptional", {"fay": 5000, "nel": 5000}),
    ],
)
def test_whose_a_call_is_where_there_is_a_usufruct(fund: str, parts: dict[str, int]) -> None:
    ownership = (
        owns("A", "fay", fraction=(1, 2)),
        owns("A", "ugo", right="usufruct", fraction=(1, 2)),
        owns("A", "nel", right="bare", fraction=(1, 2)),
    )
    register = Register(ONE_LOT, (), ownership)
    assert by_person(register.call(call("1", "2026-02-01", 10_000, fund))) == parts


@pytest.mark.parametrize(("nature", "who"), [("ordinary", "ugo"), ("extraordinary", "nel")])
def test_whose_an_expense_is_where_there_is_a_usufruct(nature: str, who: str) -> None:
    register = Register(ONE_LOT, (), (owns("A", "ugo", right="usufruct"), owns("A", "nel", right="bare")))
    assert by_person(register.expense(expense("1", "2026-02-01", 80, nature=nature), Q1)) == {who: 80}


def test_an_undivided_lot_is_borne_by_its_owners_in_their_order() -> None:
    """0.11 over two equal lots is 0.06 and 0.05; the 0.05 goes 2/3 and 1/3: 0.03 and 0.02."""
    lots = (Lot("A", "apartment", "1", 500), Lot("B", "apartment", "1", 500))
    ownership = (owns("B", "bea", fraction=(2, 3)), owns("A", "ann"), owns("B", "bob", fraction=(1, 3)))
    parts = Register(lots, (), ownership).call(call("1", "2026-02-01", 11, "reserve"))
    assert parts == [Part("A", "ann", 6), Part("B", "bea", 3), Part("B", "bob", 2)]


def test_a_call_is_theirs_who_own_on_its_due_date() -> None:
    register = Register(ONE_LOT, (), (owns("A", "sal", "2015-01-01", "2026-02-14"), owns("A", "bea", "2026-02-15")))
    assert by_person(register.call(call("1", "2026-02-14", 90, issued="2026-01-05"))) == {"sal": 90}
    assert by_person(register.call(call("1", "2026-02-15", 90, issued="2026-01-05"))) == {"bea": 90}


def test_an_expense_is_theirs_who_owned_in_the_settled_period_by_days() -> None:
    """45 of 90 days each, whenever it is dated; the odd cent is the first one's."""
    register = Register(ONE_LOT, (), (owns("A", "sal", "2015-01-01", "2026-02-14"), owns("A", "bea", "2026-02-15")))
    for on in ("2026-01-02", "2026-03-30"):
        assert by_person(register.expense(expense("1", on, 6001), Q1)) == {"sal": 3001, "bea": 3000}


def test_days_weigh_with_the_fraction() -> None:
    """Ann keeps 1/3 for 90 days (weight 30); Bob has 2/3 for 30 days (20), Cem 2/3 for 60 (40)."""
    ownership = (
        owns("A", "ann", fraction=(1, 3)),
        owns("A", "bob", "2020-01-01", "2026-01-30", fraction=(2, 3)),
        owns("A", "cem", "2026-01-31", fraction=(2, 3)),
    )
    register = Register(ONE_LOT, (), ownership)
    assert by_person(register.expense(expense("1", "2026-02-10", 900), Q1)) == {"ann": 300, "bob": 200, "cem": 400}


def test_two_rows_of_one_person_are_one_owner() -> None:
    ownership = (
        owns("A", "ann", fraction=(1, 3)),
        owns("A", "bob", fraction=(1, 3)),
        owns("A", "ann", fraction=(1, 3)),
    )
    assert Register(ONE_LOT, (), ownership).call(call("1", "2026-02-01", 100)) == [
        Part("A", "ann", 67),
        Part("A", "bob", 33),
    ]


def test_a_lot_that_nobody_owns_is_named() -> None:
    register = Register(LOTS, WEIGHTS, OWNERSHIP[:2])
    with pytest.raises(Unowned) as unowned:
        register.call(call("1", "2026-02-01", 100))
    assert unowned.value.lot == "C"
    assert by_person(register.call(call("1", "2026-02-01", 0))) == {}
    with pytest.raises(Unowned):
        over_owners("C", 1, {})


# --------------------------------------------------------------------------------------------------------- the settlement


def test_the_quarterly_statement() -> None:
    """Golden figures: 385.88, 682.83 and 1 248.07 of real expenses; the working fund alone is netted."""
    expenses = [
        expense("1", "2026-01-15", 45678),
        expense("2", "2026-01-31", 90000),
        expense("3", "2026-02-10", 36000, "lift"),
        expense("4", "2026-03-02", 60000, "per_lot"),
        expense("5", "2026-03-02", 77777, fund="reserve"),
        expense("6", "2026-03-02", 88888, fund="exceptional"),
        expense("7", "2026-04-01", 99999),
    ]
    calls = [
        call("1", "2026-02-01", 300_000),
        call("2", "2026-02-01", 150_000, "reserve"),
        call("3", "2026-04-01", 5_000),
    ]
    borne = THREE.settlement(settlement("D", "2026-01-01", "2026-03-31", "2026-04-20"), expenses, calls)
    assert borne == {"ann": (38588, 41100), "bob": (68283, 78900), "cem": (124807, 180000)}


@pytest.mark.parametrize(
    ("net", "rate", "total"),
    [
        *[(10000, 21, 12100), (1, 21, 1), (2, 21, 2), (3, 21, 4), (-3, 21, -4)],
        *[(250, 6, 265), (-8, 6, -8), (-9, 6, -10), (0, 12, 0), (50, 1, 51)],
    ],
)
def test_vat_is_rounded_half_up_and_a_credit_note_mirrors_its_invoice(net: int, rate: int, total: int) -> None:
    assert vat_included(net, rate) == total


def test_an_unnamed_lot_weighs_nothing() -> None:
    register = Register(LOTS, (Weight("garden", "C", 1),), OWNERSHIP)
    assert register.weights("garden") == [0, 0, 1]
    assert register.weights("general") == [137, 263, 600]
