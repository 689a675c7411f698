"""Anybody does anything with one thing in the database, in any order: nobody has what another has, and refused moves change nothing."""

from __future__ import annotations

from itertools import combinations
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.community.loans import service, store
from core.community.loans.model import BOOKED, OPEN, Loan, State, overlap
from core.community.loans.things.model import Thing
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.periods import Period
from tests.core.community.loans.conftest import ANNA, JAMES, LEA, TOM, Neighbourhood

ONE_TAP = (
    service.grant,
    service.grant,
    service.refuse,
    service.accept,
    service.cancel,
    service.hand_over,
    service.hand_over,
    service.bring_back,
    service.bring_back,
    service.deny,
    service.lose,
    service.longer,
    service.grant_longer,
    service.refuse_longer,
)
WHO = (TOM, TOM, LEA, LEA, ANNA, JAMES)

tap = st.tuples(st.just("tap"), st.integers(0, len(ONE_TAP) - 1), st.sampled_from(WHO), st.integers(0, 9))
asking = st.tuples(st.just("ask"), st.sampled_from(WHO), st.integers(0, 6), st.integers(1, 4))
suggesting = st.tuples(st.just("suggest"), st.integers(0, 6), st.integers(1, 4), st.integers(0, 9))
waiting = st.tuples(st.just("time"), st.sampled_from([0, 6, 24, 72, 100]))
STEPS = st.lists(st.one_of(asking, tap, tap, tap, suggesting, waiting), min_size=6, max_size=24)


async def all_of(house: Neighbourhood, thing: Thing, seen: set[UUID]) -> list[Loan]:
    seen |= {loan.loan_id for loan in await house.loans(thing)}
    return [await house.loan(each) for each in sorted(seen)]


async def step(house: Neighbourhood, thing: Thing, loans: list[Loan], what: tuple[Any, ...]) -> None:
    match what:
        case ("ask", who, first, count):
            await house.does(who, service.borrow, thing.thing_id, house.days(first, count), queue=True)
        case ("tap", move, who, place) if loans:
            await house.does(who, ONE_TAP[move], loans[place % len(loans)].loan_id)
        case ("suggest", first, count, place) if loans:
            await house.does(TOM, service.suggest, loans[place % len(loans)].loan_id, house.days(first, count))
        case ("time", hours):
            await house.time(hours=hours)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_one_thing_is_in_one_pair_of_hands(house: Neighbourhood, steps: list[tuple[Any, ...]]) -> None:
    thing, seen = await house.lends(longest=6), set[UUID]()
    for what in steps:
        before = await all_of(house, thing, seen)
        try:
            await step(house, thing, before, what)
        except DomainError:
            assert await all_of(house, thing, seen) == before
        after = await all_of(house, thing, seen)
        booked = [loan for loan in after if loan.state in BOOKED]
        assert not any(overlap(one.days, other.days) for one, other in combinations(booked, 2))
        assert sum(loan.state is State.OUT for loan in after) <= 1
        assert all(loan.borrower != loan.lender for loan in after)
    # Time alone ends whatever is not in somebody's hands; and what is, one of both can end.
    await house.time(days=40)
    await house.time(days=40)
    for loan in await all_of(house, thing, seen):
        assert loan.state not in OPEN
        if loan.state is State.OUT:
            await house.does(TOM, service.lose, loan.loan_id)
    assert [loan.state for loan in await house.loans(thing)] == []
    if not (await house.thing(thing.thing_id)).withdrawn:
        await house.does(TOM, service.withdraw, thing.thing_id)


async def test_the_walks_meet_every_state(house: Neighbourhood) -> None:
    """That the walk above could find something: the states can all be reached with its steps."""
    thing = await house.lends(longest=6)
    reached: set[State] = set()
    lea = await house.asks(LEA, thing, house.days(0, 2))
    reached |= {loan.state for loan in await house.loans(thing)}
    await house.does(TOM, service.suggest, lea, house.days(1, 2))
    reached |= {loan.state for loan in await house.loans(thing)}
    await house.does(LEA, service.accept, lea)
    anna = await house.asks(ANNA, thing, house.days(2), queue=True)
    reached |= {loan.state for loan in await house.loans(thing)}
    for who in (TOM, LEA):
        await house.does(who, service.hand_over, lea)
    reached |= {loan.state for loan in await house.loans(thing)}
    for who in (TOM, LEA):
        await house.does(who, service.bring_back, lea)
    await house.does(TOM, service.refuse, anna)
    async with house.sample.database.work(house.sample.organisation) as uow:
        over = [await store.get(uow, each) for each in (lea, anna)]
    reached |= {loan.state for loan in over if loan is not None}
    assert reached == set(State) - {State.CANCELLED, State.LAPSED, State.LOST}
    assert Period(local_day(house.clock()), local_day(house.clock())) == house.days()
