"""Which meanings a word has, across languages (`phrases/concepts.txt`): what is learnt in one language then serves the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.understanding.phrases import FOLDER, sections
from bot.understanding.words import folded

Meanings = tuple[str, ...]


@dataclass(frozen=True)
class Concepts:
    """The meanings of one language's words: exact, by beginning, by ending and by what they contain."""

    whole: Mapping[str, Meanings]
    beginnings: Mapping[str, Meanings]
    endings: Mapping[str, Meanings]
    parts: Mapping[str, Meanings]
    _known: dict[str, Meanings] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, language: str, folder: Path = FOLDER) -> Concepts:
        tables: tuple[dict[str, Meanings], ...] = ({}, {}, {}, {})
        for concept, line in sections(folder / "concepts.txt"):
            name, _, entries = line.partition(":")
            if name != language:
                continue
            for entry in entries.split():
                table = tables[2 * entry.startswith("*") + entry.endswith("*")]
                word = folded(entry.strip("*"), language)
                table[word] = (*table.get(word, ()), concept)
        whole, beginnings, endings, parts = tables
        return cls(whole, beginnings, endings, parts)

    def __call__(self, word: str) -> Meanings:
        """The meanings of a plain word, in a stable order; none for most words."""
        known = self._known.get(word)
        if known is None:
            found = list(self.whole.get(word, ()))
            for length in range(2, len(word) + 1):
                found += self.beginnings.get(word[:length], ())
                found += self.endings.get(word[-length:], ())
            found += (concept for part, concepts in self.parts.items() if part in word for concept in concepts)
            known = tuple(sorted(set(found)))
            if len(self._known) < 8192:
                self._known[word] = known
        return known
