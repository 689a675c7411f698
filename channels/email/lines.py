"""The lines of a mail, each with what its form already tells of it. The common ground of plain text and HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

MOST_SIGNS = 100_000
"""So much of a plain text is read: nobody writes more, and hostile mails cost time."""


class Mark(Enum):
    """What is known of a line. From NEW to SIGNATURE they are findings; the last three are hints to whoever looks for quotes."""

    NEW = "new"
    QUOTED = "quoted"
    SIGNATURE = "signature"
    INTRODUCTION = "introduction"  # the client's own line above a quote: "On ... wrote:"
    EARLIER = "earlier"  # from here to the end of the mail stands an earlier one
    PART = "part"  # here one part of the mail ends and another begins


class Line(NamedTuple):
    text: str
    mark: Mark = Mark.NEW

    @property
    def blank(self) -> bool:
        return not self.text.strip()


_QUOTED = re.compile(r"[ \t\xa0]{0,3}[>›]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u034f\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufdd0-\ufdef\ufeff]"
)
_BREAK = re.compile("\r\n?|[\x85\u2028\u2029]")
_PICTURE = re.compile(
    r"\[(?:cid|image|inline image|image en ligne|afbeelding|bild)\s?:[^\]\n]{0,200}\]"
    r"|<image\d*\.(?:jpe?g|png|gif|heic)>|\[image\]|\[?photo\d*\.(?:jpe?g|png|heic)\]|\ufffc",
    re.IGNORECASE,
)
_LINK = re.compile(r"\s?<(?:https?://|mailto:|tel:|#)[^<>\s]{0,2000}>|\]\(https?://[^()\s]{0,2000}\)")
_FOLDED = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "：": ":"}
    | {dash: "-" for dash in "‐‑‒–—―−─"}
)


def clean(text: str) -> str:
    """Without what no reader sees and without the placeholders of pictures; lines end in a line feed. Joined emoji stay whole."""
    return _PICTURE.sub("", _UNSEEN.sub("", _BREAK.sub("\n", text)))


def plain_lines(text: str) -> list[Line]:
    """The lines of a plain text; those that begin with `>` are quoted."""
    read = clean(text[:MOST_SIGNS])
    return [Line(line, Mark.QUOTED if _QUOTED.match(line) else Mark.NEW) for line in read.split("\n")]


def unquoted(text: str) -> str:
    """A line without the signs that make it a quote."""
    return text.lstrip(" \t\xa0>›")


def folded(text: str) -> str:
    """For comparing: one kind of dash, apostrophe and space, lower case, composed."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_FOLDED).lower().split())


def without_links(text: str) -> str:
    """A line without the targets that clients write behind the words of a link."""
    return _LINK.sub("", text) if "<" in text or "](" in text else text


def words(lines: Iterable[str]) -> list[str]:
    """The words alone, for comparing what two forms of one mail say."""
    return re.findall(r"\w+|[^\w\s]+", folded(" ".join(without_links(line) for line in lines)))
