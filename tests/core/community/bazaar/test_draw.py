"""The draw: anybody finds the same outcome with SHA-256 alone, and every ticket has the same chance."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.community.bazaar.draw import draw

DAY = date(2026, 12, 1)
ITEM = UUID("6f1f2a52-9d3f-4c50-8a3e-0d9c2f3b7a11")


@given(st.sets(st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=6, max_size=6), min_size=1, max_size=40))
def test_it_does_not_matter_who_came_when_and_everybody_has_a_place(tickets: set[str]) -> None:
    one, other = draw(ITEM, DAY, sorted(tickets)), draw(ITEM, DAY, sorted(tickets, reverse=True))
    assert one == other
    assert set(one.order) == tickets
    assert len(one.order) == len(tickets)


def test_it_is_what_is_written_beside_it() -> None:
    """The rule as it is told to people, computed here once more from nothing."""
    tickets = ["K7F29Q", "AB2CD3", "ZZZ222"]
    outcome = draw(ITEM, DAY, tickets)
    said = "6f1f2a52-9d3f-4c50-8a3e-0d9c2f3b7a11\n2026-12-01\nAB2CD3\nK7F29Q\nZZZ222"
    seed = hashlib.sha256(said.encode()).hexdigest()
    assert outcome.seed == seed
    ranks = {ticket: hashlib.sha256(f"{seed}\n{ticket}".encode()).hexdigest() for ticket in tickets}
    assert list(outcome.order) == sorted(tickets, key=lambda ticket: ranks[ticket])


def test_a_terminal_is_enough_to_check_it() -> None:
    outcome = draw(ITEM, DAY, ["K7F29Q", "AB2CD3"])
    command = f"printf '%s\\n%s\\n%s\\n%s' {ITEM} 2026-12-01 AB2CD3 K7F29Q | sha256sum"
    assert (
        subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout.split()[0]
        == outcome.seed
    )


def test_another_day_item_or_ticket_is_another_draw() -> None:
    first = draw(ITEM, DAY, ["A", "B"]).seed
    assert len({first, draw(uuid4(), DAY, ["A", "B"]).seed, draw(ITEM, date(2026, 12, 2), ["A", "B"]).seed}) == 3
    assert draw(ITEM, DAY, ["A", "B", "C"]).seed != first


def test_everybody_has_the_same_chance() -> None:
    """4000 draws of four: each wins 1000 times but for chance (six standard deviations)."""
    won = Counter(draw(uuid4(), DAY, "ABCD").order[0] for _ in range(4000))
    assert all(abs(count - 1000) < 6 * 27.4 for count in won.values()), won


@pytest.mark.parametrize("tickets", [[], ["A", "A"]])
def test_no_draw_without_lots_that_differ(tickets: list[str]) -> None:
    with pytest.raises(ValueError, match="differ"):
        draw(ITEM, DAY, tickets)
