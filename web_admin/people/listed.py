"""The people of a building: searched while one types, and by what they are or whether anything reaches them."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from core.kernel.clock import local_day
from core.people.model import ROLES
from core.people.register import service as register
from core.people.register.model import REACHES, Wanted
from web_admin.pages import PREFIX, Page, Visit, render
from web_admin.people import links

MOST_SHOWN = 100
"""People on one page."""
LONGEST_WORDS = 100
LARGEST_PLACE = 100_000


async def show(visit: Visit) -> web.StreamResponse:
    """Everybody who fits; where the page asks while one types, the rows alone."""
    query = visit.request.query
    wanted = Wanted(
        query.get("words", "").strip()[:LONGEST_WORDS],
        _one_of(query.get("role", ""), ROLES),
        _one_of(query.get("reach", ""), REACHES),
    )
    everybody = await register.register(visit.uow, visit.building.building_id)
    today = local_day(visit.uow.now)
    found = wanted.among(everybody, today)
    first = _place(query.get("from", ""))
    here = f"{PREFIX}{links.people(visit)}"
    chosen = {"words": wanted.words, "role": wanted.role, "reach": wanted.reach}
    return render(
        visit,
        "people/found.html" if visit.request.headers.get("HX-Request") == "true" else "people/list.html",
        everybody=everybody,
        count=len(found),
        rows=found[first : first + MOST_SHOWN],
        newer=_further(here, chosen, first - MOST_SHOWN) if first else "",
        older=_further(here, chosen, first + MOST_SHOWN) if len(found) > first + MOST_SHOWN else "",
        wanted=wanted,
        filtered=wanted != Wanted(),
        here=here,
        roles=ROLES,
        reaches=REACHES,
        today=today,
        link=lambda code: PREFIX + links.person(visit, code),
    )


def _one_of(given: str, known: tuple[str, ...]) -> str:
    return given if given in known else ""


def _place(given: str) -> int:
    """From which row on; anything that is none is the first."""
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0
    return min(number, LARGEST_PLACE)


def _further(here: str, chosen: dict[str, str], first: int) -> str:
    query = {name: value for name, value in chosen.items() if value}
    if first > 0:
        query["from"] = str(first)
    return f"{here}?{urlencode(query)}" if query else here


PAGES = (Page("/buildings/{building}/people", show, section="buildings", tab="people"),)
