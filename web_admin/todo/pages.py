"""What is to do in the visitor's buildings, each with the page that does it."""

from __future__ import annotations

from aiohttp import web

from core.bulletin.overview import service as overview
from core.bulletin.overview.model import Glance
from core.interchange.setup import service as setup
from core.kernel.clock import local_day
from core.people.accounts.model import Act
from web_admin.messages.reach import within
from web_admin.pages import Page, Visit, render
from web_admin.todo.moderation import moderation
from web_admin.todo.tasks import groups
from web_admin.todo.urgent import urgent


async def show(visit: Visit) -> web.StreamResponse:
    reach = within(visit)
    only = None if reach is None else sorted(reach)
    todo = await overview.todo(visit.uow, only)
    unreachable = await overview.unreachable(visit.uow, only) if _somebody(todo.buildings) else []
    writes = visit.who.standing.may(Act.WRITE)
    drafts = await setup.drafts(visit.uow) if writes and todo.elsewhere.drafts else []
    houses = {glance.building_id: glance.name for glance in todo.buildings}
    danger = await urgent(visit, reach, houses)
    undecided = await moderation(visit, todo.buildings)
    today, paths = local_day(visit.uow.now), visit.office.paths
    found = groups(todo, unreachable, drafts, today, paths, urgent=danger, moderation=undecided)
    return render(
        visit,
        "todo/todo.html",
        buildings=todo.buildings,
        groups=found,
        things=sum(len(group.lines) for group in found),
        level=2,
        writes=writes,
        acts=visit.who.standing.may_somewhere(Act.WRITE),
    )


def _somebody(glances: tuple[Glance, ...]) -> bool:
    return any(glance.unreachable or glance.unwarned for glance in glances)


PAGES = (Page("/", show, section="todo"),)
