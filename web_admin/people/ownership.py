"""Who owns which lot today, who owned it before, and who speaks for a lot of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web

from core.buildings import service as buildings
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Represent
from core.interchange.amendments.service import Editable
from core.interchange.model import shown
from core.interchange.tables import OWNERSHIP
from core.interchange.typed import Line, Outdated
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import say
from core.people.accounts.model import Act
from core.people.model import FULL, Ownership
from core.people.register import service as register
from web_admin.pages import PREFIX, Page, Visit, go_to, render
from web_admin.paging import paged
from web_admin.people import links
from web_admin.people.person import actor
from web_admin.people.refused import FORM, Sentences, day_of, sentences
from web_admin.people.somebody import names

LISTED = 120
"""Lots on one page of the table."""
FROM_DAY, ALL_ALONG = "day", "mistake"
"""How somebody else speaks for a lot: from a day on, or all along, where it was typed wrongly."""
_FIELDS = {
    "amend.changes_later": "day",
    "amend.owns_not": "person",
    "amend.nothing_changes": "person",
}


@dataclass(frozen=True, slots=True)
class Owned:
    """A lot with who owns it on a day, who will after it, and who did before."""

    lot: str
    now: tuple[Ownership, ...]
    coming: tuple[Ownership, ...]
    past: tuple[Ownership, ...]

    @property
    def voiceless(self) -> bool:
        """Whether it belongs to several, and nobody speaks for it (Civil Code, art. 3.87 par. 1)."""
        return len({row.person for row in self.now}) > 1 and not any(row.representative for row in self.now)

    @property
    def changed_hands(self) -> bool:
        """Whether somebody owned it before others, so that there is a transfer to take back."""
        return len({row.first for row in (*self.now, *self.coming, *self.past)}) > 1


def owned(lot: str, rights: Sequence[Ownership], day: date) -> Owned:
    """Of those before, the latest first."""
    mine = [row for row in rights if row.lot == lot]
    past = [row for row in mine if row.last is not None and row.last < day]
    return Owned(
        lot,
        tuple(row for row in mine if row.holds(day)),
        tuple(sorted((row for row in mine if row.first > day), key=lambda row: row.first)),
        tuple(sorted(past, key=lambda row: row.first, reverse=True)),
    )


async def show(visit: Visit) -> web.StreamResponse:
    building, today = visit.building.building_id, local_day(visit.uow.now)
    rights, lots = await register.rights(visit.uow, building), await buildings.lots(visit.uow, building)
    listed = paged(lots, LISTED, visit.request.query.get("page", ""))
    return render(
        visit,
        "people/ownership.html",
        lots=[owned(lot.lot, rights, today) for lot in listed.rows],
        page=listed.page,
        pages=listed.pages,
        full=FULL,
        **await _named(visit),
    )


async def one(visit: Visit) -> web.StreamResponse:
    """A lot: whose it is, and whose it was."""
    building, today = visit.building.building_id, local_day(visit.uow.now)
    lot = _lot(visit, [lot.lot for lot in await buildings.lots(visit.uow, building)])
    return render(
        visit,
        "people/lot.html",
        lot=owned(lot, await register.rights(visit.uow, building), today),
        full=FULL,
        **await _named(visit),
    )


async def choose(visit: Visit) -> web.StreamResponse:
    """Who could speak for a lot, and who does."""
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    lot, rows = _today(visit, seen)
    voice = next((row["person"] for row in rows if row["representative"] == "yes"), "")
    return _form(visit, seen, lot, rows, {"person": voice, "how": FROM_DAY, "day": ""})


async def represent(visit: Visit) -> web.StreamResponse:
    building = visit.building.building_id
    seen = await amendments.editable(visit.uow, building)
    lot, rows = _today(visit, seen)
    values = {name: visit.typed(name) for name in ("person", "how", "day")}
    day = day_of(values["day"]) if values["how"] == FROM_DAY else None
    wrong: Sentences = {}
    if values["how"] not in (FROM_DAY, ALL_ALONG):
        wrong["how"] = say("office.people.wrong.choose")
    elif values["how"] == FROM_DAY and day is None:
        wrong["day"] = say("office.people.wrong.day")
    if wrong:
        return _form(visit, seen, lot, rows, values, wrong, 422)
    try:
        wanted = Represent(lot, values["person"], day)
        await amendments.represent(visit.uow, building, visit.typed("version"), wanted, actor(visit))
    except Outdated as refusal:
        return _form(visit, seen, lot, rows, values, {FORM: refusal.text}, 409)
    except DomainError as refusal:
        wrong = sentences(refusal, lambda problem: "day" if problem.column == "from" else FORM, _FIELDS)
        return _form(visit, seen, lot, rows, values, wrong, 422)
    await visit.uow.commit()
    return go_to(visit, links.ownership(visit, "/lot", lot), say("office.ownership.represented", lot=shown(lot)))


def _lot(visit: Visit, lots: Sequence[str]) -> str:
    """The lot in the address of the page, or 404."""
    lot = visit.request.query.get("lot", "")
    if lot not in lots:
        raise web.HTTPNotFound
    return lot


def _today(visit: Visit, seen: Editable) -> tuple[str, list[Line]]:
    """The lot and what is owned in it today; 404 where nobody owns it."""
    today = local_day(visit.uow.now).isoformat()
    lot = visit.request.query.get("lot", "")
    rows = [
        row
        for row in seen.typed.rows(OWNERSHIP)
        if row["lot"] == lot and row["from"] <= today and (not row["to"] or row["to"] >= today)
    ]
    if not rows:
        raise web.HTTPNotFound
    return lot, rows


def _form(
    visit: Visit,
    seen: Editable,
    lot: str,
    rows: Sequence[Line],
    values: Mapping[str, str],
    refused: Sentences | None = None,
    status: int = 200,
) -> web.Response:
    words, called = visit.office.catalogues[visit.language], names(seen.typed)
    return render(
        visit,
        "people/representative.html",
        status,
        lot=lot,
        values=values,
        owners=list(dict.fromkeys((row["person"], called[row["person"]]) for row in rows)),
        version=seen.version if status != 422 else visit.typed("version"),
        ways=(FROM_DAY, ALL_ALONG),
        refused={name: words(text) for name, text in (refused or {}).items()},
        action=PREFIX + links.ownership(visit, "/representative", lot),
        back=PREFIX + links.ownership(visit, "/lot", lot),
    )


async def _named(visit: Visit) -> dict[str, Any]:
    return {
        "names": await register.names(visit.uow, visit.building.building_id),
        "person_at": lambda code: PREFIX + links.person(visit, code),
        "lot_at": lambda lot: PREFIX + links.ownership(visit, "/lot", lot),
        "transfer_at": lambda lot: PREFIX + links.ownership(visit, "/transfer", lot),
        "take_back_at": lambda lot: PREFIX + links.ownership(visit, "/take-back", lot),
        "representative_at": lambda lot: PREFIX + links.ownership(visit, "/representative", lot),
        "every_lot": PREFIX + links.ownership(visit),
    }


PAGES = (
    Page("/buildings/{building}/ownership", show, section="buildings", tab="ownership"),
    Page("/buildings/{building}/ownership/lot", one, section="buildings", tab="ownership"),
    Page(
        "/buildings/{building}/ownership/representative",
        choose,
        represent,
        act=Act.WRITE,
        section="buildings",
        tab="ownership",
    ),
)
