"""Help that was given: reported, confirmed, disputed, settled, and what falls due."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.community.posts.model import MOST_A_DAY
from core.community.sel import service as sel
from core.community.sel.accounts import service as accounts
from core.community.sel.exchanges import service as exchanges
from core.community.sel.exchanges.model import AGAIN, SILENCE, UNDECIDED, State
from core.community.sel.exchanges.service import Report
from core.community.sel.module import MODULE
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.i18n import Catalogues
from core.kernel.ids import new_id
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.core.community.sel.conftest import Hours

LEA, TOM, ANNA, SOFIE, JAMES = "lea-dubois", "tom-vermeulen", "anna-schmitz", "sofie-desmet", "james-carter"
LIMIT = 20 * 60


async def refused(house: Hours, key: str, use, *values) -> None:  # type: ignore[no-untyped-def]
    """It is refused with that sentence, and nothing has changed, though the transaction is kept."""
    before = await state(house)
    async with house.work() as uow:
        with pytest.raises(DomainError) as refusal:
            await use(uow, *values)
    assert refusal.value.text.key == key
    assert await state(house) == before


async def state(house: Hours) -> list[object]:
    async with house.work() as uow:
        return await everything(uow)


async def everything(uow: UnitOfWork) -> list[object]:
    tables = ("sel_exchanges", "sel_entries", "sel_lines", "sel_holds", "posts", "deliveries")
    return [(await uow.connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2, 3"))).all() for table in tables]


async def said(house: Hours, who: str, partner: str, minutes: int | None, *, gave: bool = True, gift: bool = False):  # type: ignore[no-untyped-def]
    return (house.building, house[who], Report(house[partner], gave, minutes, gift))


async def test_one_reports_the_other_confirms(house: Hours) -> None:
    card = await house.reports(LEA, TOM, 120, gave=False)
    assert card.title.key == "sel.reported.received"
    assert await house.told(TOM) == ["sel.question.gave"]
    assert (await house.balance(LEA), await house.balance(TOM)) == (0, 0)
    (waiting,) = await house.open(TOM)
    card = await house.does(exchanges.confirm, waiting.exchange_id, house[TOM])
    assert card.title.key == "sel.booked.gave"
    assert await house.told(LEA) == ["sel.booked.received"]
    assert (await house.balance(LEA), await house.balance(TOM)) == (-120, 120)
    await house.sums_to_zero()
    await refused(house, "sel.booked_already", exchanges.confirm, waiting.exchange_id, house[TOM])
    await refused(house, "sel.booked_already", exchanges.withdraw, waiting.exchange_id, house[LEA])


async def test_both_report_it_and_it_is_one(house: Hours) -> None:
    await house.reports(LEA, TOM, 120, gave=False)
    card = await house.reports(TOM, LEA, 120)
    assert card.title.key == "sel.booked.gave"
    assert (await house.balance(LEA), await house.balance(TOM)) == (-120, 120)
    assert await house.open(LEA) == []


async def test_both_report_it_but_not_the_same(house: Hours) -> None:
    await house.reports(LEA, TOM, 120, gave=False)
    card = await house.reports(TOM, LEA, 180)
    assert card.body[0].key == "sel.question.same"
    assert len(await house.open(LEA)) == 1
    again = next(choice for choice in card.choices if choice.label.key == "sel.choice.another")
    assert again.intent.slots["again"] is True
    await house.does(
        exchanges.report, house.building, house[TOM], Report(house[LEA], gave=True, minutes=180, again=True)
    )
    assert len(await house.open(LEA)) == 2


async def test_noted_twice_on_a_day_is_noted_once(house: Hours) -> None:
    await house.reports(LEA, TOM, 60)
    await refused(house, "sel.noted_already", exchanges.report, *await said(house, LEA, TOM, 60))
    house.clock.now += timedelta(days=1)
    await house.reports(LEA, TOM, 60)
    assert len(await house.open(LEA)) == 2


@pytest.mark.parametrize(
    ("partner", "minutes", "key"),
    [
        (LEA, 60, "sel.oneself"),
        (TOM, 0, "sel.no_time"),
        (TOM, -60, "sel.no_time"),
        (TOM, None, "sel.no_time"),
        (TOM, 10_000 * 60, "sel.too_long"),
        (TOM, 12 * 60 + 1, "sel.too_long"),
        ("werner-klein", 60, "sel.not_neighbour"),
        ("nathalie-renard", 60, "sel.not_neighbour"),
    ],
)
async def test_what_makes_no_sense_is_refused(house: Hours, partner: str, minutes: int | None, key: str) -> None:
    await refused(house, key, exchanges.report, *await said(house, LEA, partner, minutes))


async def test_somebody_of_another_building_is_no_neighbour(house: Hours) -> None:
    stranger = Report(new_id(), gave=True, minutes=60)
    await refused(house, "sel.not_neighbour", exchanges.report, house.building, house[LEA], stranger)
    await refused(
        house, "sel.not_here", exchanges.report, house.building, house["werner-klein"], Report(house[LEA], True, 60)
    )


async def test_only_the_two_and_each_his_part(house: Hours) -> None:
    await house.reports(LEA, TOM, 120)
    (waiting,) = await house.open(LEA)
    which = waiting.exchange_id
    for who in (ANNA, SOFIE):
        for use in (exchanges.confirm, exchanges.give, exchanges.object_to, exchanges.withdraw):
            await refused(house, "sel.not_yours", use, which, house[who])
    await refused(house, "sel.other_confirms", exchanges.confirm, which, house[LEA])
    await refused(house, "sel.other_confirms", exchanges.object_to, which, house[LEA])
    await refused(house, "sel.only_giver", exchanges.give, which, house[TOM])
    await refused(house, "sel.only_reporter", exchanges.withdraw, which, house[TOM])
    await refused(house, "sel.nothing_to_decide", exchanges.settle, which, house[SOFIE])
    await refused(house, "sel.not_yours", exchanges.confirm, new_id(), house[TOM])


async def test_taken_back_by_who_noted_it(house: Hours) -> None:
    await house.reports(LEA, TOM, 120)
    (waiting,) = await house.open(LEA)
    await house.does(sel.take_back, house[LEA], waiting.exchange_id)
    assert await house.told(TOM) == ["sel.question.received", "sel.cancelled.withdrawn"]
    await refused(house, "sel.over", exchanges.confirm, waiting.exchange_id, house[TOM])
    assert await house.balance(LEA) == 0


async def test_silence_for_seven_days_books_it(house: Hours) -> None:
    await house.reports(LEA, TOM, 90)
    house.clock.now += SILENCE - timedelta(seconds=1)
    assert await house.due() == 0
    house.clock.now += timedelta(seconds=1)
    assert await house.due() == 1
    assert await house.due() == 0
    assert await house.balance(LEA) == 90
    assert await house.told(LEA) == ["sel.booked.gave"]
    assert await house.told(TOM) == ["sel.question.received", "sel.booked.received"]
    await house.sums_to_zero()


async def test_a_gift_moves_no_hours_but_is_thanked_for(house: Hours) -> None:
    await house.reports(LEA, TOM, None, gave=True, gift=True)
    (waiting,) = await house.open(TOM)
    card = await house.does(exchanges.confirm, waiting.exchange_id, house[TOM])
    assert card.title.key == "sel.booked.gift_received"
    assert await house.told(LEA) == ["sel.booked.gift_gave"]
    assert await house.balance(LEA) == 0
    done = await house.does(
        exchanges.settled_between, house.building, house.clock.now, house.clock.now + timedelta(days=1)
    )
    assert done == [(house[LEA], house[TOM], 0, True)]


async def test_the_giver_makes_it_a_gift_afterwards(house: Hours) -> None:
    await house.reports(TOM, LEA, 120, gave=False)
    (waiting,) = await house.open(LEA)
    await house.does(exchanges.give, waiting.exchange_id, house[LEA])
    assert (await house.balance(LEA), await house.balance(TOM)) == (0, 0)
    assert await house.told(TOM) == ["sel.booked.gift_received"]
    await house.sums_to_zero()


async def test_a_gift_that_was_none_is_simply_struck(house: Hours) -> None:
    await house.reports(LEA, TOM, None, gift=True)
    (waiting,) = await house.open(TOM)
    await house.does(exchanges.object_to, waiting.exchange_id, house[TOM])
    assert await house.open(TOM) == []
    assert await house.told(LEA) == ["sel.cancelled.refused"]
    assert "sel.case.title" not in await house.told(SOFIE)


# ------------------------------------------------------------------------------------------------------------ disputes


async def dispute(house: Hours, giver: str = ANNA, receiver: str = JAMES):  # type: ignore[no-untyped-def]
    await house.reports(giver, receiver, 180)
    (waiting,) = await house.open(giver)
    await house.does(exchanges.object_to, waiting.exchange_id, house[receiver])
    return waiting.exchange_id


async def test_the_council_hears_both_sides_and_decides(house: Hours) -> None:
    which = await dispute(house)
    for member in (LEA, TOM, SOFIE):
        assert await house.told(member) == ["sel.case.title"]
    assert await house.told(ANNA) == ["sel.disputed.title"]
    await house.does(exchanges.explain, which, house[JAMES], "Es war nur eine Stunde.")
    assert await house.told(LEA) == ["sel.case.title", "sel.case.title"]
    house.clock.now += timedelta(days=8)
    assert await house.due() == 0
    await house.does(exchanges.settle, which, house[SOFIE], 60)
    assert (await house.balance(ANNA), await house.balance(JAMES)) == (60, -60)
    assert (await house.told(ANNA))[-1] == "sel.booked.gave"
    assert (await house.told(JAMES))[-1] == "sel.booked.received"
    await refused(house, "sel.booked_already", exchanges.settle, which, house[LEA])
    await refused(house, "sel.booked_already", exchanges.dismiss, which, house[LEA])
    await house.sums_to_zero()


async def test_only_the_council_decides_and_not_in_its_own_case(house: Hours) -> None:
    which = await dispute(house)
    await refused(house, "sel.council_only", exchanges.settle, which, house["katrien-willems"])
    await refused(house, "sel.council_only", exchanges.settle, which, house["nathalie-renard"])
    await refused(house, "sel.own_case", exchanges.dismiss, which, house[JAMES])
    await refused(house, "sel.too_long", exchanges.settle, which, house[LEA], 721)
    await refused(house, "sel.no_time", exchanges.settle, which, house[LEA], 0)
    await house.does(exchanges.dismiss, which, house[LEA])
    assert await house.balance(ANNA) == 0
    own = await dispute(house, LEA, TOM)
    assert (await house.told(SOFIE))[-1] == "sel.case.title"
    for party in (LEA, TOM):
        await refused(house, "sel.own_case", exchanges.settle, own, house[party])


async def test_who_objected_may_think_better_of_it(house: Hours) -> None:
    which = await dispute(house)
    await refused(house, "sel.disputed_already", exchanges.object_to, which, house[JAMES])
    await house.does(exchanges.confirm, which, house[JAMES])
    assert await house.balance(ANNA) == 180


async def test_nobody_decides_for_thirty_days(house: Hours) -> None:
    which = await dispute(house)
    house.clock.now += UNDECIDED
    assert await house.due() == 1
    assert (await house.told(JAMES))[-1] == "sel.cancelled.undecided"
    await refused(house, "sel.over", exchanges.settle, which, house[LEA])
    assert await house.balance(ANNA) == 0


async def test_what_he_says_against_it_is_kept_decent(house: Hours) -> None:
    which = await dispute(house)
    await refused(house, "community.insulting", exchanges.explain, which, house[JAMES], "what an idiot")
    await refused(house, "community.no_name", exchanges.explain, which, house[JAMES], "   ")
    await refused(house, "sel.over", exchanges.explain, which, house[ANNA], "not so")
    await house.does(exchanges.explain, which, house[JAMES], "one hour")
    await refused(house, "sel.explained_already", exchanges.explain, which, house[JAMES], "two hours")


# -------------------------------------------------------------------------------------------------------------- limits


async def test_the_limit_is_kept_and_said(house: Hours) -> None:
    await house.helped(ANNA, LEA, 720)
    await house.helped(ANNA, LEA, 480)
    assert await house.balance(LEA) == -LIMIT
    await refused(house, "sel.limit.you_low", exchanges.report, *await said(house, LEA, TOM, 15, gave=False))
    await refused(house, "sel.limit.one_of_two", exchanges.report, *await said(house, TOM, LEA, 15))
    await refused(house, "sel.limit.you_high", exchanges.report, *await said(house, ANNA, TOM, 15))
    await refused(house, "sel.limit.one_of_two", exchanges.report, *await said(house, TOM, ANNA, 15, gave=False))
    await house.reports(TOM, LEA, 15, gift=True)
    await house.helped(LEA, ANNA, 60)
    assert await house.balance(LEA) == -LIMIT + 60


async def test_how_the_other_stands_is_told_to_nobody(house: Hours, catalogues: Catalogues) -> None:
    """Neither his figures nor his name nor on which side of zero: the sentence is the same whoever of them it is, the council's too."""
    await house.helped(ANNA, LEA, 720)
    await house.helped(ANNA, LEA, 480)
    said_so = []
    for who, partner, gave in ((TOM, LEA, True), (TOM, ANNA, False)):
        async with house.work() as uow:
            with pytest.raises(DomainError) as refusal:
                await exchanges.report(uow, *await said(house, who, partner, 15, gave=gave))
        said_so.append(refusal.value.text)
    await house.helped(LEA, TOM, 15)
    await house.reports(JAMES, LEA, 15)
    (waiting,) = [each for each in await house.open(JAMES) if each.receiver == house[LEA]]
    await house.does(exchanges.object_to, waiting.exchange_id, house[LEA])
    await house.helped(SOFIE, LEA, 15)
    async with house.work() as uow:
        with pytest.raises(DomainError) as refusal:
            await exchanges.settle(uow, waiting.exchange_id, house[TOM])
    said_so.append(refusal.value.text)
    assert {each.key for each in said_so} == {"sel.limit.one_of_two"}
    for language, words in catalogues.items():
        (sentence,) = {words(each) for each in said_so}
        assert not re.search(r"\d|[-−]", sentence), (language, sentence)
        assert not {"Léa", "Anna", "Tom"} & set(re.findall(r"\w+", sentence)), (language, sentence)


