"""Who rents a lot: who moves in, who moves out, and who lived there before."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from core.buildings import service as buildings
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import MoveIn, MoveOut
from core.interchange.amendments.service import Editable
from core.interchange.model import shown
from core.interchange.tables import LOTS, PEOPLE, TENANCIES
from core.interchange.typed import Outdated, Problem
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.text import say
from core.people.accounts.model import Act
from core.people.register import service as register
from core.people.register.model import rented_on
from web_admin.pages import PREFIX, Page, Visit, go_to, render
from web_admin.people import links
from web_admin.people.person import actor
from web_admin.people.refused import FORM, ROOM, Refused, Sentences, day_of, sentences, unstorable
from web_admin.people.somebody import FIELDS, chosen, names, options

_IN = {"amend.unknown_lot": "lot", "amend.rents_already": "person"}
_OUT = {"amend.rents_not": "last"}
_DAYS = {"from": "first", "to": "last"}


async def show(visit: Visit) -> web.StreamResponse:
    building, today = visit.building.building_id, local_day(visit.uow.now)
    order = {lot.lot: place for place, lot in enumerate(await buildings.lots(visit.uow, building))}
    rows = sorted(
        await register.tenancies(visit.uow, building), key=lambda row: (order.get(row.lot, len(order)), row.first)
    )
    past = [row for row in rows if row.last is not None and row.last < today]
    return render(
        visit,
        "people/tenants.html",
        here=[row for row in rows if rented_on(row, today)],
        coming=[row for row in rows if row.first > today],
        past=sorted(past, key=lambda row: row.last or today, reverse=True),
        names=await register.names(visit.uow, building),
        person_at=lambda code: PREFIX + links.person(visit, code),
        moves_in=PREFIX + links.tenants(visit, "/move-in"),
        moves_out=lambda row: PREFIX + links.tenants(visit, "/move-out", lot=row.lot, person=row.person),
    )


async def arrive(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    empty = dict.fromkeys((*FIELDS, "first", "last"), "") | {"language": visit.building.building.languages[0]}
    return _move_in_form(visit, seen, empty | {"lot": visit.request.query.get("lot", "")})


async def move_in(visit: Visit) -> web.StreamResponse:
    building = visit.building.building_id
    seen = await amendments.editable(visit.uow, building)
    values = {name: visit.typed(name, ROOM) for name in (*FIELDS, "lot", "first", "last")}
    try:
        wanted = _arrival(values, seen)
        await amendments.move_in(visit.uow, building, visit.typed("version"), wanted, actor(visit))
    except Refused as refusal:
        return _move_in_form(visit, seen, values, refusal.sentences, 422)
    except Outdated as refusal:
        return _move_in_form(visit, seen, values, {FORM: refusal.text}, 409)
    except DomainError as refusal:
        return _move_in_form(visit, seen, values, sentences(refusal, lambda problem: _field(problem, seen), _IN), 422)
    await visit.uow.commit()
    name = (names(seen.typed) | {row["person"]: row["name"] for row in wanted.people})[wanted.person]
    return go_to(visit, links.tenants(visit), say("office.tenants.moved_in", name=shown(name), lot=shown(wanted.lot)))


async def leave(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    return _move_out_form(visit, seen, "")


async def move_out(visit: Visit) -> web.StreamResponse:
    building = visit.building.building_id
    seen = await amendments.editable(visit.uow, building)
    lot, person, typed = *_tenancy(visit, seen), visit.typed("last")
    last = day_of(typed)
    if last is None:
        return _move_out_form(visit, seen, typed, {"last": say("office.people.wrong.day")}, 422)
    try:
        await amendments.move_out(visit.uow, building, visit.typed("version"), MoveOut(lot, person, last), actor(visit))
    except Outdated as refusal:
        return _move_out_form(visit, seen, typed, {FORM: refusal.text}, 409)
    except DomainError as refusal:
        return _move_out_form(visit, seen, typed, sentences(refusal, lambda problem: "last", _OUT), 422)
    await visit.uow.commit()
    done = say("office.tenants.moved_out", name=shown(names(seen.typed)[person]), lot=shown(lot), day=last)
    return go_to(visit, links.tenants(visit), done)


def _arrival(values: Mapping[str, str], seen: Editable) -> MoveIn:
    """Who moves in where and when. Refused, with all that is wrong."""
    wrong = unstorable(values)
    first, last = day_of(values["first"]), day_of(values["last"])
    if first is None:
        wrong["first"] = say("office.people.wrong.day")
    if values["last"] and last is None:
        wrong["last"] = say("office.people.wrong.day")
    if all(row["lot"] != values["lot"] for row in seen.typed.rows(LOTS)):
        wrong.setdefault("lot", say("office.people.wrong.lot"))
    try:
        who = chosen(values, seen.typed, set())
    except Refused as refusal:
        raise Refused(refusal.sentences | wrong) from None
    if wrong or first is None:
        raise Refused(wrong)
    return MoveIn(values["lot"], who.code, first, last, (who.row,) if who.row else ())


def _field(problem: Problem, seen: Editable) -> str:
    if problem.file == TENANCIES.file:
        return "last" if problem.wrong.key.endswith(".days_in_disorder") else _DAYS.get(problem.column, FORM)
    if problem.file == PEOPLE.file and problem.row == len(seen.typed.rows(PEOPLE)):
        column = "email" if problem.wrong.key.endswith(".address_taken") else problem.column
        return column if column in FIELDS else FORM
    return FORM


def _tenancy(visit: Visit, seen: Editable) -> tuple[str, str]:
    """The lot and the tenant in the address of the page: somebody who rents it still, or 404."""
    today = local_day(visit.uow.now).isoformat()
    lot, person = (visit.request.query.get(name, "") for name in ("lot", "person"))
    for row in seen.typed.rows(TENANCIES):
        if (row["lot"], row["person"]) == (lot, person) and (not row["to"] or row["to"] >= today):
            return lot, person
    raise web.HTTPNotFound


def _move_in_form(
    visit: Visit, seen: Editable, values: Mapping[str, str], refused: Sentences | None = None, status: int = 200
) -> web.Response:
    words = visit.office.catalogues[visit.language]
    return render(
        visit,
        "people/move_in.html",
        status,
        values=values,
        version=visit.typed("version") if status == 422 else seen.version,
        refused={name: words(text) for name, text in (refused or {}).items()},
        lots=[row["lot"] for row in seen.typed.rows(LOTS)],
        people=options(seen.typed),
        languages=LANGUAGES,
        action=PREFIX + links.tenants(visit, "/move-in"),
        back=PREFIX + links.tenants(visit),
    )


def _move_out_form(
    visit: Visit, seen: Editable, typed: str, refused: Sentences | None = None, status: int = 200
) -> web.Response:
    words = visit.office.catalogues[visit.language]
    lot, person = _tenancy(visit, seen)
    return render(
        visit,
        "people/move_out.html",
        status,
        lot=lot,
        name=names(seen.typed)[person],
        typed_day=typed,
        version=visit.typed("version") if status == 422 else seen.version,
        refused={name: words(text) for name, text in (refused or {}).items()},
        action=PREFIX + links.tenants(visit, "/move-out", lot=lot, person=person),
        back=PREFIX + links.tenants(visit),
    )


PAGES = (
    Page("/buildings/{building}/tenants", show, section="buildings", tab="tenants"),
    Page("/buildings/{building}/tenants/move-in", arrive, move_in, act=Act.WRITE, section="buildings", tab="tenants"),
    Page("/buildings/{building}/tenants/move-out", leave, move_out, act=Act.WRITE, section="buildings", tab="tenants"),
)
