"""What of a message is said, once greeting, thanks and signature are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.understanding.phrases import Sequences, Vocabulary
from bot.understanding.words import Word

_PAUSE = re.compile(r"[,.!?;:\n…)-]")
_SIGNATURE_WORDS = 6


def body(said: Sequence[Word], text: str, vocabulary: Vocabulary) -> tuple[int, int]:
    """The words (from, up to but not including) between greeting and closing; all of them where nothing else would be left."""
    start = _after_greeting(said, text, vocabulary.greetings)
    end = _before_closing(said, text, vocabulary.closings, start)
    return (start, end) if start < end else (0, len(said))


def greets(said: Sequence[Word], vocabulary: Vocabulary) -> bool:
    """Whether the words begin with a greeting."""
    return bool(said) and _matched(said, 0, vocabulary.greetings) > 0


def _matched(said: Sequence[Word], at: int, sequences: Sequences) -> int:
    """How many words the longest known sequence at this place has."""
    longest = 0
    for sequence in sequences.get(said[at].plain, ()):
        length = len(sequence)
        if length > longest and tuple(word.plain for word in said[at : at + length]) == sequence:
            longest = length
    return longest


def _pause(said: Sequence[Word], text: str, after: int) -> bool:
    """Whether there is a comma, a stop or a new line behind the word (or before the first, or behind the last)."""
    if after < 0 or after >= len(said) - 1:
        return True
    return _PAUSE.search(text, said[after].end, said[after + 1].start) is not None


def _after_greeting(said: Sequence[Word], text: str, greetings: Sequences) -> int:
    start = 0
    for _ in range(3):
        length = _matched(said, start, greetings) if start < len(said) else 0
        if not length:
            break
        end = start + length
        for further in range(4):
            if end + further > len(said) - 1:
                break
            if _pause(said, text, end + further - 1):
                end += further
                break
        start = end
    return start if start < len(said) else 0


def _before_closing(said: Sequence[Word], text: str, closings: Sequences, start: int) -> int:
    end = len(said)
    if (
        end - start > 3
        and _pause(said, text, end - 2)
        and text[said[end - 1].start].isupper()
        and text[said[end - 2].end] in ".!?\n"
        and not said[end - 2].plain[-1].isdecimal()  # `bis zum 20. Dezember` names a month, and nobody
    ):
        end -= 1
    moved = True
    while moved:
        moved = False
        for at in range(max(start + 1, end - _SIGNATURE_WORDS - 4), end):
            length = _matched(said, at, closings)
            rest = end - at - length
            if length and rest >= 0 and (rest == 0 or (rest <= _SIGNATURE_WORDS and _pause(said, text, at - 1))):
                end, moved = at, True
                break
    return end