async def test_whoever_is_at_the_limit_himself_reads_only_of_himself(house: Hours) -> None:
    """Though the account of the other would pass it too."""
    await house.does(sel.set_limit, house.building, 60)
    await house.helped(ANNA, LEA, 60)
    await refused(house, "sel.limit.you_high", exchanges.report, *await said(house, ANNA, LEA, 30))
    await refused(house, "sel.limit.you_low", exchanges.report, *await said(house, LEA, ANNA, 30, gave=False))


async def test_the_limit_is_a_setting_of_the_building(house: Hours) -> None:
    await house.does(sel.set_limit, house.building, 60)
    await refused(house, "sel.limit.you_high", exchanges.report, *await said(house, ANNA, LEA, 61))
    await house.helped(ANNA, LEA, 60)
    await house.does(sel.set_limit, house.building, 120)
    await house.helped(ANNA, LEA, 60)
    await refused(house, "sel.wrong_limit", sel.set_limit, house.building, 0)


async def test_what_does_not_fit_on_its_day_is_tried_again_and_can_be_left(house: Hours) -> None:
    await house.does(sel.set_limit, house.building, 120)
    await house.reports(ANNA, LEA, 120)
    house.clock.now += timedelta(days=1)
    await house.helped(TOM, LEA, 60)
    house.clock.now += SILENCE
    await house.due()
    (stuck,) = await house.open(LEA)
    assert stuck.state is State.WAITING
    assert (await house.told(LEA))[-1] == "sel.stuck.received"
    assert (await house.told(ANNA))[-1] == "sel.stuck.gave"
    told = len(await house.told(ANNA))
    house.clock.now += AGAIN
    await house.due()
    assert len(await house.told(ANNA)) == told
    await house.helped(LEA, TOM, 60)
    house.clock.now += AGAIN
    await house.due()
    assert await house.balance(ANNA) == 120
    await house.sums_to_zero()


