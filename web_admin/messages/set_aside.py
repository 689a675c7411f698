"""Messages that the program could not deal with: looked at by a human, and marked."""

from __future__ import annotations

from aiohttp import web

from core.inbox import service as inbox
from core.kernel.text import say
from core.people.accounts.model import Act
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from web_admin.messages.reach import within
from web_admin.messages.words import channel, why
from web_admin.pages import Page, Visit, go_to, render


async def show(visit: Visit) -> web.StreamResponse:
    return render(
        visit,
        "messages/set_aside.html",
        rows=await inbox.aside(visit.uow, within(visit), strangers=visit.may(Act.RUN)),
        writes=visit.who.standing.may_somewhere(Act.TELL),
        why=why,
        channel=channel,
    )


async def looked_at(visit: Visit) -> web.StreamResponse:
    reference = visit.typed("reference", 40).replace("\0", "")
    found = await inbox.looked_at(
        visit.uow, reference, within(visit, Act.TELL), strangers=visit.who.standing.may(Act.RUN)
    )
    if not found:
        raise web.HTTPNotFound
    actor = Actor(visit.who.account.account_id, visit.who.account.name)
    await audit.record(visit.uow, actor, Deed.SET_ASIDE_RESOLVED, reference)
    await visit.uow.commit()
    return go_to(visit, "/messages/set-aside", say("office.messages.aside.done", reference=reference))


PAGES = (Page("/messages/set-aside", show, looked_at, changes=Act.TELL, section="messages"),)
