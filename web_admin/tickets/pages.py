"""Tickets: the list of them, and one with its history, its photos, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from core.buildings.model import Known
from core.kernel.errors import DomainError
from core.kernel.text import say
from core.people.accounts.model import Act
from core.people.audit import service as audit
from core.people.audit.model import Actor, Deed
from core.tickets import cards, service
from core.tickets.model import (
    LONGEST_NAME,
    LONGEST_NOTE,
    MANAGED,
    OPEN,
    OVER,
    PRIVATE,
    Category,
    Hand,
    Move,
    State,
    Story,
    Ticket,
    Wanted,
)
from core.tickets.service import Done, Faster
from web_admin.messages.reach import identity, shelf, within
from web_admin.pages import PREFIX, Page, Visit, go_to, render

CONFIDED = Act.SWITCH
"""Whoever may do this is syndic or sits on the council: only they learn who reported something, and in which words."""
STATES: Mapping[str, tuple[State, ...]] = {
    "open": OPEN,
    "solved": (State.SOLVED,),
    "over": tuple(state for state in State if state in OVER),
    "all": (),
}
AGES = (7, 30, 90)
"""Days since it was reported, at least."""
FIELD_OF = {
    "tickets.to_nobody": "to",
    "tickets.long_name": "to",
    "tickets.past": "on",
    "tickets.far": "on",
    "office.tickets.no_day": "on",
    "tickets.why": "note",
    "tickets.no_note": "note",
    "tickets.long_note": "note",
    "office.tickets.no_number": "number",
    "tickets.no_such_number": "number",
    "tickets.with_itself": "number",
    "tickets.other_over": "number",
}
"""Where the sentence of a refusal stands; else above the form."""
CHOICES: tuple[Move, ...] = tuple(move for move in MANAGED if move is not Move.MERGE)
LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Filter:
    """What was chosen above the list, as it stands in the address of the page. `state`: "" is what is open."""

    building: str = ""
    state: str = ""
    urgency: str = ""
    category: str = ""
    age: str = ""

    @classmethod
    def of(cls, visit: Visit) -> Filter:
        query = visit.request.query

        def one_of(name: str, known: tuple[str, ...]) -> str:
            given = query.get(name, "")
            return given if given in known else ""

        return cls(
            query.get("building", "")[:100],
            one_of("state", tuple(STATES)),
            one_of("urgency", ("urgent",)),
            one_of("category", tuple(Category)),
            one_of("age", tuple(map(str, AGES))),
        )


async def every(visit: Visit) -> web.StreamResponse:
    buildings = await visit.buildings()
    chosen = Filter.of(visit)
    known = next((each for each in buildings if each.building.slug == chosen.building), None)
    if chosen.building and known is None:
        raise web.HTTPNotFound
    rows = await service.listed(
        visit.uow,
        Wanted(
            within(visit),
            known.building_id if known else None,
            STATES[chosen.state or "open"],
            bool(chosen.urgency),
            Category(chosen.category) if chosen.category else None,
            visit.uow.now - timedelta(days=int(chosen.age)) if chosen.age else None,
        ),
    )
    return render(
        visit,
        "tickets/list.html",
        rows=rows,
        buildings=buildings,
        houses={each.building_id: each.building.name for each in buildings},
        chosen=chosen,
        filtered=chosen != Filter(),
        most=service.MOST_LISTED,
        states=tuple(STATES),
        categories=tuple(Category),
        ages=AGES,
        days=lambda ticket: (visit.uow.now - ticket.made_at).days,
        what=lambda ticket: cards.what(ticket, public=not _confided(visit, ticket)),
        everything=f"{PREFIX}/tickets?{urlencode({'state': 'all'})}",
    )


async def one(visit: Visit) -> web.StreamResponse:
    return await _shown(visit, await _story(visit, Act.READ))


async def move(visit: Visit) -> web.StreamResponse:
    """Moves it on; back to the page, with what was typed, where that cannot be."""
    story = await _story(visit, Act.TELL)
    ticket = story.ticket
    typed = {name: visit.typed(name, 4 * LONGEST_NOTE) for name in ("move", "to", "on", "note")}
    try:
        wanted = _move(typed["move"])
        done = await service.move(
            visit.uow,
            ticket.ticket,
            ticket.building,
            wanted,
            _actor(visit),
            manages=True,
            note=typed["note"],
            to=typed["to"] if wanted is Move.ASSIGN else "",
            on=_day(typed["on"]) if wanted is Move.ASSIGN else None,
            seen=_seen(visit),
        )
    except DomainError as refusal:
        return await _shown(visit, await _story(visit, Act.TELL), refusal, typed)
    await _audited(visit, ticket, done)
    await visit.uow.commit()
    return go_to(visit, f"/tickets/{ticket.ticket}", say("office.tickets.done", count=done.told))


async def merge(visit: Visit) -> web.StreamResponse:
    """Joins it to the one of that number, and goes on there."""
    story = await _story(visit, Act.TELL)
    ticket = story.ticket
    given = visit.typed("number", 20)
    try:
        number = int(given) if given.isascii() and given.isdigit() else 0
        if not 0 < number <= LARGEST_NUMBER:
            raise DomainError("office.tickets.no_number")
        done = await service.merge(visit.uow, ticket.ticket, number, ticket.building, _actor(visit), seen=_seen(visit))
    except DomainError as refusal:
        return await _shown(visit, await _story(visit, Act.TELL), refusal, {"number": given})
    await _audited(visit, ticket, done)
    await visit.uow.commit()
    said = say("office.tickets.merged", number=str(ticket.number), other=str(number))
    return go_to(visit, f"/tickets/{done.ticket.into}", said)


async def photo(visit: Visit) -> web.StreamResponse:
    """A photo of a ticket, to whoever may read of its building."""
    story = await _story(visit, Act.READ)
    wanted = identity(visit, "photo")
    digest = next((digest for known, digest in story.photos if known == wanted), None)
    if digest is None:
        raise web.HTTPNotFound
    try:
        content = await shelf(visit).get(digest)
    except (OSError, ValueError) as gone:
        raise web.HTTPNotFound from gone
    return web.Response(body=content, content_type="image/jpeg", headers={"Content-Disposition": "inline"})


async def _story(visit: Visit, act: Act) -> Story:
    """The ticket of the path, where the visitor may do that in its building; else 404."""
    story = await service.story(visit.uow, identity(visit, "ticket"), within(visit))
    if story is None or not visit.who.standing.may(act, story.ticket.building):
        raise web.HTTPNotFound
    return story


async def _shown(
    visit: Visit, story: Story, refusal: DomainError | None = None, typed: Mapping[str, str] | None = None
) -> web.Response:
    ticket, words = story.ticket, visit.office.catalogues[visit.language]
    moves = _moves(visit, ticket)
    refused = {FIELD_OF.get(refusal.text.key, ""): words(refusal.text)} if refusal else {}
    status = 200 if refusal is None else 409 if isinstance(refusal, Faster) else 422
    into = await service.story(visit.uow, ticket.into, within(visit)) if ticket.into else None
    return render(
        visit,
        "tickets/one.html",
        status,
        story=story,
        ticket=ticket,
        house=_known(await visit.buildings(), ticket.building),
        what=cards.what(ticket, public=not _confided(visit, ticket)),
        where=cards.where(ticket.spot if _confided(visit, ticket) else ticket.spot.public),
        confided=_confided(visit, ticket),
        private=PRIVATE,
        moves=moves,
        next=next(iter(moves), None),
        merges=bool(moves) and ticket.is_open,
        into=into.ticket if into else None,
        values={"move": "", "to": ticket.assigned_to, "on": "", "note": "", "number": ""} | dict(typed or {}),
        refused=refused,
        longest_note=LONGEST_NOTE,
        longest_name=LONGEST_NAME,
    )


def _moves(visit: Visit, ticket: Ticket) -> list[Move]:
    """What the visitor may do with it now; first what comes next."""
    if not visit.who.standing.may(Act.TELL, ticket.building):
        return []
    hand = Hand(_actor(visit), manages=True)
    allowed: list[Move] = [each for each in CHOICES if each is Move.NOTE or each in ticket.moves(hand, visit.uow.now)]
    if ticket.state in OVER:
        return []
    return [each for each in cards.NEXT.get(ticket.state, ()) if each in allowed] + [
        each for each in allowed if each not in cards.NEXT.get(ticket.state, ())
    ]


def _confided(visit: Visit, ticket: Ticket) -> bool:
    return visit.who.standing.may(CONFIDED, ticket.building)


def _known(buildings: list[Known], building: UUID) -> Known:
    return next(each for each in buildings if each.building_id == building)


def _move(given: str) -> Move:
    for each in CHOICES:
        if each.value == given:
            return each
    raise DomainError("office.tickets.no_move")


def _day(given: str) -> date | None:
    """The day as a browser sends it; None where none was given."""
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise DomainError("office.tickets.no_day") from error


def _seen(visit: Visit) -> int:
    """The version that the visitor looked at; none that there is where the form does not say."""
    given = visit.typed("seen", 12)
    return int(given) if given.isascii() and given.isdigit() else 0


async def _audited(visit: Visit, before: Ticket, done: Done) -> None:
    was = {"state": before.state.value, "note": ""}
    became = {"state": done.ticket.state.value, "note": done.moved.note}
    subject = f"ticket {before.number}"
    await audit.record(visit.uow, _actor(visit), Deed.TICKET_MOVED, subject, was, became, before.building)


def _actor(visit: Visit) -> Actor:
    return Actor(visit.who.account.account_id, visit.who.account.name)


PAGES = (
    Page("/tickets", every, section="tickets"),
    Page("/tickets/{ticket}", one, move, changes=Act.TELL, section="tickets"),
    Page("/tickets/{ticket}/merge", None, merge, act=Act.TELL, section="tickets"),
    Page("/tickets/{ticket}/photos/{photo}", photo, section="tickets"),
)
