"""What `building.toml` says of a building: read, and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from core.buildings.model import REGIONS
from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import Changes
from core.interchange.building_toml import SETTLEMENTS
from core.interchange.model import BUILDING
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, literal, say
from core.people.accounts.model import Act
from web_admin.details.amending import (
    Tried,
    base_json,
    base_of,
    meanwhile,
    merged,
    path_of,
    plainly,
    same,
    seal_of,
    texts,
    to_confirm,
    tried,
    unfit,
)
from web_admin.details.form import FIELD_OF, FIELDS, fields_of, settings_of
from web_admin.details.words import groups, named
from web_admin.pages import FORM_BYTES, Page, Visit, go_to, render


async def show(visit: Visit) -> web.StreamResponse:
    return render(
        visit,
        "details/details.html",
        groups=groups(visit.building.building),
        modules=[say(f"modules.title.{name}") for name in visit.building.building.modules],
        to_modules="/buildings/{building}/modules" in visit.office.paths,
    )


async def edit(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    values = fields_of(seen.typed.settings)
    return _form(visit, seen.version, values, values)


async def change(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    version, base = visit.typed("version"), texts(base_of(visit))
    values = {name: visit.typed(name, FORM_BYTES) for name in FIELDS}
    wrong = {name: sentence for name, text in values.items() if (sentence := unfit(text))}
    if wrong:
        return _form(visit, version, base, values, say("setup.problems", count=len(wrong)), wrong, status=422)
    changes = Changes(settings_of(values, seen.typed.settings))
    if version == seen.version and same(seen.typed, changes):
        return go_to(visit, path_of(visit.building, "details"), say("office.amend.nothing"))
    result = await tried(visit, version, changes)
    if result.outdated:
        return await _outdated(visit, base, values)
    if result.done is None:
        wrong, others = _beside(result)
        return _form(visit, version, base, values, result.refused, wrong, others, status=422)
    if ask := to_confirm(visit, result, changes):
        return _form(visit, version, base, values, ask=ask, sure=seal_of(changes))
    await visit.uow.commit()
    return go_to(visit, path_of(visit.building, "details"), say("office.details.saved"))


async def _outdated(visit: Visit, base: Mapping[str, str], typed: Mapping[str, str]) -> web.Response:
    """The form with what was typed, and beside it what somebody else wrote meanwhile."""
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    there = fields_of(seen.typed.settings)
    both = merged(base, typed, there)
    refused = say("amend.outdated" if both.now else "office.amend.elsewhere")
    notes = meanwhile({name: named(name, text) for name, text in both.now.items()})
    return _form(visit, seen.version, there, both.values, refused, notes=notes, status=409)


def _beside(result: Tried) -> tuple[dict[str, Text], list[Text]]:
    """What is wrong by field, and what belongs to none."""
    wrong: dict[str, Text] = {}
    others: list[Text] = []
    for problem in result.problems:
        name = FIELD_OF.get(problem.column) if problem.file == BUILDING else None
        if name is None:
            others.append(problem.wrong)
        else:
            wrong.setdefault(name, plainly(problem.wrong))
    return wrong, others


def _form(
    visit: Visit,
    version: str,
    base: Mapping[str, str],
    values: Mapping[str, str],
    refused: Text | None = None,
    wrong: Mapping[str, Text] | None = None,
    others: list[Text] | None = None,
    *,
    notes: Mapping[str, Text] | None = None,
    ask: list[Text] | None = None,
    sure: str = "",
    status: int = 200,
) -> web.Response:
    words = visit.office.catalogues[visit.language]
    spoken: dict[str, Any] = {
        "refused": words(refused) if refused else "",
        "wrong": {name: words(text) for name, text in (wrong or {}).items()},
        "notes": {name: words(text) for name, text in (notes or {}).items()},
    }
    return render(
        visit,
        "details/edit.html",
        status,
        version=version,
        base=base_json(base),
        values=values,
        others=[literal(words(text)) for text in others or ()],
        ask=ask or [],
        sure=sure,
        regions=REGIONS,
        settlements=SETTLEMENTS,
        languages=LANGUAGES,
        **spoken,
    )


PAGES = (
    Page("/buildings/{building}/details", show, section="buildings", tab="details"),
    Page("/buildings/{building}/details/edit", edit, change, act=Act.WRITE, section="buildings", tab="details"),
)
