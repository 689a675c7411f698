"""What is said about what waits: a line for each, and a choice that does it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from core.bulletin.agenda.model import Task
from core.charges.accounts.model import Owed
from core.community.bazaar.model import ANSWERS_WITHIN, LET_GO_AFTER, SETTLED_AFTER, Item, Standing
from core.community.bazaar.model import State as ItemState
from core.community.loans.cards import Shown
from core.community.loans.model import SILENCE, Side, State
from core.community.sel.exchanges import cards as exchange_cards
from core.community.sel.exchanges.model import Exchange
from core.community.sel.offers.model import UNANSWERED, Answer
from core.community.sel.offers.model import Kind as OfferKind
from core.community.skills.model import ANSWERS_WITHIN as ANSWERS_A_SKILL
from core.community.skills.model import Ask, Skill
from core.kernel.clock import local_day
from core.kernel.money import Money
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent
from core.people.model import Place
from core.tickets import cards as ticket_cards
from core.tickets.model import SILENCE as TICKET_SILENCE
from core.tickets.model import State as TicketState
from core.tickets.model import Ticket

HELP, AGENDA = "help", "todo"
MOST_LISTED = 12
"""Lines on one card; the rest is counted."""
Names = Mapping[UUID, str]
"""What persons are called among neighbours."""


# ---------------------------------------------------------------------------------------------------------------- the card


def todo(tasks: Sequence[Task], today: date, buildings: Mapping[UUID, str]) -> Card[Text]:
    """The list, by their days. `buildings`: the names of those that the person has, said only where there are several."""
    shown = tasks[:MOST_LISTED]
    body = (say("todo.more", count=len(tasks) - len(shown)),) if len(tasks) > len(shown) else ()
    return Card(
        say("todo.title", count=len(tasks)),
        body,
        lines(shown, today, buildings if len(buildings) > 1 else {}),
        tuple(task.choice for task in shown),
    )


def nothing() -> Card[Text]:
    return Card(
        say("todo.nothing"), (say("todo.nothing_body"),), choices=(Choice(Intent(HELP), say("bot.choice.help")),)
    )


def lines(tasks: Sequence[Task], today: date, buildings: Mapping[UUID, str]) -> tuple[Fact[Text], ...]:
    """By when, and what."""
    return tuple(
        Fact(
            when(task, today),
            say("todo.in", what=task.what, building=buildings[task.building])
            if task.building in buildings
            else task.what,
            day=task.day,
        )
        for task in tasks
    )


def when(task: Task, today: date) -> Text:
    if task.day is None:
        return say("todo.when.now" if task.urgent else "todo.when.any")
    if task.day < today:
        return say("todo.when.late", day=task.day)
    return say("todo.when.today") if task.day == today else say("todo.when.by", day=task.day)


def to_the_list() -> Choice[Text]:
    return Choice(Intent(HELP, {"about": AGENDA}), say("todo.choice"))


def opens(what: str, identity: UUID, label: Text) -> Choice[Text]:
    """The choice that shows what it takes to decide; `what`: `loan`, `exchange`, `answer`, `ask` or `gift`."""
    return Choice(Intent(HELP, {"about": AGENDA, what: str(identity)}), label)


# ------------------------------------------------------------------------------------------------------------------- money


def to_pay(place: Place, now: Owed) -> Task | None:
    """None where nothing is."""
    if now.to_pay <= 0:
        return None
    amount = Money(now.to_pay)
    pay = Choice(Intent("charges.pay", {"building": place.building.slug}), say("todo.choice.pay", amount=amount))
    return Task(place.known.building_id, say("todo.pay", amount=amount), pay, now.due)


# ------------------------------------------------------------------------------------------------------------------- loans


def of_loan(shown: Shown, person: UUID) -> Task | None:
    """What a loan asks of one side now; None where it is the other one's turn."""
    loan, thing = shown.loan, shown.thing.name
    side = loan.side(person)
    other = shown.name(side.other)

    def task(what: str, day: date, choice: Choice[Text] | None = None) -> Task:
        line = say(f"todo.loan.{what}", thing=thing, who=other)
        return Task(loan.building, line, choice or opens("loan", loan.loan_id, line), day)

    if loan.claimed_by is side.other and loan.claimed_at is not None:
        what = "handed" if loan.state is State.GRANTED else "came_back" if side is Side.LENDER else "gone_back"
        return task(what, local_day(loan.claimed_at + SILENCE))
    if loan.claimed_by is not None:
        return None
    match loan.state, side:
        case State.ASKED, Side.LENDER:
            return task("answer", loan.days.first)
        case State.SUGGESTED, Side.BORROWER:
            return task("suggested", loan.days.first)
        case State.GRANTED, Side.LENDER:
            return task("hand_over", loan.days.first)
        case State.GRANTED, Side.BORROWER:
            return task("fetch", loan.days.first)
        case State.OUT, Side.LENDER if loan.longer is not None:
            return task("longer", loan.days.last)
        case State.OUT, Side.BORROWER:
            intent = Intent("loans.borrow", {"do": "bring_back", "loan": str(loan.loan_id)})
            return task("bring_back", loan.days.last, Choice(intent, say("todo.choice.brought_back", thing=thing)))
    return None


