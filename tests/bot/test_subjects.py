"""Somebody who asks in his own language finds invoices that are written in another."""

from __future__ import annotations

import csv

import pytest

from bot.dialogues.subjects import SUBJECTS, subjects
from tests.ground_floor import SAMPLE


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("lift", ["l'ascenseur", "de lift", "der Aufzug", "the lift", "ASCENSEURS", "liftonderhoud"]),
        ("heating", ["le chauffage", "la chaufferie", "verwarming", "die Heizung", "heating", "gaz", "Heizöl"]),
        ("water", ["eau", "Eaux de la Senne SC", "het water", "Wasser", "water"]),
        ("cleaning", ["nettoyage", "poetsvrouw", "Reinigung", "cleaning"]),
        ("insurance", ["l'assurance incendie", "brandverzekering", "Versicherung", "insurance"]),
        ("roof", ["toiture", "l'étanchéité du toit", "het dak", "das Dach", "the roof"]),
    ],
)
def test_one_subject_in_many_words(subject: str, words: list[str]) -> None:
    for word in words:
        assert subject in subjects(word), word


@pytest.mark.parametrize(
    "words", ["", "beau", "bateau", "la piscine", "das Schwimmbad", "pourquoi", "eaubonne", "€ 84"]
)
def test_most_words_are_about_nothing_here(words: str) -> None:
    assert subjects(words) == frozenset()


def test_each_beginning_belongs_to_one_subject() -> None:
    words = [word for line in SUBJECTS.values() for word in line.split()]
    assert len(words) == len(set(words))


def test_every_lift_bill_of_the_sample_is_found() -> None:
    with (SAMPLE / "expenses.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for key in ("lift", "heating"):
        billed = {row["number"] for row in rows if row["key"] == key}
        found = {
            row["number"] for row in rows if key in subjects(f"{row['description']} {row['supplier']} {row['key']}")
        }
        assert billed <= found
        assert len(found) < len(rows) / 3
