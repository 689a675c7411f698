"""Any card becomes HTML that Telegram takes, within its limits, and says what the card says. Checked by the stand-in's own reading."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels import shaping
from channels.telegram import deep_link, render
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent
from tests.servers.telegram_markup import MarkupError, parse_html, units

anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)
nasty = st.text(st.sampled_from('<>&;"#bip/ \n\u00a0é\u0301👩🏽\u200d\u200f\u202e\x00\ud83d'), max_size=300)
words = anything | nasty
long = st.tuples(words, st.integers(1, 60)).map(lambda drawn: drawn[0] * drawn[1])
cards = st.builds(
    Card,
    words | long,
    st.lists(words | long, max_size=4).map(tuple),
    st.lists(st.builds(Fact, words, words | long), max_size=4).map(tuple),
)


@given(cards)
@example(Card("<" * 5_000))
@example(Card("&" * 4_096))
@example(Card("👩🏽" * 2_000, ("\n\n" * 10_000,)))
@example(Card("t", ("a" * 4_094,)))
def test_every_part_is_valid_fits_and_nothing_is_lost(card: Card[str]) -> None:
    parts = [parse_html(part) for part in render.texts(card)]
    assert parts
    for part in parts:
        assert units(part.text) <= render.TEXT_LIMIT
        assert part.text == part.text.strip()
        assert shaping.visible(part.text)
        assert not [sign for sign in part.text if unicodedata.category(sign) in {"Cc", "Cs"} and sign != "\n"]
    assert _seen("".join(part.text for part in parts)) == _seen(shaping.plain(card))


@given(cards)
def test_a_caption_is_the_whole_card_or_none(card: Card[str]) -> None:
    caption = render.caption(card)
    if caption is None:
        assert units("\n\n".join(parse_html(part).text for part in render.texts(card))) > render.CAPTION_LIMIT - 1
    else:
        assert [caption] == render.texts(card)
        assert units(parse_html(caption).text) <= render.CAPTION_LIMIT


@given(cards, words)
def test_a_closed_card_is_its_last_part_and_the_choice(card: Card[str], label: str) -> None:
    closed = render.closed(card, label)
    last = render.texts(card)[-1]
    if closed is None:
        assert units(parse_html(last).text) > render.TEXT_LIMIT - 100
    else:
        assert closed.startswith(last)
        assert "✓" in closed
        assert units(parse_html(closed).text) <= render.TEXT_LIMIT


@given(st.lists(words, max_size=8))
def test_every_button_has_a_label_and_every_choice_a_button(labels: list[str]) -> None:
    choices = tuple(Choice(Intent("help"), label, f"{number:016}") for number, label in enumerate(labels))
    keyboard = render.keyboard(Card("?", choices=choices))
    buttons = [button for row in keyboard.inline_keyboard for button in row] if keyboard else []
    assert [button.callback_data for button in buttons] == [choice.token for choice in choices]
    for button in buttons:
        assert shaping.visible(button.text)
        assert len(button.text) <= render.LABEL_LIMIT
        button.text.encode()
    assert keyboard is None or all(1 <= len(row) <= 2 for row in keyboard.inline_keyboard)


def _seen(text: str) -> list[str]:
    return [sign for sign in text if unicodedata.category(sign)[0] not in "ZC"]


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("+++010/8068/17183+++", "code"),
        ("BE68 5390 0754 7034", "code"),
        ("BE68539007547034", "code"),
        ("NL91 ABNA 0417 1643 00", "code"),
        ("412,60 €", None),
        ("Rue BE68 12", None),
    ],
)
def test_accounts_and_references_can_be_copied(value: str, tag: str | None) -> None:
    (part,) = render.texts(Card("t", facts=(Fact("a", "b"), Fact("label", value))))
    assert (f"<{tag}>{value}</{tag}>" in part) if tag else part.endswith(f"\nlabel: {value}")


def test_the_title_and_the_first_fact_stand_out() -> None:
    card = Card("Titre", ("Texte",), (Fact("À payer", "12,00 €"), Fact("Échéance", "15 décembre")))
    assert render.texts(card) == ["<b>Titre</b>\n\nTexte\n\nÀ payer: <b>12,00 €</b>\nÉchéance: 15 décembre"]


def test_a_bold_title_over_two_messages_is_bold_in_both() -> None:
    first, second = (parse_html(part) for part in render.texts(Card("x" * 5_000)))
    assert first.marked("bold") == ["x" * 4_096]
    assert second.marked("bold") == ["x" * 904]


def test_a_deep_link() -> None:
    assert deep_link("kopro_test_bot", "K7F-29Q_a") == "https://t.me/kopro_test_bot?start=K7F-29Q_a"
    assert deep_link("@kopro_test_bot", "a") == "https://t.me/kopro_test_bot?start=a"
    for code in ("", "x" * 65, "a b", "é", "a&start=b"):
        with pytest.raises(ValueError, match="deep link"):
            deep_link("kopro_test_bot", code)


@pytest.mark.parametrize(
    "markup",
    ["<b>", "</b>", "<b></i>", "<script>x</script>", "<b><b>x</b></b>", "<code><b>x</b></code>", "a < b", "<b></b>"],
)
def test_the_validator_can_fail(markup: str) -> None:
    with pytest.raises(MarkupError):
        parse_html(markup)


def test_the_validator_reads_what_telegram_would() -> None:
    parsed = parse_html('&lt;&amp;&#65;&#x42;&nbsp; > <b>🏠b</b> <a href="https://kopro.example">l</a>')
    assert parsed.text == "<&AB&nbsp; > 🏠b l"
    assert parsed.marked("bold") == ["🏠b"]
    assert parsed.marked("text_link") == ["l"]
