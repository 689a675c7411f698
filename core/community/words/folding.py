"""From what people type to words that compare: without accents, case and the endings of French, Dutch, German and English. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MOST_WORDS = 400
"""Words of a text that are looked at."""
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_WORD = re.compile(r"[^\W_]+")
_INITIAL = re.compile(r"(?<=\b[a-z])-(?=[^\W\d_]{2})")
_UMLAUT = re.compile(r"(?<![aeiouq])([aou])e")
_DOUBLED = re.compile(r"(.)\1+")
_ENDINGS = ("tjes", "tje", "chen", "lein", "jes", "nen", "je", "en", "es", "e", "s", "x", "n")
"""Plural, diminutive and case, of whichever language; the longest first."""
_SHORTEST = 3
"""Letters that remain of a word whose ending is cut."""


def words(text: str) -> list[str]:
    """The words of a text in order, folded: `l'Échelle` is `l`, `echelle`; `E-Bike` is one."""
    found = _WORD.findall(_INITIAL.sub("", unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)))
    return [_plain(word) for word in found[:MOST_WORDS]]


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """What is left of a folded word without its ending, doubled letters written once: one for `trappen` and `trap`, for `boren` and `boor`.

    German umlauts written out (`Saege`) are what they stand for. No word that anybody would read: it only compares.
    """
    word = _UMLAUT.sub(r"\1", word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            break
    word = _DOUBLED.sub(r"\1", word)
    return word[:-1] + {"z": "s", "v": "f"}.get(word[-1], word[-1])


@lru_cache(maxsize=16384)
def _plain(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", word[:40]) if not unicodedata.combining(sign))
