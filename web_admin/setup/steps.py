"""The steps of a draft: each keeps what was typed into it, right or wrong, and says what is wrong beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from core.interchange.setup import service as setup
from core.interchange.setup.merging import merged
from core.interchange.setup.model import Draft, NoSuchDraft, state
from core.interchange.tables import LOTS, PEOPLE, WEIGHTS
from core.interchange.typed import Line, Outdated, Problem, Typed
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import Text, Value, say
from web_admin.messages.reach import identity
from web_admin.pages import PREFIX, Page, Visit, go_to, render
from web_admin.setup import charter, weights
from web_admin.setup.drafts import WRITES, actor, gone, steps_of
from web_admin.setup.grids import (
    A_PAGE,
    BY_STEP,
    LONGEST_CELL,
    MOST_IN_A_FORM,
    NEW_ROWS,
    Grid,
    filled,
    new_row,
    vocabulary,
)
from web_admin.setup.pasting import MOST_SIGNS, Pasted, read, read_weights
from web_admin.setup.wording import FILE_OF, in_words, told

LARGEST = 2**20
"""Bytes of a step as it is sent."""
MOST_MORE = 100
MOST_CHOICES = 2500
"""Fields to choose from on one page, over all its rows; with more they become fields with suggestions, so that the page stays small."""


FAMILIES = {
    "kind": "office.setup.kind.",
    "right": "office.setup.right.",
    "role": "office.setup.role.",
    "language": "language.",
}
"""Where the words for the codes of a choice stand."""


async def show(visit: Visit) -> web.StreamResponse:
    """A step as it was left; `?look`: with what is wrong in it, even where nothing was filled in yet."""
    step = _step(visit)
    try:
        draft = await setup.draft(visit.uow, identity(visit, "draft"))
    except NoSuchDraft as refusal:
        return gone(visit, refusal)
    return await _shown(visit, draft, step)


async def save(visit: Visit) -> web.StreamResponse:
    """Keeps the step and goes on to the next one; where something is wrong in it, it is shown again with that beside it."""
    step, draft_id = _step(visit), identity(visit, "draft")
    if visit.typed("do") == "sum" and step == "lots":
        return await _sum(visit)
    try:
        draft = await setup.seen(visit.uow, draft_id, FILE_OF[step], visit.typed("seen", 64))
    except NoSuchDraft as refusal:
        return gone(visit, refusal)
    except Outdated as refusal:
        return await _too_late(visit, await setup.draft(visit.uow, draft_id), step, refusal.text)
    if step == "building":
        return await _save_settings(visit, draft)
    return await _save_rows(visit, draft, BY_STEP[step])


async def _save_settings(visit: Visit, draft: Draft) -> web.Response:
    typed = charter.sent(visit)
    try:
        draft = await setup.type_settings(visit.uow, draft.draft_id, draft.version, typed, actor(visit))
    except DomainError as refusal:
        return await _shown(visit, draft, "building", 422, refused=refusal.text, settings=typed)
    return await _on(visit, draft, "building")


async def _save_rows(visit: Visit, draft: Draft, grid: Grid) -> web.Response:
    rows, called, shown = _sent(visit, draft.typed, grid)
    try:
        pasted = _pasted(visit, grid)
        tables: Mapping[str, Iterable[Line]] = {grid.table.file: rows}
        if pasted.rows:
            so_far = draft.typed.with_rows(grid.table, rows)
            tables = merged(so_far, grid.table, pasted.rows, _defaults(visit, draft.typed))
        names = {grid.table.file: called} if called else {}
        draft = await setup.type_tables(visit.uow, draft.draft_id, draft.version, tables, actor(visit), names)
    except DomainError as refusal:
        return await _shown(visit, draft, grid.step, 422, refused=refusal.text, rows=shown)
    if visit.typed("paste", 2) and not pasted.rows:
        return await _shown(visit, draft, grid.step, 422, refused=say("office.setup.paste.nothing"))
    return await _on(visit, draft, grid.step, pasted)


async def _on(visit: Visit, draft: Draft, step: str, pasted: Pasted | None = None) -> web.Response:
    """Commits, and leads to the next step; to this one again where it is not right, or its writer wants to go on with it."""
    problems = told(draft.typed, await setup.look_over(visit.uow, draft))
    await visit.uow.commit()
    here = sum(problem.file == FILE_OF[step] for problem in problems)
    path, do = f"/setup/{draft.draft_id}", visit.typed("do", 20)
    first = min(_count(visit.typed("first", 12)), MOST_IN_A_FORM * MOST_MORE)
    query = f"?look=1&first={first}" if first else "?look=1"
    if pasted and pasted.rows:
        if pasted.strange:
            left_out = ", ".join(pasted.strange)[:200]
            done = say("office.setup.pasted_but", count=len(pasted.rows), left_out=left_out)
        else:
            done = say("office.setup.pasted", count=len(pasted.rows))
        return go_to(visit, f"{path}/{step}?look=1", done)
    if do == "more":
        more = min(_count(visit.typed("more", 12)) + 2 * NEW_ROWS, MOST_MORE)
        return go_to(visit, f"{path}/{step}{query}&more={more}#end", say("office.setup.saved"))
    if here:
        return go_to(visit, f"{path}/{step}{query}", say("office.setup.saved_but", count=here))
    names = list(FILE_OF)
    following = names[names.index(step) + 1 :]
    return go_to(visit, f"{path}/{following[0]}" if following else path, say("office.setup.saved"))


async def _too_late(visit: Visit, draft: Draft, step: str, refused: Text) -> web.Response:
    """Somebody was faster: what he made of it stands beside what was typed, which can be saved in its stead."""
    if step == "building":
        typed = charter.sent(visit)
        now: list[Any] = [
            (say(f"office.setup.setting.{name}"), text)
            for name, text in draft.typed.settings.items()
            if typed[name] != text
        ]
        return await _shown(visit, draft, step, 409, refused=refused, settings=typed, now=now)
    grid = BY_STEP[step]
    _, _, shown = _sent(visit, draft.typed, grid)
    there = draft.typed.rows(grid.table)
    labels = _labels(visit, grid)
    now = [
        " · ".join(labels.get(f"{name}.{text}", text) for name, text in row.items() if text)
        for row in there
        if row not in shown
    ]
    return await _shown(visit, draft, step, 409, refused=refused, rows=shown, now=now or [say("office.setup.now_less")])


async def _sum(visit: Visit) -> web.Response:
    """The sum of the shares as they stand in the form, for a page that asks while it is filled in."""
    try:
        draft = await setup.draft(visit.uow, identity(visit, "draft"))
    except NoSuchDraft as refusal:
        return gone(visit, refusal)
    rows, _, _ = _sent(visit, draft.typed, BY_STEP["lots"])
    return render(visit, "setup/sum.html", sum=shares(rows, draft.typed))


def _sent(
    visit: Visit, typed: Typed, grid: Grid
) -> tuple[tuple[Line, ...], Sequence[tuple[str, str]], tuple[Line, ...]]:
    """All rows of the step as they are to be, what named ones were called before, and the rows that were shown."""

    def field(name: str) -> str:
        return visit.typed(name, LONGEST_CELL)

    before = typed.rows(grid.table)
    if grid.table is WEIGHTS:
        lots = [field(f"lot.{place}") for place in range(min(_count(field("count")), MOST_IN_A_FORM))]
        others = [row for row in before if row["lot"] and row["lot"] not in lots]
        rows = weights.sent(field, lots, others)
        return rows, (), rows
    found = filled(
        grid,
        field,
        lambda name: [each for each in visit.form.getall(name, []) if isinstance(each, str)],
        before,
        vocabulary(visit.office.catalogues),
    )
    return found.rows, found.called, found.shown


def _pasted(visit: Visit, grid: Grid) -> Pasted:
    text = visit.typed("paste", MOST_SIGNS + 1)
    if not text:
        return Pasted(())
    if len(text) > MOST_SIGNS:
        raise DomainError("setup.too_much")
    words = vocabulary(visit.office.catalogues)
    return read_weights(text, words) if grid.table is WEIGHTS else read(text, words, grid.pasted)


def _defaults(visit: Visit, typed: Typed) -> dict[str, str]:
    """What most rows have that nobody typed yet: the building's language, an owner, since the beginning of this financial year."""
    today = local_day(visit.uow.now)
    start = typed.settings.get("financial_year_start", "") or "01-01"
    since = f"{today.year}-{start}"
    if since > today.isoformat():
        since = f"{today.year - 1}-{start}"
    language = typed.settings.get("languages", "").partition(";")[0]
    return {"kind": "apartment", "language": language, "roles": "owner", "from": since}


