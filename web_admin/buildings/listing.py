"""All buildings, with what needs a hand in each. One statement, whatever their number."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from core.bulletin.overview import service as overview
from core.people.accounts.model import Act
from web_admin.buildings.finding import BACKWARDS, BY_NAME, BY_WORRIES, LONGEST, ORDERS, WORRIES, found
from web_admin.messages.reach import within
from web_admin.pages import PREFIX, Page, Visit, render


async def show(visit: Visit) -> web.StreamResponse:
    """The list; where the page asks for it again while somebody types, that alone."""
    reach, query = within(visit), visit.request.query
    every = await overview.glances(visit.uow, None if reach is None else sorted(reach))
    wanted = query.get("q", "").replace("\0", "").strip()[:LONGEST]
    order = query.get("order", BY_NAME)
    order = order if order in ORDERS else BY_NAME
    again = visit.request.headers.get("HX-Request") == "true"
    return render(
        visit,
        "buildings/found.html" if again else "buildings/list.html",
        glances=found(every, wanted, order),
        total=len(every),
        wanted=wanted,
        order=order,
        turned=_link(wanted, BACKWARDS if order == BY_NAME else BY_NAME),
        worst=_link(wanted, BY_WORRIES),
        worries=WORRIES,
        writes=visit.who.standing.may(Act.WRITE),
        again=again,
    )


def _link(wanted: str, order: str) -> str:
    given = {"q": wanted, "order": order if order != BY_NAME else ""}
    asked = urlencode({name: value for name, value in given.items() if value})
    return f"{PREFIX}/buildings?{asked}" if asked else f"{PREFIX}/buildings"


PAGES = (Page("/buildings", show, section="buildings"),)
