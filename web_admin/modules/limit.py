"""How far the hours of neighbours may go from zero in a building: read by all, decided by the syndic and the council."""

from __future__ import annotations

import re

from aiohttp import web

from core.community.sel import service as sel
from core.community.sel.accounts.model import LEAST_LIMIT, MOST_LIMIT
from core.community.sel.model import HOUR, time
from core.community.sel.module import MODULE
from core.kernel.errors import DomainError
from core.kernel.text import say
from core.people.accounts.model import Act
from core.people.audit.model import Actor
from web_admin.pages import Page, Visit, go_to, render

MOVED_ON = "sel.limit_moved_on"
_WHOLE = re.compile("[0-9]{1,6}", re.ASCII)


async def show(visit: Visit) -> web.StreamResponse:
    return await _shown(visit)


async def decide(visit: Visit) -> web.StreamResponse:
    """Sets the limit, where it still is what the form was made with."""
    typed, seen = visit.typed("hours", 40), visit.typed("seen", 40)
    known, me = visit.building, visit.who.account
    try:
        if not _WHOLE.fullmatch(typed):
            raise DomainError("office.modules.limit_whole")
        hours = int(typed)
        was = int(seen) if _WHOLE.fullmatch(seen) else -1
        await sel.decide_limit(visit.uow, known.building_id, hours, was, Actor(me.account_id, me.name))
    except DomainError as refusal:
        return await _shown(visit, refusal)
    await visit.uow.commit()
    same = was == hours * HOUR
    done = say("office.modules.limit_same") if same else say("office.modules.limit_saved", limit=time(hours * HOUR))
    return go_to(visit, f"/buildings/{known.building.slug}/modules", done)


async def _shown(visit: Visit, refusal: DomainError | None = None) -> web.Response:
    words, known = visit.office.catalogues[visit.language], visit.building
    limit = await sel.limit(visit.uow, known.building_id)
    status = 200 if refusal is None else 409 if refusal.text.key == MOVED_ON else 422
    return render(
        visit,
        "modules/limit.html",
        status,
        limit=limit,
        is_now=time(limit),
        # Whoever was refused for what he typed keeps the limit that he saw; who came second gets the one that holds now.
        seen=visit.typed("seen", 40) if status == 422 else limit,
        hours=visit.typed("hours", 40) if refusal else limit // HOUR,
        least=LEAST_LIMIT // HOUR,
        most=MOST_LIMIT // HOUR,
        on=MODULE.name in known.building.modules,
        refused=words(refusal.text) if refusal else "",
    )


PAGES = (
    Page(
        "/buildings/{building}/modules/sel/limit", show, decide, changes=Act.SWITCH, section="buildings", tab="modules"
    ),
)
