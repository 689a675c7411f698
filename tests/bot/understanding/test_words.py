"""Plain words: what a text comes down to before anything is looked for in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.understanding.letters import body
from bot.understanding.phrases import Vocabulary
from bot.understanding.words import LONGEST_READ, cleaned, folded, plain_text, words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Où est l'échelle ?", "ou est l echelle"),
        ("D’OÙ VIENNENT ces 84 €", "d ou viennent ces 84 €"),
        ("qu'est-ce que j'ai dû", "qu est ce que j ai du"),
        ("aujourd'hui", "aujourdhui"),
        ("I don't know what's up", "i dont know what up"),
        ("Straße für Ägypten", "strasse fur agypten"),
        ("cœur de bœuf", "coeur de boeuf"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("sol\u00adde\u200b du\u202e mois", "solde du mois"),
        ("a\x00b\x07c", "abc"),
        ("een\ttab\nen regel", "een tab en regel"),
        ("2h30, 1.234,50 en 13/12", "2 h 30 1.234,50 en 13/12"),
        ("👍🎉", ""),
        ("", ""),
    ],
)
def test_plain_words(text: str, plain: str) -> None:
    assert plain_text(text) == plain


def test_words_know_where_they_were_written() -> None:
    text = cleaned("Prête-moi l'échelle, s.v.p.")
    ladder = next(word for word in words(text) if word.plain == "echelle")
    assert text[ladder.start : ladder.end] == "échelle"


@given(some.text(max_size=300))
def test_any_text_has_words_inside_it(text: str) -> None:
    clean = cleaned(text)
    assert len(clean) <= LONGEST_READ
    for word in words(clean):
        assert word.plain or clean[word.start : word.end]
        assert 0 <= word.start < word.end <= len(clean)


def test_a_german_word_is_one_with_and_without_its_umlaut() -> None:
    assert folded("ueberweisen", "de") == folded("uberweisen", "de") == "uberweisen"
    assert folded("neue", "de") == "neue"
    assert folded("queue", "fr") == "queue"


LETTERS = [
    ("fr", "Bonjour Madame,\nCombien je dois ?\nCordialement,\nJean Petit", "Combien je dois"),
    ("fr", "Bonjour, je voudrais payer. Merci d'avance, Sylvie", "je voudrais payer"),
    ("fr", "Merci", "Merci"),
    ("fr", "Merci de m'envoyer mon décompte", "Merci de m'envoyer mon décompte"),
    ("nl", "Beste,\n\nhoeveel moet ik betalen?\n\nMvg,\nJan Janssens", "hoeveel moet ik betalen"),
    ("nl", "Dag", "Dag"),
    ("de", "Guten Tag, wie hoch ist mein Saldo? MfG, Ulrike Simons", "wie hoch ist mein Saldo"),
    ("en", "Hello,\nthe lift is stuck.\nRegards, Andrei, flat 7", "the lift is stuck"),
    ("en", "Can I use the ladder? I'll return it. Mikael", "Can I use the ladder? I'll return it"),
]


@pytest.mark.parametrize(("language", "text", "left"), LETTERS)
def test_greeting_and_signature_are_left_out(language: str, text: str, left: str) -> None:
    said = words(text)
    start, end = body(said, text, Vocabulary.read(language))
    assert text[said[start].start : said[end - 1].end] == left
