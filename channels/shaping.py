"""What all channels share: a card as plain text and as minimal HTML, clean signs, numbered choices, and texts cut to a limit. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from html import escape

from core.messaging.card import Card, Choice, Fact

BLANK = "…"
"""Stands where nothing that the eye can see is left of a text."""

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters, but for tab and line feed
    "\u200b\u2060\ufeff"  # spaces without width, and the byte order mark
    "\u202a-\u202e\u2066-\u2069"  # what turns the direction of the text that follows: an amount must stay readable
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # halves of a character, and what never is one
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_JOINERS = "\u200d\ufe0e\ufe0f\u20e3"


def clean(text: str) -> str:
    """The text without what no reader sees and no wire takes. Its lines stay, ended by a line feed."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).replace("\t", " ")


def line(text: str) -> str:
    """The text, clean, on one line. No-break spaces stay: they stand inside amounts."""
    return re.sub(" *\n[ \n]*", " ", clean(text)).strip()


def storable(text: str) -> str:
    """The text without what no database keeps: NUL and halves of a character."""
    return _UNSTORABLE.sub("", text)


def file_name(name: str, longest: int = 120) -> str:
    """The name of a file without folders and unseen signs; where it is too long, its ending stays."""
    return line(re.split(r"[/\\]", name)[-1]).lstrip(".")[-longest:] or "file"


def visible(text: str) -> bool:
    """Whether there is anything to see in it."""
    return any(unicodedata.category(sign)[0] not in "ZC" for sign in text)


def paragraph(text: str) -> str:
    """The text, clean, without the room around it, and with no more than one empty line in a row."""
    return re.sub("\n{3,}", "\n\n", re.sub(" +\n", "\n", clean(text))).strip()


def fact_line(fact: Fact[str], colon: str = ": ") -> str:
    """A fact as one line, `label: value`; one of the two alone where the other is empty. `colon`: that of the card's language."""
    return colon.join(part for part in (line(fact.label), line(fact.value)) if part)


def numbered(choices: Sequence[Choice[str]]) -> list[str]:
    """A line for each choice, counted from 1: what somebody without buttons answers with."""
    return [f"{number}. {line(choice.label) or BLANK}" for number, choice in enumerate(choices, 1)]


def plain(card: Card[str]) -> str:
    """The whole card as text: title, paragraphs, facts, choices. Never empty."""
    blocks = [
        line(card.title),
        *map(paragraph, card.body),
        "\n".join(filter(visible, (fact_line(fact, card.colon) for fact in card.facts))),
        "\n".join(numbered(card.choices)),
    ]
    text = "\n\n".join(block for block in blocks if visible(block))
    return text or BLANK


def minimal_html(card: Card[str]) -> str:
    """The whole card as a fragment of HTML that any reader shows: p, strong, br, ol, li; everything escaped."""
    title = line(card.title)
    blocks = [f"<p><strong>{escape(title)}</strong></p>"] if visible(title) else []
    for text in map(paragraph, card.body):
        blocks += [f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n") if visible(part)]
    facts = [escape(text) for text in (fact_line(fact, card.colon) for fact in card.facts) if visible(text)]
    if facts:
        blocks.append(f"<p>{'<br>'.join(facts)}</p>")
    if card.choices:
        items = "".join(f"<li>{escape(line(choice.label) or BLANK)}</li>" for choice in card.choices)
        blocks.append(f"<ol>{items}</ol>")
    return "\n".join(blocks) or f"<p>{BLANK}</p>"


def shorten(text: str, limit: int) -> str:
    """One line of at most `limit` characters, with an ellipsis where it was cut."""
    short = line(text)
    return short if len(short) <= limit else short[: _whole(short, limit - 1)].rstrip() + "…"


def slices(text: str, limit: int, size: Callable[[str], int] = len) -> list[tuple[int, int]]:
    """Where to cut a text so that no piece is larger than `limit`: pairs of begin and end, in order.

    It is cut between paragraphs where that leaves a piece at least half full, else between lines, sentences or words, else between two
    characters that do not belong together. The room at a cut belongs to no piece, and no piece is without anything to see. `size` measures
    as the wire does; a character counts at most `limit`.
    """
    pieces: list[tuple[int, int]] = []
    begin, end = _trimmed(text, 0, len(text))
    while begin < end:
        reach = _reach(text, begin, end, limit, size)
        cut = reach if reach == end else _cut(text, begin, reach)
        piece = _trimmed(text, begin, cut)
        if visible(text[slice(*piece)]):
            pieces.append(piece)
        begin, end = _trimmed(text, cut, end)
    return pieces


def split(text: str, limit: int, size: Callable[[str], int] = len) -> list[str]:
    """The text in pieces of at most `limit`; see `slices`."""
    return [text[begin:end] for begin, end in slices(text, limit, size)]


def utf16(text: str) -> int:
    """The length of a text in UTF-16 code units, by which some wires count: an emoji counts two."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def _reach(text: str, begin: int, end: int, limit: int, size: Callable[[str], int]) -> int:
    """The furthest end of a piece that fits, at least one character."""
    low, high = begin + 1, min(end, begin + limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[begin:middle]) <= limit else (low, middle - 1)
    return low


def _cut(text: str, begin: int, reach: int) -> int:
    """The best place to cut at or before `reach`."""
    half = begin + (reach - begin) // 2
    for gap in ("\n\n", "\n", ". ", " "):
        place = text.rfind(gap, half, reach + 1)
        if place > begin:
            return min(place + len(gap), reach)
    return begin + _whole(text[begin : reach + 1], reach - begin)


def _whole(text: str, at: int) -> int:
    """The last place at or before `at` where no character is torn apart: a letter from its accent, an emoji from its skin or family."""
    place = at
    while place > 0 and place < len(text) and (_clings(text[place]) or text[place - 1] == "\u200d"):
        place -= 1
    return place or at


def _clings(sign: str) -> bool:
    return sign in _JOINERS or unicodedata.category(sign) in {"Mn", "Mc", "Me"} or "\U0001f3fb" <= sign <= "\U0001f3ff"


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return begin, end
