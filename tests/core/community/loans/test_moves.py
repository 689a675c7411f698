"""The moves of a loan by themselves: each by whoever may, and no state without a way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.community.loans.model import (
    BOOKED,
    OPEN,
    OVER,
    SILENCE,
    Loan,
    Side,
    State,
    free,
    next_free,
    next_in_line,
    overlap,
)
from core.community.loans.module import goes_on
from core.community.loans.reminders import model as reminders
from core.community.loans.things.model import LONGEST, MOST_DEPOSIT, Thing
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.periods import Period

LENDER, BORROWER, STRANGER = new_id(), new_id(), new_id()
BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = date(2026, 11, 22)
THING = Thing(new_id(), new_id(), LENDER, "Ladder")

Move = Callable[[Loan, UUID, datetime], Loan]
MOVES: dict[str, Move] = {
    "grant": lambda loan, by, now: loan.grant(by, local_day(now)),
    "refuse": lambda loan, by, now: loan.refuse(by, now),
    "suggest": lambda loan, by, now: loan.suggest(by, Period(local_day(now), local_day(now) + timedelta(days=2))),
    "accept": lambda loan, by, now: loan.accept(by, local_day(now)),
    "cancel": lambda loan, by, now: loan.cancel(by, now),
    "hand_over": lambda loan, by, now: loan.hand_over(by, now),
    "bring_back": lambda loan, by, now: loan.bring_back(by, now),
    "deny": lambda loan, by, now: loan.deny(by),
    "lose": lambda loan, by, now: loan.lose(by, now),
    "ask_longer": lambda loan, by, now: loan.ask_longer(by, loan.days.last + timedelta(days=2)),
    "grant_longer": lambda loan, by, now: loan.grant_longer(by, local_day(now)),
    "refuse_longer": lambda loan, by, now: loan.refuse_longer(by),
}
MAY: dict[str, tuple[tuple[Side, frozenset[State]], ...]] = {
    "grant": ((Side.LENDER, frozenset({State.ASKED})),),
    "refuse": ((Side.LENDER, OPEN),),
    "suggest": ((Side.LENDER, OPEN),),
    "accept": ((Side.BORROWER, frozenset({State.SUGGESTED})),),
    "cancel": ((Side.BORROWER, OPEN | {State.GRANTED}), (Side.LENDER, frozenset({State.GRANTED}))),
    "hand_over": tuple((side, frozenset({State.GRANTED})) for side in Side),
    "bring_back": tuple((side, BOOKED) for side in Side),
    "deny": tuple((side, BOOKED) for side in Side),
    "lose": ((Side.LENDER, frozenset({State.OUT})),),
    "ask_longer": ((Side.BORROWER, frozenset({State.OUT})),),
    "grant_longer": ((Side.LENDER, frozenset({State.OUT})),),
    "refuse_longer": ((Side.LENDER, frozenset({State.OUT})),),
}
"""Who may make a move, and in which states: in no other ones, and nobody else."""


def asked(first: int = 0, days: int = 3, **rest: object) -> Loan:
    begin = TODAY + timedelta(days=first)
    loan = Loan(
        new_id(),
        THING.thing_id,
        THING.building,
        LENDER,
        BORROWER,
        Period(begin, begin + timedelta(days=days - 1)),
        BEGIN,
    )
    return replace(loan, **rest)  # type: ignore[arg-type]


def possible(loan: Loan, now: datetime) -> Iterator[Loan]:
    """What may become of a loan now: by a move of one of both, or by itself."""
    for move in MOVES.values():
        for person in (LENDER, BORROWER):
            try:
                yield move(loan, person, now)
            except DomainError:
                continue
    if loan.silent(now):
        yield loan.settle(now)
    if loan.lapses(local_day(now)):
        yield loan.lapse(now)


def ends(loan: Loan, now: datetime, steps: int = 6) -> bool:
    """Whether it can be brought to an end."""
    if loan.state in OVER:
        return True
    if not steps:
        return False
    later = now + timedelta(days=8)
    return any(ends(each, now, steps - 1) for each in possible(loan, now)) or any(
        ends(each, later, steps - 1) for each in possible(loan, later)
    )


class OneLoan(RuleBasedStateMachine):
    """Anybody tries anything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.loan, self.now = asked(), BEGIN

    @rule(name=st.sampled_from(sorted(MOVES)), by=st.sampled_from([LENDER, BORROWER, STRANGER]))
    def moves(self, name: str, by: UUID) -> None:
        before = self.loan
        sides = {LENDER: Side.LENDER, BORROWER: Side.BORROWER}
        allowed = any(sides.get(by) is side and before.state in states for side, states in MAY[name])
        try:
            after = MOVES[name](before, by, self.now)
        except DomainError:
            return
        assert allowed, f"{name} by {sides.get(by)} in {before.state}"
        assert after != before
        self.loan = after

    @rule(days=st.sampled_from([0, 1, 3, 10]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days, minutes=1)

    @rule()
    def somebody_else_is_granted(self) -> None:
        if self.loan.state in OPEN:
            self.loan = self.loan.passed_over()
            assert self.loan.state is State.WAITING

    @rule()
    def it_is_free_again(self) -> None:
        if self.loan.state is State.WAITING and self.loan.days.last >= local_day(self.now):
            self.loan = self.loan.ask_again(local_day(self.now))
            assert self.loan.days.first >= local_day(self.now) or self.loan.days.first >= TODAY

    @precondition(lambda self: self.loan.silent(self.now))
    @rule()
    def silence_counts(self) -> None:
        before = self.loan
        self.loan = before.settle(self.now)
        assert self.loan.state is (State.OUT if before.state is State.GRANTED else State.BACK)

    @precondition(lambda self: self.loan.lapses(local_day(self.now)))
    @rule()
    def it_lapses(self) -> None:
        assert self.loan.state is not State.OUT
        self.loan = self.loan.lapse(self.now)

    @invariant()
    def it_makes_sense(self) -> None:
        loan = self.loan
        assert (loan.claimed_by is None) == (loan.claimed_at is None)
        assert loan.claimed_by is None or loan.state in BOOKED
        assert loan.longer is None or loan.state is State.OUT
        assert (loan.over_at is not None) == (loan.state in OVER)
        assert loan.handed_at is not None or loan.state not in (State.OUT, State.BACK, State.LOST)
        assert {loan.lender, loan.borrower} == {LENDER, BORROWER}

    @invariant()
    def there_is_a_way_out(self) -> None:
        assert ends(self.loan, self.now), self.loan

    @invariant()
    def what_is_over_stays_over(self) -> None:
        if self.loan.state in OVER:
            assert list(possible(self.loan, self.now)) == []


OneLoan.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestOneLoan = OneLoan.TestCase


# ------------------------------------------------------------------------------------------------------------ one by one


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refusal:
        call()
    return refusal.value.text.key


def test_what_goes_well() -> None:
    loan = asked().grant(LENDER, TODAY)
    loan = loan.hand_over(LENDER, BEGIN)
    assert loan.state is State.GRANTED
    assert refused(lambda: loan.hand_over(LENDER, BEGIN)) == "loans.said_already"
    loan = loan.hand_over(BORROWER, BEGIN).holding(60)
    assert (loan.state, loan.handed_at, loan.claimed_by) == (State.OUT, BEGIN, None)
    back = loan.bring_back(BORROWER, BEGIN)
    assert back.state is State.OUT
    assert refused(lambda: back.ask_longer(BORROWER, TODAY + timedelta(days=9))) == "loans.moved_on"
    assert back.deny(LENDER) == loan
    assert refused(lambda: back.deny(BORROWER)) == "loans.nothing_to_deny"
    assert back.bring_back(LENDER, BEGIN).state is State.BACK


def test_silence_counts_after_three_days_and_not_before() -> None:
    loan = asked().grant(LENDER, TODAY).hand_over(LENDER, BEGIN)
    assert not loan.silent(BEGIN + SILENCE - timedelta(seconds=1))
    assert refused(lambda: loan.settle(BEGIN + timedelta(days=2))) == "loans.moved_on"
    out = loan.settle(BEGIN + SILENCE)
    assert out.state is State.OUT
    assert out.bring_back(BORROWER, BEGIN).settle(BEGIN + SILENCE).state is State.BACK
    assert not loan.lapses(TODAY + timedelta(days=30))


def test_whoever_brings_it_back_had_it() -> None:
    granted = asked().grant(LENDER, TODAY).hand_over(LENDER, BEGIN)
    back = granted.bring_back(BORROWER, BEGIN)
    assert (back.state, back.claimed_by) == (State.OUT, Side.BORROWER)
    assert granted.bring_back(LENDER, BEGIN, alone=True).state is State.BACK
    assert refused(lambda: asked(first=9).grant(LENDER, TODAY).bring_back(BORROWER, BEGIN)) == "loans.too_early"


def test_nothing_is_handed_over_days_before() -> None:
    granted = asked(first=2).grant(LENDER, TODAY)
    assert refused(lambda: granted.hand_over(LENDER, BEGIN)) == "loans.too_early"
    assert granted.hand_over(LENDER, BEGIN + timedelta(days=1)).claimed_by is Side.LENDER


def test_a_yes_to_whoever_waits_says_why_not() -> None:
    assert refused(lambda: asked(state=State.WAITING).grant(LENDER, TODAY)) == "loans.lent_already"
    assert refused(lambda: asked(first=-9).grant(LENDER, TODAY)) == "loans.past"


def test_a_hand_over_that_was_announced_is_answered_first() -> None:
    granted = asked().grant(LENDER, TODAY).hand_over(LENDER, BEGIN)
    assert refused(lambda: granted.cancel(BORROWER, BEGIN)) == "loans.deny_first"
    assert granted.deny(BORROWER).cancel(BORROWER, BEGIN).state is State.CANCELLED


def test_how_long_it_can_be_kept() -> None:
    out = asked(days=2).grant(LENDER, TODAY).hand_over(LENDER, BEGIN).hand_over(BORROWER, BEGIN)
    day = timedelta(days=1)
    assert out.longest_day(7, TODAY) == out.days.last + 2 * day
    assert out.longest_day(3, TODAY) == out.days.last + day
    assert refused(lambda: out.longest_day(2, TODAY)) == "loans.no_longer"
    tomorrow_after = Period(out.days.last + day, out.days.last + 5 * day)
    assert refused(lambda: out.longest_day(7, TODAY, [tomorrow_after])) == "loans.somebody_waits"
    later = Period(out.days.last + 2 * day, out.days.last + 5 * day)
    assert out.longest_day(7, TODAY, [later]) == out.days.last + day
    assert refused(lambda: out.longest_day(3, TODAY + 5 * day)) == "loans.no_longer"
    longer = out.ask_longer(BORROWER, out.days.last + 2 * day)
    assert longer.grant_longer(LENDER, TODAY).days.days == 4
    assert longer.refuse_longer(LENDER) == out
    assert refused(lambda: out.grant_longer(LENDER, TODAY)) == "loans.moved_on"


@pytest.mark.parametrize("days", [0, -1, LONGEST + 1, 10_000])
def test_nobody_lends_for_no_day_or_for_ever(days: int) -> None:
    assert refused(lambda: THING.lent_for(days)) == "loans.longest_wrong"


@pytest.mark.parametrize(
    ("minutes", "fine"), [(0, True), (60, True), (MOST_DEPOSIT, True), (-1, False), (10_000, False)]
)
def test_deposits(minutes: int, fine: bool) -> None:
    if fine:
        assert THING.asking(minutes).deposit == minutes
    else:
        assert refused(lambda: THING.asking(minutes)) == "loans.deposit_wrong"


@pytest.mark.parametrize(
    ("first", "days", "key"),
    [
        (-1, 1, "loans.past"),
        (-1, 3, "loans.past"),
        (0, 8, "loans.too_long"),
        (0, 91, "loans.too_long"),
        (365, 2, "loans.far"),
        (4_000, 1, "loans.far"),
    ],
)
def test_days_that_nobody_borrows_on(first: int, days: int, key: str) -> None:
    begin = TODAY + timedelta(days=first)
    assert refused(lambda: THING.allows(Period(begin, begin + timedelta(days=days - 1)), TODAY)) == key


def test_days_that_one_does() -> None:
    THING.allows(Period(TODAY, TODAY + timedelta(days=6)), TODAY)
    replace(THING, longest=90).allows(Period(TODAY, TODAY + timedelta(days=89)), TODAY)
    THING.allows(Period(TODAY + timedelta(days=365), TODAY + timedelta(days=365)), TODAY)
    assert refused(lambda: replace(THING, withdrawn=True).allows(Period(TODAY, TODAY), TODAY)) == "loans.not_offered"
    assert refused(lambda: THING.owned_by(BORROWER)) == "loans.not_yours"


some_days = st.builds(
    lambda first, days: Period(TODAY + timedelta(days=first), TODAY + timedelta(days=first + days)),
    st.integers(0, 40),
    st.integers(0, 9),
)


@given(wanted=some_days, taken=st.lists(some_days, max_size=8))
def test_the_next_free_days_are_free_and_none_before_are(wanted: Period, taken: list[Period]) -> None:
    found = next_free(wanted, taken, TODAY + timedelta(days=365))
    assert found is not None
    assert free(found, taken)
    assert (found.days, found.first >= wanted.first) == (wanted.days, True)
    for before in range((found.first - wanted.first).days):
        first = wanted.first + timedelta(days=before)
        assert not free(Period(first, first + timedelta(days=wanted.days - 1)), taken)


@given(days=st.lists(some_days, min_size=1, max_size=8), booked=st.lists(some_days, max_size=3))
def test_the_waiting_list_goes_by_its_order(days: list[Period], booked: list[Period]) -> None:
    queue = [
        asked(days=1, state=State.WAITING, asked_at=BEGIN + timedelta(minutes=place), loan_id=new_id())
        for place in range(len(days))
    ]
    queue = [replace(loan, days=wanted) for loan, wanted in zip(queue, days, strict=True)]
    others = [replace(asked(), days=each, state=State.GRANTED) for each in booked]
    found = next_in_line(reversed(queue), others, TODAY)
    for one in found:
        assert free(one.days, booked)
        assert not any(overlap(one.days, other.days) for other in found if other is not one)
    for left in queue:
        if left not in found:
            ahead = [each.days for each in found if each.asked_at < left.asked_at]
            assert not free(left.days, [*booked, *ahead])


def test_what_is_late_is_away_today_still() -> None:
    out = asked(first=-5, days=2, state=State.OUT, handed_at=BEGIN)
    assert out.late(TODAY) == 4
    assert out.takes(TODAY) == Period(out.days.first, TODAY)
    assert asked(first=-5, days=2).takes(TODAY) is None


def test_the_module_is_switched_off() -> None:
    assert {state for state in State if not goes_on(state, on=False)} == OPEN
    assert all(goes_on(state, on=True) for state in State)


def test_when_it_reminds() -> None:
    out = asked(days=3, state=State.OUT, handed_at=BEGIN)
    eve = datetime(2026, 11, 23, 17, tzinfo=UTC)  # 18.00 in Brussels
    assert not reminders.tomorrow_is_last(out, eve - timedelta(minutes=1))
    assert reminders.tomorrow_is_last(out, eve)
    assert reminders.tomorrow_is_last(out, eve + timedelta(hours=5))
    assert not reminders.tomorrow_is_last(out, eve + timedelta(hours=6))
    assert not reminders.tomorrow_is_last(replace(out, handed_at=eve), eve + timedelta(hours=1))
    assert not reminders.tomorrow_is_last(asked(days=1, state=State.OUT, handed_at=BEGIN), eve)
    steps = [reminders.late(out, BEGIN + timedelta(days=days)) for days in range(12)]
    assert steps == [None, None, None, 1, 1, 3, 3, 3, 3, 7, 7, 7]
    assert reminders.late(replace(out, claimed_by=Side.BORROWER), BEGIN + timedelta(days=9)) is None
