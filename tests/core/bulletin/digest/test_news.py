"""The news of a building: on Fridays, once, never empty, to whoever wants them, in his language."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text

from core.buildings.model import Module
from core.bulletin.digest import cards, service
from core.bulletin.digest.model import HOUR, SETTLED, STALE, WEEK, Item, Section, friday, is_due, issue, news_for, wants
from core.community.bazaar import service as bazaar
from core.community.loans.things import service as things
from core.community.notices import service as notices
from core.community.notices.model import Draft, Kind, When
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import Kind as OfferKind
from core.kernel.clock import BRUSSELS, local_day
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.ids import new_id
from core.kernel.text import literal
from core.messaging.card import card_from_json
from core.messaging.kinds import NOTICE_BOARD
from core.messaging.preferences import Preferences, Rhythm
from core.people import store as people
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from core.people.wishes import service as wishes
from core.tickets import service as tickets
from core.tickets.model import Move
from core.tickets.words import report_of
from tests.ground_floor import Hands, House, Sample, places

LEA, TOM, YOUSSEF, ANNA, JAMES = "lea-dubois", "tom-vermeulen", "youssef-benali", "anna-schmitz", "james-carter"
FRIDAY = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
"""17.00 in Brussels, on the Friday after the Sunday on which the tests begin."""

INSTANTS = some.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=some.just(UTC))


# ------------------------------------------------------------------------------------------------------------ when, to whom


@given(INSTANTS)
def test_the_last_friday_is_less_than_a_week_ago(now: datetime) -> None:
    at = friday(now)
    local = at.astimezone(BRUSSELS)
    assert (local.weekday(), local.time()) == (4, HOUR)
    assert at <= now
    following = datetime.combine(local.date() + WEEK, HOUR, BRUSSELS)
    assert now < following
    assert is_due(now) == (now - at < STALE)


def test_what_is_told_first_is_of_a_week_and_then_of_what_came_since() -> None:
    building = UUID(int=1)
    first = issue(building, None, FRIDAY)
    assert (first.day, first.until) == (date(2026, 11, 27), FRIDAY - SETTLED)
    assert first.since == FRIDAY - WEEK
    last = FRIDAY - timedelta(days=20)
    assert issue(building, last, FRIDAY).since == last


def test_over_a_change_of_the_clock_it_is_five_o_clock_all_the_same() -> None:
    """On 25 October 2026 the clock goes back an hour."""
    after = datetime(2026, 10, 30, 16, 0, tzinfo=UTC)
    assert friday(after) == after
    assert issue(UUID(int=1), None, after).since == datetime(2026, 10, 23, 15, 0, tzinfo=UTC)


@given(some.sampled_from(Rhythm), some.frozensets(some.sampled_from([NOTICE_BOARD, "loan", "money"])), some.booleans())
def test_off_means_off_and_at_once_means_no_digest(rhythm: Rhythm, off: frozenset[str], stopped: bool) -> None:
    asked = wants(Preferences(rhythm=rhythm, off=off, stopped=stopped))
    assert asked == (rhythm is not Rhythm.AT_ONCE and NOTICE_BOARD not in off and not stopped)


@given(some.lists(some.tuples(some.sampled_from(Section), some.integers(0, 3)), max_size=12))
def test_a_reader_gets_all_but_his_own_section_by_section(made: list[tuple[Section, int]]) -> None:
    items = [Item(section, literal("x"), literal("y"), by=UUID(int=by)) for section, by in made]
    found = news_for(UUID(int=0), items)
    assert len(found) == sum(by != 0 for _, by in made)
    order = list(Section)
    assert [order.index(item.section) for item in found] == sorted(order.index(item.section) for item in found)


def test_an_empty_one_cannot_be_made(sample: Sample) -> None:
    with pytest.raises(ValueError, match="no news"):
        cards.news(sample.known.building, UUID(int=0), [], [], date(2026, 11, 27))


# ------------------------------------------------------------------------------------------------------------ what is told


@dataclass
class Week(House):
    """A week of the sample building, and what is told of it."""

    async def gathers(self, *who: str, rhythm: Rhythm = Rhythm.WEEKLY) -> None:
        async with self.work() as uow:
            for each in who:
                await wishes.gather(uow, self[each], rhythm)

    async def lends(self, who: str, name: str) -> None:
        async with self.work() as uow:
            await things.lend(uow, self[who], self.building, name)

    async def due(self, at: datetime = FRIDAY) -> int:
        self.clock.now = at
        return await service.due(self.sample.database)

    async def told(self, who: str) -> list[dict[str, Any]]:
        """The news that somebody was told, oldest first."""
        async with self.work() as uow:
            rows = await uow.connection.execute(
                text(
                    "SELECT card, kind, language, due FROM deliveries WHERE person_id = :person AND key LIKE 'bulletin:%' ORDER BY ordinal"
                ),
                {"person": self[who]},
            )
            return [
                {**dict(row._mapping), "card": json.loads(row.card) if isinstance(row.card, str) else row.card}
                for row in rows
            ]

    async def lines(self, who: str) -> list[str]:
        """What stands in the last news that somebody was told: what is new, as it is called."""
        facts = (await self.told(who))[-1]["card"]["facts"]
        named = [(fact["label"]["values"], fact["label"]["text"]) for fact in facts]
        return [values.get("value") or values.get("title") or key for values, key in named]


@pytest.fixture
async def house(sample: Sample, clock: Hands) -> Week:
    return Week(sample, clock, await sample.people())


async def test_nothing_new_is_not_told(house: Week) -> None:
    await house.gathers(*house.persons)
    assert await house.due() == 0
    assert await house.told(LEA) == []


async def test_it_is_told_on_friday_at_five_once(house: Week) -> None:
    await house.gathers(LEA, JAMES)
    await house.lends(TOM, "Ladder")
    assert await house.due(FRIDAY - timedelta(minutes=1)) == 0
    assert await house.due() == 2
    assert [await house.due(FRIDAY + timedelta(hours=each)) for each in range(5)] == [0] * 5
    (news,) = await house.told(LEA)
    assert (news["kind"], news["language"]) == (NOTICE_BOARD, "fr")
    assert (await house.told(JAMES))[0]["language"] == "en"
    assert await house.told(TOM) == await house.told(ANNA) == []


async def test_two_clocks_at_once_tell_it_once(house: Week) -> None:
    await house.gathers(LEA, JAMES, ANNA)
    await house.lends(TOM, "Ladder")
    house.clock.now = FRIDAY
    told = await asyncio.gather(*(service.due(house.sample.database) for _ in range(5)))
    assert sum(told) == 3
    assert len(await house.told(LEA)) == 1


async def test_who_has_put_up_all_of_it_hears_nothing(house: Week) -> None:
    await house.gathers(TOM, LEA)
    await house.lends(TOM, "Ladder")
    assert await house.due() == 1
    assert await house.told(TOM) == []


async def test_nobody_is_told_who_did_not_ask_or_said_no(house: Week) -> None:
    await house.gathers(LEA, ANNA, JAMES)
    async with house.work() as uow:
        await wishes.switch(uow, house[LEA], NOTICE_BOARD, on=False)
        await wishes.stop(uow, house[ANNA])
    await house.lends(TOM, "Ladder")
    assert await house.due() == 1
    assert [len(await house.told(who)) for who in (LEA, ANNA, JAMES, YOUSSEF)] == [0, 0, 1, 0]


async def test_who_was_told_of_a_note_day_by_day_is_not_told_of_it_again(house: Week) -> None:
    await house.gathers(LEA)
    await house.gathers(JAMES, ANNA, rhythm=Rhythm.DAILY)
    async with house.work() as uow:
        today = local_day(uow.now)
        for title, ahead in (("Soon", 9), ("Later", 30)):
            when = When(today + timedelta(days=ahead), time(18))
            await notices.post(uow, house[TOM], house.building, Draft(Kind.EVENT, title, "", "en", when=when))
        await notices.post(uow, house[ANNA], house.building, Draft(Kind.FOUND, "Keys found", "", "en"))
    assert await house.due() == 3
    assert await house.lines(LEA) == ["Soon", "Later", "Keys found", *(await house.lines(LEA))[3:]]
    assert "Soon" in await house.lines(JAMES), "that it comes soon is said again"
    assert not {"Later", "Keys found"} & set(await house.lines(JAMES))


@pytest.mark.parametrize("rhythm", [Rhythm.DAILY, Rhythm.WEEKLY])
async def test_what_is_over_when_the_digest_leaves_is_no_news(house: Week, rhythm: Rhythm) -> None:
    """The news are gathered on Friday; the digest of the day leaves on Saturday, that of the week on Monday."""
    await house.gathers(LEA, rhythm=rhythm)
    async with house.work() as uow:
        friday = date(2026, 11, 27)
        for title, ahead in (("Friday", 0), ("Sunday", 2), ("Monday", 3), ("Next Sunday", 9)):
            when = When(friday + timedelta(days=ahead), time(20))
            await notices.post(uow, house[TOM], house.building, Draft(Kind.EVENT, title, "", "en", when=when))
    assert await house.due() == 1
    lines = [each for each in await house.lines(LEA) if "." not in each]
    assert lines == {Rhythm.DAILY: ["Sunday"], Rhythm.WEEKLY: []}[rhythm] + ["Monday", "Next Sunday"]


async def test_the_next_one_begins_where_the_last_one_ended(house: Week) -> None:
    await house.gathers(LEA)
    await house.lends(TOM, "Ladder")
    await house.due(FRIDAY + timedelta(minutes=5))
    house.clock.now = FRIDAY + timedelta(hours=20)
    await house.lends(TOM, "Drill")
    assert await house.due(FRIDAY + timedelta(days=7)) == 1
    assert len(await house.told(LEA)) == 2
    assert "Drill" in await house.lines(LEA)
    assert "Ladder" not in await house.lines(LEA)
    assert await house.due(FRIDAY + timedelta(days=14)) == 0


async def test_a_friday_that_was_missed_is_told_with_the_next_one(house: Week) -> None:
    """The machine was off from Thursday to Monday."""
    await house.gathers(LEA)
    assert await house.due(FRIDAY - timedelta(days=7)) == 0
    await house.lends(TOM, "Ladder")
    assert await house.due(FRIDAY + STALE) == 0
    assert await house.due(FRIDAY + timedelta(days=7)) == 1
    assert "Ladder" in await house.lines(LEA)


async def test_everything_that_is_new_has_its_line_and_its_tap(house: Week) -> None:
    await house.gathers(LEA, YOUSSEF)
    building, tom = house.building, house[TOM]
    async with house.work() as uow:
        today = local_day(uow.now)
        party = Draft(Kind.EVENT, "Party", "", "en", when=When(today + timedelta(days=9), time(18)))
        await notices.post(uow, tom, building, party)
        await notices.post(uow, tom, building, Draft(Kind.FOUND, "Keys found", "", "en"))
        await things.lend(uow, tom, building, "Ladder")
        await offers.add(uow, building, tom, OfferKind.OFFER, "piano lessons", None)
        await offers.add(uow, building, tom, OfferKind.REQUEST, "someone to water plants", None)
        await bazaar.give(uow, tom, building, "Baby bed")
        place = (await places(uow, house.sample.known))[YOUSSEF]
        outcome = await tickets.report(
            uow, house.people[YOUSSEF], place, report_of("The lift is stuck", (), ()), new_id()
        )
        actor = Actor(house[ANNA], "Anna")
        await tickets.move(uow, outcome.ticket.ticket, building, Move.SOLVE, actor, manages=True)
    assert await house.due() == 2
    lines = await house.lines(YOUSSEF)
    assert lines[:6] == ["Party", "Keys found", "someone to water plants", "piano lessons", "Ladder", "Baby bed"]
    assert lines[6] == "tickets.category.lift"
    pressed = [choice["intent"] for choice in (await house.told(YOUSSEF))[0]["card"]["choices"]]
    expected = ["notices.browse", "notices.browse", "sel.browse", "sel.browse", "loans.borrow", "bazaar.want"]
    assert pressed[:7] == [*expected, "tickets.status"]
    assert pressed[-1] == "help"
    # The lift is none of Léa's: she reads that it works, and can do no more.
    assert "tickets.status" not in [each["intent"] for each in (await house.told(LEA))[0]["card"]["choices"]]


async def test_of_what_comes_it_reminds_in_the_week_before(house: Week) -> None:
    await house.gathers(LEA)
    async with house.work() as uow:
        day = local_day(uow.now) + timedelta(days=17)
        await notices.post(uow, house[TOM], house.building, Draft(Kind.EVENT, "Party", "", "en", when=When(day)))
    assert await house.due() == 1
    assert await house.due(FRIDAY + timedelta(days=7)) == 1
    assert (await house.lines(LEA))[0] == "Party"
    assert await house.due(FRIDAY + timedelta(days=14)) == 0


async def test_what_waits_for_its_reader_comes_along(house: Week) -> None:
    await house.gathers(LEA)
    await house.lends(TOM, "Ladder")
    await house.due()
    (news,) = await house.told(LEA)
    assert any(fact["value"]["text"] == "todo.pay" for fact in news["card"]["facts"])
    assert news["card"]["choices"][-1]["slots"] == {"about": "todo"}


async def test_a_long_list_is_counted_and_one_tap_away(house: Week) -> None:
    await house.gathers(YOUSSEF)
    for name in ("Ladder", "Drill", "Tent", "Raclette", "Pram", "Trolley"):
        await house.lends(TOM, name)
    await house.due()
    (news,) = await house.told(YOUSSEF)
    assert len(news["card"]["facts"]) == cards.MOST_OF_ONE
    (more,) = news["card"]["body"]
    assert (more["text"], more["values"]["count"]) == ("bulletin.more.thing", 2)
    assert news["card"]["choices"][-1]["intent"] == "loans.available"


async def test_what_is_switched_off_or_gone_is_no_news(house: Week) -> None:
    await house.gathers(LEA)
    await house.lends(TOM, "Ladder")
    async with house.work() as uow:
        await council.switch(uow, house.building, Wish(Module("loans"), False, local_day(uow.now)), Actor(None, "Ann"))
    assert await house.due() == 0


async def test_of_who_has_moved_out_nothing_is_told(house: Week) -> None:
    await house.gathers(LEA, JAMES)
    await house.lends(TOM, "Ladder")
    async with house.work() as uow:
        for who in (TOM, JAMES):
            await uow.connection.execute(text("UPDATE residents SET present = false WHERE person = :who"), {"who": who})
        await uow.connection.execute(text("DELETE FROM ownership WHERE person = ANY(:who)"), {"who": [TOM, JAMES]})
    assert await house.due() == 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_is_whole_in_every_language(house: Week, catalogues: Catalogues, language: str) -> None:
    await house.gathers(YOUSSEF)
    async with house.work() as uow:
        await people.speak(uow, house[YOUSSEF], language)
        day = local_day(uow.now) + timedelta(days=9)
        await notices.post(uow, house[TOM], house.building, Draft(Kind.EVENT, "Fête", "", "fr", when=When(day)))
        await bazaar.give(uow, house[TOM], house.building, "Baby bed")
        await offers.add(uow, house.building, house[TOM], OfferKind.REQUEST, "Klavier tragen", None)
    for name in ("Ladder", "Drill", "Tent", "Raclette", "Pram"):
        await house.lends(TOM, name)
    await house.due()
    (news,) = await house.told(YOUSSEF)
    assert news["language"] == language
    card = card_from_json(news["card"]).map(catalogues[language])
    assert "Résidence Les Tilleuls" in card.title
    assert len(card.facts) == 7
    assert all(fact.label and fact.value for fact in card.facts)
    assert len({choice.label for choice in card.choices}) == len(card.choices), "each says what it is about"
    said = [card.title, *card.body, *(fact.value for fact in card.facts), *(choice.label for choice in card.choices)]
    assert not [text for text in said if "{" in text]
