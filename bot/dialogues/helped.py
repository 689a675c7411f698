"""What a sentence about help says: who gave it, for how long, whether as a gift, and who is meant. In any of the four languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from bot.understanding.numbers import hours, is_vague, number
from core.community.neighbours.model import Neighbour
from core.kernel.i18n import LANGUAGES

HOUR = 60
_MOST_DIGITS = 9
_ABSURD = 1000
"""Hours: `10.000` is so many, and no ten."""

_TOGETHER = re.compile(r"\b(et moi|moi et|en ik|ik en|und ich|ich und|and i|i and|and me|me and)\b")
_PASSIVE = re.compile(
    r"\b(j ai (recu|ete)|grace a|ik (kreeg|werd|ben)\b.*\b(geholpen|hulp|van|door)|ik heb\b.*\b(gekregen|ontvangen)|ich wurde"
    r"|ich (habe?|bekam)\b.*\b(bekommen|erhalten|hilfe von)|i (was|got|received|have received|had help))"
)
_I = re.compile(r"\b(j|je|nous avons|ik|wij|we|ich|wir|i)\b")
_TO_ME = re.compile(
    r"\b(m (a|ont|avait|avez)|(me|nous) (a|ont|avait)|(chez|pour) (moi|nous)|mij|me|ons|mir|mich|uns|us)\b"
)
_MINE = re.compile(r"\b(mon|ma|mes|notre|nos|mijn|mn|onze|mein\w{0,2}|unser\w{0,2}|my|our)\b")
_GIFT = re.compile(
    r"\b(cadeau|gratuit\w*|offert\w?|benevole\w*|(sans|pas d|aucune) heures?|sans compter|geschenk\w?|gratis|kosteloos|(geen|zonder) uren"
    r"|kostenlos|umsonst|geschenkt|(keine|ohne) stunden|gift|present|for free|(no|without) hours|for nothing)\b"
)
_UNIT = r"(?:heures?|h|hrs?|hours?|uur|uren|u|stunden?|std)"
_COUNT = re.compile(rf"(?<![\w.,])(-\s*)?(\d[\d .,']*?)\s*{_UNIT}\b")
_SHORT = re.compile(r"\b(std|stdn|min|hrs?|h|u)\.")
_BARE = re.compile(r"\s*(-\s*)?(\d+)(?:[.,](\d{1,2}))?\s*")


def plain(text: str) -> str:
    """Lower case, without accents, an apostrophe as a space; other signs stay."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(re.sub(r"['’]", " ", bare).split())


def gave(text: str) -> bool | None:
    """True where the writer helped, False where he was helped, None where that is not clear."""
    said = plain(text)
    if _TOGETHER.search(said):
        return None
    if _PASSIVE.search(said):
        return False
    if _I.search(said):
        return None if _TO_ME.search(said) else True
    return False if _TO_ME.search(said) or _MINE.search(said) else None


def gift(text: str) -> bool:
    """Whether no hours are wanted for it."""
    return _GIFT.search(plain(text)) is not None


def minutes(text: str, language: str, *, answer: bool = False) -> int | None:
    """The time that a text says, in minutes, be it none, negative or absurd; None where it says none.

    `answer`: to the question how many hours it was, so that a number by itself is one of hours.
    """
    said = _SHORT.sub(r"\1", plain(text))
    found = _COUNT.search(said)
    whole = _whole(found[2]) if found else None
    if found and whole is not None and (found[1] or not 0 < whole < 100):
        return (-whole if found[1] else whole) * HOUR
    for each in (language, *LANGUAGES):
        if (count := hours(said, each)) is not None:
            return round(count * HOUR)
    if not answer:
        return None
    if (many := _whole(said.lstrip("- "))) is not None and many >= _ABSURD:
        return -many * HOUR if said.startswith("-") else many * HOUR
    if bare := _BARE.fullmatch(said):
        share = int((bare[3] or "0").ljust(2, "0")) * HOUR // 100
        count = int(bare[2][:_MOST_DIGITS]) * HOUR + share
        return -count if bare[1] else count
    word = number(said, language)
    return None if word is None else word * HOUR


def vague(text: str) -> bool:
    """Whether a text says a time, and not how much of it: `quelques heures`."""
    return is_vague(plain(text))


def named_in(text: str, among: Iterable[Neighbour]) -> list[Neighbour]:
    """The neighbours whose name, or a part of it, stands in a text: those of whom most does."""
    words = set(re.findall(r"\w+", plain(text)))
    found = [(len(words & _parts(each.name)), each) for each in among]
    best = max((count for count, _ in found), default=0)
    return [each for count, each in found if count == best] if best else []


def identity(value: object) -> UUID | None:
    """The identity in a slot; None where it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _parts(name: str) -> set[str]:
    return {word for word in re.findall(r"\w+", plain(name)) if len(word) > 2}


def _whole(digits: str) -> int | None:
    """`10.000`, `10 000` and `10000` are the same number; `2.5` is none of these."""
    if not re.fullmatch(r"\d{1,3}(?:[ .,']\d{3})+|\d+", digits):
        return None
    return int(re.sub(r"\D", "", digits)[:_MOST_DIGITS])
