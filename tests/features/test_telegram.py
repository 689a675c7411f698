"""Steps of telegram.feature: phones, and the stand-in for Telegram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.bot.conftest import Desk, answered, invited
from tests.features.conftest import Done
from tests.servers.telegram_people import Person

scenarios("telegram.feature")


@dataclass
class Phones:
    """Hers, somebody else's, and the code on the invitation."""

    hers: Person
    other: Person
    code: str = ""


@pytest.fixture
def phones(desk: Desk) -> Phones:
    return Phones(desk.api.person("Léa", "fr"), desk.api.person("Quelqu'un", "fr-BE"))


@pytest.fixture
def _listening(desk: Desk, done: Done) -> Iterator[None]:
    """The bot, from the first step to the last."""
    opened = desk.open()
    done(opened.__aenter__())
    yield
    done(opened.__aexit__(None, None, None))


@given("the bot is on Telegram")
def _on(_listening: None) -> None:
    """It listens."""


@given(parsers.parse("the syndic has invited {person}"))
def _invited(desk: Desk, phones: Phones, done: Done, person: str) -> None:
    phones.code = done(invited(desk.application.database, desk.sample, person))


@given("she has opened the link on her phone")
@when("she opens the link on her phone")
def _opens(phones: Phones, done: Done) -> None:
    phones.hers.starts(phones.code)
    done(answered(phones.hers, 1))


@when("somebody else opens the same link")
def _other_opens(phones: Phones, done: Done) -> None:
    phones.other.starts(phones.code)
    done(answered(phones.other, 1))


@when(parsers.parse('she writes "{words}"'))
def _writes(phones: Phones, done: Done, words: str) -> None:
    phones.hers.says(words)
    done(answered(phones.hers, 2))


@when(parsers.parse('somebody else writes "{words}"'))
def _other_writes(phones: Phones, done: Done, words: str) -> None:
    phones.other.says(words)
    done(answered(phones.other, 1))


@then(parsers.parse('she is welcomed as "{name}", with the lots {lots}'))
def _welcomed(phones: Phones, name: str, lots: str) -> None:
    assert phones.hers.last.words.startswith(f"Bienvenue, {name} !")
    assert f"lots {lots}" in phones.hers.last.words


@then("she reads an amount, and buttons")
def _reads(phones: Phones) -> None:
    assert "740,40\u00a0€" in phones.hers.last.words
    assert phones.hers.last.labels == ["D'où vient ce montant ?", "Payer"]


@then("that person is told that the code is not valid")
def _not_valid(phones: Phones) -> None:
    assert phones.other.last.words.startswith("Ce code n'est pas valable")
    assert "Tilleuls" not in phones.other.last.words


@then("that person is welcomed, and told nothing")
def _nothing(phones: Phones) -> None:
    assert phones.other.last.words.startswith("Bonjour ! J'aide les gens")
    for known in ("Tilleuls", "Dubois", "740", "Renard"):
        assert known not in phones.other.last.words
