"""A building as one ZIP file to take along: its own files, its papers, and the records that have no file."""

from __future__ import annotations

from aiohttp import web

from core.interchange import service as interchange
from core.interchange.packing import packed
from core.kernel.clock import local_day
from core.kernel.text import say
from core.people.accounts.model import Act
from core.people.audit import service as audit
from core.people.audit.model import Deed
from web_admin.messages.reach import shelf
from web_admin.pages import Page, Visit
from web_admin.refusals import said
from web_admin.setup.drafts import actor
from web_admin.setup.imports import may_export


async def export(visit: Visit) -> web.StreamResponse:
    """The files, packed on disk and sent piece by piece; that somebody took them is written down."""
    if not may_export(visit):
        return said(visit, 403, say("office.error.forbidden"), say("office.error.forbidden_body"))
    known = visit.building
    async with visit.apart() as uow:
        written, papers = await interchange.exported(uow, known)
        await audit.record(
            uow,
            actor(visit),
            Deed.BUILDING_EXPORTED,
            "building",
            after={"slug": known.building.slug, "files": len(written) + len(papers)},
            building=known.building_id,
        )
        day = local_day(uow.now)
        await uow.commit()
    name = f"{known.building.slug}-{day}.zip"
    return web.Response(
        body=await packed(written, papers, shelf(visit)),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


PAGES = (
    Page(
        "/buildings/{building}/files/export", None, export, act=Act.READ, section="buildings", tab="files", apart=True
    ),
)
