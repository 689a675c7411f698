"""The form of one key: its name, and a weight for each lot. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.buildings.model import GENERAL
from core.interchange.amendments.model import Changes
from core.interchange.tables import LOTS, WEIGHTS
from core.interchange.typed import MOST_ROWS, Line, Problem, Typed
from core.kernel.text import Text, say
from web_admin.details.amending import meanwhile, merged, plainly, texts, unfit

BEGINNINGS = ("none", "one", "shares")
"""What the weights of a new key begin with."""
_USED_IN = ("budget.csv", "expenses.csv", "calls.csv")

Refused = dict[str, Text]


@dataclass(frozen=True, slots=True)
class Form:
    """`key`: what it is called in the building, empty for a new one; `weights` as texts by lot, in the order of the lots."""

    key: str
    name: str
    weights: Mapping[str, str]
    now: Refused = field(default_factory=dict)


def form_of(typed: Typed, key: str) -> Form:
    """The key as it is; of a new one, empty."""
    given = {row["lot"]: row["weight"] for row in typed.rows(WEIGHTS) if row["key"] == key} if key else {}
    return Form(key, key, {row["lot"]: given.get(row["lot"], "") for row in typed.rows(LOTS)})


def begun(typed: Typed, beginning: str) -> Form:
    """A new key, filled in for a start."""
    rows = typed.rows(LOTS)
    if beginning == "shares":
        return Form("", "", {row["lot"]: row["shares"] for row in rows})
    return Form("", "", {row["lot"]: "1" if beginning == "one" else "" for row in rows})


def read(typed: Callable[[str], str], has: Callable[[str], bool], key: str) -> Form:
    """The form that was sent: `lot-3` says whose weight `weight-3` is."""
    weights: dict[str, str] = {}
    for place in range(MOST_ROWS):
        if not has(f"lot-{place}"):
            break
        weights[typed(f"lot-{place}")] = typed(f"weight-{place}")
    return Form(key, typed("name"), weights)


def base_of(form: Form) -> dict[str, object]:
    return {"name": form.name, "weights": dict(form.weights)}


def wrong_of(typed: Typed, form: Form) -> Refused:
    """What is wrong before the rules of the files are asked: they do not see a key without a row, nor one that joins another."""
    found = {_field(form, lot): wrong for lot, text in form.weights.items() if (wrong := unfit(text))}
    if wrong := unfit(form.name):
        found["name"] = wrong
    elif not form.name:
        found["name"] = say("office.wrong.empty")
    elif form.name == GENERAL:
        found["name"] = say("office.keys.reserved")
    elif form.name != form.key and any(row["key"] == form.name for row in typed.rows(WEIGHTS)):
        found["name"] = say("office.wrong.repeated", found=form.name)
    if not found and not any(text.strip("0") for text in form.weights.values()):
        found[_field(form, next(iter(form.weights), ""))] = say("office.keys.weightless")
    return found


def rows_of(form: Form) -> list[Line]:
    """The rows of the key: one for each lot that is given a weight."""
    return [{"key": form.name, "lot": lot, "weight": text} for lot, text in form.weights.items() if text]


def changes_of(typed: Typed, form: Form) -> Changes:
    """The table of weights with this key in the place where it stood, a new one at the end."""
    before = typed.rows(WEIGHTS)
    place = next((place for place, row in enumerate(before) if row["key"] == form.key), len(before))
    others = [row for row in before[place:] if row["key"] != form.key]
    return Changes(tables={WEIGHTS.file: [*before[:place], *rows_of(form), *others]})


def without(typed: Typed, key: str) -> Changes:
    return Changes(tables={WEIGHTS.file: [row for row in typed.rows(WEIGHTS) if row["key"] != key]})


def beside(form: Form, changes: Changes, problems: Iterable[Problem]) -> tuple[Refused, list[Text]]:
    """What is wrong by field, and what belongs to none. Where bills use the key, that is said once."""
    every = list(problems)
    mine = rows_of(form)
    first = next((place for place, row in enumerate(changes.tables[WEIGHTS.file]) if row["key"] == form.name), 0)
    fields: Refused = {}
    others: list[Text] = []
    used = sum(_names(problem) for problem in every)
    if used:
        fields["name"] = say("office.keys.used", key=form.key, count=used)
    for problem in every:
        if _names(problem):
            continue
        row = problem.row - first if problem.row is not None and problem.file == WEIGHTS.file else -1
        if not 0 <= row < len(mine):
            others.append(problem.wrong)
        elif problem.column == "key":
            fields.setdefault("name", plainly(problem.wrong))
        else:
            fields.setdefault(_field(form, mine[row]["lot"]), plainly(problem.wrong))
    return fields, others


def users(problems: Iterable[Problem]) -> int:
    """How often the budget, bills and calls name a key that would be gone."""
    return sum(_names(problem) for problem in problems)


def both(form: Form, base: Mapping[str, object], now: Form) -> Form:
    """What was typed, with what somebody else changed meanwhile; lots as they are `now`. A key that is gone comes back as a new one."""
    before = {"": str(base.get("name", "")), **texts(base.get("weights"))}
    typed = {"": form.name, **{lot: form.weights.get(lot, "") for lot in now.weights}}
    mine = merged(before, typed, {"": now.name, **now.weights} if now.key else {})
    found = Form(now.key, mine.values.pop(""), mine.values)
    return replace(found, now={_field(found, lot): text for lot, text in meanwhile(mine.now).items()})


def _field(form: Form, lot: str) -> str:
    places = {name: f"weight-{place}" for place, name in enumerate(form.weights)}
    return places.get(lot, "name")


def _names(problem: Problem) -> bool:
    return problem.file in _USED_IN and problem.wrong.key == "interchange.fault.unknown_key"
