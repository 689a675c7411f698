"""`What is waiting for me`, and what neighbours did together, as they are asked for in a talk."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from bot.drawings.figures import png
from bot.understanding import command
from bot.understanding.commands import AGENDA, ALSO, COMMANDS
from core.kernel.i18n import LANGUAGES
from core.messaging.intent import Intent
from tests.core.bulletin.impact.test_reading import happens
from tests.ground_floor import Sample
from tests.talking import Talking

LEA, ANNA, YOUSSEF = (f"{who}@tilleuls.example" for who in ("lea.dubois", "anna.schmitz", "youssef.benali"))
FIGURES = {"fr": "Ce que les voisins ont fait ensemble", "de": "Was die Nachbarn gemeinsam getan haben"}


def labels(card: dict[str, object]) -> list[str]:
    choices = card["choices"]
    assert isinstance(choices, list)
    return [choice["label"] for choice in choices]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_has_a_command_in_each_language(language: str) -> None:
    name = AGENDA[language]
    assert re.fullmatch(r"[a-z_]{1,32}", name)
    assert name not in {each for names in COMMANDS.values() for each in names.values()} | set(ALSO)
    for said in (f"/{name}", f"/{name.upper()}@SomeBot", f"!kopro {name}"):
        assert command(said) == Intent("help", {"about": "todo"})


async def test_help_offers_the_list_first_and_the_figures_to_the_council_last(talking: Talking) -> None:
    (card,) = await talking.say(LEA, "aide")
    assert (labels(card)[0], labels(card)[-1]) == ("Ce qui m'attend", FIGURES["fr"])
    (card,) = await talking.say(ANNA, "Hilfe")
    assert labels(card)[0] == "Was auf mich wartet"
    assert FIGURES["de"] not in labels(card)


async def test_the_figures_come_with_a_picture(talking: Talking, sample: Sample) -> None:
    async with sample.database.work(sample.organisation) as uow:
        await happens(uow, sample)
        await uow.commit()
    (card,) = await talking.say(LEA, "aide")
    (shown,) = await talking.press(LEA, card, FIGURES["fr"])
    told = {fact["key"]: fact["value"] for fact in shown["facts"]}
    assert told == {
        "shared": "4",
        "given": "3",
        "hours": "trop peu pour le dire",
        "met": "4",
        "avoided": "1",
        "co2": "34 kg",
        "people": "5 sur 16",
    }
    (picture,) = shown["attachments"]
    assert (picture["media_type"], picture["name"]) == ("image/png", "impact.png")
    for value in told.values():
        assert value in shown["text"], "the text says all that the picture says"


async def test_a_group_reads_nothing_of_it(talking: Talking) -> None:
    shown = await talking.shown(LEA, "@koprogo /a_faire", group="telegram:-100200")
    assert all("740,40" not in str(each.card) for each in shown if each.to != f"console:{LEA}")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_picture_is_as_wide_as_it_is_said(language: str) -> None:
    drawn = await png(
        language, "Une très longue maison, Größe et ‘naam’: wat de buren samen deden", "Note", [("A", "1")] * 7
    )
    with Image.open(BytesIO(drawn)) as picture:
        assert (picture.format, picture.width) == ("PNG", 1200)
        assert len(set(picture.convert("L").resize((60, 60)).tobytes())) > 10, "something is drawn on it"


async def test_words_are_no_program() -> None:
    """Nothing of what people write is run by what draws."""
    drawn = await png("en", '#read("/etc/hostname") *x* $1$ "quoted" \\', "#panic()", [("#sys.version", "@x <y>")])
    assert drawn.startswith(b"\x89PNG")
