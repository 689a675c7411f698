"""One of the people of a building: what is known of him, changed, added, or taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from core.interchange.amendments import service as amendments
from core.interchange.amendments.model import code_for
from core.interchange.amendments.service import Editable
from core.interchange.model import shown
from core.interchange.tables import PEOPLE
from core.interchange.typed import Line, Outdated, Problem
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import LANGUAGES
from core.kernel.text import say
from core.outbox import service as outbox
from core.outbox.model import Listed, Wanted
from core.people.accounts.model import Act
from core.people.audit.model import Actor
from core.people.consents.model import ACCEPTED, acts
from core.people.model import BY_DATE, LEGAL_CHANNELS, ROLES
from core.people.register import service as register
from core.people.register.model import Entry
from web_admin.messages.words import fate
from web_admin.pages import PREFIX, Page, Visit, go_to, render
from web_admin.people import links
from web_admin.people.refused import FORM, ROOM, Sentences, sentences, unstorable

LINES = ("name", "email", "phone", "language", "accepted_on", "street", "postal_code", "city", "country")
LISTS: Mapping[str, Sequence[str]] = {
    "roles": tuple(role for role in ROLES if role not in BY_DATE),
    "channels_accepted": LEGAL_CHANNELS,
}
"""Fields in which several may be ticked. Owner and tenant are so by date, and are not ticked."""
LOOKED_THROUGH, LATELY = 20, 5
"""How many deliveries to people of that name are looked through, and how many are shown."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves an acceptance: a message with its instant and the text to which it said yes, or words that somebody wrote down."""

    words: str
    at: datetime | None = None
    accepted: bool = True


async def show(visit: Visit) -> web.StreamResponse:
    building = visit.building.building_id
    found = await register.entry(visit.uow, building, visit.request.match_info["person"])
    if found is None:
        raise web.HTTPNotFound
    about, today = found.resident, local_day(visit.uow.now)
    consents = await register.acceptances(visit.uow, building, about)
    return render(
        visit,
        "people/person.html",
        entry=found,
        about=about,
        today=today,
        consents=[(row, _proofs(row.evidence)) for row in consents],
        told=await _lately(visit, found),
        readable=_readable,
        fate=fate,
        edits=PREFIX + links.person(visit, about.person, "/edit"),
        back=PREFIX + links.people(visit),
        invites=links.invitation(visit, [*found.owns(today), *found.rents(today)]) if visit.may(Act.INVITE) else "",
        messages=links.messages(visit, about.name),
    )


async def edit(visit: Visit) -> web.StreamResponse:
    seen, row = await _seen(visit)
    return _form(visit, seen.version, row, dict(row))


async def change(visit: Visit) -> web.StreamResponse:
    code = visit.request.match_info["person"]
    seen, before = await _seen(visit)
    typed = _typed(visit, before)
    refused = await _put(visit, code, typed, seen)
    if refused is not None:
        return refused
    await visit.uow.commit()
    return go_to(visit, links.person(visit, code), say("office.people.saved", name=shown(typed["name"])))


