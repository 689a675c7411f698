"""A message as the scoring sees it: plain words, with periods, sums, hours and numbers as placeholders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.understanding.calendar_tags import tags
from bot.understanding.letters import body
from bot.understanding.numbers import duration, number
from bot.understanding.periods import Found, Moment, periods_in
from bot.understanding.phrases import Vocabulary
from bot.understanding.spelling import Spelling
from bot.understanding.words import Word, listed

MOST_WORDS = 60
"""Words of a message, greeting left out, in which its wish is looked for."""

LONG, SHORT = "{period}", "{day}"
"""Marks of periods: people pay by the quarter and borrow for a day."""

_CURRENCY = frozenset({"€", "euro", "euros", "eur", "balles", "eurootjes", "eurokes"})
_HOUR = listed(
    "h u heure heures uur uren uurtje uurtjes stunde stunden std stdn hour hours hr hrs uhr am pm minutes minuten min"
)


_TIED_BEFORE = re.compile(r"[^\W\d_]+-$")
_TIED_BEHIND = re.compile(r"-[^\W\d_]+|'s\b")
_PAUSE = re.compile(r"[,.!?;:\n()]| - ")


@dataclass(frozen=True, slots=True)
class Line:
    """`said` are the words of the message without greeting and closing, `spoken` their tags of the calendar; `marks` what the scoring
    sees of them, each with the words (from, up to but not including) that it stands for."""

    text: str
    language: str
    said: Sequence[Word]
    spoken: Sequence[str]
    marks: Sequence[str]
    places: Sequence[tuple[int, int]]

    def written(self, first: int, last: int) -> str:
        """What the person wrote for the marks from `first` to `last`, both included, with what a hyphen or apostrophe ties to it."""
        start, end = self.said[self.places[first][0]].start, self.said[self.places[last][1] - 1].end
        if tied := _TIED_BEFORE.search(self.text[:start]):
            start = tied.start()
        tied = _TIED_BEHIND.match(self.text, end)
        if tied and (tied[0][0] == "-" or self.language == "nl"):
            end = tied.end()
        return self.text[start:end]

    def pause_before(self, mark: int) -> bool:
        """Whether a comma, a stop or the like stands between this mark and the one before."""
        if mark == 0:
            return False
        behind = self.said[self.places[mark - 1][1] - 1].end
        return _PAUSE.search(self.text, behind, self.said[self.places[mark][0]].start) is not None

    def capital(self, mark: int) -> bool:
        """Whether the mark was written with a capital."""
        return self.text[self.said[self.places[mark][0]].start].isupper()


def line(
    text: str, everything: Sequence[Word], language: str, vocabulary: Vocabulary, spelling: Spelling, moment: Moment
) -> Line:
    """`text` is cleaned, `everything` its words."""
    if not everything:
        return Line(text, language, (), (), (), ())
    start, end = body(everything, text, vocabulary)
    said = everything[start:end][:MOST_WORDS]
    spoken = tags(said, text, language)
    marks, places = marked(said, language, periods_in(spoken, moment))
    return Line(text, language, said, spoken, [spelling(mark) for mark in marks], places)


def marked(said: Sequence[Word], language: str, times: Sequence[Found]) -> tuple[list[str], list[tuple[int, int]]]:
    marks: list[str] = []
    places: list[tuple[int, int]] = []
    spans = {found.start: found for found in times}
    spoken = [word.plain for word in said]
    at = 0
    while at < len(said):
        word, end = spoken[at], at + 1
        if at in spans:
            mark, end = SHORT if spans[at].size in ("day", "today", "week") else LONG, spans[at].end
        elif lasting := duration(spoken, at, language):
            mark, end = "{hours}", lasting[0]
        elif word[0].isdecimal() or word == "€" or number(word, language) is not None:
            mark, end = _number(said, at, language)
        else:
            mark = word
        marks.append(mark)
        places.append((at, end))
        at = end
    return marks, places


def _number(said: Sequence[Word], at: int, language: str) -> tuple[str, int]:
    """A sum of money, hours, or a number by itself; a number word by itself stays a word."""
    word = said[at].plain
    following = said[at + 1].plain if at + 1 < len(said) else ""
    if word == "€":
        return ("{amount}", at + 2) if following[:1].isdecimal() else (word, at + 1)
    if following in _CURRENCY:
        return "{amount}", at + 2
    if following in _HOUR:
        further = said[at + 2] if at + 2 < len(said) else None
        glued = further is not None and further.plain.isdecimal() and further.start == said[at + 1].end
        return "{hours}", at + 3 if glued else at + 2
    return ("0" if word[0].isdecimal() else word), at + 1
