"""Terms: one for what neighbours call a thing in four languages, and how what is had fits what is wanted."""

from __future__ import annotations

import time
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.community.words.dictionary import LANGUAGES, dictionary, expressions
from core.community.words.model import decisive, ranked, score, terms
from core.community.words.store import IN_COMMON, MATCHES, asked
from core.database import UnitOfWork


@pytest.mark.parametrize(
    ("concept", "said"),
    [
        ("@ladder", "échelle; une grande échelle en alu; escabeaux; ladder; trapladdertje; huishoudtrap; Leitern; Stehleiter; stepladders"),
        ("@drill", "perceuse; ma perceuse à percussion; boormachines; accuboor; boorhamer; Schlagbohrmaschine; Akkuschrauber; power drill"),
        ("@sewing_machine", "machine à coudre; naaimachine; Nähmaschine; Naehmaschine; NAEHMASCHINE; sewing machines"),
        ("@pressure_washer", "nettoyeur haute pression; un Kärcher; hogedrukreiniger; Hochdruckreiniger; pressure washer"),
        ("@raclette", "appareil à raclette; raclettetoestel; raclette toestel; Raclettegerät; raclette machine"),
        ("@waffle_iron", "gaufrier; fer à gaufres; wafelijzer; Waffeleisen; waffle iron"),
        ("@cot", "lit bébé; lit de bébé; lit pour bébé; kinderbed; babybedje; Kinderbett; Gitterbett; cot; baby bed"),
        ("@car_seat", "siège auto; Maxi-Cosi; autostoeltje; Kindersitz; Kindersitze; child's car seat"),
        ("@child_bike", "vélo d'enfant; kinderfietsje; Kinderfahrräder; kids' bike"),
        ("@e_bike", "vélo électrique; elektrische fiets; E-Bike; Elektrofahrrad; electric bike"),
        ("@tent", "tente 4 personnes; tent voor vier personen; Zelt; kampeertent; tents"),
        ("@moving_boxes", "cartons de déménagement; verhuisdozen; verhuisdoos; Umzugskartons; moving boxes"),
        ("@chairs", "chaises pliantes; nos chaises; klapstoelen; vier stoelen; Klappstühle; ein Stuhl; four folding chairs"),
        ("@watering", "arroser mes plantes pendant les vacances; mijn planten water geven; Blumen gießen; water my plants"),
        ("@pet_sitting", "garder mon chat; cat-sitting; op de kat passen; Katzensitter; Katze füttern; feed our cat"),
        ("@dog_walking", "promener mon chien; de hond uitlaten; den Hund ausführen; walk the dog"),
        ("@babysitting", "baby-sitter; garder mes enfants; kinderoppas; Babysitter; Kinderbetreuung; babysitting"),
        ("@piano_lessons", "cours de piano; pianolessen; Klavierunterricht; piano lessons"),
        ("@homework", "aide aux devoirs; huiswerkbegeleiding; Hausaufgabenhilfe; help with homework"),
        ("@plumbing", "plombier; je suis plombière; loodgieter; Klempner; plumbing"),
        ("@bike_repair", "réparer mon vélo; fietsen herstellen; Fahrrad reparieren; who can fix my bike?"),
        ("@sewing", "couture; ourlets; naaister; Näharbeiten; hemming"),
        ("@accountant", "comptable; boekhouder; Steuerberater; bookkeeping"),
        ("@lift", "un trajet à l'aéroport; rit naar de luchthaven; Mitfahrgelegenheit; carpooling"),
    ],
)  # fmt: skip
def test_one_term_in_four_languages(concept: str, said: str) -> None:
    assert [each for each in said.split(";") if concept not in terms(each.strip())] == []


@pytest.mark.parametrize(
    ("misspelt", "concept"),
    [
        ("perçeusse", "@drill"),
        ("echele", "@ladder"),
        ("bormachiene", "@drill"),
        ("stofzuigger", "@vacuum_cleaner"),
        ("Bohrmachine", "@drill"),
        ("screwdiver", "@screwdriver"),
        ("aspirateure", "@vacuum_cleaner"),
    ],
)
def test_misspelt(misspelt: str, concept: str) -> None:
    assert concept in terms(misspelt)


def test_what_is_well_known_is_not_guessed_at() -> None:
    assert terms("perceuse Bosh") == {"@drill", "bosh"}


@pytest.mark.parametrize(
    ("said", "is_about", "not_about"),
    [
        ("trap", {"@ladder", "@stairs"}, set()),
        ("it is a trap for the mice", set(), {"@ladder", "@stairs"}),
        ("mes", {"@knife"}, set()),
        ("mes plantes", {"@plants"}, {"@knife"}),
        ("een mes voor vlees", {"@knife"}, set()),
        ("mini four", {"@oven"}, set()),
        ("I am looking for four chairs", {"@chairs"}, {"@oven"}),
        ("le chat de la voisine", {"@cat"}, set()),
        ("a chat with the neighbours", set(), {"@cat"}),
        ("een bank voor de tuin", {"@bench"}, set()),
        ("the bank of my neighbour", set(), {"@bench", "@sofa"}),
        ("couches pour bébé", {"@nappies"}, {"@sofa"}),
        ("a couch", {"@sofa"}, {"@nappies"}),
        ("boormachine van Bosch", {"@drill"}, {"@van"}),
        ("I need a van on Saturday", {"@van"}, set()),
        ("fer à repasser", {"@iron"}, {"@ironing"}),
        ("lange blauwe gordijnen", {"@curtains"}, {"@nappies"}),
    ],
)
def test_false_friends(said: str, is_about: set[str], not_about: set[str]) -> None:
    found = terms(said)
    assert is_about <= found
    assert not not_about & found


