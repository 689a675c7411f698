"""What there is to do as lines to read: what it is about, what to do next, and the page that does it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from core.bulletin.overview.model import ASSEMBLY_WINDOW, Due, Elsewhere, Glance, Todo, Unreachable
from core.interchange.setup.model import Listed
from core.kernel.text import Text, say

MOST_NAMES = 5
"""Of one building in one line; the page of its people has all."""
NEAR = timedelta(days=7)
"""What falls due within these days is marked."""
PERSON, DRAFT, ASSEMBLIES = "/buildings/{building}/people/{person}", "/setup/{draft}", "/assemblies"
"""Pages to which a line leads once they stand."""


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody or something in a line; `path`: its page, empty where there is none."""

    name: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do. `where`: the name of the building, or empty; `names`: whom or what it is about, and `more` of them; `age`: since
    when it waits, where that matters."""

    said: Text
    act: Text
    path: str
    where: str = ""
    names: tuple[Name, ...] = ()
    more: int = 0
    day: date | None = None
    near: bool = False
    age: Text | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind, with a heading and a sentence on what to do: `office.todo.<name>`, `office.todo.<name>_next`."""

    name: str
    lines: tuple[Line, ...]

    @property
    def title(self) -> Text:
        return say(f"office.todo.{self.name}")

    @property
    def next(self) -> Text:
        return say(f"office.todo.{self.name}_next")


def groups(
    todo: Todo,
    unreachable: Iterable[Unreachable],
    drafts: Iterable[Listed],
    today: date,
    paths: Collection[str],
    lots: Sequence[str] = (),
    urgent: Sequence[Line] = (),
    moderation: Sequence[Line] = (),
) -> list[Group]:
    """Danger before all, then what falls due, then the most serious first; kinds of which there is nothing are left out.

    `paths`: where pages stand; `lots`: those without a representative, where all is about one building; `urgent`: what cannot wait;
    `moderation`: what waits for a decision among neighbours.
    """
    every = [
        ("urgent", list(urgent)),
        ("due", _dues(todo, today, paths)),
        ("moderation", list(moderation)),
        ("failed", [*_each(todo.buildings, _failed), *_failed_elsewhere(todo.elsewhere)]),
        *_people(todo.buildings, list(unreachable), paths),
        ("voiceless", _each(todo.buildings, lambda glance: _voiceless(glance, lots))),
        ("letters", _each(todo.buildings, _letters)),
        ("aside", _set_aside(todo.elsewhere)),
        ("drafts", [_draft(row, paths) for row in drafts]),
    ]
    return [Group(name, tuple(lines)) for name, lines in every if lines]


def _each(glances: Iterable[Glance], line: Callable[[Glance], Line | None]) -> list[Line]:
    return [made for glance in glances if (made := line(glance)) is not None]


def _dues(todo: Todo, today: date, paths: Collection[str]) -> list[Line]:
    """Soonest first; what is alike, of one building and one day, in one line."""
    known = {glance.building_id: glance for glance in todo.buildings}
    alike: dict[tuple[date, UUID, str], list[Due]] = {}
    for due in todo.dues:
        alike.setdefault((due.day, due.building_id, due.kind), []).append(due)
    return [_due(rows, known[building], today, paths) for (_, building, _), rows in alike.items()]


def _due(rows: Sequence[Due], glance: Glance, today: date, paths: Collection[str]) -> Line:
    first = rows[0]
    path, act = f"/buildings/{glance.slug}#owes", say("office.todo.see_owed")
    if first.kind == ASSEMBLY_WINDOW:
        stands = ASSEMBLIES in paths
        path = ASSEMBLIES if stands else f"/messages/broadcasts/new?building={glance.slug}"
        act = say("office.todo.prepare" if stands else "office.todo.ask_agenda")
    said = say(f"office.todo.due_{first.kind}", count=len(rows))
    names = [Name(" ".join(each for each in (row.number, row.title) if each)) for row in rows if row.number]
    return Line(
        said,
        act,
        path,
        glance.name,
        tuple(names[:MOST_NAMES]),
        max(len(names) - MOST_NAMES, 0),
        first.day,
        first.day <= today + NEAR,
    )


def _failed(glance: Glance) -> Line | None:
    path = f"/messages?building={glance.slug}&fate=failed"
    return _counted("failed", glance.failed, "see_messages", path, glance.name)


def _failed_elsewhere(elsewhere: Elsewhere) -> list[Line]:
    line = _counted("failed_elsewhere", elsewhere.failed, "see_messages", "/messages?fate=failed", "")
    return [line] if line else []


def _people(
    glances: Sequence[Glance], unreachable: Sequence[Unreachable], paths: Collection[str]
) -> list[tuple[str, list[Line]]]:
    """Whom nothing reaches; and the owners who read what they are sent, but whom no legal notice reaches."""
    every: list[tuple[str, list[Line]]] = []
    for name, at_all in (("unreachable", True), ("unwarned", False)):
        rows = sorted((row for row in unreachable if row.at_all is at_all), key=lambda row: row.building_id)
        by_building = {building: list(group) for building, group in groupby(rows, key=lambda row: row.building_id)}
        lines = []
        for glance in glances:
            here = by_building.get(glance.building_id, [])
            if here:
                names = tuple(_name(row, glance, paths) for row in here[:MOST_NAMES])
                said, act = say(f"office.todo.{name}_said", count=len(here)), say("office.todo.see_people")
                path = f"/buildings/{glance.slug}/people"
                lines.append(Line(said, act, path, glance.name, names, len(here) - len(names)))
        every.append((name, lines))
    return every


def _name(row: Unreachable, glance: Glance, paths: Collection[str]) -> Name:
    return Name(row.name, PERSON.format(building=glance.slug, person=row.person) if PERSON in paths else "")


def _voiceless(glance: Glance, lots: Sequence[str]) -> Line | None:
    path = f"/buildings/{glance.slug}/ownership"
    line = _counted("voiceless", glance.voiceless, "see_ownership", path, glance.name)
    if line is None or not lots:
        return line
    named = tuple(Name(lot) for lot in lots[:MOST_NAMES])
    return Line(line.said, line.act, path, glance.name, named, len(lots) - len(named))


def _letters(glance: Glance) -> Line | None:
    return _counted("letters", glance.letters, "see_letters", "/messages/letters", glance.name)


def _set_aside(elsewhere: Elsewhere) -> list[Line]:
    line = _counted("aside", elsewhere.set_aside, "see_aside", "/messages/set-aside", "")
    return [line] if line else []


def _draft(row: Listed, paths: Collection[str]) -> Line:
    said = say("office.todo.draft_named", name=row.name) if row.name else say("office.todo.draft_unnamed")
    return Line(said, say("office.todo.go_on"), DRAFT.format(draft=row.draft_id) if DRAFT in paths else "/setup")


def _counted(name: str, count: int, act: str, path: str, where: str) -> Line | None:
    return Line(say(f"office.todo.{name}_said", count=count), say(f"office.todo.{act}"), path, where) if count else None
