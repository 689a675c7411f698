"""A draft: a building as somebody is typing it, step by step, until it is right. Pure.

A draft is the very files of the import as texts, and is judged by the same checks. It has a version, which grows with each change: who
brings a change to an older one is told, and nothing is overwritten.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from core.interchange.model import BUILDING, shown
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS, Table
from core.interchange.typed import TYPED, Line, Problem, Typed
from core.kernel.errors import DomainError
from core.people.audit.model import Actor

STEPS = (BUILDING, *(table.file for table in TYPED))
"""The files of a draft in the order in which they are filled in."""
MOST_DRAFTS = 50
"""Of one organisation, so that nobody fills the database with what nobody finishes."""
SUGGESTED: Mapping[str, str] = {
    "region": "brussels",
    "languages": "fr;nl",
    "financial_year_start": "01-01",
    "settlement": "quarterly",
    "arrears.reminder_days": "15;30;60",
}
"""What most buildings have, and what a new draft begins with."""

_NAMES = ((LOTS, "lot", (WEIGHTS, OWNERSHIP, TENANCIES)), (PEOPLE, "person", (OWNERSHIP, TENANCIES)))
"""What other rows refer to: by which column, and where."""


class NoSuchDraft(DomainError):
    """The organisation has no such draft: it was finished, thrown away, or is somebody else's."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`building`: the one that it changes, None for a new one; `based_on`: the version of it that was shown when the draft was begun."""

    draft_id: UUID
    building: UUID | None
    based_on: str
    version: int
    typed: Typed
    begun_at: datetime
    changed_at: datetime
    changed_by: Actor


@dataclass(frozen=True, slots=True)
class Listed:
    """A draft in a list: what it calls its building, and who had it last."""

    draft_id: UUID
    building: UUID | None
    version: int
    name: str
    changed_at: datetime
    changed_by: Actor


def hanging(typed: Typed, table: Table, row: Line) -> tuple[str, ...]:
    """The files with rows that name the lot or the person of this row."""
    for named, column, users in _NAMES:
        if named is table and row[column]:
            return tuple(user.file for user in users if any(other[column] == row[column] for other in typed.rows(user)))
    return ()


def without(typed: Typed, table: Table, place: int) -> Typed:
    """Without one row. DomainError while something hangs on it."""
    rows = _rows(typed, table, place)
    row = rows.pop(place)
    column = table.columns[0].name
    once = sum(other[column] == row[column] for other in typed.rows(table)) == 1
    if once and (users := hanging(typed, table, row)):
        raise DomainError("setup.hangs", name=shown(row[column]), files=", ".join(users))
    return typed.with_rows(table, rows)


def with_row(typed: Typed, table: Table, place: int | None, row: Line) -> Typed:
    """With one row more (`place` None), or another one there; where a lot or a person is called otherwise now, all that names it follows."""
    if place is None:
        return typed.with_rows(table, [*typed.rows(table), row])
    rows = _rows(typed, table, place)
    column = table.columns[0].name
    rows[place] = {**rows[place], **row}
    called = [(line[column], line[column]) for line in typed.rows(table)]
    called[place] = (called[place][0], rows[place][column])
    return renamed(typed.with_rows(table, rows), table, called)


def renamed(typed: Typed, table: Table, called: Sequence[tuple[str, str]]) -> Typed:
    """With all that names a lot or a person following where it is called otherwise now. `called`: for each row what it was called, and is.

    Where several rows were called so, or are now, nobody knows which one is meant, and nothing follows.
    """
    pairs = [(old, new.strip()) for old, new in called]
    before, after = Counter(old for old, _ in pairs), Counter(new for _, new in pairs)
    names = {old: new for old, new in pairs if old and new and old != new and before[old] == after[new] == 1}
    for named, column, users in _NAMES:
        if named is table and names:
            for user in users:
                rows = [{**line, column: names.get(line[column], line[column])} for line in typed.rows(user)]
                typed = typed.with_rows(user, rows)
    return typed


def state(typed: Typed, step: str) -> str:
    """What tells one state of a step from another: given back with a form, it says what was seen when that was filled in."""
    content: Any = [sorted(row.items()) for row in typed.tables.get(step, ())]
    if step == BUILDING:
        content = sorted(typed.settings.items())
    return sha256(json.dumps(content).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def until(problems: Sequence[Problem], step: str) -> tuple[Problem, ...]:
    """The problems of the steps up to this one: those to come are not filled in yet."""
    there = STEPS[: STEPS.index(step) + 1]
    return tuple(problem for problem in problems if problem.file in there)


def to_json(typed: Typed) -> dict[str, Any]:
    return {
        "settings": dict(typed.settings),
        "tables": {file: [dict(row) for row in rows] for file, rows in typed.tables.items()},
    }


def from_json(stored: Mapping[str, Any]) -> Typed:
    """What was kept; a row has every column that its table has today."""
    tables = {
        table.file: tuple(
            {name: str(row.get(name, "")) for name in table.names()} for row in stored["tables"].get(table.file, ())
        )
        for table in TYPED
    }
    return Typed(dict(stored["settings"]), tables)


def _rows(typed: Typed, table: Table, place: int) -> list[Line]:
    rows = list(typed.rows(table))
    if not 0 <= place < len(rows):
        raise DomainError("setup.no_such_row")
    return rows
