"""What is wrong with a draft, said to somebody who fills in fields and never sees a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.interchange.model import BUILDING
from core.interchange.setup.model import STEPS
from core.interchange.tables import WEIGHTS
from core.interchange.typed import Problem, Typed
from core.kernel.text import Text, Value, say

STEP_OF: Mapping[str, str] = {file: file.partition(".")[0] for file in STEPS}
"""The step at which a file of a draft is filled in, by the name that its page has."""
FILE_OF = {step: file for file, step in STEP_OF.items()}

_SAID = {
    "shares": "shares",
    "unknown_lot": "unknown_lot",
    "unknown_person": "unknown_person",
    "unknown_key": "unknown_key",
    "toml_missing": "missing",
    "empty": "missing",
    "key_reserved": "key_reserved",
    "repeated": "repeated",
    "row_repeated": "row_repeated",
    "two_representatives": "two_representatives",
    "owner_repeated": "owner_repeated",
    "code": "code",
    "month_day": "month_day",
    "start_day": "start_day",
    "interest": "interest",
    "toml_whole": "whole",
    "whole": "whole",
    "toml_date": "day",
    "day": "day",
    "acceptance_undated": "acceptance_undated",
}
"""Faults that speak of files, lines or codes, and what is said instead."""


def told(typed: Typed, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems as somebody meets them on the pages: a key without any number is one, not one for each cell of its row."""
    rows = typed.rows(WEIGHTS)
    found: dict[Problem, None] = {}
    for problem in problems:
        row = rows[problem.row] if problem.file == WEIGHTS.file and problem.row is not None else None
        if row is not None and not row["lot"] and not row["weight"]:
            problem = Problem(problem.file, problem.row, "key", say("office.setup.wrong.no_weight", key=row["key"]))
        found[problem] = None
    return tuple(found)


def in_words(problem: Problem) -> Text:
    """The sentence, with the labels of the form in place of the names of columns."""
    name = problem.wrong.key.rpartition(".")[2]
    values: dict[str, Value] = {each: _plain(value) for each, value in problem.wrong.values.items()}
    for each in ("column", "earlier", "later"):
        if (label := values.get(each)) and isinstance(label, str) and label.replace(".", "").replace("_", "").isalnum():
            values[each] = label_of(problem.file, label)
    if problem.wrong.key.startswith("interchange.fault.") and name in _SAID:
        return Text(f"office.setup.wrong.{_SAID[name]}", values)
    return Text(problem.wrong.key, values)


def label_of(file: str, column: str) -> Text:
    return say(f"office.setup.setting.{column}") if file == BUILDING else say(f"office.setup.column.{column}")


def _plain(value: Value) -> Value:
    """Without the quotes in which a setting stands in its file."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value
