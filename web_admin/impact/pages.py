"""What neighbours did together: by building and for all, as a picture with its table, and as a file to take along."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from core.bulletin.impact import cards
from core.bulletin.impact import service as impact
from core.bulletin.impact.factors import documented
from core.bulletin.impact.model import LEAST, Factor, Figures, Impact
from core.kernel.i18n import Words
from core.kernel.text import Text, say
from web_admin.charts.bars import BarChart, Row, bars
from web_admin.impact.sheet import sheet
from web_admin.messages.reach import within
from web_admin.pages import Page, Visit, render

CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the table: whose figures, and each as it is read. `met`: how many neighbours met there, for the picture."""

    name: str
    cells: tuple[Text, ...]
    met: int


async def show(visit: Visit) -> web.StreamResponse:
    found, years = await _found(visit)
    words = visit.office.catalogues[visit.language]
    rows = await _rows(visit, found, words)
    return render(
        visit,
        "impact/impact.html",
        year=found.year,
        years=years,
        names=[cards.label(name) for name in cards.NAMES],
        rows=rows,
        total=_cells(found.total) if len(rows) > 1 else (),
        totals=list(zip([cards.label(name) for name in cards.NAMES], _cells(found.total), strict=True)),
        chart=_chart(rows, words),
        least=LEAST,
        few=found.few,
        factors=[_factor(each) for each in documented().factors.values()],
        loans=documented().loans,
        gifts=documented().gifts,
    )


async def download(visit: Visit) -> web.StreamResponse:
    found, _ = await _found(visit)
    names = {known.building_id: known.building.name for known in await visit.buildings()}
    text = sheet(found, names, visit.office.catalogues[visit.language])
    disposition = f'attachment; filename="impact-{found.year}.csv"'
    return web.Response(body=text.encode(), headers={"Content-Type": CSV, "Content-Disposition": disposition})


async def _found(visit: Visit) -> tuple[Impact, list[int]]:
    """The figures of the year that is asked for, else of this one; of the buildings that the visitor may read."""
    years, reach = await impact.years(visit.uow), within(visit)
    asked = visit.request.query.get("year", "")
    year = int(asked) if asked in {str(each) for each in years} else years[0]
    return await impact.impact(visit.uow, year, None if reach is None else sorted(reach)), years


async def _rows(visit: Visit, found: Impact, words: Words) -> list[Shown]:
    names = {known.building_id: known.building.name for known in await visit.buildings()}
    together = words(say("office.impact.together"))
    return [
        Shown(names[line.building] if line.building else together, _cells(line.figures), line.figures.met or 0)
        for line in found.lines
    ]


def _cells(figures: Figures) -> tuple[Text, ...]:
    return tuple(cards.shown(name, value) for name, value in cards.whole(figures).items())


def _chart(rows: list[Shown], words: Words) -> BarChart:
    return bars(Row(row.name, row.met, words.written(row.met)) for row in rows)


def _factor(factor: Factor) -> tuple[Text, int, Text, str]:
    """Its category, the grams of making one, why it counts so, and where that comes from, as it is cited ("": we assume it)."""
    return cards.category(factor.category), factor.grams, cards.reason(factor.category), factor.source


PAGES = (
    Page("/impact", show, section="impact"),
    Page("/impact/impact.csv", download, section="impact"),
)
