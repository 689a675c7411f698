"""The distribution keys of a building: what each splits, what an amount would cost, and how a key is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from core.buildings import service as buildings
from core.buildings.model import GENERAL
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Changes
from core.interchange.tables import WEIGHTS
from core.interchange.typed import Typed
from core.kernel.money import Money
from core.kernel.text import Text, say
from core.people.accounts.model import Act
from web_admin.charts.bars import Row, bars
from web_admin.details.amending import LARGEST, path_of, same, seal_of, to_confirm, tried
from web_admin.keys import form as forms
from web_admin.keys.amounts import cents_of
from web_admin.keys.form import BEGINNINGS, Form
from web_admin.keys.split import WIDE, keys_of
from web_admin.lots.parts import base_in, packed
from web_admin.pages import Page, Visit, go_to, render
from web_admin.paging import paged

FIRST_AMOUNT = "1000"
MOST_BARS = 60
LONGEST_AMOUNT = 100
LISTED = 120
"""Lots on one page of the table."""
MOST_PICTURED = 800
"""Slices of all keys together up to which each has its picture; of more, the one that is looked at."""


async def show(visit: Visit) -> web.StreamResponse:
    """All keys, and one of them in full: `?key=lift&amount=1000`."""
    building = visit.building.building_id
    keys = keys_of(await buildings.lots(visit.uow, building), await buildings.weights(visit.uow, building))
    wanted = visit.request.query.get("key", GENERAL)
    key = next((key for key in keys if key.name == wanted), None)
    if key is None:
        raise web.HTTPNotFound
    amount = visit.request.query.get("amount", "").strip()[:LONGEST_AMOUNT] or FIRST_AMOUNT
    cents = cents_of(amount)
    words = visit.office.catalogues[visit.language]
    costs = key.costs(cents) if cents is not None and key.whole else None
    rows = [(part, costs[place] if costs else None) for place, part in enumerate(key.parts) if part.weight]
    listed = paged(rows, LISTED, visit.request.query.get("page", ""))
    return render(
        visit,
        "keys/keys.html",
        200 if cents is not None else 422,
        keys=keys,
        rows=listed.rows,
        page=listed.page,
        pages=listed.pages,
        at=lambda number: _link(visit, "keys", key=key.name, amount=amount, page=str(number)),
        pictured=sum(len(each.bearing) for each in keys) <= MOST_PICTURED,
        key=key,
        links={each.name: _link(visit, "keys", key=each.name) for each in keys},
        edit=_link(visit, "keys/edit", key=key.name),
        remove=_link(visit, "keys/remove", key=key.name),
        amount=amount,
        whole=Money(cents) if cents is not None else None,
        costs=costs,
        chart=bars((Row(part.lot, part.weight, words(part.percent)) for part in key.bearing), most=MOST_BARS),
        wide=WIDE,
    )


async def add(visit: Visit) -> web.StreamResponse:
    """An empty form; `?begin=one` fills it in for a start."""
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    beginning = visit.request.query.get("begin", "")
    form = forms.begun(seen.typed, beginning)
    return _form(visit, seen.version, form, forms.base_of(form), beginning=beginning)


async def edit(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    key = visit.request.query.get("key", "")
    if not _there(seen.typed, key):
        raise web.HTTPNotFound
    form = forms.form_of(seen.typed, key)
    return _form(visit, seen.version, form, forms.base_of(form))


async def save(visit: Visit) -> web.StreamResponse:
    """A new key, or one with other weights or another name."""
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    version, base = visit.typed("version"), base_in(visit.typed("base", LARGEST))
    form = forms.read(
        lambda name: visit.typed(name, LARGEST), lambda name: name in visit.form, visit.typed("key", LARGEST)
    )
    if version == seen.version and form.key and not _there(seen.typed, form.key):
        raise web.HTTPNotFound
    if version != seen.version:
        return await _outdated(visit, form, base)
    if wrong := forms.wrong_of(seen.typed, form):
        return _form(visit, version, form, base, say("setup.problems", count=len(wrong)), wrong, status=422)
    changes = forms.changes_of(seen.typed, form)
    there = f"keys?{urlencode({'key': form.name})}"
    if same(seen.typed, changes):
        return go_to(visit, path_of(visit.building, there), say("office.amend.nothing"))
    result = await tried(visit, version, changes)
    if result.outdated:
        return await _outdated(visit, form, base)
    if result.done is None:
        wrong, others = forms.beside(form, changes, result.problems)
        return _form(visit, version, form, base, result.refused, wrong, others, status=422)
    if ask := to_confirm(visit, result, changes):
        return _form(visit, version, form, base, ask=ask, sure=seal_of(changes))
    await visit.uow.commit()
    return go_to(visit, path_of(visit.building, there), say("office.keys.saved", key=form.name))


async def ask_to_remove(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    key = visit.request.query.get("key", "")
    if not _there(seen.typed, key):
        raise web.HTTPNotFound
    return _removal(visit, seen.version, key)


async def remove(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    version, key = visit.typed("version"), visit.typed("key", LARGEST)
    if not _there(seen.typed, key):
        return go_to(visit, path_of(visit.building, "keys"), say("office.keys.gone", key=key[:100]))
    changes: Changes = forms.without(seen.typed, key)
    result = await tried(visit, version, changes)
    if result.outdated:
        now = await amendments.editable(visit.uow, visit.building.building_id)
        return _removal(visit, now.version, key, say("amend.outdated"), 409)
    if result.done is None:
        used = forms.users(result.problems)
        refused = say("office.keys.used", key=key, count=used) if used else result.refused
        return _removal(visit, version, key, refused, 422)
    await visit.uow.commit()
    return go_to(visit, path_of(visit.building, "keys"), say("office.keys.removed", key=key))


async def _outdated(visit: Visit, typed: Form, base: Mapping[str, object]) -> web.Response:
    """The form with what was typed, and beside it what somebody else wrote meanwhile."""
    now = await amendments.editable(visit.uow, visit.building.building_id)
    there = forms.form_of(now.typed, typed.key if _there(now.typed, typed.key) else "")
    form = forms.both(typed, base, there)
    others = [
        say("office.keys.lot_gone", lot=lot) for lot, text in typed.weights.items() if text and lot not in form.weights
    ]
    if typed.key and not there.key:
        others.insert(0, say("office.keys.gone", key=typed.key))
    refused = say("amend.outdated" if form.now or others else "office.amend.elsewhere")
    return _form(visit, now.version, form, forms.base_of(there), refused, form.now, others, status=409)


def _there(typed: Typed, key: str) -> bool:
    return any(row["key"] == key for row in typed.rows(WEIGHTS))


def _link(visit: Visit, rest: str, **query: str) -> str:
    return f"{path_of(visit.building, rest)}?{urlencode(query)}"


def _removal(visit: Visit, version: str, key: str, refused: Text | None = None, status: int = 200) -> web.Response:
    words = visit.office.catalogues[visit.language]
    back = _link(visit, "keys", key=key)
    return render(
        visit,
        "keys/remove.html",
        status,
        version=version,
        key=key,
        back=back,
        refused=words(refused) if refused else "",
    )


def _form(
    visit: Visit,
    version: str,
    form: Form,
    base: Mapping[str, object],
    refused: Text | None = None,
    wrong: Mapping[str, Text] | None = None,
    others: list[Text] | None = None,
    *,
    ask: list[Text] | None = None,
    sure: str = "",
    beginning: str = "",
    status: int = 200,
) -> web.Response:
    words = visit.office.catalogues[visit.language]
    told: dict[str, Any] = {"refused": words(refused) if refused else "", "others": others or []}
    return render(
        visit,
        "keys/edit.html",
        status,
        version=version,
        form=form,
        base=packed(base),
        weights=list(enumerate(form.weights.items())),
        wrong={name: words(text) for name, text in (wrong or {}).items()},
        ask=ask or [],
        sure=sure,
        back=_link(visit, "keys", key=form.key) if form.key else path_of(visit.building, "keys"),
        action=path_of(visit.building, "keys/edit" if form.key else "keys/new"),
        beginnings=[(each, words(say(f"office.keys.begin_{each}"))) for each in BEGINNINGS],
        beginning=beginning,
        **told,
    )


PAGES = (
    Page("/buildings/{building}/keys", show, section="buildings", tab="keys"),
    Page("/buildings/{building}/keys/new", add, save, act=Act.WRITE, section="buildings", tab="keys", most=LARGEST),
    Page("/buildings/{building}/keys/edit", edit, save, act=Act.WRITE, section="buildings", tab="keys", most=LARGEST),
    Page("/buildings/{building}/keys/remove", ask_to_remove, remove, act=Act.WRITE, section="buildings", tab="keys"),
)
