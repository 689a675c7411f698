"""The phrase files beside this module: what people say for each intent, and the words that help to understand it.

`phrases/LL.txt` holds the phrases by intent, with `{placeholders}` for slots; `LL.words.txt` stop words, greetings, closings and
synonyms; `LL.values.txt` examples of what stands in place of a placeholder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.understanding.words import folded, plain_text

FOLDER = Path(__file__).with_name("phrases")

CHATTER = "elsewhere"
"""The section of frames of small talk."""

ASIDE = "aside"
"""The section of what people say besides what they want."""

Sequences = Mapping[str, frozenset[tuple[str, ...]]]
"""First plain word -> the whole sequences of plain words that begin with it."""


def sections(file: Path) -> Iterator[tuple[str, str]]:
    """(section, line) of each line that is neither empty nor a comment."""
    section = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and not line.startswith("#"):
            yield section, line


def _sequences(lines: list[str]) -> Sequences:
    found: dict[str, set[tuple[str, ...]]] = {}
    for line in lines:
        sequence = tuple(plain_text(line).split())
        if len(sequence) > 1 or (sequence and len(sequence[0]) > 1):
            found.setdefault(sequence[0], set()).add(sequence)
    return {first: frozenset(sequences) for first, sequences in found.items()}


@dataclass(frozen=True)
class Vocabulary:
    """The word lists of one language."""

    language: str
    stop: frozenset[str]
    greetings: Sequences
    closings: Sequences
    synonyms: Mapping[str, str]
    """A plain word -> the word that stands for it and its likes."""
    phrases_of_synonyms: Mapping[str, Mapping[tuple[str, ...], str]]
    """The same for several words together, by their first word."""

    @classmethod
    def read(cls, language: str, folder: Path = FOLDER) -> Vocabulary:
        lists: dict[str, list[str]] = {"stop": [], "greeting": [], "closing": [], "synonym": []}
        file = folder / f"{language}.words.txt"
        for section, line in sections(file) if file.exists() else ():
            lists.setdefault(section, []).append(line)
        single: dict[str, str] = {}
        several: dict[str, dict[tuple[str, ...], str]] = {}
        for line in lists["synonym"]:
            name, _, others = line.partition(":")
            canonical = folded(plain_text(name), language).replace(" ", "_")
            for entry in (name, *others.split(",")):
                said = tuple(folded(word, language) for word in plain_text(entry).split())
                if len(said) == 1:
                    single.setdefault(said[0], canonical)
                elif said:
                    several.setdefault(said[0], {}).setdefault(said, canonical)
        return cls(
            language,
            frozenset(folded(plain_text(line), language) for line in lists["stop"]),
            _sequences(lists["greeting"]),
            _sequences(lists["closing"]),
            single,
            several,
        )


@dataclass(frozen=True)
class Phrasebook:
    """All phrases of one language: (intent, phrase with placeholders). Read for learning, not for understanding."""

    language: str
    folder: Path = FOLDER

    @cached_property
    def phrases(self) -> tuple[tuple[str, str], ...]:
        return tuple(sections(self.folder / f"{self.language}.txt"))

    @cached_property
    def _examples(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for section, line in sections(self.folder / f"{self.language}.values.txt"):
            entries = [line] if section in (CHATTER, ASIDE) else [entry.strip() for entry in line.split(",")]
            found.setdefault(section, []).extend(entry for entry in entries if entry)
        return {section: tuple(entries) for section, entries in found.items()}

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """Kind of thing -> examples."""
        return self._examples

    @property
    def chatter(self) -> tuple[str, ...]:
        """Frames of talk that is no order, with kinds of things as placeholders."""
        return self._examples.get(CHATTER, ())

    @property
    def asides(self) -> tuple[str, ...]:
        """What people say besides what they want."""
        return self._examples.get(ASIDE, ())
