"""What the scoring looks at in a line: its words, their neighbours, what they stand for, and pieces of them (typos, compounds)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from zlib import crc32

from bot.understanding.phrases import Vocabulary

BUCKETS = 1 << 16
"""Features are numbered by hash; two that fall together are no harm, as learning knew it."""

OPEN = frozenset({"{item}", "{topic}", "{service}", "{skill}", "{person}", "{question}", "{choices}", "{text}", "{choice}"})
"""Placeholders that may stand for any words: they say nothing by themselves."""

WORD, PAIR, MEANING, PIECE = 1.0, 0.7, 0.8, 0.35
"""Weights of the kinds of features."""


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


def features(line: Sequence[str], vocabulary: Vocabulary) -> Mapping[int, float]:
    """Bucket -> weight; the weights of a line make a vector of length 1. `line`: plain words and placeholders."""
    found: dict[int, float] = {}
    marked = ["^", *("_" if word in OPEN else word for word in line), "$"]
    for word in marked:
        if word not in "^$_":
            found[bucket(word)] = WORD
            if word[0] != "{":
                for piece in pieces(word):
                    found.setdefault(piece, PIECE)
    for first, second in zip(marked, marked[1:], strict=False):
        found[bucket(f"{first} {second}")] = PAIR
    meant = [word for word in meanings(line, vocabulary)]
    for word in meant:
        if word not in OPEN:
            found[bucket(f"={word}")] = MEANING
    content = ["^", *(word for word in meant if word not in vocabulary.stop and word not in OPEN), "$"]
    for first, second in zip(content, content[1:], strict=False):
        found[bucket(f"={first} {second}")] = PAIR
    length = sum(weight * weight for weight in found.values()) ** 0.5 or 1.0
    return {key: weight / length for key, weight in found.items()}
