"""What is put up, and found: in whichever language, by whoever may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.buildings.model import Module
from core.community.loans import service
from core.community.loans.things import service as things
from core.community.loans.things.model import MOST_DEPOSIT, WISH_LASTS
from core.kernel.clock import local_day
from core.kernel.ids import new_id
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.core.community.loans.conftest import ANNA, JAMES, LEA, TOM, Neighbourhood, title


async def found(house: Neighbourhood, words: str) -> list[str]:
    async with house.sample.database.work(house.sample.organisation) as uow:
        return [thing.name for thing in await things.found(uow, house.building, words)]


@pytest.mark.parametrize("words", ["échelle", "trapladder", "Leiter", "ladder", "une grande echelle", "LADDERS"])
async def test_a_ladder_is_a_ladder_in_every_language(house: Neighbourhood, words: str) -> None:
    await house.lends(TOM, "ladder van 3 meter")
    await house.lends(ANNA, "Bohrmaschine")
    assert await found(house, words) == ["Ladder van 3 meter"]


async def test_what_nobody_has(house: Neighbourhood) -> None:
    await house.lends()
    assert await found(house, "xylophone") == []
    assert await found(house, "?!") == []


async def test_a_list_says_whose_and_when(house: Neighbourhood) -> None:
    ladder, drill = await house.lends(), await house.lends(ANNA, "Drill")
    await house.granted(LEA, ladder, house.days(0, 3))

    async def listed(uow, person):  # type: ignore[no-untyped-def]
        return await service.offers(uow, person, await things.shown(uow, house.building))

    offers = {each.thing.name: each for each in await house.does(ANNA, listed)}
    assert (offers["Ladder"].owner, offers["Ladder"].free) == ("Tom V.", house.days(3).first)
    assert (offers["Drill"].owner, offers["Drill"].free) == ("", house.days().first)
    assert drill.name == "Drill"


async def test_whoever_waits_is_told_once(house: Neighbourhood) -> None:
    wish = await house.does(LEA, things.wish, house.building, "une échelle")
    assert await house.does(LEA, things.wish, house.building, "échelle") == wish
    await house.does(ANNA, things.wish, house.building, "Bohrmaschine")
    await house.does(TOM, things.wish, house.building, "ladder")
    ladder = await house.lends(TOM, "trapladder")
    assert await house.heard(LEA) == ["loans.alert.told"]
    (card,) = await house.told(LEA)
    assert card["choices"][0]["slots"] == {"thing": str(ladder.thing_id)}
    assert await house.heard(ANNA) == await house.heard(TOM) == []
    await house.lends(JAMES, "ladder")
    assert await house.heard(LEA) == ["loans.alert.told"]
    assert await house.heard(TOM) == ["loans.alert.told"]


async def test_a_wish_ends(house: Neighbourhood) -> None:
    wish = await house.does(LEA, things.wish, house.building, "échelle")
    assert await house.does(ANNA, things.end_wish, wish.wish_id) is None
    assert await house.does(LEA, things.end_wish, wish.wish_id) == "échelle"
    assert await house.does(LEA, things.end_wish, wish.wish_id) is None
    await house.does(ANNA, things.wish, house.building, "Leiter")
    house.clock.now += WISH_LASTS + timedelta(days=1)
    await house.lends()
    assert await house.heard(LEA) == await house.heard(ANNA) == []


async def test_the_owner_says_more(house: Neighbourhood) -> None:
    thing = await house.lends()
    await house.does(TOM, things.say_condition, thing.thing_id, " gut,\n aber alt ")
    await house.does(TOM, things.show_photo, thing.thing_id, "ab" * 32)
    await house.does(TOM, things.ask_deposit, thing.thing_id, 60)
    after = await house.does(TOM, things.lend_for, thing.thing_id, 90)
    assert (after.condition, after.photo, after.deposit, after.longest) == ("gut,\naber alt", "ab" * 32, 60, 90)
    assert await house.thing(thing.thing_id) == after
    assert await house.refused(TOM, things.lend_for, thing.thing_id, 91) == "loans.longest_wrong"
    assert await house.refused(TOM, things.lend_for, thing.thing_id, 0) == "loans.longest_wrong"
    assert await house.refused(TOM, things.ask_deposit, thing.thing_id, MOST_DEPOSIT + 1) == "loans.deposit_wrong"
    assert (
        await house.refused(TOM, things.say_condition, thing.thing_id, "pas pour les connards") == "community.insulting"
    )
    assert await house.refused(TOM, things.say_condition, new_id(), "gut") == "loans.not_yours"
    assert await house.thing(thing.thing_id) == after


async def test_without_hours_no_deposit(house: Neighbourhood) -> None:
    before = await house.lends(deposit=60)
    async with house.sample.database.work(house.sample.organisation) as uow:
        await council.switch(uow, house.building, Wish(Module("sel"), False, local_day(uow.now)), Actor(None, "Ann"))
        await uow.commit()
    assert await house.refused(TOM, things.ask_deposit, before.thing_id, 60) == "loans.no_sel"
    assert (await house.does(TOM, things.ask_deposit, before.thing_id, 0)).deposit == 0
    other = await house.lends(ANNA, "Drill")
    loan = await house.asks(LEA, other, house.days())
    assert (await house.loan(loan)).deposit == 0


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("", "community.no_name"),
        ("7", "community.no_name"),
        ("x" * 121, "community.long_name"),
        ("trou du connard", "community.insulting"),
    ],
)
async def test_names_that_say_nothing(house: Neighbourhood, name: str, key: str) -> None:
    assert await house.refused(TOM, things.lend, house.building, name) == key


async def test_it_is_put_up_as_it_is_called(house: Neighbourhood) -> None:
    thing = await house.lends(name="  échelle \n de  4 m ")
    assert thing.name == "Échelle de 4 m"
    assert thing.longest == 7
    card = await house.does(LEA, service.borrow, thing.thing_id, house.days(0, 7))
    assert title(card) == "loans.requested.title"
