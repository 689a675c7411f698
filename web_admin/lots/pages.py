"""The lots of a building: their table, and one form in which all of them are changed at once, because their shares make a whole."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from core.buildings.model import LOT_KINDS
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Changes
from core.interchange.tables import PEOPLE
from core.interchange.typed import Typed
from core.kernel.clock import local_day
from core.kernel.text import Text, say
from core.people.accounts.model import Act
from web_admin.details.amending import LARGEST, Tried, path_of, same, seal_of, to_confirm, tried
from web_admin.lots import grid as grids
from web_admin.lots import parts
from web_admin.lots.grid import EMPTY_ROWS, WHOLE, Grid
from web_admin.lots.owners import owners_of
from web_admin.pages import Page, Visit, go_to, render
from web_admin.paging import number, paged

LISTED = 120
"""Lots on one page of the table."""
FEW = 60
"""People up to whom an owner is chosen from a list in each row; of more he is typed, with one list for all."""


async def show(visit: Visit) -> web.StreamResponse:
    typed = (await amendments.editable(visit.uow, visit.building.building_id)).typed
    rows = grids.grid_of(typed).rows
    listed = paged(rows, LISTED, visit.request.query.get("page", ""))
    return render(
        visit,
        "lots/lots.html",
        lots=[row.cells for row in listed.rows],
        count=len(rows),
        page=listed.page,
        pages=listed.pages,
        part=parts.holding((listed.page - 1) * LISTED),
        owners=owners_of(typed, local_day(visit.uow.now)),
        whole=visit.building.building.shares_total,
    )


async def edit(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    part = number(visit.request.query.get("part", ""))
    return _form(visit, seen.typed, seen.version, grids.base_of(seen.typed), grids.grid_of(seen.typed), part=part)


async def change(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    version, base = visit.typed("version"), parts.base_in(visit.typed("base", LARGEST))
    grid = grids.read(
        lambda name: visit.typed(name, LARGEST),
        lambda name: name in visit.form,
        parts.rest_in(visit.typed("rest", LARGEST)),
    )
    if visit.typed("more"):
        empty = EMPTY_ROWS + sum(row.blank for row in grid.rows)
        last = parts.count(grid.with_empty_rows(empty))
        return _form(visit, seen.typed, version, base, grid, empty=empty, part=last)
    if "part" in visit.form:
        there = grids.differing(grid, base) if visit.typed("met") else {}
        return _form(visit, seen.typed, version, base, grid, wrong=there, part=number(visit.typed("part", 10)))
    if wrong := grids.unfit_cells(grid):
        refused = say("setup.problems", count=len(wrong))
        return _form(visit, seen.typed, version, base, grid, refused, wrong, status=422)
    changes = grids.changes_of(seen.typed, grids.with_codes(grid, seen.typed))
    if version == seen.version and same(seen.typed, changes):
        return go_to(visit, path_of(visit.building, "lots"), say("office.amend.nothing"))
    result = await tried(visit, version, changes)
    if result.outdated:
        now = await amendments.editable(visit.uow, visit.building.building_id)
        grid = grids.both(grid, base, now.typed)
        differs = grid.now or any(row.note for row in grid.rows)
        refused = say("amend.outdated" if differs else "office.amend.elsewhere")
        return _form(visit, now.typed, now.version, grids.base_of(now.typed), grid, refused, grid.now, status=409)
    if result.done is None:
        return _refused(visit, seen.typed, version, base, grid, changes, result)
    consequences = [say("office.lots.goes", lot=lot) for lot in grids.gone_lots(grid)]
    if ask := to_confirm(visit, result, changes, consequences):
        return _form(visit, seen.typed, version, base, grid, ask=ask, sure=seal_of(changes))
    await visit.uow.commit()
    return go_to(visit, path_of(visit.building, "lots"), say("office.lots.saved"))


def _refused(
    visit: Visit, typed: Typed, version: str, base: Mapping[str, object], grid: Grid, changes: Changes, result: Tried
) -> web.Response:
    assert result.refused is not None
    wrong, others = grids.beside(grid, changes, result.problems)
    if result.refused.key == "amend.lot_booked":
        field = grids.booked(grid, str(result.refused.values["lot"]))
        wrong, refused = {field: result.refused}, say("setup.problems", count=1)
    else:
        refused = result.refused
    return _form(visit, typed, version, base, grid, refused, wrong, others, status=422)


def _form(
    visit: Visit,
    typed: Typed,
    version: str,
    base: Mapping[str, object],
    grid: Grid,
    refused: Text | None = None,
    wrong: Mapping[str, Text] | None = None,
    others: list[Text] | None = None,
    *,
    ask: list[Text] | None = None,
    sure: str = "",
    empty: int = EMPTY_ROWS,
    part: int = 0,
    status: int = 200,
) -> web.Response:
    """`part`: which of many rows are shown; 0: those in which something is wrong, else those that were shown before."""
    words = visit.office.catalogues[visit.language]
    grid = grid.with_empty_rows(empty)
    faults = wrong or {}
    part = min(part or _to_mend(faults) or _before(visit), parts.count(grid))
    every, shown = parts.parts(grid, faults), parts.places(part)
    labels = grids.labels(typed) if len(typed.rows(PEOPLE)) > FEW else {}
    return render(
        visit,
        "lots/edit.html",
        status,
        version=version,
        base=parts.packed(base),
        rest=parts.rest_of(grid, part),
        part=part,
        parts=every if len(every) > 1 else (),
        met=status == 409 or bool(visit.typed("met")),
        labels=labels,
        there=sum(bool(row.was) for row in grid.rows),
        rows=[(place, row) for place, row in enumerate(grid.rows) if place in shown],
        whole=grid.whole,
        whole_field=WHOLE,
        people=_people(typed, words(say("office.lots.nobody"))),
        kinds=[(kind, words(say(f"office.lots.kind.{kind}"))) for kind in LOT_KINDS],
        refused=words(refused) if refused else "",
        wrong={name: words(text) for name, text in (wrong or {}).items()},
        others=others or [],
        ask=ask or [],
        sure=sure,
    )


def _people(typed: Typed, nobody: str) -> list[tuple[str, str]]:
    return [("", nobody), *((row["person"], row["name"]) for row in typed.rows(PEOPLE))]


def _to_mend(wrong: Mapping[str, Text]) -> int:
    """The first part in which something is wrong; 0 where nothing is, in none of them."""
    return min((number for name in wrong if (number := parts.of_field(name)) is not None), default=0)


def _before(visit: Visit) -> int:
    """The part that the form was sent from."""
    found = [
        int(name[4:]) for name in visit.form if name.startswith("lot-") and name[4:].isdecimal() and len(name) < 10
    ]
    return parts.holding(min(found)) if found else 1


PAGES = (
    Page("/buildings/{building}/lots", show, section="buildings", tab="lots"),
    Page(
        "/buildings/{building}/lots/edit",
        edit,
        change,
        act=Act.WRITE,
        section="buildings",
        tab="lots",
        most=LARGEST,
    ),
)
