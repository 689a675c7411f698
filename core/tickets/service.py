"""Use cases: report what is broken or say that it is the same, move it on, look it up; and what falls due by itself.

Every move is one transaction with its messages. The syndic and the council are told what was said, and by whom; who follows a ticket is
told each move of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from core.buildings import service as buildings
from core.buildings import store as building_store
from core.buildings.model import Lot
from core.database import Database, UnitOfWork
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import TICKET, Urgency
from core.people import store as people
from core.people.audit.model import Actor
from core.people.model import Person, Place
from core.tickets import cards, store
from core.tickets.model import (
    AGAIN_LASTS,
    CLOCK,
    DAY,
    MANAGED,
    MOST_A_DAY,
    MOST_PHOTOS,
    SILENCE,
    TWIN_LASTS,
    Category,
    Hand,
    Move,
    Moved,
    Report,
    Spot,
    State,
    Story,
    Ticket,
    Wanted,
    line_of,
    text_of,
)
from core.tickets.module import check_begin
from core.tickets.words import alike

MOST_LISTED = 200
"""Tickets on one page of the office."""
POST = "ticket"
"""What a report is called among what somebody put up, so that `undo` finds it."""
_TO_MANAGERS = frozenset({Move.REPORT, Move.ADD, Move.PLACE, Move.AGAIN, Move.CONFIRM, Move.TAKE_BACK})
_TO_FOLLOWERS = frozenset({*MANAGED, Move.AGAIN, Move.CONFIRM, Move.CLOSE})


class Faster(DomainError):
    """Somebody else moved the ticket since it was looked at."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a report. `made`: there is a new ticket; `followed`: it was joined to one; neither: this one may be the same, and
    `own` says whether he reported that himself."""

    ticket: Ticket
    made: bool = False
    followed: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A move that was made, and how many people besides its mover are told."""

    story: Story
    moved: Moved
    hand: Hand
    told: int

    @property
    def ticket(self) -> Ticket:
        return self.story.ticket


async def report(
    uow: UnitOfWork, person: Person, place: Place, said: Report, identity: UUID, *, sure: bool = False
) -> Outcome:
    """Reports what is broken in a building, unless somebody has already; a report with the same `identity` is made once.

    `sure`: it is something else than what was found. What cannot wait is never asked about: it joins what was reported within a day.
    DomainError where the module is off, the place is no longer his, or it is the 21st of a day.
    """
    _check_place(place)
    check_begin(place.building.modules)
    building = place.known.building_id
    await store.lock(uow, building, person.person_id)
    if (known := await store.find(uow, identity)) is not None:
        return Outcome(known, followed=True, own=True)
    await _check_limit(uow, person)
    if not sure and (found := await _twin(uow, building, said)) is not None:
        own = person.person_id in await store.followers(uow, found)
        if said.danger is None:
            return Outcome(found, own=own)
        return Outcome(await _join(uow, person, place, found, said), followed=True, own=own)
    ticket = Ticket(
        identity,
        building,
        await store.next_number(uow, building),
        said.category,
        said.spot,
        said.danger,
        person.person_id,
        uow.now,
        State.REPORTED,
        uow.now,
    )
    await store.add(uow, ticket)
    await store.follow(uow, ticket.ticket, [person.person_id])
    await _show(uow, ticket, person, said.photos)
    moved = Moved(Move.REPORT, ticket.state, _actor(person), uow.now, said.text)
    await _told(uow, ticket, moved, said.photos)
    return Outcome(ticket, made=True)


async def join(uow: UnitOfWork, person: Person, place: Place, ticket: UUID, said: Report) -> Ticket:
    """He reports the same as an open ticket, and follows it; of one that was solved lately, it is broken again.

    DomainError where it is over, or none of his building.
    """
    _check_place(place)
    building = place.known.building_id
    await store.lock(uow, building, person.person_id)
    found = await _of_building(uow, ticket, building)
    if found.into is not None:
        found = await _of_building(uow, found.into, building)
    await _check_limit(uow, person)
    return await _join(uow, person, place, found, said)