async def begin(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    empty = dict.fromkeys(PEOPLE.names(), "")
    return _form(visit, seen.version, None, empty | {"language": visit.building.building.languages[0], "country": "BE"})


async def add(visit: Visit) -> web.StreamResponse:
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    typed = _typed(visit, None)
    typed["person"] = code_for(typed["name"], {row["person"] for row in seen.typed.rows(PEOPLE)})
    refused = await _put(visit, "", typed, seen)
    if refused is not None:
        return refused
    await visit.uow.commit()
    return go_to(visit, links.person(visit, typed["person"]), say("office.people.added", name=shown(typed["name"])))


async def remove(visit: Visit) -> web.StreamResponse:
    code = visit.request.match_info["person"]
    seen, row = await _seen(visit)
    try:
        await amendments.remove_person(
            visit.uow, visit.building.building_id, visit.typed("version"), code, actor(visit)
        )
    except DomainError as refusal:
        status = 409 if isinstance(refusal, Outdated) else 422
        return _form(visit, seen.version, row, dict(row), {FORM: refusal.text}, status)
    await visit.uow.commit()
    return go_to(visit, links.people(visit), say("office.people.removed", name=shown(row["name"])))


def actor(visit: Visit) -> Actor:
    return Actor(visit.who.account.account_id, visit.who.account.name)


# ------------------------------------------------------------------------------------------------------------- his page


async def _lately(visit: Visit, found: Entry) -> list[Listed]:
    """What he was told lately about this building; not what was said."""
    wanted = Wanted(building=visit.building.building_id, name=found.resident.name[:100])
    leaf = await outbox.leaf(visit.uow, wanted, most=LOOKED_THROUGH)
    return [row for row in leaf.rows if row.told.person_id == found.person_id][:LATELY]


def _readable(handle: str) -> str:
    """An address that says something to a reader has an @ in it; a bare number says nothing."""
    return handle if "@" in handle else ""


def _proofs(evidence: str) -> list[Proof]:
    """What an acceptance is proved by, in its order: acts by message, and what stands in the files besides."""
    found = []
    for line in filter(None, evidence.split("\n")):
        act = next(acts(line), None)
        if act is None:
            found.append(Proof(line))
        elif "delivery" in act:
            at = datetime.fromisoformat(str(act.get(ACCEPTED) or act.get("withdrawn")))
            found.append(Proof(str(act.get("text", "")), at, ACCEPTED in act))
    return found


# -------------------------------------------------------------------------------------------------------------- the form


async def _seen(visit: Visit) -> tuple[Editable, Line]:
    """The building as it is now, and the row of the person in the path, or 404."""
    seen = await amendments.editable(visit.uow, visit.building.building_id)
    code = visit.request.match_info["person"]
    row = next((row for row in seen.typed.rows(PEOPLE) if row["person"] == code), None)
    if row is None:
        raise web.HTTPNotFound
    return seen, row


def _typed(visit: Visit, before: Line | None) -> dict[str, str]:
    """The row that was typed; what by date is so stays as it was."""
    row = {name: visit.typed(name, ROOM) for name in LINES}
    for name in LISTS:
        stays = [part for part in (before or {}).get(name, "").split(";") if part in BY_DATE]
        ticked = [text.strip()[:ROOM] for text in visit.form.getall(name, ()) if isinstance(text, str)]
        row[name] = ";".join(dict.fromkeys((*stays, *(text for text in ticked if text not in BY_DATE))))
    return row


async def _put(visit: Visit, code: str, typed: dict[str, str], seen: Editable) -> web.Response | None:
    """Keeps the row; the form again where it is refused."""
    rows = seen.typed.rows(PEOPLE)
    before = next((row for row in rows if row["person"] == code), None) if code else None
    place = next((place for place, row in enumerate(rows) if row["person"] == code), len(rows))
    wrong = unstorable(typed)
    if wrong:
        return _form(visit, visit.typed("version"), before, typed, wrong, 422)
    try:
        await amendments.put_person(
            visit.uow, visit.building.building_id, visit.typed("version"), code, typed, actor(visit)
        )
    except Outdated as refusal:
        return _form(visit, seen.version, before, typed, {FORM: refusal.text}, 409)
    except DomainError as refusal:
        wrong = sentences(refusal, lambda problem: _field(problem, place), {})
        return _form(visit, visit.typed("version"), before, typed, wrong, 422)
    return None


def _field(problem: Problem, place: int) -> str:
    if problem.file == PEOPLE.file and problem.column == "email" and problem.wrong.key.endswith(".repeated"):
        return "email"  # It is told on the later of the two rows, whichever was typed.
    if (problem.file, problem.row) != (PEOPLE.file, place):
        return FORM
    if problem.wrong.key.endswith(".address_taken"):
        return "email"
    if problem.wrong.key.endswith(".acceptance_undated"):
        return "accepted_on"
    return problem.column if problem.column in (*LINES, *LISTS) else FORM


def _form(
    visit: Visit,
    version: str,
    before: Line | None,
    values: Mapping[str, str],
    refused: Sentences | None = None,
    status: int = 200,
) -> web.Response:
    words = visit.office.catalogues[visit.language]
    now = before if before is not None and status == 409 else None
    code = before["person"] if before is not None else ""
    return render(
        visit,
        "people/edit.html",
        status,
        name=before["name"] if before is not None else "",
        values=values,
        version=version,
        refused={name: words(text) for name, text in (refused or {}).items()},
        differs={name: now[name] for name in LINES if now is not None and now[name] != values[name]},
        languages=LANGUAGES,
        lists={name: [(each, each in values[name].split(";")) for each in LISTS[name]] for name in LISTS},
        action=PREFIX
        + (links.person(visit, code, "/edit") if code else f"/buildings/{visit.building.building.slug}/add-person"),
        removes=PREFIX + links.person(visit, code, "/remove") if code else "",
        back=PREFIX + (links.person(visit, code) if code else links.people(visit)),
    )


PAGES = (
    Page("/buildings/{building}/add-person", begin, add, act=Act.WRITE, section="buildings", tab="people"),
    Page("/buildings/{building}/people/{person}", show, section="buildings", tab="people"),
    Page("/buildings/{building}/people/{person}/edit", edit, change, act=Act.WRITE, section="buildings", tab="people"),
    Page(
        "/buildings/{building}/people/{person}/remove", None, remove, act=Act.WRITE, section="buildings", tab="people"
    ),
)
