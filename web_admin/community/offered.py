"""What neighbours have put up besides notes: listed for all who read, taken down with a reason by those who decide."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from core import modules
from core.buildings.model import Known
from core.community.offered import service
from core.community.offered.model import MODULES, Posted
from core.community.removals.model import LONGEST_REASON, gone
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.people.accounts.model import Act
from core.people.audit.model import Actor
from web_admin.messages.reach import identity, shelf
from web_admin.pages import PREFIX, Page, Visit, go_to, render
from web_admin.paging import paged

DECIDES = Act.SWITCH
"""Whoever may do this is syndic or sits on the council, as with notes."""
PATH = "/community/offers"
ON_A_PAGE = 40


@dataclass(frozen=True, slots=True)
class Count:
    """How much is up with a module in a building."""

    module: str
    title: Text
    count: int
    on: bool
    path: str


async def counts(uow: UnitOfWork, known: Known) -> list[Count]:
    """For each module with which things are put up, how many there are."""
    up = [each.module for each in await service.up(uow, known.building_id)]
    return [
        Count(
            name,
            modules.title(modules.named(name)),
            up.count(name),
            name in known.building.modules,
            f"{PREFIX}{path_of(known, name)}",
        )
        for name in MODULES
    ]


def path_of(known: Known, module: str = "", page: int = 1) -> str:
    query = {"building": known.building.slug, "module": module, "page": str(page) if page > 1 else ""}
    return f"{PATH}?{urlencode({name: value for name, value in query.items() if value})}"


async def every(visit: Visit) -> web.StreamResponse:
    return await _listed(visit)


async def one(visit: Visit) -> web.StreamResponse:
    posted, known = await _posted(visit, Act.READ)
    if posted is None:
        raise web.HTTPNotFound
    return _shown(visit, posted, known)


async def remove(visit: Visit) -> web.StreamResponse:
    """Takes it down, for the reason that was typed. Whoever comes second finds the list, and is told."""
    posted, known = await _posted(visit, DECIDES)
    if posted is None:
        return await _listed(visit, known, gone())
    me = visit.who.account
    try:
        await service.remove(
            visit.uow,
            posted.kind,
            posted.subject,
            Actor(me.account_id, me.name),
            visit.typed("reason", 4 * LONGEST_REASON),
        )
    except DomainError as refusal:
        if refusal.text.key == gone().text.key:
            return await _listed(visit, known, refusal)
        return _shown(visit, posted, known, refusal)
    await visit.uow.commit()
    return go_to(visit, path_of(known, posted.module), say("office.offered.removed", name=posted.name))


async def photo(visit: Visit) -> web.StreamResponse:
    """What it looks like, to whoever may read of its building."""
    posted, _ = await _posted(visit, Act.READ)
    if posted is None or posted.photo is None:
        raise web.HTTPNotFound
    try:
        content = await shelf(visit).get(bytes.fromhex(posted.photo))
    except (OSError, ValueError) as missing:
        raise web.HTTPNotFound from missing
    return web.Response(body=content, content_type="image/jpeg", headers={"Content-Disposition": "inline"})


async def _posted(visit: Visit, act: Act) -> tuple[Posted | None, Known]:
    """What the path names, and its building; 404 where there never was such a thing or the visitor may not do that there."""
    kind, subject = visit.request.match_info["kind"], identity(visit, "subject")
    building = await service.where(visit.uow, kind, subject)
    known = next((each for each in await visit.buildings(act) if each.building_id == building), None)
    if known is None:
        raise web.HTTPNotFound
    return await service.one(visit.uow, kind, subject), known


async def _listed(visit: Visit, chosen: Known | None = None, refusal: DomainError | None = None) -> web.Response:
    buildings, query = await visit.buildings(), visit.request.query
    slug = query.get("building", "")
    known = chosen or next((each for each in buildings if each.building.slug == slug), None)
    if slug and known is None:
        raise web.HTTPNotFound
    known = known or next(iter(buildings), None)
    module = query.get("module", "") if query.get("module", "") in MODULES else ""
    up = await service.up(visit.uow, known.building_id, module) if known else []
    listed = paged(up, ON_A_PAGE, query.get("page", ""))
    words = visit.office.catalogues[visit.language]
    on = known.building.modules if known else ()
    asked = [module] if module else [*MODULES]
    return render(
        visit,
        "community/offers.html",
        409 if refusal else 200,
        buildings=buildings,
        chosen=known,
        module=module,
        modules=[(name, words(modules.title(modules.named(name)))) for name in MODULES],
        off=[modules.title(modules.named(name)) for name in asked if name not in on] if known else (),
        nothing_on=known is not None and not any(name in on for name in asked),
        rows=listed.rows,
        count=len(up),
        page=listed.page,
        pages=listed.pages,
        at=lambda number: f"{PREFIX}{path_of(known, module, number)}" if known else "",
        of=_path,
        refused=words(refusal.text) if refusal else "",
    )


def _shown(visit: Visit, posted: Posted, known: Known, refusal: DomainError | None = None) -> web.Response:
    words = visit.office.catalogues[visit.language]
    return render(
        visit,
        "community/offer.html",
        422 if refusal else 200,
        posted=posted,
        title=modules.title(modules.named(posted.module)),
        house=known.building.name,
        decides=visit.who.standing.may(DECIDES, known.building_id),
        longest=LONGEST_REASON,
        refused=words(refusal.text) if refusal else "",
        path=_path(posted),
        back=f"{PREFIX}{path_of(known, posted.module)}",
    )


def _path(posted: Posted) -> str:
    return f"{PREFIX}{PATH}/{posted.kind}/{posted.subject}"


PAGES = (
    Page(PATH, every, section="community"),
    Page(f"{PATH}/{{kind}}/{{subject}}", one, remove, changes=DECIDES, section="community"),
    Page(f"{PATH}/{{kind}}/{{subject}}/photo", photo, section="community"),
)
