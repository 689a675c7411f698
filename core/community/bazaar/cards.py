"""What is said about a thing from hand to hand: to whoever gives it, to whom it goes, and to those who wait. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.community.bazaar.draw import Draw
from core.community.bazaar.model import How, Interest, Item, Standing, State
from core.community.neighbours.cards import found_at
from core.community.neighbours.model import Contact
from core.kernel.text import Text, literal, say
from core.messaging.card import Attachment, Card, Choice, Fact
from core.messaging.intent import Intent

GIVE, WANT, BROWSE = "bazaar.give", "bazaar.want", "bazaar.browse"
MOST_LISTED, MOST_PHOTOS, MOST_BIDS = 8, 3, 3
"""In one card: things, photos, and offers in return."""


# --------------------------------------------------------------------------------------------------------------- what is up


@dataclass(frozen=True, slots=True)
class Offer:
    """A thing in a list. `giver`: as neighbours call him; "" for the reader himself. `standing`: where the reader stands in its line.

    `taker`: whom a thing of the reader's is reserved to.
    """

    item: Item
    giver: str
    standing: Standing | None = None
    taker: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a neighbour looks for, in a list. `seeker`: as neighbours call him; "" for the reader himself."""

    seek_id: str
    name: str
    seeker: str


def listed(
    title: Text, offers: Sequence[Offer], sought: Sequence[Sought] = (), words: str = "", more: int = 0
) -> Card[Text]:
    """What is up, and what is looked for. `words`: what the reader looks for, if this is not it; `more`: how many besides."""
    facts = [Fact(literal(each.item.name), _offer(each)) for each in offers]
    facts += [Fact(literal(each.name), _sought(each)) for each in sought]
    choices = [_of_offer(each) for each in offers] + [_of_sought(each) for each in sought]
    if words:
        choices.append(Choice(Intent(WANT, {"do": "seek", "words": words}), say("bazaar.choice.tell_me")))
    else:
        choices.append(Choice(Intent(GIVE), say("help.offer.bazaar.give")))
    pictures = [photo for each in offers for photo in photos(each.item)]
    body = (say("bazaar.list.more", count=more),) if more else ()
    return Card(title, body, tuple(facts), tuple(choices), tuple(pictures[:MOST_PHOTOS]))


def nothing_listed() -> Card[Text]:
    return Card(
        say("bazaar.list.empty"),
        (say("bazaar.list.empty_body"),),
        choices=tuple(Choice(Intent(intent), say(f"help.offer.{intent}")) for intent in (GIVE, WANT)),
    )


def photos(item: Item) -> tuple[Attachment, ...]:
    return (Attachment("photo", {"sha256": item.photo, "name": item.name}),) if item.photo else ()


def _offer(each: Offer) -> Text:
    item = each.item
    if not each.giver:
        return say("bazaar.list.reserved", who=each.taker) if each.taker else say("bazaar.list.yours")
    if each.standing is not None:
        return say("bazaar.list.for_you" if each.standing is Standing.TAKER else "bazaar.list.waiting", who=each.giver)
    if item.awaits_draw and item.draw_on is not None:
        return say("bazaar.list.lot", who=each.giver, day=item.draw_on)
    if item.in_return:
        return say("bazaar.list.swap", who=each.giver, what=item.in_return)
    return say("bazaar.list.choice" if item.is_swap else "bazaar.list.first", who=each.giver)


def _sought(each: Sought) -> Text:
    return say("bazaar.list.sought", who=each.seeker) if each.seeker else say("bazaar.list.sought_by_you")


def _of_offer(each: Offer) -> Choice[Text]:
    if each.giver and each.standing is None:
        return take(each.item)
    return _choice(each.item, WANT if each.giver else GIVE, "show", "bazaar.choice.show")


def _of_sought(each: Sought) -> Choice[Text]:
    if not each.seeker:
        return stop_seeking(each.seek_id, each.name)
    return Choice(Intent(GIVE, {"item": each.name}), say("bazaar.choice.have_one", item=each.name))


# ------------------------------------------------------------------------------------------------------- for whoever gives it


def put_up(item: Item, seekers: int = 0) -> Card[Text]:
    """It is up. `seekers`: how many look for such a thing, and were told."""
    body = [say("bazaar.put_up.body")]
    if seekers:
        body.append(say("bazaar.put_up.seekers", count=seekers))
    return _own(say("bazaar.put_up.title", item=item.name), item, tuple(body))


def own(item: Item) -> Card[Text]:
    """How it stands, and what its giver may do with it."""
    return _own(say("bazaar.own.title", item=item.name), item)


def changed(item: Item) -> Card[Text]:
    return _own(say("bazaar.changed", item=item.name), item)


