"""What is said of an entry of the log: what was done to what, and which fields were what before and after."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.kernel.money import Money
from core.kernel.text import Text, literal, say
from core.people.audit.model import Deed, Entry, Fields

_KNOWN = frozenset(deed.value for deed in Deed)
_NAMED = frozenset(
    {Deed.BROADCAST_SENT, Deed.BROADCAST_STOPPED, Deed.DELIVERY_RETRIED, Deed.LETTER_POSTED, Deed.SET_ASIDE_RESOLVED}
)
"""Deeds whose subject is a title, a name or a reference as it is, whatever word it begins with."""
SUBJECTS = frozenset(
    """
    account draft expense gift key letter lot module notice object payment person seek service skill ticket token
    """.split()  # noqa: SIM905 - a line for each would be a page of its own
)
"""The first words of subjects for which there are words in each language."""
BUILDING = "building"

FIELDS = frozenset(
    """
    accepted_on account accounts.reserve accounts.working added address amount_cents arrears.interest.article arrears.interest.rate
    arrears.reminder_days assembly_window_start audience booked broadcast building bytes cancelled channel channels_accepted city
    closing codes country date days decided_on denominator description due email enterprise_number expires financial_year_start floor
    from greeting key kind language languages letter limit_hours lot lots modules name note number numerator objection on people
    person phone pinned postal_code posted_on provisional_acceptance reason region reports representative reversed right role roles
    rows scopes settlement shares shares_total slug source state street supplier syndic.email syndic.emergency syndic.name
    syndic.phone to total_cents weight
    """.split()  # noqa: SIM905 - a line for each would be a page of its own
)
"""The fields that have a name in each language; any other is shown by the name that it has in the log."""

ROWS = "rows"
_ABOUT = ("person", "lot")
_DAY, _MOMENT = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
ROLES = frozenset({"administrator", "syndic", "accountant", "council", "auditor"})
"""Those of accounts, which write in this log and are not reached from it; a test holds the two together."""

Line = tuple[Text, ...]
"""What stands on a line: one value, or the fields of a row."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field, and what it was and became: of a value one line, of rows those that came or went. Nothing there: no line."""

    label: Text
    before: tuple[Line, ...]
    after: tuple[Line, ...]


def sentence(entry: Entry) -> Text:
    """What was done, in words; as it is written where this version does not know it."""
    return say(f"audit.deed.{entry.deed}") if entry.deed in _KNOWN else literal(entry.deed)


def subject(entry: Entry) -> Text:
    """What it was done to, in words."""
    kind, _, name = entry.subject.partition(" ")
    if entry.deed in _NAMED:
        return literal(entry.subject)
    if entry.subject == BUILDING:
        return say("audit.subject.building")
    return say(f"audit.subject.{kind}", name=name) if kind in SUBJECTS and name else literal(entry.subject)


def changes(entry: Entry) -> list[Change]:
    """Which fields were what before, and what after, in the order of the log."""
    before, after = entry.before or {}, entry.after or {}
    return [_change(name, before, after) for name in {**before, **after}]


def label(name: str) -> Text:
    """What a field is called."""
    return say(f"audit.field.{name}") if name in FIELDS else literal(name)


def _change(name: str, before: Fields, after: Fields) -> Change:
    was, became = before.get(name), after.get(name)
    if name == ROWS and _rows(was) and _rows(became):
        was, became = was or [], became or []
        gone, new = ([row for row in these if row not in those] for these, those in ((was, became), (became, was)))
        return Change(label(name), tuple(map(_row, gone)), tuple(map(_row, new)))
    return Change(label(name), _line(name, was), _line(name, became))


def _rows(value: Any) -> bool:
    return value is None or (isinstance(value, Sequence) and all(isinstance(row, Mapping) for row in value))


def _row(row: Mapping[str, Any]) -> Line:
    """The fields of a row, first whom or what it is about: the database keeps no order."""
    fields = sorted(row.items(), key=lambda field: field[0] not in _ABOUT)
    return tuple(
        say("audit.pair", name=label(name), value=said) for name, value in fields for said in _said(name, value)
    )


def _line(name: str, value: Any) -> tuple[Line, ...]:
    line = _said(name, value)
    return (line,) if line else ()


def _said(name: str, value: Any) -> Line:
    """A value in words: nothing where there is none."""
    if value in (None, "", [], {}):
        return ()
    match value:
        case bool():
            return (say("audit.yes" if value else "audit.no"),)
        case int():
            return (literal(Money(value) if name.endswith("_cents") else value),)
        case str():
            return (_text(name, value),)
        case list() if all(isinstance(each, str) for each in value):
            return tuple(literal(each) for each in value)
    return (literal(json.dumps(value, ensure_ascii=False)),)


def _text(name: str, value: str) -> Text:
    if name == "role" and value in ROLES:
        return say(f"accounts.role.{value}")
    with suppress(ValueError):
        if _DAY.fullmatch(value):
            return literal(date.fromisoformat(value))
        if _MOMENT.match(value) and (moment := datetime.fromisoformat(value)).tzinfo:
            return literal(moment)
    return literal(value)
