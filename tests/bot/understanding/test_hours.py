"""Hours given and quiet hours, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.understanding.numbers import hours, number, quiet_hours


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("fr", "deux heures", 2),
        ("fr", "2h", 2),
        ("fr", "2h30", 2.5),
        ("fr", "une heure et demie", 1.5),
        ("fr", "une demi heure", 0.5),
        ("fr", "trois quarts d heure", 0.75),
        ("fr", "1,5 heure", 1.5),
        ("fr", "45 minutes", 0.75),
        ("fr", "une demi-heure", 0.5),
        ("fr", "trois-quarts d'heure", 0.75),
        ("fr", "3/4 d'heure", 0.75),
        ("fr", "cinq quarts d'heure", 1.25),
        ("fr", "une heure et trois quarts", 1.75),
        ("fr", "deux heures trente", 2.5),
        ("fr", "une bonne heure", 1),
        ("fr", "deux heures et 3 personnes", 2),
        ("nl", "2 uur", 2),
        ("nl", "2u30", 2.5),
        ("nl", "anderhalf uur", 1.5),
        ("nl", "tweeenhalf uur", 2.5),
        ("nl", "een half uur", 0.5),
        ("nl", "een uurtje", 1),
        ("nl", "een halfuurtje", 0.5),
        ("nl", "3 kwartier", 0.75),
        ("nl", "vijf kwartier", 1.25),
        ("nl", "driekwart uur", 0.75),
        ("nl", "een uur en een kwartier", 1.25),
        ("nl", "twee en een half uur", 2.5),
        ("nl", "drie kwartier", 0.75),
        ("de", "zwei stunden", 2),
        ("de", "2,5 std", 2.5),
        ("de", "zweieinhalb stunden", 2.5),
        ("de", "anderthalb stunden", 1.5),
        ("de", "eine halbe stunde", 0.5),
        ("de", "eine dreiviertelstunde", 0.75),
        ("de", "drei viertelstunden", 0.75),
        ("de", "zwei und eine halbe stunde", 2.5),
        ("de", "eine stunde und 15 minuten", 1.25),
        ("en", "two and a half hours", 2.5),
        ("en", "an hour and a half", 1.5),
        ("en", "half an hour", 0.5),
        ("en", "an hour", 1),
        ("en", "three-quarters of an hour", 0.75),
        ("en", "3/4 of an hour", 0.75),
        ("en", "a half-hour", 0.5),
        ("en", "an hour and three quarters", 1.75),
        ("en", "two and three quarter hours", 2.75),
        ("en", "an hour and twenty minutes", 1.33),
        ("en", "forty-five minutes", 0.75),
        ("en", "one hour thirty", 1.5),
        ("en", "1.5 hours", 1.5),
        ("en", "all afternoon", None),
        ("en", "0 hours", None),
    ],
)
def test_hours(language: str, text: str, count: float | None) -> None:
    assert hours(text, language) == count


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("pas de messages entre 22h et 7h", "22:00/07:00"),
        ("tussen 22u en 7u30", "22:00/07:30"),
        ("nichts von 21 bis 8 uhr", "21:00/08:00"),
        ("not between 10pm and 7am", "22:00/07:00"),
        ("22:30-06:45", "22:30/06:45"),
        ("apres 22h", None),
        ("vom 3. bis 45", None),
        ("nothing", None),
    ],
)
def test_quiet_hours_need_both_ends(text: str, ends: str | None) -> None:
    assert quiet_hours(text) == ends


@pytest.mark.parametrize(
    ("language", "word", "value"),
    [
        ("fr", "nonante", 90),
        ("fr", "septante", 70),
        ("nl", "vierentachtig", 84),
        ("de", "zweiundneunzig", 92),
        ("en", "twelve", 12),
        ("en", "ladder", None),
    ],
)
def test_number_words(language: str, word: str, value: int | None) -> None:
    assert number(word, language) == value


@given(some.text(max_size=100), some.sampled_from(["fr", "nl", "de", "en"]))
def test_any_text_may_be_asked(text: str, language: str) -> None:
    count = hours(text, language)
    assert count is None or 0 < count <= 100
    quiet_hours(text)