def withdrawn(item: Item) -> Card[Text]:
    return Card(say("bazaar.withdrawn", item=item.name))


def goes_to(item: Item, contact: Contact | None) -> Card[Text]:
    """It is reserved: to whom, and where to find him."""
    title = say("bazaar.goes_to.title", item=item.name, who=contact.name if contact else "")
    return Card(title, (say("bazaar.goes_to.body"),), found_at(contact), _of_giver_reserved(item))


def drawn_to(item: Item, draw: Draw, contact: Contact | None) -> Card[Text]:
    """The draw was held: to whom it goes, and where to find him."""
    title = say("bazaar.goes_to.title", item=item.name, who=contact.name if contact else "")
    body = (say("bazaar.drawn_to.body", count=len(draw.tickets)), say("bazaar.goes_to.body"))
    choices = (*_of_giver_reserved(item), _check(item))
    return Card(title, body, (*found_at(contact), *_lots(draw)), choices)


def nobody_signed_up(item: Item) -> Card[Text]:
    return _own(say("bazaar.nobody_signed_up", item=item.name), item)


def offered_in_return(item: Item, interest: Interest, who: str) -> Card[Text]:
    """Somebody offers something in a swap; the giver chooses."""
    slots = {"gift": str(item.item_id), "person": str(interest.person)}
    return Card(
        say("bazaar.bid.title", who=who, item=item.name),
        (say("bazaar.bid.body"),),
        (Fact(say("bazaar.fact.offers"), literal(interest.in_return)),),
        (
            Choice(Intent(GIVE, {"do": "choose", **slots}), say("bazaar.choice.agree")),
            Choice(Intent(GIVE, {"do": "decline", **slots}), say("bazaar.choice.no_thanks")),
        ),
    )


def bid_declined(item: Item, who: str) -> Card[Text]:
    return Card(say("bazaar.bid.declined", who=who, item=item.name), choices=(_show(item),))


def free_again(item: Item, who: str) -> Card[Text]:
    """It was let go by somebody (""); it is up again, and the next one was asked where there is one."""
    title = say("bazaar.free_again.title", item=item.name, who=who) if who else say("bazaar.free_now", item=item.name)
    body = (say("bazaar.free_again.asked"),) if item.asked else (say("bazaar.free_again.up"),)
    return _own(title, item, body)


def fetched(item: Item, who: str) -> Card[Text]:
    """Its new owner says that he has it: is it so?"""
    return Card(
        say("bazaar.fetched.title", who=who, item=item.name),
        (say("bazaar.fetched.body"),),
        choices=(
            _choice(item, GIVE, "collected", "bazaar.choice.yes_gone"),
            _choice(item, GIVE, "not_yet", "bazaar.choice.not_yet"),
        ),
    )


def gone(item: Item) -> Card[Text]:
    return Card(say("bazaar.gone.title", item=item.name), (say("bazaar.gone.body"),))


def keep_it_up(item: Item) -> Card[Text]:
    """The day before it expires."""
    return Card(
        say("bazaar.keep.title", item=item.name),
        (say("bazaar.keep.body"),),
        choices=(_keep(item), _choice(item, GIVE, "withdraw", "bazaar.choice.withdraw")),
    )


def kept_up(item: Item) -> Card[Text]:
    return _own(say("bazaar.kept_up", item=item.name), item)


def expired(item: Item) -> Card[Text]:
    return Card(say("bazaar.expired.title", item=item.name), (say("bazaar.expired.body"),), choices=(_keep(item),))


def was_it_collected(item: Item, contact: Contact | None) -> Card[Text]:
    """To the giver, some days after it was reserved."""
    return Card(
        say("bazaar.was_it.giver", item=item.name, who=contact.name if contact else ""),
        (say("bazaar.was_it.body"),),
        found_at(contact),
        _of_giver_reserved(item),
    )


# ------------------------------------------------------------------------------------------------------ for those who want it


def take(item: Item) -> Choice[Text]:
    """The way to it: take it, sign up for the draw, or offer something in return."""
    if item.awaits_draw:
        return _choice(item, WANT, "take", "bazaar.choice.sign_up")
    return _choice(item, WANT, "take", "bazaar.choice.offer" if item.is_swap else "bazaar.choice.take")


def yours_now(item: Item, contact: Contact | None) -> Card[Text]:
    """It is reserved to the reader: where to find the giver."""
    title = say("bazaar.yours.title", item=item.name)
    return Card(title, (say("bazaar.yours.body"),), found_at(contact), _of_taker(item), photos(item))


