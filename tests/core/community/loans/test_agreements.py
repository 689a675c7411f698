"""Loans in the database: agreed, handed over, brought back, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.community.loans import service
from core.community.loans.model import State
from core.community.loans.things import service as things
from core.community.posts import service as posts
from core.community.sel import service as sel
from core.community.sel.accounts import service as accounts
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.periods import Period
from tests.core.community.loans.conftest import ANNA, JAMES, LEA, TOM, YOUSSEF, Neighbourhood, title

MANY = 200


async def test_a_loan_from_the_question_to_the_thanks(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.asks(LEA, thing, house.days(0, 3))
    assert await house.heard(TOM) == ["loans.asked.title"]
    assert title(await house.does(TOM, service.grant, loan)) == "loans.granted.lender.title"
    assert await house.heard(LEA) == ["loans.granted.borrower.title"]
    assert title(await house.does(TOM, service.hand_over, loan)) == "loans.noted.handed"
    assert (await house.loan(loan)).state is State.GRANTED
    assert title(await house.does(LEA, service.hand_over, loan)) == "loans.out.borrower"
    assert (await house.loan(loan)).state is State.OUT
    await house.does(LEA, service.bring_back, loan)
    assert title(await house.does(TOM, service.bring_back, loan)) == "loans.back.lender"
    assert (await house.loan(loan)).state is State.BACK
    assert (await house.heard(LEA))[1:] == ["loans.handed.lender.title", "loans.back.borrower"]
    assert (await house.heard(TOM))[1:] == ["loans.out.lender", "loans.returned.borrower.title"]


async def test_nobody_learns_where_another_lives_before_it_is_granted(house: Neighbourhood) -> None:
    thing = await house.lends()
    await house.asks(ANNA, thing, house.days(1))
    await house.asks(LEA, thing, house.days(1))
    before = json.dumps([*await house.told(TOM), *await house.told(LEA), *await house.told(ANNA)])
    await house.does(TOM, service.grant, (await house.loans(thing, LEA))[0].loan_id)
    hers, annas = json.dumps(await house.told(LEA)), json.dumps(await house.told(ANNA))
    for secret in ("Vermeulen", "Dubois", "Schmitz", "+32 2 555", "2B", "3A", "4B", "tilleuls.example"):
        assert secret not in before, secret
        assert secret not in annas, secret
    assert all(known in hers for known in ("Tom Vermeulen", "2B", "+32 2 555 01 04"))


async def test_two_want_it_and_one_gets_it(house: Neighbourhood) -> None:
    thing = await house.lends()
    lea, anna = await house.asks(LEA, thing, house.days(1, 3)), await house.asks(ANNA, thing, house.days(3, 2))
    james = await house.asks(JAMES, thing, house.days(5))
    await house.does(TOM, service.grant, anna)
    assert (await house.loan(lea)).state is State.WAITING
    assert await house.heard(LEA) == ["loans.passed_over.title"]
    assert (await house.loan(james)).state is State.ASKED
    assert await house.heard(JAMES) == []
    assert await house.refused(TOM, service.grant, lea) == "loans.lent_already"
    assert await house.refused(TOM, service.grant, anna) == "loans.moved_on"


async def residents(house: Neighbourhood, count: int) -> list[str]:
    """So many more people who live there."""
    async with house.sample.database.work(house.sample.organisation) as uow:
        for number in range(count):
            person, code = new_id(), f"neighbour-{number}"
            values = {"organisation": uow.organisation, "building": house.building, "id": person, "code": code}
            await uow.connection.execute(
                text(
                    "INSERT INTO persons (organisation_id, person_id, name, language) VALUES (:organisation, :id, :code, 'nl')"
                ),
                {key: values[key] for key in ("organisation", "id", "code")},
            )
            await uow.connection.execute(
                text(
                    "INSERT INTO residents (organisation_id, building_id, position, person, person_id, account, name, email, phone,"
                    " language, roles, channels_accepted, street, postal_code, city, country) VALUES (:organisation, :building,"
                    " :place, :code, :id, :place, :code, '', '', 'nl', '{caretaker}', '{}', '', '', '', '')"
                ),
                {**values, "place": 1_000 + number},
            )
            house.persons[code] = person
        await uow.commit()
    return [f"neighbour-{number}" for number in range(count)]


async def test_of_two_hundred_at_once_one_gets_it_and_the_others_are_told_kindly(house: Neighbourhood) -> None:
    thing, day = await house.lends(), house.days(6)
    everybody = await residents(house, MANY)
    asked = await asyncio.gather(*(house.does(who, service.borrow, thing.thing_id, day) for who in everybody))
    assert {title(card) for card in asked} == {"loans.requested.title"}
    assert len(await house.told(TOM)) == MANY
    loans = await house.loans(thing)
    assert len(loans) == MANY

    async def grant(loan: UUID) -> str:
        try:
            return title(await house.does(TOM, service.grant, loan))
        except DomainError as refusal:
            return refusal.text.key

    said = await asyncio.gather(*(grant(loan.loan_id) for loan in loans))
    assert sorted(said) == ["loans.granted.lender.title", *["loans.lent_already"] * (MANY - 1)]
    after = await house.loans(thing)
    assert sorted(loan.state for loan in after) == [State.GRANTED, *[State.WAITING] * (MANY - 1)]
    winner = next(loan.borrower for loan in after if loan.state is State.GRANTED)
    for who in everybody:
        told = "loans.granted.borrower.title" if house.persons[who] == winner else "loans.passed_over.title"
        assert await house.heard(who) == [told]


async def test_the_database_itself_lends_a_thing_once(house: Neighbourhood) -> None:
    """Whatever the use cases do: two loans of one thing never share a day."""
    thing = await house.lends()
    for who in (LEA, ANNA):
        await house.asks(who, thing, house.days(2, 3))
    async with house.sample.database.work(house.sample.organisation) as uow:
        with pytest.raises(IntegrityError, match="loans_once"):
            await uow.connection.execute(
                text("UPDATE loans SET state = 'granted' WHERE thing_id = :thing"), {"thing": thing.thing_id}
            )
    async with house.sample.database.work(house.sample.organisation) as uow:
        with pytest.raises(IntegrityError, match="loans_out"):
            await uow.connection.execute(
                text(
                    "UPDATE loans SET state = 'out', first = CASE WHEN borrower_id = :lea THEN first - 9 ELSE first END,"
                    " last = CASE WHEN borrower_id = :lea THEN first - 9 ELSE last END WHERE thing_id = :thing"
                ),
                {"lea": house.persons[LEA], "thing": thing.thing_id},
            )


# ------------------------------------------------------------------------------------------------------------- bad input


async def test_requests_that_make_no_sense(house: Neighbourhood) -> None:
    thing = await house.lends()

    async def wrong(who: str, days: Period) -> str:
        return await house.refused(who, service.borrow, thing.thing_id, days)

    assert await wrong(TOM, house.days()) == "loans.own"
    assert await wrong(LEA, house.days(-2)) == "loans.past"
    assert await wrong(LEA, house.days(0, 91)) == "loans.too_long"
    assert await wrong(LEA, house.days(0, 8)) == "loans.too_long"
    assert await wrong(LEA, house.days(400)) == "loans.far"
    assert await house.refused(LEA, service.borrow, new_id(), house.days()) == "loans.not_yours"
    await house.asks(LEA, thing, house.days(1, 3))
    assert await wrong(LEA, house.days(3)) == "loans.asked_already"
    assert len(await house.loans(thing)) == 1
    assert await house.heard(TOM) == ["loans.asked.title"]


async def test_whoever_has_nothing_to_do_with_it_moves_nothing(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.asks(LEA, thing, house.days())
    moves = (service.grant, service.refuse, service.accept, service.cancel, service.hand_over, service.bring_back)
    for move in (*moves, service.deny, service.lose, service.longer, service.grant_longer, service.refuse_longer):
        assert await house.refused(ANNA, move, loan) in ("loans.not_yours", "loans.moved_on", "loans.no_longer")
        assert await house.refused(TOM, move, new_id()) == "loans.not_yours"
    assert await house.refused(LEA, service.grant, loan) == "loans.not_yours"
    assert await house.refused(TOM, service.cancel, loan) == "loans.moved_on"
    assert await house.refused(ANNA, service.suggest, loan, house.days(4)) == "loans.not_yours"
    assert await house.refused(ANNA, service.withdraw, thing.thing_id) == "loans.not_yours"
    assert await house.refused(ANNA, things.lend_for, thing.thing_id, 3) == "loans.not_yours"
    assert await house.refused(ANNA, service.shown, loan) == "loans.not_yours"
    assert (await house.loan(loan)).state is State.ASKED


async def test_an_old_button_pressed_twice_does_nothing_more(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.asks(LEA, thing, house.days())
    done = await asyncio.gather(*(house.does(TOM, service.grant, loan) for _ in range(5)), return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in done) == 1
    assert {each.text.key for each in done if isinstance(each, DomainError)} == {"loans.moved_on"}
    assert await house.heard(LEA) == ["loans.granted.borrower.title"]
    assert await house.refused(TOM, service.refuse, loan) == "loans.moved_on"


async def test_it_was_withdrawn_meanwhile(house: Neighbourhood) -> None:
    thing = await house.lends()
    agreed = await house.granted(ANNA, thing, house.days(1))
    loan = await house.asks(LEA, thing, house.days(3))
    await house.does(TOM, service.withdraw, thing.thing_id)
    assert (await house.loan(loan)).state is State.REFUSED
    assert await house.heard(LEA) == ["loans.not_offered"]
    assert (await house.loan(agreed)).state is State.GRANTED
    assert await house.refused(LEA, service.borrow, thing.thing_id, house.days(5)) == "loans.not_offered"
    assert await house.refused(TOM, service.withdraw, thing.thing_id) == "loans.not_offered"
    assert await house.does(LEA, lambda uow, person: things.found(uow, house.building, "échelle")) == []


@pytest.mark.parametrize("minutes", [0, 60])
async def test_days_that_are_taken_and_the_next_free_ones(house: Neighbourhood, minutes: int) -> None:
    thing = await house.lends(deposit=minutes)
    await house.granted(ANNA, thing, house.days(1, 3))
    card = await house.does(LEA, service.borrow, thing.thing_id, house.days(2, 2))
    assert title(card) == "loans.taken.title"
    assert await house.loans(thing, LEA) == []
    instead = next(choice for choice in card.choices if choice.intent.slots.get("do") is None)
    assert Period.parse(instead.intent.slots["period"]) == house.days(4, 2)


# ---------------------------------------------------------------------------------------------------------- waiting list


async def test_the_first_who_waits_is_next(house: Neighbourhood) -> None:
    thing = await house.lends()
    anna = await house.granted(ANNA, thing, house.days(1, 3))
    lea = await house.asks(LEA, thing, house.days(2), queue=True)
    house.clock.now += timedelta(minutes=1)
    james = await house.asks(JAMES, thing, house.days(2, 2), queue=True)
    assert {(await house.loan(each)).state for each in (lea, james)} == {State.WAITING}
    await house.does(ANNA, service.cancel, anna)
    assert (await house.loan(lea)).state is State.ASKED
    assert (await house.loan(james)).state is State.WAITING
    assert await house.heard(LEA) == ["loans.free_again.title"]
    assert (await house.heard(TOM))[-2:] == ["loans.cancelled.borrower.title", "loans.asked.title"]
    await house.does(TOM, service.refuse, lea)
    assert (await house.loan(james)).state is State.ASKED
    await house.does(JAMES, service.cancel, james)
    assert (await house.loan(james)).state is State.CANCELLED


async def test_it_came_back_early(house: Neighbourhood) -> None:
    thing = await house.lends()
    anna = await house.out(ANNA, thing, house.days(0, 5))
    lea = await house.asks(LEA, thing, house.days(1, 3), queue=True)
    await house.time(days=2)
    await house.does(TOM, service.bring_back, anna)
    await house.does(ANNA, service.bring_back, anna)
    found = await house.loan(lea)
    assert (found.state, found.days) == (State.ASKED, house.days(0, 2))


async def test_whoever_leaves_the_list_disturbs_nobody(house: Neighbourhood) -> None:
    thing = await house.lends()
    await house.granted(ANNA, thing, house.days(1))
    lea = await house.asks(LEA, thing, house.days(1), queue=True)
    before = await house.heard(TOM)
    assert title(await house.does(LEA, service.cancel, lea)) == "loans.left_queue"
    assert await house.heard(TOM) == before


async def test_other_days_are_suggested_and_taken(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.asks(LEA, thing, house.days(1))
    assert await house.refused(TOM, service.suggest, loan, house.days(-1)) == "loans.past"
    assert await house.refused(TOM, service.suggest, loan, house.days(1, 30)) == "loans.too_long"
    await house.does(TOM, service.suggest, loan, house.days(4, 2))
    assert await house.refused(LEA, service.grant, loan) == "loans.not_yours"
    assert title(await house.does(LEA, service.accept, loan)) == "loans.granted.borrower.title"
    found = await house.loan(loan)
    assert (found.state, found.days) == (State.GRANTED, house.days(4, 2))


# ------------------------------------------------------------------------------------------------- hand-over and return


async def test_one_side_is_silent(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.granted(LEA, thing, house.days(0, 7))
    await house.does(TOM, service.hand_over, loan)
    assert await house.time(days=2, hours=23) == 0
    assert await house.time(hours=1) == 1
    assert (await house.loan(loan)).state is State.OUT
    assert await house.time() == 0
    await house.does(LEA, service.bring_back, loan)
    assert await house.time(days=3) == 1
    assert (await house.loan(loan)).state is State.BACK
    assert (await house.heard(LEA))[-1] == "loans.back.borrower"
    assert (await house.heard(TOM))[-1] == "loans.back.lender"


async def test_it_is_not_as_the_other_says(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.out(LEA, thing, house.days(0, 3))
    for _ in range(2):
        await house.does(LEA, service.bring_back, loan)
        await house.does(TOM, service.deny, loan)
        found = await house.loan(loan)
        assert (found.state, found.claimed_by) == (State.OUT, None)
        house.clock.now += timedelta(hours=1)
    assert (await house.heard(LEA)).count("loans.denied.returned") == 2


async def test_nobody_gets_what_another_has_still(house: Neighbourhood) -> None:
    thing = await house.lends()
    late = await house.out(ANNA, thing, house.days(0, 2))
    lea = await house.granted(LEA, thing, house.days(2, 3))
    await house.time(days=2)
    await house.does(TOM, service.hand_over, lea)
    assert await house.refused(LEA, service.hand_over, lea) == "loans.still_out"
    assert await house.time(days=4) == 0
    await house.does(TOM, service.lose, late)
    assert await house.time() == 1
    assert (await house.loan(lea)).state is State.OUT


async def test_what_is_late_is_not_lent_today(house: Neighbourhood) -> None:
    thing = await house.lends()
    await house.out(ANNA, thing, house.days(0, 2))
    house.clock.now += timedelta(days=4)
    assert title(await house.does(LEA, service.borrow, thing.thing_id, house.days())) == "loans.taken.title"
    assert title(await house.does(LEA, service.borrow, thing.thing_id, house.days(1))) == "loans.requested.title"


async def test_a_deposit_is_held_and_comes_back(house: Neighbourhood) -> None:
    thing = await house.lends(deposit=120)
    loan = await house.out(LEA, thing, house.days(0, 3))
    assert (await house.loan(loan)).held == 120
    lea = await house.does(LEA, lambda uow, person: accounts.account(uow, house.building, person))
    assert (lea.balance, lea.held) == (0, 120)
    await house.does(TOM, service.bring_back, loan)
    await house.does(LEA, service.bring_back, loan)
    lea = await house.does(LEA, lambda uow, person: accounts.account(uow, house.building, person))
    assert (lea.balance, lea.held) == (0, 0)


async def test_a_deposit_of_what_is_lost_goes_to_the_lender(house: Neighbourhood) -> None:
    thing = await house.lends(deposit=120)
    loan = await house.out(LEA, thing, house.days(0, 3))
    await house.does(TOM, service.lose, loan)
    for who, balance in ((LEA, -120), (TOM, 120)):
        found = await house.does(who, lambda uow, person: accounts.account(uow, house.building, person))
        assert (found.balance, found.held) == (balance, 0)
    assert (await house.thing(thing.thing_id)).withdrawn
    async with house.sample.database.work(house.sample.organisation) as uow:
        assert await sel.verify(uow, house.building) == []


async def test_whoever_has_no_room_for_a_deposit_has_the_thing_all_the_same(house: Neighbourhood) -> None:
    for name, minutes in (("Ladder", 1_200), ("Drill", 60)):
        thing = await house.lends(name=name, deposit=minutes)
        loan = await house.out(LEA, thing, house.days(0, 3))
    found = await house.loan(loan)
    assert (found.state, found.deposit, found.held) == (State.OUT, 60, 0)
    assert "loans.not_held" in json.dumps((await house.told(TOM))[-1])


async def test_longer_by_one_tap_each(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.out(LEA, thing, house.days(0, 2))
    await house.does(LEA, service.longer, loan)
    assert await house.refused(LEA, service.longer, loan) == "loans.said_already"
    await house.does(TOM, service.grant_longer, loan)
    assert (await house.loan(loan)).days == house.days(0, 4)
    await house.asks(ANNA, thing, house.days(4))
    assert await house.refused(LEA, service.longer, loan) == "loans.somebody_waits"
    assert await house.refused(TOM, service.grant_longer, loan) == "loans.moved_on"


async def test_somebody_asked_before_the_lender_said_that_it_may_be_kept(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.out(LEA, thing, house.days(0, 2))
    await house.does(LEA, service.longer, loan)
    await house.granted(ANNA, thing, house.days(2))
    assert await house.refused(TOM, service.grant_longer, loan) == "loans.somebody_waits"
    await house.does(TOM, service.refuse_longer, loan)
    assert (await house.loan(loan)).days == house.days(0, 2)


# ------------------------------------------------------------------------------------------------------------- and then


async def test_reminders_are_told_once_and_politely(house: Neighbourhood) -> None:
    thing = await house.lends()
    await house.out(LEA, thing, house.days(0, 3))
    before = len(await house.heard(LEA))
    for hour in range(14 * 24):
        await house.time(hours=1)
        if hour % 6 == 0:
            await house.time()
    heard = [await house.heard(LEA), await house.heard(TOM)]
    assert heard[0][before:] == ["loans.eve.title", *["loans.late.title"] * 3]
    assert heard[1].count("loans.late.lender") == 2
    late = [
        card["title"]["values"]["count"]
        for card in await house.told(LEA)
        if card["title"]["text"] == "loans.late.title"
    ]
    assert late == [1, 3, 7]


async def test_what_nobody_answers_or_fetches_lapses(house: Neighbourhood) -> None:
    thing = await house.lends()
    asked, fetched = await house.asks(LEA, thing, house.days(1)), await house.granted(ANNA, thing, house.days(3))
    waiting = await house.asks(JAMES, thing, house.days(3), queue=True)
    assert await house.time(days=2) == 1
    assert (await house.loan(asked)).state is State.LAPSED
    assert await house.time(days=2) == 1
    assert (await house.loan(waiting)).state is State.LAPSED
    assert await house.time(days=2) == 0
    assert await house.time(days=1) == 1
    assert (await house.loan(fetched)).state is State.LAPSED
    assert (await house.heard(LEA))[-1] == "loans.lapsed.asked"
    assert (await house.heard(JAMES))[-1] == "loans.lapsed.waiting"
    assert (await house.heard(ANNA))[-1] == (await house.heard(TOM))[-1] == "loans.lapsed.granted"


async def test_the_module_is_switched_off_in_the_middle(house: Neighbourhood) -> None:
    thing, other = await house.lends(), await house.lends(name="Drill")
    out, asked = await house.out(LEA, thing, house.days(0, 2)), await house.asks(ANNA, thing, house.days(4))
    agreed = await house.granted(JAMES, other, house.days(0, 2))
    await house.switch(on=False)
    assert await house.refused(TOM, service.grant, asked) == "loans.not_on"
    assert await house.refused(ANNA, service.borrow, other.thing_id, house.days(4)) == "loans.not_on"
    assert await house.refused(ANNA, things.lend, house.building, "Tent") == "loans.not_on"
    assert await house.refused(ANNA, things.wish, house.building, "tent") == "loans.not_on"
    await house.time()
    assert (await house.loan(asked)).state is State.LAPSED
    assert await house.heard(ANNA) == ["loans.lapsed.closed"]
    await house.does(TOM, service.hand_over, agreed)
    await house.does(JAMES, service.hand_over, agreed)
    await house.time(days=2)
    assert (await house.heard(LEA))[-1] == "loans.late.title"
    for loan, who in ((out, LEA), (agreed, JAMES)):
        await house.does(who, service.bring_back, loan)
        await house.does(TOM, service.bring_back, loan)
        assert (await house.loan(loan)).state is State.BACK


async def test_somebody_moves_out_with_a_ladder(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.out(YOUSSEF, thing, house.days(0, 2))
    await house.moves_out(YOUSSEF)
    await house.time(days=2)
    assert (await house.heard(YOUSSEF))[-1] == "loans.late.title"
    assert title(await house.does(TOM, service.bring_back, loan)) == "loans.back.lender"
    assert (await house.loan(loan)).state is State.BACK


async def test_whoever_moved_out_can_bring_it_back(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.out(YOUSSEF, thing, house.days(0, 2))
    await house.moves_out(YOUSSEF)
    assert await house.refused(YOUSSEF, service.borrow, thing.thing_id, house.days(5)) == "loans.not_neighbour"
    await house.does(YOUSSEF, service.bring_back, loan)
    await house.does(TOM, service.bring_back, loan)
    assert (await house.loan(loan)).state is State.BACK


async def test_the_lender_moves_out(house: Neighbourhood) -> None:
    thing = await house.lends(YOUSSEF)
    out, asked = await house.out(LEA, thing, house.days(0, 2)), await house.asks(ANNA, thing, house.days(3))
    await house.moves_out(YOUSSEF)
    assert await house.refused(JAMES, service.borrow, thing.thing_id, house.days(5)) == "loans.not_offered"
    assert await house.refused(YOUSSEF, service.grant, asked) == "loans.not_neighbour"
    assert await house.does(LEA, lambda uow, person: things.shown(uow, house.building)) == []
    await house.does(LEA, service.bring_back, out)
    await house.time(days=3)
    assert (await house.loan(out)).state is State.BACK


async def test_the_last_thing_is_taken_back(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.asks(LEA, thing, house.days(1))
    last = await house.does(LEA, posts.last)
    assert (last.kind, last.subject) == (service.POST, loan)
    await house.does(LEA, service.take_back, loan)
    assert (await house.loan(loan)).state is State.CANCELLED
    assert await house.does(LEA, posts.last) is None
    agreed = await house.granted(ANNA, thing, house.days(1))
    assert await house.refused(ANNA, service.take_back, agreed) == "loans.binds"
    assert await house.refused(TOM, service.take_back, thing.thing_id) == "loans.binds"
    assert await house.refused(LEA, service.take_back, agreed) == "loans.binds"
    await house.does(TOM, service.cancel, agreed)
    await house.does(TOM, service.take_back, thing.thing_id)
    assert (await house.thing(thing.thing_id)).withdrawn


async def test_photos_reach_the_other_side(house: Neighbourhood) -> None:
    thing = await house.lends()
    loan = await house.out(LEA, thing, house.days(0, 2))
    await house.does(TOM, service.add_photo, loan, "aa" * 32)
    await house.does(LEA, service.bring_back, loan)
    await house.does(LEA, service.add_photo, loan, "bb" * 32)
    found = await house.loan(loan)
    assert (found.handed_photo, found.returned_photo) == ("aa" * 32, "bb" * 32)
    assert (await house.told(TOM))[-1]["attachments"][0]["values"]["sha256"] == "bb" * 32
    assert await house.refused(ANNA, service.add_photo, loan, "cc" * 32) == "loans.not_yours"
