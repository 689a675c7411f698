"""Commands, and the numbers of choices."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.understanding import COMMANDS, command, picked
from bot.understanding.commands import ALSO
from core.messaging.intent import INTENTS, Intent


def test_every_intent_that_a_person_starts_has_a_command_in_each_language() -> None:
    assert set(COMMANDS) == set(INTENTS) - {"none"}
    for names in COMMANDS.values():
        assert set(names) == {"fr", "nl", "de", "en"}
        assert all(re.fullmatch(r"[a-z0-9_]{1,32}", name) for name in names.values())


def test_a_command_means_one_thing_in_all_languages() -> None:
    meant: dict[str, str] = dict(ALSO)
    for intent, names in COMMANDS.items():
        for name in names.values():
            assert meant.setdefault(name, intent) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("/owe", "charges.owed"),
        ("/dois T2", "charges.owed"),
        ("/SCHULD", "charges.owed"),
        ("/owe@SomeBot Q2", "charges.owed"),
        ("!kopro owe", "charges.owed"),
        ("!kopro help", "help"),
        ("/start", "help"),
        ("/start abc123", "help"),
        ("/settings", "settings.link"),
        ("/stop", "settings.notify"),
        ("HELP", "help"),
        ("Stop.", "settings.notify"),
        ("hilfe", "help"),
        ("\u200b/help\u200b", "help"),
    ],
)
def test_commands(text: str, intent: str) -> None:
    said = command(text)
    assert said is not None
    assert said.name == intent


@pytest.mark.parametrize(
    "text",
    ["/lang nl", "/language Dutch", "/langue néerlandais", "/taal nederlands", "LANG NL", "lang: nl", "!kopro lang nl"],
)
def test_a_language_is_named_behind_its_command(text: str) -> None:
    said = command(text)
    assert said is not None
    assert (said.name, dict(said.slots)) == ("settings.language", {"language": "nl"})


def test_a_channel_is_named_behind_its_command() -> None:
    assert command("/link telegram") == Intent("settings.link", {"channel": "telegram"})


@pytest.mark.parametrize(
    "text",
    ["", "owe", "/nosuchthing", "/", "//owe", "help me with my bike please", "lang zz", "I said /owe", "!koprohelp"],
)
def test_what_is_no_command(text: str) -> None:
    assert command(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2),
        ("2.", 2),
        ("2)", 2),
        ("(2)", 2),
        ("#2", 2),
        (" 12 ", 12),
        ("n° 2", 2),
        ("nr. 3", 3),
        ("optie 2", 2),
        ("option 2", 2),
        ("choix 4", 4),
        ("die zwei", 2),
        ("deux", 2),
        ("zes", 6),
        ("fünf", 5),
        ("one", 1),
        ("Neuf!", 9),
        ("2\ufe0f\u20e3", 2),
        ("2 svp", 2),
        ("0", None),
        ("", None),
        ("2 uur", None),
        ("200", None),
        ("yes", None),
        ("2 and 3", None),
        ("point 2", None),
        ("two weeks", None),
    ],
)
def test_the_number_of_a_choice(text: str, number: int | None) -> None:
    assert picked(text) == number


@given(some.text(max_size=100))
def test_any_text_may_be_asked(text: str) -> None:
    command(text)
    assert picked(text) is None or picked(text) in range(1, 100)