async def _shown(
    visit: Visit,
    draft: Draft,
    step: str,
    status: int = 200,
    *,
    refused: Text | None = None,
    settings: Mapping[str, str] | None = None,
    rows: Sequence[Line] | None = None,
    now: Sequence[Any] = (),
) -> web.Response:
    """A step with what is kept of it, or with what was typed and not kept (`settings`, `rows`). `now`: what somebody else made of it."""
    problems = told(draft.typed, await setup.look_over(visit.uow, draft))
    here = [problem for problem in problems if problem.file == FILE_OF[step]]
    begun = "look" in visit.request.query or bool(draft.typed.tables.get(FILE_OF[step]))
    kept = settings is None and rows is None
    values: dict[str, Any] = {
        "draft": draft,
        "steps": steps_of(draft, problems),
        "step": step,
        "seen": state(draft.typed, FILE_OF[step]),
        "action": f"{PREFIX}/setup/{draft.draft_id}/{step}",
        "refused": refused,
        "now": now,
    }
    placed = here if begun and kept else []
    if step == "building":
        wrong = {charter.PLACES.get(each.column, each.column): in_words(each) for each in reversed(placed)}
        given = draft.typed.settings if settings is None else settings
        return render(
            visit,
            "setup/building.html",
            status,
            **values,
            values=charter.shown(given),
            wrong=wrong,
            **charter.choices(visit.office.catalogues[visit.language]),
        )
    if step == "keys":
        return _matrix(visit, draft, status, values, placed, rows)
    grid = BY_STEP[step]
    return render(visit, "setup/rows.html", status, **values, **_grid(visit, draft, grid, placed, rows))


