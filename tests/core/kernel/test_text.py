"""A sentence that waits for a language, and how a row keeps it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.kernel.periods import Period
from core.kernel.text import Text, Value, from_json, literal, say, to_json

PERIODS = st.tuples(st.dates(), st.dates()).map(lambda days: Period(min(days), max(days)))
VALUES = st.recursive(
    st.one_of(
        st.text(),
        st.integers(),
        st.integers(-(10**12), 10**12).map(Money),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
        PERIODS,
        st.fractions(),
    ),
    lambda inner: st.builds(Text, st.text(), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


@given(VALUES)
def test_every_value_comes_back_from_json_as_it_was(value: Value) -> None:
    back = from_json(json.loads(json.dumps(to_json(value))))
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("stored", [None, 1.5, [], {}, {"text": "a"}, {"other": 1}])
def test_what_was_never_stored_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="no value is stored"):
        from_json(stored)


def test_texts_are_equal_by_what_they_say() -> None:
    one, same = say("bot.sorry_body", reference="A"), say("bot.sorry_body", reference="A")
    assert one == same
    assert hash(one) == hash(same)
    assert one != say("bot.sorry_body", reference="B")
    assert literal(date(2026, 1, 1)) == Text("", {"value": date(2026, 1, 1)})
    assert len({one, same, say("bot.sorry")}) == 2


def test_a_refusal_is_one_text() -> None:
    refusal = DomainError("charges.nowhere", amount=Money(3), share=Fraction(1, 3), at=datetime(2026, 1, 1, tzinfo=UTC))
    assert refusal.text.key == str(refusal) == "charges.nowhere"
    assert refusal.text.values["amount"] == Money(3)
