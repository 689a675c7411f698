"""Learns the weights from the phrase files: `python -m bot.understanding.training` after a change of the phrases.

Three things are learnt: the language of a line, its intent, and which of its words fill the open slot. The weights are a
function of the files in `phrases/` and of this code; `digest` says whether they still belong together.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from bot.understanding.concepts import Concepts
from bot.understanding.features import BUCKETS, features, language_features
from bot.understanding.linear import Example, Linear, learn
from bot.understanding.lines import LONG, SHORT, marked
from bot.understanding.periods import Moment, periods
from bot.understanding.phrases import FOLDER, Phrasebook, Vocabulary
from bot.understanding.spans import INSIDE, OUTSIDE, SLOT_OF, word_features
from bot.understanding.weights import STAMP, WEIGHTS
from bot.understanding.words import cleaned, folded, words

LANGUAGES = ("fr", "nl", "de", "en")
COPIES = 5
"""How often a phrase with an open slot is filled with examples."""
WORLD_COPIES = 9
"""How often a frame of chatter is filled."""

DESCRIBED = frozenset({"tool", "goods", "fault", "cost", "matter"})
"""Kinds of things that people describe."""
BEFORE, OFTEN = "before", 0.2
"""The examples of what people say of a thing before its name, and how often they do."""

CHATTY = 0.5
"""What a phrase counts with something said besides."""

KIND_OF = {
    ("loans", "item"): "tool",
    ("bazaar", "item"): "goods",
    ("sel", "service"): "service",
    ("skills", "skill"): "skill",
    ("skills", "craft"): "craft",
    ("tickets", "topic"): "fault",
    ("charges", "topic"): "cost",
    ("documents", "topic"): "paper",
    ("assembly", "topic"): "matter",
    ("assembly", "person"): "name",
    ("assembly", "choice"): "stand",
    ("assembly", "item"): "number",
    ("polls", "topic"): "poll",
    ("polls", "choice"): "answer",
    ("polls", "choices"): "options",
    ("polls", "question"): "question",
    ("sel", "person"): "name",
    ("contacts", "person"): "role",
    ("notices", "text"): "note",
    ("settings", "language"): "language",
    ("settings", "channel"): "channel",
}
"""Which examples stand for a placeholder, by the first part of the intent."""

SAME_SLOT = {"craft": "skill"}
"""Placeholders that stand for another kind of what fills a slot: `repair a bike` is a skill as `plumbing` is."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")

Filled = tuple[list[str], list[str]]
"""The marks of a phrase and, for each, the placeholder that it came from (empty for the phrase's own words)."""


def filled(phrase: str, intent: str, book: Phrasebook, chance: random.Random | None) -> Filled:
    """A phrase with examples in its placeholders; without `chance`, with the placeholders themselves."""
    marks: list[str] = []
    origins: list[str] = []
    said: Sequence[str]
    for place, part in enumerate(_PLACEHOLDER.split(phrase)):
        if place % 2 == 0:
            said, origin = _marks(part, book.language), ""
        else:
            kind = KIND_OF.get((intent.partition(".")[0], part), part)
            part = SAME_SLOT.get(part, part)
            if kind == "number":
                said, origin = ["0"], part
            elif chance is not None and kind in book.values:
                said, origin = _marks(_example(kind, book, chance), book.language), part
            elif kind == "period":
                said, origin = [_how_long(intent, chance)], part
            else:
                said, origin = ["{" + part + "}"], part
        marks += said
        origins += [origin] * len(said)
    return marks, origins


def _example(kind: str, book: Phrasebook, chance: random.Random) -> str:
    """Something of that kind, now and then with a word that describes it."""
    thing = chance.choice(book.values[kind])
    if kind in DESCRIBED and BEFORE in book.values and chance.random() < OFTEN:
        return f"{chance.choice(book.values[BEFORE])} {thing}"
    return thing


@lru_cache(maxsize=50_000)
def _marks(text: str, language: str) -> tuple[str, ...]:
    """Words as the scoring sees those of a message."""
    text = cleaned(text)
    said = words(text)
    marks, _ = marked(said, language, periods(said, text, language, Moment(date(2026, 1, 1))))
    return tuple(folded(mark, language) for mark in marks)


SHORT_ONES = {"charges": 0.05, "charges.paid": 0.5, "documents": 0.1, "assembly": 0.4, "none": 0.7}
"""How often a period is a day or a week, by intent or its first part; elsewhere nearly always."""


def _how_long(intent: str, chance: random.Random | None) -> str:
    share = SHORT_ONES.get(intent, SHORT_ONES.get(intent.partition(".")[0], 0.85))
    return SHORT if (chance.random() if chance else 0.5) < share else LONG


def lessons(book: Phrasebook) -> Iterator[tuple[str, Filled, float]]:
    """(intent, filled phrase, weight): each phrase as it stands, then with examples in its open slots."""
    chance = random.Random(book.language)
    for intent, phrase in book.phrases:
        yield intent, filled(phrase, intent, book, None), 1.0
        family = intent.partition(".")[0]
        if any(KIND_OF.get((family, name)) in book.values for name in _PLACEHOLDER.findall(phrase)):
            for _ in range(COPIES):
                yield intent, filled(phrase, intent, book, chance), 1.0 / COPIES
        if len(phrase.split()) > 2:
            yield intent, _chatty(filled(phrase, intent, book, chance), book, chance), CHATTY
    for frame in book.chatter:
        for _ in range(WORLD_COPIES):
            yield "none", filled(frame, "none", book, chance), 1.0


