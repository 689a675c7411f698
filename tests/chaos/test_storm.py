"""The short storm; the long one is `make chaos`."""

from __future__ import annotations

import pytest

from tests.chaos.storm import TOLD_A_ROUND, TROUBLES, storm


@pytest.mark.xdist_group("storm")
async def test_in_a_storm_nothing_is_lost_and_nothing_told_twice_but_what_was_in_flight() -> None:
    outcome = await storm(len(TROUBLES), seed=7)
    print(outcome)
    assert outcome.told == len(TROUBLES) * TOLD_A_ROUND
    assert set(outcome.troubles) == set(TROUBLES)
    assert outcome.lost == []
    assert not outcome.unsettled
    assert outcome.twice_where_never == 0
    assert outcome.twice <= outcome.in_flight
