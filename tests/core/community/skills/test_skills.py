"""Who can do what: nobody is found who did not say yes, and nobody learns more of him before he says yes again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from core.community.posts import service as posts
from core.community.skills import service
from core.community.skills.cards import ADD, FIND
from core.community.skills.model import ANSWERS_WITHIN, NOT_AGAIN, Pay
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from tests.core.community.bazaar.conftest import Shed, labels, values

READ = "Tom V., loodgieter"


async def put_in(house: Shed, person: str = "tom", name: str = "loodgieter", pay: Pay = Pay.UNSAID) -> UUID:
    await house.does(service.put_in, getattr(house, person), house.building, name, pay, READ)
    (row,) = await house.rows("SELECT subject FROM posts WHERE kind = 'skill' ORDER BY post DESC LIMIT 1")
    return UUID(str(row["subject"]))


async def ask(house: Shed, skill: UUID, person: str = "lea", words: str = "plombier") -> UUID:
    await house.does(service.ask, getattr(house, person), skill, words)
    rows = await house.rows("SELECT ask_id FROM skill_asks ORDER BY at DESC LIMIT 1")
    return UUID(str(rows[0]["ask_id"]))


async def test_nothing_is_kept_before_he_says_yes(house: Shed) -> None:
    async with house.sample.database.work(house.sample.organisation) as uow:
        name, consent = await service.asks_consent(uow, house.tom, house.building, " loodgieter ")
        await uow.commit()
    assert name == "loodgieter"
    assert house.words["nl"](consent).startswith("Bewoners en eigenaars van het gebouw (Résidence Les Tilleuls)")
    assert "“Tom V.”" in house.words["nl"](consent)
    assert await house.rows("SELECT 1 FROM skills") == []
    await put_in(house)
    assert [row["consent"] for row in await house.rows("SELECT consent FROM skills")] == [READ]


@pytest.mark.parametrize("words", ["plombier", "loodgieter", "Klempner", "plumber", "un bon plombier"])
async def test_found_in_any_of_the_languages(house: Shed, words: str) -> None:
    await put_in(house, pay=Pay.PAID)
    card = await house.does(service.find, house.lea, house.building, words)
    assert [house.words["fr"](fact.value) for fact in card.facts] == ["Tom V., contre paiement"]
    assert labels(card) == [(FIND, "ask")]
    assert house.words["fr"](card.choices[0].label) == "Demander à Tom V. : loodgieter"


async def test_nobody_can_do_it(house: Shed) -> None:
    card = await house.does(service.find, house.lea, house.building, "accordeur de piano")
    assert labels(card) == [(ADD, "")]
    await put_in(house)
    card = await house.does(service.find, house.lea, house.building, "accordeur de piano")
    assert card.title.key == "skills.list.nobody"
    assert labels(card) == [(FIND, "all"), (ADD, "")]
    everybody = await house.does(service.find, house.tom, house.building)
    assert [fact.value.key for fact in everybody.facts] == ["skills.list.you"]
    assert labels(everybody) == [(ADD, "withdraw")]


async def test_contact_only_once_he_agrees(house: Shed) -> None:
    skill = await put_in(house)
    question = await ask(house, skill)
    ((_, told),) = await house.cards("tom")
    assert house.words["nl"](told.title) == "Léa D. zoekt hulp: “loodgieter”. Wilt u antwoorden?"
    assert "555" not in repr(told), "nothing of her yet"
    assert await house.keys("lea") == []
    card = await house.does(service.agree, house.tom, question)
    assert {"Léa Dubois", "+32 2 555 01 03"} <= set(values(card))
    ((_, answer),) = await house.cards("lea")
    assert {"Tom Vermeulen", "+32 2 555 01 04"} <= set(values(answer))
    await house.does(service.agree, house.tom, question)
    assert len(await house.keys("lea")) == 1, "told once"
    again = await house.does(service.ask, house.lea, skill)
    assert again.title.key == "skills.agreed"
    assert len(await house.keys("tom")) == 1, "not asked anew"
    assert await house.refused(service.decline, house.tom, question) == "skills.agreed_already"


async def test_not_now_and_not_every_day(house: Shed) -> None:
    skill = await put_in(house)
    question = await ask(house, skill)
    card = await house.does(service.decline, house.tom, question)
    assert values(card) == []
    assert await house.keys("lea") == ["skills.declined"]
    assert await house.refused(service.ask, house.lea, skill) == "skills.not_again"
    house.clock.now += NOT_AGAIN
    await ask(house, skill)
    assert await house.keys("tom") == ["skills.somebody_asks"] * 2


async def test_no_answer(house: Shed) -> None:
    skill = await put_in(house)
    question = await ask(house, skill)
    house.clock.now += ANSWERS_WITHIN - timedelta(seconds=1)
    assert await service.due(house.sample.database) == 0
    house.clock.now += timedelta(seconds=1)
    assert await service.due(house.sample.database) == 1
    assert await house.keys("lea") == ["skills.lapsed"]
    assert await service.due(house.sample.database) == 0
    late = await house.does(service.agree, house.tom, question)
    assert late.title.key == "skills.you_agreed", "late is not too late"


async def test_out_at_any_time_and_at_once(house: Shed) -> None:
    skill = await put_in(house)
    question = await ask(house, skill)
    await house.switch("skills", on=False)
    await house.does(service.withdraw, house.tom, skill)
    assert await house.keys("lea") == ["skills.lapsed"]
    await house.switch("skills", on=True)
    assert (await house.does(service.find, house.lea, house.building, "plombier")).title.key == "skills.list.nobody"
    assert await house.refused(service.ask, house.lea, skill) == "skills.not_listed"
    assert await house.refused(service.agree, house.tom, question) == "skills.not_listed"
    assert (await house.does(service.withdraw, house.tom, skill)).title.key == "skills.withdrawn"


async def test_said_again_it_is_one_entry(house: Shed) -> None:
    await put_in(house)
    card = await house.does(service.put_in, house.tom, house.building, "een loodgieter", Pay.FREE, READ)
    assert card.title.key == "skills.put_in"
    assert [row["pay"] for row in await house.rows("SELECT pay FROM skills")] == ["free"]
    assert (await house.does(service.mine, house.tom, house.building)).title.key == "skills.mine"
    assert (await house.does(service.mine, house.lea, house.building)).title.key == "skills.mine_empty"


async def test_asked_twice_at_once_he_is_told_once(house: Shed) -> None:
    skill = await put_in(house)
    await asyncio.gather(*(house.does(service.ask, house.lea, skill, "plombier") for _ in range(20)))
    assert await house.keys("tom") == ["skills.somebody_asks"]


async def test_what_nobody_may_do(house: Shed) -> None:
    skill = await put_in(house)
    question = await ask(house, skill)
    assert await house.refused(service.ask, house.tom, skill) == "skills.own"
    assert await house.refused(service.withdraw, house.lea, skill) == "skills.not_yours"
    for act in (service.agree, service.decline):
        assert await house.refused(act, house.lea, question) == "skills.not_yours"
        assert await house.refused(act, house.tom, new_id()) == "skills.not_yours"
    assert await house.refused(service.ask, house.lea, new_id()) == "skills.not_listed"
    stranger = house.persons["nathalie-renard"]
    assert await house.refused(service.ask, stranger, skill) == "skills.not_neighbour"
    assert await house.refused(service.find, stranger, house.building, "x") == "skills.not_neighbour"


@pytest.mark.parametrize("name", ["", "!!", "x" * 121, "réparer les connards"])
async def test_words_that_are_none(house: Shed, name: str) -> None:
    assert (await house.refused(service.asks_consent, house.tom, house.building, name)).startswith("community.")
    assert (await house.refused(service.put_in, house.tom, house.building, name, Pay.FREE, READ)).startswith(
        "community."
    )


async def test_an_insult_is_not_asked(house: Shed) -> None:
    skill = await put_in(house)
    assert await house.refused(service.ask, house.lea, skill, "un connard") == "community.insulting"


async def test_twenty_a_day(house: Shed) -> None:
    for number in range(20):
        await put_in(house, name=f"cours de langue niveau {'abcdefghijklmnopqrst'[number]}{number}")
    assert (
        await house.refused(service.put_in, house.tom, house.building, "loodgieter", Pay.FREE, READ)
        == "community.too_many"
    )


async def test_switched_off_who_was_asked_may_answer_and_nothing_new_begins(house: Shed) -> None:
    skill = await put_in(house)
    question = await ask(house, skill)
    await house.switch("skills", on=False)
    assert await house.refused(service.find, house.anna, house.building, "plombier") == "skills.off"
    assert await house.refused(service.ask, house.anna, skill) == "skills.off"
    assert await house.refused(service.put_in, house.anna, house.building, "Klavier", Pay.FREE, READ) == "skills.off"
    assert (await house.does(service.agree, house.tom, question)).title.key == "skills.you_agreed"


async def test_who_moves_out_is_found_no_more(house: Shed) -> None:
    skill = await put_in(house, "lukas", "Klempner")
    await ask(house, skill)
    await house.moves_out("lukas")
    assert (await house.does(service.find, house.lea, house.building, "plombier")).title.key != "skills.list.found"
    assert await house.refused(service.ask, house.anna, skill) == "skills.not_listed"
    assert await service.due(house.sample.database) == 1
    assert await house.keys("lea") == ["skills.lapsed"]
    assert await service.due(house.sample.database) == 0


async def test_who_asked_has_moved_out(house: Shed) -> None:
    skill = await put_in(house)
    question = await ask(house, skill, "lukas")
    await house.moves_out("lukas")
    assert await house.refused(service.agree, house.tom, question) == "skills.gone"


async def test_taken_back(house: Shed) -> None:
    skill = await put_in(house)
    async with house.sample.database.work(house.sample.organisation) as uow:
        last = await posts.last(uow, house.tom)
    assert last is not None
    assert last.subject == skill
    await house.does(service.take_back, house.tom, skill)
    assert (await house.does(service.mine, house.tom, house.building)).title.key == "skills.mine_empty"
    other = await put_in(house)
    await ask(house, other)
    with pytest.raises(DomainError):
        await house.does(service.take_ask_back, house.lea, new_id())
