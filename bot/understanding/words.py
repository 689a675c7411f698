"""From what a person typed to plain words: no accents, no case, no punctuation, each with its place in the text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LONGEST_READ = 2_000
"""Characters of a message that are looked at; nobody orders anything after that."""


class Word(NamedTuple):
    """A word as it counts (`plain`) and where it was written (`start`, `end` in the cleaned text)."""

    plain: str
    start: int
    end: int


def listed(entries: str) -> frozenset[str]:
    """The words of a line that has a space between each two."""
    return frozenset(entries.split())


_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´′‛", "'"))
_WORD = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[€%#°]")
_ELISION = re.compile(r"(?:[ldjmtscn]|qu|jusqu|lorsqu|puisqu|quelqu|presqu)'(?=.)", re.IGNORECASE)
_WHOLE = frozenset({"aujourd'hui", "d'accord", "s'il", "quelqu'un", "quelqu'une", "presqu'ile", "prud'homme"})


def cleaned(text: str) -> str:
    """The text in normal form (NFKC) without control, zero-width and bidi signs, and no longer than what is read."""
    text = text[: 2 * LONGEST_READ]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    if not text.isprintable():
        text = "".join(
            sign if sign.isprintable() or sign == "\n" else " " if sign in "\t\r\x0b\x0c\u2028\u2029" else ""
            for sign in text
            if sign.isprintable()
            or sign in "\n\t\r\x0b\x0c\u2028\u2029"
            or unicodedata.category(sign) not in _INVISIBLE
        )
    return text[:LONGEST_READ]


@lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """One word without case, accents and apostrophes. Words of more than 40 signs are cut."""
    word = word[:40].casefold().translate(_LETTERS)
    if not word.isascii():
        word = "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))
    return word.replace("'", "")


_UMLAUT = re.compile(r"(?<![aeiouq])([aou])e")


def folded(word: str, language: str) -> str:
    """German umlauts written as ae, oe, ue lose their e, so that `ueberweisen` and `überweisen` are one word."""
    return _UMLAUT.sub(r"\1", word) if language == "de" and "e" in word else word


def words(text: str) -> list[Word]:
    """The words of a cleaned text in order. French elisions (l', d', qu') and the English 's stand by themselves."""
    found: list[Word] = []
    for match in _WORD.finditer(text):
        written, start, end = match.group(), match.start(), match.end()
        if "'" in written and written.casefold() not in _WHOLE:
            elision = _ELISION.match(written)
            while elision is not None and written.casefold() not in _WHOLE:
                found.append(Word(plain(elision.group()), start, start + elision.end()))
                start += elision.end()
                written = written[elision.end() :]
                elision = _ELISION.match(written)
            if written[-2:] in ("'s", "'S"):
                found.append(Word(plain(written[:-2]), start, end - 2))
                continue
        found.append(Word(plain(written), start, end))
    return found


def plain_text(text: str) -> str:
    """The plain words of a text with one space between them."""
    return " ".join(word.plain for word in words(cleaned(text)))
