"""Fills the slots of an intent from the words of a line. What the words do not clearly give stays absent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.understanding.concepts import Concepts
from bot.understanding.linear import Linear
from bot.understanding.lines import Line
from bot.understanding.numbers import hours, number, quiet_hours
from bot.understanding.periods import Found, Moment, periods
from bot.understanding.phrases import Vocabulary
from bot.understanding.slot_words import CHANNELS, LANGUAGES, LEADING, STAYS_AWAY, TRAILING, VOTES
from bot.understanding.spans import INSIDE, SLOT_OF, best_run, word_features

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
    inside: Linear

    def fill(self, intent: str, line: Line, today: date, year_start: tuple[int, int]) -> Slots:
        slots: Slots = {}
        if name := SLOT_OF.get(intent):
            if phrase := self._phrase(intent, line):
                slots[name] = phrase
        if rule := _RULES.get(intent):
            slots.update(rule(line))
        if intent in WITH_PERIOD:
            moment = Moment(today, year_start, ahead=intent in LOOKS_AHEAD, next_month=intent == "charges.owed")
            if period := _period(intent, periods(line.said, line.text, line.language, moment)):
                slots["period"] = period
        return slots

    def _phrase(self, intent: str, line: Line) -> str | None:
        """The core phrase of the open slot as written, without article."""
        inside = self.inside.labels.index(INSIDE)
        scores = [
            -9.0 if mark[0] == "{" else self.inside.scores(word_features(line.marks, at, intent, self.vocabulary, self.concepts))[inside]
            for at, mark in enumerate(line.marks)
        ]
        run = best_run(scores)
        if run is None:
            return None
        first, last = run
        leading, trailing = _LEADING[line.language], _TRAILING[line.language]
        while first <= last and line.marks[first] in leading:
            first += 1
        while last >= first and line.marks[last] in trailing:
            last -= 1
        if first > last or not any(scores[at] > 0 for at in range(first, last + 1)):
            return None
        return line.written(first, last).strip(" '\"«»")


_LEADING = {language: frozenset(entries.split()) for language, entries in LEADING.items()}
_TRAILING = {language: frozenset(entries.split()) for language, entries in TRAILING.items()}


def _period(intent: str, found: Sequence[Found]) -> str | None:
    """The first clear period; about money a longer one before a single day, and never just today."""
    clear = [one for one in found if one.period is not None]
    if intent.startswith("charges."):
        clear = [one for one in clear if one.size not in ("day", "today", "week")] or [one for one in clear if one.size == "day"]
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
    return re.sub(r"\s+", " ", line.text[line.said[0].start : line.said[-1].end]).casefold().replace("à", "a").replace("é", "e").replace("è", "e")


_ITEM = re.compile(
    r"\b(?:agenda ?)?(?:punt(?:je)?|points?|pts?|pnt|punkte?s?|top|items?|agendapunt|tagesordnungspunkt|numeros?|nummer|number|num|nr|no|n|resolutions?|besluit|beschluss|vraag|question|motion)"
    r"(?: ?(?:°|numero|nummer|number|nr|no|n|der tagesordnung|de l ordre du jour))* (\w+)\b"
)


def _vote(line: Line) -> Slots:
    slots: Slots = {}
    spoken = _spoken(line)
    if match := _ITEM.search(spoken):
        value = number(match[1], line.language)
        if value is not None:
            slots["item"] = str(value)
    if "item" not in slots:
        digits = [word.plain for word in line.said if word.plain.isdecimal() and len(word.plain) < 3]
        if len(digits) == 1:
            slots["item"] = digits[0]
        elif match := re.search(r"\b(premier|deuxieme|troisieme|eerste|tweede|derde|vierde|ersten?|zweiten?|dritten?|first|second|third|fourth)\b", spoken):
            slots["item"] = str(_ORDINALS[match[1].rstrip("n") if match[1] in ("ersten", "zweiten", "dritten") else match[1]])
    for choice, pattern in _VOTES:
        if pattern.search(spoken):
            slots["choice"] = choice
            break
    return slots


_ORDINALS = {
    word: value
    for value, entries in enumerate(
        ("premier eerste erste first", "deuxieme tweede zweite second", "troisieme derde dritte third", "vierde fourth"), start=1
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
        score = 2 * bool(before and before[-1] in _TOWARDS) - 4 * bool(before and before[-1] in _AWAY) - 3 * bool(_AWAY & set(before[:-1]))
        if best is None or score > best[0]:
            best = score, code
    return {"language": best[1]} if best else {}


_LANGUAGE_OF = {word: code for code, entries in LANGUAGES.items() for word in entries.split()}
_TOWARDS = frozenset("en in to naar auf au into op vers het le l aan".split())
_AWAY = frozenset(
    "mon ma my mijn mein meine van from du von vom de pas not niet kein keine nicht no geen plus mehr instead lieu plaats statt than dan als que".split()
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
    while end < len(line.text) and line.text[end] in "?!":
        end += 1
    said = line.text[line.said[0].start : end]
    head, colon, rest = said.partition(":")
    asked = rest.strip() if colon and len(rest.split()) >= 2 and not head[-1:].isdecimal() else said.strip()
    if colon and asked != said.strip() and "?" in asked:
        slots["question"] = asked
    if choices := _choices(asked, line.language):
        slots["choices"] = choices
    return slots


def _choices(asked: str, language: str) -> list[str]:
    parts = _OR.split(asked.rstrip("?!. "))
    if not 2 <= len(parts) <= 6:
        return []
    *first, last = parts
    head = first[0]
    if "," in head:
        *_, head = re.split(r"[,:]\s*", head)
        earlier = [piece.strip() for piece in re.split(r"[,:]\s*", first[0])[1:-1]]
    else:
        earlier = []
    reach = max(1, len(last.split()))
    if len(head.split()) > reach + 1:
        head = " ".join(head.split()[-reach:])
    found = [_bare(piece, language) for piece in (*earlier, head, *first[1:], last)]
    return [piece for piece in found if piece] if all(found) else []


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
