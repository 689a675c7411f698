"""Fills the slots of an intent from the words of a line. What the words do not clearly give stays absent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.understanding.calendar_words import CALENDAR_WORDS
from bot.understanding.concepts import Concepts
from bot.understanding.letters import greets
from bot.understanding.linear import Linear
from bot.understanding.lines import Line, line
from bot.understanding.numbers import hours, number, quiet_hours
from bot.understanding.periods import Found, Moment, periods_in
from bot.understanding.phrases import Vocabulary
from bot.understanding.slot_words import CHANNELS, LANGUAGES, LEADING, STAYS_AWAY, TITLES, TRAILING, VOTES
from bot.understanding.spans import INSIDE, SLOT_OF, best_run, word_features
from bot.understanding.spelling import Spelling
from bot.understanding.words import Word, listed

WITH_PERIOD = frozenset(
    {
        "charges.owed",
        "charges.explain",
        "charges.expenses",
        "charges.statement",
        "documents.get",
        "assembly.results",
        "loans.borrow",
        "sel.request",
    }
)
LOOKS_AHEAD = frozenset({"loans.borrow", "loans.available", "sel.request", "sel.offer"})

Slots = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filler:
    """What is needed to fill slots in one language."""

    vocabulary: Vocabulary
    concepts: Concepts
    spelling: Spelling
    inside: Linear

    def line(self, text: str, everything: Sequence[Word], moment: Moment) -> Line:
        """A cleaned text and its words as a line of this language."""
        return line(text, everything, self.vocabulary.language, self.vocabulary, self.spelling, moment)

    def knows(self, word: str) -> bool:
        """Whether a plain word is one of this language as it stands."""
        return self.spelling.knows(word) or (word,) in CALENDAR_WORDS[self.vocabulary.language]

    def strangeness(self, read: Line) -> float:
        """The share (0 to 1) of the words with a meaning that nobody taught us."""
        telling = [mark for mark in read.marks if mark not in self.vocabulary.stop and mark.isalpha()]
        return sum(not self.spelling.familiar(mark) for mark in telling) / len(telling) if telling else 0.0

    def only_greets(self, read: Line) -> bool:
        """Whether a line is a greeting and hardly anything else."""
        return (
            0 < len(read.said) <= MOST_WORDS_OF_A_GREETING
            and "?" not in read.text
            and greets(read.said, self.vocabulary)
        )

    def fill(self, intent: str, read: Line, today: date, year_start: tuple[int, int]) -> Slots:
        slots: Slots = {}
        name = SLOT_OF.get(intent)
        if name and (phrase := self._phrase(intent, read)):
            slots[name] = phrase
        if rule := _RULES.get(intent):
            slots.update(rule(read))
        if intent in WITH_PERIOD:
            moment = Moment(today, year_start, ahead=intent in LOOKS_AHEAD, next_month=intent == "charges.owed")
            if period := _period(intent, periods_in(read.spoken, moment)):
                slots["period"] = period
        return slots

    def _phrase(self, intent: str, read: Line) -> str | None:
        """The core phrase of the open slot as written, without article."""
        if SLOT_OF[intent] == "person" and (name := _named(read)):
            return name
        run = best_run(self._judged(intent, read), [read.pause_before(at) for at in range(len(read.marks))], LEAST_SUM)
        if run is None:
            return None
        first, last = run
        leading, trailing = _LEADING[read.language], _TRAILING[read.language]
        if intent.startswith("sel."):
            leading = leading - _POSSESSIVE
        if intent.startswith("charges."):
            trailing = trailing | _COSTS
        while first <= last and read.marks[first] in leading:
            first += 1
        if read.language == "de" and SLOT_OF[intent] in ("item", "topic"):
            nouns = [at for at in range(first, last + 1) if at and read.capital(at)]
            last = nouns[-1] if nouns else last
        while last >= first and read.marks[last] in trailing:
            last -= 1
        if all(mark in _POSSESSIVE for mark in read.marks[first : last + 1]):
            return None  # also where nothing is left: `my` alone names nothing
        return read.written(first, last).strip(" '\"«»") or None

    def _judged(self, intent: str, read: Line) -> list[float]:
        """How much each word looks as if it stood inside the slot; what is a time, a sum or hours never does."""
        inside = self.inside.labels.index(INSIDE)
        scores = []
        for at, mark in enumerate(read.marks):
            if mark[0] == "{":
                scores.append(-9.0)
                continue
            seen = word_features(read.marks, at, intent, self.vocabulary, self.concepts, capital=read.capital(at))
            score = self.inside.scores(seen)[inside] + (0.0 if mark in self.vocabulary.stop else FOR_CONTENT)
            scores.append(min(score, 0.0) if mark == "0" else score)
        return scores


def _named(read: Line) -> str | None:
    """A name that shows: a title and what follows it, or, but in German, the one word with a capital inside a sentence."""
    for at, mark in enumerate(read.marks[:-1]):
        if mark in TITLES and (mark not in ("m", "hr") or read.capital(at)):
            last = at + 1
            while (
                last + 1 < len(read.marks)
                and read.capital(last + 1)
                and read.capital(last)
                and not read.pause_before(last + 1)
            ):
                last += 1
            return read.written(at, last)
    if read.language == "de":
        return None
    capitals = [
        at
        for at in range(1, len(read.marks))
        if read.capital(at)
        and not read.pause_before(at)
        and read.marks[at][0] != "{"
        and not read.written(at, at).isupper()
    ]
    if not capitals or capitals[-1] - capitals[0] >= len(capitals):
        return None
    return read.written(capitals[0], capitals[-1])


MOST_WORDS_OF_A_GREETING = 6

LEAST_SUM, FOR_CONTENT = 0.15, 0.3
"""What a run of words must sum up to, and what a word that carries meaning is given beforehand."""

_POSSESSIVE = listed(
    "mon ma mes notre nos mijn m n ons onze mein meine meinen meinem meiner unser unsere unseren my our"
)
_COSTS = listed("costs part kosten kost charges bill bills note notes")

_LEADING = {language: frozenset(entries.split()) for language, entries in LEADING.items()}
_TRAILING = {language: frozenset(entries.split()) for language, entries in TRAILING.items()}


def _period(intent: str, found: Sequence[Found]) -> str | None:
    """The first clear period; about money a longer one before a single day, and never just today."""
    clear = [one for one in found if one.period is not None]
    if intent.startswith("charges."):
        clear = [one for one in clear if one.size not in ("day", "today", "week")] or [
            one for one in clear if one.size == "day"
        ]
    elif intent not in LOOKS_AHEAD:
        clear = [one for one in clear if one.size not in ("day", "today")]
    return str(clear[0].period) if clear else None


def _spoken(line: Line) -> str:
    """The plain words of the line with one space between them."""
    return " ".join(word.plain for word in line.said)


def _signed(line: Line) -> str:
    """The text of the line in lower case, with its signs."""
    if not line.said:
        return ""
    said = re.sub(r"\s+", " ", line.text[line.said[0].start : line.said[-1].end])
    return said.casefold().translate(_PLAINER)


_PLAINER = str.maketrans("àéèêôöü", "aeeeoou")


_POINT = (
    r"(?:agenda ?|tagesordnungs)?(?:punt(?:je)?|points?|pts?|pnt|punkte?s?|top|items?|numeros?|nummer|number|num|nr|no|n|"
    r"resolutions?|besluit|beschluss|vraag|question|motion)"
)
_ITEM = re.compile(rf"\b{_POINT}(?: (?:°|numero|nummer|number|nr|no|n|der tagesordnung|de l ordre du jour))* (\w+)\b")
_ITEM_BEFORE = re.compile(rf"\b(\d+) (?:e|er|eme|de|ste|st|nd|rd|th) {_POINT}\b")


def _vote(line: Line) -> Slots:
    slots: Slots = {}
    spoken = _spoken(line)
    if match := _ITEM_BEFORE.search(spoken) or _ITEM.search(spoken):
        value = number(match[1], line.language)
        if value is not None:
            slots["item"] = str(value)
    if "item" not in slots:
        digits = [word.plain for word in line.said if word.plain.isdecimal() and len(word.plain) < 3]
        if len(digits) == 1:
            slots["item"] = digits[0]
        elif ordinals := [_ORDINALS[word.plain] for word in line.said if word.plain in _ORDINALS]:
            slots["item"] = str(ordinals[0])
    for choice, pattern in _VOTES:
        if pattern.search(spoken):
            slots["choice"] = choice
            break
    return slots


_ORDINALS = {
    word: value
    for value, entries in enumerate(
        (
            "premier eerste erste ersten first",
            "deuxieme tweede zweite zweiten second",
            "troisieme derde dritte dritten third",
            "quatrieme vierde vierte vierten fourth",
        ),
        start=1,
    )
    for word in entries.split()
}
_VOTES = [(choice, re.compile(pattern)) for choice, pattern in VOTES.items()]
_STAYS_AWAY = re.compile(STAYS_AWAY)


def _attending(line: Line) -> Slots:
    return {"attending": "no" if _STAYS_AWAY.search(_spoken(line)) else "yes"}


def _hours(line: Line) -> Slots:
    count = hours(_signed(line), line.language)
    if count is None:
        count = hours(_spoken(line), line.language)
    return {} if count is None else {"hours": count}


def _language(line: Line) -> Slots:
    """The language asked for: not one that the person has (`my French is weak`) or leaves (`from Dutch to`, `no French`)."""
    best: tuple[int, str] | None = None
    for at, word in enumerate(line.said):
        code = _LANGUAGE_OF.get(word.plain)
        if code is None:
            continue
        before = [earlier.plain for earlier in line.said[max(0, at - 2) : at]]
        near, far = before[-1:], before[:-1]
        score = 2 * bool(_TOWARDS & set(near)) - 4 * bool(_AWAY & set(near)) - 3 * bool(_AWAY & set(far))
        if best is None or score > best[0]:
            best = score, code
    return {"language": best[1]} if best else {}


_LANGUAGE_OF = {word: code for code, entries in LANGUAGES.items() for word in entries.split()}
_TOWARDS = listed("en in to naar auf au into op vers het le l aan")
_AWAY = listed(
    "mon ma my mijn mein meine van from du von vom de pas not niet kein keine nicht no geen plus mehr instead lieu plaats statt "
    "than dan als que"
)


def _notify(line: Line) -> Slots:
    slots = _channel(line)
    if quiet := quiet_hours(_signed(line)):
        slots["hours"] = quiet
    return slots


def _channel(line: Line) -> Slots:
    """The one channel that is named; none where several are."""
    spoken = _spoken(line)
    named = [channel for channel, pattern in _CHANNELS if pattern.search(spoken)]
    return {"channel": named[0]} if len(named) == 1 else {}


_CHANNELS = [(channel, re.compile(pattern)) for channel, pattern in CHANNELS.items()]


def _note(line: Line) -> Slots:
    """What is to stand on the board: all that follows a colon."""
    if not line.said:
        return {}
    end = line.said[-1].end
    while end < len(line.text) and line.text[end] in ".!?)»\"'":
        end += 1
    said = line.text[line.said[0].start : end]
    head, colon, rest = said.partition(":")
    if colon and len(rest.split()) >= 2 and not head[-1:].isdecimal():
        return {"text": rest.strip().strip("\"«»'").strip()}
    return {}


_OR = re.compile(r"\s*,\s*(?:ou|of|oder|or)\s+|\s+(?:ou bien|ofwel|ou|of|oder|or)\s+", re.IGNORECASE)


def _poll(line: Line) -> Slots:
    """The question behind the colon, and the choices around `or`."""
    slots: Slots = {}
    if not line.said:
        return slots
    end = line.said[-1].end
    if mark := re.match(r"\s*[?!]+", line.text[end:]):
        end += mark.end()
    said = line.text[line.said[0].start : end]
    head, colon, rest = said.partition(":")
    asked = rest.strip() if colon and len(rest.split()) >= 2 and not head[-1:].isdecimal() else said.strip()
    if colon and asked != said.strip() and "?" in asked:
        slots["question"] = asked
    if choices := _choices(asked, line.language):
        slots["choices"] = choices
    return slots


def _choices(asked: str, language: str) -> list[str]:
    """What stands around `or` (or `between X and Y`), cut so that the choices look alike."""
    between = _BETWEEN.search(asked)
    parts = [between[1], between[2]] if between else _OR.split(asked.rstrip("?!. "))
    if not 2 <= len(parts) <= 6:
        return []
    pieces = [piece for part in parts for piece in re.split(r"\s*[,;:]\s+", part) if piece]
    *earlier, last = pieces
    if len(parts) == 2 and "," not in parts[0]:
        earlier = earlier[-1:]
    reach = len(last.split())
    found = [_bare(_tail(piece, last, reach), language) for piece in earlier] + [_bare(last, language)]
    return found if all(found) and len(found) > 1 else []


def _tail(piece: str, last: str, reach: int) -> str:
    """The end of a piece that answers to the last choice: from the word that both begin with, or as many words."""
    said, opening = piece.split(), last.split()[0].casefold()
    alike = [at for at, word in enumerate(said) if word.casefold() == opening]
    return " ".join(said[alike[-1] :] if alike else said[-reach:])


_BETWEEN = re.compile(r"\b(?:entre|tussen|between|zwischen)\s+(.+?)\s+(?:et|en|and|und)\s+(\S+)", re.IGNORECASE)


def _bare(piece: str, language: str) -> str:
    said = piece.strip(" ,;:.!?\"'").split()
    while len(said) > 1 and said[0].casefold() in _LEADING[language]:
        said = said[1:]
    return " ".join(said)


_RULES: Mapping[str, Callable[[Line], Slots]] = {
    "assembly.vote": _vote,
    "assembly.attend": _attending,
    "sel.done": _hours,
    "settings.language": _language,
    "settings.notify": _notify,
    "settings.link": _channel,
    "notices.post": _note,
    "polls.create": _poll,
}
