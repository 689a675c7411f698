"""Words that nobody taught us are read as the known word that they are nearest to, where that is near enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from bot.understanding.words import folded

SHORTEST = 4
"""Shorter words are taken as they are: too many are one letter apart."""

COMPOUND = 5
"""Letters that a known part of a compound must have."""

NEAR_ENOUGH = 88.0
"""Similarity (0 to 100) from which a word is taken for another."""


@dataclass(frozen=True)
class Spelling:
    """The known words of a language, and what unknown ones were read as so far."""

    language: str
    known: frozenset[str]
    _by_letter: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _read: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, language: str, known: Iterable[str]) -> Spelling:
        spelling = cls(language, frozenset(known))
        for word in sorted(spelling.known):
            if len(word) >= SHORTEST:
                spelling._by_letter.setdefault(word[0], []).append(word)
        return spelling

    def __call__(self, word: str) -> str:
        """The known word that is meant by a plain word, or the word itself."""
        word = folded(word, self.language)
        if word in self.known or len(word) < SHORTEST or word[0] == "{" or not word.isalpha():
            return word
        read = self._read.get(word)
        if read is None:
            nearest = process.extractOne(
                word, self._by_letter.get(word[0], ()), scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH
            )
            read = nearest[0] if nearest else word
            if len(self._read) < 4096:
                self._read[word] = read
        return read

    def knows(self, word: str) -> bool:
        """Whether a plain word is one of this language's as it stands."""
        return folded(word, self.language) in self.known

    def familiar(self, word: str) -> bool:
        """Whether a word is known, or begins or ends with a known one as compounds do."""
        return word in self.known or any(
            word[:length] in self.known or word[-length:] in self.known for length in range(COMPOUND, len(word))
        )
