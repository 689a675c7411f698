"""The notice boards, what was reported first; one note with what can be decided on it; how much else neighbours have put up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from aiohttp import web

from core.community.notices import cards
from core.community.notices.model import LONGEST_WORDS, STANDING, Notice, State
from core.community.notices.moderation import cards as moderation_cards
from core.community.notices.moderation import service as moderation
from core.community.notices.moderation.model import Case, Report
from core.community.notices.module import MODULE
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.people.accounts.model import Act
from core.people.audit.model import Actor
from web_admin.community import offered
from web_admin.messages.reach import identity, shelf
from web_admin.pages import PREFIX, Page, Visit, go_to, render

DECIDES = Act.SWITCH
"""Whoever may do this is syndic or sits on the council: only they read why something was reported, and decide."""
FASTER = ("notices.over", "notices.moved_on", "notices.gone")
FIELD_OF = {"notices.no_words": "reason", "community.long_text": "reason", "community.insulting": "reason"}
"""Where the sentence of a refusal stands; else above the form."""

Decide = Callable[[UnitOfWork, UUID, Actor], Awaitable[Notice]]
DECISIONS: Mapping[str, Decide] = {
    "keep": moderation.keep,
    "restore": moderation.restore,
    "uphold": moderation.uphold,
    "pin": moderation.pin,
    "unpin": moderation.unpin,
}
"""What is decided by one press; `remove` takes a reason besides."""


async def boards(visit: Visit) -> web.StreamResponse:
    buildings = await visit.buildings()
    slug = visit.request.query.get("building", "")
    chosen = next((each for each in buildings if each.building.slug == slug), None)
    if slug and chosen is None:
        raise web.HTTPNotFound
    if len(buildings) == 1:
        chosen = buildings[0]
    shown = [chosen] if chosen else buildings
    cases = await moderation.boards(visit.uow, [each.building_id for each in shown])
    return render(
        visit,
        "community/boards.html",
        buildings=buildings,
        houses={each.building_id: each.building.name for each in buildings},
        chosen=chosen,
        waiting=[each for each in cases if each.waits],
        others=[each for each in cases if not each.waits],
        off=[each.building.name for each in shown if MODULE.name not in each.building.modules],
        offered=await offered.counts(visit.uow, chosen) if chosen else (),
        most=moderation.MOST_CASES,
        full=len(cases) >= moderation.MOST_CASES,
        state_of=_state_of,
        kind=cards.kind,
        when=cards.when,
    )


async def one(visit: Visit) -> web.StreamResponse:
    return await _shown(visit, *await _case(visit, Act.READ))


async def decide(visit: Visit) -> web.StreamResponse:
    """Does what was pressed; back to the page, with what was typed, where that cannot be."""
    case, _ = await _case(visit, DECIDES)
    notice, do = case.notice.notice_id, visit.typed("do", 40)
    me = visit.who.account
    actor = Actor(me.account_id, me.name)
    try:
        if visit.typed("seen", 40) != case.notice.state.value:
            raise DomainError("notices.moved_on")
        if do == "remove":
            await moderation.remove(visit.uow, notice, actor, visit.typed("reason", 4 * LONGEST_WORDS))
        elif do in DECISIONS:
            await DECISIONS[do](visit.uow, notice, actor)
        else:
            raise DomainError("office.error.wrong_body")
    except DomainError as refusal:
        return await _shown(visit, *await _case(visit, DECIDES), refusal)
    await visit.uow.commit()
    return go_to(visit, f"/community/notices/{notice}", moderation_cards.decided(do, case.notice).title)


async def photo(visit: Visit) -> web.StreamResponse:
    """A photo of a note, by its place among them, to whoever may read of its building."""
    case, _ = await _case(visit, Act.READ)
    given = visit.request.match_info["photo"]
    photos = {str(place): digest for place, digest in enumerate(case.notice.photos, 1)}
    if given not in photos:
        raise web.HTTPNotFound
    try:
        content = await shelf(visit).get(bytes.fromhex(photos[given]))
    except (OSError, ValueError) as gone:
        raise web.HTTPNotFound from gone
    return web.Response(body=content, content_type="image/jpeg", headers={"Content-Disposition": "inline"})


async def _case(visit: Visit, act: Act) -> tuple[Case, list[Report]]:
    """The note of the path, where the visitor may do that in its building; else 404. What is down by itself is nobody's to read."""
    found = await moderation.one(visit.uow, identity(visit, "notice"))
    if found is None or not visit.who.standing.may(act, found[0].notice.building):
        raise web.HTTPNotFound
    if found[0].notice.state not in STANDING | {State.REMOVED}:
        raise web.HTTPNotFound
    return found


async def _shown(
    visit: Visit, case: Case, reports: Sequence[Report], refusal: DomainError | None = None
) -> web.Response:
    notice, words = case.notice, visit.office.catalogues[visit.language]
    decides = visit.who.standing.may(DECIDES, notice.building)
    status = 200 if refusal is None else 409 if refusal.text.key in FASTER else 422
    house = next(each for each in await visit.buildings() if each.building_id == notice.building)
    return render(
        visit,
        "community/notice.html",
        status,
        case=case,
        notice=notice,
        house=house.building.name,
        card=cards.shown(cards.Seen(notice, case.name), notice.language),
        state=_state_of(case),
        reports=reports if decides else (),
        why=moderation_cards.why,
        decisions=[str(each.intent.slots["do"]) for each in cards.deciding(notice, case.reports)] if decides else (),
        longest=LONGEST_WORDS,
        refused={FIELD_OF.get(refusal.text.key, ""): words(refusal.text)} if refusal else {},
        path=f"{PREFIX}/community/notices/{notice.notice_id}",
    )


def _state_of(case: Case) -> str:
    """The word for how a note stands: what has to be known of it first."""
    notice = case.notice
    if notice.state is State.REMOVED:
        return "objected" if notice.objects else "removed"
    if notice.state is State.HIDDEN:
        return "hidden"
    return "reported" if case.reports else "pinned" if notice.pinned_at is not None else "shown"


PAGES = (
    Page("/community", boards, section="community"),
    Page("/community/notices/{notice}", one, decide, changes=DECIDES, section="community"),
    Page("/community/notices/{notice}/photos/{photo}", photo, section="community"),
    *offered.PAGES,
)
