"""What neighbours say about lending, hours, gifts, skills, notes and faults, on lines that nothing was learnt from."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.understanding import Understanding

TODAY = date(2026, 11, 22)
LANGUAGES = ("fr", "nl", "de", "en")
EVERYDAY = Path(__file__).with_name("everyday")
INTENTS = frozenset(
    {
        *("loans.borrow", "loans.lend", "loans.available", "loans.return"),
        *("sel.offer", "sel.request", "sel.browse", "sel.balance", "sel.done"),
        *("bazaar.give", "bazaar.want", "bazaar.browse"),
        *("skills.find", "skills.add"),
        *("notices.post", "notices.browse"),
        *("tickets.report", "tickets.status"),
        "settings.notify",
    }
)


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.load()


def cases(language: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EVERYDAY / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()]


def read(understanding: Understanding, text: str, language: str) -> tuple[str, dict[str, Any]]:
    intent = understanding.read(text, language=language, today=TODAY).intent
    return intent.name, dict(intent.slots)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everyday_lines_are_understood(understanding: Understanding, language: str) -> None:
    chosen = cases(language)
    assert {case["intent"] for case in chosen} == INTENTS
    assert len({case["text"] for case in chosen}) == len(chosen) >= 190
    right = sum(read(understanding, case["text"], language)[0] == case["intent"] for case in chosen)
    assert right >= 0.85 * len(chosen)


def test_no_intent_is_left_behind(understanding: Understanding) -> None:
    asked, right = Counter[str](), Counter[str]()
    for case in (case for language in LANGUAGES for case in cases(language)):
        asked[case["intent"]] += 1
        right[case["intent"]] += read(understanding, case["text"], case["lang"])[0] == case["intent"]
    assert min(right[intent] / asked[intent] for intent in INTENTS) >= 0.7


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        *((language, text, "sel.done") for language, text in (
            ("fr", "j'ai aidé Priya, c'était cadeau"),
            ("nl", "ik heb Priya geholpen, het was een cadeau"),
            ("de", "ich habe Priya geholfen, es war ein Geschenk"),
            ("en", "I helped Priya, it was a gift"),
            ("fr", "Youssef m'a aidée"),
            ("nl", "Youssef heeft me geholpen"),
            ("de", "Youssef hat mir geholfen"),
            ("en", "Youssef helped me"),
        )),
        *((language, text, "bazaar.give") for language, text in (
            ("fr", "j'échange un vélo d'enfant contre des livres"),
            ("nl", "ik ruil een kinderfiets tegen boeken"),
            ("de", "ich tausche ein Kinderrad gegen Bücher"),
            ("en", "I'd swap a children's bike for books"),
        )),
        *((language, text, "skills.find") for language, text in (
            ("fr", "qui sait réparer un vélo ?"),
            ("nl", "wie kan een fiets herstellen?"),
            ("de", "wer kann ein Fahrrad reparieren?"),
            ("en", "who can repair a bike?"),
        )),
        *((language, text, "sel.request") for language, text in (
            ("fr", "qui peut arroser mes plantes la semaine prochaine ?"),
            ("nl", "wie kan volgende week mijn planten water geven?"),
            ("de", "wer kann nächste Woche meine Pflanzen gießen?"),
            ("en", "who can water my plants next week?"),
        )),
        *((language, text, "settings.notify") for language, text in (
            ("fr", "je suis absent jusqu'au 5 août"),
            ("nl", "ik ben weg tot 5 augustus"),
            ("de", "ich bin bis zum 5. August weg"),
            ("en", "I am away until 5 August"),
        )),
        *((language, text, "assembly.attend") for language, text in (
            ("fr", "je serai absent à l'assemblée"),
            ("nl", "ik ben niet op de vergadering"),
            ("de", "ich kann nicht zur Versammlung kommen"),
            ("en", "I am away on the day of the assembly"),
        )),
        *((language, text, "skills.add") for language, text in (
            ("fr", "retirez-moi de l'annuaire"),
            ("nl", "haal mij uit de lijst"),
            ("de", "nehmen Sie mich aus dem Verzeichnis"),
            ("en", "take me out of the directory"),
        )),
        *((language, text, "privacy.erase") for language, text in (
            ("fr", "supprimez mon compte"),
            ("nl", "verwijder mijn account"),
            ("de", "löschen Sie mein Konto"),
            ("en", "delete my account"),
        )),
        *((language, text, "notices.browse") for language, text in (
            ("fr", "mes annonces"),
            ("nl", "mijn briefjes"),
            ("de", "meine Zettel"),
            ("en", "my notes"),
        )),
    ],
)  # fmt: skip
def test_what_was_once_taken_for_something_else(
    understanding: Understanding, language: str, text: str, intent: str
) -> None:
    assert read(understanding, text, language)[0] == intent


@pytest.mark.parametrize(
    ("language", "text", "hours"),
    [
        ("fr", "Youssef m'a aidée trois quarts d'heure", 0.75),
        ("fr", "j'ai aidé Priya une heure et demie, c'est cadeau", 1.5),
        ("nl", "Youssef heeft me drie kwartier geholpen", 0.75),
        ("nl", "ik heb Priya anderhalf uur geholpen", 1.5),
        ("de", "Youssef hat mir eine Dreiviertelstunde geholfen", 0.75),
        ("de", "ich habe Priya anderthalb Stunden geholfen", 1.5),
        ("en", "Youssef helped me for three quarters of an hour", 0.75),
        ("en", "I helped Priya for an hour and a half", 1.5),
    ],
)
def test_how_long_the_help_took(understanding: Understanding, language: str, text: str, hours: float) -> None:
    name, slots = read(understanding, text, language)
    assert name == "sel.done"
    assert slots["hours"] == hours
    assert slots["person"] in ("Priya", "Youssef")


def test_parts_of_an_hour_that_nobody_gave_are_no_help(understanding: Understanding) -> None:
    for language, text in (
        ("fr", "le rôti reste encore trois quarts d'heure au four"),
        ("nl", "de taart moet nog drie kwartier bakken"),
        ("de", "der Kuchen bleibt noch eine Dreiviertelstunde im Ofen"),
        ("en", "the roast needs another three quarters of an hour in the oven"),
    ):
        assert read(understanding, text, language)[0] == "none", text