async def _join(uow: UnitOfWork, person: Person, place: Place, found: Ticket, said: Report) -> Ticket:
    before = person.person_id in await store.followers(uow, found)
    if not found.is_open and not found.may_come_again(uow.now):
        raise DomainError("tickets.too_late", state=found.said)
    await store.follow(uow, found.ticket, [person.person_id])
    await _show(uow, found, person, said.photos)
    actor = _actor(person)
    if found.is_open:
        moved = Moved(Move.ADD if before else Move.SAME, found.state, actor, uow.now, said.text)
        await _told(uow, found, moved, said.photos, to_managers=before or said.danger is not None)
        return found
    after = found.moved(Move.AGAIN, Hand(actor, place.manages, True), uow.now)
    await _save(uow, found, after)
    await _told(uow, after, Moved(Move.AGAIN, after.state, actor, uow.now, said.text), said.photos)
    return after


async def add(
    uow: UnitOfWork, person: Person, place: Place, ticket: UUID, words: str, photos: Sequence[bytes] = ()
) -> Ticket:
    """Whoever reported it adds words or photos; the syndic and the council are told. DomainError where it is over, or not his."""
    building = place.known.building_id
    await store.lock(uow, building, person.person_id)
    found = await _of_building(uow, ticket, building)
    await _check_limit(uow, person)
    story = await _story(uow, found)
    found.moved(Move.ADD, story.hand(_actor(person), place.manages), uow.now)
    await _show(uow, found, person, photos)
    await _told(uow, found, Moved(Move.ADD, found.state, _actor(person), uow.now, text_of(words)), photos)
    return found


async def place_it(
    uow: UnitOfWork, person: Person, place: Place, ticket: UUID, category: Category | None, spot: Spot | None
) -> Ticket:
    """Whoever reported it says what it is, or where. A lot that the building does not have is none."""
    found = await _of_building(uow, ticket, place.known.building_id)
    story = await _story(uow, found)
    if spot is not None and spot.lot:
        lots = {lot.lot: lot for lot in await building_store.lots(uow, place.known.building_id)}
        floor = lots[spot.lot].floor if spot.lot in lots else ""
        spot = replace(spot, floor=int(floor)) if floor.lstrip("-").isdigit() else replace(spot, lot="")
    hand = story.hand(_actor(person), place.manages)
    after = found.placed(hand, uow.now, category or found.category, spot or found.spot)
    await _save(uow, found, after)
    await _told(uow, after, Moved(Move.PLACE, after.state, hand.actor, uow.now))
    return after


async def move(
    uow: UnitOfWork,
    ticket: UUID,
    building: UUID,
    move: Move,
    actor: Actor,
    *,
    manages: bool,
    note: str = "",
    to: str = "",
    on: date | None = None,
    seen: int | None = None,
) -> Done:
    """Moves a ticket of a building on. `manages`: the actor is its syndic or sits on its council; `seen`: the version that he looked at.

    DomainError where the move is none; Faster where somebody was faster.
    """
    found = await _of_building(uow, ticket, building)
    if seen is not None and seen != found.version:
        raise Faster("tickets.faster")
    hand = (await _story(uow, found)).hand(actor, manages)
    note = text_of(note, 4 * len(note) + 1)
    after = found.moved(move, hand, uow.now, note=note, to=line_of(to), on=on)
    await _save(uow, found, after)
    moved = Moved(move, after.state, actor, uow.now, note)
    if move is Move.ASSIGN:
        moved = replace(moved, to=after.assigned_to, on=after.planned_on)
    return await _told(uow, after, moved, hand=hand)


async def merge(
    uow: UnitOfWork, ticket: UUID, number: int, building: UUID, actor: Actor, *, seen: int | None = None
) -> Done:
    """Joins a ticket to another one of its building, which is the same: who followed it, what was said and shown goes on there."""
    other = await store.numbered(uow, building, number)
    if other is None:
        raise DomainError("tickets.no_such_number", number=str(number))
    for each in sorted({ticket, other.ticket}):
        await store.find(uow, each, lock=True)
    found = await _of_building(uow, ticket, building)
    other = await _of_building(uow, other.ticket, building)
    if seen is not None and seen != found.version:
        raise Faster("tickets.faster")
    hand = (await _story(uow, found)).hand(actor, True)
    after = found.joined(hand, uow.now, other)
    await _save(uow, found, after)
    followers = await store.followers(uow, found)
    await store.follow(uow, other.ticket, list(followers))
    await store.take_over(uow, found.ticket, other.ticket)
    for said in await store.moves(uow, found.ticket):
        if said.move in (Move.REPORT, Move.SAME, Move.ADD):
            await store.note(uow, other.ticket, replace(said, move=Move.SAME, state=other.state))
    return await _told(uow, after, Moved(Move.MERGE, after.state, actor, uow.now), hand=hand, other=other)


