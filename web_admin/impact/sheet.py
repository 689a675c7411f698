"""The figures as a table to take along: CSV (RFC 4180), UTF-8. A cell is empty where there are too few to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from core.bulletin.impact.cards import CO2, HOURS, NAMES, label, whole
from core.bulletin.impact.model import Impact
from core.kernel.i18n import Words
from core.kernel.text import say
from web_admin.audit.sheet import MARK, line

UNITS = {HOURS: "h", CO2: "kg"}


def sheet(found: Impact, buildings: Mapping[UUID, str], words: Words) -> str:
    """A line for each building with enough to tell, one for several together, one for all of them."""
    return MARK + "".join(line(row) for row in _rows(found, buildings, words))


def _rows(found: Impact, buildings: Mapping[UUID, str], words: Words) -> Iterator[list[str]]:
    heads = [f"{words(label(name))} ({UNITS[name]})" if name in UNITS else words(label(name)) for name in NAMES]
    yield [words(say("office.impact.year")), words(say("office.impact.building")), *heads]
    lines = [(buildings.get(each.building) if each.building else None, each.figures) for each in found.lines]
    for name, figures in lines:
        yield [
            str(found.year),
            name or words(say("office.impact.together")),
            *("" if value is None else str(value) for value in whole(figures).values()),
        ]
    total = whole(found.total).values()
    yield [str(found.year), words(say("office.impact.all")), *("" if value is None else str(value) for value in total)]
