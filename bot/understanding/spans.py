"""Which words of a line fill its open slot (`item`, `topic`, `service`...): each word is judged, the best run of words wins."""

from __future__ import annotations

from collections.abc import Sequence

from bot.understanding.concepts import Concepts
from bot.understanding.features import bucket, pieces
from bot.understanding.phrases import Vocabulary

SLOT_OF = {
    "charges.explain": "topic",
    "charges.expenses": "topic",
    "documents.get": "topic",
    "assembly.proxy": "person",
    "assembly.results": "topic",
    "assembly.propose": "topic",
    "polls.answer": "choice",
    "polls.results": "topic",
    "loans.borrow": "item",
    "loans.lend": "item",
    "loans.available": "item",
    "loans.return": "item",
    "sel.offer": "service",
    "sel.request": "service",
    "sel.browse": "service",
    "sel.done": "person",
    "bazaar.give": "item",
    "bazaar.want": "item",
    "bazaar.browse": "item",
    "skills.find": "skill",
    "skills.add": "skill",
    "tickets.report": "topic",
    "tickets.status": "topic",
    "contacts.find": "person",
}
"""The one slot of an intent that may be any words."""

INSIDE, OUTSIDE = "inside", "outside"


def word_features(
    line: Sequence[str],
    at: int,
    intent: str,
    vocabulary: Vocabulary,
    concepts: Concepts,
    *,
    capital: bool,
    hidden: bool = False,
) -> dict[int, int]:
    """What is seen of one word: itself (unless `hidden`, so that learning looks at what stands around it), its neighbours, the intent."""
    word = line[at]
    before = line[at - 1] if at else "^"
    earlier = line[at - 2] if at > 1 else "^"
    after = line[at + 1] if at + 1 < len(line) else "$"
    later = line[at + 2] if at + 2 < len(line) else "$"
    family = intent.partition(".")[0]
    seen = {
        f"p {before}": 12,
        f"p {family} {before}": 12,
        f"pp {earlier} {before}": 12,
        f"n {after}": 12,
        f"n {family} {after}": 12,
        f"nn {after} {later}": 12,
    }
    if not hidden:
        seen[f"w {word}"] = 20
        seen[f"w {intent} {word}"] = 20
        seen[f"pw {before} {word}"] = 8
        for concept in concepts(word):
            seen[f"@ {family} {concept}"] = 14
    if capital:
        seen[f"capital {vocabulary.language} {family}{' first' * (at == 0)}"] = 20
    seen["stop" if word in vocabulary.stop else "content"] = 16
    found = {bucket("S" + name): weight for name, weight in seen.items()}
    if not hidden:
        found.update((piece, 5) for piece in pieces(word))
    return found


def best_run(scores: Sequence[float], pauses: Sequence[bool], least: float) -> tuple[int, int] | None:
    """The run (first, last) with the highest sum that no pause cuts; None where no sum reaches `least`."""
    best, best_sum, first, running = None, least, 0, 0.0
    for at, score in enumerate(scores):
        if running <= 0.0 or pauses[at]:
            first, running = at, 0.0
        running += score
        if running > best_sum:
            best, best_sum = (first, at), running
    return best
