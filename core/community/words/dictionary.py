"""The words of four languages for what neighbours lend, give, seek and can do, as the files in `concepts/` list them.

A line of a file is a concept: its name, and its words in French, Dutch, German and English. `qualities.txt` lists what is said of a
thing (big, electric, for children), `nothing.txt` the words that name none, `homographs.txt` those that name one in another language only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from core.community.words.folding import stem, words

LANGUAGES = ("fr", "nl", "de", "en")
CONCEPT, QUALITY = "@", "+"
"""How the terms begin that stand for a concept, and for a quality."""
_NOTHING, _HOMOGRAPHS, _QUALITIES = "nothing", "homographs", "qualities"

Reading = Mapping[str, frozenset[str]]
"""What an expression means in each language that has it: terms, or none where it names nothing there."""


@dataclass(frozen=True)
class Dictionary:
    """`exact`: of words as they are listed, folded. `stems`: of expressions by the stems of their words. `longest`: stems of the longest
    that begins with a stem. By language, `nothing`: the folded words that name nothing, and `used`: those of its expressions. `spelled`: the
    listed words by their first letter.
    """

    exact: Mapping[str, Reading]
    stems: Mapping[tuple[str, ...], Reading]
    longest: Mapping[str, int]
    nothing: Mapping[str, frozenset[str]]
    used: Mapping[str, frozenset[str]]
    spelled: Mapping[str, Sequence[str]]

    def word(self, word: str) -> Reading | None:
        """What a folded word means; a listed one counts as it stands before others of the same stem."""
        found = self.exact.get(word)
        return self.stems.get((stem(word),)) if found is None else found

    def languages(self, said: Sequence[str]) -> Counter[str]:
        """How many of these words speak for each language."""
        votes: Counter[str] = Counter()
        for word in said:
            votes.update(
                {language for language in LANGUAGES if word in self.nothing[language] or word in self.used[language]}
                | set(self.word(word) or ())
            )
        return votes

    def says_nothing(self, word: str, likely: Sequence[str]) -> bool:
        """Whether a word names nothing, unless it names something in a language that the text is likely to be written in."""
        if not any(word in listed for listed in self.nothing.values()):
            return False
        return not any(word in self.used[language] and word not in self.nothing[language] for language in likely)


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """Read once, when first something is looked for."""
    nothing = {language: frozenset(words(listed)) for language, listed in _lines(_NOTHING)}
    exact: dict[str, dict[str, frozenset[str]]] = {}
    stems: dict[tuple[str, ...], dict[str, frozenset[str]]] = {}
    used: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    for language, term, expression in expressions():
        kept = [word for word in words(expression) if len(word) > 1 and word not in nothing[language]]
        if not kept:
            raise ValueError(f"{expression.strip()!r} of {term} names nothing in {language!r}")
        used[language].update(kept)
        if len(kept) == 1:
            _add(exact.setdefault(kept[0], {}), language, term)
        _add(stems.setdefault(tuple(stem(word) for word in kept), {}), language, term)
    for language, listed in _lines(_HOMOGRAPHS):
        for word in words(listed):
            exact[word].setdefault(language, frozenset())
    longest: dict[str, int] = {}
    for key in stems:
        longest[key[0]] = max(longest.get(key[0], 0), len(key))
    spelled: dict[str, list[str]] = {}
    for word in sorted(exact):
        spelled.setdefault(word[0], []).append(word)
    return Dictionary(
        exact, stems, longest, nothing, {language: frozenset(kept) for language, kept in used.items()}, spelled
    )


def _add(reading: dict[str, frozenset[str]], language: str, term: str) -> None:
    reading[language] = reading.get(language, frozenset()) | {term}


def expressions() -> Iterator[tuple[str, str, str]]:
    """Language, term and expression, of all files that list things and qualities."""
    for topic in sorted(file.name.removesuffix(".txt") for file in _FOLDER.iterdir() if file.name.endswith(".txt")):
        if topic in (_NOTHING, _HOMOGRAPHS):
            continue
        sign = QUALITY if topic == _QUALITIES else CONCEPT
        for name, listed in _lines(topic):
            for language, column in zip(LANGUAGES, listed.split("|"), strict=True):
                for expression in column.split(","):
                    yield language, sign + name, expression


def _lines(topic: str) -> Iterator[tuple[str, str]]:
    for line in (_FOLDER / f"{topic}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(":")
            yield name, rest


_FOLDER = files(__package__) / "concepts"
