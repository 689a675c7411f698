"""Files of a building, uploaded: first what they would change is shown, then they are brought in. Nothing is half done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from aiohttp import web

from core.interchange.arrivals import service as arrivals
from core.interchange.arrivals.service import Arrival
from core.interchange.model import BuildingFiles, Faults, fault_line
from core.interchange.reading import read_building
from core.interchange.typed import Outdated
from core.kernel.errors import DomainError
from core.kernel.i18n import Words
from core.kernel.text import Text, say
from core.people.accounts.model import Act
from core.people.audit.model import Deed, Fields, Record
from web_admin.messages.reach import shelf
from web_admin.pages import FORM_BYTES, PREFIX, Page, Visit, go_to, render
from web_admin.setup import uploads
from web_admin.setup.drafts import WRITES, actor, home
from web_admin.setup.uploads import LASTS, MEGABYTES, TAKEN, Held, TooLarge

MOST_SHOWN = 200
"""Faults, and changes, on one page; of more their number is said."""
_LABELS: Mapping[Deed, tuple[str, str]] = {
    Deed.LOT_CHANGED: ("lot", "lots"),
    Deed.KEY_CHANGED: ("key", "keys"),
    Deed.PERSON_CHANGED: ("person", "people"),
    Deed.OWNERSHIP_CHANGED: ("lot", "ownership"),
    Deed.TENANCY_CHANGED: ("lot", "tenancies"),
}
"""What an entry of the log is about, and at which step of the wizard that is filled in."""


async def show(visit: Visit) -> web.StreamResponse:
    return _form(visit)


async def check(visit: Visit) -> web.StreamResponse:
    """A dry run: every fault at once, or all that would change. The upload waits on disk until it is brought in."""
    me, held = visit.who, None
    try:
        held = await uploads.hold(uploads.given(visit.form.getall("files", [])), me.organisation, me.account.account_id)
        arrival = await _look(visit, held)
    except Faults as refusal:
        _drop(held)
        return _form(visit, 422, faults=refusal)
    except TooLarge as refusal:
        return _form(visit, 413, refused=refusal.text)
    except DomainError as refusal:
        _drop(held)
        return _form(visit, 422, refused=refusal.text)
    except BaseException:
        _drop(held)
        raise
    if not arrival.differs:
        _drop(held)
    return _looked(visit, held, arrival)


async def go(visit: Visit) -> web.StreamResponse:
    """Brings in what was looked at, where the building is still what it was then."""
    me = visit.who
    claims: Any = visit.office.seals.open("import", visit.typed("upload", FORM_BYTES))
    mine = (me.account.account_id.hex, me.organisation.hex, _only(visit))
    if claims is None or (claims["sub"], claims["org"], claims["only"]) != mine:
        return _form(visit, 422, refused=say("office.setup.import.gone"))
    try:
        held = await uploads.held(me.organisation, me.account.account_id, claims["digest"])
    except DomainError as refusal:
        return _form(visit, 409, refused=refusal.text)
    try:
        done = await _bring_in(visit, held, claims["seen"])
    except Outdated as refusal:
        try:
            return _looked(visit, held, await _look(visit, held), 409, refusal.text)
        except DomainError as again:
            _drop(held)
            return _form(visit, 422, refused=again.text)
    except Faults as refusal:
        _drop(held)
        return _form(visit, 422, faults=refusal)
    except DomainError as refusal:
        _drop(held)
        return _form(visit, 422, refused=refusal.text)
    _drop(held)
    building = done.imported.building.building
    key = "office.setup.import.made" if done.imported.new else "office.setup.import.changed"
    return go_to(visit, home(visit, building.slug), say(key, name=building.name))


async def _look(visit: Visit, held: Held) -> Arrival:
    with ExitStack() as stack:
        files = await _read(held, stack)
        async with visit.apart() as uow:
            return await arrivals.look(uow, files, _building(visit))


async def _bring_in(visit: Visit, held: Held, seen: str) -> Arrival:
    with ExitStack() as stack:
        files = await _read(held, stack)
        async with visit.apart() as uow:
            done = await arrivals.bring_in(uow, files, shelf(visit), seen, actor(visit), _building(visit))
            await uow.commit()
            return done


async def _read(held: Held, stack: ExitStack) -> BuildingFiles:
    """What the files say; the archive stays open as long as the stack: its papers are read when they are put on the shelf."""
    folder = stack.enter_context(await asyncio.to_thread(held.open))
    return await asyncio.to_thread(read_building, folder)


def _drop(held: Held | None) -> None:
    if held is not None:
        held.remove()


def _building(visit: Visit) -> Any:
    return visit.known.building_id if visit.known else None


def _only(visit: Visit) -> str:
    return visit.known.building_id.hex if visit.known else ""


def _here(visit: Visit) -> str:
    return f"/buildings/{visit.known.building.slug}/files" if visit.known else "/setup/import"


def _form(
    visit: Visit, status: int = 200, *, refused: Text | None = None, faults: Faults | None = None
) -> web.Response:
    words = visit.office.catalogues[visit.language]
    found = faults.faults if faults else ()
    return render(
        visit,
        "setup/files.html" if visit.known else "setup/import.html",
        status,
        action=f"{PREFIX}{_here(visit)}",
        refused=refused,
        faults=[fault_line(fault, words) for fault in found[:MOST_SHOWN]],
        all_faults=len(found),
        megabytes=MEGABYTES,
        writes=visit.may(Act.WRITE),
        exports=may_export(visit),
    )


def may_export(visit: Visit) -> bool:
    """An export holds everybody's data and every payment in one file: it is for those who change them, and those who audit."""
    return visit.may(Act.WRITE) or visit.may(Act.AUDIT)


