"""A line that names a day or a period and says nothing else: no greeting, and nothing is guessed but what is owed for a quarter."""

from __future__ import annotations

from datetime import date

import pytest

from bot.understanding import Understanding

TODAY = date(2026, 11, 22)
"""A Sunday."""


@pytest.mark.parametrize(
    ("language", "text", "when"),
    [
        ("fr", "samedi", "2026-11-28/2026-11-28"),
        ("fr", "Bonjour, samedi ?", "2026-11-28/2026-11-28"),
        ("fr", "et vendredi ?", "2026-11-27/2026-11-27"),
        ("fr", "hier", "2026-11-21/2026-11-21"),
        ("fr", "samedi à 14h", "2026-11-28/2026-11-28"),
        ("fr", "jeudi et vendredi", "2026-11-26/2026-11-27"),
        ("fr", "du 3 au 5 décembre", "2026-12-03/2026-12-05"),
        ("fr", "mars", "2026-03-01/2026-03-31"),
        ("fr", "l'année passée", "2025-01-01/2025-12-31"),
        ("nl", "zaterdag", "2026-11-28/2026-11-28"),
        ("nl", "morgen", "2026-11-23/2026-11-23"),
        ("nl", "3 december", "2026-12-03/2026-12-03"),
        ("nl", "volgende week", "2026-11-23/2026-11-29"),
        ("nl", "vorig jaar", "2025-01-01/2025-12-31"),
        ("nl", "samedi", "2026-11-28/2026-11-28"),
        ("de", "morgen", "2026-11-23/2026-11-23"),
        ("de", "Morgen früh", "2026-11-23/2026-11-23"),
        ("de", "gestern", "2026-11-21/2026-11-21"),
        ("de", "März", "2026-03-01/2026-03-31"),
        ("en", "yesterday", "2026-11-21/2026-11-21"),
        ("en", "on Friday, please", "2026-11-27/2026-11-27"),
        ("en", "last year", "2025-01-01/2025-12-31"),
        (None, "zaterdag", "2026-11-28/2026-11-28"),
    ],
)
def test_it_is_known_when_and_not_what(
    understanding: Understanding, language: str | None, text: str, when: str
) -> None:
    reading = understanding.read(text, language=language, today=TODAY)
    assert (reading.intent.name, reading.when) == ("none", when)
    assert "greet" not in reading.likely


@pytest.mark.parametrize(
    ("language", "text", "period"),
    [
        ("fr", "ce trimestre ?", "2026-10-01/2026-12-31"),
        ("fr", "Q2", "2026-04-01/2026-06-30"),
        ("nl", "dit kwartaal", "2026-10-01/2026-12-31"),
        ("nl", "tweede kwartaal 2025", "2025-04-01/2025-06-30"),
        ("de", "Dieses Quartal", "2026-10-01/2026-12-31"),
        ("en", "this quarter?", "2026-10-01/2026-12-31"),
    ],
)
def test_a_quarter_asks_what_is_owed(understanding: Understanding, language: str, text: str, period: str) -> None:
    reading = understanding.read(text, language=language, today=TODAY)
    assert (reading.intent.name, dict(reading.intent.slots)) == ("charges.owed", {"period": period})


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("de", "Guten Morgen", "greet"),
        ("de", "Morgen!", "greet"),
        ("nl", "morgen !", "greet"),
        ("de", "Morgen zusammen", "greet"),
        ("nl", "dag", "greet"),
        ("de", "Tag", "greet"),
        ("en", "good evening", "greet"),
        ("fr", "Je peux emprunter une échelle samedi ?", "loans.borrow"),
        ("fr", "combien je devais en mars ?", "charges.owed"),
        ("nl", "welke facturen in maart?", "charges.expenses"),
    ],
)
def test_what_says_more_is_read_as_before(understanding: Understanding, language: str, text: str, intent: str) -> None:
    reading = understanding.read(text, language=language, today=TODAY)
    assert (reading.intent.name, reading.when) == (intent, None)