def drawn_for_you(item: Item, draw: Draw, contact: Contact | None, ticket: str) -> Card[Text]:
    facts = (*found_at(contact), Fact(say("bazaar.fact.ticket"), literal(ticket)), *_lots(draw))
    body = (say("bazaar.drawn.body", count=len(draw.tickets)), say("bazaar.yours.body"))
    return Card(say("bazaar.drawn.won", item=item.name), body, facts, (*_of_taker(item), _check(item)))


def drawn_for_another(item: Item, draw: Draw, interest: Interest) -> Card[Text]:
    """The lot fell on somebody else; where the reader stands in the line."""
    facts = (Fact(say("bazaar.fact.ticket"), literal(interest.ticket)), *_lots(draw))
    place = draw.order.index(interest.ticket)
    return Card(
        say("bazaar.drawn.lost", item=item.name),
        (say("bazaar.drawn.body", count=len(draw.tickets)), _place(place)),
        facts,
        (_check(item), _not_wanted(item)),
    )


def how_drawn(item: Item, draw: Draw) -> Card[Text]:
    """All that it takes to check a draw."""
    facts = (
        Fact(say("bazaar.fact.number"), literal(str(item.item_id))),
        Fact(say("bazaar.fact.draw_on"), literal(draw.day.isoformat())),
        Fact(say("bazaar.fact.tickets"), literal(", ".join(draw.tickets))),
        *_lots(draw),
    )
    return Card(say("bazaar.check.title", item=item.name), (say("bazaar.check.seed"), say("bazaar.check.order")), facts)


def in_line(item: Item, before: int) -> Card[Text]:
    """Somebody was faster. `before`: how many wait before the reader."""
    return Card(
        say("bazaar.in_line.title", item=item.name),
        (_place(before),),
        choices=(_not_wanted(item), Choice(Intent(BROWSE), say("help.offer.bazaar.browse"))),
    )


def signed_up(item: Item, ticket: str) -> Card[Text]:
    """His lot in the draw."""
    return Card(
        say("bazaar.signed_up.title", item=item.name),
        (say("bazaar.signed_up.body"),),
        (
            Fact(say("bazaar.fact.ticket"), literal(ticket)),
            *((Fact(say("bazaar.fact.draw_on"), literal(item.draw_on), day=item.draw_on),) if item.draw_on else ()),
        ),
        (_not_wanted(item),),
    )


def what_in_return(item: Item, giver: str) -> Card[Text]:
    """What does the reader offer for it?"""
    body = (say("bazaar.ask.bid_body", who=giver, what=item.in_return),) if item.in_return else ()
    return Card(say("bazaar.ask.bid", item=item.name), body, attachments=photos(item))


def bid_made(item: Item, in_return: str, giver: str) -> Card[Text]:
    return Card(
        say("bazaar.bid_made.title", who=giver),
        (say("bazaar.bid_made.body"),),
        (Fact(say("bazaar.fact.wants"), literal(item.name)), Fact(say("bazaar.fact.offers"), literal(in_return))),
        (_not_wanted(item),),
    )


def bid_refused(item: Item) -> Card[Text]:
    return Card(say("bazaar.bid_refused", item=item.name), choices=(_browse(),))


def your_turn(item: Item) -> Card[Text]:
    """It is free again, and the reader is next."""
    return Card(
        say("bazaar.your_turn.title", item=item.name),
        (say("bazaar.your_turn.body"),),
        choices=(take(item), _not_wanted(item)),
        attachments=photos(item),
    )


def let_go(item: Item) -> Card[Text]:
    """The reader wants it no more: said, and done."""
    return Card(say("bazaar.let_go", item=item.name), choices=(_browse(),))


def taken_back(item: Item) -> Card[Text]:
    """It was reserved to the reader, and the giver let it go to somebody else."""
    return Card(say("bazaar.taken_back.title", item=item.name), (say("bazaar.taken_back.body"),), choices=(_browse(),))


def lapsed(item: Item) -> Card[Text]:
    """It was reserved to the reader, and nobody spoke of it any more."""
    return Card(
        say("bazaar.lapsed.title", item=item.name), (say("bazaar.lapsed.body"),), choices=(take(item), _browse())
    )


def no_more(item: Item) -> Card[Text]:
    """To those who waited: it has found its new owner, or is not given away any more."""
    found = item.state is State.COLLECTED
    return Card(say("bazaar.no_more.found" if found else "bazaar.no_more.over", item=item.name), choices=(_browse(),))


def you_left(item: Item) -> Card[Text]:
    """To whoever gave it, and lives there no more."""
    return Card(say("bazaar.you_left", item=item.name))


def giver_gone(item: Item) -> Card[Text]:
    return Card(say("bazaar.giver_gone", item=item.name), choices=(_browse(),))


def you_have_it(item: Item, confirmed: bool) -> Card[Text]:
    body = () if confirmed else (say("bazaar.you_have_it.asked"),)
    return Card(say("bazaar.you_have_it.title", item=item.name), body)


