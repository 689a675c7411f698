"""Buildings that are being set up: begun, gone on with, looked over, made, thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from core.interchange.amendments.model import code_for
from core.interchange.model import BUILDING
from core.interchange.setup import service as setup
from core.interchange.setup.model import STEPS, Draft, Listed, NoSuchDraft
from core.interchange.tables import LOTS, OWNERSHIP, PEOPLE, TENANCIES, WEIGHTS
from core.interchange.typed import Outdated, Problem, Problems
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.people.accounts.model import Act
from core.people.audit.model import Actor
from web_admin.messages.reach import identity
from web_admin.pages import Page, Visit, go_to, render
from web_admin.refusals import said
from web_admin.setup.wording import STEP_OF, in_words, told

WRITES: Mapping[str, Any] = {"act": Act.WRITE, "whole": True, "section": "buildings"}
"""Who may make buildings: whoever may change them in the organisation as a whole."""
LIKE_THE_OTHERS = (
    *("region", "languages", "settlement", "financial_year_start", "arrears.reminder_days"),
    *("syndic.name", "syndic.email", "syndic.phone", "syndic.emergency"),
)
"""What a firm's next building has like its others."""
MOST_PROBLEMS = 100
"""On one page; of more their number is said."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the list of all: what is wrong there, and whether anything was filled in."""

    name: str
    problems: tuple[Problem, ...]
    begun: bool


async def every(visit: Visit) -> web.StreamResponse:
    return render(visit, "setup/drafts.html", drafts=await setup.drafts(visit.uow))


async def new(visit: Visit) -> web.StreamResponse:
    return _new(visit, await setup.drafts(visit.uow))


def _new(
    visit: Visit, begun: Sequence[Listed], status: int = 200, name: str = "", refused: Text | None = None
) -> web.Response:
    return render(visit, "setup/new.html", status, name=name, refused=refused, drafts=len(begun))


async def begin(visit: Visit) -> web.StreamResponse:
    """A draft with the name, a short name made of it, and what the other buildings have."""
    name, begun = visit.typed("name", 200), await setup.drafts(visit.uow)
    if not name:
        return _new(visit, begun, 422, refused=say("office.setup.new.no_name"))
    others = await visit.buildings()
    settings = {"name": name, "slug": code_for(name, {each.building.slug for each in others})}
    try:
        draft = await setup.begin(visit.uow, actor(visit))
        if others:
            like = await setup.settings_of(visit.uow, max(others, key=lambda known: known.number).building_id)
            settings = {each: like[each] for each in LIKE_THE_OTHERS} | settings
        await setup.type_settings(visit.uow, draft.draft_id, draft.version, settings, actor(visit))
    except DomainError as refusal:
        return _new(visit, begun, 422, name, refusal.text)
    await visit.uow.commit()
    return go_to(visit, f"/setup/{draft.draft_id}/building")


async def overview(visit: Visit) -> web.StreamResponse:
    try:
        return await _overview(visit, await setup.draft(visit.uow, identity(visit, "draft")))
    except NoSuchDraft as refusal:
        return gone(visit, refusal)


async def finish(visit: Visit) -> web.StreamResponse:
    """Makes the building, or says what stands in the way. The draft stays until it is made."""
    draft_id, version = identity(visit, "draft"), version_in(visit)
    try:
        done = await setup.apply(visit.uow, draft_id, version, actor(visit))
    except NoSuchDraft as refusal:
        return gone(visit, refusal)
    except Outdated as refusal:
        return await _overview(visit, await setup.draft(visit.uow, draft_id), 409, refusal.text)
    except Problems as refusal:
        return await _overview(visit, await setup.draft(visit.uow, draft_id), 422, refusal.text, refusal.problems)
    except DomainError as refusal:
        return await _overview(visit, await setup.draft(visit.uow, draft_id), 422, refusal.text)
    await visit.uow.commit()
    building = done.building.building
    return go_to(
        visit,
        home(visit, building.slug),
        say("office.setup.made", name=building.name, lots=done.lots, people=done.people),
    )


async def drop(visit: Visit) -> web.StreamResponse:
    draft_id = identity(visit, "draft")
    try:
        await setup.drop(visit.uow, draft_id, version_in(visit), actor(visit))
    except NoSuchDraft as refusal:
        return gone(visit, refusal)
    except Outdated as refusal:
        return await _overview(visit, await setup.draft(visit.uow, draft_id), 409, refusal.text)
    await visit.uow.commit()
    return go_to(visit, "/setup", say("office.setup.dropped"))


async def _overview(
    visit: Visit, draft: Draft, status: int = 200, refused: Text | None = None, wrong: Sequence[Problem] | None = None
) -> web.Response:
    problems = told(draft.typed, await setup.look_over(visit.uow, draft) if wrong is None else wrong)
    steps = steps_of(draft, problems)
    typed = draft.typed
    lots = typed.rows(LOTS)
    owned = {row["lot"] for row in typed.rows(OWNERSHIP)}
    return render(
        visit,
        "setup/overview.html",
        status,
        draft=draft,
        steps=steps,
        step="",
        problems=problems,
        most=MOST_PROBLEMS,
        in_words=in_words,
        refused=refused,
        lots=len(lots),
        keys=sorted({row["key"] for row in typed.rows(WEIGHTS) if row["key"]}),
        people=len(typed.rows(PEOPLE)),
        unreachable=sum(not row["email"] and not row["street"] for row in typed.rows(PEOPLE)),
        unowned=[row["lot"] for row in lots if row["lot"] and row["lot"] not in owned],
        tenancies=len(typed.rows(TENANCIES)),
        next_step=next((each.name for each in steps if each.problems), ""),
    )


def home(visit: Visit, slug: str) -> str:
    """The page of a building from which one goes on."""
    path = f"/buildings/{slug}"
    return path if "/buildings/{building}" in visit.office.paths else f"{path}/files"


def steps_of(draft: Draft, problems: Sequence[Problem]) -> list[Step]:
    return [
        Step(
            STEP_OF[file],
            tuple(each for each in problems if each.file == file),
            file == BUILDING or bool(draft.typed.tables.get(file)),
        )
        for file in STEPS
    ]


def version_in(visit: Visit) -> int:
    """The version of the draft that a form was made for; one that never was, where the form does not say."""
    given = visit.typed("version", 12)
    return int(given) if given.isascii() and given.isdigit() else 0


def actor(visit: Visit) -> Actor:
    return Actor(visit.who.account.account_id, visit.who.account.name)


def gone(visit: Visit, refusal: NoSuchDraft) -> web.Response:
    """A draft that somebody finished or threw away meanwhile; in the same words for one that never was here."""
    return said(visit, 404, say("office.error.missing"), refusal.text)


PAGES = (
    Page("/setup", every, **WRITES),
    Page("/setup/new", new, begin, **WRITES),
    Page("/setup/{draft}", overview, finish, **WRITES),
    Page("/setup/{draft}/drop", None, drop, **WRITES),
)
