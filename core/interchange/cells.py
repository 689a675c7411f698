"""What may stand in one cell: each kind reads a text into a value, and writes the value back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from core.interchange.model import shown
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, Value

V = TypeVar("V")

LONGEST_TEXT = 2000
LONGEST_NAME = 100
"""Of what other rows refer to: lot, person, key, number."""
LONGEST_PATH = 255
LONGEST_EMAIL = 254
"""RFC 5321, 4.5.3.1.3: a path of 256 octets with its brackets."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST = 10**12 - 1
"""No integer has more than 12 digits, and no amount more than 12 before the point."""

_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONEY = re.compile(r"(-?)([0-9]+)\.([0-9]{2})")
_EMAIL_SIGN = r"[^\s@<>()\[\],;:\\\"]"
_EMAIL = re.compile(rf"{_EMAIL_SIGN}+@(?:(?!\.){_EMAIL_SIGN})+(?:\.(?:(?!\.){_EMAIL_SIGN})+)+")
_DRIVE = re.compile(r"[A-Za-z]:")


class Wrong(ValueError):
    """What is wrong with a value; whoever knows its place makes a fault of it."""

    def __init__(self, key: str, /, **values: Value) -> None:
        super().__init__(key)
        self.key, self.values = f"interchange.fault.{key}", values

    def at(self, column: str) -> Text:
        return Text(self.key, {"column": column, **self.values})


@dataclass(frozen=True, slots=True)
class Kind(Generic[V]):
    """How a cell is read (raising `Wrong`) and written."""

    read: Callable[[str], V]
    write: Callable[[V], str]


def checked(text: str, *, required: bool = False, lines: bool = False, longest: int = LONGEST_TEXT) -> str:
    """The text itself, if nothing in it is hidden, too long or missing. `lines`: it may be broken into lines."""
    if hidden := _HIDDEN.search(text):
        raise Wrong("hidden_sign", sign=f"U+{ord(hidden[0]):04X}")
    if not lines and "\n" in text:
        raise Wrong("line_break", found=shown(text))
    if len(text) > longest:
        raise Wrong("too_long", found=str(len(text)), most=str(longest))
    if required and not text.strip():
        raise Wrong("empty")
    return text


def _text(*, required: bool = False, lines: bool = False) -> Kind[str]:
    return Kind(lambda text: checked(text, required=required, lines=lines), str)


def _read_name(text: str) -> str:
    checked(text, required=True, longest=LONGEST_NAME)
    if text != text.strip():
        raise Wrong("spaces", found=shown(text))
    return text


def _read_reference(text: str) -> str:
    return _read_name(text) if text else ""


def _read_day(text: str) -> date:
    checked(text, required=True)
    if _DAY.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Wrong("no_such_day", found=text) from None
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
        raise Wrong("day_out_of_range", found=text, first=str(FIRST_YEAR), last=str(LAST_YEAR))
    raise Wrong("day", found=shown(text))


def _read_money(text: str) -> int:
    checked(text, required=True)
    amount = _MONEY.fullmatch(text)
    if amount is None:
        raise Wrong("money", found=shown(text))
    sign, euros, cents = amount.groups()
    if len(euros.lstrip("0")) > 12:
        raise Wrong("money_too_large", found=shown(text))
    value = int(euros) * 100 + int(cents)
    return -value if sign else value


def money_text(cents: int) -> str:
    """Cents as the files write them: `-12.50`."""
    euros, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{euros}.{rest:02d}"


def whole(least: int, most: int = MOST) -> Kind[int]:
    def read(text: str) -> int:
        checked(text, required=True)
        if not (text.isascii() and text.isdigit()):
            raise Wrong("whole", found=shown(text))
        if len(text.lstrip("0")) > 12 or not least <= int(text) <= most:
            raise Wrong("whole_out_of_range", found=shown(text), least=str(least), most=str(most))
        return int(text)

    return Kind(read, str)


def code(allowed: Sequence[str], empty: str | None = None) -> Kind[str]:
    """One of a closed list; `empty`: what an empty cell stands for, where it may be empty."""

    def read(text: str) -> str:
        if not text and empty is not None:
            return empty
        checked(text, required=True)
        if text not in allowed:
            raise Wrong("code", found=shown(text), allowed=", ".join(allowed))
        return text

    return Kind(read, str)


def number_of(allowed: Sequence[int]) -> Kind[int]:
    words = code([str(number) for number in allowed])
    return Kind(lambda text: int(words.read(text)), str)


def codes(allowed: Sequence[str]) -> Kind[tuple[str, ...]]:
    """Any of a closed list, separated by `;`, none twice."""
    one = code(allowed)

    def read(text: str) -> tuple[str, ...]:
        if not text:
            return ()
        found: list[str] = []
        for part in text.split(";"):
            if not part:
                raise Wrong("list_gap", found=shown(text))
            if one.read(part) in found:
                raise Wrong("listed_twice", found=part)
            found.append(part)
        return tuple(found)

    return Kind(read, ";".join)


def read_email(text: str) -> str:
    checked(text)
    if text and (len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text)):
        raise Wrong("email", found=shown(text))
    return text


def account(first: str = "") -> Kind[str]:
    """The number of an account of the books: at most 10 digits, beginning with `first`."""
    pattern = re.compile(rf"(?={first})[0-9]{{1,10}}")

    def read(text: str) -> str:
        checked(text, required=True)
        if not pattern.fullmatch(text):
            raise Wrong(
                "account_of_class" if first else "account", found=shown(text), **({"first": first} if first else {})
            )
        return text

    return Kind(read, str)


def unsafe_path(path: str) -> bool:
    """Whether a path could lead out of the folder that it is to lie in, or means something else on another system."""
    parts = path.split("/")
    return bool(_HIDDEN.search(path) or "\n" in path or "\\" in path or _DRIVE.match(path)) or any(
        part in ("", ".", "..") for part in parts
    )


def _read_path(text: str) -> str:
    checked(text, required=True, longest=LONGEST_PATH)
    if unsafe_path(text):
        raise Wrong("path", found=shown(text))
    return text


NAME = Kind(_read_name, str)
REFERENCE = Kind(_read_reference, str)
"""The name of something that stands elsewhere, or nothing."""
TEXT = _text()
TEXT_GIVEN = _text(required=True)
LINES = _text(lines=True)
LINES_GIVEN = _text(required=True, lines=True)
EMAIL = Kind(read_email, str)
PATH = Kind(_read_path, str)
DAY = Kind(_read_day, date.isoformat)
DAY_OR_NONE: Kind[date | None] = Kind(
    lambda text: _read_day(text) if text else None, lambda day: day.isoformat() if day else ""
)
MONEY = Kind(_read_money, money_text)
YEAR = whole(FIRST_YEAR, LAST_YEAR)
LANGUAGE = code(LANGUAGES)
LANGUAGE_OR_NONE = code(LANGUAGES, empty="")
_YES_NO = code(("yes", "no"))
YES_NO = Kind(lambda text: _YES_NO.read(text) == "yes", lambda yes: "yes" if yes else "no")
