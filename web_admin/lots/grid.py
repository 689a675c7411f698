"""All lots of a building in one form: a row for each, and rows for new ones. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from core.interchange.amendments.model import OWNER, Changes
from core.interchange.model import BUILDING
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS, Table
from core.interchange.typed import MOST_ROWS, Line, Problem, Typed
from core.kernel.text import Text, say
from web_admin.details.amending import merged, number, plainly, texts, unfit

CELLS = ("lot", "kind", "floor", "shares")
NEW_CELLS = ("owner", "since")
WHOLE = "shares_total"
EMPTY_ROWS = 3
NEW_KIND = "apartment"

Refused = dict[str, Text]
"""What is wrong, by the name of its field: `shares-3`."""


@dataclass(frozen=True, slots=True)
class Row:
    """A lot as it is typed. `was`: what it is called in the building, empty for a new one; `gone`: to be taken away.

    `owner` (a code) and `since` are asked of new lots only. `note`: what somebody else did with it meanwhile.
    """

    was: str
    cells: Mapping[str, str]
    gone: bool = False
    note: Text | None = None

    @property
    def blank(self) -> bool:
        """A row for a new lot in which nothing stands but the kind that it is offered with."""
        return not self.was and not any(text for name, text in self.cells.items() if name != "kind")


@dataclass(frozen=True, slots=True)
class Grid:
    """`rows` keep their places: those of the lots first, then the new ones."""

    rows: tuple[Row, ...]
    whole: str
    now: Mapping[str, Text] = field(default_factory=dict)
    """What stands there now, by field, where somebody else was faster."""

    def with_empty_rows(self, count: int = EMPTY_ROWS) -> Grid:
        blank = sum(row.blank for row in self.rows)
        return replace(self, rows=(*self.rows, *([new_row()] * (count - blank))))


def new_row() -> Row:
    return Row("", {**dict.fromkeys((*CELLS, *NEW_CELLS), ""), "kind": NEW_KIND})


def grid_of(typed: Typed) -> Grid:
    rows = tuple(Row(row["lot"], {name: row[name] for name in CELLS}) for row in typed.rows(LOTS))
    return Grid(rows, typed.settings[WHOLE])


def base_of(typed: Typed) -> dict[str, object]:
    """What the form shows when it is opened: the cells of each lot by its name, and the sum."""
    return {"lots": {row.was: dict(row.cells) for row in grid_of(typed).rows}, "whole": typed.settings[WHOLE]}


def read(typed: Callable[[str], str], has: Callable[[str], bool], rest: Mapping[int, Row] | None = None) -> Grid:
    """The form that was sent. `typed` gives the text of a field, `has` says whether there is one of that name; `rest`: the rows that it did
    not show, by their places."""
    rows: list[Row] = []
    for place in range(2 * MOST_ROWS):
        if not has(f"lot-{place}"):
            if rest is None or place not in rest:
                break
            rows.append(rest[place])
            continue
        was = typed(f"was-{place}")
        names = CELLS if was else (*CELLS, *NEW_CELLS)
        rows.append(Row(was, {name: typed(f"{name}-{place}") for name in names}, typed(f"gone-{place}") == "yes"))
    return Grid(tuple(rows), typed(WHOLE))


def unfit_cells(grid: Grid) -> Refused:
    """What can not be kept, whatever it means."""
    cells = {f"{name}-{place}": text for place, row in enumerate(grid.rows) for name, text in row.cells.items()}
    return {name: wrong for name, text in {**cells, WHOLE: grid.whole}.items() if (wrong := unfit(text))}


def kept_rows(grid: Grid) -> list[int]:
    """The places of the rows that are lots when this is saved."""
    return [place for place, row in enumerate(grid.rows) if not row.gone and not row.blank]


def gone_lots(grid: Grid) -> list[str]:
    return [row.was for row in grid.rows if row.gone and row.was]


def changes_of(typed: Typed, grid: Grid) -> Changes:
    """The tables as the form wants them: who is called otherwise is so everywhere, who goes goes everywhere.

    A lot that the form does not name stays as it is. The new lots get their owners at the end of their table.
    """
    there = {row["lot"] for row in typed.rows(LOTS)}
    kept = [grid.rows[place] for place in kept_rows(grid)]
    named = {row.was for row in grid.rows if row.was}
    gone = {lot for lot in gone_lots(grid) if lot in there}
    called = {row.was: row.cells["lot"] for row in kept if row.was and row.cells["lot"]}
    lots: list[Line] = [{name: row.cells[name] for name in CELLS} for row in kept]
    lots += [row for row in typed.rows(LOTS) if row["lot"] not in named]

    def following(table: Table) -> list[Line]:
        return [
            {**row, "lot": called.get(row["lot"], row["lot"])} for row in typed.rows(table) if row["lot"] not in gone
        ]

    owned = [row for row in kept if not row.was and row.cells["owner"]]
    rights: list[Line] = [
        {
            "lot": row.cells["lot"],
            "person": row.cells["owner"],
            "right": "full",
            "numerator": "1",
            "denominator": "1",
            "from": row.cells["since"],
            "to": "",
            "representative": "no",
        }
        for row in owned
    ]
    tables: dict[str, list[Line]] = {
        LOTS.file: lots,
        WEIGHTS.file: following(WEIGHTS),
        OWNERSHIP.file: [*following(OWNERSHIP), *rights],
        TENANCIES.file: following(TENANCIES),
    }
    if owned:
        tables[PEOPLE.file] = _owners(typed, {row.cells["owner"] for row in owned})
    return Changes({WHOLE: grid.whole}, tables)


def _owners(typed: Typed, codes: set[str]) -> list[Line]:
    """The people, each of those who get a lot with that role."""
    found: list[Line] = []
    for row in typed.rows(PEOPLE):
        roles = [part for part in row["roles"].split(";") if part]
        joins = row["person"] in codes and OWNER not in roles
        found.append({**row, "roles": ";".join((*roles, OWNER))} if joins else row)
    return found


# ------------------------------------------------------------------------------------------------------ what is wrong


def beside(grid: Grid, changes: Changes, problems: Iterable[Problem]) -> tuple[Refused, list[Text]]:
    """What is wrong by field, and what belongs to none. Who bears without an owner is said once, with the first day of it."""
    kept = kept_rows(grid)
    new = [place for place in kept if not grid.rows[place].was and grid.rows[place].cells["owner"]]
    first_right = len(changes.tables[OWNERSHIP.file]) - len(new)
    fields: Refused = {}
    others: list[Text] = []
    unowned: list[Text] = []
    for problem in problems:
        fault = problem.wrong.key.removeprefix("interchange.fault.")
        values = problem.wrong.values
        if fault == "shares":
            fields[WHOLE] = say("office.lots.sum", found=number(values["found"]), expected=number(values["expected"]))
        elif problem.file == BUILDING and problem.column == WHOLE:
            fields[WHOLE] = plainly(problem.wrong)
        elif fault in ("unowned", "settled_unowned"):
            unowned.append(problem.wrong)
        elif problem.file == LOTS.file and problem.row is not None and problem.row < len(kept):
            fields.setdefault(f"{problem.column or 'lot'}-{kept[problem.row]}", plainly(problem.wrong))
        elif problem.file == OWNERSHIP.file and problem.row is not None and problem.row >= first_right:
            name = "since" if problem.column == "from" else "owner"
            fields.setdefault(f"{name}-{new[problem.row - first_right]}", plainly(problem.wrong))
        else:
            others.append(problem.wrong)
    if unowned:
        others.insert(0, _unowned(unowned))
    return fields, others


def booked(grid: Grid, lot: str) -> str:
    """The field of a lot of which the books speak."""
    return next((f"lot-{place}" for place, row in enumerate(grid.rows) if row.was == lot), "")


def _unowned(found: list[Text]) -> Text:
    dated = sorted((str(wrong.values["day"]), wrong) for wrong in found if "day" in wrong.values)
    if not dated:
        return say("office.lots.unowned_period", lots=found[0].values["lots"])
    day, wrong = dated[0]
    return say("office.lots.unowned", day=date.fromisoformat(day), lots=wrong.values["lots"])


# ------------------------------------------------------------------------------------------------------ two at one time


def both(grid: Grid, base: Mapping[str, object], now: Typed) -> Grid:
    """What was typed, with what somebody else changed meanwhile: what was left alone follows, what was typed stays.

    First the lots that are there, then those that he added, then what is new; a lot that he removed is offered as a new one.
    """
    was = base.get("lots")
    shown: Mapping[str, object] = was if isinstance(was, dict) else {}
    there = {row.was: row for row in grid_of(now).rows}
    mine: list[Row] = []
    new: list[Row] = []
    notes: Refused = {}
    for row in grid.rows:
        if row.was in there:
            both_of = merged(texts(shown.get(row.was)), row.cells, there.pop(row.was).cells)
            notes |= {f"{name}-{len(mine)}": _now(name, text) for name, text in both_of.now.items()}
            mine.append(replace(row, cells=both_of.values))
        elif row.was:
            new.append(Row("", {**new_row().cells, **row.cells}, row.gone, say("office.lots.removed_meanwhile")))
        else:
            new.append(row)
    added = [replace(row, note=say("office.lots.added_meanwhile")) for row in there.values()]
    whole = merged(texts({WHOLE: base.get("whole")}), {WHOLE: grid.whole}, {WHOLE: now.settings[WHOLE]})
    notes |= {name: _now(name, text) for name, text in whole.now.items()}
    return Grid((*mine, *added, *new), whole.values[WHOLE], notes)


def differing(grid: Grid, base: Mapping[str, object]) -> Refused:
    """By field what stands there now, wherever something else was typed. `base`: what the form was given last."""
    was = base.get("lots")
    shown: Mapping[str, object] = was if isinstance(was, dict) else {}
    return {
        f"{name}-{place}": _now(name, there[name])
        for place, row in enumerate(grid.rows)
        for there in (texts(shown.get(row.was)),)
        for name in there
        if row.was and row.cells.get(name, there[name]) != there[name]
    }


def labels(typed: Typed) -> dict[str, str]:
    """What people are called where one is chosen by typing, by code: the name, and the code besides where several have it."""
    names = [row["name"] for row in typed.rows(PEOPLE)]
    return {
        row["person"]: row["name"] if names.count(row["name"]) == 1 else f"{row['name']} ({row['person']})"
        for row in typed.rows(PEOPLE)
    }


def with_codes(grid: Grid, typed: Typed) -> Grid:
    """The owners of new lots by their codes, also where their names were typed."""
    codes = {label: code for code, label in labels(typed).items()}
    rows = [
        row
        if row.was or row.cells["owner"] not in codes
        else replace(row, cells={**row.cells, "owner": codes[row.cells["owner"]]})
        for row in grid.rows
    ]
    return replace(grid, rows=tuple(rows))


def _now(name: str, text: str) -> Text:
    if not text:
        return say("office.amend.now_empty")
    return say("office.amend.now", now=say(f"office.lots.kind.{text}") if name == "kind" else text)
