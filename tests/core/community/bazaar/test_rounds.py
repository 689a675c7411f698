"""What time does to what is given: the draw, the line that moves on, what nobody fetches, what has been up for a month, who moves out."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta

from core.community.bazaar import service
from core.community.bazaar.draw import draw
from core.community.bazaar.model import State
from core.community.bazaar.rounds import service as rounds
from core.kernel.clock import local_day
from tests.core.community.bazaar.conftest import Shed


async def signed_up(house: Shed, *names: str, days: int = 3):  # type: ignore[no-untyped-def]
    item = await house.given("tom")
    await house.does(service.by_lot, house.tom, item, local_day(house.clock()) + timedelta(days=days))
    for name in names:
        await house.does(service.take, getattr(house, name), item)
    return item


async def test_the_draw_is_held_on_its_day_and_all_can_check_it(house: Shed) -> None:
    item = await signed_up(house, "lea", "anna", "james")
    assert await house.ticks(days=2) == 0
    assert await house.ticks(days=1) == 1
    found = await house.item(item)
    assert found.state is State.RESERVED
    assert found.taker is not None
    (kept,) = await house.rows("SELECT day, tickets, seed FROM bazaar_draws")
    said = "\n".join([str(item), kept["day"].isoformat(), *sorted(each.ticket for each in found.line)])
    assert kept["seed"] == hashlib.sha256(said.encode()).hexdigest()
    assert found.taker.ticket == draw(item, kept["day"], kept["tickets"]).order[0]
    for name in ("lea", "anna", "james"):
        won = getattr(house, name) == found.taker.person
        assert await house.keys(name) == ["bazaar.drawn.won" if won else "bazaar.drawn.lost"]
        check = await house.does(service.how_drawn, getattr(house, name), item)
        assert kept["seed"] in {str(fact.value.values["value"]) for fact in check.facts}
    assert await house.keys("tom") == ["bazaar.goes_to.title"]
    assert await house.refused(service.how_drawn, house.youssef, item) == "bazaar.no_draw"
    assert await house.ticks() == 0, "held once"


async def test_two_clocks_hold_one_draw(house: Shed) -> None:
    await signed_up(house, "lea", "anna")
    house.clock.now += timedelta(days=3)
    await asyncio.gather(*(rounds.due(house.sample.database) for _ in range(4)))
    assert len(await house.rows("SELECT 1 FROM bazaar_draws")) == 1
    assert len(await house.keys("tom")) == 1


async def test_let_go_after_a_draw_it_goes_by_the_order_of_the_lots(house: Shed) -> None:
    item = await signed_up(house, "lea", "anna", "james")
    await house.ticks(days=3)
    found = await house.item(item)
    assert found.taker is not None
    second = found.waiting[0].person
    await house.does(service.not_wanted, found.taker.person, item)
    assert [each.person for each in (await house.item(item)).asked] == [second]


async def test_nobody_signed_up(house: Shed) -> None:
    item = await signed_up(house)
    await house.ticks(days=3)
    assert await house.keys("tom") == ["bazaar.nobody_signed_up"]
    assert (await house.does(service.take, house.lea, item)).title.key == "bazaar.yours.title"


async def test_who_does_not_say_yes_within_a_day_has_company(house: Shed) -> None:
    item = await house.given("tom")
    for person in (house.lea, house.anna, house.james):
        await house.does(service.take, person, item)
    await house.does(service.not_wanted, house.lea, item)
    assert await house.ticks(hours=23) == 0
    assert await house.ticks(hours=1) == 1
    assert await house.keys("james") == ["bazaar.your_turn.title"]
    assert await house.ticks(minutes=1) == 0
    assert (await house.does(service.take, house.anna, item)).title.key == "bazaar.yours.title"
    assert (await house.does(service.take, house.james, item)).title.key == "bazaar.in_line.title"


async def test_a_month_and_one_more(house: Shed) -> None:
    item = await house.given("tom")
    assert await house.ticks(days=28) == 0
    assert await house.ticks(days=1) == 1
    assert await house.keys("tom") == ["bazaar.keep.title"]
    assert await house.ticks(hours=1) == 0, "asked once"
    await house.does(service.keep_up, house.tom, item)
    assert await house.ticks(days=1) == 0
    await house.ticks(days=28)
    await house.ticks(days=1)
    assert await house.keys("tom") == ["bazaar.keep.title", "bazaar.keep.title", "bazaar.expired.title"]
    assert (await house.item(item)).state is State.EXPIRED
    assert await house.refused(service.take, house.lea, item) == "bazaar.over"
    assert (await house.does(service.keep_up, house.tom, item)).title.key == "bazaar.kept_up"
    assert (await house.item(item)).state is State.OFFERED


async def test_nobody_speaks_of_it(house: Shed) -> None:
    item = await house.given("tom")
    await house.does(service.take, house.lea, item)
    await house.does(service.take, house.anna, item)
    assert await house.ticks(days=3) == 1
    assert await house.keys("lea") == ["bazaar.was_it.taker"]
    assert (await house.keys("tom"))[-1] == "bazaar.was_it.giver"
    assert await house.ticks(days=1) == 0
    assert await house.ticks(days=10) == 1
    assert (await house.keys("lea"))[-1] == "bazaar.lapsed.title"
    assert (await house.keys("tom"))[-1] == "bazaar.free_now", "she has not said that she does not want it"
    assert await house.keys("anna") == ["bazaar.your_turn.title"]


async def test_the_giver_is_silent_after_it_was_fetched(house: Shed) -> None:
    item = await house.given("tom")
    await house.does(service.take, house.lea, item)
    await house.does(service.take, house.anna, item)
    await house.does(service.collected, house.lea, item)
    assert await house.ticks(days=6) == 0
    assert await house.ticks(days=1) == 1
    assert (await house.item(item)).state is State.COLLECTED
    assert await house.keys("anna") == ["bazaar.no_more.found"]


async def test_the_giver_moves_out(house: Shed) -> None:
    one, other = await house.given("lukas", "Regal"), await house.given("lukas", "Sofa")
    await house.does(service.take, house.lea, one)
    await house.does(service.take, house.anna, one)
    await house.moves_out("lukas")
    assert await house.ticks() == 2
    assert await house.keys("lea") == ["bazaar.giver_gone"]
    assert await house.keys("anna") == ["bazaar.giver_gone"]
    assert (await house.keys("lukas"))[-2:] == ["bazaar.you_left"] * 2
    assert {(await house.item(item)).state for item in (one, other)} == {State.WITHDRAWN}
    assert await house.ticks() == 0


async def test_whom_it_is_reserved_to_moves_out(house: Shed) -> None:
    item = await house.given("tom")
    await house.does(service.take, house.lukas, item)
    await house.does(service.take, house.anna, item)
    await house.does(service.want, house.lukas, house.building, "ein Fahrrad")
    await house.moves_out("lukas")
    await house.ticks()
    assert (await house.keys("tom"))[-1] == "bazaar.free_now"
    assert await house.keys("anna") == ["bazaar.your_turn.title"]
    assert (await house.item(item)).state is State.OFFERED
    assert (await house.rows("SELECT over_at FROM bazaar_seeks"))[0]["over_at"] is not None
    assert await house.refused(service.take, house.lukas, item) == "bazaar.not_neighbour"


async def test_who_has_moved_out_is_shown_to_nobody_even_before_the_clock_looks(house: Shed) -> None:
    await house.given("lukas", "Regal")
    await house.moves_out("lukas")
    card = await house.does(service.browse, house.lea, house.building)
    assert card.title.key == "bazaar.list.empty"
