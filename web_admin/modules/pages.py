"""Which modules a building has on, as its council decided: seen, switched, and every decision kept."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from core import modules
from core.buildings.model import Module
from core.community.sel import service as sel
from core.community.sel.model import time
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import Text, literal, say
from core.people.accounts.model import Act
from core.people.audit.model import Actor
from core.people.council import service as council
from core.people.council.model import LONGEST_NOTE, Wish
from web_admin.modules import limit
from web_admin.pages import Page, Visit, go_to, render

ON, OFF = "on", "off"
FIELD_OF = {
    "council.not_yet": "decided_on",
    "council.before_the_last": "decided_on",
    "office.modules.no_day": "decided_on",
    "council.long_note": "note",
    "council.hidden_sign": "note",
}
"""Where the sentence of a refusal stands; else above the form."""
FASTER = ("council.on_already", "council.off_already")
MOST_TYPED = 5000


async def show(visit: Visit) -> web.StreamResponse:
    history = await council.history(visit.uow, visit.building.building_id)
    last = {decision.module: decision for decision in reversed(history)}
    return render(
        visit,
        "modules/modules.html",
        modules=modules.MODULES,
        on=visit.building.building.modules,
        last=last,
        history=history,
        limit=time(await sel.limit(visit.uow, visit.building.building_id)),
        title_of=_title_of,
        purpose=modules.purpose,
    )


async def one(visit: Visit) -> web.StreamResponse:
    return await _one(visit, _module(visit))


async def switch(visit: Visit) -> web.StreamResponse:
    """Switches the module as the form says; the form keeps what is to become of it, so that two who press at once do no more than one."""
    module, wanted = _module(visit), visit.typed("to")
    if wanted not in (ON, OFF):
        raise DomainError("office.error.wrong_body")
    try:
        wish = Wish(module, wanted == ON, _day(visit.typed("decided_on", 40)), visit.typed("note", MOST_TYPED))
        me = visit.who.account
        await council.switch(visit.uow, visit.building.building_id, wish, Actor(me.account_id, me.name))
    except DomainError as refusal:
        return await _one(visit, module, refusal.text)
    await visit.uow.commit()
    done = say(f"office.modules.done_{wanted}", module=modules.title(module))
    return go_to(visit, f"/buildings/{visit.building.building.slug}/modules", done)


async def _one(visit: Visit, module: Module, refused: Text | None = None) -> web.Response:
    known = visit.building
    every = await council.history(visit.uow, known.building_id)
    words = visit.office.catalogues[visit.language]
    status = 200 if refused is None else 409 if refused.key in FASTER else 422
    return render(
        visit,
        "modules/module.html",
        status,
        module=module,
        title=modules.title(module),
        purpose=modules.purpose(module),
        on=module.name in known.building.modules,
        history=[decision for decision in every if decision.module == module.name],
        today=local_day(visit.uow.now).isoformat(),
        longest_note=LONGEST_NOTE,
        refused={FIELD_OF.get(refused.key, ""): words(refused)} if refused else {},
        title_of=_title_of,
    )


def _module(visit: Visit) -> Module:
    """The module that the path names, or 404."""
    try:
        return modules.named(visit.request.match_info["module"])
    except DomainError as error:
        raise web.HTTPNotFound from error


def _title_of(name: str) -> Text:
    """What a module is called; its own word where it is no more."""
    return modules.title(modules.named(name)) if name in modules.NAMES else literal(name)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise DomainError("office.modules.no_day") from error


PAGES = (
    Page("/buildings/{building}/modules", show, section="buildings", tab="modules"),
    Page("/buildings/{building}/modules/{module}", one, switch, changes=Act.SWITCH, section="buildings", tab="modules"),
    *limit.PAGES,
)