# --------------------------------------------------------------------------------------------------------------- exchanges


def of_exchange(exchange: Exchange, reader: UUID, names: Names) -> Task:
    """One that waits for the reader's word."""
    line = say("todo.exchange.confirm", said=exchange_cards.line(exchange, reader, names))
    day = local_day(exchange.due) if exchange.due else None
    return Task(exchange.building, line, opens("exchange", exchange.exchange_id, line), day)


def of_case(exchange: Exchange, names: Names) -> Task:
    """One on which the reader decides, as council."""
    choice = exchange_cards.decide(exchange, names)
    return Task(exchange.building, choice.label, choice, local_day(exchange.due) if exchange.due else None)


def of_answer(answer: Answer, names: Names) -> Task:
    """Somebody would like to get in touch about an offer or a request of the reader's."""
    key = "todo.exchange.wants" if answer.offer.kind is OfferKind.OFFER else "todo.exchange.helps"
    line = say(key, who=names[answer.person], what=answer.offer.name)
    return Task(answer.offer.building, line, opens("answer", answer.answer_id, line), local_day(answer.at + UNANSWERED))


def of_ask(ask: Ask, skill: Skill, who: str) -> Task:
    """A neighbour asks for something that the reader can do."""
    line = say("todo.skill.asks", who=who, skill=skill.name)
    return Task(skill.building, line, opens("ask", ask.ask_id, line), local_day(ask.at + ANSWERS_A_SKILL))


# ------------------------------------------------------------------------------------------------------------------- gifts


def of_item(item: Item, person: UUID, names: Names) -> Task | None:
    """What a thing from hand to hand asks of its giver, or of whom it goes to; None where it asks nothing."""
    line: Text | None = None
    day: date | None = None
    own, taker = item.giver == person, item.taker
    if item.state is ItemState.RESERVED and item.reserved_at is not None and taker is not None:
        day = local_day(item.reserved_at + LET_GO_AFTER)
        if own and item.fetched_at is not None:
            line = say("todo.gift.is_gone", thing=item.name, who=names[taker.person])
            day = local_day(item.fetched_at + SETTLED_AFTER)
        elif own:
            line = say("todo.gift.hand_over", thing=item.name, who=names[taker.person])
        elif taker.person == person and item.fetched_at is None:
            line = say("todo.gift.collect", thing=item.name, who=names[item.giver])
    elif item.state is ItemState.OFFERED:
        mine = item.of(person)
        if own and item.is_swap and item.waiting:
            line, day = say("todo.gift.choose", thing=item.name), item.expires_on
        elif mine is not None and mine.standing is Standing.ASKED and mine.asked_at is not None:
            line, day = say("todo.gift.your_turn", thing=item.name), local_day(mine.asked_at + ANSWERS_WITHIN)
    return Task(item.building, line, opens("gift", item.item_id, line), day) if line is not None else None


# ----------------------------------------------------------------------------------------------------------------- repairs


def of_ticket(ticket: Ticket, follows: bool, manages: bool) -> Task | None:
    """One that waits for who follows it to say that it works, or for who looks after the building."""
    if ticket.state is TicketState.SOLVED and follows:
        key, day = "todo.ticket.works", local_day(ticket.since + TICKET_SILENCE)
    elif ticket.state is TicketState.REPORTED and manages:
        key, day = "todo.ticket.new", None
    else:
        return None
    line = say(key, number=str(ticket.number), what=ticket_cards.what(ticket, public=not manages))
    choice = Choice(Intent(ticket_cards.STATUS, {"do": "show", "ticket": str(ticket.ticket)}), line)
    return Task(ticket.building, line, choice, day, urgent=ticket.danger is not None and manages and day is None)