async def test_two_at_once_that_together_pass_the_limit(house: Hours) -> None:
    """Both fit alone; whichever comes second is refused."""
    await house.helped(SOFIE, LEA, 720)
    await house.reports(ANNA, LEA, 300)
    await house.reports(TOM, LEA, 300)
    asked = await house.open(LEA)
    assert len(asked) == 2
    done = await asyncio.gather(
        *(house.does(exchanges.confirm, each.exchange_id, house[LEA]) for each in asked), return_exceptions=True
    )
    refusals = [each for each in done if isinstance(each, DomainError)]
    assert [each.text.key for each in refusals] == ["sel.limit.you_low"]
    assert await house.balance(LEA) == -1020
    assert len(await house.open(LEA)) == 1
    await house.sums_to_zero()


async def test_one_confirmed_twenty_times_at_once_is_booked_once(house: Hours) -> None:
    await house.reports(ANNA, LEA, 60)
    (asked,) = await house.open(LEA)
    done = await asyncio.gather(
        *(house.does(exchanges.confirm, asked.exchange_id, house[LEA]) for _ in range(20)), return_exceptions=True
    )
    refusals = [each.text.key for each in done if isinstance(each, DomainError)]
    assert refusals == ["sel.booked_already"] * 19
    assert await house.balance(LEA) == -60


