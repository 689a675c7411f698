"""What the channels share: nothing is lost, nothing unreadable passes, and every piece fits."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.courier import as_read
from channels import shaping
from channels.matrix import render as matrix
from channels.telegram import render as telegram
from core.kernel.i18n import Catalogues
from core.kernel.text import literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent

CARD: Card[str] = Card(
    "Vous devez 412,60 €",
    ("Trimestre 4 de 2026.", "Merci de payer avant le 15 décembre."),
    (Fact("À payer", "412,60 €", "to_pay", 41260), Fact("Compte", "BE68 5390 0754 7034")),
    (Choice(Intent("charges.explain"), "Expliquer", "a" * 16), Choice(Intent("charges.pay"), "Payer", "b" * 16)),
)

anything = st.text(st.characters(codec=None, exclude_categories=()))
texts = st.text(st.sampled_from("ab .\n\n\u00a0é\u0301👨\u200d👩👍🏽\u200f\u202e\x00\ud800\t"), max_size=400)
cards = st.builds(
    Card,
    anything | texts,
    st.lists(anything | texts, max_size=3).map(tuple),
    st.lists(st.builds(Fact, anything, anything), max_size=3).map(tuple),
    st.lists(st.builds(Choice, st.just(Intent("help")), anything), max_size=3).map(tuple),
)


def test_plain_says_everything_in_order() -> None:
    assert shaping.plain(CARD) == (
        "Vous devez 412,60 €\n\n"
        "Trimestre 4 de 2026.\n\n"
        "Merci de payer avant le 15 décembre.\n\n"
        "À payer: 412,60 €\nCompte: BE68 5390 0754 7034\n\n"
        "1. Expliquer\n2. Payer"
    )


def test_minimal_html_escapes_and_says_everything() -> None:
    card = Card("A & B <b>", ("x < y\nz", "p\n\nq"), (Fact("l\n&", '"v"'),), (Choice(Intent("help"), "<i>"),))
    assert shaping.minimal_html(card) == (
        "<p><strong>A &amp; B &lt;b&gt;</strong></p>\n<p>x &lt; y<br>z</p>\n<p>p</p>\n<p>q</p>\n"
        "<p>l &amp;: &quot;v&quot;</p>\n<ol><li>&lt;i&gt;</li></ol>"
    )


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\x00b\x07c", "abc"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("tab\tbed", "tab bed"),
        ("half \ud83d of an emoji", "half  of an emoji"),
        ("pay \u202e00,1 €", "pay 00,1 €"),
        ("\u200fשלום", "\u200fשלום"),
        ("👨\u200d👩\u200d👧 1\u202f234,50\u00a0€", "👨\u200d👩\u200d👧 1\u202f234,50\u00a0€"),
        ("🏴\U000e0067\U000e007f", "🏴\U000e0067\U000e007f"),
    ],
)
def test_clean(dirty: str, expected: str) -> None:
    assert shaping.clean(dirty) == expected


def test_line_keeps_the_spaces_of_an_amount() -> None:
    assert shaping.line(" 1\u202f234,50\u00a0€ \n\n  à payer ") == "1\u202f234,50\u00a0€ à payer"


@pytest.mark.parametrize(
    ("language", "written"),
    [("fr", "Quand\u00a0: demain"), ("nl", "Quand: demain"), ("de", "Quand: demain"), ("en", "Quand: demain")],
)
def test_a_label_and_its_value_are_parted_as_the_language_does(
    language: str, written: str, catalogues: Catalogues
) -> None:
    card = Card(say("help.title"), facts=(Fact(literal("Quand"), literal("demain")),)).map(catalogues[language])
    assert shaping.plain(card).split("\n")[-1] == written
    assert f"<p>{written}</p>" in shaping.minimal_html(card)
    assert written.replace("demain", "<b>demain</b>") in telegram.texts(card)[0]
    assert written in matrix.contents(card)[0]["body"]
    assert written in matrix.closed(card, "ok")["body"]
    assert written in as_read(card)


@pytest.mark.parametrize("title", ["", " ", "\x00\ud800", "\u200b\ufeff", "\n\n"])
def test_an_empty_card_is_impossible(title: str) -> None:
    assert shaping.plain(Card(title, (title,), (Fact(title, title),))) == "…"
    assert shaping.minimal_html(Card(title, (title,), (Fact(title, title),))) == "<p>…</p>"


def test_a_choice_without_words_keeps_its_number() -> None:
    assert shaping.numbered([Choice(Intent("help"), "\x00"), Choice(Intent("help"), "b")]) == ["1. …", "2. b"]


@given(cards)
def test_plain_of_anything_can_be_sent_and_seen(card: Card[str]) -> None:
    text = shaping.plain(card)
    text.encode("utf-8")
    assert shaping.visible(text)
    assert not [sign for sign in text if unicodedata.category(sign) in {"Cc", "Cs"} and sign != "\n"]


@given(cards)
def test_minimal_html_of_anything_holds_only_our_tags(card: Card[str]) -> None:
    seen: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not attrs
            seen.append(tag)

    parser = Tags()
    parser.feed(shaping.minimal_html(card))
    parser.close()
    assert set(seen) <= {"p", "strong", "br", "ol", "li"}
    assert seen.count("li") == len(card.choices)


@given(texts, st.integers(2, 60), st.sampled_from([len, shaping.utf16]))
@example("a" * 100, 10, len)
@example("👍🏽" * 30, 9, shaping.utf16)
def test_split_fits_and_loses_nothing_but_room(text: str, limit: int, size: Callable[[str], int]) -> None:
    pieces = shaping.split(text, limit, size)
    assert all(size(piece) <= limit and piece == piece.strip() and shaping.visible(piece) for piece in pieces)
    assert _seen("".join(pieces)) == _seen(text)


def _seen(text: str) -> list[str]:
    return [sign for sign in text if unicodedata.category(sign)[0] not in "ZC"]


def test_split_prefers_paragraphs_then_lines_then_words() -> None:
    assert shaping.split("aaaa bbbb\n\ncccc dddd", 14) == ["aaaa bbbb", "cccc dddd"]
    assert shaping.split("aaaa bbbb\ncccc dddd", 14) == ["aaaa bbbb", "cccc dddd"]
    assert shaping.split("aaaa bbbb cccc", 10) == ["aaaa bbbb", "cccc"]
    assert shaping.split("aaaaaaaaaaaaa", 5) == ["aaaaa", "aaaaa", "aaa"]
    assert shaping.split("short", 10) == ["short"]
    assert shaping.split(" \n ", 10) == []


def test_split_does_not_tear_a_character_apart() -> None:
    assert shaping.split("👍🏽👍🏽👍🏽", 3) == ["👍🏽", "👍🏽", "👍🏽"]
    assert shaping.split("e\u0301e\u0301e\u0301", 3) == ["e\u0301", "e\u0301", "e\u0301"]
    family = "👨\u200d👩\u200d👧"
    assert shaping.split(family * 2, 8) == [family, family]


def test_a_very_long_text_is_split_in_reasonable_time_and_whole() -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "word " * 50 for number in range(400))
    pieces = shaping.split(text, 4096)
    assert len(text) > 100_000
    assert len(pieces) <= len(text) // 2048 + 1
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_shorten() -> None:
    assert shaping.shorten("Expliquer", 9) == "Expliquer"
    assert shaping.shorten("Expliquer tout", 10) == "Expliquer…"
    assert shaping.shorten("aaa👍🏽", 5) == "aaa👍🏽"
    assert shaping.shorten("aaa👍🏽b", 5) == "aaa…"
