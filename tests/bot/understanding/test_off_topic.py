"""What is meant for somebody else, or for nobody, is never taken for an order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.understanding import Understanding

TODAY = date(2026, 11, 22)
LANGUAGES = ("fr", "nl", "de", "en")
OFF_TOPIC = Path(__file__).with_name("off_topic")

NO_ORDER = frozenset({"none", "greet", "thanks"})


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.load()


def lines(language: str) -> list[str]:
    return (OFF_TOPIC / f"{language}.txt").read_text(encoding="utf-8").splitlines()


def test_there_are_enough_different_lines() -> None:
    every = [line for language in LANGUAGES for line in lines(language)]
    assert all(line.strip() for line in every)
    assert len(set(every)) == len(every) >= 100


@pytest.mark.parametrize("known", [True, False], ids=["language_known", "language_unknown"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_off_topic_is_taken_for_an_order(understanding: Understanding, language: str, known: bool) -> None:
    """Both for a person whose language is known and for one who has not chosen any yet."""
    read = {
        line: understanding.read(line, language=language if known else None, today=TODAY).intent.name
        for line in lines(language)
    }
    taken = {line: intent for line, intent in read.items() if intent not in NO_ORDER}
    assert not taken
