"""Which building: asked of whoever has a place in several, and answered by a button, a number, a name, a street or a town."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot.which_building import named
from core.buildings.model import Building
from core.interchange.folder import Folder
from core.interchange.reading import read_building
from core.interchange.service import import_building
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.text import say
from tests.bot.conftest import rows
from tests.ground_floor import SAMPLE, Sample
from tests.talking import Card, Talking, cents

LEA = "lea.dubois@tilleuls.example"
LIME, MAPLE = "Résidence Les Tilleuls", "Résidence Les Érables"

TILLEULS = Building(LIME, "tilleuls", "Avenue des Tilleuls 12", "1030", "Schaerbeek")
ERABLES = Building(MAPLE, "erables", "Rue du Moulin 3", "9000", "Gent")
KERK = Building("Residentie Kerkzicht", "kerkzicht", "Kerkstraat 7", "9000", "Gent")
THREE = (TILLEULS, ERABLES, KERK)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Tilleuls", TILLEULS),
        ("les tilleuls", TILLEULS),
        ("residence tilleuls", TILLEULS),
        ("RÉSIDENCE LES TILLEULS", TILLEULS),
        ("pour le tilleul", TILLEULS),
        ("erables", ERABLES),
        ("Les Érables, s'il vous plaît", ERABLES),
        ("celui de la rue du Moulin", ERABLES),
        ("het gebouw in de Kerkstraat", KERK),
        ("Kerkzicht a.u.b.", KERK),
        ("das Haus in der Kerkstraat", KERK),
        ("the one in Schaerbeek", TILLEULS),
        ("residentie", KERK),
        ("Gent", None),
        ("la résidence", None),
        ("tilleuls ou érables", None),
        ("pas les tilleuls", None),
        ("niet Kerkzicht", None),
        ("les", None),
        ("une échelle", None),
        ("", None),
        ("👍", None),
        ("tilleuls " * 11, None),
    ],
)
def test_the_one_that_is_named(said: str, meant: Building | None) -> None:
    assert named(said, THREE) is meant


@pytest.fixture
async def two(sample: Sample, tmp_path: Path) -> Sample:
    """The same people have a place in a second building of the same organisation."""
    folder = tmp_path / "second"
    shutil.copytree(SAMPLE, folder)
    file = folder / "building.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(LIME, MAPLE).replace('"tilleuls"', '"erables"'), encoding="utf-8")
    with Folder.open(folder) as opened:
        async with sample.work() as uow:
            await import_building(uow, read_building(opened), sample.shelf)
    return sample


async def says(talking: Talking, text: str) -> Card:
    (card,) = await talking.say(LEA, text)
    return card


WISHES = {
    "fr": ("Je prête ma perceuse", "les érables"),
    "nl": ("Ik heb een boormachine om uit te lenen", "Les Erables"),
    "de": ("Ich verleihe meine Bohrmaschine", "im Haus Les Érables"),
    "en": ("I have a drill that neighbours may borrow", "the Erables one"),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_name_goes_on_with_what_was_said(
    talking: Talking, two: Sample, catalogues: Catalogues, language: str
) -> None:
    asked = await says(talking, "changer de langue")
    own = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}[language]
    await talking.press(LEA, asked, own)
    wish, answer = WISHES[language]
    asked = await says(talking, wish)
    assert asked["title"] == catalogues[language](say("modules.which_building"))
    assert {choice["label"] for choice in asked["choices"]} == {LIME, MAPLE}
    again = await says(talking, "xyzzy")
    assert again["title"] == asked["title"]
    assert again["body"] == [catalogues[language](say("modules.which_building.again"))]
    done = await says(talking, answer)
    assert done["title"] != asked["title"]
    assert await lent(two) == ["erables"]


async def test_a_number_does_too(talking: Talking, two: Sample) -> None:
    asked = await says(talking, "Je prête ma perceuse")
    await says(talking, "3")
    labels = [choice["label"] for choice in asked["choices"]]
    await says(talking, str(1 + labels.index(MAPLE)))
    assert await lent(two) == ["erables"]


async def test_and_the_button_still(talking: Talking, two: Sample) -> None:
    asked = await says(talking, "Je prête ma perceuse")
    await talking.press(LEA, asked, LIME)
    assert await lent(two) == ["tilleuls"]


async def test_the_days_that_were_said_are_kept(talking: Talking, two: Sample) -> None:
    await says(talking, "Puis-je emprunter quelque chose samedi ?")
    await says(talking, "Tilleuls")
    (talk,) = await rows(two, "SELECT state::text AS state FROM conversations")
    state = json.loads(talk["state"])
    assert (state["ask"], state["building"], state["period"]) == ("item", "tilleuls", "2026-11-28/2026-11-28")


async def test_a_note_is_kept_word_by_word(talking: Talking, two: Sample) -> None:
    await says(talking, "Mot aux valves : le local à vélos sera repeint, merci de vider vos casiers")
    await says(talking, "les Tilleuls")
    (note,) = await rows(two, "SELECT title FROM notices")
    assert note["title"].casefold() == "le local à vélos sera repeint, merci de vider vos casiers"


async def test_whoever_asks_something_else_is_answered(talking: Talking, two: Sample) -> None:
    await says(talking, "Je prête ma perceuse")
    (thanks,) = await talking.say(LEA, "laissez tomber")
    assert thanks["title"] != "Pour quel immeuble ?"
    await says(talking, "Je prête ma perceuse")
    cards = await talking.say(LEA, "combien je dois ce trimestre ?")
    assert [cents(card)["to_pay"] for card in cards] == [74040, 74040]


async def test_a_question_that_names_a_building_is_a_question(talking: Talking, two: Sample) -> None:
    await says(talking, "Je prête ma perceuse")
    cards = await talking.say(LEA, "combien je dois pour les Érables ce trimestre ?")
    assert cards[0]["title"].startswith("À payer")
    assert await lent(two) == []


async def test_an_alarm_is_heard_first(talking: Talking, two: Sample) -> None:
    await says(talking, "Je prête ma perceuse")
    alarm = await says(talking, "Au feu, aux Érables !")
    assert "112" in str(alarm)
    assert await lent(two) == []
    done = await says(talking, "Le feu est aux Érables !")
    assert done["title"] != "Pour quel immeuble ?"
    assert len(await rows(two, "SELECT 1 FROM tickets")) == 1


async def test_after_the_numbers_of_the_fire_brigade_too(talking: Talking, two: Sample) -> None:
    await says(talking, "Il y a le feu dans la cave !")
    done = await says(talking, "aux érables")
    assert done["title"] != "Pour quel immeuble ?"
    found = await rows(two, "SELECT b.slug FROM tickets t JOIN buildings b ON b.building_id = t.building_id")
    assert [row["slug"] for row in found] == ["erables"]


async def lent(two: Sample) -> list[str]:
    found = await rows(two, "SELECT b.slug FROM loan_things t JOIN buildings b ON b.building_id = t.building_id")
    return [row["slug"] for row in found]
