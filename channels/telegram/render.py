"""A card as Telegram shows it: HTML in messages that fit, and buttons. Pure.

Telegram counts after parsing; whether characters or UTF-16 code units is not written down, so we take the stricter, the units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

from channels import shaping
from core.messaging.card import Card, Choice

TEXT_LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)
CAPTION_LIMIT = int(MessageLimit.CAPTION_LENGTH)
DATA_LIMIT = int(InlineKeyboardButtonLimit.MAX_CALLBACK_DATA)
LABEL_LIMIT = 40
HALF_ROW = 16
"""Labels of that length stand two in a row without being cut on a small phone."""

_COPIED = re.compile(
    r"\+{3}\d{3}/\d{4}/\d{5}\+{3}|[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){2,7}(?:[ \u00a0]?[A-Z0-9]{1,3})?"
)
"""A structured communication or an IBAN: shown so that a touch copies it."""


@dataclass(frozen=True, slots=True)
class _Marked:
    """A text and which stretches of it stand under a tag: (begin, end, tag), in order and apart."""

    text: str
    marks: tuple[tuple[int, int, str], ...]

    def html(self, begin: int, end: int) -> str:
        """A piece of it as HTML, each stretch closed within the piece."""
        pieces: list[str] = []
        at = begin
        for first, last, tag in self.marks:
            first, last = max(first, begin), min(last, end)
            if first < last:
                pieces += [_escaped(self.text[at:first]), f"<{tag}>{_escaped(self.text[first:last])}</{tag}>"]
                at = last
        return "".join([*pieces, _escaped(self.text[at:end])])


def texts(card: Card[str]) -> list[str]:
    """The card as one or more messages of HTML; its buttons belong under the last."""
    marked = _marked(card)
    return [marked.html(begin, end) for begin, end in _pieces(marked)]


def closed(card: Card[str], label: str) -> str | None:
    """The last message of the card with the choice that was made under it; None where there is no room for it."""
    marked = _marked(card)
    begin, end = _pieces(marked)[-1]
    choice = f"\n\n✓ {shaping.shorten(label, LABEL_LIMIT)}"
    fits = shaping.utf16(marked.text[begin:end] + choice) <= TEXT_LIMIT
    return marked.html(begin, end) + _escaped(choice) if fits else None


def caption(card: Card[str]) -> str | None:
    """The card as the caption of a picture or document; None where it does not fit."""
    marked = _marked(card)
    return marked.html(0, len(marked.text)) if shaping.utf16(marked.text) <= CAPTION_LIMIT else None


def keyboard(card: Card[str]) -> InlineKeyboardMarkup | None:
    """The choices as buttons, two in a row where both are short. ValueError for a choice whose token Telegram would not carry."""
    rows: list[list[InlineKeyboardButton]] = []
    for choice in card.choices:
        button = _button(choice)
        beside = rows[-1] if rows else []
        if len(beside) == 1 and len(beside[0].text) <= HALF_ROW and len(button.text) <= HALF_ROW:
            beside.append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(rows) if rows else None


def _button(choice: Choice[str]) -> InlineKeyboardButton:
    if not 1 <= len(choice.token.encode()) <= DATA_LIMIT:
        raise ValueError(f"a choice needs a token of 1 to {DATA_LIMIT} bytes")
    label = shaping.shorten(choice.label, LABEL_LIMIT)
    return InlineKeyboardButton(label if shaping.visible(label) else shaping.BLANK, callback_data=choice.token)


def _pieces(marked: _Marked) -> list[tuple[int, int]]:
    return shaping.slices(marked.text, TEXT_LIMIT, shaping.utf16)


def _marked(card: Card[str]) -> _Marked:
    """The title bold; the value of the first fact bold, as it is what the card is about; accounts and references to be copied."""
    blocks: list[list[tuple[str, str]]] = [[(shaping.line(card.title), "b")]]
    blocks += [[(shaping.paragraph(text), "")] for text in card.body]
    facts: list[tuple[str, str]] = []
    for number, fact in enumerate(card.facts):
        if not shaping.visible(shaping.fact_line(fact)):
            continue
        label, value = shaping.line(fact.label), shaping.line(fact.value)
        tag = "code" if _COPIED.fullmatch(value) else "b" if number == 0 else ""
        facts += [("\n" if facts else "", ""), (f"{label}{card.colon}" if label and value else label, ""), (value, tag)]
    blocks.append(facts)

    text = ""
    marks: list[tuple[int, int, str]] = []
    for block in blocks:
        if not shaping.visible("".join(words for words, _ in block)):
            continue
        text += "\n\n" if text else ""
        for words, tag in block:
            if tag and words:
                marks.append((len(text), len(text) + len(words), tag))
            text += words
    return _Marked(text or shaping.BLANK, tuple(marks))


def _escaped(text: str) -> str:
    return escape(text, quote=False)
