"""Who did what, when, before and after: the log read, searched and taken along."""

from __future__ import annotations

from aiohttp import web

from core.kernel.clock import local_day
from core.kernel.text import Text
from core.people.accounts.model import Act
from core.people.audit import cards
from core.people.audit import service as audit
from core.people.audit.model import Deed, Entry
from web_admin.audit.search import Search, houses, number
from web_admin.audit.sheet import sheet
from web_admin.audit.words import subject
from web_admin.messages.reach import within
from web_admin.pages import Page, Visit, render

CSV = "text/csv; charset=utf-8"
MOST_NAMED = 4
"""Fields that are named on the list; an entry's own page shows all."""


async def show(visit: Visit) -> web.StreamResponse:
    buildings = await houses(visit, visit.uow)
    search = Search.of(visit, buildings)
    before = number(visit.request.query.get("older", ""))
    page = await audit.entries(visit.uow, search.filter(within(visit, Act.AUDIT)), before)
    return render(
        visit,
        "audit/log.html",
        422 if search.wrong else 200,
        log=() if search.wrong else page.entries,
        houses=buildings,
        search=search,
        filtered=search.given,
        older=search.link("/audit", older=str(page.older)) if page.older is not None else "",
        newest=search.link("/audit") if before is not None else "",
        sheet=search.link("/audit/log.csv"),
        deeds=tuple(Deed),
        sentence=cards.sentence,
        subject=subject,
        named=_named,
    )


async def one(visit: Visit) -> web.StreamResponse:
    wanted = number(visit.request.match_info["entry"])
    entry = await audit.entry(visit.uow, wanted, within(visit, Act.AUDIT)) if wanted else None
    if entry is None:
        raise web.HTTPNotFound
    return render(
        visit,
        "audit/entry.html",
        entry=entry,
        sentence=cards.sentence(entry),
        subject=subject(entry),
        changes=cards.changes(entry),
        house=(await houses(visit, visit.uow)).get(entry.building) if entry.building else None,
    )


async def download(visit: Visit) -> web.StreamResponse:
    """All entries that fit, as a table, sent as they are read."""
    async with visit.apart() as uow:
        buildings, day = await houses(visit, uow), local_day(uow.now)
    search = Search.of(visit, buildings)
    if search.wrong:
        raise web.HTTPBadRequest
    words = visit.office.catalogues[visit.language]
    return web.Response(
        body=sheet(visit.apart, search.filter(within(visit, Act.AUDIT)), buildings, words),
        headers={"Content-Type": CSV, "Content-Disposition": f'attachment; filename="audit-{day}.csv"'},
    )


def _named(entry: Entry) -> list[Text]:
    """The first of the fields that an entry is about."""
    return [cards.label(name) for name in {**(entry.before or {}), **(entry.after or {})}][:MOST_NAMED]


PAGES = (
    Page("/audit", show, act=Act.AUDIT, section="audit"),
    Page("/audit/log.csv", download, act=Act.AUDIT, section="audit", apart=True),
    Page("/audit/{entry}", one, act=Act.AUDIT, section="audit"),
)