async def take_back(uow: UnitOfWork, person: UUID, subject: UUID) -> Card[Text]:
    """`undo` of a report, within a quarter of an hour and as long as nobody else relies on it; DomainError else."""
    found = await store.find(uow, subject, lock=True)
    if found is None or found.reporter != person:
        raise DomainError("tickets.unknown")
    story = await _story(uow, found)
    hand = story.hand(Actor(person, story.followers.get(person, "")))
    after = found.taken_back(hand, uow.now, len(story.followers))
    await _save(uow, found, after)
    await _told(uow, after, Moved(Move.TAKE_BACK, after.state, hand.actor, uow.now))
    return cards.taken_back(after)


async def due(database: Database) -> int:
    """Closes what was solved a week ago and nobody said anything about. Gives how many were."""
    closed = 0
    for organisation in (await buildings.organisations(database)).values():
        async with database.work(organisation) as uow:
            for found in await store.silent(uow, uow.now - SILENCE):
                after = found.moved(Move.CLOSE, CLOCK, uow.now)
                await _save(uow, found, after)
                await _told(uow, after, Moved(Move.CLOSE, after.state, CLOCK.actor, uow.now))
                closed += 1
            await uow.commit()
    return closed


# ---------------------------------------------------------------------------------------------------------- looked up


async def story(uow: UnitOfWork, ticket: UUID, within: Collection[UUID] | None = None) -> Story | None:
    """A ticket with its history; None where there is none, or it is of none of the buildings `within`."""
    found = await store.find(uow, ticket)
    return await _story(uow, found) if found and (within is None or found.building in within) else None


async def of_person(uow: UnitOfWork, person: Person, places: Sequence[Place]) -> list[Ticket]:
    """What somebody follows in these buildings, over since a month at most, the latest first; then what is open where he is syndic or
    sits on the council."""
    here = {place.known.building_id for place in places if place.roles}
    mine = [each for each in await store.followed(uow, person.person_id, uow.now - TWIN_LASTS) if each.building in here]
    managed = [place.known.building_id for place in places if place.manages]
    known = {each.ticket for each in mine}
    others = await store.open_in(uow, managed) if managed else []
    return [*mine, *(each for each in others if each.ticket not in known)]


async def last_open(uow: UnitOfWork, building: UUID, category: Category) -> Ticket | None:
    """The latest of a category that is open in a building, whoever follows it."""
    found = await store.recent(uow, building, category, uow.now - TWIN_LASTS, uow.now)
    return next((each for each in found if each.is_open), None)


async def listed(uow: UnitOfWork, wanted: Wanted) -> list[tuple[Ticket, int]]:
    """The tickets that fit, each with the number of its followers: what cannot wait first, then the oldest."""
    return await store.listed(uow, wanted, MOST_LISTED)


async def home(uow: UnitOfWork, place: Place) -> list[Lot]:
    """The apartments that somebody owns or rents in a building today, those that he rents first."""
    building, code, day = place.known.building_id, place.membership.person, local_day(uow.now)
    rented = [
        row.lot
        for row in await people.tenancies(uow, building)
        if row.person == code and row.first <= day and (row.last is None or day <= row.last)
    ]
    owned = [row.lot for row in await people.ownership(uow, building) if row.person == code and row.holds(day)]
    lots = {lot.lot: lot for lot in await building_store.lots(uow, building)}
    return [lots[lot] for lot in dict.fromkeys((*rented, *owned)) if lot in lots and lots[lot].kind == "apartment"]


# -------------------------------------------------------------------------------------------------------------- within


def _actor(person: Person) -> Actor:
    return Actor(person.person_id, person.name)


def _check_place(place: Place) -> None:
    if not place.roles:
        raise DomainError("tickets.not_here")