async def test_confirmed_and_taken_back_at_once(house: Hours) -> None:
    await house.reports(ANNA, LEA, 60)
    (asked,) = await house.open(LEA)
    done = await asyncio.gather(
        house.does(exchanges.confirm, asked.exchange_id, house[LEA]),
        house.does(exchanges.withdraw, asked.exchange_id, house[ANNA]),
        house.does(exchanges.give, asked.exchange_id, house[ANNA]),
        return_exceptions=True,
    )
    assert sum(isinstance(each, DomainError) for each in done) == 2
    await house.sums_to_zero()


async def test_no_more_than_a_day_s_posts(house: Hours) -> None:
    for minutes in range(1, MOST_A_DAY + 1):
        await house.reports(LEA, TOM, minutes)
    await refused(house, "community.too_many", exchanges.report, *await said(house, LEA, TOM, 30))


# --------------------------------------------------------------------------------------------------------- switched off


async def test_switched_off_what_waits_is_finished_and_nothing_begins(house: Hours) -> None:
    await house.reports(LEA, TOM, 120)
    await house.reports(ANNA, TOM, 60)
    await house.reports(SOFIE, JAMES, 180)
    (open_one,) = await house.open(JAMES)
    which = open_one.exchange_id
    await house.does(exchanges.object_to, which, house[JAMES])
    day = house.clock.now.date()
    await house.does(council.switch, house.building, Wish(MODULE, False, day), Actor(None, "test"))
    await refused(house, "sel.off", exchanges.report, *await said(house, LEA, ANNA, 30))
    first, _ = await house.open(TOM)
    await house.does(exchanges.confirm, first.exchange_id, house[TOM])
    await house.does(exchanges.settle, which, house[LEA])
    house.clock.now += SILENCE
    await house.due()
    assert await house.balance(TOM) == -180
    assert await house.open(TOM) == []
    await house.sums_to_zero()


