"""What is wrong with what was typed, in a sentence beside the field that it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from core.interchange.typed import Problem, Problems
from core.kernel.errors import DomainError
from core.kernel.text import Text, say

FORM = ""
"""Where a sentence stands that is about no field: above the form."""
MOST_SIGNS = 4000
"""Twice what a cell takes: how much too long something is, is said up to here by the checks of the files."""
ROOM = 2**16
"""So much of a field is read and given back; what is cut nobody would have kept."""

Sentences = dict[str, Text]
"""By field."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SAID: Mapping[str, str] = {
    "empty": "office.people.wrong.empty",
    "repeated": "office.people.wrong.email_taken",
    "email": "office.people.wrong.email",
    "unknown_person": "office.people.wrong.whom",
    "acceptance_undated": "office.people.wrong.undated",
    "code": "office.people.wrong.choose",
    "list_gap": "office.people.wrong.choose",
    "listed_twice": "office.people.wrong.choose",
    "too_long": "office.people.wrong.long",
    "hidden_sign": "office.people.wrong.sign",
    "line_break": "office.people.wrong.line_break",
    "day_out_of_range": "office.people.wrong.year",
    "no_such_day": "office.people.wrong.day",
    "day": "office.people.wrong.day",
    "days_in_disorder": "office.people.wrong.order",
    "fraction": "office.ownership.wrong.part",
    "whole": "office.ownership.wrong.part",
    "whole_out_of_range": "office.ownership.wrong.part",
    "lot_gap": "office.ownership.wrong.lot_gap",
    "lot_overlap": "office.ownership.wrong.lot_overlap",
    "usufruct_gap": "office.ownership.wrong.usufruct_gap",
    "usufruct_overlap": "office.ownership.wrong.usufruct_overlap",
    "bare_gap": "office.ownership.wrong.bare_gap",
    "bare_overlap": "office.ownership.wrong.bare_overlap",
    "owner_repeated": "office.ownership.wrong.repeated",
    "two_representatives": "office.ownership.wrong.two",
}
"""Faults of the files whose sentence speaks of files, in the words of a form."""


class Refused(Exception):
    """The sentences for the fields that cannot stay as they are."""

    def __init__(self, sentences: Mapping[str, Text]) -> None:
        super().__init__()
        self.sentences = dict(sentences)


def sentences(refusal: DomainError, field_of: Callable[[Problem], str], fields: Mapping[str, str]) -> Sentences:
    """The first sentence for each field. `field_of`: where a problem was typed; `fields`: the same for a refusal, by its message."""
    if not isinstance(refusal, Problems):
        return {fields.get(refusal.text.key, FORM): refusal.text}
    found: Sentences = {}
    for problem in refusal.problems:
        found.setdefault(field_of(problem), _sentence(problem.wrong))
    return found


def unstorable(typed: Mapping[str, str]) -> Sentences:
    """What no database takes, or nobody types by hand."""
    found: Sentences = {}
    for name, text in typed.items():
        if hidden := _UNSTORABLE.search(text):
            found[name] = say("office.people.wrong.sign", sign=f"U+{ord(hidden[0]):04X}")
        elif len(text) > MOST_SIGNS:
            found[name] = say("office.people.wrong.long", found=len(text), most=MOST_SIGNS // 2)
    return found


def day_of(text: str) -> date | None:
    """A day as browsers send it; None for anything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _sentence(wrong: Text) -> Text:
    own = _SAID.get(wrong.key.removeprefix("interchange.fault."))
    return Text(own, wrong.values) if own else wrong
