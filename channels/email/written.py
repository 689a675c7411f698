"""What a person newly wrote in a mail: no quotes, no signatures, no forwarded mails. Pure; the door of this subject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from channels.email import signatures
from channels.email.html_text import html_lines
from channels.email.lines import Line, Mark, folded, plain_lines, words
from channels.email.parts import Part
from channels.email.quotes import Evidence, divide


class _Reading(NamedTuple):
    """One form of a mail, read: what is new in it, what is left out and how that is known."""

    text: str
    quoted: list[str]
    signature: list[str]
    evidence: Evidence

    @property
    def words(self) -> list[str]:
        return words([self.text])


def newly_written(parts: Sequence[Part]) -> str:
    """The text that the person newly wrote, "" where nothing. Several parts (text, photo, text) belong together.

    Of plain text and HTML that one is believed which marks its quotes better. What only one of them shows, while it stands in the
    quote of the other, is not new: an order ("STOP") must never come out of a quote.
    """
    plains, pages = [_plain(part) for part in parts], [_html(part) for part in parts]
    plain = _read([lines or page for lines, page in zip(plains, pages, strict=True)]) if any(plains) else None
    html = _read([page or lines for lines, page in zip(plains, pages, strict=True)]) if any(pages) else None
    if plain is None or html is None:
        only = plain or html
        return only.text if only else ""
    if _is_placeholder(plain, html):
        return html.text
    return _chosen(plain, html)


def _plain(part: Part) -> list[Line]:
    lines = plain_lines(part.plain) if part.plain and part.plain.strip() else []
    return lines if any(not line.blank for line in lines) else []


def _html(part: Part) -> list[Line]:
    lines = html_lines(part.html) if part.html and part.html.strip() else []
    return lines if any(not line.blank for line in lines) else []


def _read(parts: list[list[Line]]) -> _Reading:
    lines: list[Line] = []
    for part in parts:
        lines += [*part, Line("", Mark.PART)]
    divided = divide(lines)
    marked = signatures.mark(divided.lines)
    text = re.sub(
        r"\n{3,}", "\n\n", "\n".join(line.text.rstrip() if line.mark is Mark.NEW else "" for line in marked)
    ).strip()
    return _Reading(
        text if any(not sign.isspace() and sign.isprintable() for sign in text) else "",
        [line.text for line in marked if line.mark is Mark.QUOTED],
        [line.text for line in marked if line.mark is Mark.SIGNATURE],
        divided.evidence,
    )


def _chosen(plain: _Reading, html: _Reading) -> str:
    if plain.words == html.words:
        return plain.text
    better, other = (html, plain) if html.evidence > plain.evidence else (plain, html)
    if not better.text:
        return _rescued(other, better)
    if not other.text:
        return better.text if better.evidence > other.evidence else _rescued(better, other)
    if better.evidence == other.evidence:
        short, long = sorted((better, other), key=lambda reading: len(reading.words))
        if _within(short.words, long.words):
            return short.text
    return _without_signature(better, other)


def _rescued(found: _Reading, empty: _Reading) -> str:
    """What one form shows and the other does not: new, unless it stands in the other's quote or is no more than a signature."""
    if not found.text:
        return ""
    mine = found.words
    quoted = [word for word in words(empty.quoted) if word not in (">", ">>")]
    if _within(mine, quoted):
        return ""
    if _within(mine, words(empty.signature)) and signatures.is_contact(found.text.split("\n")):
        return ""
    return found.text


def _without_signature(reading: _Reading, other: _Reading) -> str:
    """The text without those last lines that the other form knows for a signature."""
    lines = reading.text.split("\n")
    known = {tuple(words([line])) for line in other.signature if line.strip()}
    spoken = other.words
    while len(lines) > 1 and (
        not lines[-1].strip() or (tuple(words([lines[-1]])) in known and not _within(words([lines[-1]]), spoken))
    ):
        lines.pop()
    return "\n".join(lines).rstrip()


def _is_placeholder(plain: _Reading, html: _Reading) -> bool:
    """Whether the plain text only says that there is a page to look at."""
    said = folded(plain.text)
    speaks = re.search(
        r"\bhtml\b|view (?:this|it) .{0,30}browser|dans votre navigateur|in (?:uw|je) browser|im browser", said
    )
    return bool(speaks) and len(said) < 600 and not plain.quoted and not _within(plain.words, html.words)


def _within(few: list[str], many: list[str]) -> bool:
    """Whether the words stand in the others in one row."""
    return f" {' '.join(few)} " in f" {' '.join(many)} "
