"""Answers of a word or two that say something by themselves: nothing, and whatever there is. In any of the four languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTHING = frozenset(
    {
        *("rien", "rien du tout", "aucun", "aucune", "non rien", "sans", "zéro"),
        *("niets", "niks", "helemaal niets", "geen", "nul"),
        *("nichts", "gar nichts", "keine", "keinen", "null"),
        *("nothing", "nothing at all", "none", "no", "zero", "0", "-"),
        *("non", "nee", "nein"),
    }
)
ANYTHING = frozenset(
    {
        *("peu importe", "peu m'importe", "ça m'est égal", "n'importe quoi", "n'importe", "tout", "ce que vous voulez"),
        *(
            "maakt niet uit",
            "maakt me niet uit",
            "het maakt niet uit",
            "om het even",
            "eender wat",
            "alles",
            "wat dan ook",
        ),
        *("egal", "ganz egal", "ist mir egal", "mir egal", "beliebig", "irgendetwas", "irgendwas", "was auch immer"),
        *("anything", "whatever", "anything goes", "i don't mind", "it doesn't matter", "no preference"),
    }
)


def bare(text: str) -> str:
    """A text as it stands in these lists."""
    return " ".join(text.casefold().replace("’", "'").split()).strip(" .!…")


def taken(*lists: frozenset[str]) -> Mapping[str, Any]:
    """In the state of a talk: these words are answers to its question, and break nothing off."""
    return {"answers": sorted(frozenset().union(*lists))}
