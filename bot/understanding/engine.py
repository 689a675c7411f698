"""From what somebody wrote to what they want: the intent, its slots, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import add
from typing import Any

from bot.understanding import weights
from bot.understanding.agenda import asks_for_agenda
from bot.understanding.commands import command, spoken_command
from bot.understanding.concepts import Concepts
from bot.understanding.features import features, language_features
from bot.understanding.linear import Linear
from bot.understanding.lines import LONG, SHORT, Line
from bot.understanding.periods import Moment
from bot.understanding.phrases import Vocabulary
from bot.understanding.slots import Filler
from bot.understanding.spelling import Spelling
from bot.understanding.words import Word, cleaned, listed, words
from core.kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES
from core.kernel.periods import CALENDAR_YEAR, Period
from core.messaging.intent import Intent

NONE = "none"

OWN_LANGUAGE = 0.6
"""What the language that a person chose is worth when the language of a line is told."""

NEAR_LANGUAGE = 0.5
"""A second language this near to the first is read as well."""

FOR_NONE = 0.5
"""What `none` is given beforehand: an order taken wrongly is worse than a question back."""

FOR_UNKNOWN = 0.4
"""What `none` is given besides for a line whose words are all unknown."""

FOR_CHARGES = 0.1
"""What questions of money are given beforehand: they are asked most."""

UNSURE = 40
"""The confidence below which nothing is understood."""

CONFIDENT, BY_SCORE, BY_MARGIN = 0.31, 2.05, 1.92
"""How score and lead over the second make a confidence: fitted on one half of the lines kept apart, borne out on the other.
Of readings at 95 or more 99 in 100 are right, of those below 50 one in three."""


MOMENTS = frozenset({LONG, SHORT})
JOINS = listed("{hours} a vers om rond um gegen at around et en und and ou of oder or svp aub bitte please")
"""What may stand beside days and periods in a line that names nothing else."""
LONGEST_MOMENT = 8
"""Words of such a line."""
MONTH, QUARTER = 28, range(89, 93)
"""Days of a month or more, of which money is the matter, and of three months."""
FOR_A_QUARTER = 60
"""How sure it is, of 100, that a quarter by itself asks what is owed for it."""

LONGEST_HELP = 12
"""Hours that somebody helps in a day at most; more is the time on a clock."""


def makes_sense(name: str, slots: Mapping[str, Any]) -> bool:
    """Whether a wish can be meant with these slots: a vote says how or on what, help lasted no longer than a day's work."""
    if name == "assembly.vote":
        return "choice" in slots or "item" in slots
    if name == "sel.done":
        return bool(slots.get("hours", 0) <= LONGEST_HELP)
    return True