def test_a_language_that_the_text_does_not_tell() -> None:
    assert terms("trap", "nl") == {"@ladder", "@stairs"}
    assert not terms("trap", "en")


def test_a_compound_is_what_its_last_part_is() -> None:
    assert terms("Teleskopleiter") == {"@ladder"}
    assert terms("tuinladder") == {"@ladder", "+garden"}
    assert "@ladder" not in terms("Leitergriff")
    assert score(terms("ladder"), terms("ladderrek")) == 0
    assert terms("Wohnzimmertisch") == {"@tables"}


@pytest.mark.parametrize(
    "said", ["", "  ", "bonjour", "dank u wel", "12 34", "!!!", "ich suche etwas", "do you have one?", "🪜", "é"]
)
def test_what_names_nothing_has_no_terms(said: str) -> None:
    assert terms(said) == frozenset()


@pytest.mark.parametrize("said", ["qsdfqsdf", "zwoof blarg", "xyzzy plugh", "Vermeulen", "Łódź", "叉子"])
def test_nonsense_is_no_thing(said: str) -> None:
    found = terms(said)
    assert found
    assert not any(term.startswith(("@", "+")) for term in found)


def test_a_word_that_nobody_lists_is_found_by_itself() -> None:
    assert score(terms("théières Zwoofs"), terms("zwoof")) == 1


def test_qualities_say_which_one_never_what() -> None:
    ladder, bike, red_bike = terms("une échelle rouge"), terms("un vélo bleu"), terms("een rode fiets")
    assert score(terms("vélo rouge"), ladder) == 0
    assert score(terms("vélo rouge"), bike) == 1
    assert score(terms("vélo rouge"), red_bike) == 2
    assert decisive(terms("rouge")) == {"+red"}
    assert score(terms("rouge"), ladder) == 1


def test_the_best_come_first_and_equal_ones_in_their_order() -> None:
    things = ["blauwe fiets", "ladder", "rode fiets", "vélo", "rouge"]
    assert ranked(terms("red bike"), things, terms) == ["rode fiets", "blauwe fiets", "vélo"]
    assert ranked(terms("Staubsauger"), things, terms) == []
    assert ranked(frozenset(), things, terms) == []


@given(st.text())
def test_any_text_is_read(said: str) -> None:
    found = terms(said)
    assert found == terms(said.strip())
    assert all(found)


def test_each_concept_has_words_in_each_language() -> None:
    named = {language: set[str]() for language in LANGUAGES}
    for reading in dictionary().stems.values():
        for language, meant in reading.items():
            named[language] |= meant
    assert len(named["fr"]) > 400
    assert all(each == named["fr"] for each in named.values())


def test_every_expression_means_its_concept() -> None:
    lost = [(language, term, said) for language, term, said in expressions() if term not in terms(said, language)]
    assert lost == []
    assert [said for _, term, said in expressions() if term.startswith("@") and term not in terms(said)] == []


def test_it_is_quick() -> None:
    terms("warm")
    begun = time.process_time()
    for number in range(200):
        terms(f"Hebt u een boormachine of een ladder voor zaterdag, nummer{number}?")
    assert time.process_time() - begun < 1.0


async def _search(uow: UnitOfWork, building: UUID, said: str) -> list[str]:
    rows = await uow.connection.execute(
        text(f"SELECT name FROM things WHERE building_id = :building AND {MATCHES} ORDER BY {IN_COMMON} DESC, at DESC"),
        {"building": building, **asked(terms(said))},
    )
    return [row.name for row in rows]


async def test_in_the_database_as_in_memory(uow: UnitOfWork) -> None:
    building = uuid4()
    await uow.connection.execute(
        text("CREATE TEMPORARY TABLE things (building_id uuid, name text, at int, terms text[])")
    )
    names = ["Échelle", "rode fiets", "vélo bleu", "Leiter rot", "rotes Fahrrad"]
    for at, name in enumerate(names):
        await uow.connection.execute(
            text("INSERT INTO things VALUES (:building, :name, :at, :terms)"),
            {"building": building, "name": name, "at": at, "terms": sorted(terms(name))},
        )
    assert await _search(uow, building, "red bike") == ["rotes Fahrrad", "rode fiets", "vélo bleu"]
    assert await _search(uow, building, "ladder") == ["Leiter rot", "Échelle"]
    assert await _search(uow, building, "rood") == ["rotes Fahrrad", "Leiter rot", "rode fiets"]
    assert await _search(uow, building, "") == []
    assert await _search(uow, building, "piano") == []
    assert await _search(uow, uuid4(), "ladder") == []
