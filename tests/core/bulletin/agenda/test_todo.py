"""All that waits for somebody, on one list: against the sample building."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.buildings.model import Module
from core.bulletin.agenda import service
from core.bulletin.agenda.cards import when
from core.bulletin.agenda.model import Task, in_order
from core.charges import service as charges
from core.community.bazaar import service as bazaar
from core.community.loans import service as loans
from core.community.loans.things import service as things
from core.community.sel.exchanges import service as exchanges
from core.community.sel.exchanges.service import Report
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import Kind
from core.community.skills import service as skills
from core.community.skills import store as skill_store
from core.community.skills.model import Pay
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.money import Money
from core.kernel.periods import Period
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from core.people.model import Place
from core.tickets import service as tickets
from core.tickets.model import Move
from core.tickets.words import report_of
from tests.ground_floor import Hands, House, Sample, places

LEA, TOM, YOUSSEF, ANNA = "lea-dubois", "tom-vermeulen", "youssef-benali", "anna-schmitz"


@dataclass
class Agenda(House):
    """What waits for the people of the sample building."""

    def days(self, first: int, last: int) -> Period:
        return Period(self.day(first), self.day(last))

    async def place(self, uow: UnitOfWork, who: str) -> Place:
        return (await places(uow, self.sample.known))[who]

    async def tasks(self, who: str) -> list[Task]:
        async with self.work() as uow:
            return await service.tasks(uow, self.people[who], [await self.place(uow, who)])

    async def keys(self, who: str) -> list[str]:
        return [task.what.key for task in await self.tasks(who)]

    async def opens(self, who: str, task: Task) -> tuple[Card[Text], ...]:
        async with self.work() as uow:
            return await service.opened(uow, self[who], task.choice.intent.slots)

    async def lent(self, days: Period, *, granted: bool = True) -> UUID:
        """Tom's ladder, asked for by Youssef."""
        async with self.work() as uow:
            thing = await things.lend(uow, self[TOM], self.building, "Ladder")
            await loans.borrow(uow, self[YOUSSEF], thing.thing_id, days)
            (running,) = await loans.running(uow, self[YOUSSEF])
            if granted:
                await loans.grant(uow, self[TOM], running.loan.loan_id)
            return running.loan.loan_id

    async def out(self, loan: UUID) -> None:
        async with self.work() as uow:
            await loans.hand_over(uow, self[TOM], loan)
            await loans.hand_over(uow, self[YOUSSEF], loan)


@pytest.fixture
async def house(sample: Sample, clock: Hands) -> Agenda:
    return Agenda(sample, clock, await sample.people())


# ----------------------------------------------------------------------------------------------------------- the order


def task(day: date | None, urgent: bool = False) -> Task:
    return Task(UUID(int=0), say("x"), Choice(Intent("help"), say("x")), day, urgent)


DAYS = some.none() | some.dates(date(2026, 1, 1), date(2027, 1, 1))


@given(some.lists(some.builds(task, DAYS, some.booleans())))
def test_what_cannot_wait_is_first_and_what_can_is_last(tasks: list[Task]) -> None:
    found = in_order(tasks)
    assert sorted(map(id, found)) == sorted(map(id, tasks))
    for one, other in pairwise(found):
        assert one.urgent or not other.urgent
        if one.urgent == other.urgent:
            assert other.day is None or (one.day is not None and one.day <= other.day)


def test_a_day_is_said_as_people_say_it() -> None:
    today = date(2026, 11, 22)
    assert when(task(today), today) == say("todo.when.today")
    assert when(task(date(2026, 11, 30)), today) == say("todo.when.by", day=date(2026, 11, 30))
    assert when(task(date(2026, 11, 1)), today) == say("todo.when.late", day=date(2026, 11, 1))
    assert when(task(None), today) == say("todo.when.any")
    assert when(task(None, urgent=True), today) == say("todo.when.now")


# ---------------------------------------------------------------------------------------------------------------- money


async def test_what_is_owed_is_on_it_with_its_day_and_the_way_to_pay(house: Agenda) -> None:
    async with house.work() as uow:
        (account,) = await charges.accounts(uow, [await house.place(uow, LEA)])
        owed = charges.owed_now(uow, account)
    assert owed.to_pay > 0
    (found,) = await house.tasks(LEA)
    assert found.what == say("todo.pay", amount=Money(owed.to_pay))
    assert found.day == owed.due
    assert found.choice.intent == Intent("charges.pay", {"building": "tilleuls"})


async def test_a_tenant_owes_the_building_nothing_and_hears_a_kind_word(house: Agenda) -> None:
    async with house.work() as uow:
        card = await service.todo(uow, house.people[YOUSSEF], [await house.place(uow, YOUSSEF)])
    assert card.title == say("todo.nothing")
    assert not card.facts


# ---------------------------------------------------------------------------------------------------------------- loans