def _grid(
    visit: Visit, draft: Draft, grid: Grid, problems: Sequence[Problem], given: Sequence[Line] | None
) -> dict[str, Any]:
    """What the page of a grid shows: rows with their problems, empty rows at the end, what can be chosen."""
    every, defaults = draft.typed.rows(grid.table), _defaults(visit, draft.typed)
    first = min(_count(visit.request.query.get("first", "") or visit.typed("first", 12)) // A_PAGE * A_PAGE, len(every))
    there = len(every[first : first + A_PAGE])
    shown = [dict(row) for row in (every[first : first + A_PAGE] if given is None else given)]
    more = min(_count(visit.request.query.get("more", "")), MOST_MORE)
    if first + there >= len(every):
        if grid.step == "ownership" and given is None:
            owned = {row["lot"] for row in every}
            unowned = [row["lot"] for row in draft.typed.rows(LOTS) if row["lot"] and row["lot"] not in owned]
            shown += [{**new_row(grid, defaults), "lot": lot} for lot in unowned[: max(0, A_PAGE - len(shown))]]
        empty = (grid.first if not shown else NEW_ROWS) + more
        shown += [new_row(grid, defaults) for _ in range(min(empty, MOST_IN_A_FORM - len(shown)))]
    at: dict[int, list[tuple[str, Text]]] = {}
    elsewhere: list[tuple[int, Text]] = []
    whole: list[Text] = []
    for problem in problems:
        if problem.row is None:
            whole.append(in_words(problem))
        elif first <= problem.row < first + there:
            known = any(column.name == problem.column for column in grid.columns)
            at.setdefault(problem.row - first, []).append((problem.column if known else "", in_words(problem)))
        else:
            elsewhere.append((problem.row, in_words(problem)))
    lots = [row["lot"] for row in draft.typed.rows(LOTS) if row["lot"]]
    people = _people(draft.typed)
    picked = any(column.shape in ("lot", "person") for column in grid.columns)
    choices = (len(lots) + len(people)) * len(shown) if picked else 0
    return {
        "grid": grid,
        "labels": _labels(visit, grid),
        "lot_options": [(lot, lot) for lot in lots],
        "real_days": {text for row in shown for text in (row.get("from", ""), row.get("to", "")) if _is_day(text)},
        "rows": shown,
        "names": [
            row.get(grid.named, "") if place < there or given is not None else "" for place, row in enumerate(shown)
        ],
        "first": first,
        "there": there,
        "total": len(every),
        "a_page": A_PAGE,
        "more": more,
        "at": at,
        "whole": whole,
        "elsewhere": elsewhere[:20],
        "lots": lots,
        "people": people,
        "suggested": choices > MOST_CHOICES,
        "sum": shares(every if given is None else (*every[:first], *given, *every[first + there :]), draft.typed),
        "paste": visit.typed("paste", MOST_SIGNS),
    }


def _labels(visit: Visit, grid: Grid) -> dict[str, str]:
    """The words for what can be chosen in a grid, by column and code."""
    words = visit.office.catalogues[visit.language]
    return {
        f"{column.name}.{code}": words(say(f"{FAMILIES[column.options[0]]}{code}"))
        for column in grid.columns
        for code in column.options[1]
    }


def _matrix(
    visit: Visit,
    draft: Draft,
    status: int,
    values: Mapping[str, Any],
    problems: Sequence[Problem],
    given: Sequence[Line] | None,
) -> web.Response:
    rows = draft.typed.rows(WEIGHTS) if given is None else given
    wrong: dict[int, list[tuple[Problem, Text]]] = {}
    for problem in problems:
        wrong.setdefault(problem.row or 0, []).append((problem, in_words(problem)))
    made = weights.matrix(rows, [row["lot"] for row in draft.typed.rows(LOTS)], wrong)
    more = min(_count(visit.request.query.get("more", "")), weights.MOST_KEYS)
    columns = min(len(made.keys) + (more // NEW_ROWS or (1 if made.keys else 2)), weights.MOST_KEYS)
    first = min(
        _count(visit.request.query.get("first", "") or visit.typed("first", 12)) // A_PAGE * A_PAGE, len(made.lots)
    )
    return render(
        visit,
        "setup/keys.html",
        status,
        **values,
        made=made,
        sums=made.sums(),
        columns=columns,
        first=first,
        a_page=A_PAGE,
        more=more,
        paste=visit.typed("paste", MOST_SIGNS),
    )


def shares(rows: Iterable[Line], typed: Typed) -> Text | None:
    """What the shares add up to, and how that fits the total of the building; None where nothing is typed."""
    given = [row.get("shares", "") for row in rows]
    total = typed.settings.get("shares_total", "")
    found = sum(int(text) for text in given if _is_number(text))
    values: dict[str, Value] = {"sum": found}
    if not any(given):
        return None
    if not _is_number(total):
        return say("office.setup.sum.no_total", **values)
    values["total"] = int(total)
    if found == int(total):
        return say("office.setup.sum.right", **values)
    if found < int(total):
        return say("office.setup.sum.less", rest=int(total) - found, **values)
    return say("office.setup.sum.more", rest=found - int(total), **values)


def _people(typed: Typed) -> list[tuple[str, str]]:
    """Everybody by code, in words; those who are called the same with their code."""
    names = [row["name"] for row in typed.rows(PEOPLE)]
    return [
        (row["person"], row["name"] if names.count(row["name"]) == 1 else f"{row['name']} ({row['person']})")
        for row in typed.rows(PEOPLE)
        if row["person"]
    ]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 13


def _is_day(text: str) -> bool:
    """Whether a browser's field for days can show it; what was typed wrong stands in one for texts."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _count(text: str) -> int:
    return int(text) if _is_number(text) else 0


def _step(visit: Visit) -> str:
    step = visit.request.match_info["step"]
    if step not in FILE_OF:
        raise web.HTTPNotFound
    return step


PAGES = (Page("/setup/{draft}/{step}", show, save, most=LARGEST, **WRITES),)
