"""What a report is about, where, and whether it cannot wait: as people write it, in four languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.buildings.model import Lot
from core.tickets.model import LONGEST_TEXT, Category, Danger, Spot
from core.tickets.words import alike, danger_of, only_named, report_of, spot_of

LOTS = (
    Lot("RC", "commercial", "0", 92),
    Lot("1A", "apartment", "1", 80),
    Lot("3A", "apartment", "3", 84),
    Lot("5B", "apartment", "5", 72),
)

PLAIN = [
    ("L'ascenseur est encore bloqué", Category.LIFT, Spot()),
    ("I'm fed up, the lift is stuck again", Category.LIFT, Spot()),
    ("de lift zit weer vast", Category.LIFT, Spot()),
    ("der Aufzug steckt schon wieder fest", Category.LIFT, Spot()),
    ("the lift is kind of stuck", Category.LIFT, Spot()),
    ("la porte coupe-feu ne ferme plus au 2e", Category.DOOR, Spot(2)),
    ("the fire door does not close", Category.DOOR, Spot()),
    ("le détecteur de fumée bipe sans arrêt", Category.OTHER, Spot()),
    ("le chauffage au gaz ne marche plus", Category.HEATING, Spot()),
    ("plus d'eau chaude", Category.HEATING, Spot()),
    ("no hot water in 5B", Category.HEATING, Spot(5, lot="5B")),
    ("de radiator blijft ijskoud", Category.HEATING, Spot()),
    ("la lumière de la cage d'escalier ne marche plus au 2e étage", Category.ELECTRICITY, Spot(2, area="stairs")),
    ("het licht brandt niet meer in de traphal", Category.ELECTRICITY, Spot(area="stairs")),
    ("die Lampe im Flur brennt nicht mehr", Category.ELECTRICITY, Spot(area="hall")),
    ("escalier B, l'ampoule est grillée", Category.ELECTRICITY, Spot(staircase="B", area="stairs")),
    ("l'escalier a une marche cassée", Category.OTHER, Spot(area="stairs")),
    ("er is een waterlek in de kelder", Category.WATER, Spot(area="cellar")),
    ("j'ai une fuite d'eau chez moi au 3A", Category.WATER, Spot(3, lot="3A")),
    ("der türöffner summt nur noch und geht nicht auf!!", Category.DOOR, Spot()),
    ("het dak lekt", Category.ROOF, Spot(area="roof")),
    ("musique trop forte au 5B toute la nuit", Category.NOISE, Spot(5, lot="5B")),
    ("The rubbish room is full of rats since this weekend.", Category.CLEANLINESS, Spot(area="bins")),
    ("quelque chose est cassé au rez-de-chaussée", Category.OTHER, Spot(0)),
    ("die Hecke im Garten wächst auf den Weg", Category.GARDEN, Spot(area="garden")),
]
DANGERS = [
    ("ça sent le gaz dans l'escalier", Danger.GAS),
    ("ik ruik gas in de gang", Danger.GAS),
    ("es riecht nach Gas im Treppenhaus", Danger.GAS),
    ("I smell gas in the hallway", Danger.GAS),
    ("il y a le feu au 3e étage", Danger.FIRE),
    ("brand op de derde verdieping", Danger.FIRE),
    ("es brennt im dritten Stock", Danger.FIRE),
    ("fire on the third floor!", Danger.FIRE),
    ("la poubelle est en feu, des flammes partout, même sur la lampe", Danger.FIRE),
    ("il y a de l'eau qui coule partout dans la cave !", Danger.FLOOD),
    ("gesprongen leiding op 3A, het water stroomt overal", Danger.FLOOD),
    ("Rohrbruch im Keller!", Danger.FLOOD),
    ("water is pouring through the ceiling", Danger.FLOOD),
    ("quelqu'un est coincé dans l'ascenseur", Danger.TRAPPED),
    ("L'ascenseur est bloqué, ma voisine est dedans", Danger.TRAPPED),
    ("ik zit vast in de lift", Danger.TRAPPED),
    ("jemand steckt im Aufzug fest", Danger.TRAPPED),
    ("Somebody is trapped in the elevator, please help", Danger.TRAPPED),
]


@pytest.mark.parametrize(("text", "category", "spot"), PLAIN, ids=[text for text, _, _ in PLAIN])
def test_what_and_where(text: str, category: Category, spot: Spot) -> None:
    said = report_of(text, LOTS)
    assert (said.category, said.spot, said.danger) == (category, spot, None)


@pytest.mark.parametrize(("text", "danger"), DANGERS, ids=[text for text, _ in DANGERS])
@pytest.mark.parametrize("form", [str, str.upper])
def test_what_cannot_wait(text: str, danger: Danger, form: type[str]) -> None:
    assert danger_of(form(text)) is danger


@pytest.mark.parametrize(("text", "says"), [("", False), ("🔥😀", False), ("12 !?", False), ("é", True)])
def test_a_report_says_something(text: str, says: bool) -> None:
    assert report_of(text).says_something is says


def test_a_photo_says_something_without_a_word() -> None:
    assert report_of("", photos=(b"x",)).says_something


def test_what_is_long_is_cut_and_what_is_hidden_is_left_out() -> None:
    said = report_of("la porte \u202e\x00 " + "x" * 100_000)
    assert len(said.text) <= LONGEST_TEXT
    assert said.text.endswith("…")
    assert "\u202e" not in said.text
    assert "\x00" not in said.text


@pytest.mark.parametrize("text", ["parking", "L'ascenseur", "de lift", "der Aufzug!", "hot water", "mijn sleutel"])
def test_a_thing_is_no_report(text: str) -> None:
    assert only_named(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fuite",
        "bruit",
        "Stromausfall",
        "lift kapot",
        "no hot water",
        "the lift smells",
        "parking est sale",
        "porte 3A",
        "2B",
    ],
)
def test_what_says_more_is_one(text: str) -> None:
    assert not only_named(text)


def test_words_in_common() -> None:
    assert alike("der Spielplatz ist kaputt", "am Spielplatz fehlt eine Schaukel")
    assert not alike("a b c", "a b c")


@given(st.text(max_size=400))
def test_nothing_that_is_written_breaks_it(text: str) -> None:
    said = report_of(text, LOTS)
    assert said.spot == Spot.from_json(said.spot.to_json())
    assert spot_of(text, ()).lot == ""
