"""Offers and requests: put up, matched, answered, agreed; and who learns what about whom."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.community.sel import service as sel
from core.community.sel.module import MODULE
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import OFFER_LASTS, REQUEST_LASTS, UNANSWERED, Kind, Offer
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.periods import Period
from core.messaging.card import card_to_json
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.bot.conftest import rows
from tests.core.community.sel.conftest import Hours
from tests.core.community.sel.test_exchanges import ANNA, JAMES, LEA, SOFIE, TOM, refused

FLAT, PHONE = "2B", "+32 2 555 01 04"
"""Tom's."""


async def offered(house: Hours, who: str, name: str, kind: Kind = Kind.OFFER, days: Period | None = None) -> Any:
    return await house.does(offers.add, house.building, house[who], kind, name, days)


async def standing(house: Hours) -> list[Offer]:
    found: list[Offer] = await house.does(offers.standing, house.building)
    return found


async def one_of(house: Hours, who: str) -> UUID:
    (found,) = [each.offer_id for each in await standing(house) if each.person == house[who]]
    return found


async def question_to(house: Hours, who: str) -> UUID:
    (asked,) = await house.does(offers.waiting_for, house.building, house[who])
    return asked.answer_id


async def cards_to(house: Hours, who: str) -> str:
    """All that somebody was told, as it is kept."""
    found = await rows(house.sample, "SELECT card::text AS card FROM deliveries WHERE person_id = $1", house[who])
    return "\n".join(row["card"] for row in found)


@pytest.mark.parametrize(
    ("offer", "request_"),
    [
        ("cours de piano", "Klavierunterricht"),
        ("piano lessons", "pianoles voor mijn dochter"),
        ("arroser les plantes", "water my plants"),
    ],
)
async def test_what_fits_is_found_across_languages_and_told_once(house: Hours, offer: str, request_: str) -> None:
    await offered(house, TOM, offer)
    card = await offered(house, ANNA, request_, Kind.REQUEST)
    assert [choice.label.key for choice in card.choices] == ["sel.choice.touch_offer", "sel.choice.close"]
    assert await house.told(TOM) == ["sel.alert.request"]
    await offered(house, SOFIE, "vélo à réparer", Kind.REQUEST)
    assert await house.told(TOM) == ["sel.alert.request"]


async def test_an_offer_that_comes_later_is_told_to_who_asked(house: Hours) -> None:
    await offered(house, ANNA, "Klavierunterricht", Kind.REQUEST)
    card = await offered(house, TOM, "pianoles")
    assert card.choices[0].label.key == "sel.choice.touch_request"
    assert await house.told(ANNA) == ["sel.alert.offer"]


async def test_days_that_do_not_meet_do_not_fit(house: Hours) -> None:
    week = Period(date(2026, 12, 1), date(2026, 12, 7))
    await offered(house, TOM, "piano", days=week)
    later = Period(date(2026, 12, 8), date(2026, 12, 9))
    assert len((await offered(house, ANNA, "piano", Kind.REQUEST, later)).choices) == 1
    assert len((await offered(house, LEA, "piano", Kind.REQUEST, week)).choices) == 2


@pytest.mark.parametrize(
    ("name", "days", "key"),
    [
        ("", None, "community.no_name"),
        ("123", None, "community.no_name"),
        ("x" * 121, None, "community.long_name"),
        ("piano voor klootzak", None, "community.insulting"),
        ("piano", Period(date(2026, 11, 20), date(2026, 11, 21)), "sel.past"),
        ("piano", Period(date(2028, 1, 1), date(2028, 1, 2)), "sel.far_ahead"),
    ],
)
async def test_what_makes_no_sense_is_not_put_up(house: Hours, name: str, days: Period | None, key: str) -> None:
    await refused(house, key, offers.add, house.building, house[LEA], Kind.REQUEST, name, days)
    assert await standing(house) == []


async def test_twice_the_same_stands_once_and_strangers_put_up_nothing(house: Hours) -> None:
    await offered(house, LEA, "cours de piano")
    await refused(house, "sel.said_already", offers.add, house.building, house[LEA], Kind.OFFER, "Cours de  Piano")
    await refused(house, "sel.not_here", offers.add, house.building, house["werner-klein"], Kind.OFFER, "piano")
    assert len(await standing(house)) == 1


