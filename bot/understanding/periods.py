"""A small grammar of periods: `ce trimestre`, `Q2`, `vorig jaar`, `vom 3. bis 5. Dezember`, `next Saturday`, `since January`.

The words of a language become tags (`calendar_words.py`); one grammar over tags serves all languages. Years are calendar years,
but `exercice`, `boekjaar`, `Geschäftsjahr`, `financial year` are the building's, and so are all quarters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from bot.understanding.calendar_tags import tags
from bot.understanding.words import Word
from core.kernel.periods import CALENDAR_YEAR, Period, financial_year, months_later, numbered_quarter, quarter


@dataclass(frozen=True, slots=True)
class Moment:
    """What words of time are relative to.

    `ahead`: a bare month, weekday or day of the year is the next one, else the latest one that has begun. `next_month`: the month
    after this one is the coming one even so (what is owed in December, asked in November).
    """

    today: date
    year_start: tuple[int, int] = CALENDAR_YEAR
    ahead: bool = False
    next_month: bool = False


class Found(NamedTuple):
    """A period and the words (from, up to but not including) that say it. `size`: day, week, month, quarter, half, year or span."""

    period: Period | None
    start: int
    end: int
    size: str


def periods(said: Sequence[Word], text: str, language: str, moment: Moment) -> list[Found]:
    """All periods in a text, in order. `said`: the words of `text`. A `period` of None: words of time without a clear period."""
    return periods_in(tags(said, text, language), moment)


def periods_in(spoken: Sequence[str], moment: Moment) -> list[Found]:
    """All periods that these tags, one for each word, say."""
    if not any(tag[0] in _STARTERS for tag in spoken):
        return []
    line = " ".join(spoken) + " "
    starts = [0]
    for tag in spoken:
        starts.append(starts[-1] + len(tag) + 1)
    place = {start: index for index, start in enumerate(starts)}
    found: list[Found] = []
    index = 0
    while index < len(spoken):
        hit = _span(line, starts[index], moment) if spoken[index] != "_" else None
        if hit is None:
            index += 1
            continue
        period, size, end = hit
        found.append(Found(period, index, place[end], size))
        index = place[end]
    return found


_STARTERS = frozenset("MWQHTYLNSDFOABEU")
"""First letters of the tags without which a text names no period (a cheap look before the grammar)."""

Hit = tuple[Period | None, str, int]
"""A period, its size, and where in the line of tags it ends."""


def _span(line: str, at: int, moment: Moment) -> Hit | None:
    """A period at this place of the line of tags: `from X to Y`, `since X`, `until X` or a term by itself."""
    if match := _UNTIL.match(line, at):
        return _until(line, match.end(), moment)
    if match := _DAYS.match(line, at):
        return _days(match, moment)
    since = _SINCE.match(line, at)
    opening = since or _FROM.match(line, at)
    begin = opening.end() if opening else at
    first = _term(line, begin, moment)
    if first is not None and (joint := _TO.match(line, first[2])):
        second = _term(line, joint.end(), moment)
        if second is not None and first[1] == second[1] and first[1] in ("day", "month", "quarter", "year"):
            names_year = "Y2" not in line[begin : first[2]] and "Y2" in line[first[2] : second[2]]
            return _joined(first, second, names_year, moment), "span", second[2]
    return _since(line, begin, moment) if since else first


def _joined(first: Hit, second: Hit, year_of_second: bool, moment: Moment) -> Period | None:
    """From the first day of the one to the last day of the other; a year named only with the second holds for both."""
    one, other = first[0], second[0]
    if one is None or other is None:
        return None
    if first[1] == "day" and one.first > other.last and (one.first - other.last).days < 7:
        return (
            Period(one.first, other.last + timedelta(weeks=1))
            if moment.ahead
            else Period(one.first - timedelta(weeks=1), other.last)
        )
    if year_of_second and first[1] == "month":
        one = _month(one.first.month, other.first.year, moment)
    if one.first > other.last:
        if moment.ahead and not year_of_second:
            other = _month(other.first.month, other.first.year + 1, moment) if first[1] == "month" else other
        elif first[1] == "month":
            one = _month(one.first.month, one.first.year - 1, moment)
    return Period(one.first, other.last) if one.first <= other.last else None


_SINCE = re.compile(r"SINCE (?:\. )*(?:THE |OF |IN )?")
_UNTIL = re.compile(r"UNTIL (?:\. )*(?:TO )?(?:THE |OF |ON |IN )?")
_FROM = re.compile(r"(?:FROM|OF) (?:THE )?(?=[A-Z])|(?:IN |ON |THE )+")
_TO = re.compile(r"(?:PART )?(?:TO|UNTIL) (?:\. )*(?:ON |IN |THE |OF )?")
_DAYS = re.compile(
    r"(?:(?:FROM|OF|IN|ON) )?(?:THE )?(?:W\d )?(?:THE )?[NO](\d+) (?:\. )*(?:(?:TO|UNTIL) (?:\. )*)?(?:TO )?"
    r"(?:THE )?(?:W\d )?[NO](\d+) (?:\. )*(?:OF )?M(\d+)(?: (?:OF )?Y(\d{4}))? "
)
_EDGE = re.compile(
    r"(BEGIN|END) (?:\. )*(?:OF )?(?:THE )?(?:THIS )?(WEEK|WEEKEND|MONTH|QUARTER|YEAR|FYEAR|M\d+) (?:(?:OF )?Y(\d{4}) )?(?:\. |THIS )*"
)


def _since(line: str, at: int, moment: Moment) -> Hit | None:
    """Until today where it began already, else the term itself (`from Friday on` says no end)."""
    backward = Moment(moment.today, moment.year_start)
    if edge := _EDGE.match(line, at):
        begun, end = _unit(edge[2], edge[3], backward), edge.end()
    else:
        term = _term(line, at, moment if moment.ahead else backward)
        if term is None or term[0] is None:
            return term
        begun, end = term[0], term[2]
    return (Period(begun.first, moment.today) if begun.first <= moment.today else begun), "span", end


def _until(line: str, at: int, moment: Moment) -> Hit | None:
    forward = Moment(moment.today, moment.year_start, ahead=True)
    if edge := _EDGE.match(line, at):
        whole, end = _unit(edge[2], edge[3], forward), edge.end()
        last = whole.last if edge[1] == "END" else whole.first
    else:
        term = _term(line, at, forward)
        if term is None or term[0] is None:
            return term
        last, end = term[0].last, term[2]
    return (Period(moment.today, last) if last >= moment.today else None), "span", end


def _days(match: re.Match[str], moment: Moment) -> Hit:
    first, last, month, year = match.group(1, 2, 3, 4)
    end = _on(int(last), int(month), int(year) if year else None, moment)
    begin = _day(end.first.year, int(month), int(first)) if end else None
    span = Period(begin, end.last) if end and begin and begin <= end.last else None
    return span, "span", match.end()


def _unit(tag: str, year: str | None, moment: Moment) -> Period:
    if tag[0] == "M" and tag != "MONTH":
        return _month(int(tag[1:]), int(year) if year else None, moment)
    return _relative("THIS", tag, moment)


# --- terms ---------------------------------------------------------------------------------------------------------------------

Resolver = Callable[[re.Match[str], Moment], Period | None]
_YEARED = (
    r"(?:(?:OF |IN )?(?:THE )?(?:(?:YEAR|FYEAR) (?:\. )*)?Y(\d{4}) )?"
    r"(?:(?:OF |IN )?(?:THE )?(THIS|LAST|NEXT) (?:YEAR|FYEAR) (?:\. )*"
    r"|(?:OF |IN )?(?:THE )?(?:YEAR|FYEAR) (?:\. )*(THIS|LAST|NEXT) )?"
)
"""An optional year behind a quarter, half or month: `2025`, `of last year`, `de l'année passée`."""

_OFFSET = {"LAST": -1, "THIS": 0, "NEXT": 1}


def _asked_year(year: str | None, before: str | None, after: str | None, moment: Moment) -> int | None:
    if year:
        return int(year)
    word = before or after
    return moment.today.year + _OFFSET[word] if word else None


def _quarter(match: re.Match[str], moment: Moment) -> Period | None:
    value = int(match[1])
    if not 1 <= value <= 4:
        return None
    start = moment.year_start
    if match[2]:
        around = financial_year(date(int(match[2]), *start), start)
    else:
        word = match[3] or match[4]
        around = financial_year(moment.today, start, _OFFSET[word] if word else 0)
    return numbered_quarter(value, around)


def _quarter_of_year_first(match: re.Match[str], moment: Moment) -> Period:
    return numbered_quarter(int(match[2]), financial_year(date(int(match[1]), *moment.year_start), moment.year_start))


def _last_quarter_of(match: re.Match[str], moment: Moment) -> Period:
    return numbered_quarter(4, financial_year(date(int(match[1]), *moment.year_start), moment.year_start))


def _half(match: re.Match[str], moment: Moment) -> Period | None:
    value = int(match[1])
    if value not in (1, 2):
        return None
    first = date(_asked_year(match[2], match[3], match[4], moment) or moment.today.year, 1 if value == 1 else 7, 1)
    return Period(first, months_later(first, 6) - timedelta(days=1))


def _relative(word: str, unit: str, moment: Moment) -> Period:
    offset, today = _OFFSET[word], moment.today
    if unit == "QUARTER":
        return quarter(today, moment.year_start, offset)
    if unit == "FYEAR":
        return financial_year(today, moment.year_start, offset)
    if unit == "YEAR":
        return financial_year(today, CALENDAR_YEAR, offset)
    if unit == "HALF":
        first = months_later(date(today.year, 1 if today.month < 7 else 7, 1), 6 * offset)
        return Period(first, months_later(first, 6) - timedelta(days=1))
    if unit == "MONTH":
        first = months_later(today.replace(day=1), offset)
        return Period(first, months_later(first, 1) - timedelta(days=1))
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
    if unit == "WEEKEND":
        return Period(monday + timedelta(days=5), monday + timedelta(days=6))
    return Period(monday, monday + timedelta(days=6))


def _month(value: int, year: int | None, moment: Moment) -> Period:
    today = moment.today
    if year is None:
        year = today.year
        if moment.ahead and value < today.month:
            year += 1
        elif moment.next_month and value == today.month % 12 + 1:
            year += value == 1
        elif not moment.ahead and value > today.month:
            year -= 1
    first = date(year, value, 1)
    return Period(first, months_later(first, 1) - timedelta(days=1))


def _named_month(match: re.Match[str], moment: Moment) -> Period | None:
    value = int(match[1])
    return _month(value, _asked_year(match[2], match[3], match[4], moment), moment) if 1 <= value <= 12 else None


def _month_before_or_after(match: re.Match[str], moment: Moment) -> Period:
    value, word = (int(match[2]), match[1]) if match[1] else (int(match[3]), match[4])
    return _month(
        value, None, Moment(moment.today, moment.year_start, ahead=word == "NEXT" or (word == "THIS" and moment.ahead))
    )


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _on(day: int, month: int, year: int | None, moment: Moment) -> Period | None:
    if not 1 <= month <= 12:
        return None
    if year is not None:
        there = _day(year, month, day)
        return Period(there, there) if there else None
    step = 1 if moment.ahead else -1
    for candidate in (
        moment.today.year,
        moment.today.year + step,
        moment.today.year + 2 * step,
        moment.today.year + 4 * step,
    ):
        there = _day(candidate, month, day)
        if there and (there >= moment.today if moment.ahead else there <= moment.today):
            return Period(there, there)
    return None


def _weekday(value: int, word: str | None, moment: Moment) -> Period:
    """`next Saturday` and `samedi prochain` are the first to come, as a bare weekday is when looking ahead."""
    today = moment.today
    if word == "LAST" or (word is None and not moment.ahead):
        there = today - timedelta(
            days=(today.weekday() - value - 1) % 7 + 1 if word == "LAST" else (today.weekday() - value) % 7
        )
    elif word == "NEXT":
        there = today + timedelta(days=(value - today.weekday() - 1) % 7 + 1)
    else:
        there = today + timedelta(days=(value - today.weekday()) % 7)
    return Period(there, there)


def _one_day(offset: int) -> Resolver:
    def resolved(match: re.Match[str], moment: Moment) -> Period:
        there = moment.today + timedelta(days=offset)
        return Period(there, there)

    return resolved


def _rolling(match: re.Match[str], moment: Moment) -> Period | None:
    """`the last 3 months`: up to and including today. What lies ahead is said too loosely to be a period."""
    count, word, unit = int(match[1] or match[4]), match[2] or match[3], match[5]
    if word != "LAST" or not 1 <= count <= 60:
        return None
    today = moment.today
    if unit in ("DAY", "WEEK"):
        return Period(today - timedelta(days=count * (7 if unit == "WEEK" else 1) - 1), today)
    months = count * {"MONTH": 1, "QUARTER": 3, "YEAR": 12}.get(unit, 1)
    begin = months_later(today.replace(day=min(today.day, 28)), -months)
    return Period(begin + timedelta(days=1), today)


def _unclear(match: re.Match[str], moment: Moment) -> None:
    """`end of March` is no clear period."""


def _day_and_month(match: re.Match[str], moment: Moment) -> Period | None:
    return _on(int(match[1]), int(match[2]), int(match[3] or 0) or None, moment)


def _month_and_day(match: re.Match[str], moment: Moment) -> Period | None:
    return _on(int(match[2]), int(match[1]), int(match[3] or 0) or None, moment)


def _numbered_financial_year(match: re.Match[str], moment: Moment) -> Period:
    """`exercice 2025` is the one that begins in 2025."""
    return financial_year(date(int(match[1] or match[2]), *moment.year_start), moment.year_start)


def _double_year(match: re.Match[str], moment: Moment) -> Period:
    """`2025/2026`: the financial year that lies in both, or both years where it is the calendar year."""
    year = financial_year(date(int(match[1]), *moment.year_start), moment.year_start)
    return Period(year.first, date(int(match[1]) + 1, 12, 31)) if moment.year_start == CALENDAR_YEAR else year


_PART = r"(?:PART )*"
_UNIT = r"(QUARTER|FYEAR|YEAR|MONTH|WEEKEND|WEEK|HALF) (?:\. )*"
_TERMS: Sequence[tuple[str, re.Pattern[str], Resolver]] = [
    (size, re.compile(pattern), resolver)
    for size, pattern, resolver in (
        ("quarter", r"Q(\d) (?:\. )*" + _YEARED, _quarter),
        ("quarter", r"[ON](\d+) (?:\. )*QUARTER " + _YEARED, _quarter),
        ("quarter", r"Y(\d{4}) Q(\d) (?:\. )*", _quarter_of_year_first),
        ("quarter", r"LAST QUARTER (?:OF |IN )?(?:THE )?(?:YEAR )?Y(\d{4}) ", _last_quarter_of),
        ("quarter", r"QUARTER N([1-4]) " + _YEARED, _quarter),
        ("half", r"H(\d) (?:\. )*" + _YEARED, _half),
        ("half", r"[ON](\d+) (?:\. )*HALF (?:YEAR )?" + _YEARED, _half),
        ("span", r"(?:N(\d+) (LAST|NEXT)|(LAST|NEXT) N(\d+)) (DAY|WEEK|MONTH|QUARTER|YEAR) ", _rolling),
        ("year", r"(?:(?:YEAR|FYEAR) (?:\. )*)?F(\d{4}) ", _double_year),
        ("year", r"FYEAR (?:\. )*(?:OF )?Y(\d{4}) |Y(\d{4}) FYEAR (?:\. )*", _numbered_financial_year),
        (
            "edge",
            r"(?:BEGIN|MID|END) (?:\. )*(?:OF )?(?:THE )?(?:(?:THIS|LAST|NEXT) )?(?:WEEK|MONTH|QUARTER|YEAR|FYEAR|M\d+) "
            r"(?:\. |THIS |LAST |NEXT )*(?:Y\d{4} )?",
            _unclear,
        ),
        (
            "day",
            r"(?:W\d )?(?:THE |ON )*[ON](\d+) (?:\. )*(?:OF )?M(\d+) (?:(?:OF |IN )?Y(\d{4}) )?" + _PART,
            _day_and_month,
        ),
        ("day", r"(?:W\d )?M(\d+) (?:THE )?[ON](\d+) (?:\. )*(?:Y(\d{4}) )?" + _PART, _month_and_day),
        ("day", r"(?:W\d )?(?:THE |ON )*D(\d+):(\d+):(\d+) (?:\. )*" + _PART, _day_and_month),
        ("month", r"P(\d+):(\d+) ", lambda m, at: _month(int(m[1]), int(m[2]), at)),
        (
            "month",
            r"(?:MONTH (?:OF )?)?(?:(LAST|THIS|NEXT) M(\d+)|M(\d+) (LAST|NEXT)) (?!YEAR|FYEAR)",
            _month_before_or_after,
        ),
        ("month", r"(?:MONTH (?:OF )?)?M(\d+) (?:MONTH )?" + _YEARED, _named_month),
        (
            "week",
            r"(?:THE )?(THIS|LAST|NEXT) (?:THE )?(WEEKEND|WEEK) (?:\. )*",
            lambda m, at: _relative(m[1], m[2], at),
        ),
        ("week", r"(WEEKEND|WEEK) (?:\. )*(THIS|LAST|NEXT) ", lambda m, at: _relative(m[2], m[1], at)),
        ("week", r"(?:THE |THIS )?(WEEKEND) (?:\. )*", lambda m, at: _relative("THIS", m[1], at)),
        ("relative", r"(THIS|LAST|NEXT) (?:\. )*" + _UNIT, lambda m, at: _relative(m[1], m[2], at)),
        ("relative", _UNIT + r"(LAST|NEXT|THIS) (?:\. )*", lambda m, at: _relative(m[2], m[1], at)),
        ("year", r"(?:YEAR (?:OF )?)?Y(\d{4}) ", lambda m, at: Period(date(int(m[1]), 1, 1), date(int(m[1]), 12, 31))),
        ("day", r"BEFOREYESTERDAY (?:\. )*" + _PART, _one_day(-2)),
        ("day", r"AFTERTOMORROW (?:\. )*" + _PART, _one_day(2)),
        ("today", r"(?:TODAY (?:\. )*|THIS PART )" + _PART, _one_day(0)),
        ("day", r"YESTERDAY (?:\. )*" + _PART, _one_day(-1)),
        ("day", r"TOMORROW (?:\. )*" + _PART, _one_day(1)),
        (
            "day",
            r"(?:(THIS|LAST|NEXT) )?W(\d) (?:(NEXT|LAST) )?" + _PART,
            lambda m, at: _weekday(int(m[2]), m[1] or m[3], at),
        ),
    )
]


def _term(line: str, at: int, moment: Moment) -> Hit | None:
    for size, pattern, resolver in _TERMS:
        if match := pattern.match(line, at):
            try:
                return resolver(match, moment), size, match.end()
            except (ValueError, OverflowError):
                return None, size, match.end()
    return None
