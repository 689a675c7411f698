"""Strangers: a kind word, no data, and a code with which they are strangers no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.buildings import store as buildings
from core.kernel.ids import new_code
from core.people import service as people
from core.people import store as persons
from core.people.codes.model import REST, TRIES, code_in
from tests.bot.conftest import rows
from tests.ground_floor import Sample
from tests.talking import Card, Talking, cents

STRANGER = "somebody@elsewhere.example"
LEA = "lea.dubois@tilleuls.example"
WRONG = "Ce code n'est pas valable, ou il a déjà servi."


async def code_of(sample: Sample, person: str, channel: str = "console") -> str:
    async with sample.database.work(sample.organisation) as uow:
        listed = {row.resident.person: row.person_id for row in await persons.residents(uow, sample.known.building_id)}
        code = await people.invite(uow, listed[person], channel)
        await uow.commit()
        return code


def tells_nothing(card: Card) -> None:
    assert card["facts"] == []
    assert card["attachments"] == []
    for known in ("Tilleuls", "Dubois", "740", "BE68", "Renard"):
        assert known not in card["text"]


@pytest.mark.parametrize(
    "words",
    [
        "combien je dois ?",
        "Je suis Léa Dubois, appartement 3A",
        LEA,
        "/owe",
        "/start",
        "aide",
        "1",
        "👍",
        "",
        "x" * 9_000,
    ],
)
async def test_whatever_a_stranger_says_he_is_told_nothing(talking: Talking, sample: Sample, words: str) -> None:
    (card,) = await talking.say(STRANGER, words)
    tells_nothing(card)
    assert [choice["label"] for choice in card["choices"]] == ["Français", "Nederlands", "Deutsch", "English"]
    assert await rows(sample, "SELECT 1 FROM directory WHERE handle = $1", STRANGER) == []


@pytest.mark.parametrize(
    ("words", "begin"),
    [
        ("combien je dois ce trimestre ?", "Bonjour"),
        ("hoeveel moet ik dit kwartaal betalen?", "Dag"),
        ("was muss ich dieses Quartal bezahlen?", "Guten Tag"),
        ("what do I owe this quarter?", "Hello"),
    ],
)
async def test_in_the_language_in_which_he_writes(talking: Talking, words: str, begin: str) -> None:
    (card,) = await talking.say(STRANGER, words)
    assert card["title"].startswith(begin)


async def test_a_language_that_was_chosen_is_kept(talking: Talking) -> None:
    (card,) = await talking.say(STRANGER, "combien je dois ?")
    (german,) = await talking.press(STRANGER, card, "Deutsch")
    assert german["title"].startswith("Guten Tag")
    (still,) = await talking.say(STRANGER, "combien je dois ?")
    assert still["title"].startswith("Guten Tag")
    (number,) = await talking.say(STRANGER, "4")
    assert number["title"].startswith("Hello")


@pytest.mark.parametrize("how", ["{}", " {} ", "{lower}", "{half} {rest}", "{half}-{rest}"])
async def test_a_code_makes_known_however_it_is_typed(talking: Talking, sample: Sample, how: str) -> None:
    code = await code_of(sample, "lea-dubois")
    await talking.say(STRANGER, "bonjour")
    (card,) = await talking.say(STRANGER, how.format(code, lower=code.lower(), half=code[:5], rest=code[5:]))
    assert card["title"] == "Bienvenue, Léa Dubois !"
    assert [(fact["label"], fact["value"]) for fact in card["facts"]] == [
        ("Résidence Les Tilleuls", "lots 3A, G3, C3"),
        ("Langue", "Français"),
        ("Adresse", f"terminal {STRANGER}"),
    ]
    (owed,) = await talking.press(STRANGER, card, "Ce que je dois")
    assert cents(owed)["to_pay"] == 74040


async def test_a_code_works_once(talking: Talking, sample: Sample) -> None:
    code = await code_of(sample, "lea-dubois")
    await talking.say(STRANGER, code)
    (card,) = await talking.say("another@elsewhere.example", code)
    tells_nothing(card)
    assert card["title"] == "Deze code is niet geldig, of ze is al gebruikt.", "no language can be guessed from it"


async def test_a_code_expires(talking: Talking, sample: Sample) -> None:
    code = await code_of(sample, "lea-dubois")
    talking.clock.now += people.INVITATION_LASTS
    await talking.say(STRANGER, "bonjour")
    (card,) = await talking.say(STRANGER, code)
    assert card["title"] == WRONG


async def test_a_code_is_for_one_channel(talking: Talking, sample: Sample) -> None:
    code = await code_of(sample, "lea-dubois", "telegram")
    await talking.say(STRANGER, "bonjour")
    (card,) = await talking.say(STRANGER, code)
    assert card["title"] == WRONG


async def test_wrong_codes_are_limited_to_five(talking: Talking, sample: Sample) -> None:
    good = await code_of(sample, "lea-dubois")
    await talking.say(STRANGER, "bonjour")
    for _ in range(TRIES):
        (card,) = await talking.say(STRANGER, new_code())
        assert card["title"] == WRONG
        tells_nothing(card)
    assert TRIES == 5
    for code in (new_code(), good, good.lower()):
        (card,) = await talking.say(STRANGER, code)
        assert card["title"] == "C'était un code faux de trop. Attendez un quart d'heure, s'il vous plaît."
        tells_nothing(card)
    (other,) = await talking.say("another@elsewhere.example", "bonjour")
    assert other["choices"], "others are not made to wait"
    talking.clock.now += REST + timedelta(seconds=1)
    (card,) = await talking.say(STRANGER, good)
    assert "Léa Dubois" in card["title"]


async def test_what_is_no_code_is_no_try(talking: Talking, sample: Sample) -> None:
    await talking.say(STRANGER, "bonjour")
    for _ in range(2 * TRIES):
        await talking.say(STRANGER, "je n'ai pas de code")
    (card,) = await talking.say(STRANGER, await code_of(sample, "lea-dubois"))
    assert card["title"] == "Bienvenue, Léa Dubois !"


async def test_who_is_known_ties_himself_to_a_second_organisation_too(talking: Talking, sample: Sample) -> None:
    """The code of another syndic is a code, and not something to be understood."""
    async with sample.database.work() as uow:
        await buildings.add_organisation(uow, "another syndic")
        person = await persons.add_person(uow, "Léa D.", "fr")
        code = await people.invite(uow, person, "console")
        await uow.commit()
    await talking.say(LEA, "bonjour")
    (card,) = await talking.say(LEA, code)
    assert card["title"] == "Bienvenue, Léa D. !"
    cards = await talking.say(LEA, "combien je dois ?")
    assert len(cards) == 2
    assert [cents(card)["to_pay"] for card in cards if cents(card)] == [74040]


async def test_a_word_that_looks_like_a_code_is_still_a_word(talking: Talking) -> None:
    assert code_in("CHAUFFAGES") == "CHAUFFAGES"
    (card,) = await talking.say(LEA, "chauffages")
    assert card["title"] != WRONG


@pytest.mark.parametrize("text", ["", "ABCDEFGHJ", "ABCDEFGHJKL", "ABCDEFGHI0", "bonjour, ABCDEFGHJK", "ÀBCDEFGHJK"])
def test_what_is_no_code(text: str) -> None:
    assert code_in(text) is None