async def test_flat_and_telephone_are_learned_when_it_is_agreed_and_not_before(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    card = await offered(house, JAMES, "piano lessons", Kind.REQUEST)
    asked = await house.does(offers.touch, await one_of(house, TOM), house[JAMES])
    browsed = await house.does(offers.browse, house.building, house[JAMES])
    seen = json.dumps([card_to_json(each) for each in (card, asked, browsed)]) + await cards_to(house, JAMES)
    for secret in (FLAT, PHONE, "Vermeulen", "tilleuls.example"):
        assert secret not in seen
    agreed = await house.does(offers.agree, await question_to(house, TOM), house[TOM])
    assert "C6" in json.dumps(card_to_json(agreed)), "his flat is let: nobody is to ring there for him"
    told = await cards_to(house, JAMES)
    assert FLAT in told
    assert PHONE in told
    again = await house.does(offers.touch, await one_of(house, TOM), house[JAMES])
    assert again.title.key == "sel.touch.agreed"


async def test_a_kind_no_teaches_nobody_anything(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    await house.does(offers.touch, await one_of(house, TOM), house[JAMES])
    question = await question_to(house, TOM)
    await refused(house, "sel.not_yours", offers.agree, question, house[JAMES])
    await refused(house, "sel.not_yours", offers.decline, question, house[LEA])
    await house.does(offers.decline, question, house[TOM])
    assert await house.told(JAMES) == ["sel.touch.declined"]
    assert FLAT not in await cards_to(house, JAMES)
    await refused(house, "sel.answered_already", offers.agree, question, house[TOM])
    await refused(house, "sel.asked_already", offers.touch, await one_of(house, TOM), house[JAMES])


async def test_own_offer_somebody_elses_and_one_that_is_over(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    which = await one_of(house, TOM)
    await refused(house, "sel.own_offer", offers.touch, which, house[TOM])
    await refused(house, "sel.not_yours", offers.close, which, house[LEA])
    await refused(house, "sel.not_here", offers.touch, which, house["werner-klein"])
    await refused(house, "sel.not_yours", offers.touch, new_id(), house[LEA])
    await house.does(offers.close, which, house[TOM])
    await refused(house, "sel.offer_over", offers.touch, which, house[LEA])
    await refused(house, "sel.offer_over", offers.close, which, house[TOM])


async def test_two_who_ask_one_another_have_agreed(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    await offered(house, JAMES, "piano", Kind.REQUEST)
    await house.does(offers.touch, await one_of(house, TOM), house[JAMES])
    card = await house.does(offers.touch, await one_of(house, JAMES), house[TOM])
    assert card.title.key == "sel.touch.agreed"
    assert (await house.told(JAMES))[-1] == "sel.touch.agreed"


async def test_yes_and_no_at_once_is_one_of_them(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    await house.does(offers.touch, await one_of(house, TOM), house[JAMES])
    question = await question_to(house, TOM)
    done = await asyncio.gather(
        house.does(offers.agree, question, house[TOM]),
        house.does(offers.decline, question, house[TOM]),
        house.does(offers.close, await one_of(house, TOM), house[TOM]),
        return_exceptions=True,
    )
    assert any(isinstance(each, DomainError) for each in done)
    told = await house.told(JAMES)
    assert told in (["sel.touch.agreed"], ["sel.touch.declined"])


async def test_what_is_taken_down_tells_who_waits(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    await house.does(offers.touch, await one_of(house, TOM), house[JAMES])
    await house.does(sel.take_back, house[TOM], await one_of(house, TOM))
    assert await standing(house) == []
    assert await house.told(JAMES) == ["sel.touch.declined"]


async def test_its_last_day_takes_it_down_and_its_author_is_told(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    await offered(house, JAMES, "bike repair", Kind.REQUEST)
    house.clock.now += REQUEST_LASTS + timedelta(days=1)
    assert [each.person for each in await standing(house)] == [house[TOM]]
    assert await house.due() == 1
    assert await house.told(JAMES) == ["sel.expired"]
    house.clock.now += OFFER_LASTS
    assert await house.due() == 1
    assert await house.due() == 0


async def test_a_question_that_nobody_answers_lapses(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    await house.does(offers.touch, await one_of(house, TOM), house[JAMES])
    question = await question_to(house, TOM)
    house.clock.now += UNANSWERED + timedelta(seconds=1)
    assert await house.due() == 1
    assert await house.told(JAMES) == ["sel.touch.declined"]
    await refused(house, "sel.answered_already", offers.agree, question, house[TOM])


async def test_switched_off_nobody_gets_in_touch_but_who_was_asked_may_answer(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    which = await one_of(house, TOM)
    await house.does(offers.touch, which, house[JAMES])
    off = Wish(MODULE, False, house.clock.now.date())
    await house.does(council.switch, house.building, off, Actor(None, "test"))
    await refused(house, "sel.off", offers.touch, which, house[LEA])
    await refused(house, "sel.off", offers.add, house.building, house[LEA], Kind.OFFER, "piano")
    await house.does(offers.agree, await question_to(house, TOM), house[TOM])
    assert await house.told(JAMES) == ["sel.touch.agreed"]


async def test_looked_for_by_a_word_of_another_language(house: Hours) -> None:
    await offered(house, TOM, "pianoles")
    await offered(house, LEA, "garder le chat")
    card = await house.does(offers.browse, house.building, house[JAMES], "piano lessons")
    assert len(card.facts) == 1
    card = await house.does(offers.browse, house.building, house[JAMES], "welding")
    assert card.title.key == "sel.browse.none_about"
    assert len((await house.does(offers.browse, house.building, house[JAMES])).facts) == 2
