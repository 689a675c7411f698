"""What somebody wants about being told things, beyond the slots: `not after 8 pm`, `no more e-mails`, `stop`, `until 5 August`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from bot.understanding.commands import RESUME, spoken_command
from bot.understanding.numbers import quiet_hours
from bot.understanding.periods import Moment, periods
from bot.understanding.words import cleaned, words

AT_ONCE, DAILY, WEEKLY = "at_once", "daily", "weekly"

_NOT = re.compile(
    r"\b(?:pas|plus (?:de|d|rien|jamais|aucun\w*)|ne \w+(?: \w+)? plus|jamais|rien|aucun\w*|sans|silence|calme|niet|geen|nooit|niets|niks|"
    r"stil|stilte|rust|nicht|kein\w*|nie|nichts|ruhe|no|not|don t|dont|never|nothing|without|quiet|stop\w*|arret\w*)\b"
)
_ONLY = re.compile(
    r"\b(?:seulement|uniquement|exclusivement|juste|que par|que sur|que via|qu entre|alleen|enkel|uitsluitend|nur|ausschliesslich|"
    r"only|just)\b"
)
_STOP = re.compile(
    r"\b(?:stop\w*|arret\w*|cess\w+|desabonn\w*|desinscri\w*|desactiv\w*|coup\w+ les|plus (?:de|aucun|d)|ne \w+(?: \w+)? plus|unsubscribe|"
    r"uitschrijven|schrijf \w+ uit|uitzetten|zet \w+(?: \w+)? uit|geen \w+ meer|niets meer|niks meer|niet meer|abmelden|abbestellen|"
    r"ausschalten|stummschalten|stumm|keine? \w+ mehr|nichts mehr|nicht mehr|no more|any ?more|mute|turn off|switch off)\b"
)
_AGAIN = re.compile(
    r"\b(?:recommence\w*|reprend\w*|reprise|reactiv\w*|a nouveau|de nouveau|opnieuw|hervat\w*|terug aan|weer aan|wieder|fortsetzen|"
    r"again|resume|restart|back on|einschalten|aanzetten)\b"
)
_RESUMES = frozenset((*RESUME, "start", "start again"))
_NARROWER = re.compile(
    r"\b(?:nuit|soir\w*|matin\w*|week ?end\w*|dimanche\w*|samedi\w*|nachts?|avonds?|weekend|weekends|zondags?|zaterdags?|abends?|"
    r"wochenende\w*|sonntags?|samstags?|night\w*|evening\w*|sundays?|saturdays?|trop|autant|souvent|moins|te veel|zoveel|vaak|minder|"
    r"zu viele?|so viele?|oft|weniger|too many|too much|so many|so much|often|less|fewer|urgent\w*|dringend\w*|wichtig\w*|important\w*|"
    r"rappels?|herinnering\w*|erinnerung\w*|reminders?|convocations?|oproeping\w*|einberufung\w*|travail|werk|arbeit|work)\b"
)
_WEEKLY = re.compile(
    r"\b(?:hebdo\w*|(?:une|1) fois par semaine|1x par semaine|wekelijks\w*|(?:een|1) ?(?:keer|maal|x) (?:per|in de) week|eenmaal per week|"
    r"wochentlich\w*|einmal (?:pro|in der) woche|1x pro woche|weekly|once a week|one a week)\b"
)
_DAILY = re.compile(
    r"\b(?:quotidien\w*|(?:une|1) fois par jour|1x par jour|dagelijks\w*|(?:een|1) ?(?:keer|maal|x) per dag|eenmaal per dag|"
    r"taglich\w*|einmal (?:pro|am) tag|1x pro tag|daily|once a day|one a day)\b"
)
_AT_ONCE = re.compile(
    r"\b(?:tout de suite|immediatement|meteen|onmiddellijk|sofort|umgehend|at once|immediately|right away)\b"
)
_CLOCK = (
    r"(\d{1,2})(?:\s*[h:u.]\s*(\d{2}))?\s*(?:heures?|hrs?|h|uhr|uur|u|o ?clock)?\s*"
    r"(am|pm|du matin|du soir|s avonds|s morgens|abends|morgens)?(?!\w)"
)
_AFTER = re.compile(rf"\b(?:apres|a partir de|des|na|vanaf|nach|ab|after|from|past)\s+{_CLOCK}")
_BEFORE = re.compile(rf"\b(?:avant|voor|vor|before|until|jusqu a|tot|bis)\s+{_CLOCK}")
_LATEST_MORNING = 11


@dataclass(frozen=True, slots=True)
class Heard:
    """`stop`: everything; `again`: undo that. `only`: the channel is the only one, `without`: it is not wanted.

    `begin`, `end`: of quiet hours, where only one of them was said, or both. `away`: the last day of a holiday.
    """

    stop: bool = False
    again: bool = False
    only: bool = False
    without: bool = False
    begin: time | None = None
    end: time | None = None
    rhythm: str | None = None
    away: date | None = None


def heard(text: str, language: str, channel: str | None, today: date) -> Heard:
    """What a line that is about notifications asks for. What it does not clearly say is absent."""
    said = spoken_command(text)
    behind = said.rest if said is not None else text
    spoken = _spoken(behind)
    if said is not None and not spoken:
        return Heard(stop=said.name.startswith("stop"), again=said.name in _RESUMES)
    if spoken in ("stop", "stopp"):
        return Heard(stop=True)
    if spoken in _RESUMES:
        return Heard(again=True)
    rhythm = next(
        (name for name, pattern in ((WEEKLY, _WEEKLY), (DAILY, _DAILY), (AT_ONCE, _AT_ONCE)) if pattern.search(spoken)),
        None,
    )
    away = until(behind, language, today)
    begin, end = (None, None) if away else times(behind)
    refused, alone = bool(_NOT.search(spoken) or _STOP.search(spoken)), bool(_ONLY.search(spoken))
    narrow = bool(begin or end or rhythm or away or _NARROWER.search(spoken))
    again = not refused and bool(_AGAIN.search(spoken))
    return Heard(
        stop=channel is None and not narrow and not alone and not again and bool(_STOP.search(spoken)),
        again=again and channel is None and not narrow,
        only=channel is not None and (alone or not refused),
        without=channel is not None and refused and not alone and not narrow,
        begin=begin,
        end=end,
        rhythm=rhythm,
        away=away,
    )


def times(text: str) -> tuple[time | None, time | None]:
    """Begin and end of quiet hours as a text says them; None for what it leaves as it is.

    `only between 9 and 18` asks for quiet in the other hours.
    """
    spoken = _signed(text)
    only = bool(_ONLY.search(_spoken(text))) and not _NOT.search(_spoken(text))
    if both := quiet_hours(spoken):
        begin, end = (time.fromisoformat(each) for each in both.split("/"))
        return (end, begin) if only and begin < end else (begin, end)
    after, before = _time(_AFTER.search(spoken), evening=not only), _time(_BEFORE.search(spoken), evening=only)
    return (before, after) if only else (after, before)


def until(text: str, language: str, today: date) -> date | None:
    """The last day of the time that a text names, where that has begun or begins tomorrow."""
    said = cleaned(text)
    for found in periods(words(said), said, language, Moment(today, ahead=True)):
        if found.period is not None and found.period.last >= today and (found.period.first - today).days <= 1:
            return found.period.last
    return None


def day(text: str, language: str, today: date) -> date | None:
    """The last day of the first time that an answer to `until when?` names: `5 August`, `next week`."""
    said = cleaned(text)
    for found in periods(words(said), said, language, Moment(today, ahead=True)):
        if found.period is not None and found.period.last >= today:
            return found.period.last
    return None


def _time(match: re.Match[str] | None, *, evening: bool) -> time | None:
    """An hour of the clock. `evening`: an hour up to 11 that is not said to be of the morning is of the evening."""
    if match is None:
        return None
    hour, half = int(match[1]) % 24 if int(match[1]) <= 24 else 24, match[3] or ""
    if half in ("pm", "du soir", "s avonds", "abends") and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif not half and evening and 0 < hour <= _LATEST_MORNING and not match[1].startswith("0"):
        hour += 12
    minute = int(match[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _spoken(text: str) -> str:
    return " ".join(word.plain for word in words(cleaned(text)))


def _signed(text: str) -> str:
    """In lower case without accents, signs kept."""
    return " ".join(cleaned(text).casefold().translate(_PLAINER).split())


_PLAINER = str.maketrans("àâäçéèêëîïôöûüù'", "aaaceeeeiioouuu ")
