"""What the scoring looks at in a line: its words, their neighbours, what they stand for, and pieces of them (typos, compounds)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from bot.understanding.concepts import Concepts
from bot.understanding.phrases import Vocabulary

BUCKETS = 1 << 17
"""Features are numbered by hash; two that fall together are no harm, as learning knew it."""

OPEN = frozenset(
    {"{item}", "{topic}", "{service}", "{skill}", "{person}", "{question}", "{choices}", "{text}", "{choice}"}
)
"""Placeholders that may stand for any words: they say nothing by themselves."""

WORD, PAIR, MEANING, PIECE, CONCEPT, CONCEPTS = 20, 10, 16, 7, 18, 9
"""Weights of the kinds of features, against each other."""
LANGUAGE_PIECE = 6

MOST_CONCEPTS = 9


def bucket(feature: str) -> int:
    return crc32(feature.encode()) & (BUCKETS - 1)


@lru_cache(maxsize=16384)
def pieces(word: str) -> tuple[int, ...]:
    """The buckets of the runs of three to five letters in a word."""
    framed = f"<{word}>"
    return tuple(bucket("~" + framed[at : at + size]) for size in (3, 4, 5) for at in range(len(framed) - size + 1))


def meanings(line: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """For each word of a line what it stands for, several words together first; the others of those stand for nothing."""
    found: list[str] = []
    at = 0
    while at < len(line):
        word = line[at]
        best: tuple[str, ...] = ()
        for sequence in vocabulary.phrases_of_synonyms.get(word, ()):
            if len(sequence) > len(best) and tuple(line[at : at + len(sequence)]) == sequence:
                best = sequence
        if best:
            found.append(vocabulary.phrases_of_synonyms[word][best])
            at += len(best)
        else:
            found.append(vocabulary.synonyms.get(word, word))
            at += 1
    return found


def features(line: Sequence[str], vocabulary: Vocabulary, concepts: Concepts) -> dict[int, int]:
    """Bucket -> weight of a line. `line`: plain words and placeholders."""
    found: dict[int, int] = {}
    marked = ["^", *("_" if word in OPEN else word for word in line), "$"]
    for word in marked:
        if word not in "^$_":
            found[bucket(word)] = WORD
            if word[0] != "{":
                for piece in pieces(word):
                    found.setdefault(piece, PIECE)
    for first, second in pairwise(marked):
        found[bucket(f"{first} {second}")] = PAIR
    meant = meanings(line, vocabulary)
    for word in meant:
        if word not in OPEN:
            found[bucket(f"={word}")] = MEANING
    content = ["^", *(word for word in meant if word not in vocabulary.stop and word not in OPEN), "$"]
    for first, second in pairwise(content):
        found[bucket(f"={first} {second}")] = PAIR
    _add_concepts(found, line, concepts)
    return found


def _add_concepts(found: dict[int, int], line: Sequence[str], concepts: Concepts) -> None:
    """Meanings across languages, each and two by two in whatever order."""
    groups = [(word,) if word[0] == "{" else concepts(word) for word in line if word not in OPEN]
    groups = [group for group in groups if group][:MOST_CONCEPTS]
    for place, group in enumerate(groups):
        for concept in group:
            found[bucket("@" + concept)] = CONCEPT
        for other in groups[place + 1 :]:
            for one in group:
                for two in other:
                    if one != two:
                        found[bucket(f"@{one} {two}" if one < two else f"@{two} {one}")] = CONCEPTS


def language_features(line: Sequence[str]) -> dict[int, int]:
    """What tells the language of a line: its words, their neighbours and pieces."""
    found = {bucket("L" + word): WORD for word in line if word[0] != "{"}
    for word in line:
        if word[0] != "{":
            found.update((piece, LANGUAGE_PIECE) for piece in pieces(word))
    for first, second in pairwise(line):
        found[bucket(f"L{first} {second}")] = PAIR
    return found
