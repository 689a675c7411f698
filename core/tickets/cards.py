"""What is said about tickets. Neighbours learn what and where, never who said it, in which words, or whose flat it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.buildings.model import Building, Lot
from core.kernel.clock import local_day
from core.kernel.text import Text, literal, say
from core.messaging.card import Attachment, Card, Choice, Fact
from core.messaging.intent import Intent
from core.tickets.model import (
    OVER,
    PLACELESS,
    PRIVATE,
    SILENCE,
    Category,
    Danger,
    Hand,
    Move,
    Moved,
    Report,
    Spot,
    State,
    Story,
    Ticket,
)

REPORT, STATUS = "tickets.report", "tickets.status"
HELP_112 = "112"
"""The European emergency number: fire brigade and ambulance, in Belgium too."""
LIKELY = (Category.WATER, Category.ELECTRICITY, Category.DOOR, Category.CLEANLINESS, Category.NOISE)
"""What is asked about where no word said what it is."""
ASKED_AREAS = ("hall", "stairs", "cellar")
MOST_LISTED, MOST_SHOWN = 8, 4
"""Tickets on one card; photos that go along with one."""


NEXT: Mapping[State, tuple[Move, ...]] = {
    State.REPORTED: (Move.ACKNOWLEDGE, Move.ASSIGN, Move.SOLVE, Move.REFUSE),
    State.ACKNOWLEDGED: (Move.ASSIGN, Move.BEGIN, Move.SOLVE, Move.REFUSE),
    State.ASSIGNED: (Move.BEGIN, Move.SOLVE, Move.ASSIGN),
    State.REPAIRING: (Move.SOLVE, Move.ASSIGN),
    State.SOLVED: (Move.CONFIRM, Move.AGAIN),
    State.CLOSED: (Move.AGAIN,),
}
"""What is offered in each state; the office can do all that is allowed."""


# ------------------------------------------------------------------------------------------------------------ what and where


def what(ticket: Ticket, *, public: bool = True) -> Text:
    """What it is and where. `public`: as neighbours may read it."""
    return what_where(ticket.category, ticket.danger, ticket.spot.public if public else ticket.spot)


def what_where(category: Category, danger: Danger | None, spot: Spot) -> Text:
    thing = say(f"tickets.danger.{danger.value}") if danger else say(f"tickets.category.{category.value}")
    return say("tickets.what_where", what=thing, where=where(spot)) if spot.known else thing


def where(spot: Spot) -> Text:
    """A place in words: the lot, or what else is known, two things at most."""
    if spot.lot:
        return say("tickets.spot.lot", lot=spot.lot)
    found = []
    if spot.area:
        found.append(say(f"tickets.area.{spot.area}"))
    if spot.staircase:
        found.append(say("tickets.spot.staircase", staircase=spot.staircase))
    if spot.floor is not None:
        found.append(_floor(spot.floor))
    if len(found) > 1:
        return say("tickets.spot.two", one=found[-2], other=found[-1])
    return found[0] if found else say("tickets.spot.unknown")


def _floor(floor: int) -> Text:
    if floor == 0:
        return say("tickets.spot.ground")
    return say("tickets.spot.floor", floor=str(floor)) if floor > 0 else say("tickets.spot.below", floor=str(-floor))


# -------------------------------------------------------------------------------------------------------------- a report


def ask_what() -> Card[Text]:
    return Card(say("tickets.ask_what"), (say("tickets.ask_what_body"),))


def ask_about(thing: str) -> Card[Text]:
    """`thing`: as somebody named it, who did not say what is wrong with it."""
    return Card(say("tickets.ask_about", thing=thing), (say("tickets.ask_what_body"),))


def ask_what_again() -> Card[Text]:
    return Card(say("tickets.ask_what_again"), (say("tickets.ask_what_body"),))


def made(ticket: Ticket, home: Sequence[Lot], *, cut: bool = False) -> Card[Text]:
    """It is on its way; what is missing is asked, and need not be answered."""
    body = [say("tickets.made_body")]
    if cut:
        body.append(say("tickets.cut"))
    return _with_question(
        Card(say("tickets.made", number=str(ticket.number), what=what(ticket, public=False))), ticket, home, body
    )


def placed(ticket: Ticket, home: Sequence[Lot]) -> Card[Text]:
    title = say("tickets.placed", number=str(ticket.number), what=what(ticket, public=False))
    return _with_question(Card(title), ticket, home, [])


def _with_question(card: Card[Text], ticket: Ticket, home: Sequence[Lot], body: list[Text]) -> Card[Text]:
    choices: list[Choice[Text]] = []
    if ticket.category is Category.OTHER and ticket.danger is None:
        body.append(say("tickets.what_is_it"))
        choices = [_place(ticket, {"category": each.value}, say(f"tickets.category.{each.value}")) for each in LIKELY]
    elif not ticket.spot.known and ticket.category not in PLACELESS:
        body.append(say("tickets.where_is_it"))
        choices = [
            *(_place(ticket, {"spot": {"lot": lot.lot}}, say("tickets.choice.lot", lot=lot.lot)) for lot in home[:1]),
            *(_place(ticket, {"spot": {"area": area}}, say(f"tickets.choice.{area}")) for area in ASKED_AREAS),
        ]
    return Card(card.title, tuple(body), choices=(*choices, detail(ticket)))


def _place(ticket: Ticket, said: dict[str, Any], label: Text) -> Choice[Text]:
    return Choice(Intent(REPORT, {"do": "place", "ticket": str(ticket.ticket), **said}), label)


def detail(ticket: Ticket) -> Choice[Text]:
    return Choice(Intent(REPORT, {"do": "detail", "ticket": str(ticket.ticket)}), say("tickets.choice.detail"))


def ask_detail(ticket: Ticket) -> Card[Text]:
    title = say("tickets.ask_detail", number=str(ticket.number), what=what(ticket, public=False))
    return Card(title, (say("tickets.ask_detail_body"),))


def added(ticket: Ticket) -> Card[Text]:
    return Card(say("tickets.added", number=str(ticket.number)), choices=(detail(ticket),))


def twin(ticket: Ticket, said: Report, building: Building, again: UUID, *, own: bool) -> Card[Text]:
    """It may have been reported already. `again`: the identity that the report gets where it is something else."""
    report = {"text": said.text, "photos": [each.hex() for each in said.photos], "building": building.slug}
    solved = not ticket.is_open
    title = "tickets.twin_solved" if solved else "tickets.twin_own" if own else "tickets.twin"
    since = ticket.since if solved else ticket.made_at
    same = (
        say("tickets.choice.same_again")
        if solved
        else say("tickets.choice.same_own")
        if own
        else say("tickets.choice.same")
    )
    return Card(
        say(title, number=str(ticket.number), what=what(ticket, public=not own), day=local_day(since)),
        (say("tickets.twin_own_body" if own and not solved else "tickets.twin_body"),),
        (_state(ticket),),
        (
            Choice(Intent(REPORT, {**report, "do": "same", "ticket": str(ticket.ticket)}), same),
            Choice(Intent(REPORT, {**report, "do": "new", "ticket": str(again)}), say("tickets.choice.other")),
        ),
    )


def of_others(ticket: Ticket, building: Building) -> Card[Text]:
    """He asks about what somebody else reported. No word of the report, nor whose it is."""
    same = Intent(REPORT, {"do": "same", "ticket": str(ticket.ticket), "building": building.slug})
    return Card(
        say("tickets.twin", what=what(ticket), day=local_day(ticket.made_at)),
        (say("tickets.twin_body"),),
        (_state(ticket),),
        (
            Choice(same, say("tickets.choice.same")),
            Choice(Intent(REPORT, {"do": "begin"}), say("tickets.choice.report")),
        ),
    )


def followed(ticket: Ticket) -> Card[Text]:
    """He reports the same: it is one ticket, and he follows it."""
    title = say("tickets.followed", number=str(ticket.number), what=what(ticket))
    return Card(title, (say(f"tickets.next.{ticket.state.value}"),), (_state(ticket),), (detail(ticket),))


def emergency(
    danger: Danger,
    buildings: Sequence[Building],
    ticket: Ticket | None = None,
    choices: Sequence[Choice[Text]] = (),
) -> Card[Text]:
    """The numbers first, then what to do; then, with a ticket, who has been told. `choices`: which building it is, where that is open."""
    facts = [Fact(say("tickets.fact.help"), literal(HELP_112), "help")]
    for building in buildings:
        syndic, named = building.syndic, building.name
        if syndic.emergency:
            facts.append(Fact(say("tickets.fact.emergency", building=named), literal(syndic.emergency), "emergency"))
        if syndic.phone:
            facts.append(Fact(say("tickets.fact.syndic", building=named), literal(syndic.phone), "phone"))
    if ticket is not None:
        last = say("tickets.emergency_told", number=str(ticket.number))
    else:
        last = say("tickets.emergency_where") if choices else say("tickets.emergency_not_told")
    urgent = [building.syndic.emergency for building in buildings if building.syndic.emergency]
    if danger is Danger.FLOOD and len(urgent) == 1:
        title = say("tickets.emergency.flood_with_number", phone=urgent[0])
    else:
        title = say(f"tickets.emergency.{danger.value}")
    return Card(title, (say(f"tickets.emergency_do.{danger.value}"), last), tuple(facts), tuple(choices))


# ------------------------------------------------------------------------------------------------ for the syndic and the council


def for_managers(
    story: Story,
    moved: Moved,
    building: Building,
    said_by: str,
    hand: Hand,
    now: datetime,
    photos: Sequence[bytes] = (),
) -> Card[Text]:
    """What those who look after the building are told: the words, who said them, and what they can do about it."""
    ticket = story.ticket
    key = f"tickets.to_you.{moved.move.value}"
    if ticket.danger and moved.move is Move.REPORT:
        key = "tickets.to_you.urgent"
    facts = [Fact(say("tickets.fact.by"), literal(said_by)), Fact(say("tickets.fact.building"), literal(building.name))]
    if len(story.followers) > 1:
        facts.append(Fact(say("tickets.fact.followers"), literal(len(story.followers))))
    return Card(
        say(key, number=str(ticket.number), what=what(ticket, public=False)),
        (literal(moved.note),) if moved.note else (),
        tuple(facts),
        () if ticket.state in OVER else tuple(_moves(ticket, hand, now)),
        tuple(photo(each, ticket) for each in photos[:MOST_SHOWN]),
    )


def done(story: Story, moved: Moved, hand: Hand, now: datetime, told: int) -> Card[Text]:
    """For whoever moved it on: it is done, who is told, and what comes next."""
    card = told_to_follower(story, moved, hand, now)
    choices = () if story.ticket.state in OVER else tuple(_moves(story.ticket, hand, now))
    body = (*_note(moved), say("tickets.told_count", count=told)) if hand.manages else ()
    return Card(card.title, body, card.facts, choices)


def ask(move: Move, ticket: Ticket) -> Card[Text]:
    """What has to be said with a move: to whom it is assigned, why it is refused."""
    title = say(f"tickets.ask.{move.value}", number=str(ticket.number), what=what(ticket, public=False))
    return Card(title, (say(f"tickets.ask_body.{move.value}"),))


def _moves(ticket: Ticket, hand: Hand, now: datetime) -> list[Choice[Text]]:
    """What comes next, of what this hand may do now."""
    return [
        Choice(Intent(STATUS, {"do": move.value, "ticket": str(ticket.ticket)}), say(f"tickets.choice.{move.value}"))
        for move in NEXT.get(ticket.state, ())
        if move in ticket.moves(hand, now)
    ]


# ------------------------------------------------------------------------------------------------------------ for who follows


def told_to_follower(story: Story, moved: Moved, hand: Hand, now: datetime, other: Ticket | None = None) -> Card[Text]:
    """A move, as whoever follows the ticket is told it."""
    ticket = story.ticket
    title = say(
        f"tickets.told.{moved.move.value}",
        number=str(ticket.number),
        what=what(ticket),
        **({"other": str(other.number)} if moved.move is Move.MERGE and other else {}),
    )
    body = list(_note(moved))
    if moved.move is Move.SOLVE and hand.follows:
        body.append(say("tickets.does_it_work", count=SILENCE.days))
    choices = tuple(_moves(ticket, Hand(hand.actor, follows=hand.follows), now))
    return Card(title, tuple(body), tuple(_repair(ticket)) if moved.move is Move.ASSIGN else (), choices)


def one(story: Story, hand: Hand, now: datetime) -> Card[Text]:
    """Where a ticket stands, what was last said about it, and what happens next."""
    ticket = story.ticket
    near = hand.manages or hand.actor.actor_id == ticket.reporter
    last = next((each for each in reversed(story.moves) if each.move not in PRIVATE), None)
    body = [*(_note(last) if last else ()), say(f"tickets.next.{ticket.state.value}")]
    facts = [_state(ticket), Fact(say("tickets.fact.made"), literal(local_day(ticket.made_at))), *_repair(ticket)]
    if hand.manages:
        facts.append(Fact(say("tickets.fact.by"), literal(", ".join(story.followers.values()))))
    own = next((each for each in story.moves if each.actor.actor_id == hand.actor.actor_id and each.note), None)
    words = own or (story.moves[0] if hand.manages and story.moves else None)
    if words is not None and words.note:
        body.insert(0, literal(words.note))
    choices = _moves(ticket, hand, now)
    if hand.follows and (ticket.is_open or ticket.state is State.SOLVED):
        choices.append(detail(ticket))
    title = say("tickets.one", number=str(ticket.number), what=what(ticket, public=not near))
    return Card(
        title,
        tuple(body),
        tuple(facts),
        tuple(choices),
        tuple(photo(each, ticket) for _, each in story.photos[:MOST_SHOWN]) if near else (),
    )


def several(tickets: Sequence[Ticket], names: dict[UUID, str], mine: set[UUID], topic: str = "") -> Card[Text]:
    """A line for each, and a choice that opens it. `names`: of the buildings, where there are several; `mine`: those of which he may
    know the lot too."""
    shown = tickets[:MOST_LISTED]
    body = [say("tickets.none_about", topic=topic)] if topic else []
    if len(tickets) > MOST_LISTED:
        body.append(say("tickets.more", count=len(tickets) - MOST_LISTED))
    facts = tuple(Fact(_named(each, names, each.ticket in mine), _since(each)) for each in shown)
    choices = tuple(
        Choice(
            Intent(STATUS, {"do": "show", "ticket": str(each.ticket)}),
            say("tickets.one", number=str(each.number), what=what(each, public=each.ticket not in mine)),
        )
        for each in shown
    )
    return Card(say("tickets.several"), tuple(body), facts, choices)


def nothing(topic: str = "") -> Card[Text]:
    title = say("tickets.none_about", topic=topic) if topic else say("tickets.none")
    choices = (
        Choice(Intent(REPORT, {"do": "begin"}), say("tickets.choice.report")),
        Choice(Intent("human"), say("bot.choice.human")),
    )
    return Card(title, (say("tickets.none_body"),), choices=choices)


def taken_back(ticket: Ticket) -> Card[Text]:
    return Card(say("tickets.taken_back", number=str(ticket.number), what=what(ticket, public=False)))


def photo(sha256: bytes, ticket: Ticket) -> Attachment:
    return Attachment("photo", {"sha256": sha256.hex(), "name": f"{ticket.number}-{sha256.hex()[:6]}"})


def _named(ticket: Ticket, names: dict[UUID, str], mine: bool) -> Text:
    named = say("tickets.one", number=str(ticket.number), what=what(ticket, public=not mine))
    return say("tickets.one_in", ticket=named, building=names[ticket.building]) if len(names) > 1 else named


def _note(moved: Moved) -> tuple[Text, ...]:
    """What was written with a move, where it is for everybody."""
    return (literal(moved.note),) if moved.note and moved.move not in PRIVATE else ()


def _state(ticket: Ticket) -> Fact[Text]:
    return Fact(say("tickets.fact.state"), _since(ticket))


def _since(ticket: Ticket) -> Text:
    return say("tickets.state_since", state=ticket.said, day=local_day(ticket.since))


def _repair(ticket: Ticket) -> list[Fact[Text]]:
    facts = []
    if ticket.assigned_to and ticket.state is not State.REFUSED:
        facts.append(Fact(say("tickets.fact.assigned"), literal(ticket.assigned_to)))
    if ticket.planned_on and ticket.is_open:
        facts.append(Fact(say("tickets.fact.planned"), literal(ticket.planned_on), day=ticket.planned_on))
    return facts
