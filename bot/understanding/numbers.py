"""Numbers and spans of time as people write them in four languages: `drie`, `nonante-deux`, `2h30`, `anderhalf uur`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_UNITS = {
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien",
    "de": "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn "
    "achtzehn neunzehn",
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
}
_TENS = {
    "fr": "vingt trente quarante cinquante soixante septante octante nonante",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "de": "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
}
_OTHER = {
    "fr": {"une": 1, "dix-sept": 17, "dix-huit": 18, "dix-neuf": 19, "cent": 100},
    "nl": {"honderd": 100, "ene": 1},
    "de": {"ein": 1, "eine": 1, "einen": 1, "einer": 1, "zwo": 2, "fuenf": 5, "zwoelf": 12, "hundert": 100},
    "en": {"hundred": 100, "fourty": 40},
}


def _table(language: str) -> dict[str, int]:
    table = {word: value for value, word in enumerate(_UNITS[language].split())}
    table.update({word: 20 + 10 * step for step, word in enumerate(_TENS[language].split())})
    return table | _OTHER[language]


NUMBERS = {language: _table(language) for language in ("fr", "nl", "de", "en")}
"""Plain number words of each language (without accents)."""

_COMPOUND = {"nl": re.compile(r"(.+?)(?:en)(.+)"), "de": re.compile(r"(.+?)(?:und)(.+)")}


@lru_cache(maxsize=2048)
def number(word: str, language: str) -> int | None:
    """The whole number that one plain word says, as digits or in words (`vierentachtig`, `zweiundneunzig`)."""
    if word.isdecimal():
        return int(word) if len(word) < 10 else None
    table = NUMBERS[language]
    if word in table:
        return table[word]
    if language in _COMPOUND:
        match = _COMPOUND[language].fullmatch(word)
        if match:
            unit, ten = table.get(match[1]), table.get(match[2])
            if unit is not None and ten is not None and unit < 10 and ten >= 20:
                return unit + ten
    return None


_HOUR = r"(?:heures?|h|hrs?|hours?|uur|uren|uurtjes?|u|stunden?|std|stdn|stunde[n]?)"
_MINUTE = r"(?:minutes?|minuten|minuut|min|mins|mn)"
_GLUED = re.compile(
    r"(\d{1,3})\s*(?:h|u|uur|std)\s*(\d{2})(?!\d)|(\d{1,3}):(\d{2})\s*(?:h|u|uur|std|stunden|hours?|heures?)?"
)
_DECIMAL = re.compile(rf"(\d{{1,3}})[.,](\d{{1,2}})\s*{_HOUR}(?!\w)")
_WHOLE = re.compile(rf"(\d{{1,3}})\s*{_HOUR}(?!\w)")
_MINUTES = re.compile(rf"(\d{{1,3}})\s*{_MINUTE}(?!\w)")
_FRACTION = re.compile(rf"(\d{{1,3}})?\s*(1/2|1⁄2|1/4|1⁄4|3/4|3⁄4)\s*{_HOUR}(?!\w)")
_SHARES = {"1/2": 0.5, "1⁄2": 0.5, "1/4": 0.25, "1⁄4": 0.25, "3/4": 0.75, "3⁄4": 0.75}

_HALF_AFTER = (
    r"(?:\s+(?:et|en|und|and)\s+(?:une?\s+|een\s+|eine\s+|a\s+)?(demie?|half|halve?|halbe|quart|kwart|quarter|viertel))"
)
_SPOKEN: Sequence[tuple[re.Pattern[str], float]] = (
    (
        re.compile(
            r"\btrois quarts? d ?heures?\b|\bdrie ?kwartier\b|\bdreiviertel ?stunden?\b|\bthree quarters? of an hour\b"
        ),
        0.75,
    ),
    (
        re.compile(r"\bun quart d ?heure\b|\bkwartier(?:tje)?\b|\b(?:eine )?viertel ?stunde\b|\bquarter of an hour\b"),
        0.25,
    ),
    (re.compile(r"\banderhalf (?:uur|uurtje)\b|\banderthalb ?stunden?\b|\beineinhalb ?stunden?\b"), 1.5),
    (re.compile(r"\b(?:an|one) hour and a half\b|\bhour and a half\b"), 1.5),
    (
        re.compile(
            r"\b(?:een )?half ?uur(?:tje)?\b|\b(?:eine )?halbe ?stunde\b|\bhalf (?:an )?hour\b|\bdemi ?e? ?heure\b"
        ),
        0.5,
    ),
)
_ARTICLES = {"fr": ("une",), "nl": ("een",), "de": ("eine", "einer"), "en": ("an", "a")}
_WITH_HALF = re.compile(r"(\w+?)(?:e?nhalf|einhalb)")
_HALF = dict.fromkeys(("demi", "demie", "half", "halve", "halbe"), 0.5) | dict.fromkeys(
    ("quart", "kwart", "quarter", "viertel"), 0.25
)


def hours(text: str, language: str) -> float | int | None:
    """How many hours a plain text says, None where it says none. `text`: plain words, digits with their signs kept."""
    found = _written_hours(text)
    if found is None:
        found = _spoken_hours(text, language)
    if found is None or not 0 < found <= 100:
        return None
    return int(found) if found == int(found) else round(found, 2)


def _written_hours(text: str) -> float | None:
    if match := _GLUED.search(text):
        whole, minutes = (match[1], match[2]) if match[1] else (match[3], match[4])
        return int(whole) + int(minutes) / 60 if int(minutes) < 60 else None
    if match := _FRACTION.search(text):
        return int(match[1] or 0) + _SHARES[match[2]]
    if match := _DECIMAL.search(text):
        return float(f"{match[1]}.{match[2]}")
    if match := _WHOLE.search(text):
        rest = text[match.end() :]
        if half := re.match(_HALF_AFTER, rest):
            return int(match[1]) + _HALF[half[1]]
        if more := re.match(rf"\s*(?:et|en|und|and)?\s*(\d{{1,2}})\s*{_MINUTE}(?!\w)", rest):
            return int(match[1]) + int(more[1]) / 60
        return int(match[1])
    if match := _MINUTES.search(text):
        return int(match[1]) / 60
    return None


def _spoken_hours(text: str, language: str) -> float | None:
    for pattern, value in _SPOKEN[:1]:
        if pattern.search(text):
            return value
    spoken = text.split()
    for place, word in enumerate(spoken):
        if not re.fullmatch(_HOUR, word) or len(word) < 3:
            continue
        before = spoken[place - 1] if place else ""
        if match := _WITH_HALF.fullmatch(before):
            unit = number(match[1], language)
            if unit is not None:
                return unit + 0.5
        if before in _HALF and place >= 2:
            joint = {"en", "und", "and", "et", "a", "een"}
            earlier = [word for word in spoken[max(0, place - 4) : place - 1] if word not in joint]
            unit = number(earlier[-1], language) if earlier else None
            if unit is not None and earlier[-1] not in _ARTICLES[language]:
                return unit + _HALF[before]
        if (half := re.match(_HALF_AFTER, " " + " ".join(spoken[place + 1 : place + 5]))) is not None:
            unit = 1 if before in _ARTICLES[language] else number(before, language)
            if unit is not None:
                return unit + _HALF[half[1]]
    for pattern, value in _SPOKEN[1:]:
        if pattern.search(text):
            return value
    for place, word in enumerate(spoken):
        if re.fullmatch(_HOUR, word) and len(word) >= 3 and place:
            before = spoken[place - 1]
            unit = 1 if before in _ARTICLES[language] else number(before, language)
            if unit is not None:
                return unit
            if word.startswith("uurtje"):
                return 1
        minutes = number(spoken[place - 1], language) if place and re.fullmatch(_MINUTE, word) else None
        if minutes is not None:
            return minutes / 60
    return None


_CLOCK = (
    r"(\d{1,2})(?:\s*[h:u.]\s*(\d{2}))?\s*(?:heures?|hrs?|h|uhr|uur|u|o ?clock)?\s*"
    r"(am|pm|du matin|du soir|s avonds|s morgens|abends|morgens)?"
)
_QUIET = re.compile(
    rf"(?:entre|de|tussen|van|from|between|zwischen|von|after|apres|na|nach|vanaf|ab|dp|des)\s+{_CLOCK}"
    rf"\s*(?:et|a|en|tot|and|to|till|until|und|bis|jusque?|jusqu a|-)\s*(?:a\s+)?{_CLOCK}(?!\w)"
)
_DASHED = re.compile(rf"(?<![\d/]){_CLOCK}\s*-\s*{_CLOCK}(?![\d/])")


def quiet_hours(text: str) -> str | None:
    """`22:00/07:00` where a plain text (signs kept) names both ends of a daily span, else None."""
    match = _QUIET.search(text) or _DASHED.search(text)
    if match is None:
        return None
    ends = [_time(*match.group(1, 2, 3)), _time(*match.group(4, 5, 6))]
    return "/".join(end for end in ends if end) if all(ends) and ends[0] != ends[1] else None


def _time(hour: str, minute: str | None, half: str | None) -> str | None:
    value = int(hour)
    if half in ("pm", "du soir", "s avonds", "abends") and value < 12:
        value += 12
    elif half == "am" and value == 12:
        value = 0
    if value == 24:
        value = 0
    return f"{value:02}:{int(minute or 0):02}" if value < 24 and int(minute or 0) < 60 else None
