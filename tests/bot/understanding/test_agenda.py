"""Who asks for the list of what waits for him is answered with it, and nothing is put up in his name."""

from __future__ import annotations

from datetime import date

import pytest

from bot.understanding import Understanding
from bot.understanding.agenda import asks_for_agenda

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Qu'est-ce qui m'attend ?"),
        ("fr", "Bonjour, qu'est-ce qui m'attend cette semaine ?"),
        ("fr", "Ma to-do list svp"),
        ("fr", "Qu'est-ce que je dois encore faire ?"),
        ("fr", "Que me reste-t-il à faire ?"),
        ("fr", "Est-ce que quelque chose m'attend ?"),
        ("nl", "Wat staat er open voor mij?"),
        ("nl", "Wat staat er voor mij te doen?"),
        ("nl", "mijn takenlijst aub"),
        ("nl", "Wat moet ik nog doen?"),
        ("nl", "Ligt er nog iets op mij te wachten?"),
        ("de", "Was steht bei mir an?"),
        ("de", "Meine Aufgaben, bitte"),
        ("de", "Was muss ich noch erledigen?"),
        ("de", "meine To-do-Liste"),
        ("en", "my to-do list"),
        ("en", "What's on my plate?"),
        ("en", "What's still waiting for me today?"),
        ("en", "Is there anything I need to do?"),
    ],
)
def test_the_list_is_asked_for(understanding: Understanding, language: str, text: str) -> None:
    read = understanding.read(text, language="en", today=TODAY)
    assert (read.intent.name, dict(read.intent.slots), read.language) == ("help", {"about": "todo"}, language)


@pytest.mark.parametrize(
    "text",
    [
        "Combien je dois ce trimestre ?",
        "Que dois-je faire en cas d'incendie ?",
        "ma liste de courses est perdue",
        "Wat moet ik dit kwartaal betalen?",
        "Wat is er te doen dit weekend?",
        "Was schulde ich?",
        "Meine Aufgaben im Rat gefallen mir",
        "What do I owe?",
        "what should I do, there is water everywhere",
        "my list of skills: plumbing, painting",
        "my to-do list " * 20,
    ],
)
def test_whatever_says_more_is_something_else(text: str) -> None:
    assert asks_for_agenda(text) is None


@pytest.mark.parametrize("text", ["my", "j'offre ma", "ik geef mijn", "ich biete meine"])
def test_what_is_mine_is_no_name_of_a_thing(understanding: Understanding, text: str) -> None:
    slots = understanding.read(text, language="en", today=TODAY).intent.slots
    assert not {"item", "service", "skill"} & set(slots)
