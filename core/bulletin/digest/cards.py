"""The news of a building as one card, and each piece of them as a line. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from core.buildings.model import Building
from core.bulletin.agenda import cards as agenda
from core.bulletin.agenda.model import Task
from core.bulletin.digest.model import Item, Section
from core.community.bazaar import cards as bazaar
from core.community.bazaar.model import Item as Gift
from core.community.loans.things import cards as things
from core.community.loans.things.model import Thing
from core.community.notices import cards as notices
from core.community.notices.model import Notice
from core.community.sel.offers import cards as offers
from core.community.sel.offers.model import Kind, Offer
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent
from core.tickets import cards as tickets
from core.tickets.model import Ticket

MOST_OF_ONE = 4
"""Of one section; the rest is counted, and one tap away."""
BROWSE = {
    Section.EVENT: notices.BROWSE,
    Section.NOTICE: notices.BROWSE,
    Section.REQUEST: offers.INTENT,
    Section.OFFER: offers.INTENT,
    Section.THING: things.AVAILABLE,
    Section.GIFT: bazaar.BROWSE,
}
"""Where all of a section is."""


def news(building: Building, reader: UUID, items: Sequence[Item], tasks: Sequence[Task], today: date) -> Card[Text]:
    """All that is new, and what waits for its reader in this building. ValueError for nothing: what is empty is not told."""
    if not items:
        raise ValueError("there are no news")
    facts: list[Fact[Text]] = []
    choices: list[Choice[Text]] = []
    body: list[Text] = []
    for section in Section:
        found = [item for item in items if item.section is section]
        for item in found[:MOST_OF_ONE]:
            facts.append(Fact(item.what, item.about, day=item.day))
            if (choice := item.choice_for(reader)) is not None:
                choices.append(choice)
        if len(found) > MOST_OF_ONE:
            body.append(say(f"bulletin.more.{section.value}", count=len(found) - MOST_OF_ONE))
            choices += _all(section, building)
    facts += agenda.lines(tasks[: agenda.MOST_LISTED], today, {})
    if tasks:
        body.append(say("bulletin.waiting", count=len(tasks)))
        choices.append(agenda.to_the_list())
    return Card(say("bulletin.title", building=building.name), tuple(body), tuple(facts), tuple(choices))


def _all(section: Section, building: Building) -> tuple[Choice[Text], ...]:
    intent = BROWSE.get(section)
    if intent is None:
        return ()
    return (Choice(Intent(intent, {"building": building.slug}), say(f"help.offer.{intent}")),)


# ------------------------------------------------------------------------------------------------------------- the pieces


def of_notice(notice: Notice, name: str, language: str, coming: bool) -> Item:
    """A note, in the words that a reader of that language gets. `coming`: it is told because its day comes."""
    fact = notices.line(notice, name, language)
    opened = Choice(
        Intent(notices.BROWSE, {"do": "show", "notice": str(notice.notice_id)}),
        say("bulletin.choice.read", title=notice.title_in(language)),
    )
    section = Section.EVENT if notice.when is not None or coming else Section.NOTICE
    return Item(section, fact.label, fact.value, opened, notice.author, day=fact.day, singly=not coming)


def of_offer(offer: Offer, name: str) -> Item:
    key = "bulletin.offers" if offer.kind is Kind.OFFER else "bulletin.asks"
    section = Section.OFFER if offer.kind is Kind.OFFER else Section.REQUEST
    label = say(
        "sel.choice.touch_offer" if section is Section.OFFER else "sel.choice.touch_request", name=name, what=offer.name
    )
    choice = Choice(Intent(offers.INTENT, {"do": "touch", "offer": str(offer.offer_id)}), label)
    days = offer.days
    when = None if days is None else literal(days.first if days.first == days.last else days)
    what = say("sel.what_on", what=offer.name, days=when) if when is not None else literal(offer.name)
    return Item(section, what, say(key, who=name), choice, offer.person)


def of_thing(thing: Thing, name: str) -> Item:
    return Item(Section.THING, literal(thing.name), say("bulletin.lends", who=name), things.borrow(thing), thing.owner)


def of_gift(gift: Gift, name: str) -> Item:
    about = say("bulletin.swaps" if gift.is_swap else "bulletin.gives", who=name)
    return Item(Section.GIFT, literal(gift.name), about, bazaar.take(gift), gift.giver)


def of_repair(ticket: Ticket, followers: Collection[UUID]) -> Item:
    """Something works again. Only who follows it may look into it."""
    what = tickets.what(ticket)
    choice = Choice(
        Intent(tickets.STATUS, {"do": "show", "ticket": str(ticket.ticket)}), say("bulletin.choice.look", what=what)
    )
    return Item(Section.REPAIR, what, say("bulletin.works"), choice, readers=frozenset(followers))
