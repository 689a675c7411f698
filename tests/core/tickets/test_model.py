"""The states of a ticket: who may move it, from where to where, and that there is always a way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.people.audit.model import Actor
from core.tickets.model import (
    AFTER,
    AGAIN_LASTS,
    CLOCK,
    FROM,
    LONGEST_NAME,
    MANAGED,
    OPEN,
    OVER,
    SILENCE,
    TAKEN_BACK_LASTS,
    Category,
    Hand,
    Move,
    Spot,
    State,
    Ticket,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SYNDIC = Hand(Actor(new_id(), "Nathalie Renard"), manages=True)
LEA = Hand(Actor(new_id(), "Léa Dubois"), follows=True)
NOBODY = Hand(Actor(new_id(), "Tom Vermeulen"))
MOVES = (*MANAGED, Move.CONFIRM, Move.AGAIN, Move.CLOSE)


def ticket(state: State = State.REPORTED, since: datetime = NOW, **more: object) -> Ticket:
    assert LEA.actor.actor_id
    made = Ticket(new_id(), new_id(), 1, Category.LIFT, Spot(), None, LEA.actor.actor_id, NOW, state, since)
    return replace(made, **more)  # type: ignore[arg-type]


def do(it: Ticket, move: Move, hand: Hand, now: datetime = NOW) -> Ticket:
    return it.moved(move, hand, now, note="parce que voilà", to="Ascenseurs Duval", on=now.date())


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", AFTER)
def test_each_move_leads_where_it_says_or_nowhere(state: State, move: Move) -> None:
    hand = Hand(SYNDIC.actor, manages=True, follows=True)
    before = ticket(state, NOW - SILENCE)
    if state in FROM[move]:
        after = do(before, move, hand)
        assert (after.state, after.since, after.version) == (AFTER[move], NOW, before.version + 1)
    else:
        with pytest.raises(DomainError) as refused:
            do(before, move, hand)
        assert refused.value.text.key in ("tickets.already", "tickets.too_late")


@pytest.mark.parametrize("move", MANAGED)
@pytest.mark.parametrize("hand", [LEA, NOBODY, CLOCK])
def test_only_who_looks_after_the_building_moves_it_on(move: Move, hand: Hand) -> None:
    with pytest.raises(DomainError, match="not_yours"):
        do(ticket(), move, hand)


@pytest.mark.parametrize("move", [Move.CONFIRM, Move.AGAIN])
@pytest.mark.parametrize("hand", [SYNDIC, NOBODY, CLOCK])
def test_only_who_reported_it_says_whether_it_works(move: Move, hand: Hand) -> None:
    with pytest.raises(DomainError, match="not_yours"):
        do(ticket(State.SOLVED), move, hand)
    assert do(ticket(State.SOLVED), move, LEA).state in (State.CLOSED, State.REPORTED)


def test_silence_closes_after_a_week_and_not_before() -> None:
    solved = ticket(State.SOLVED)
    with pytest.raises(DomainError, match="not_yet"):
        solved.moved(Move.CLOSE, CLOCK, NOW + SILENCE - timedelta(seconds=1))
    assert solved.moved(Move.CLOSE, CLOCK, NOW + SILENCE).state is State.CLOSED
    with pytest.raises(DomainError, match="not_yours"):
        solved.moved(Move.CLOSE, NOBODY, NOW + SILENCE)


def test_it_comes_back_for_a_fortnight() -> None:
    closed = ticket(State.CLOSED)
    last = NOW + AGAIN_LASTS - timedelta(seconds=1)
    assert closed.moved(Move.AGAIN, LEA, last).state is State.REPORTED
    with pytest.raises(DomainError, match="again_too_late"):
        closed.moved(Move.AGAIN, LEA, NOW + AGAIN_LASTS)


@pytest.mark.parametrize(
    ("to", "on", "wrong"),
    [
        ("", None, "to_nobody"),
        ("12 34", None, "to_nobody"),
        ("x" * (LONGEST_NAME + 1), None, "long_name"),
        ("Duval", date(2026, 11, 21), "past"),
        ("Duval", date(2027, 11, 24), "far"),
    ],
)
def test_to_whom_and_when(to: str, on: date | None, wrong: str) -> None:
    with pytest.raises(DomainError, match=wrong):
        ticket().moved(Move.ASSIGN, SYNDIC, NOW, to=to, on=on)


def test_the_day_is_the_building_s_own() -> None:
    """Half past eleven in the evening of the 21st in UTC is the 22nd in Brussels."""
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    with pytest.raises(DomainError, match="past"):
        ticket().moved(Move.ASSIGN, SYNDIC, late, to="Duval", on=date(2026, 11, 21))


@pytest.mark.parametrize("note", ["", " ", "??", "🔥🔥🔥", "ab"])
def test_a_refusal_says_why(note: str) -> None:
    with pytest.raises(DomainError, match="why"):
        ticket().moved(Move.REFUSE, SYNDIC, NOW, note=note)
    with pytest.raises(DomainError, match="no_note"):
        ticket().moved(Move.NOTE, SYNDIC, NOW, note=note)


def test_it_is_taken_back_soon_and_alone() -> None:
    young = ticket()
    assert young.taken_back(LEA, NOW, 1).state is State.WITHDRAWN
    with pytest.raises(DomainError, match="others_follow"):
        young.taken_back(LEA, NOW, 2)
    with pytest.raises(DomainError, match="too_long_ago"):
        young.taken_back(LEA, NOW + TAKEN_BACK_LASTS, 1)
    with pytest.raises(DomainError, match="too_late"):
        ticket(State.ASSIGNED).taken_back(LEA, NOW, 1)


def test_it_is_joined_to_another_open_one_of_its_building() -> None:
    one = ticket()
    other = replace(ticket(), building=one.building)
    joined = one.joined(SYNDIC, NOW, other)
    assert (joined.state, joined.into) == (State.MERGED, other.ticket)
    for wrong in (one, ticket(), replace(other, state=State.CLOSED)):
        with pytest.raises(DomainError):
            one.joined(SYNDIC, NOW, wrong)
    with pytest.raises(DomainError, match="not_yours"):
        one.joined(LEA, NOW, other)


spots = st.builds(
    Spot,
    st.none() | st.integers(-2, 9),
    st.sampled_from(["", "A", "B"]),
    st.sampled_from(["", "3A", "5B"]),
    st.sampled_from(["", "hall", "cellar"]),
)


@given(spots, spots)
def test_near_goes_both_ways_and_each_is_near_itself(one: Spot, other: Spot) -> None:
    assert one.near(other) == other.near(one)
    assert one.near(one)
    assert Spot().near(one)
    assert one.public.lot == ""
    assert Spot.from_json(one.to_json()) == one


@pytest.mark.parametrize("stored", [None, "hall", {"area": "moon"}, {"floor": "3"}, {"floor": True}, []])
def test_no_other_place_is_taken(stored: object) -> None:
    with pytest.raises(ValueError, match="place"):
        Spot.from_json(stored)


class Repair(RuleBasedStateMachine):
    """Any hand tries any move at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.ticket, self.written = NOW, ticket(), 1

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(move=st.sampled_from(MOVES), hand=st.sampled_from([SYNDIC, LEA, NOBODY, CLOCK]))
    def tried(self, move: Move, hand: Hand) -> None:
        before = self.ticket
        if move is Move.MERGE:
            return
        allowed = move in before.moves(hand, self.now)
        try:
            self.ticket = do(before, move, hand, self.now)
        except DomainError:
            assert not allowed
            assert self.ticket is before
        else:
            assert hand is not NOBODY
            assert move in (Move.NOTE, Move.CLOSE) or allowed
            self.written += 1

    @precondition(lambda self: self.ticket.state not in OVER)
    @rule()
    def a_way_out(self) -> None:
        """Whatever its state, the syndic and the clock alone bring it to an end, whoever else is silent."""
        end = self.ticket if self.ticket.state is State.SOLVED else do(self.ticket, Move.SOLVE, SYNDIC, self.now)
        assert end.moved(Move.CLOSE, CLOCK, self.now + SILENCE).state in OVER

    @invariant()
    def each_write_counts(self) -> None:
        assert self.ticket.version == self.written
        assert self.ticket.is_open == (self.ticket.state in OPEN)
        assert not (self.ticket.is_open and self.ticket.state in OVER)
        if self.ticket.state in (State.ASSIGNED,):
            assert self.ticket.assigned_to


TestRepair = Repair.TestCase
TestRepair.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