async def _check_limit(uow: UnitOfWork, person: Person) -> None:
    if await store.count(uow, person.person_id, uow.now - DAY) >= MOST_A_DAY:
        raise DomainError("tickets.too_many", count=MOST_A_DAY)


async def _of_building(uow: UnitOfWork, ticket: UUID, building: UUID) -> Ticket:
    """A ticket of that building, which stays as it is until the transaction ends."""
    found = await store.find(uow, ticket, lock=True)
    if found is None or found.building != building:
        raise DomainError("tickets.unknown")
    return found


async def _story(uow: UnitOfWork, ticket: Ticket) -> Story:
    return Story(
        ticket,
        await store.moves(uow, ticket.ticket),
        await store.followers(uow, ticket),
        await store.photos(uow, ticket.ticket),
    )


async def _twin(uow: UnitOfWork, building: UUID, said: Report) -> Ticket | None:
    """The latest ticket that may be the same; of what cannot wait, the same danger of the last day."""
    found = await store.recent(uow, building, said.category, uow.now - TWIN_LASTS, uow.now - AGAIN_LASTS)
    for each in found:
        if not each.spot.near(said.spot):
            continue
        if said.danger is not None:
            if each.is_open and each.danger is said.danger and each.made_at > uow.now - DAY:
                return each
        elif said.category is not Category.OTHER or await _alike(uow, each, said):
            return each
    return None


async def _alike(uow: UnitOfWork, ticket: Ticket, said: Report) -> bool:
    """Whether what no word of ours names is told in words of which one is the same."""
    return any(alike(each.note, said.text) for each in await store.moves(uow, ticket.ticket) if each.note)


async def _save(uow: UnitOfWork, before: Ticket, after: Ticket) -> None:
    if not await store.save(uow, before, after):
        raise Faster("tickets.faster")


async def _show(uow: UnitOfWork, ticket: Ticket, person: Person, photos: Sequence[bytes]) -> None:
    room = MOST_PHOTOS - len(await store.photos(uow, ticket.ticket)) if photos else 0
    await store.show(uow, ticket.ticket, person.person_id, photos[: max(0, room)])


async def _told(
    uow: UnitOfWork,
    ticket: Ticket,
    moved: Moved,
    photos: Sequence[bytes] = (),
    *,
    hand: Hand | None = None,
    other: Ticket | None = None,
    to_managers: bool | None = None,
) -> Done:
    """Notes a move in the history of a ticket, and tells it to those whom it is for; each once, and not to who made it."""
    number = await store.note(uow, ticket.ticket, moved)
    story = await _story(uow, ticket)
    mover = moved.actor.actor_id
    known = await building_store.get(uow, ticket.building)
    told: set[UUID] = set()
    if moved.move in _TO_MANAGERS if to_managers is None else to_managers:
        said_by = await _named(uow, moved.actor, known.building.name)
        urgent = Urgency.URGENT if ticket.danger and moved.move in (Move.REPORT, Move.SAME, Move.AGAIN) else None
        for person in await store.managers(uow, ticket.building):
            if person != mover:
                theirs = story.hand(Actor(person, ""), True)
                card = cards.for_managers(story, moved, known.building, said_by, theirs, uow.now, photos)
                uow.tell(
                    person, card, TICKET, key=f"ticket:{number}:{person}", building=ticket.building, urgency=urgent
                )
                told.add(person)
    if moved.move in _TO_FOLLOWERS:
        for person in await store.to_tell(uow, ticket, local_day(uow.now)):
            if person != mover and person not in told:
                card = cards.told_to_follower(story, moved, story.hand(Actor(person, "")), uow.now, other)
                uow.tell(person, card, TICKET, key=f"ticket:{number}:{person}", building=ticket.building)
                told.add(person)
    return Done(story, replace(moved, number=number), hand or CLOCK, len(told))


async def _named(uow: UnitOfWork, actor: Actor, building: str) -> str:
    """Who said it, with his lots in that building: whoever looks after it has to know where to go."""
    if actor.actor_id is None:
        return actor.name
    lots = dict(await people.lots_of(uow, actor.actor_id, local_day(uow.now))).get(building, "")
    return f"{actor.name} ({lots})" if lots else actor.name