async def test_a_request_waits_for_its_lender_and_opens_with_yes_and_no(house: Agenda) -> None:
    await house.lent(house.days(3, 4), granted=False)
    assert await house.keys(YOUSSEF) == []
    found = next(each for each in await house.tasks(TOM) if each.what.key == "todo.loan.answer")
    assert found.day == house.day(3)
    (card,) = await house.opens(TOM, found)
    assert [choice.intent.slots["do"] for choice in card.choices] == ["grant", "refuse", "other"]


async def test_a_loan_waits_for_each_of_its_hands_in_turn(house: Agenda) -> None:
    loan = await house.lent(house.days(0, 2))
    assert "todo.loan.hand_over" in await house.keys(TOM)
    assert await house.keys(YOUSSEF) == ["todo.loan.fetch"]
    async with house.work() as uow:
        await loans.hand_over(uow, house[TOM], loan)
    assert "todo.loan.hand_over" not in await house.keys(TOM)
    assert await house.keys(YOUSSEF) == ["todo.loan.handed"]
    async with house.work() as uow:
        await loans.hand_over(uow, house[YOUSSEF], loan)
    (bring,) = await house.tasks(YOUSSEF)
    assert (bring.what.key, bring.day) == ("todo.loan.bring_back", house.day(2))
    assert bring.choice.intent == Intent("loans.borrow", {"do": "bring_back", "loan": str(loan)})
    async with house.work() as uow:
        await loans.bring_back(uow, house[YOUSSEF], loan)
    assert await house.keys(YOUSSEF) == []
    back = next(each for each in await house.tasks(TOM) if each.what.key == "todo.loan.came_back")
    assert back.day == house.day(3)
    async with house.work() as uow:
        await loans.bring_back(uow, house[TOM], loan)
    assert not [key for key in await house.keys(TOM) if key.startswith("todo.loan")]
    with pytest.raises(DomainError):
        await house.opens(TOM, back)


async def test_what_is_late_stays_on_it(house: Agenda) -> None:
    await house.out(await house.lent(house.days(0, 1)))
    house.clock.now += timedelta(days=5)
    (found,) = await house.tasks(YOUSSEF)
    assert found.day is not None
    assert found.day < house.day()


async def test_nobody_opens_what_is_another_ones(house: Agenda) -> None:
    await house.lent(house.days(3, 4), granted=False)
    found = next(each for each in await house.tasks(TOM) if each.what.key == "todo.loan.answer")
    for other in (ANNA, YOUSSEF):
        with pytest.raises(DomainError):
            await house.opens(other, found)


@pytest.mark.parametrize("what", ["loan", "exchange", "answer", "ask", "gift"])
@pytest.mark.parametrize("identity", ["6f1b7a0e-58d1-4c53-9a6e-2f4a1f5c8e11", "rubbish", ""])
async def test_a_choice_that_means_nothing_is_refused_kindly(house: Agenda, what: str, identity: str) -> None:
    async with house.work() as uow:
        with pytest.raises(DomainError):
            await service.opened(uow, house[TOM], {"about": "todo", what: identity})


# ------------------------------------------------------------------------------------------------------------ exchanges


async def test_an_exchange_waits_for_the_other(house: Agenda) -> None:
    async with house.work() as uow:
        await exchanges.report(uow, house.building, house[TOM], Report(house[YOUSSEF], True, 120))
    assert not [key for key in await house.keys(TOM) if key.startswith("todo.exchange")]
    (found,) = await house.tasks(YOUSSEF)
    assert (found.what.key, found.day) == ("todo.exchange.confirm", house.day(7))
    (card,) = await house.opens(YOUSSEF, found)
    assert "confirm" in [choice.intent.slots["do"] for choice in card.choices]
    with pytest.raises(DomainError):
        await house.opens(TOM, found)


async def test_a_question_about_an_offer_waits_for_its_author(house: Agenda) -> None:
    async with house.work() as uow:
        await offers.add(uow, house.building, house[YOUSSEF], Kind.OFFER, "piano lessons", None)
        (offer,) = await offers.standing(uow, house.building)
        await offers.touch(uow, offer.offer_id, house[TOM])
    (found,) = await house.tasks(YOUSSEF)
    assert found.what.key == "todo.exchange.wants"
    (card,) = await house.opens(YOUSSEF, found)
    assert [choice.intent.slots["do"] for choice in card.choices] == ["agree", "decline"]
    async with house.work() as uow:
        await offers.decline(uow, UUID(card.choices[0].intent.slots["answer"]), house[YOUSSEF])
    assert await house.keys(YOUSSEF) == []
    with pytest.raises(DomainError):
        await house.opens(YOUSSEF, found)


# ---------------------------------------------------------------------------------------------------------------- gifts