def _looked(visit: Visit, held: Held, arrival: Arrival, status: int = 200, refused: Text | None = None) -> web.Response:
    me, words = visit.who, visit.office.catalogues[visit.language]
    sealed = visit.office.seals.seal(
        "import",
        timedelta(seconds=LASTS),
        sub=me.account.account_id.hex,
        org=me.organisation.hex,
        only=_only(visit),
        digest=held.digest,
        seen=arrival.seen,
    )
    return render(
        visit,
        "setup/looked.html",
        status,
        action=f"{PREFIX}{_here(visit)}/go",
        back=f"{PREFIX}{_here(visit)}",
        refused=refused,
        sealed=sealed,
        arrival=arrival,
        name=arrival.imported.building.building.name,
        slug=arrival.imported.building.building.slug,
        changes=[(said(each, words), tuple(fields(each, words))) for each in arrival.changes[:MOST_SHOWN]],
        all_changes=len(arrival.changes),
    )


def said(change: Record, words: Words) -> str:
    """What a change is about: `Ownership, lot 3A`."""
    if change.deed not in _LABELS:
        return words(say("office.setup.step.building"))
    column, step = _LABELS[change.deed]
    name = change.subject.partition(" ")[2]
    return f"{words(say(f'office.setup.step.{step}'))}, {words(say(f'office.setup.column.{column}'))} {name}"


def fields(change: Record, words: Words) -> Iterator[tuple[str, str, str]]:
    """Label, before and after of each field that differs; one without a label for rows as a whole."""
    before, after = change.before or {}, change.after or {}
    if "rows" in before or "rows" in after:
        yield "", _rows(before), _rows(after)
        return
    family = "setting" if change.deed is Deed.BUILDING_CHANGED else "column"
    for name in {**before, **after}:
        if before.get(name, "") != after.get(name, ""):
            yield words(say(f"office.setup.{family}.{name}")), str(before.get(name, "")), str(after.get(name, ""))


def _rows(told: Fields) -> str:
    return "; ".join(" · ".join(str(text) for text in row.values()) for row in told.get("rows", ()))


PAGES = (
    Page("/setup/import", show, check, most=TAKEN, apart=True, **WRITES),
    Page("/setup/import/go", None, go, apart=True, **WRITES),
    Page(
        "/buildings/{building}/files",
        show,
        check,
        changes=Act.WRITE,
        section="buildings",
        tab="files",
        most=TAKEN,
        apart=True,
    ),
    Page("/buildings/{building}/files/go", None, go, act=Act.WRITE, section="buildings", tab="files", apart=True),
)
