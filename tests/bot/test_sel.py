"""Time credits in talks: what a sentence about help says, what is asked, and which buttons still count."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bot.dialogues.helped import gave, gift, minutes, named_in, vague
from core.community.neighbours.model import Neighbour
from core.community.sel import service as sel
from core.community.sel.accounts import service as accounts
from core.community.sel.module import MODULE
from core.people import store as persons
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import Wish
from tests.bot.conftest import rows
from tests.ground_floor import Sample
from tests.talking import Talking, seat

LEA, YOUSSEF, SOFIE = (f"{name}@tilleuls.example" for name in ("lea.dubois", "youssef.benali", "sofie.desmet"))
JAMES = "james.carter@tilleuls.example"


# ------------------------------------------------------------------------------------------------------ what words say


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J'ai aidé Tom pendant deux heures", True),
        ("Tom m'a aidée deux heures", False),
        ("Tom m’a donné un coup de main", False),
        ("j'ai été aidée par Tom, 2 h", False),
        ("j'ai gardé le chat de Katrien trois heures", True),
        ("Youssef a réparé mon vélo, 45 minutes", False),
        ("encodez svp 2h30 de bricolage faites par Kevin chez moi", False),
        ("Tom nous a aidés une heure", False),
        ("Tom et moi avons fait deux heures de jardinage", None),
        ("deux heures, Tom", None),
        ("Ik heb Tom twee uur geholpen", True),
        ("Ik heb mijn buurman Tom geholpen", True),
        ("Tom heeft mij twee uur geholpen", False),
        ("Fien heeft 2 uur ramen gewassen bij ons, mag genoteerd worden", False),
        ("ik werd twee uur geholpen door Tom", False),
        ("Ik heb hulp gekregen van Tom", False),
        ("Tom en ik hebben samen gewerkt", None),
        ("Ich habe Tom zwei Stunden geholfen", True),
        ("Tom hat mir zwei Stunden geholfen", False),
        ("kurt war 2 stunden bei mir rasen mähen, bitte gutschreiben", False),
        ("Lukas hat unseren Rasen gemäht", False),
        ("Ich wurde von Tom unterstützt", False),
        ("Lukas und ich haben gearbeitet", None),
        ("I helped Tom for two hours", True),
        ("I spent three hours painting Tom's kitchen", True),
        ("Tom helped me for two hours", False),
        ("two and a half hours with Naomi, she fixed my printer", False),
        ("I was helped by Tom", False),
        ("Tom and I worked for two hours", None),
        ("", None),
    ],
)
def test_who_helped_whom(text: str, expected: bool | None) -> None:
    assert gave(text) is expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "une heure et demie", 90),
        ("fr", "2h30", 150),
        ("fr", "trois quarts d'heure", 45),
        ("nl", "anderhalf uur", 90),
        ("nl", "2,5 uur", 150),
        ("de", "anderthalb Stunden", 90),
        ("de", "2 Std. 15 Min", 135),
        ("en", "half an hour", 30),
        ("fr", "une demi-heure", 30),
        ("nl", "een half uur", 30),
        ("de", "eine halbe Stunde", 30),
        ("fr", "1h30", 90),
        ("nl", "1u30", 90),
        ("nl", "anderhalve uur", 90),
        ("de", "eineinhalb Stunden", 90),
        ("en", "90 minutes", 90),
        ("fr", "90 min", 90),
        ("nl", "90 minuten", 90),
        ("de", "90 Minuten", 90),
        ("en", "a couple of hours", 120),
        ("en", "Tom helped me for a couple of good hours", 120),
        ("fr", "une paire d'heures", 120),
        ("nl", "een paar uur", 120),
        ("nl", "een paar uurtjes", 120),
        ("nl", "een koppel uren", 120),
        ("nl", "een uur of drie", 180),
        ("nl", "langer dan een uur", 60),
        ("nl", "Tom heeft mij een paar uur geleden geholpen", None),
        ("en", "a couple of hours ago Tom helped me", None),
        ("en", "an hour and a half", 90),
        ("en", "zwei Stunden", 120),
        ("fr", "0 heure", 0),
        ("fr", "10000 heures", 600_000),
        ("nl", "10.000 uur", 600_000),
        ("en", "10,000 hours", 600_000),
        ("en", "-2 hours", -120),
        ("en", "Tom helped me", None),
        ("en", "2", None),
        ("en", "9" * 40 + " hours", 999_999_999 * 60),
    ],
)
def test_how_long_it_took(language: str, text: str, expected: int | None) -> None:
    assert minutes(text, language) == expected


VAGUE = [
    ("fr", "quelques heures"),
    ("fr", "plusieurs heures"),
    ("fr", "une heure ou deux"),
    ("fr", "2 à 3 heures"),
    ("nl", "enkele uurtjes"),
    ("nl", "meerdere uren"),
    ("nl", "2 of 3 uur"),
    ("de", "ein paar Stunden"),
    ("de", "einige Stunden"),
    ("de", "ein bis zwei Stunden"),
    ("en", "a few hours"),
    ("en", "an hour or two"),
    ("en", "two or three hours"),
]


@pytest.mark.parametrize(("language", "text"), VAGUE)
def test_a_vague_time_is_known_as_one(language: str, text: str) -> None:
    assert vague(text)


@pytest.mark.parametrize(
    "text", ["une heure", "een paar uur", "2h30", "anderthalb Stunden", "half an hour", "", "deux"]
)
def test_a_clear_time_is_not(text: str) -> None:
    assert not vague(text)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "2", 120),
        ("nl", "2,5", 150),
        ("fr", "deux", 120),
        ("de", "null", 0),
        ("en", "-1", -60),
        ("en", "9" * 40, 999_999_999 * 60),
        ("nl", "10.000", 600_000),
        ("fr", "10 000", 600_000),
        ("en", "a while", None),
        *((language, text, None) for language, text in VAGUE),
        ("fr", "quelques heures, disons trois heures", 180),
        ("en", "", None),
    ],
)
def test_how_long_it_took_as_an_answer(language: str, text: str, expected: int | None) -> None:
    assert minutes(text, language, answer=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c'était un cadeau", True),
        ("gratuitement", True),
        ("sans heures svp", True),
        ("het was gratis", True),
        ("als geschenk", True),
        ("umsonst", True),
        ("keine Stunden bitte", True),
        ("it was a gift", True),
        ("for free", True),
        ("I am free on Monday", False),
        ("two hours", False),
    ],
)
def test_whether_it_was_a_gift(text: str, expected: bool) -> None:
    assert gift(text) is expected


def test_whom_a_sentence_names() -> None:
    everybody = [
        Neighbour(uuid4(), name, "nl", frozenset({"owner"})) for name in ("Tom Vermeulen", "Tom Wouters", "Ann Li")
    ]
    assert [each.name for each in named_in("tom heeft geholpen", everybody)] == ["Tom Vermeulen", "Tom Wouters"]
    assert [each.name for each in named_in("Tom Wouters, 2 uur", everybody)] == ["Tom Wouters"]
    assert named_in("Tomas heeft geholpen", everybody) == []


# ------------------------------------------------------------------------------------------------------------ in a talk


async def minutes_of(sample: Sample, code: str) -> int:
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await persons.residents(uow, sample.known.building_id)}
        return (await accounts.account(uow, sample.known.building_id, listed[code])).balance


async def told(talking: Talking, who: str) -> dict[str, Any]:
    """The last card that somebody at a terminal was told by what another said."""
    shown = [each for each in talking.console.shown if each.to.handle == who]  # type: ignore[union-attr]
    return await talking.json(shown[-1])


async def asked_of_youssef(talking: Talking) -> dict[str, Any]:
    """Léa says that Youssef helped her for two hours; what he is asked."""
    await talking.say(YOUSSEF, "bonjour")
    await talking.say(LEA, "Youssef m'a aidée deux heures")
    return await told(talking, YOUSSEF)


async def test_a_button_counts_weeks_later_and_only_once(talking: Talking, sample: Sample) -> None:
    card = await asked_of_youssef(talking)
    await talking.press(YOUSSEF, card, "Oui, c'est exact")
    assert await minutes_of(sample, "youssef-benali") == 120
    talking.clock.now += timedelta(days=40)
    for label in ("Oui, c'est exact", "C'était un cadeau", "Non, ce n'est pas exact"):
        (answer,) = await talking.press(YOUSSEF, card, label)
        assert answer["title"].startswith("C'est déjà comptabilisé")
    assert await minutes_of(sample, "youssef-benali") == 120


async def test_silence_books_it_and_the_button_comes_too_late(talking: Talking, sample: Sample) -> None:
    card = await asked_of_youssef(talking)
    talking.clock.now += timedelta(days=7)
    assert await sel.due(sample.database) == 1
    told_now, answer = await talking.press(YOUSSEF, card, "Non, ce n'est pas exact")
    assert {each["title"][:19] for each in (told_now, answer)} == {"Comptabilisé pour v", "C'est déjà comptabi"}
    assert await minutes_of(sample, "youssef-benali") == 120


async def test_a_button_of_somebody_else_does_nothing(talking: Talking, sample: Sample) -> None:
    card = await asked_of_youssef(talking)
    token = next(choice["token"] for choice in card["choices"] if choice["label"] == "Oui, c'est exact")
    (answer,) = await talking.say(SOFIE, choice=token)
    assert answer["title"] == "Deze knop is niet meer geldig."
    assert await minutes_of(sample, "youssef-benali") == 0


REFUSALS = {
    "That is not yours to decide.",
    "There is no disagreement to settle here.",
    "That is over already: there is nothing left to do.",
}


async def test_slots_of_a_choice_are_not_trusted(talking: Talking, sample: Sample) -> None:
    """Even with the choice of the right one in his hands, he who may not decides nothing."""
    await asked_of_youssef(talking)
    (row,) = await rows(sample, "SELECT exchange_id FROM sel_exchanges")
    for do in ("confirm", "gift", "settle", "dismiss", "case", "minutes", "withdraw", "object", "nonsense"):
        (card,) = await talking.say(JAMES, "/hours")
        await rows(
            sample,
            "UPDATE choices SET slots = jsonb_build_object('do', $1::text, 'exchange', $2::text), intent = 'sel.done'"
            " WHERE token = $3",
            do,
            str(row["exchange_id"]),
            card["choices"][0]["token"],
        )
        (answer,) = await talking.say(JAMES, choice=card["choices"][0]["token"])
        assert answer["title"] in REFUSALS
    (after,) = await rows(sample, "SELECT state, minutes FROM sel_exchanges")
    assert dict(after) == {"state": "waiting", "minutes": 120}


async def test_by_number_in_a_mail_or_anywhere_without_buttons(talking: Talking, sample: Sample) -> None:
    card = await asked_of_youssef(talking)
    assert "1. Oui, c'est exact" in card["text"]
    (answer,) = await talking.say(YOUSSEF, "1")
    assert answer["title"].startswith("Comptabilisé")
    assert await minutes_of(sample, "lea-dubois") == -120


async def test_switched_off_it_says_so_and_what_waits_is_finished(talking: Talking, sample: Sample) -> None:
    card = await asked_of_youssef(talking)
    async with sample.database.work(sample.organisation) as uow:
        off = Wish(MODULE, False, talking.clock.now.date())
        await council.switch(uow, sample.known.building_id, off, Actor(None, "test"))
        await uow.commit()
    (answer,) = await talking.say(LEA, "Youssef m'a aidée trois heures")
    assert "Échange de services" in answer["title"]
    for text in ("Je peux donner des cours de piano", "quels services sont proposés ?"):
        assert "Échange de services" in (await talking.say(LEA, text))[0]["title"]
    (balance,) = await talking.say(LEA, "combien d'heures ai-je ?")
    assert "Attend une confirmation" in balance["text"]
    await talking.press(YOUSSEF, card, "Oui, c'est exact")
    assert await minutes_of(sample, "youssef-benali") == 120
    (nothing,) = await talking.say(SOFIE, "Hoeveel uren heb ik?")
    assert "Ruildienst" in nothing["title"]


async def test_a_question_that_waits_can_be_left(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(LEA, "Youssef m'a donné un coup de main")
    assert card["title"] == "Combien de temps cela a-t-il duré ?"
    (card,) = await talking.say(LEA, "assez longtemps")
    assert "pas de durée" in card["text"]
    (card,) = await talking.say(LEA, "laisse tomber")
    assert card["title"] == "Très bien, laissons cela."
    assert await rows(sample, "SELECT 1 FROM sel_exchanges") == []


async def test_the_answer_to_how_long_may_be_that_it_was_a_gift(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "J'ai aidé Youssef")
    (card,) = await talking.say(LEA, "c'était un cadeau")
    assert "en cadeau" in card["title"]
    (row,) = await rows(sample, "SELECT gift, minutes FROM sel_exchanges")
    assert dict(row) == {"gift": True, "minutes": 0}


async def test_what_is_missing_of_an_offer_is_asked(talking: Talking, sample: Sample) -> None:
    (card,) = await talking.say(LEA, "/offrir")
    assert card["title"] == "Que proposez-vous à vos voisins ?"
    (card,) = await talking.say(LEA, "cours de dessin")
    assert card["title"] == "Votre offre est publiée : cours de dessin."
    (card,) = await talking.say(LEA, "/demander")
    (card,) = await talking.say(LEA, "espèce de connard")
    assert "ne méritent pas" in card["title"]
    assert len(await rows(sample, "SELECT 1 FROM sel_offers")) == 1


@pytest.mark.parametrize("said", ["Tom m'a aidée quelques heures", "Tom m'a aidée une heure ou deux"])
async def test_a_few_hours_are_asked_about(talking: Talking, sample: Sample, said: str) -> None:
    (card,) = await talking.say(LEA, said)
    assert card["title"] == "Combien de temps cela a-t-il duré ?"
    assert card["body"][0] == "À peu près combien ? Une estimation suffit."
    (card,) = await talking.say(LEA, "plusieurs heures")
    assert card["body"][0] == "À peu près combien ? Une estimation suffit."
    (card,) = await talking.say(LEA, "longtemps")
    assert card["body"][0] == "Je n'y lis pas de durée."
    await talking.say(LEA, "1h30")
    (kept,) = await rows(sample, "SELECT minutes FROM sel_exchanges")
    assert kept["minutes"] == 90


async def test_a_couple_of_hours_is_two(talking: Talking, sample: Sample) -> None:
    await talking.say(JAMES, "Tom helped me for a couple of hours")
    (kept,) = await rows(sample, "SELECT minutes FROM sel_exchanges")
    assert kept["minutes"] == 120


async def test_undo_takes_the_last_one_back(talking: Talking, sample: Sample) -> None:
    await talking.say(LEA, "Je peux donner des cours de piano")
    (card,) = await talking.say(LEA, "non, annule ça")
    assert card["title"] == "L'annonce est retirée : cours de piano."
    assert await rows(sample, "SELECT 1 FROM sel_offers WHERE state = 'open'") == []


async def test_somebody_of_another_house_is_nobody_here(talking: Talking, sample: Sample) -> None:
    """Werner sold his flat, the syndic does not live there."""
    (card,) = await talking.say(LEA, "Werner m'a aidée deux heures")
    assert card["title"].startswith("Je ne trouve personne de ce nom")
    (card,) = await talking.say(LEA, "Werner")
    assert card["title"].startswith("Je ne trouve personne de ce nom")
    await talking.say(LEA, "laisse tomber")
    (card,) = await talking.say("nathalie.renard@renard-gestion.example", "Léa m'a aidée deux heures")
    assert "Échange de services" in card["title"]
    assert await rows(sample, "SELECT 1 FROM sel_exchanges") == []


async def test_nothing_personal_is_told_before_it_is_agreed(talking: Talking, sample: Sample) -> None:
    await seat(sample, "tom-vermeulen", "telegram:815")
    await talking.say("telegram:815", "Ik kan pianoles geven")
    for text in ("quels services sont proposés ?", "Qui peut donner des cours de piano à mon fils ?"):
        (card,) = await talking.say(LEA, text)
        assert "Tom V." in card["text"]
        assert not re.search(r"Vermeulen|2B|\+32|@", card["text"])