# --------------------------------------------------------------------------------------------- whatever comes in any order

PEOPLE = (LEA, TOM, ANNA, SOFIE)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("report", "report", "received", "gift", "confirm", "confirm", "give", "object", "withdraw", "settle"),
                *("dismiss", "hold", "release", "take", "due"),
            )
        ),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.sampled_from([0, 30, 60, 90, 120, 721]),
        st.integers(0, 5),
    ),
    min_size=8,
    max_size=30,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(moves=MOVES)
async def test_in_any_order_it_adds_up_to_zero(house: Hours, moves: list[tuple[str, str, str, int, int]]) -> None:
    """In one transaction that is thrown away: every refused move has changed nothing, after each move the books are right."""
    async with house.sample.database.work(house.sample.organisation) as uow:
        await sel.set_limit(uow, house.building, 120)
        loans = [new_id() for _ in range(6)]
        for move, one, other, minutes, place in moves:
            before = await everything(uow)
            told = len(uow.notices)
            try:
                await made(uow, house, move, one, other, minutes, place, loans)
            except DomainError:
                assert await everything(uow) == before
                assert len(uow.notices) == told
            assert await sel.verify(uow, house.building) == []
            for person in PEOPLE:
                account = await accounts.account(uow, house.building, house[person])
                assert account.balance <= 120
                assert account.balance - account.held >= -120


async def made(uow, house, move, one, other, minutes, place, loans) -> None:  # type: ignore[no-untyped-def]
    known = list(
        (await uow.connection.execute(text("SELECT exchange_id FROM sel_exchanges ORDER BY reported_at, 1"))).scalars()
    )
    which = known[place % len(known)] if known else new_id()
    match move:
        case "report" | "received" | "gift":
            said = Report(house[other], move != "received", minutes, gift=move == "gift", again=bool(place % 2))
            await exchanges.report(uow, house.building, house[one], said)
        case "confirm":
            await exchanges.confirm(uow, which, house[one])
        case "give":
            await exchanges.give(uow, which, house[one])
        case "object":
            await exchanges.object_to(uow, which, house[one])
        case "withdraw":
            await exchanges.withdraw(uow, which, house[one])
        case "settle":
            await exchanges.settle(uow, which, house[one], minutes or None)
        case "dismiss":
            await exchanges.dismiss(uow, which, house[one])
        case "hold":
            await sel.hold(uow, house.building, house[one], minutes, loans[place])
        case "release":
            await sel.release(uow, loans[place])
        case "take":
            await sel.take(uow, loans[place], house[one])
        case "due":
            uow.now += timedelta(days=place)
            await exchanges.due(uow)