def _beforehand(intent: str) -> float:
    return FOR_NONE if intent == NONE else FOR_CHARGES if intent.startswith("charges.") else 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. `confidence`: 0 to 100; `language`: of the text; `likely`: the three most likely intents, best first.

    `when`: of a line that names a day or a period and wants nothing of it, that period as a slot says it; "" where it is not clear.
    """

    intent: Intent
    confidence: int
    language: str
    likely: tuple[str, ...]
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """Reads messages in four languages; pure, and safe to share."""

    language_of: Linear
    intent_of: Linear
    fillers: Mapping[str, Filler]
    beforehand: tuple[float, ...]
    """What each intent is given before anything is read."""

    @classmethod
    def load(cls) -> Understanding:
        """Reads the word lists and the weights that lie beside this module, once."""
        learnt = weights.read()
        fillers = {
            language: Filler(
                Vocabulary.read(language),
                Concepts.read(language),
                Spelling.of(language, learnt.known[language]),
                learnt.inside,
            )
            for language in LANGUAGES
        }
        return cls(learnt.language_of, learnt.intent_of, fillers, tuple(map(_beforehand, learnt.intent_of.labels)))

    def read(
        self, text: str, *, language: str | None, today: date, year_start: tuple[int, int] = CALENDAR_YEAR
    ) -> Reading:
        """The wish in a text. `language`: the one that the person chose; another one is found out where the text is in another.

        `today` is the day that periods are relative to, `year_start` (month, day) where the building's quarters begin to count.
        Never raises; what is unsure is `none`.
        """
        own = language if language in LANGUAGES else None
        said = cleaned(text)
        if (ordered := command(said)) is not None:
            return self._command(ordered, said, own, today, year_start)
        if (tongue := asks_for_agenda(said)) is not None:
            return Reading(Intent("help", {"about": "todo"}), 100, tongue, ("help",))
        if not any(sign.isalpha() for sign in said):
            # A number alone is the number of a choice, or of a telephone; never a wish by itself.
            return Reading(Intent(NONE), 0, own or DEFAULT_LANGUAGE, ())
        best: tuple[float, Line, list[float]] | None = None
        everything = words(said)
        if len(everything) <= LONGEST_MOMENT and (read := self._moment(said, everything, own, today, year_start)):
            return self._only_when(read, today, year_start)
        for candidate in self._languages(everything, own):
            read = self.fillers[candidate].line(said, everything, Moment(today, year_start))
            scores = self._scores(read)
            if best is None or max(scores) > best[0] + 0.1:
                best = max(scores), read, scores
        assert best is not None
        return self._judged(best[1], best[2], today, year_start)

    def _languages(self, everything: Sequence[Word], own: str | None) -> Sequence[str]:
        """The language of a text, and a second one where that is nearly as likely; their own where all its words are of that one."""
        marks = [word.plain for word in everything[:40]]
        if own and all(map(self.fillers[own].knows, marks)):
            return (own,)
        scores = dict(zip(self.language_of.labels, self.language_of.scores(language_features(marks)), strict=True))
        if own:
            scores[own] += OWN_LANGUAGE
        first, second, *_ = sorted(scores, key=scores.__getitem__, reverse=True)
        return (first, second) if scores[first] - scores[second] < NEAR_LANGUAGE else (first,)

    def _moment(
        self, said: str, everything: Sequence[Word], own: str | None, today: date, year_start: tuple[int, int]
    ) -> Line | None:
        """The line where it names a day or a period and nothing else; None for others, and for the greeting `Morgen!`."""
        if said.rstrip().endswith("!") and everything[-1].plain == "morgen":
            return None
        for candidate in dict.fromkeys((*([own] if own else []), *self._languages(everything, own))):
            read = self.fillers[candidate].line(said, everything, Moment(today, year_start))
            if not MOMENTS.isdisjoint(read.marks) and all(mark in MOMENTS or mark in JOINS for mark in read.marks):
                return read
        return None

    def _only_when(self, read: Line, today: date, year_start: tuple[int, int]) -> Reading:
        """What is owed for a quarter that is named alone; of other periods, and of days, it is not known what is wanted."""
        filler = self.fillers[read.language]
        asked, ahead = (
            filler.fill(name, read, today, year_start).get("period", "") for name in ("charges.owed", "loans.borrow")
        )
        days = Period.parse(asked).days if asked else 0
        if days in QUARTER:
            return Reading(Intent("charges.owed", {"period": asked}), FOR_A_QUARTER, read.language, ("charges.owed",))
        if days >= MONTH:
            return Reading(Intent(NONE), UNSURE, read.language, ("charges.owed", "charges.expenses"), asked)
        likely = ("notices.browse", "loans.borrow", "charges.owed")
        return Reading(Intent(NONE), UNSURE, read.language, likely, ahead)

    def _scores(self, read: Line) -> list[float]:
        filler = self.fillers[read.language]
        return self.intent_of.scores(features(read.marks, filler.vocabulary, filler.concepts))

    def _judged(self, read: Line, scores: list[float], today: date, year_start: tuple[int, int]) -> Reading:
        labels = self.intent_of.labels
        scores = list(map(add, scores, self.beforehand))
        scores[labels.index(NONE)] += FOR_UNKNOWN * self.fillers[read.language].strangeness(read)
        order = sorted(range(len(labels)), key=scores.__getitem__, reverse=True)[:4]
        likely = tuple(labels[place] for place in order if labels[place] != NONE)[:3]
        top, margin = scores[order[0]], scores[order[0]] - scores[order[1]]
        confidence = round(100 / (1 + math.exp(-(CONFIDENT + BY_SCORE * top + BY_MARGIN * margin))))
        name = labels[order[0]]
        if name == NONE or confidence < UNSURE:
            if self.fillers[read.language].only_greets(read):
                return Reading(Intent("greet"), 70, read.language, ("greet", *likely)[:3])
            return Reading(Intent(NONE), confidence, read.language, likely)
        slots = self.fillers[read.language].fill(name, read, today, year_start)
        if not makes_sense(name, slots):
            return Reading(Intent(NONE), confidence, read.language, likely)
        return Reading(Intent(name, slots), confidence, read.language, likely)

    def _command(
        self, ordered: Intent, said: str, own: str | None, today: date, year_start: tuple[int, int]
    ) -> Reading:
        """A command, with the slots that the words behind it fill."""
        slots: dict[str, Any] = {}
        behind = spoken_command(said)
        tongue = own or DEFAULT_LANGUAGE
        if behind is not None and behind.rest:
            everything = words(behind.rest)
            tongue = self._languages(everything, own)[0]
            read = self.fillers[tongue].line(behind.rest, everything, Moment(today, year_start))
            slots = self.fillers[tongue].fill(ordered.name, read, today, year_start)
        return Reading(Intent(ordered.name, slots | dict(ordered.slots)), 100, own or tongue, (ordered.name,))


def as_json(text: str, reading: Reading) -> dict[str, Any]:
    """What `koprogo understand` prints for a line."""
    return {
        "text": text,
        "lang": reading.language,
        "intent": reading.intent.name,
        "confidence": round(reading.confidence / 100, 2),
        "slots": dict(reading.intent.slots),
    }
