"""A message to a building: written, seen as it will go, sent, watched, stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from core.buildings.model import Known
from core.documents import service as documents
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.ids import new_id
from core.kernel.text import Text, say
from core.outbox.broadcasts import service as broadcasts
from core.outbox.broadcasts.cards import broadcast_card
from core.outbox.broadcasts.model import (
    LONGEST_TITLE,
    SENDABLE,
    Broadcast,
    Member,
    Outcome,
    Progress,
    Sent,
)
from core.outbox.model import SENT, SKIPPED
from core.people.accounts.model import Act
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from web_admin.messages.draft import (
    FIELDS,
    GROUPS,
    VISIBLE_TO,
    Draft,
    Refused,
    broadcast_of,
    building_of,
    opened,
    typed,
)
from web_admin.messages.reach import identity, shelf
from web_admin.messages.uploads import MEGABYTES, TAKEN, kept
from web_admin.messages.words import FATES, channel, evidence, fate, why
from web_admin.pages import FORM_BYTES, PREFIX, Page, Visit, go_to, render

MOST_SHOWN = 200
"""Names on one page; of more the numbers say enough."""
WIDE = 1000
"""Of the bar, in its own units."""
FIELD_OF = {
    "broadcast.no_lot": "lots",
    "broadcast.nobody": "group",
    "broadcast.not_allowed": "building",
    "broadcast.too_many_papers": "files",
}
"""Where the sentence of a refusal stands; else above the form."""


async def every(visit: Visit) -> web.StreamResponse:
    buildings = {known.building_id: known for known in await visit.buildings()}
    return render(
        visit,
        "messages/broadcasts.html",
        rows=await broadcasts.latest(visit.uow, list(buildings)),
        buildings=buildings,
        writes=visit.who.standing.may_somewhere(Act.TELL),
        title_of=_title_of,
    )


async def write(visit: Visit) -> web.StreamResponse:
    """An empty form, for the building from which the visitor comes or the only one there is."""
    buildings = await visit.buildings(Act.TELL)
    wanted = visit.request.query.get("building", "")
    slug = next((each.building.slug for each in buildings if each.building.slug == wanted or len(buildings) == 1), "")
    empty = dict.fromkeys(FIELDS, "") | {"building": slug, "group": GROUPS[0], "kind": SENDABLE[0]}
    return _form(visit, buildings, Draft(new_id(), empty | {"original": visit.language}))


async def look(visit: Visit) -> web.StreamResponse:
    """Who would get what was typed, and how; or the form again, with what is wrong beside its field."""
    buildings = await visit.buildings(Act.TELL)
    before = opened(visit, visit.typed("draft", FORM_BYTES))
    draft = Draft(before[0].broadcast_id if before else new_id(), typed(visit))
    ticked = set(visit.form.getall("paper", ()))
    uploads = tuple(each for each in before[0].uploads if each.document.hex in ticked) if before else ()
    try:
        uploads = await kept(visit.form.getall("files", ()), uploads, shelf(visit))
    except DomainError as refusal:
        return _form(visit, buildings, Draft(draft.broadcast_id, draft.typed, uploads), {"files": refusal.text})
    draft = Draft(draft.broadcast_id, draft.typed, uploads)
    try:
        known, sender, broadcast = await _written(visit, draft, buildings)
        preview = await broadcasts.preview(visit.uow, broadcast)
        if not preview.everybody:
            raise DomainError("office.messages.write.nobody")
    except (Refused, DomainError) as refusal:
        return _form(visit, buildings, draft, _refused(refusal))
    words = visit.office.catalogues
    cards = {
        language: broadcast_card(broadcast, known.building, sender.name, language, broadcast.papers, visit.uow.now).map(
            words[language]
        )
        for language in LANGUAGES
        if any(row.member.language == language for row in preview.everybody)
    }
    return render(
        visit,
        "messages/preview.html",
        draft=draft.seal(visit),
        known=known,
        broadcast=broadcast,
        sender=sender,
        preview=preview,
        cards=cards,
        most=MOST_SHOWN,
        **_SPOKEN,
    )


async def change(visit: Visit) -> web.StreamResponse:
    """Back to the form, with what was typed."""
    found = opened(visit, visit.typed("draft", TAKEN))
    if found is None:
        raise web.HTTPNotFound
    return _form(visit, await visit.buildings(Act.TELL), found[0], status=200)


async def send(visit: Visit) -> web.StreamResponse:
    """Sends what was looked at. A second press of the same draft leads to the same broadcast."""
    found = opened(visit, visit.typed("draft", TAKEN))
    if found is None:
        raise web.HTTPNotFound
    draft, fresh = found
    path = f"/messages/broadcasts/{draft.broadcast_id}"
    buildings = await visit.buildings(Act.TELL)
    if await broadcasts.find(visit.uow, draft.broadcast_id) is not None:
        return go_to(visit, path)
    if not fresh:
        return _form(visit, buildings, draft, {"": say("office.messages.write.late")})
    try:
        known, _, broadcast = await _written(visit, draft, buildings)
        visible_to, day = VISIBLE_TO[broadcast.audience.group], local_day(visit.uow.now)
        for upload in draft.uploads:
            paper = upload.described(day, broadcast.original, visible_to)
            await documents.add(visit.uow, known.building_id, upload.document, paper, upload.size, upload.digest)
        progress = await broadcasts.send(visit.uow, broadcast)
    except (Refused, DomainError) as refusal:
        return _form(visit, buildings, draft, _refused(refusal))
    await audit.record(
        visit.uow,
        _actor(visit),
        Deed.BROADCAST_SENT,
        _title_of(progress.sent),
        after={"broadcast": str(broadcast.broadcast_id), "audience": str(broadcast.audience), "people": progress.total},
        building=known.building_id,
    )
    await visit.uow.commit()
    return go_to(visit, path, say("office.messages.watch.sent", count=progress.total - progress.fates.get(SKIPPED, 0)))


async def watch(visit: Visit) -> web.StreamResponse:
    """How far it has come; where the page asks for it again by itself, the numbers alone."""
    sent = await _sent(visit, Act.READ)
    progress, outcomes = await broadcasts.watched(visit.uow, sent)
    again = visit.request.headers.get("HX-Request") == "true"
    live = visit.request.query.get("live") != "no"
    path = f"{PREFIX}/messages/broadcasts/{sent.broadcast.broadcast_id}"
    buildings = {known.building_id: known for known in await visit.buildings()}
    return render(
        visit,
        "messages/progress.html" if again else "messages/broadcast.html",
        sent=sent,
        title=_title_of(sent),
        house=buildings[sent.broadcast.building].building.name,
        progress=progress,
        bar=_bar(progress),
        outcomes=_to_show(outcomes),
        fates=FATES,
        live=live,
        here=path if live else f"{path}?live=no",
        toggled=f"{path}?live=no" if live else path,
        path=path,
        stops=visit.who.standing.may(Act.TELL, sent.broadcast.building),
        at=visit.uow.now,
        **_SPOKEN,
    )


async def stop(visit: Visit) -> web.StreamResponse:
    sent = await _sent(visit, Act.TELL)
    stopped = await broadcasts.call_back(visit.uow, sent)
    if sent.stopped_at is None:
        await audit.record(
            visit.uow,
            _actor(visit),
            Deed.BROADCAST_STOPPED,
            _title_of(sent),
            after={"broadcast": str(sent.broadcast.broadcast_id), "cancelled": stopped.cancelled},
            building=sent.broadcast.building,
        )
    await visit.uow.commit()
    path = f"/messages/broadcasts/{sent.broadcast.broadcast_id}"
    return go_to(visit, path, say("office.messages.watch.stopped_now", count=stopped.cancelled))


_SPOKEN: dict[str, Any] = {"why": why, "fate": fate, "evidence": evidence, "channel": channel}


async def _written(visit: Visit, draft: Draft, buildings: Sequence[Known]) -> tuple[Known, Member, Broadcast]:
    known = building_of(draft, buildings)
    sender = await broadcasts.speaker(visit.uow, known.building_id, visit.who.account.email)
    if sender is None:
        raise Refused({"building": say("office.messages.write.nobody_speaks")})
    return known, sender, broadcast_of(draft, known, sender.person, local_day(visit.uow.now))


def _refused(refusal: Refused | DomainError) -> Mapping[str, Text]:
    if isinstance(refusal, Refused):
        return refusal.fields
    field = "group" if refusal.text.key == "office.messages.write.nobody" else FIELD_OF.get(refusal.text.key, "")
    return {field: refusal.text}


async def _sent(visit: Visit, act: Act) -> Sent:
    """The broadcast of the path, where the visitor may do that in its building; else 404."""
    sent = await broadcasts.find(visit.uow, identity(visit, "broadcast"))
    if sent is None or not visit.who.standing.may(act, sent.broadcast.building):
        raise web.HTTPNotFound
    return sent


def _form(
    visit: Visit,
    buildings: Sequence[Known],
    draft: Draft,
    refused: Mapping[str, Text] | None = None,
    status: int = 422,
) -> web.Response:
    words = visit.office.catalogues[visit.language]
    return render(
        visit,
        "messages/write.html",
        status if refused else 200,
        buildings=buildings,
        draft=Draft(draft.broadcast_id, {}, draft.uploads).seal(visit),
        values=draft.typed,
        uploads=draft.uploads,
        refused={name: words(text) for name, text in (refused or {}).items()},
        groups=GROUPS,
        kinds=SENDABLE,
        languages=LANGUAGES,
        longest_title=LONGEST_TITLE,
        megabytes=MEGABYTES,
    )


def _bar(progress: Progress) -> list[tuple[str, int, int]]:
    """The parts of the bar: fate, where it begins, how wide it is."""
    parts, before = [], 0
    for name in FATES:
        count = progress.fates.get(name, 0)
        begin, end = (WIDE * reached // (progress.total or 1) for reached in (before, before + count))
        if count:
            parts.append((name, begin, end - begin))
        before += count
    return parts


def _to_show(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """First those whom it has not reached."""
    return sorted(outcomes, key=lambda row: row.fate == SENT)[:MOST_SHOWN]


def _title_of(sent: Sent) -> str:
    return sent.broadcast.wordings[sent.broadcast.original].title


def _actor(visit: Visit) -> Actor:
    return Actor(visit.who.account.account_id, visit.who.account.name)


PAGES = (
    Page("/messages/broadcasts", every, section="messages"),
    Page("/messages/broadcasts/new", write, look, act=Act.TELL, section="messages", most=TAKEN),
    Page("/messages/broadcasts/change", None, change, act=Act.TELL, section="messages", most=TAKEN),
    Page("/messages/broadcasts/send", None, send, act=Act.TELL, section="messages", most=TAKEN),
    Page("/messages/broadcasts/{broadcast}", watch, section="messages"),
    Page("/messages/broadcasts/{broadcast}/stop", None, stop, act=Act.TELL, section="messages"),
)