async def test_what_is_reserved_waits_to_be_collected(house: Agenda) -> None:
    async with house.work() as uow:
        await bazaar.give(uow, house[TOM], house.building, "Baby bed")
        (item,) = await bazaar.open_with(uow, house[TOM], house.building)
        await bazaar.take(uow, house[YOUSSEF], item.item_id)
    (collect,) = await house.tasks(YOUSSEF)
    assert (collect.what.key, collect.day) == ("todo.gift.collect", house.day(14))
    (card,) = await house.opens(YOUSSEF, collect)
    assert card.title.key == "bazaar.yours.title"
    give = next(each for each in await house.tasks(TOM) if each.what.key.startswith("todo.gift"))
    assert give.what.key == "todo.gift.hand_over"
    async with house.work() as uow:
        await bazaar.collected(uow, house[YOUSSEF], item.item_id)
    assert await house.keys(YOUSSEF) == []
    assert "todo.gift.is_gone" in await house.keys(TOM)


async def test_a_swap_waits_for_its_giver_and_shows_every_offer(house: Agenda) -> None:
    async with house.work() as uow:
        await bazaar.give(uow, house[YOUSSEF], house.building, "Baby bed")
        (item,) = await bazaar.open_with(uow, house[YOUSSEF], house.building)
        await bazaar.swap_for(uow, house[YOUSSEF], item.item_id, "")
        await bazaar.offer(uow, house[TOM], item.item_id, "a pram")
        await bazaar.offer(uow, house[ANNA], item.item_id, "a tent")
    (choose,) = await house.tasks(YOUSSEF)
    assert choose.what.key == "todo.gift.choose"
    assert [card.title.key for card in await house.opens(YOUSSEF, choose)] == ["bazaar.bid.title"] * 2
    async with house.work() as uow:
        await bazaar.choose(uow, house[YOUSSEF], item.item_id, house[TOM])
    (give,) = await house.tasks(YOUSSEF)
    assert give.what.key == "todo.gift.hand_over"
    with pytest.raises(DomainError):
        await house.opens(ANNA, choose)


async def test_a_question_for_a_skill_waits_for_who_has_it(house: Agenda) -> None:
    async with house.work() as uow:
        _, said = await skills.asks_consent(uow, house[YOUSSEF], house.building, "plumber")
        await skills.put_in(uow, house[YOUSSEF], house.building, "plumber", Pay.UNSAID, said.key)
        ((skill, _),) = await skill_store.listed(uow, house.building)
        await skills.ask(uow, house[TOM], skill.skill_id)
    (found,) = await house.tasks(YOUSSEF)
    assert (found.what.key, found.day) == ("todo.skill.asks", house.day(7))
    (card,) = await house.opens(YOUSSEF, found)
    assert card.title.key == "skills.somebody_asks"
    with pytest.raises(DomainError):
        await house.opens(TOM, found)
    async with house.work() as uow:
        await skills.decline(uow, house[YOUSSEF], UUID(found.choice.intent.slots["ask"]))
    assert await house.keys(YOUSSEF) == []


# --------------------------------------------------------------------------------------------------------------- repairs


async def test_a_repair_waits_for_who_reported_it_and_before_that_for_the_council(house: Agenda) -> None:
    async with house.work() as uow:
        place = await house.place(uow, YOUSSEF)
        said = report_of("The lift is stuck again", (), ())
        outcome = await tickets.report(uow, house.people[YOUSSEF], place, said, new_id())
    ticket = outcome.ticket.ticket
    assert await house.keys(YOUSSEF) == []
    new = next(each for each in await house.tasks(LEA) if each.what.key == "todo.ticket.new")
    assert new.day is None
    async with house.work() as uow:
        actor = Actor(house[LEA], "Léa")
        await tickets.move(uow, ticket, house.building, Move.SOLVE, actor, manages=True)
    (works,) = await house.tasks(YOUSSEF)
    assert (works.what.key, works.day) == ("todo.ticket.works", house.day(7))
    assert works.choice.intent == Intent("tickets.status", {"do": "show", "ticket": str(ticket)})
    assert "todo.ticket.new" not in await house.keys(LEA)


# ------------------------------------------------------------------------------------------------------------- the card


async def test_the_list_has_a_line_and_a_choice_for_each_in_their_order(house: Agenda) -> None:
    await house.lent(house.days(0, 2))
    async with house.work() as uow:
        await exchanges.report(uow, house.building, house[TOM], Report(house[YOUSSEF], True, 120))
        card = await service.todo(uow, house.people[YOUSSEF], [await house.place(uow, YOUSSEF)])
    assert card.title == say("todo.title", count=2)
    assert len(card.facts) == len(card.choices) == 2
    assert card.facts[0].value.key == "todo.loan.fetch"
    assert [fact.day for fact in card.facts] == [house.day(), house.day(7)]


async def test_a_module_that_is_off_leaves_what_runs_on_it(house: Agenda) -> None:
    await house.out(await house.lent(house.days(0, 2)))
    async with house.work() as uow:
        await council.switch(uow, house.building, Wish(Module("loans"), False, house.day()), Actor(None, "Ann"))
    assert await house.keys(YOUSSEF) == ["todo.loan.bring_back"]
