"""What is given and swapped, in the database: who gets it, who is told what, and what nobody may do."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from core.community.bazaar import service
from core.community.bazaar.cards import GIVE, WANT
from core.community.bazaar.model import State
from core.community.bazaar.seeks import service as seeks
from core.community.neighbours import service as neighbours
from core.community.posts import service as posts
from core.community.words.model import terms
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from tests.core.community.bazaar.conftest import Shed, labels, values

MANY = 200


# ------------------------------------------------------------------------------------------------------------- first come


async def test_from_hand_to_hand(house: Shed) -> None:
    card = await house.does(service.give, house.tom, house.building, "een babybed")
    assert card.title.key == "bazaar.put_up.title"
    assert labels(card) == [(GIVE, "lot"), (GIVE, "swap"), (GIVE, "photo"), (GIVE, "withdraw")]
    found = await house.does(service.want, house.lea, house.building, "lit bébé")
    assert found.title.key == "bazaar.list.found"
    assert [fact.value.values for fact in found.facts] == [{"who": "Tom V."}], "no more than that before it is his"
    gift = found.choices[0].intent.slots["gift"]
    (item,) = [row["item_id"] for row in await house.rows("SELECT item_id FROM bazaar_items")]
    assert gift == str(item)
    yours = await house.does(service.take, house.lea, item)
    name, lots, phone = values(yours)
    assert (name, phone) == ("Tom Vermeulen", "+32 2 555 01 04")
    assert lots.split(", ")[0] == "2B"
    assert await house.told("tom") == ["“een babybed” is gereserveerd voor Léa Dubois."]
    ((_, told),) = await house.cards("tom")
    assert "+32 2 555 01 03" in values(told)
    await house.does(service.collected, house.lea, item)
    assert await house.keys("tom") == ["bazaar.goes_to.title", "bazaar.fetched.title"]
    over = await house.does(service.collected, house.tom, item)
    assert over.title.key == "bazaar.gone.title"
    assert (await house.item(item)).state is State.COLLECTED
    assert await house.keys("lea") == ["bazaar.you_have_it.title"]


async def test_two_hundred_want_it_at_once_and_one_gets_it(house: Shed) -> None:
    """Everybody of the building presses the same button again and again at the same moment."""
    item = await house.given("tom")
    async with house.sample.database.work(house.sample.organisation) as uow:
        everybody = [each.person for each in await neighbours.neighbours(uow, house.building)]
    others = [person for person in everybody if person != house.tom]
    people = [others[number % len(others)] for number in range(MANY)]
    done = await asyncio.gather(*(house.does(service.take, person, item) for person in people))
    found = await house.item(item)
    assert found.taker is not None
    for person, card in zip(people, done, strict=True):
        wanted = "bazaar.yours.title" if person == found.taker.person else "bazaar.in_line.title"
        assert card.title.key == wanted
    assert [each.position for each in found.line] == list(range(1, len(others) + 1))
    assert await house.keys("tom") == ["bazaar.goes_to.title"], "told once"
    rows = await house.rows("SELECT count(*) AS takers FROM bazaar_line WHERE standing = 'taker'")
    assert rows[0]["takers"] == 1


async def test_let_go_it_is_the_next_ones_turn(house: Shed) -> None:
    item = await house.given("tom")
    for person in (house.lea, house.anna, house.james):
        await house.does(service.take, person, item)
    card = await house.does(service.not_wanted, house.lea, item)
    assert card.title.key == "bazaar.let_go"
    assert await house.keys("anna") == ["bazaar.your_turn.title"]
    assert await house.keys("james") == []
    assert (await house.keys("tom"))[-1] == "bazaar.free_again.title"
    late = await house.does(service.take, house.youssef, item)
    assert late.title.key == "bazaar.in_line.title"
    card = await house.does(service.not_wanted, house.anna, item)
    assert await house.keys("james") == ["bazaar.your_turn.title"]
    yours = await house.does(service.take, house.james, item)
    assert yours.title.key == "bazaar.yours.title"


async def test_the_giver_gives_it_to_somebody_else(house: Shed) -> None:
    item = await house.given("tom")
    for person in (house.lea, house.anna):
        await house.does(service.take, person, item)
    card = await house.does(service.let_go, house.tom, item)
    assert card.title.key == "bazaar.free_now"
    assert await house.keys("lea") == ["bazaar.taken_back.title"]
    assert await house.keys("anna") == ["bazaar.your_turn.title"]
    assert await house.refused(service.let_go, house.tom, item) == "bazaar.not_reserved"


async def test_they_do_not_agree_that_it_is_gone(house: Shed) -> None:
    item = await house.given("tom")
    await house.does(service.take, house.lea, item)
    await house.does(service.collected, house.lea, item)
    card = await house.does(service.not_collected, house.tom, item)
    assert card.title.key == "bazaar.goes_to.title"
    assert await house.keys("lea") == ["bazaar.not_yet_said.title"]
    assert (await house.item(item)).fetched_at is None


async def test_withdrawn_those_who_wait_are_told(house: Shed) -> None:
    item = await house.given("tom")
    await house.does(service.by_lot, house.tom, item, local_day(house.clock()) + timedelta(days=3))
    await house.does(service.take, house.lea, item)
    await house.does(service.withdraw, house.tom, item)
    assert await house.keys("lea") == ["bazaar.no_more.over"]
    assert await house.refused(service.take, house.anna, item) == "bazaar.over"
    again = await house.does(service.withdraw, house.tom, item)
    assert again.title.key == "bazaar.withdrawn"
    assert await house.keys("lea") == ["bazaar.no_more.over"], "told once"


# -------------------------------------------------------------------------------------------------------------------- swap


async def test_a_swap_is_what_its_giver_chooses(house: Shed) -> None:
    item = await house.given("tom", "kinderfiets", in_return="een step")
    assert await house.refused(service.take, house.lea, item) == "bazaar.offer_something"
    assert await house.refused(service.offer, house.lea, item, "  ") == "community.no_name"
    assert await house.refused(service.offer, house.lea, item, "rien pour toi, connard") == "community.insulting"
    card = await house.does(service.offer, house.lea, item, "une trottinette bleue")
    assert card.title.key == "bazaar.bid_made.title"
    await house.does(service.offer, house.anna, item, "ein Roller")
    assert await house.told("tom") == [
        "Léa D. stelt u een ruil voor voor “kinderfiets”.",
        "Anna S. stelt u een ruil voor voor “kinderfiets”.",
    ]
    assert await house.refused(service.choose, house.lea, item, house.lea) == "bazaar.not_yours"
    assert await house.refused(service.choose, house.tom, item, house.james) == "bazaar.offer_gone"
    await house.does(service.decline, house.tom, item, house.lea)
    assert await house.keys("lea") == ["bazaar.bid_refused"]
    await house.does(service.decline, house.tom, item, house.lea)
    assert await house.keys("lea") == ["bazaar.bid_refused"], "told once"
    agreed = await house.does(service.choose, house.tom, item, house.anna)
    assert "Anna Schmitz" in values(agreed)
    assert await house.keys("anna") == ["bazaar.yours.title"]


async def test_an_offer_for_a_swap_is_taken_back(house: Shed) -> None:
    item = await house.given("tom", "kinderfiets", in_return="")
    await house.does(service.offer, house.lea, item, "une trottinette")
    async with house.sample.database.work(house.sample.organisation) as uow:
        last = await posts.last(uow, house.lea)
    assert last is not None
    assert last.kind == service.BID
    await house.does(service.take_bid_back, house.lea, last.subject)
    assert await house.refused(service.choose, house.tom, item, house.lea) == "bazaar.offer_gone"


# --------------------------------------------------------------------------------------------------------------- seeking


async def test_who_looks_for_it_is_told_once(house: Shed) -> None:
    card = await house.does(service.want, house.lea, house.building, "des cartons de déménagement")
    assert card.title.key == "bazaar.sought.title"
    again = await house.does(service.want, house.lea, house.building, "cartons de déménagement")
    assert again.title.key == "bazaar.sought.title"
    assert len(await house.rows("SELECT 1 FROM bazaar_seeks")) == 1, "said again, it is one wish"
    up = await house.does(service.give, house.tom, house.building, "verhuisdozen")
    assert [text.key for text in up.body] == ["bazaar.put_up.body", "bazaar.put_up.seekers"]
    assert await house.told("lea") == ["Tom V. propose « verhuisdozen »."]
    item = (await house.rows("SELECT item_id FROM bazaar_items"))[0]["item_id"]
    async with house.sample.database.work(house.sample.organisation) as uow:
        await seeks.tell_seekers(uow, await service.get(uow, item), "Tom V.", terms("verhuisdozen"))
        await uow.commit()
    assert len(await house.told("lea")) == 1, "one for each pair"
    await house.does(service.take, house.lea, item)
    assert (await house.rows("SELECT over_at FROM bazaar_seeks"))[0]["over_at"] is not None, "she has found it"


async def test_what_somebody_gives_is_no_answer_to_what_he_seeks_himself(house: Shed) -> None:
    await house.does(service.want, house.tom, house.building, "verhuisdozen")
    up = await house.does(service.give, house.tom, house.building, "verhuisdozen")
    assert [text.key for text in up.body] == ["bazaar.put_up.body"]
    assert await house.told("tom") == []


async def test_none_of_these(house: Shed) -> None:
    await house.given("tom", "babybed")
    found = await house.does(service.want, house.lea, house.building, "lit bébé")
    assert labels(found)[-1] == (WANT, "seek")
    card = await house.does(service.seek, house.lea, house.building, "lit bébé")
    stop = UUID(card.choices[0].intent.slots["seek"])
    await house.does(seeks.stop, house.lea, stop)
    await house.given("anna", "Babybett")
    assert await house.told("lea") == []
    assert await house.refused(seeks.stop, house.tom, stop) == "bazaar.unknown"


async def test_what_there_is(house: Shed) -> None:
    empty = await house.does(service.browse, house.lea, house.building)
    assert empty.title.key == "bazaar.list.empty"
    await house.given("tom", "babybed")
    house.clock.now += timedelta(minutes=1)
    await house.given("lea", "vélo", in_return="une trottinette")
    await house.does(service.want, house.james, house.building, "moving boxes")
    card = await house.does(service.browse, house.lea, house.building)
    assert [(str(f.label.values["value"]), f.value.key) for f in card.facts] == [
        ("vélo", "bazaar.list.yours"),
        ("babybed", "bazaar.list.first"),
        ("moving boxes", "bazaar.list.sought"),
    ]
    assert labels(card)[:3] == [(GIVE, "show"), (WANT, "take"), (GIVE, "")]
    named = await house.does(service.browse, house.lea, house.building, "baby cot")
    assert [str(fact.label.values["value"]) for fact in named.facts] == ["babybed"]
    other = await house.does(service.browse, house.lea, house.building, "ladder")
    assert other.title.key == "bazaar.list.none"


# -------------------------------------------------------------------------------------------------------------- bad input


async def test_what_nobody_may_do(house: Shed) -> None:
    item = await house.given("tom")
    assert await house.refused(service.take, house.tom, item) == "bazaar.own"
    for act in (service.withdraw, service.keep_up, service.let_go, service.show, service.first_come, service.open_of):
        assert await house.refused(act, house.lea, item) == "bazaar.not_yours"
    assert await house.refused(service.collected, house.lea, item) == "bazaar.not_for_you"
    assert await house.refused(service.how_drawn, house.lea, item) == "bazaar.no_draw"
    assert await house.refused(service.take, house.lea, new_id()) == "bazaar.unknown"
    with pytest.raises(DomainError):
        await house.does(service.give, house.tom, new_id(), "babybed")


async def test_somebody_of_another_building_does_not_take_it(house: Shed) -> None:
    item = await house.given("tom")
    stranger = house.persons["nathalie-renard"]
    assert await house.refused(service.take, stranger, item) == "bazaar.not_neighbour"
    assert await house.refused(service.give, stranger, house.building, "a desk") == "bazaar.not_neighbour"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "community.no_name"),
        ("  ", "community.no_name"),
        ("?!", "community.no_name"),
        ("x" * 121, "community.long_name"),
        ("un lit pour un connard", "community.insulting"),
    ],
)
async def test_names_that_are_none(house: Shed, name: str, reason: str) -> None:
    assert await house.refused(service.give, house.tom, house.building, name) == reason
    if reason != "community.insulting":
        assert await house.refused(service.want, house.lea, house.building, name) == reason


async def test_twenty_a_day(house: Shed) -> None:
    for number in range(20):
        await house.given("tom", f"boek deel {number + 1}")
    assert await house.refused(service.give, house.tom, house.building, "nog een boek") == "community.too_many"


async def test_taken_back_as_long_as_nobody_wants_it(house: Shed) -> None:
    one, other = await house.given("tom"), await house.given("tom", "kast")
    assert (await house.does(service.take_back, house.tom, one)).title.key == "bazaar.withdrawn"
    await house.does(service.take, house.lea, other)
    assert await house.refused(service.take_back, house.tom, other) == "bazaar.wanted_already"
    assert await house.refused(service.take_back, house.lea, other) == "bazaar.not_yours"


async def test_how_it_goes_is_not_changed_behind_anybodys_back(house: Shed) -> None:
    item = await house.given("tom")
    day = local_day(house.clock()) + timedelta(days=2)
    await house.does(service.by_lot, house.tom, item, day)
    await house.does(service.take, house.lea, item)
    assert await house.refused(service.first_come, house.tom, item) == "bazaar.wanted_already"
    assert await house.refused(service.swap_for, house.tom, item, "een step") == "bazaar.wanted_already"
    assert await house.refused(service.by_lot, house.tom, item, day) == "bazaar.wanted_already"


# ----------------------------------------------------------------------------------------------------------- switched off


async def test_switched_off_what_is_reserved_is_finished_and_nothing_new_begins(house: Shed) -> None:
    reserved, offered = await house.given("tom"), await house.given("tom", "kast")
    await house.does(service.take, house.lea, reserved)
    await house.does(service.take, house.anna, reserved)
    await house.switch("bazaar", on=False)
    for act, *given in (
        (service.give, house.tom, house.building, "stoel"),
        (service.want, house.lea, house.building, "kast"),
        (service.browse, house.lea, house.building),
        (service.take, house.lea, offered),
        (service.keep_up, house.tom, offered),
    ):
        assert await house.refused(act, *given) == "bazaar.off"
    await house.does(service.not_wanted, house.lea, reserved)
    assert await house.keys("anna") == [], "nothing new begins"
    assert await house.ticks(days=40) == 0
    await house.switch("bazaar", on=True)
    house.clock.now -= timedelta(days=39)
    await house.ticks()
    assert await house.keys("anna") == ["bazaar.your_turn.title"]


async def test_switched_off_in_the_middle_it_is_handed_over(house: Shed) -> None:
    item = await house.given("tom")
    await house.does(service.take, house.lea, item)
    await house.switch("bazaar", on=False)
    await house.does(service.collected, house.lea, item)
    await house.does(service.collected, house.tom, item)
    assert (await house.item(item)).state is State.COLLECTED
