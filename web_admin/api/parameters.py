"""What may stand behind the `?` of a request, and where in a list the next piece begins."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from aiohttp import web

from core.interchange.cells import DAY, FIRST_YEAR, LAST_YEAR, LONGEST_NAME, Wrong
from core.interchange.extracts.model import After, Span
from core.kernel.text import say
from web_admin.api.problems import Problem, wrong_query

FEWEST, MOST, USUAL = 1, 200, 100
"""Rows of one piece of a list."""
LARGEST_PLACE = 2**31 - 1
LONGEST_CURSOR = 200
Read = Callable[[str, str], Any]
"""Reads the text of a parameter of that name. Problem where it is none."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a list, as it is read and as the document describes it."""

    name: str
    read: Read
    about: str
    schema: Mapping[str, Any] = field(default_factory=dict)


def _limit(name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 9 and FEWEST <= int(text) <= MOST:
        return int(text)
    raise wrong_query(name, say("api.wrong_limit", parameter=name, most=str(MOST)))


def _day(name: str, text: str) -> date:
    try:
        return DAY.read(text)
    except Wrong as wrong:
        raise wrong_query(name, wrong.at(name)) from None


def _text(name: str, text: str) -> str:
    if text and len(text) <= LONGEST_NAME and storable(text):
        return text
    raise wrong_query(name, say("api.wrong_text", parameter=name))


def one_of(allowed: Sequence[str]) -> Read:
    def read(name: str, text: str) -> str:
        if text in allowed:
            return text
        raise wrong_query(name, say("api.wrong_choice", parameter=name, allowed=", ".join(allowed)))

    return read


def storable(text: str) -> bool:
    """Whether the database could have such a text at all."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


_DATE = {
    "type": "string",
    "format": "date",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "example": "2026-10-01",
}
LIMIT = Parameter(
    "limit",
    _limit,
    f"How many rows at most; {USUAL} where it is not given.",
    {"type": "integer", "minimum": FEWEST, "maximum": MOST, "default": USUAL},
)
NEXT = Parameter(
    "next",
    lambda name, text: text,
    "Where the list goes on: the `next` of the answer before. The other parameters stay the same.",
    {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{LONGEST_CURSOR}}}$"},
)
FROM = Parameter("from", _day, f"The first day that counts, in the years {FIRST_YEAR} to {LAST_YEAR}.", _DATE)
TO = Parameter("to", _day, "The last day that counts, not before `from`.", _DATE)
PERSON = Parameter(
    "person", _text, "Only those of this person of the building.", {"type": "string", "minLength": 1, "maxLength": 100}
)
PIECE = (LIMIT, NEXT)
DATED = (FROM, TO, *PIECE)


def read_query(request: web.Request, known: Sequence[Parameter]) -> dict[str, Any]:
    """The parameters by name. Problem where one is not known, stands twice, or cannot be read."""
    named = {parameter.name: parameter for parameter in known}
    found: dict[str, Any] = {}
    for name, text in request.query.items():
        if name not in named:
            shown = name[:60].encode("ascii", "backslashreplace").decode()
            raise wrong_query(shown, say("api.unknown_parameter", parameter=shown))
        if name in found:
            raise wrong_query(name, say("api.parameter_twice", parameter=name))
        found[name] = named[name].read(name, text)
    if "from" in found and "to" in found and found["to"] < found["from"]:
        raise wrong_query("to", say("api.days_in_disorder"))
    return found


def span_of(query: Mapping[str, Any]) -> Span:
    return Span(query.get("from"), query.get("to"))


def write_place(after: After) -> str:
    """A place in a list as a text that says nothing to anybody else."""
    values = [value.isoformat() if isinstance(value, date) else value for value in after]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_place(query: Mapping[str, Any], *kinds: type[int] | type[str] | type[date]) -> After | None:
    """The place that a request names, made of values of these kinds. Problem where it was not given by this list."""
    text = query.get("next")
    if text is None:
        return None
    wrong = wrong_query("next", say("api.wrong_next"))
    try:
        if not text.isascii() or len(text) > LONGEST_CURSOR:
            raise wrong
        values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        if not isinstance(values, list):
            raise wrong
        return tuple(_value(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (binascii.Error, ValueError, RecursionError):
        raise wrong from None


def _value(value: Any, kind: type[int] | type[str] | type[date]) -> int | str | date:
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_PLACE:
        return value
    if kind is str and isinstance(value, str) and storable(value):
        return value
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError


__all__ = [
    "DATED",
    "FROM",
    "LIMIT",
    "NEXT",
    "PERSON",
    "PIECE",
    "TO",
    "Parameter",
    "Problem",
    "read_place",
    "read_query",
]
