"""Talk about who can do what: what is said of pay, what is asked first, and who hears of whom."""

from __future__ import annotations

import pytest

from bot.dialogues.skills import _pay, _without_pay
from core.community.skills.model import Pay
from core.modules import named
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.bot.conftest import rows
from tests.bot.test_bazaar import labels, presses, says, told
from tests.ground_floor import Sample
from tests.talking import Card, Talking, token

LEA, TOM, ANNA, JAMES = (
    f"{name}@tilleuls.example" for name in ("lea.dubois", "tom.vermeulen", "anna.schmitz", "james.carter")
)


async def listed(talking: Talking) -> Card:
    card = await says(talking, TOM, "ik ben loodgieter, u mag mij in de lijst zetten")
    return await presses(talking, TOM, card, "Ja, tegen betaling")


async def test_what_he_read_is_what_is_kept(talking: Talking, sample: Sample) -> None:
    card = await says(talking, TOM, "ik ben loodgieter, u mag mij in de lijst zetten")
    assert await rows(sample, "SELECT 1 AS one FROM skills") == [], "nothing before he says yes"
    await presses(talking, TOM, card, "Ja, gratis")
    (kept,) = await rows(sample, "SELECT name, pay, consent FROM skills")
    assert (kept["name"], kept["pay"]) == ("loodgieter", "free")
    assert kept["consent"] in card["body"]


async def test_no_is_no(talking: Talking, sample: Sample) -> None:
    card = await says(talking, TOM, "ik ben loodgieter, u mag mij in de lijst zetten")
    await presses(talking, TOM, card, "Nee, liever niet")
    assert await rows(sample, "SELECT 1 AS one FROM skills") == []


async def test_what_was_said_of_pay_is_not_asked_again(talking: Talking, sample: Sample) -> None:
    card = await says(talking, ANNA, "ich kann kostenlos Fahrräder reparieren, nehmen Sie mich ins Verzeichnis auf")
    assert labels(card) == ["Ja, nehmen Sie mich auf", "Nein, lieber nicht"]
    await presses(talking, ANNA, card, "Ja, nehmen Sie mich auf")
    assert [row["pay"] for row in await rows(sample, "SELECT pay FROM skills")] == ["free"]


async def test_she_asks_he_answers_both_know(talking: Talking) -> None:
    await listed(talking)
    found = await says(talking, LEA, "quelqu'un s'y connaît en plomberie ?")
    assert "Tom V., contre paiement" in found["text"]
    assert "555" not in found["text"]
    await presses(talking, LEA, found, "Demander à Tom V. : loodgieter")
    asked = await told(talking, TOM)
    assert "Léa D." in asked["title"]
    assert "Dubois" not in asked["text"]
    yes = await presses(talking, TOM, asked, "Ja, schrijf mij")
    assert "+32 2 555 01 03" in yes["text"]
    assert "+32 2 555 01 04" in (await told(talking, LEA))["text"]


async def test_old_buttons_and_those_of_others(talking: Talking, sample: Sample) -> None:
    entry = await listed(talking)
    found = await says(talking, LEA, "quelqu'un s'y connaît en plomberie ?")
    label = "Demander à Tom V. : loodgieter"
    await presses(talking, LEA, found, label)
    asked = await told(talking, TOM)
    again = await presses(talking, LEA, found, label)
    assert again["title"] == "Tom V. n'a pas encore répondu."
    (card,) = await talking.say(JAMES, choice=token(asked, "Ja, schrijf mij"))
    assert "555" not in card["text"]
    await presses(talking, TOM, entry, "Mij schrappen: loodgieter")
    assert (await told(talking, LEA))["title"] == "Aucune réponse n'est venue : « loodgieter »."
    late = await presses(talking, TOM, asked, "Ja, schrijf mij")
    assert late["title"] == "Deze persoon staat niet meer in de talentenlijst."
    assert "ne figure plus" in (await presses(talking, LEA, found, label))["title"]


async def test_switched_off_one_is_found_no_more_but_may_leave(talking: Talking, sample: Sample) -> None:
    entry = await listed(talking)
    async with sample.database.work(sample.organisation) as uow:
        off = Wish(named("skills"), False, uow.now.date())
        await council.switch(uow, sample.known.building_id, off, Actor(None, "test"))
        await uow.commit()
    card = await says(talking, LEA, "quelqu'un s'y connaît en plomberie ?")
    assert "n'est pas activé" in card["title"]
    left = await presses(talking, TOM, entry, "Mij schrappen: loodgieter")
    assert left["title"] == "Klaar: men vindt u niet meer voor “loodgieter”."


async def test_taken_back(talking: Talking) -> None:
    await listed(talking)
    assert (await says(talking, TOM, "maak dat ongedaan"))["title"] == "Klaar: men vindt u niet meer voor “loodgieter”."
    await listed(talking)
    found = await says(talking, LEA, "quelqu'un s'y connaît en plomberie ?")
    await presses(talking, LEA, found, "Demander à Tom V. : loodgieter")
    assert "ne se retire plus" in (await says(talking, LEA, "annule ça"))["title"]


async def test_out_by_words(talking: Talking) -> None:
    card = await says(talking, LEA, "retirez-moi de l'annuaire")
    assert card["title"] == "Vous ne figurez pas dans l'annuaire."


async def test_the_question_stays_open(talking: Talking) -> None:
    assert (await says(talking, JAMES, "/my_skills"))["title"] == "What can you do?"
    assert "few words" in (await says(talking, JAMES, "!!"))["title"]
    assert "neighbours do not deserve" in (await says(talking, JAMES, "teaching idiots"))["title"]
    assert (await says(talking, JAMES, "piano"))["title"] == "May I put you in the directory for “piano”?"


@pytest.mark.parametrize(
    ("text", "pay"),
    [
        ("je suis électricien indépendant", Pay.PAID),
        ("c'est gratuit", Pay.FREE),
        ("ik doe het tegen betaling", Pay.PAID),
        ("gratis, onder buren", Pay.FREE),
        ("beruflich bin ich Maler", Pay.PAID),
        ("kostenlos", Pay.FREE),
        ("I do it for a living", Pay.PAID),
        ("for free", Pay.FREE),
        ("je suis plombier", Pay.UNSAID),
        ("gratuit pour les uns, payant pour les autres", Pay.UNSAID),
    ],
)
def test_what_is_said_of_pay(text: str, pay: Pay) -> None:
    assert _pay(text) is pay


def test_what_is_paid_stands_beside_the_name() -> None:
    assert _without_pay("vélos gratuitement") == "vélos"
    assert _without_pay("gratis") == "gratis"


async def test_a_late_no_says_by_what_one_is_found(talking: Talking) -> None:
    asked = await says(talking, TOM, "ik ben loodgieter")
    await presses(talking, TOM, asked, "Ja, gratis")
    late = await presses(talking, TOM, asked, "Nee, liever niet")
    assert next(choice["label"] for choice in late["choices"]) == "Mij schrappen: loodgieter"
    await presses(talking, TOM, late, "Mij schrappen: loodgieter")
    assert (await presses(talking, TOM, asked, "Nee, liever niet"))["title"].startswith(
        "Goed, ik zet u niet in de talentenlijst"
    )