def _chatty(phrase: Filled, book: Phrasebook, chance: random.Random) -> Filled:
    """The phrase with something said besides, before or behind, or with one of its own words left out."""
    marks, origins = phrase
    if chance.random() < 0.3 and len(marks) > 3:
        gone = chance.randrange(len(marks))
        return marks[:gone] + marks[gone + 1 :], origins[:gone] + origins[gone + 1 :]
    aside = list(_marks(chance.choice(book.asides), book.language))
    if chance.random() < 0.6:
        return aside + marks, [""] * len(aside) + origins
    return marks + aside, origins + [""] * len(aside)


def learnt() -> tuple[Linear, Linear, Linear]:
    """The classifiers of language, intent and slot words."""
    of_language: list[Example] = []
    of_intent: list[Example] = []
    of_word: list[Example] = []
    for language in LANGUAGES:
        book, vocabulary, concepts = Phrasebook(language), Vocabulary.read(language), Concepts.read(language)
        chance = random.Random(language)
        things = {intent: _things(book, intent) for intent in SLOT_OF}
        for intent, lesson, weight in lessons(book):
            marks = lesson[0]
            of_intent.append(Example(features(marks, vocabulary, concepts), intent, weight))
            if weight == 1.0:
                of_language.append(Example(language_features(marks), language))
            if intent in SLOT_OF:
                of_word += _word_lessons(intent, lesson, things[intent], vocabulary, concepts, chance)
    return (
        learn(of_language, BUCKETS, cost=1.0, rounds=6, keep=2.0),
        learn(of_intent, BUCKETS, cost=3.0, rounds=10, keep=1.0),
        learn(of_word, BUCKETS, cost=0.5, rounds=6, keep=2.0),
    )


def _word_lessons(
    intent: str,
    lesson: Filled,
    things: frozenset[tuple[str, ...]],
    vocabulary: Vocabulary,
    concepts: Concepts,
    chance: random.Random,
) -> Iterator[Example]:
    """Each word of a phrase: inside or outside the open slot. Things that a phrase names itself count as inside."""
    marks, origins = lesson
    inside = [origin == SLOT_OF[intent] for origin in origins]
    if not any(inside):
        inside = _things_named(marks, things)
    for at, mark in enumerate(marks):
        if mark[0] != "{":
            name = origins[at] == "person"
            capital = chance.random() < (
                0.6 if name else 0.5 if at == 0 else 0.3 if vocabulary.language == "de" else 0.03
            )
            hidden = inside[at] and chance.random() < 0.5
            seen = word_features(marks, at, intent, vocabulary, concepts, capital=capital, hidden=hidden)
            yield Example(seen, INSIDE if inside[at] else OUTSIDE)


def _things_named(marks: Sequence[str], things: frozenset[tuple[str, ...]]) -> list[bool]:
    named = [False] * len(marks)
    for at in range(len(marks)):
        for length in range(5, 0, -1):
            if tuple(marks[at : at + length]) in things:
                named[at : at + length] = [True] * length
                break
    return named


def _things(book: Phrasebook, intent: str) -> frozenset[tuple[str, ...]]:
    """The examples of what fills the slot of an intent, as plain words."""
    kind = KIND_OF[intent.partition(".")[0], SLOT_OF[intent]]
    return frozenset(_marks(value, book.language) for value in book.values[kind])


PROBE = "Bonjour, was kost de 3e lift of l'échelle in märz 2025, can I ueberweisen 84 euro?"
"""A line whose features tell whether the code looks at lines as it did."""


def digest() -> bytes:
    """Of the phrases, and of what the code sees in a line."""
    found = hashlib.sha256()
    for file in sorted(FOLDER.glob("*.txt")):
        found.update(file.name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n"))
    for language in LANGUAGES:
        marks, vocabulary, concepts = _marks(PROBE, language), Vocabulary.read(language), Concepts.read(language)
        seen = [features(marks, vocabulary, concepts), language_features(marks)]
        seen += [
            word_features(marks, 3, "loans.borrow", vocabulary, concepts, capital=hidden, hidden=hidden)
            for hidden in (False, True)
        ]
        found.update(repr([list(one.items()) for one in seen]).encode())
    return found.digest()


def fresh(file: Path = WEIGHTS) -> bool:
    """Whether the weights were learnt from the phrases as they are."""
    with file.open("rb") as stored:
        return stored.read(STAMP) == digest()


def known_words() -> dict[str, list[str]]:
    """Language -> the words of its phrases and word lists, for reading misspelt ones."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        book, vocabulary = Phrasebook(language), Vocabulary.read(language)
        known = {word for _, (marks, _), _ in lessons(book) for word in marks if word.isalpha()}
        found[language] = sorted(known | set(vocabulary.synonyms) | vocabulary.stop)
    return found


def write(file: Path = WEIGHTS) -> None:
    stamp = digest()
    classifiers = learnt()
    with file.open("wb") as out:
        out.write(stamp)
        for classifier in classifiers:
            classifier.write(out)
        out.write(json.dumps(known_words(), separators=(",", ":")).encode())


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(
            None if fresh() else "The weights are older than the phrases: run python -m bot.understanding.training"
        )
    write()
    sys.stdout.write(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size // 1024} kB\n")
