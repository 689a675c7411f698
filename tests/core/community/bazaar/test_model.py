"""A thing and its line, through every move in every order: it is never two people's, and there is always a way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.community.bazaar.model import (
    ANSWERS_WITHIN,
    DRAW_AHEAD,
    LASTS,
    LET_GO_AFTER,
    OVER,
    SETTLED_AFTER,
    How,
    Item,
    Standing,
    State,
)
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id

GIVER, LEA, TOM, ANNA, ZOE = (UUID(int=number) for number in range(1, 6))
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = local_day(NOW)
OTHERS = st.sampled_from([LEA, TOM, ANNA, ZOE])
ANYBODY = st.sampled_from([GIVER, LEA, TOM, ANNA, ZOE])


def item(**changes) -> Item:  # type: ignore[no-untyped-def]
    return Item(**{"item_id": new_id(), "building": new_id(), "giver": GIVER, "name": "bed", "put_up_at": NOW,
                   "expires_on": TODAY + LASTS, **changes})  # fmt: skip


def wants(before: Item, person: UUID, in_return: str = "", now: datetime = NOW) -> Item:
    return before.wanted(person, f"T{person.int}", now, local_day(now), in_return)


def refused(reason: str, move, *given) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DomainError) as refusal:
        move(*given)
    assert refusal.value.text.key == f"bazaar.{reason}"


# ------------------------------------------------------------------------------------------------------------- one by one


def test_the_first_one_gets_it_and_the_others_stand_in_line() -> None:
    after = wants(wants(wants(item(), LEA), TOM), ANNA)
    assert after.state is State.RESERVED
    assert after.taker is not None
    assert after.taker.person == LEA
    assert [each.person for each in after.waiting] == [TOM, ANNA]
    assert wants(after, LEA) == after
    assert wants(after, TOM) == after


def test_one_does_not_take_what_is_ones_own_nor_what_is_over() -> None:
    refused("own", wants, item(), GIVER)
    for state in OVER:
        refused("over", wants, item(state=state), LEA)


def test_it_goes_to_the_next_one_who_has_a_day_to_say_yes() -> None:
    reserved = wants(wants(wants(item(), LEA), TOM), ANNA)
    free = reserved.let_go(LEA, TODAY).moved_on(NOW)
    assert free.state is State.OFFERED
    assert [each.person for each in free.asked] == [TOM]
    assert wants(free, ANNA) == free, "it is not her turn"
    assert free.moved_on(NOW + ANSWERS_WITHIN - timedelta(seconds=1)) == free
    later = NOW + ANSWERS_WITHIN
    both = free.moved_on(later)
    assert [each.person for each in both.asked] == [TOM, ANNA]
    for person in (TOM, ANNA):
        won = wants(both, person, now=later)
        assert won.taker is not None
        assert won.taker.person == person
        assert not won.asked


def test_who_comes_new_waits_for_those_who_have_time_to_say_yes_and_no_longer() -> None:
    free = wants(wants(item(), LEA), TOM).let_go(LEA, TODAY).moved_on(NOW)
    assert wants(free, ZOE).taker is None
    won = wants(free, ZOE, now=NOW + ANSWERS_WITHIN)
    assert won.taker is not None
    assert won.taker.person == ZOE


def test_who_wanted_it_no_more_may_come_back_last() -> None:
    line = wants(wants(wants(item(), LEA), TOM), ANNA).not_wanted(TOM, TODAY)
    back = wants(line, TOM)
    assert [each.person for each in back.waiting] == [ANNA, TOM]


def test_only_the_two_hand_it_over_and_only_the_giver_says_that_it_is_gone() -> None:
    reserved = wants(item(), LEA)
    refused("not_for_you", reserved.collected, TOM, NOW)
    refused("not_for_you", reserved.let_go, TOM, TODAY)
    said = reserved.collected(LEA, NOW)
    assert said.state is State.RESERVED
    assert said.fetched_at == NOW
    assert said.not_collected().fetched_at is None
    assert said.settled().state is State.COLLECTED
    refused("not_reserved", reserved.settled)
    over = said.collected(GIVER, NOW)
    assert over.state is State.COLLECTED
    assert over.collected(GIVER, NOW) == over
    assert over.collected(LEA, NOW) == over
    for move in (over.freed, over.expired):
        with pytest.raises(DomainError):
            move(TODAY)
    refused("collected_already", over.not_wanted, LEA, TODAY)
    refused("not_reserved", item().collected, GIVER, NOW)


def test_nobody_else_changes_it() -> None:
    refused("not_yours", item().given_by, LEA)
    assert item().given_by(GIVER).name == "bed"


def test_how_it_goes_is_not_changed_once_somebody_wants_it() -> None:
    reserved = wants(item(), LEA)
    line = wants(item().by_lot(TODAY + timedelta(days=3), TODAY), LEA)
    for before, reason in ((reserved, "reserved_already"), (line, "wanted_already")):
        refused(reason, before.by_lot, TODAY + timedelta(days=3), TODAY)
        refused(reason, before.swapped_for, "a scooter")
        refused(reason, before.first_come)
    assert line.withdrawn().state is State.WITHDRAWN
    refused("reserved_already", reserved.withdrawn)


@pytest.mark.parametrize("days", [-1, 0, DRAW_AHEAD.days + 1, 400])
def test_a_draw_is_on_one_of_the_coming_days(days: int) -> None:
    refused("draw_day_wrong", item().by_lot, TODAY + timedelta(days=days), TODAY)


def test_who_signs_up_for_a_draw_gets_a_lot_and_on_its_day_nobody_does() -> None:
    day = TODAY + timedelta(days=2)
    lots = item().by_lot(day, TODAY)
    for person in (LEA, TOM, ANNA):
        lots = wants(lots, person)
    assert lots.state is State.OFFERED
    assert {each.ticket for each in lots.waiting} == {"T2", "T3", "T4"}
    refused("no_draw", lots.lots_drawn, TODAY, NOW)
    refused("draw_today", wants, lots, ZOE, "", NOW + timedelta(days=2))
    drawn, outcome = lots.lots_drawn(day, NOW)
    assert outcome is not None
    assert drawn.taker is not None
    assert drawn.taker.ticket == outcome.order[0]
    assert [each.ticket for each in drawn.waiting] == list(outcome.order[1:])
    refused("no_draw", drawn.lots_drawn, day, NOW)
    following = drawn.freed(day).moved_on(NOW)
    assert [each.ticket for each in following.asked] == [outcome.order[1]]


def test_a_draw_without_anybody_goes_on_first_come() -> None:
    day = TODAY + timedelta(days=2)
    after, outcome = item().by_lot(day, TODAY).lots_drawn(day, NOW)
    assert outcome is None
    assert after.how is How.FIRST
    assert wants(after, LEA).taker is not None


def test_the_giver_of_a_swap_chooses() -> None:
    swap = item().swapped_for("a scooter")
    refused("offer_something", wants, swap, LEA)
    bids = wants(wants(swap, LEA, "a sledge"), TOM, "a scooter")
    assert bids.taker is None
    assert wants(bids, LEA, "two sledges").line[0].in_return == "two sledges"
    refused("offer_gone", bids.chosen, ANNA, NOW)
    agreed = bids.chosen(TOM, NOW)
    assert agreed.taker is not None
    assert agreed.taker.person == TOM
    assert agreed.chosen(TOM, NOW) == agreed
    refused("reserved_already", agreed.chosen, LEA, NOW)
    refused("offer_gone", bids.declined(LEA).chosen, LEA, NOW)
    refused("offer_gone", agreed.declined, TOM)


def test_it_is_up_for_a_month_and_for_another_with_one_button() -> None:
    up = item()
    assert not up.expires_soon(TODAY + LASTS - timedelta(days=2))
    eve = TODAY + LASTS - timedelta(days=1)
    assert up.expires_soon(eve)
    assert not up.nudged(eve).expires_soon(eve)
    refused("not_yet", up.expired, eve)
    over = up.expired(TODAY + LASTS)
    assert over.state is State.EXPIRED
    assert over.kept_up(TODAY + LASTS).expires_on == TODAY + LASTS + LASTS
    assert up.nudged(eve).kept_up(eve).expires_soon(eve + LASTS - timedelta(days=1))
    refused("over", item(state=State.COLLECTED).kept_up, TODAY)


def test_what_is_reserved_does_not_expire() -> None:
    refused("not_yet", wants(item(), LEA).expired, TODAY + LASTS)


# ---------------------------------------------------------------------------------------------------- all moves, in any order


class Bazaar(RuleBasedStateMachine):
    """One thing, its giver and four neighbours; every move may be tried by anybody at any time, and the clock runs."""

    def __init__(self) -> None:
        super().__init__()
        self.item = item()
        self.now = NOW
        self.history = [State.OFFERED]

    @property
    def today(self):  # type: ignore[no-untyped-def]
        return local_day(self.now)

    def tries(self, move, *given) -> None:  # type: ignore[no-untyped-def]
        """A refusal changes nothing; what is done twice is refused, or changes nothing any more."""
        before = self.item
        try:
            after = move(*given)
        except DomainError:
            assert self.item is before
            return
        self.item = after
        if after.state is not self.history[-1]:
            self.history.append(after.state)

    @rule(person=ANYBODY, in_return=st.sampled_from(["", "a scooter"]))
    def want(self, person: UUID, in_return: str) -> None:
        self.tries(self.item.wanted, person, f"T{person.int}", self.now, self.today, in_return)
        once = self.item
        self.tries(self.item.wanted, person, f"T{person.int}", self.now, self.today, in_return)
        assert self.item == once

    @rule(person=ANYBODY)
    def want_no_more(self, person: UUID) -> None:
        self.tries(self.item.not_wanted, person, self.today)
        self.tries(self.item.moved_on, self.now)

    @rule(person=ANYBODY)
    def collect(self, person: UUID) -> None:
        self.tries(self.item.collected, person, self.now)

    @rule(person=ANYBODY)
    def let_go(self, person: UUID) -> None:
        self.tries(self.item.let_go, person, self.today)
        self.tries(self.item.moved_on, self.now)

    @rule(person=OTHERS)
    def choose(self, person: UUID) -> None:
        self.tries(self.item.chosen, person, self.now)

    @rule(person=OTHERS)
    def decline(self, person: UUID) -> None:
        self.tries(self.item.declined, person)

    @rule(days=st.integers(-1, 30))
    def draw_by_lot(self, days: int) -> None:
        self.tries(self.item.by_lot, self.today + timedelta(days=days), self.today)

    @rule()
    def ask_for_something(self) -> None:
        self.tries(self.item.swapped_for, "a scooter")

    @rule()
    def first_come(self) -> None:
        self.tries(self.item.first_come)

    @rule()
    def not_yet(self) -> None:
        self.tries(self.item.not_collected)

    @rule()
    def keep_up(self) -> None:
        self.tries(self.item.kept_up, self.today)

    @rule()
    def withdraw(self) -> None:
        self.tries(self.item.withdrawn)

    @rule(hours=st.sampled_from([1, 25, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        """The clock of the bazaar, as it looks at a thing."""
        self.now += timedelta(hours=hours)
        self.ticks()

    def ticks(self) -> None:
        before = self.item
        if before.state is State.RESERVED and before.reserved_at is not None:
            if before.fetched_at is not None and self.now >= before.fetched_at + SETTLED_AFTER:
                self.tries(before.settled)
            elif before.fetched_at is None and self.now >= before.reserved_at + LET_GO_AFTER:
                self.tries(before.freed, self.today)
        elif before.awaits_draw and before.draw_on is not None and self.today >= before.draw_on:
            if before.state is State.OFFERED:
                self.tries(lambda: before.lots_drawn(self.today, self.now)[0])
        elif self.today >= before.expires_on:
            self.tries(before.expired, self.today)
        self.tries(self.item.moved_on, self.now)

    @precondition(lambda self: self.item.state not in OVER)
    @rule()
    def it_ends_by_itself(self) -> None:
        """No state without a way out: where nobody says a word any more, it is over in a few months at the latest."""
        start, now = self.item, self.now
        history = list(self.history)
        for _ in range(40):
            self.now += timedelta(days=8)
            self.ticks()
        assert self.item.state in OVER, start
        self.item, self.now, self.history = start, now, history

    @invariant()
    def it_is_one_persons(self) -> None:
        takers = [each for each in self.item.line if each.standing is Standing.TAKER]
        assert len(takers) == (1 if self.item.state in (State.RESERVED, State.COLLECTED) else 0)
        assert (self.item.state is State.RESERVED) <= (self.item.reserved_at is not None)
        assert GIVER not in {each.person for each in self.item.line}

    @invariant()
    def the_line_is_a_line(self) -> None:
        positions = [each.position for each in self.item.line]
        assert positions == sorted(set(positions))
        assert len({each.person for each in self.item.line}) == len(self.item.line)
        assert all((each.standing is Standing.ASKED) == (each.asked_at is not None) for each in self.item.line)

    @invariant()
    def nobody_waits_for_what_is_over_nor_is_asked_about_what_is_reserved(self) -> None:
        if self.item.state in OVER:
            assert not self.item.hoping
        if self.item.state is State.RESERVED:
            assert not self.item.asked

    @invariant()
    def it_went_from_hand_to_hand_as_it_may(self) -> None:
        may = {
            State.OFFERED: {State.RESERVED, State.EXPIRED, State.WITHDRAWN},
            State.RESERVED: {State.OFFERED, State.COLLECTED},
            State.EXPIRED: {State.OFFERED},
            State.COLLECTED: set(),
            State.WITHDRAWN: set(),
        }
        for before, after in zip(self.history, self.history[1:], strict=False):
            assert after in may[before], self.history


Bazaar.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestBazaar = Bazaar.TestCase
