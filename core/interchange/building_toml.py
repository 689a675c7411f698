"""Reads `building.toml`: every key checked, every fault on the line of its key."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from stdnum.be import vat
from stdnum.exceptions import ValidationError

from core.buildings.model import REGIONS, Building, Syndic
from core.interchange.cells import FIRST_YEAR, LAST_YEAR, MOST, Wrong, checked, read_email
from core.interchange.model import BUILDING, Fault, shown
from core.interchange.toml_lines import KeyPath, key_lines, line_of
from core.kernel.banking import clean_iban
from core.kernel.i18n import LANGUAGES
from core.kernel.text import say
from core.modules import NAMES

SETTLEMENTS = ("quarterly", "yearly")
LAST_START_DAY = 28
"""A financial year starts on a day that every month has."""
LONGEST_REMINDER = 365
STATUTES = '{ rate = "8.00", article = "art. 23" }'
ANY_YEAR = 2001
"""A year without a 29 February: a day of every year is meant."""

_SLUG = re.compile(r"[a-z0-9-]{1,40}")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_RATE = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,4})?")
_PLACE = re.compile(r"at line ([0-9]+)")

Read = Callable[[Any], Any]


@dataclass(slots=True)
class Charter:
    """What could be read of `building.toml`: the readable fields of `Building`, and what is wrong."""

    fields: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def shares_total(self) -> int | None:
        return self.fields.get("shares_total")

    def building(self) -> Building:
        """The building; only where nothing is wrong."""
        return Building(**self.fields)


def read_charter(content: bytes) -> Charter:
    charter = Charter()
    try:
        source = content.decode("utf-8")
    except UnicodeDecodeError as error:
        charter.faults.append(_fault(content[: error.start].count(b"\n") + 1, "not_utf8"))
        source = content.decode("utf-8", "replace")
    plain = source.removeprefix("\ufeff")
    try:
        settings = tomllib.loads(plain)
    except (ValueError, RecursionError) as error:
        charter.faults.append(_syntax(plain, str(error)))
        return charter
    _Reading(charter, key_lines(plain.replace("\r\n", "\n"))).all_of(settings)
    charter.fields["source"] = source
    return charter


class _Reading:
    """Takes the settings apart, and notes what is wrong with each."""

    def __init__(self, charter: Charter, lines: dict[KeyPath, int]) -> None:
        self.charter, self.lines = charter, lines

    def all_of(self, settings: Mapping[str, Any]) -> None:
        fields = self.charter.fields
        self.unknown((), settings, {*_TOP, *_WITHIN})
        fields |= self.values((), settings, _TOP)
        for key in ("name", "slug", "languages", "shares_total"):
            if key not in settings:
                self.fault((key,), "toml_missing", column=key)
        within: dict[str, Any] = {}
        for name, known in _WITHIN.items():
            table = settings.get(name, {})
            if not isinstance(table, dict):
                self.fault((name,), "toml_table", column=name)
                continue
            self.unknown((name,), table, known)
            within[name] = self.values((name,), table, known)
        fields |= within.get("accounts", {}) | within.get("arrears", {})
        fields["syndic"] = Syndic(**within.get("syndic", {}))

    def unknown(self, above: KeyPath, table: Mapping[str, Any], known: Collection[str]) -> None:
        for key in table:
            if key not in known:
                self.fault((*above, key), "toml_unknown", column=shown(".".join((*above, key))))

    def values(self, above: KeyPath, table: Mapping[str, Any], known: Mapping[str, tuple[str, Read]]) -> dict[str, Any]:
        """The readable values by their field of the model."""
        found: dict[str, Any] = {}
        for key, (name, read) in known.items():
            if key in table:
                try:
                    found[name] = read(table[key])
                except Wrong as wrong:
                    path = (*above, key)
                    self.charter.faults.append(Fault(BUILDING, line_of(path, self.lines), wrong.at(".".join(path))))
        return found

    def fault(self, path: KeyPath, key: str, **values: str) -> None:
        self.charter.faults.append(_fault(line_of(path, self.lines), key, **values))


def _fault(line: int, key: str, **values: str) -> Fault:
    return Fault(BUILDING, line, say(f"interchange.fault.{key}", **values))


def _syntax(source: str, reason: str) -> Fault:
    lines = source.rstrip().split("\n")
    place = _PLACE.search(reason)
    line = min(int(place[1]), len(lines)) if place else (1 if "end of document" not in reason else len(lines))
    again = any(word in reason for word in ("overwrite", "twice", "Duplicate"))
    return _fault(line, "toml_twice" if again else "toml_syntax", found=shown(lines[line - 1].strip()))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("toml_text", found=_seen(value))
    return checked(value)


def _text_given(value: Any) -> str:
    return checked(_text(value), required=True)


def _slug(value: Any) -> str:
    if not _SLUG.fullmatch(_text_given(value)):
        raise Wrong("slug", found=shown(value))
    return str(value)


def _email(value: Any) -> str:
    return read_email(_text(value))


def _code(allowed: Sequence[str]) -> Read:
    def read(value: Any) -> str:
        if _text_given(value) not in allowed:
            raise Wrong("code", found=shown(value), allowed=", ".join(allowed))
        return str(value)

    return read


def _codes(allowed: Sequence[str], *, some: bool = False) -> Read:
    one = _code(allowed)

    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise Wrong("toml_list", found=_seen(value))
        if some and not value:
            raise Wrong("empty")
        found: list[str] = []
        for item in value:
            if one(item) in found:
                raise Wrong("listed_twice", found=shown(item))
            found.append(item)
        return tuple(found)

    return read


def _shares(value: Any) -> int:
    return _whole(value, 1, MOST)


def _whole(value: Any, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong("toml_whole", found=_seen(value))
    if not least <= value <= most:
        raise Wrong("whole_out_of_range", found=_seen(value), least=str(least), most=str(most))
    return value


def _month_day(value: Any) -> tuple[int, int]:
    found = _MONTH_DAY.fullmatch(_text_given(value))
    if found:
        month, day = int(found[1]), int(found[2])
        try:
            date(ANY_YEAR, month, day)
        except ValueError:
            pass
        else:
            return month, day
    raise Wrong("month_day", found=shown(value))


def _year_start(value: Any) -> tuple[int, int]:
    month, day = _month_day(value)
    if day > LAST_START_DAY:
        raise Wrong("start_day", found=shown(value))
    return month, day


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Wrong("toml_date", found=_seen(value))
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Wrong("day_out_of_range", found=_seen(value), first=str(FIRST_YEAR), last=str(LAST_YEAR))
    return value


def _enterprise_number(value: Any) -> str:
    """Ten digits, the last two 97 less the first eight modulo 97; as it is written in Belgium: 0123.456.749."""
    if not _text(value).strip():
        return ""
    try:
        digits: str = vat.validate(value)
    except (ValidationError, ValueError) as error:
        raise Wrong("enterprise_number", found=shown(value)) from error
    return f"{digits[:4]}.{digits[4:7]}.{digits[7:]}"


def _iban(value: Any) -> str:
    if not _text(value).strip():
        return ""
    try:
        return clean_iban(value)
    except ValueError as error:
        raise Wrong("iban", found=shown(value)) from error


def _reminder_days(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise Wrong("toml_list", found=_seen(value))
    days = [_whole(item, 1, LONGEST_REMINDER) for item in value]
    if any(later <= day for day, later in itertools.pairwise(days)):
        raise Wrong("reminder_days", found=_seen(value))
    return tuple(days)


def _interest(value: Any) -> tuple[str, str] | None:
    """None for the legal rate."""
    match value:
        case "legal":
            return None
        case {"rate": str(rate), "article": str(article)} if (
            len(value) == 2 and _RATE.fullmatch(rate) and article.strip()
        ):
            return rate, checked(article)
    raise Wrong("interest", found=_seen(value), example=STATUTES)


def _seen(value: Any, deep: int = 2) -> str:
    """A TOML value as a message shows it, without what lies deeper."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if abs(value) > MOST:
            return "…"
        case dict() | list() if not deep:
            return "…"
        case dict():
            return shown("{ " + ", ".join(f"{key} = {_seen(inner, deep - 1)}" for key, inner in value.items()) + " }")
        case list():
            return shown("[" + ", ".join(_seen(inner, deep - 1) for inner in value) + "]")
        case str():
            return shown(f'"{value}"')
    return shown(str(value))


_TOP: Mapping[str, tuple[str, Read]] = {
    "name": ("name", _text_given),
    "address": ("address", _text),
    "postal_code": ("postal_code", _text),
    "city": ("city", _text),
    "slug": ("slug", _slug),
    "region": ("region", _code(REGIONS)),
    "languages": ("languages", _codes(LANGUAGES, some=True)),
    "enterprise_number": ("enterprise_number", _enterprise_number),
    "shares_total": ("shares_total", _shares),
    "financial_year_start": ("financial_year_start", _year_start),
    "assembly_window_start": ("assembly_window_start", _month_day),
    "provisional_acceptance": ("provisional_acceptance", _day),
    "settlement": ("settlement", _code(SETTLEMENTS)),
    "modules": ("modules", _codes(NAMES)),
}
_WITHIN: Mapping[str, Mapping[str, tuple[str, Read]]] = {
    "accounts": {"working": ("working_iban", _iban), "reserve": ("reserve_iban", _iban)},
    "arrears": {"reminder_days": ("reminder_days", _reminder_days), "interest": ("interest", _interest)},
    "syndic": {
        "name": ("name", _text),
        "email": ("email", _email),
        "phone": ("phone", _text),
        "emergency": ("emergency", _text),
    },
}
