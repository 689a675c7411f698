"""The terms of a text, and how well what is had fits what is wanted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from core.community.words.dictionary import CONCEPT, LANGUAGES, QUALITY, Dictionary, Reading, dictionary
from core.community.words.folding import stem, words

Thing = TypeVar("Thing")
NEAR_ENOUGH = 85.0
"""Similarity (0 to 100) from which a word that no dictionary lists is taken for one that is listed."""
_SHORTEST_GUESSED = 5
"""Letters that such a word has."""
_SHORTEST_HEAD, _SHORTEST_PART = 5, 3
"""Letters of the last part of a compound where only that is known, and of any part."""


@lru_cache(maxsize=4096)
def terms(text: str, language: str = "") -> frozenset[str]:
    """The terms of a text of any of the four languages. `language`: what is likely where the text does not tell, such as that of its writer.

    `@ladder` for a concept, by whichever of its words (`échelle`, `trapladder`, `Stehleiter`), in any number, misspelt too where nothing
    else of the text is known; `+child` for a quality; its stem for a word that no dictionary lists. Words that name nothing give none.
    """
    known = dictionary()
    said = [word for word in words(text) if len(word) > 1 and not word.isdigit()]
    votes = known.languages(said) + Counter(each for each in LANGUAGES if each == language)
    likely = [language for language, count in votes.items() if count == max(votes.values())]
    found: set[str] = set()
    unknown: list[str] = []
    for expression, reading in _readings(known, [word for word in said if not known.says_nothing(word, likely)]):
        if reading is None:
            unknown.append(expression)
        else:
            best = max(votes[language] for language in reading)
            found.update(*(meant for language, meant in reading.items() if votes[language] == best))
    if not any(term.startswith(CONCEPT) for term in found):
        found.update(*(_guessed(known, word) for word in unknown))
    return frozenset(found.union(stem(word) for word in unknown))


def decisive(wanted: frozenset[str]) -> frozenset[str]:
    """The terms of which one at least has to be met: a red bike is no answer to a red ladder. All, where all are qualities."""
    return frozenset(term for term in wanted if not term.startswith(QUALITY)) or wanted


def score(wanted: frozenset[str], has: frozenset[str]) -> int:
    """How many terms they have in common; 0 where that is only qualities."""
    return len(wanted & has) if decisive(wanted) & has else 0


def ranked(wanted: frozenset[str], things: Iterable[Thing], terms_of: Callable[[Thing], frozenset[str]]) -> list[Thing]:
    """The things that are meant, best first; equal ones in the order in which they came."""
    scored = [(score(wanted, terms_of(thing)), thing) for thing in things]
    return [thing for points, thing in sorted(scored, key=lambda each: -each[0]) if points]


def _readings(known: Dictionary, kept: Sequence[str]) -> Iterator[tuple[str, Reading | None]]:
    """Each expression of a text, the longest first, and what it means; a word that no dictionary lists means None."""
    at = 0
    while at < len(kept):
        length, reading = _phrase(known, kept, at)
        yield kept[at], reading or known.word(kept[at]) or _compound(known, kept[at])
        at += length


def _phrase(known: Dictionary, kept: Sequence[str], at: int) -> tuple[int, Reading | None]:
    """The longest listed expression of several words that begins here, and its words; two words may be one elsewhere (`step ladder`)."""
    stems = tuple(stem(word) for word in kept[at : at + known.longest.get(stem(kept[at]), 1)])
    for length in range(len(stems), 1, -1):
        if reading := known.stems.get(stems[:length]):
            return length, reading
    reading = known.exact.get(kept[at] + kept[at + 1]) if at + 1 < len(kept) else None
    return (2, reading) if reading else (1, None)


def _compound(known: Dictionary, word: str) -> Reading | None:
    """A Dutch or German compound is what its last part is, what stands in front only says which one: `Teleskopleiter` is a ladder."""
    for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        front, head = word[:place], word[place:]
        meant = {
            language: each for language, each in (known.word(head) or {}).items() if each and language in ("nl", "de")
        }
        which = next((reading for part in _fronts(front) if (reading := known.word(part))), None)
        if meant and (which or len(head) >= _SHORTEST_HEAD):
            qualities = {QUALITY + term[1:] for each in (which or {}).values() for term in each}
            return {language: each | qualities for language, each in meant.items()}
    return None


def _fronts(front: str) -> Iterator[str]:
    """The first part of a compound, with and without the sound that joins it."""
    yield front
    for joint in ("s", "n", "en", "er"):
        if front.endswith(joint) and len(front) - len(joint) >= _SHORTEST_PART:
            yield front[: -len(joint)]


def _guessed(known: Dictionary, word: str) -> frozenset[str]:
    """The terms of the listed word that an unknown one is nearest to, if it is near enough."""
    if len(word) < _SHORTEST_GUESSED:
        return frozenset()
    # Imported where it is needed: most texts are spelt well.
    from rapidfuzz import fuzz, process

    nearest = process.extractOne(word, known.spelled.get(word[0], ()), scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
    return frozenset().union(*known.exact[nearest[0]].values()) if nearest else frozenset()
