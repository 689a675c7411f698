"""Deposits of loans, what somebody leaves behind who moves out, and books that add up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.community.sel import service as sel
from core.community.sel.accounts import service as accounts
from core.community.sel.accounts.model import POT_BELOW, Account, Entry, Kind, kept, left_behind, unbalanced
from core.community.sel.exchanges import service as exchanges
from core.community.sel.model import time
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import Kind as OfferKind
from core.community.sel.partings.model import GRACE
from core.kernel.errors import DomainError
from core.kernel.i18n import Catalogues
from core.kernel.ids import new_id
from core.people.audit import service as audit
from core.people.audit.model import Actor
from tests.core.community.sel.conftest import Hours
from tests.core.community.sel.test_exchanges import ANNA, JAMES, LEA, LIMIT, TOM, refused, said
from tests.servers.postgres import connect

COUNCIL = Actor(None, "council")

# ------------------------------------------------------------------------------------------------------------ the rules


@given(st.integers(1, 10_000), st.integers(-1200, 1200))
def test_a_deposit_that_is_kept_is_kept_whole(minutes: int, balance: int) -> None:
    lender = Account(balance)
    his, over = kept(minutes, lender)
    assert his + over == minutes
    assert lender.booked(his).balance <= LIMIT
    assert min(his, over) >= 0


@given(st.integers(-1200, 1200), st.integers(0, 600), st.integers(-POT_BELOW * LIMIT, 50_000))
def test_what_is_left_behind_stays_within_the_pot(balance: int, held: int, pot: int) -> None:
    minutes = left_behind(Account(balance, held), pot)
    assert abs(minutes) <= abs(balance)
    assert minutes * balance >= 0
    assert pot + minutes >= -POT_BELOW * LIMIT
    if balance > 0:
        assert minutes == max(0, balance - held)


def test_an_entry_is_of_two_accounts_and_of_more_than_nothing() -> None:
    one = new_id()
    for minutes, creditor in ((0, None), (-1, None), (5, one)):
        with pytest.raises(ValueError, match="from one account to another"):
            Entry(Kind.POT, new_id(), one, creditor, minutes)
    assert unbalanced([[5, -5], [5, -4]])
    assert unbalanced([[5]])
    assert not unbalanced([[5, -5]])


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, {"fr": "0 heure", "nl": "0 uur", "de": "0 Stunden", "en": "0 hours"}),
        (45, {"fr": "45 minutes", "nl": "45 minuten", "de": "45 Minuten", "en": "45 minutes"}),
        (60, {"fr": "1 heure", "nl": "1 uur", "de": "1 Stunde", "en": "1 hour"}),
        (-90, {"fr": "-1 h 30 min", "nl": "-1 u 30 min", "de": "-1 h 30 min", "en": "-1 h 30 min"}),
    ],
)
def test_time_as_people_say_it(minutes: int, words: dict[str, str], catalogues: Catalogues) -> None:
    assert {language: catalogues[language](time(minutes)) for language in words} == words


# ------------------------------------------------------------------------------------------------------------- deposits


async def test_what_is_held_counts_but_moves_nothing(house: Hours) -> None:
    loan = new_id()
    await house.does(sel.hold, house.building, house[TOM], 1140, loan)
    await house.does(sel.hold, house.building, house[TOM], 1140, loan)
    assert await house.balance(TOM) == 0
    await refused(house, "sel.no_room_to_hold", sel.hold, house.building, house[TOM], 61, new_id())
    await refused(house, "sel.limit.you_low", exchanges.report, *await said(house, TOM, LEA, 61, gave=False))
    await house.does(sel.release, loan)
    await house.does(sel.release, loan)
    await house.does(sel.hold, house.building, house[TOM], LIMIT, new_id())
    await refused(house, "sel.no_time", sel.hold, house.building, house[TOM], 0, new_id())


async def test_a_deposit_that_is_kept_goes_to_the_lender_and_the_rest_to_the_pot(house: Hours) -> None:
    for _ in range(2):
        await house.helped(LEA, ANNA, 570)
        house.clock.now += timedelta(days=1)
    loan = new_id()
    await house.does(sel.hold, house.building, house[TOM], 120, loan)
    await house.does(sel.take, loan, house[LEA])
    await house.does(sel.take, loan, house[LEA])
    assert await house.balance(LEA) == LIMIT
    assert await house.balance(TOM) == -120
    assert await house.does(accounts.pot, house.building) == 60
    await house.sums_to_zero()


async def test_kept_and_given_back_at_once_is_one_of_them(house: Hours) -> None:
    loan = new_id()
    await house.does(sel.hold, house.building, house[TOM], 120, loan)
    await asyncio.gather(
        *(house.does(sel.take, loan, house[LEA]) for _ in range(5)), *(house.does(sel.release, loan) for _ in range(5))
    )
    assert (await house.balance(LEA), await house.balance(TOM)) in ((120, -120), (0, 0))
    await house.sums_to_zero()


async def test_ten_deposits_at_once_never_pass_the_limit(house: Hours) -> None:
    done = await asyncio.gather(
        *(house.does(sel.hold, house.building, house[TOM], 500, new_id()) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(each, DomainError) for each in done) == 8
    assert (await house.does(accounts.account, house.building, house[TOM])).held == 1000


# ----------------------------------------------------------------------------------------------------------- moving out


async def moves_out(house: Hours, who: str) -> None:
    async with house.work() as uow:
        for table in ("ownership", "tenancies"):
            await uow.connection.execute(
                text(f"UPDATE {table} SET last = :day WHERE person = :person"),
                {"day": house.clock.now.date(), "person": who},
            )
    house.clock.now += timedelta(days=1)


async def test_what_somebody_had_goes_to_the_pot_after_thirty_days(house: Hours) -> None:
    await house.helped(ANNA, LEA, 180)
    await house.does(offers.add, house.building, house[ANNA], OfferKind.OFFER, "Klavierunterricht")
    await moves_out(house, ANNA)
    assert await house.due() == 0
    assert (await house.told(ANNA))[-1] == "sel.leaving.title"
    assert await house.does(offers.standing, house.building) == []
    assert await house.balance(ANNA) == 180
    house.clock.now += GRACE - timedelta(days=1)
    await house.due()
    assert await house.balance(ANNA) == 180
    house.clock.now += timedelta(days=1)
    assert await house.due() == 1
    assert await house.due() == 0
    assert await house.balance(ANNA) == 0
    assert await house.does(accounts.pot, house.building) == 180
    assert (await house.told(ANNA))[-1] == "sel.left.gift"
    await house.sums_to_zero()


async def test_what_somebody_owed_is_taken_over_by_the_pot(house: Hours) -> None:
    await house.helped(ANNA, JAMES, 180)
    await moves_out(house, JAMES)
    await house.due()
    house.clock.now += GRACE
    await house.due()
    assert await house.balance(JAMES) == 0
    assert await house.does(accounts.pot, house.building) == -180
    assert (await house.told(JAMES))[-1] == "sel.left.debt"
    await house.sums_to_zero()


async def test_who_is_back_within_the_month_keeps_his_hours(house: Hours) -> None:
    await house.helped(ANNA, JAMES, 180)
    await moves_out(house, ANNA)
    await house.due()
    async with house.work() as uow:
        await uow.connection.execute(text("UPDATE ownership SET last = NULL WHERE person = :person"), {"person": ANNA})
    house.clock.now += GRACE
    await house.due()
    assert await house.balance(ANNA) == 180
    await moves_out(house, ANNA)
    await house.due()
    assert await house.balance(ANNA) == 180


async def test_what_is_open_of_a_leaver_is_cancelled_with_his_account(house: Hours) -> None:
    await house.does(sel.set_limit, house.building, 60)
    await house.reports(ANNA, JAMES, 60)
    await house.helped(TOM, JAMES, 60)
    await moves_out(house, JAMES)
    for _ in range(40):
        await house.due()
        house.clock.now += timedelta(days=1)
    assert await house.open(ANNA) == []
    assert "sel.cancelled.left" in await house.told(ANNA)
    assert await house.balance(JAMES) == 0
    await house.sums_to_zero()


async def test_a_debt_that_the_pot_cannot_take_waits_until_it_can(house: Hours) -> None:
    await house.does(sel.set_limit, house.building, 60)
    async with house.work() as uow:
        await accounts.lock(uow, house.building)
        for minutes in (60 * POT_BELOW - 20,):
            await accounts.book(uow, house.building, Entry(Kind.POT, new_id(), None, house[LEA], minutes))
    await house.helped(ANNA, JAMES, 60)
    await moves_out(house, JAMES)
    await house.due()
    house.clock.now += GRACE
    await house.due()
    assert await house.balance(JAMES) == -40
    async with house.work() as uow:
        await accounts.book(uow, house.building, Entry(Kind.POT, new_id(), house[LEA], None, 100))
    house.clock.now += timedelta(days=1)
    await house.due()
    assert await house.balance(JAMES) == 0
    await house.sums_to_zero()


# ------------------------------------------------------------------------------------------------------------- the limit


async def test_the_limit_is_decided_in_hours_and_written_down(house: Hours) -> None:
    assert await house.does(sel.limit, house.building) == LIMIT
    await house.does(sel.decide_limit, house.building, 30, LIMIT, COUNCIL)
    assert await house.does(sel.limit, house.building) == 1800
    assert (await house.does(accounts.account, house.building, house[ANNA])).limit == 1800
    await house.does(sel.decide_limit, house.building, 30, 1800, COUNCIL)
    async with house.work() as uow:
        (entry,) = (await audit.entries(uow)).entries
    assert (entry.deed, entry.subject, entry.building) == ("settings_changed", "module sel", house.building)
    assert (entry.actor.name, entry.before, entry.after) == ("council", {"limit_hours": 20}, {"limit_hours": 30})


@pytest.mark.parametrize(
    ("hours", "was", "key"), [(0, LIMIT, "wrong_limit"), (1001, LIMIT, "wrong_limit"), (-5, LIMIT, "wrong_limit")]
)
async def test_a_limit_that_makes_no_sense_is_none(house: Hours, hours: int, was: int, key: str) -> None:
    await refused(house, f"sel.{key}", sel.decide_limit, house.building, hours, was, COUNCIL)
    assert await house.does(sel.limit, house.building) == LIMIT


async def test_of_two_who_decide_the_second_is_told(house: Hours) -> None:
    both = await asyncio.gather(
        *(house.does(sel.decide_limit, house.building, hours, LIMIT, COUNCIL) for hours in (10, 40)),
        return_exceptions=True,
    )
    (told,) = [each for each in both if isinstance(each, DomainError)]
    assert told.text.key == "sel.limit_moved_on"
    assert await house.does(sel.limit, house.building) in (600, 2400)


# -------------------------------------------------------------------------------------------------------------- verified


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ("UPDATE sel_lines SET minutes = minutes + 1 WHERE minutes > 0", "sel.verify.entry"),
        ("DELETE FROM sel_lines WHERE minutes > 0", "sel.verify.entry"),
        ("UPDATE sel_exchanges SET minutes = minutes + 1", "sel.verify.exchange"),
        ("UPDATE sel_exchanges SET state = 'cancelled'", "sel.verify.exchange"),
        ("UPDATE sel_lines SET minutes = minutes * 2", "sel.verify.exchange"),
    ],
)
async def test_books_that_were_changed_are_found(house: Hours, fault: str, key: str) -> None:
    """As only the owner of the tables can."""
    await house.helped(ANNA, LEA, 90)
    await house.sums_to_zero()
    connection = await connect(house.sample.owner)
    try:
        await connection.execute(fault)
    finally:
        await connection.close()
    assert key in {each.key for each in await house.does(sel.verify, house.building)}
