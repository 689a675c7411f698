"""What is to do in the visitor's buildings. So far it says honestly that nothing is gathered here."""

from __future__ import annotations

from aiohttp import web

from web_admin.pages import Page, Visit, render


async def show(visit: Visit) -> web.StreamResponse:
    return render(visit, "todo/todo.html", buildings=await visit.buildings())


PAGES = (Page("/", show, section="todo"),)