def not_yet(item: Item) -> Card[Text]:
    """To its new owner: the giver says that he has it still."""
    return Card(
        say("bazaar.not_yet_said.title", item=item.name), (say("bazaar.not_yet_said.body"),), choices=_of_taker(item)
    )


def did_you_collect(item: Item, contact: Contact | None) -> Card[Text]:
    """To whom it is reserved, some days after."""
    return Card(
        say("bazaar.was_it.taker", item=item.name), (say("bazaar.was_it.body"),), found_at(contact), _of_taker(item)
    )


# -------------------------------------------------------------------------------------------------------------------- inside


def facts(item: Item, today: date | None = None) -> tuple[Fact[Text], ...]:
    """How it is given away, how many want it, and until when it is up."""
    found = [Fact(say("bazaar.fact.how"), _how(item))]
    if item.hoping:
        found.append(Fact(say("bazaar.fact.hoping"), literal(len(item.hoping))))
    if item.state is State.OFFERED and not item.awaits_draw:
        last = date.fromordinal(item.expires_on.toordinal() - 1)
        found.append(Fact(say("bazaar.fact.until"), literal(last), day=last))
    return tuple(found)


def _how(item: Item) -> Text:
    if item.how is How.LOT and item.draw_on is not None:
        return say("bazaar.how.drawn" if item.drawn else "bazaar.how.lot", day=item.draw_on)
    if item.in_return:
        return say("bazaar.how.swap", what=item.in_return)
    return say("bazaar.how.choice" if item.is_swap else "bazaar.how.first")


def _own(title: Text, item: Item, body: tuple[Text, ...] = ()) -> Card[Text]:
    return Card(title, body, facts(item), _of_giver(item), photos(item))


def _of_giver(item: Item) -> tuple[Choice[Text], ...]:
    if item.state is State.RESERVED:
        return _of_giver_reserved(item)
    if item.state is State.EXPIRED:
        return (_keep(item),)
    if item.state is not State.OFFERED:
        return ()
    choices = [_accept(item, each) for each in item.waiting[:MOST_BIDS]] if item.is_swap else []
    if not item.hoping:
        ways = (("lot", How.LOT), ("swap", How.CHOICE), ("first", How.FIRST))
        choices = [_choice(item, GIVE, do, f"bazaar.choice.{do}") for do, how in ways if item.how is not how]
    if not item.photo:
        choices.append(_choice(item, GIVE, "photo", "bazaar.choice.photo"))
    choices.append(_choice(item, GIVE, "withdraw", "bazaar.choice.withdraw"))
    return tuple(choices)


def _accept(item: Item, bid: Interest) -> Choice[Text]:
    slots = {"do": "choose", "gift": str(item.item_id), "person": str(bid.person)}
    return Choice(Intent(GIVE, slots), say("bazaar.choice.accept", what=bid.in_return))


def _of_giver_reserved(item: Item) -> tuple[Choice[Text], ...]:
    return (
        _choice(item, GIVE, "collected", "bazaar.choice.gone"),
        _choice(item, GIVE, "let_go", "bazaar.choice.other"),
    )


def _of_taker(item: Item) -> tuple[Choice[Text], ...]:
    return (_choice(item, WANT, "have", "bazaar.choice.have"), _not_wanted(item))


def _lots(draw: Draw) -> tuple[Fact[Text], ...]:
    return (
        Fact(say("bazaar.fact.drawn"), literal(draw.order[0])),
        Fact(say("bazaar.fact.seed"), literal(draw.seed)),
    )


def _place(before: int) -> Text:
    return say("bazaar.in_line.next") if before <= 0 else say("bazaar.in_line.place", count=before)


def _keep(item: Item) -> Choice[Text]:
    return _choice(item, GIVE, "keep", "bazaar.choice.keep")


def _show(item: Item) -> Choice[Text]:
    return _choice(item, GIVE, "show", "bazaar.choice.show")


def _not_wanted(item: Item) -> Choice[Text]:
    return _choice(item, WANT, "no", "bazaar.choice.not_wanted")


def _check(item: Item) -> Choice[Text]:
    return _choice(item, WANT, "check", "bazaar.choice.check")


def _browse() -> Choice[Text]:
    return Choice(Intent(BROWSE), say("help.offer.bazaar.browse"))


def stop_seeking(seek: str, name: str) -> Choice[Text]:
    return Choice(Intent(WANT, {"do": "stop", "seek": seek}), say("bazaar.choice.stop_seeking", item=name))


def _choice(item: Item, intent: str, do: str, label: str) -> Choice[Text]:
    return Choice(Intent(intent, {"do": do, "gift": str(item.item_id)}), say(label, item=item.name))
