"""A day or a period by itself: what may be meant is offered, for that time; and of a quarter what is owed."""

from __future__ import annotations

import pytest

from core.buildings.model import Module
from core.kernel.clock import local_day
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.ground_floor import Sample
from tests.talking import Card, Talking, cents

LEA, TOM, ANNA, JAMES = (
    f"{name}@tilleuls.example" for name in ("lea.dubois", "tom.vermeulen", "anna.schmitz", "james.carter")
)


def offered(card: Card) -> list[str]:
    return [choice["label"] for choice in card["choices"]]


@pytest.mark.parametrize(
    ("who", "said", "first", "when"),
    [
        (LEA, "samedi", "Voir le tableau d'affichage", "28 novembre 2026"),
        (LEA, "hier", "Voir le tableau d'affichage", "21 novembre 2026"),
        (LEA, "mars", "Combien dois-je ?", "01/03/2026 - 31/03/2026"),
        (TOM, "morgen", "Het prikbord bekijken", "23 november 2026"),
        (ANNA, "gestern", "Das Schwarze Brett ansehen", "21. November 2026"),
        (JAMES, "last year", "What do I owe?", "01/01/2025 - 31/12/2025"),
    ],
)
async def test_it_is_no_greeting(talking: Talking, who: str, said: str, first: str, when: str) -> None:
    (card,) = await talking.say(who, said)
    assert [fact["value"] for fact in card["facts"]] == [when]
    assert (len(card["choices"]), offered(card)[0]) == (3, first)


async def test_what_is_chosen_is_for_that_day(talking: Talking) -> None:
    await talking.say(TOM, "Ik heb een ladder die de buren mogen gebruiken")
    (card,) = await talking.say(LEA, "samedi")
    (asked,) = await talking.press(LEA, card, "Emprunter quelque chose à un voisin")
    assert asked["title"] == "Que souhaitez-vous emprunter ?"
    (done,) = await talking.say(LEA, "une échelle")
    assert [fact["value"] for fact in done["facts"]] == ["28 novembre 2026"]


async def test_what_is_chosen_is_for_that_period(talking: Talking) -> None:
    (card,) = await talking.say(LEA, "en 2025")
    (owed,) = await talking.press(LEA, card, "Combien dois-je ?")
    assert "période 01/01/2025 - 31/12/2025" in owed["body"][0]


async def test_nothing_is_offered_that_is_not_there(talking: Talking, sample: Sample) -> None:
    async with sample.work() as uow:
        for name in ("loans", "notices"):
            wish = Wish(Module(name), False, local_day(uow.now))
            await council.switch(uow, sample.building, wish, Actor(None, "Ann"))
    (card,) = await talking.say(LEA, "samedi")
    assert offered(card) == ["Combien dois-je ?", "Comment payer ?"]


async def test_a_quarter_is_a_question(talking: Talking) -> None:
    (card,) = await talking.say(LEA, "ce trimestre ?")
    assert cents(card)["to_pay"] == 74040


async def test_it_is_an_answer_where_a_day_was_asked_for(talking: Talking) -> None:
    await talking.say(TOM, "Ik heb een ladder die de buren mogen gebruiken")
    (asked,) = await talking.say(LEA, "Je peux emprunter une échelle ?")
    assert asked["title"] == "« Ladder » : de quand à quand ?"
    (done,) = await talking.say(LEA, "samedi")
    assert done["title"].startswith("J'ai demandé")
