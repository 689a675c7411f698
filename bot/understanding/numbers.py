"""Numbers and spans of time as people write them in four languages: `drie`, `nonante-deux`, `2h30`, `anderhalf uur`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.understanding.words import listed

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


_HALVES = ("half", "halb", "anderhalve")
_HALVED = {"nl": re.compile(r"(.+?)en(?:een)?half"), "de": re.compile(r"(.+?)(?:und)?einhalb")}


@lru_cache(maxsize=2048)
def unit_and_half(word: str, language: str) -> float | None:
    """2.5 for `tweeenhalf` or `zweieinhalb`, 1.5 for `anderhalf` or `anderthalb`; None for other words."""
    if not word.endswith(_HALVES):
        return None
    if word in ("anderhalf", "anderhalve", "anderthalb", "eineinhalb"):
        return 1.5
    if language in _HALVED and (match := _HALVED[language].fullmatch(word)):
        unit = number(match[1], language)
        return None if unit is None else unit + 0.5
    return None


_HOURS = listed("heure heures uur uren uurtje uurtjes stunde stunden stundchen hour hours")
_MINUTES = listed("minute minutes minuten minuut minuutje minuutjes min mins mn")

_ARTICLES = {
    "fr": listed("une un"),
    "nl": listed("een ne"),
    "de": listed("eine einer einem ein"),
    "en": listed("an a one"),
}
_ABOUT = listed("bonne bonnes petite petites grosse dik dikke goed klein gute guten gut knappe full whole good")
_AND = listed("et en und and")
_HALF = listed("demi demie half halve halbe halbes halben")
_QUARTER = listed("quart quarts kwart kwartier kwartiertje quarter quarters viertel viertelstunde viertelstunden")
_QUARTER_COUNTS = listed("trois drie drei three")

_SHARES: Mapping[str, Mapping[tuple[str, ...], float]] = {
    "fr": {
        ("quart", "d", "heure"): 0.25,
        ("quarts", "d", "heure"): 0.25,
        ("demi", "heure"): 0.5,
        ("demie", "heure"): 0.5,
    },
    "nl": {
        ("kwartier",): 0.25,
        ("kwartiertje",): 0.25,
        ("halfuur",): 0.5,
        ("halfuurtje",): 0.5,
        ("half", "uur"): 0.5,
        ("half", "uurtje"): 0.5,
        ("driekwartier",): 0.75,
        ("driekwart", "uur"): 0.75,
    },
    "de": {
        ("viertelstunde",): 0.25,
        ("viertelstunden",): 0.25,
        ("viertel", "stunde"): 0.25,
        ("viertel", "stunden"): 0.25,
        ("halbstunde",): 0.5,
        ("halbe", "stunde"): 0.5,
        ("halben", "stunde"): 0.5,
        ("halbes", "stundchen"): 0.5,
        ("dreiviertelstunde",): 0.75,
        ("dreiviertel", "stunde"): 0.75,
        ("dreiviertel", "stunden"): 0.75,
    },
    "en": {
        ("quarter", "of", "an", "hour"): 0.25,
        ("quarters", "of", "an", "hour"): 0.25,
        ("quarter", "hour"): 0.25,
        ("half", "an", "hour"): 0.5,
        ("half", "a", "hour"): 0.5,
        ("half", "hour"): 0.5,
    },
}
"""Parts of an hour, which may be counted: `three quarters of an hour`."""

_BEGINS = {
    language: frozenset(sequence[0] for sequence in shares) | _ARTICLES[language] | frozenset(NUMBERS[language])
    for language, shares in _SHARES.items()
}


def duration(said: Sequence[str], at: int, language: str) -> tuple[int, float] | None:
    """(end, hours) of the time that begins at this plain word; None where none does."""
    word = said[at]
    if word not in _BEGINS[language] and not word[0].isdecimal() and not word.endswith(_HALVES):
        return None
    count, here = _count(said, at, language)
    if here < len(said) and said[here] in _ABOUT:
        here += 1
    if here >= len(said):
        return None
    if found := _share(said, here, language):
        end, share = found
        return _with_rest(said, end, (1 if count is None else count) * share, language)
    if count is None:
        return None
    if said[here] in _HOURS:
        return _with_rest(said, here + 1, count, language)
    if said[here] in _MINUTES:
        return here + 1, count / 60
    if found := _rest(said, here, language):
        end, rest = found
        if end < len(said) and said[end] in _HOURS:
            return end + 1, count + rest
    return None


def _first_duration(said: Sequence[str], language: str) -> float | None:
    """The first time that plain words say, in hours."""
    for at, word in enumerate(said):
        if found := duration(said, at, language):
            return found[1]
        if word.startswith("uurtje"):
            return 1.0
    return None


def _count(said: Sequence[str], at: int, language: str) -> tuple[float | None, int]:
    """How many, and the place behind it; an article counts as one."""
    word = said[at]
    if (halved := unit_and_half(word, language)) is not None:
        return halved, at + 1
    if word in _ARTICLES[language]:
        further = number(said[at + 1], language) if at + 1 < len(said) and said[at + 1] in _QUARTER_COUNTS else None
        return (further, at + 2) if further else (1, at + 1)
    count = number(word, language)
    if count is None:
        return None, at
    if count >= 20 and count % 10 == 0 and language in ("en", "fr") and at + 1 < len(said) and word.isalpha():
        unit = number(said[at + 1], language)
        if unit is not None and 0 < unit < 10:
            return count + unit, at + 2
    return count, at + 1


def _share(said: Sequence[str], at: int, language: str) -> tuple[int, float] | None:
    for sequence, share in _SHARES[language].items():
        if said[at] == sequence[0] and tuple(said[at : at + len(sequence)]) == sequence:
            return at + len(sequence), share
    return None


def _with_rest(said: Sequence[str], end: int, whole: float, language: str) -> tuple[int, float]:
    found = _rest(said, end, language)
    return (found[0], whole + found[1]) if found else (end, whole)


_ROUND = frozenset({10, 15, 20, 30, 40, 45})


def _rest(said: Sequence[str], at: int, language: str) -> tuple[int, float] | None:
    """A part of an hour behind whole ones."""
    joined = at < len(said) and said[at] in _AND
    here = at + joined
    if here < len(said) and joined and said[here] in _ARTICLES[language]:
        here += 1
    if here >= len(said):
        return None
    if said[here] in _HALF:
        return here + 1, 0.5
    count = number(said[here], language)
    times = 1 if count is None else count
    quarter = here + (count is not None)
    if quarter < len(said) and said[quarter] in _QUARTER and 0 < times < 4:
        return quarter + 1, times * 0.25
    if count is None or not 0 < count < 60:
        return None
    minutes, behind = _count(said, here, language)
    if minutes is not None and behind < len(said) and said[behind] in _MINUTES:
        return behind + 1, minutes / 60
    if not joined and count in _ROUND and language in ("fr", "en"):
        return here + 1, count / 60
    return None


_HOUR = r"(?:heures?|h|hrs?|hours?|uur|uren|uurtjes?|u|stunden?|std|stdn|stunde[n]?)"
_GLUED = re.compile(
    r"(\d{1,3})\s*(?:h|u|uur|std)\s*(\d{2})(?!\d)|(\d{1,3}):(\d{2})\s*(?:h|u|uur|std|stunden|hours?|heures?)?"
)
_DECIMAL = re.compile(rf"(\d{{1,3}})[.,](\d{{1,2}})\s*{_HOUR}(?!\w)")
_WHOLE = re.compile(rf"(?<![/⁄])(\d{{1,3}})\s*{_HOUR}(?!\w)")
_MINUTES_WRITTEN = re.compile(r"(\d{1,3})\s*(?:minutes?|minuten|minuut|min|mins|mn)(?!\w)")
_PART = r"(1/2|1⁄2|1/4|1⁄4|3/4|3⁄4)"
_FRACTION = re.compile(rf"(\d{{1,3}})?\s*{_PART}\s*(?:of an |d )?{_HOUR}(?!\w)|(\d{{1,3}})\s*[hu]\s*{_PART}")
_PARTS = {"1/2": 0.5, "1⁄2": 0.5, "1/4": 0.25, "1⁄4": 0.25, "3/4": 0.75, "3⁄4": 0.75}
_TIED = re.compile(r"(?<=[^\W\d_])[-'’](?=[^\W\d_])")
_ANY_HOURS = r"(?:heures?|hours?|hrs?|uur|uren|uurtjes?|stunden?|stundchen)"
_COUPLE = re.compile(
    rf"\b(?:une (?:couple|paire) d |(?:a )?couple (?:of )?|een (?:paar|koppel) )(?:bonnes |petites |good |goede )?{_ANY_HOURS}\b"
    r"(?! (?:ago|geleden|later|earlier|eerder)\b)"
)
"""Two hours: `a couple of hours`, `een paar uur`."""
_OR_SO = re.compile(r"(?<!\d )\b(?:een )?(?:uur|uurtje) of (twee|drie|vier|vijf|zes|\d)\b")
"""`Een uur of drie` is about three."""
_FEW = r"deux|twee|two|zwei|trois|drie|three|drei|quatre|vier|four"
_ONE, _NEXT = rf"(?:\d{{1,2}}|une?|een|one|an|a|ein|eine|einer|{_FEW})", r"(?:a|ou|of|or|to|bis|oder|tot|-|–)"
_VAGUE = re.compile(
    r"\b(?:quelques|plusieurs|a few|some|several|many|enkele|meerdere|verschillende|ein paar|einige|mehrere)"
    rf" (?:bonnes |petites |good |goede |gute |guten )?(?:{_ANY_HOURS}|minutes?|minuten|minuutjes)\b"
    rf"|\b{_ONE} ?(?:{_ANY_HOURS} )?{_NEXT} ?(?:{_FEW}|\d{{1,2}})"
    rf" ?(?:{_ANY_HOURS}|h|u|std)\b"
    rf"|\b(?:une|an|eine) {_ANY_HOURS} (?:ou|or|oder) (?:deux|two|zwei)\b"
)
"""How long it was is not said: `quelques heures`, `an hour or two`, `2 à 3 heures`."""
_SAID = re.compile(r"[^\W_]+")


def hours(text: str, language: str) -> float | int | None:
    """How many hours a plain text says, None where it says none. `text`: plain words, digits with their signs kept."""
    text = definite(text)
    found = _written_hours(text, language)
    if found is None:
        found = _first_duration(_SAID.findall(text), language)
    if found is None and (match := _MINUTES_WRITTEN.search(text)):
        found = int(match[1]) / 60
    if found is None or not 0 < found <= 100:
        return None
    return int(found) if found == int(found) else round(found, 2)


def definite(text: str) -> str:
    """A plain text without the times in it that say no number."""
    return _VAGUE.sub(" … ", _counted(text))


def is_vague(text: str) -> bool:
    """Whether a plain text says a time without a number: `quelques heures`."""
    return _VAGUE.search(_counted(text)) is not None


def _counted(text: str) -> str:
    """A couple is two."""
    return _OR_SO.sub(r"\1 uur", _COUPLE.sub("2 h", _TIED.sub(" ", text)))


def _written_hours(text: str, language: str) -> float | None:
    if match := _GLUED.search(text):
        whole, minutes = (match[1], match[2]) if match[1] else (match[3], match[4])
        return int(whole) + int(minutes) / 60 if int(minutes) < 60 else None
    if match := _FRACTION.search(text):
        return int(match[1] or match[3] or 0) + _PARTS[match[2] or match[4]]
    if match := _DECIMAL.search(text):
        return float(f"{match[1]}.{match[2]}")
    if match := _WHOLE.search(text):
        found = _rest(_SAID.findall(text[match.end() :][:60]), 0, language)
        return int(match[1]) + (found[1] if found else 0)
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
