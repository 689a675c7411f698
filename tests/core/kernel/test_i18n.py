"""Values as people in Belgium write them, in four languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from gettext import GNUTranslations
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from core.kernel.clock import local_day, system_clock
from core.kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES, Catalogues, Words
from core.kernel.money import Money
from core.kernel.periods import Period
from core.kernel.text import Value, literal, say

HARD, NARROW = "\u00a0", "\u202f"


def said(catalogues: Catalogues, value: Value) -> dict[str, str]:
    """What each language writes, with every kind of space as a plain one."""
    return {
        language: words(literal(value)).replace(HARD, " ").replace(NARROW, " ")
        for language, words in catalogues.items()
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Money(123456), {"fr": "1 234,56 €", "nl": "€ 1.234,56", "de": "1.234,56 €", "en": "€1,234.56"}),
        (Money(-2512), {"fr": "-25,12 €", "nl": "€ -25,12", "de": "-25,12 €", "en": "-€25.12"}),
        (Money(0), {"fr": "0,00 €", "nl": "€ 0,00", "de": "0,00 €", "en": "€0.00"}),
        (Money(99_999_999_999), {"fr": "999 999 999,99 €", "nl": "€ 999.999.999,99", "de": "999.999.999,99 €"}),
        (12345, {"fr": "12 345", "nl": "12.345", "de": "12.345", "en": "12,345"}),
        (
            date(2026, 11, 30),
            {"fr": "30 novembre 2026", "nl": "30 november 2026", "de": "30. November 2026", "en": "30 November 2026"},
        ),
        (datetime(2026, 6, 30, 22, 5, tzinfo=UTC), {"fr": "1er juillet 2026 00:05", "nl": "1 juli 2026 00:05"}),
        (datetime(2026, 12, 31, 22, 5, tzinfo=UTC), {"de": "31. Dezember 2026 23:05", "en": "31 December 2026 23:05"}),
        (Period(date(2026, 10, 1), date(2026, 12, 31)), dict.fromkeys(LANGUAGES, "01/10/2026 - 31/12/2026")),
        (Fraction(2, 6), dict.fromkeys(LANGUAGES, "1/3")),
        ("Rue {haute} 1%", dict.fromkeys(LANGUAGES, "Rue {haute} 1%")),
        (literal(Money(5)), {"nl": "€ 0,05"}),
    ],
)
def test_values_are_written_as_in_belgium(catalogues: Catalogues, value: Value, expected: Mapping[str, str]) -> None:
    """And in English as in Ireland, where it is spoken and the euro is paid with."""
    written = said(catalogues, value)
    assert {language: written[language] for language in expected} == expected


def test_a_sentence_is_said_in_each_language(catalogues: Catalogues) -> None:
    text = say("charges.owed.title", amount=Money(74040), due=date(2026, 11, 30))
    sentences = {language: words(text) for language, words in catalogues.items()}
    assert len(set(sentences.values())) == len(LANGUAGES)
    for sentence in sentences.values():
        assert "740" in sentence
        assert "30" in sentence
        assert "{" not in sentence


@pytest.mark.parametrize(
    ("language", "count", "plural"),
    [("fr", 0, False), ("fr", 1, False), ("fr", 2, True), ("nl", 0, True), ("nl", 1, False), ("de", 0, True)],
)
def test_the_catalogue_chooses_the_plural(language: str, count: int, plural: bool) -> None:
    forms = "nplurals=2; plural=(n > 1);" if language == "fr" else "nplurals=2; plural=(n != 1);"
    words = made({("rooms", "rooms"): ("{count} one", "{count} other")}, language, forms)
    assert words(say("rooms", count=count)) == f"{count} {'other' if plural else 'one'}"


def test_a_count_in_a_sentence_without_plural_is_a_number() -> None:
    assert made({"rooms": "There are {count}."})(say("rooms", count=1200)) == "There are 1,200."


def test_a_missing_message_is_an_error_and_not_a_key() -> None:
    words = made({"known": "Known {name}."})
    for text in (say("unknown"), say("unknown", count=2)):
        with pytest.raises(KeyError, match="no message unknown in en"):
            words(text)
    with pytest.raises(KeyError):
        words(say("known"))


def test_what_a_value_contains_is_never_filled_in() -> None:
    assert made({"known": "Known {name}."})(say("known", name="{secret}", secret="x")) == "Known {secret}."


def test_there_are_four_languages(catalogues: Catalogues) -> None:
    assert set(catalogues) == set(LANGUAGES)
    assert DEFAULT_LANGUAGE in catalogues


def test_the_day_is_that_of_the_building() -> None:
    assert local_day(datetime(2026, 6, 30, 22, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert local_day(datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert system_clock().tzinfo is UTC


def made(
    messages: Mapping[str | tuple[str, str], str | tuple[str, str]], language: str = "en", forms: str = ""
) -> Words:
    """A language with these messages only."""
    catalogue = Catalog(locale=language)
    if forms:
        catalogue._num_plurals, catalogue._plural_expr = 2, forms.partition("plural=")[2].rstrip(";")
    for key, message in messages.items():
        catalogue.add(key, message)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(language, GNUTranslations(compiled))
