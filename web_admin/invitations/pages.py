"""The codes by which residents link a channel: who has none, printed or sent, taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from core.database import UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import say
from core.outbox.letter_texts import service as letter_texts
from core.people.accounts.model import Act
from core.people.audit.model import Actor
from core.people.invitations import service as invitations
from core.people.invitations.model import LASTS, Given, Invited, Invitee, invited
from web_admin.invitations.form import chosen, key_of, lot_wanted, lots_of, opened, seal, ticked
from web_admin.pages import Page, Visit, go_to, render
from web_admin.paging import paged
from web_admin.settings.wires import installation

PDF = "application/pdf"
ON_A_PAGE = 150
"""People on one page: with them it stays under 100 kB."""


async def every(visit: Visit) -> web.StreamResponse:
    """Each building with how many of its people have linked something."""
    buildings = await visit.buildings(Act.INVITE)
    rosters = await invitations.rosters(visit.uow, [known.building_id for known in buildings])
    return render(
        visit, "invitations/buildings.html", rows=[(known, rosters[known.building_id]) for known in buildings]
    )


async def show(visit: Visit) -> web.StreamResponse:
    return await _page(visit, visit.uow)


async def print_letters(visit: Visit) -> web.StreamResponse:
    """A letter for each as one PDF. It is drawn before the codes are kept: where nothing comes out, nothing has changed."""
    wanted = ticked(visit)
    try:
        async with visit.apart() as uow:
            given = await _given(visit, uow, wanted)
            texts = {language: kept.texts for language, kept in (await letter_texts.every(uow)).items()}
            day = local_day(uow.now)
        pdf = await installation(visit).invitations(visit.building.building, given, texts, day)
        async with visit.apart() as uow:
            await invitations.print_codes(uow, visit.building, given, _actor(visit))
            await uow.commit()
    except DomainError as refusal:
        async with visit.apart() as uow:
            return await _page(visit, uow, wanted, refusal)
    name = f"invitations-{visit.building.building.slug}-{day}.pdf"
    return web.Response(body=pdf, content_type=PDF, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def send(visit: Visit) -> web.StreamResponse:
    """The code to each by a channel at which he is known."""
    wanted = ticked(visit)
    try:
        given = await _given(visit, visit.uow, wanted)
        on = _on(visit)
        without = [each.to.name for each in given if on.isdisjoint(each.to.on_file)]
        if without:
            raise DomainError("office.invitations.no_address", count=len(without), names=", ".join(without))
        ways = await installation(visit).ways()
        await invitations.send_codes(visit.uow, visit.building, given, ways, _actor(visit))
    except DomainError as refusal:
        return await _page(visit, visit.uow, wanted, refusal)
    await visit.uow.commit()
    return go_to(visit, _path(visit), say("office.invitations.sent", count=len(given)))


async def revoke(visit: Visit) -> web.StreamResponse:
    """The codes that are out for those who were chosen are good for nothing any more."""
    wanted = ticked(visit)
    try:
        people = chosen(await invitations.roster(visit.uow, visit.building.building_id), wanted)
        gone = await invitations.revoke(visit.uow, visit.building, {each.person_id for each in people}, _actor(visit))
        if not gone:
            raise DomainError("office.invitations.none_out")
    except DomainError as refusal:
        return await _page(visit, visit.uow, wanted, refusal)
    await visit.uow.commit()
    return go_to(visit, _path(visit), say("office.invitations.revoked", count=gone))


async def _given(visit: Visit, uow: UnitOfWork, wanted: Collection[UUID]) -> Sequence[Invited]:
    """The invitations that this form makes. DomainError where it makes none."""
    people = chosen(await invitations.roster(uow, visit.building.building_id), wanted)
    form = opened(visit)
    if not _on(visit):
        raise DomainError("office.invitations.no_way")
    given = invited(people, form, key_of(visit), uow.now)
    await invitations.check(uow, given)
    return given


async def _page(
    visit: Visit, uow: UnitOfWork, wanted: Collection[UUID] | None = None, refusal: DomainError | None = None
) -> web.Response:
    """The people of a building. `wanted`: who was chosen before; at first those who have linked nothing and got no code."""
    everybody = await invitations.roster(uow, visit.building.building_id)
    lot, tick = lot_wanted(visit), visit.request.query.get("tick", "")
    lots = sorted({each for person in everybody for each in lots_of(person)}, key=_in_order)
    if lot and lot not in lots:
        raise web.HTTPNotFound
    listed = [each for each in everybody if not lot or lot in lots_of(each)]
    groups = [
        ("without", [each for each in listed if not each.linked]),
        ("linked", [each for each in listed if each.linked]),
    ]
    page = paged([each for _, people in groups for each in people], ON_A_PAGE, visit.request.query.get("page", ""))
    here = {each.person_id for each in page.rows}
    status = 200 if refusal is None else 409 if isinstance(refusal, Given) else 422
    return render(
        visit,
        "invitations/people.html",
        status,
        everybody=everybody,
        groups=[(name, len(people), [each for each in people if each.person_id in here]) for name, people in groups],
        ticked=_ticked_at_first(page.rows, tick) if wanted is None else set(wanted),
        form=seal(visit, new_id()),
        refused=refusal.text if refusal else None,
        lots=lots,
        lot=lot,
        path=_path(visit),
        query=_query(lot, page.page),
        page=page.page,
        pages=page.pages,
        at=lambda number: _query(lot, number),
        out=sum(each.out.codes for each in everybody if each.out),
        on=_on(visit),
        days=LASTS.days,
        day=local_day,
    )


def _ticked_at_first(shown: Sequence[Invitee], tick: str) -> set[UUID]:
    if tick == "none":
        return set()
    return {each.person_id for each in shown if (not each.linked if tick == "all" else each.waits)}


def _in_order(lot: str) -> tuple[str, int, str]:
    """Lots as people count: A2 before A10."""
    letters = lot.rstrip("0123456789")
    digits = lot[len(letters) :]
    return letters, int(digits[:9] or 0), lot


def _on(visit: Visit) -> set[str]:
    """The channels by which somebody can be told something at once."""
    return {wire.channel for wire in installation(visit).wires() if wire.on and not wire.on_paper}


def _query(lot: str, page: int) -> str:
    query = {"lot": lot, "page": str(page) if page > 1 else ""}
    given = {name: value for name, value in query.items() if value}
    return f"?{urlencode(given)}" if given else ""


def _path(visit: Visit) -> str:
    return f"/invitations/{visit.building.building.slug}"


def _actor(visit: Visit) -> Actor:
    return Actor(visit.who.account.account_id, visit.who.account.name)


PAGES: tuple[Page, ...] = (
    Page("/invitations", every, act=Act.INVITE, section="invitations"),
    Page("/invitations/{building}", show, act=Act.INVITE, section="invitations"),
    Page("/invitations/{building}/print", None, print_letters, act=Act.INVITE, section="invitations", apart=True),
    Page("/invitations/{building}/send", None, send, act=Act.INVITE, section="invitations"),
    Page("/invitations/{building}/revoke", None, revoke, act=Act.INVITE, section="invitations"),
)
