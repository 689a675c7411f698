"""How the letters of an organisation begin and end in one language, and what is added to them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType

from core.kernel.errors import DomainError

LONGEST: Mapping[str, int] = MappingProxyType({"greeting": 120, "closing": 400, "added": 800})
"""Signs of each text: a letter must stay a page or two."""
LINES = 8
"""Of a text, empty ones not counted."""
_UNSEEN = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
"""What nobody sees and turns the text that follows: an amount must stay readable. (Cc, Cs and Cn go by their category.)"""


@dataclass(frozen=True, slots=True)
class LetterTexts:
    """Texts of letters in one language; an empty one stands for the standard text, of which `added` has none."""

    greeting: str = ""
    closing: str = ""
    added: str = ""


STANDARD = LetterTexts()
FIELDS = tuple(field.name for field in fields(LetterTexts))


@dataclass(frozen=True, slots=True)
class Kept:
    """Texts as they are kept. `version` 0: nobody has changed them yet. It is given back with a change, and tells who was faster."""

    texts: LetterTexts = STANDARD
    version: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""


class Outdated(DomainError):
    """Somebody else has changed these texts meanwhile."""


def clean(text: str) -> str:
    """A text as it is kept: without what nobody sees, no empty lines at its ends and no two of them in a row; one line for each line."""
    text = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", text).replace("\t", " ")
    seen = "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs", "Cn"))
    lines = [" ".join(line.split(" ")).strip() for line in _UNSEEN.sub("", seen).split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def too_long(name: str, text: str) -> bool:
    """Whether a clean text is more than a letter has room for."""
    return len(text) > LONGEST[name] or sum(1 for line in text.split("\n") if line) > LINES
