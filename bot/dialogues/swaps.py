"""What somebody swaps and what he would like for it, in four languages: `j'échange mon vélo contre une trottinette`. Pure."""

from __future__ import annotations

import re

_SWAPS = re.compile(
    r"\b(?:[ée]chang(?:e|er|eons|erais)|troqu\w*|ruil|ruilen|tausche?n?|swap\w*|trade|trading|exchange)\b",
    re.IGNORECASE,
)
_IN_EXCHANGE = re.compile(
    r"\b(?:en [ée]change (?:de\s|d['’])|in ruil voor\s|im tausch (?:gegen|für)\s|in (?:exchange|return) for\s)",
    re.IGNORECASE,
)
_FOR = re.compile(r"\s(?:contre|pour|tegen|voor|gegen|für|for|against)\s", re.IGNORECASE)
_ARTICLE = re.compile(
    r"^(?:(?:un|une|des|du|le|la|les|mon|ma|mes|notre|nos|een|de|het|mijn|onze|ein|eine|einen|einem|einer|der|die|das|den|mein|meine|"
    r"meinen|unsere?|unseren|an?|the|my|our|some)\s+|[ld]['’]|de la\s+|de l['’])",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?;,\n]")


def swapped(text: str) -> tuple[str, str] | None:
    """The thing that is swapped ("": it stands elsewhere in the text), and what is wanted for it ("": not said); None: nothing is."""
    if exchange := _IN_EXCHANGE.search(text):
        return "", _bare(text[exchange.end() :])
    begin = _SWAPS.search(text)
    if begin is None:
        return None
    thing, *wanted = _FOR.split(text[begin.end() :], maxsplit=1)
    return _bare(thing), _bare(wanted[0]) if wanted else ""


def _bare(phrase: str) -> str:
    """Up to the end of the sentence, without its article."""
    return without_article(_ENDS.split(phrase.strip(), maxsplit=1)[0])


def without_article(name: str) -> str:
    """`une armoire` is an `armoire`, as a thing is called in a list."""
    return _ARTICLE.sub("", name.strip()).strip() or name
