"""Whether somebody asks something: by the sign, or by the word that a question begins with, in any of the four languages."""

from __future__ import annotations

from bot.understanding.words import cleaned, words

_BEGINNINGS = frozenset(
    word
    for language in (
        "combien quand ou qui que quoi quel quelle quels quelles comment pourquoi est puis peux pouvez",
        "hoeveel wanneer waar wie wat welke hoe waarom mag kan kunt",
        "wieviel wann wo wer was welche welcher welches warum darf kann konnen",
        "how when where who what which why can could may do does is are",
    )
    for word in language.split()
)


def is_question(text: str) -> bool:
    """`how much do I owe`, `on Saturday?`."""
    if text.rstrip().endswith("?"):
        return True
    first = next(iter(words(cleaned(text))), None)
    return first is not None and first.plain in _BEGINNINGS
