"""A transfer that was entered wrongly: what becomes of the lot once it is taken back, and the act itself; or why it stays."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Moved, latest_transfer, taken_back
from core.interchange.amendments.service import Editable
from core.interchange.model import shown
from core.interchange.tables import OWNERSHIP
from core.interchange.typed import Outdated, Problems
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.people.accounts.model import Act
from core.people.model import FULL
from web_admin.pages import PREFIX, Page, Visit, go_to, render
from web_admin.people import links
from web_admin.people.person import actor
from web_admin.people.somebody import names
from web_admin.people.transfer import booked, lot_seen


async def look(visit: Visit) -> web.StreamResponse:
    """What follows; nothing is done yet."""
    return await _look(visit, *await lot_seen(visit))


async def take_back(visit: Visit) -> web.StreamResponse:
    seen, lot = await lot_seen(visit)
    building, version = visit.building.building_id, visit.typed("version")
    try:
        if version != seen.version:
            raise Outdated("amend.outdated")
        day = latest_transfer(seen.typed, lot)
        await amendments.take_back(visit.uow, building, version, lot, actor(visit))
    except Outdated as refusal:
        return await _look(visit, seen, lot, refusal.text, 409)
    except DomainError as refusal:
        return _page(visit, seen, lot, _said(refusal), 422)
    await visit.uow.commit()
    done = say("office.ownership.take_back_done", lot=shown(lot), day=day)
    return go_to(visit, links.ownership(visit, "/lot", lot), done)


async def _look(
    visit: Visit, seen: Editable, lot: str, refused: Text | None = None, status: int = 200
) -> web.StreamResponse:
    try:
        follows = await amendments.foresee_return(
            visit.uow, visit.building.building_id, seen.version, lot, actor(visit)
        )
    except DomainError as refusal:
        return _page(visit, seen, lot, refused or _said(refusal), status)
    return _page(visit, seen, lot, refused, status, follows)


def _said(refusal: DomainError) -> Text:
    """The first of what would be wrong; there is no field beside which it could stand."""
    return refusal.problems[0].wrong if isinstance(refusal, Problems) else refusal.text


def _page(
    visit: Visit, seen: Editable, lot: str, refused: Text | None, status: int, follows: Sequence[Moved] | None = None
) -> web.Response:
    """`follows`: None where it can not be taken back."""
    possible = follows is not None
    before = [row for row in seen.typed.rows(OWNERSHIP) if row["lot"] == lot]
    after = [row for row in taken_back(seen.typed, lot).tables[OWNERSHIP.file] if row["lot"] == lot] if possible else []
    day = latest_transfer(seen.typed, lot) if possible else None
    called, moves = names(seen.typed), follows or ()
    return render(
        visit,
        "people/take_back.html",
        status,
        lot=lot,
        possible=possible,
        day=day,
        refused=visit.office.catalogues[visit.language](refused) if refused else "",
        ends=[row for row in before if day and row["from"] == day.isoformat()],
        again=[row for row in after if row not in before],
        names=called,
        full=FULL,
        **booked(moves, called),
        version=seen.version,
        action=PREFIX + links.ownership(visit, "/take-back", lot),
        back=PREFIX + links.ownership(visit, "/lot", lot),
        transfer=PREFIX + links.ownership(visit, "/transfer", lot),
    )


PAGES = (
    Page(
        "/buildings/{building}/ownership/take-back",
        look,
        take_back,
        act=Act.WRITE,
        section="buildings",
        tab="ownership",
    ),
)
