"""The days that somebody means who is asked from when until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.turn import Turn
from bot.understanding import picked
from bot.understanding.periods import Moment, periods
from bot.understanding.words import cleaned, words
from core.kernel.clock import local_day
from core.kernel.i18n import LANGUAGES
from core.kernel.periods import Period
from core.kernel.text import Text, say

SATURDAY = 5


def offered(today: date) -> list[tuple[Text, Period]]:
    """What is offered as buttons: today, tomorrow and Saturday, each once."""
    saturday = today + timedelta(days=(SATURDAY - today.weekday()) % 7)
    named = [("today", today), ("tomorrow", today + timedelta(days=1)), ("saturday", saturday)]
    found: dict[date, tuple[Text, Period]] = {}
    for name, day in named:
        found.setdefault(day, (say(f"loans.choice.{name}"), Period(day, day)))
    return list(found.values())


def ahead(days: Period, today: date) -> Period:
    """`this week`, said on Wednesday, begins today; what is over already stays over."""
    return Period(max(days.first, today), days.last) if days.last >= today else days


def said(turn: Turn, choices: Sequence[str] = ()) -> Period | None:
    """The days that a message names; by the number of one of the `choices` too, periods as they are written. None where it names none."""
    text, today = turn.waiting.text, local_day(turn.uow.now)
    number = picked(text)
    if number is not None and 1 <= number <= len(choices):
        return Period.parse(choices[number - 1])
    heard = cleaned(text)
    # Whoever was spoken to in one language may answer in another: his own first.
    for language in (turn.language, *(each for each in LANGUAGES if each != turn.language)):
        clear = [
            found.period for found in periods(words(heard), heard, language, Moment(today, ahead=True)) if found.period
        ]
        if clear:
            return ahead(Period(clear[0].first, max(clear[0].last, clear[-1].last)), today)
    return None
