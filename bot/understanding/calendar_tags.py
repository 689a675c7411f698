"""From the words of a text to tags of the calendar (`calendar_words.py`), which the grammar in `periods.py` reads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.understanding.calendar_words import CALENDAR_WORDS, ONLY_IN_CONTEXT
from bot.understanding.numbers import NUMBERS, number
from bot.understanding.words import Word, listed

_MONEY = frozenset({"€", "euro", "euros", "eur", "balles", "cents", "cent", "%", "eurootjes"})
_NOT_TIME = listed(
    "point pt punt pnt agendapunt punkt top item nr no num numero nummer number resolution appartement apt app flat lot kavel "
    "wohnung etage floor verdieping stock bus boite unit"
)
_ORDINAL_ENDS = listed("er ere e eme ieme nd de ste st rd th ten te")
_YEAR = re.compile(r"20[0-4]\d")
_QUARTER_OF_YEAR = re.compile(r"([1-4])/(20\d\d)")
_ISO = re.compile(r"\b(20\d\d)-(\d\d?)-(\d\d?)\b")
_DASHED = re.compile(r"\b(\d\d?)-(\d\d?)-(20\d\d)\b")


_FIRST_WORDS = {language: frozenset(group[0] for group in table) for language, table in CALENDAR_WORDS.items()}


def tags(said: Sequence[Word], text: str, language: str) -> list[str]:
    """One tag for each word; `_` for words that say nothing of time."""
    table, first = CALENDAR_WORDS[language], _FIRST_WORDS[language]
    found: list[str] = []
    index = 0
    while index < len(said):
        for length in (3, 2, 1) if said[index].plain in first else ():
            group = tuple(word.plain for word in said[index : index + length])
            tag = table.get(group) if len(group) == length else None
            if tag is not None:
                found.extend([tag] + ["."] * (length - 1))
                index += length
                break
        else:
            found.append(_number_tag(said, index, language))
            index += 1
    if any(word.plain[0].isdecimal() for word in said):
        _join(said, found, text)
        _dashed_dates(said, found, text)
    _doubtful(said, found, language)
    return found


def _number_tag(said: Sequence[Word], index: int, language: str) -> str:
    word = said[index].plain
    following = said[index + 1].plain if index + 1 < len(said) else ""
    before = said[index - 1].plain if index else ""
    if not word[0].isdecimal():
        value = NUMBERS[language].get(word)
        return f"N{value}" if value is not None and value > 1 and following not in _MONEY else "_"
    if following in _MONEY or before == "€" or (before in _NOT_TIME and not _YEAR.fullmatch(word)):
        return "_"
    if "/" in word or "." in word:
        parts = re.split(r"[./]", word)
        if not all(part.isdecimal() and len(part) < 5 for part in parts):
            return "_"
        return _literal([int(part) for part in parts], "/" in word)
    if _YEAR.fullmatch(word):
        return f"Y{word}"
    value = number(word, language) if word.isdecimal() else None
    return f"N{value}" if value is not None and value <= 366 else "_"


def _literal(parts: list[int], slashed: bool) -> str:
    if len(parts) == 2 and slashed and 2000 <= parts[0] < 2100 and parts[1] == parts[0] + 1:
        return f"F{parts[0]}"
    if len(parts) == 2 and slashed and 1 <= parts[0] <= 12 and 2000 <= parts[1] < 2100:
        return f"P{parts[0]}:{parts[1]}"
    if len(parts) == 2 and 1 <= parts[0] <= 31 and 1 <= parts[1] <= 12:
        return f"D{parts[0]}:{parts[1]}:0"
    if len(parts) == 3 and 1 <= parts[0] <= 31 and 1 <= parts[1] <= 12 and (parts[2] < 100 or 2000 <= parts[2] < 2100):
        return f"D{parts[0]}:{parts[1]}:{parts[2] if parts[2] > 99 else 2000 + parts[2]}"
    return "_"


def _join(said: Sequence[Word], tags: list[str], text: str) -> None:
    """`Q2`, `T 2`, `3e`, `1er`: a letter and a digit that belong together."""
    for index in range(len(said) - 1):
        first, second = said[index], said[index + 1]
        touching = first.end == second.start
        digit = second.plain if second.plain in ("1", "2", "3", "4") else ""
        if first.plain in ("q", "t", "k") and digit and (touching or first.plain == "q"):
            tags[index], tags[index + 1] = f"Q{digit}", "."
        elif first.plain in ("q", "t", "k") and touching and (yearly := _QUARTER_OF_YEAR.fullmatch(second.plain)):
            tags[index], tags[index + 1] = f"Q{yearly[1]}", f"Y{yearly[2]}"
        elif (
            first.plain in ("h", "s") and digit in ("1", "2") and touching and not text[: first.start][-1:].isdecimal()
        ):
            tags[index], tags[index + 1] = f"H{digit}", "."
        elif touching and tags[index][0] == "N" and first.plain.isdecimal():
            if second.plain in ("q", "t", "k") and first.plain in ("1", "2", "3", "4"):
                tags[index], tags[index + 1] = f"Q{first.plain}", "."
            elif second.plain in _ORDINAL_ENDS:
                tags[index], tags[index + 1] = f"O{first.plain}", "."


def _dashed_dates(said: Sequence[Word], tags: list[str], text: str) -> None:
    for pattern, order in ((_ISO, (3, 2, 1)), (_DASHED, (1, 2, 3))):
        for match in pattern.finditer(text):
            inside = [index for index, word in enumerate(said) if match.start() <= word.start < match.end()]
            if inside:
                tags[inside[0]] = _literal([int(match[group]) for group in order], False)
                for index in inside[1:]:
                    tags[index] = "."


def _doubtful(said: Sequence[Word], tags: list[str], language: str) -> None:
    """`may` the verb is no month: words with another meaning count only beside the calendar."""
    doubtful = ONLY_IN_CONTEXT[language]
    for index, word in enumerate(said):
        if word.plain in doubtful and tags[index] != "_":
            before = tags[index - 1] if index else "_"
            after = tags[index + 1] if index + 1 < len(tags) else "_"
            to_month = after in ("TO", "UNTIL") and any(
                tag[0] == "M" and tag[1:].isdecimal() for tag in tags[index + 2 : index + 4]
            )
            if before[0] not in "MYNOLS" and before not in _LEAD and after[0] not in "YMNQH" and not to_month:
                tags[index] = "_"


_LEAD = frozenset(
    {"IN", "OF", "SINCE", "UNTIL", "FROM", "THIS", "NEXT", "LAST", "BEGIN", "MID", "END", "TO", "ON", "THE"}
)
