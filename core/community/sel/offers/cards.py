"""What is said about offers and requests of help, and about getting in touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.community.neighbours.cards import reached_at
from core.community.neighbours.model import Contact
from core.community.sel.offers.model import Answer, Kind, Offer
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent

INTENT = "sel.browse"
ADD = {Kind.OFFER: "sel.offer", Kind.REQUEST: "sel.request"}
"""The intent by which each is put up."""
Names = Mapping[UUID, str]
"""What each person is called among neighbours."""


def put_up(offer: Offer, fitting: Sequence[Offer], names: Names) -> Card[Text]:
    """To its author: it stands there; and what fits it already."""
    if offer.kind is Kind.OFFER:
        title = say("sel.offer.done", what=offer.name)
        body = say("sel.offer.found") if fitting else say("sel.offer.nobody", day=offer.expires_on)
    else:
        title = say("sel.request.done", what=_what(offer))
        body = say("sel.request.found") if fitting else say("sel.request.nobody", day=offer.expires_on)
    return Card(title, (body,), choices=(*(_touch(each, names) for each in fitting), _close(offer)))


def fits(found: Offer, own: Offer, names: Names) -> Card[Text]:
    """To somebody whose own offer or request fits one that is new."""
    name = names[found.person]
    if found.kind is Kind.OFFER:
        title = say("sel.alert.offer", name=name, what=found.name)
        body = say("sel.alert.your_request", what=own.name)
    else:
        title = say("sel.alert.request", name=name, what=_what(found))
        body = say("sel.alert.your_offer", what=own.name)
    return Card(title, (body,), choices=(_choice("touch", found, "sel.choice.touch"),))


def shown(found: Sequence[Offer], reader: UUID, names: Names, topic: str, more: int) -> Card[Text]:
    """What is offered and asked for. `topic`: what was looked for; `more`: so many are not shown."""
    if not found:
        title = say("sel.browse.none_about", topic=topic) if topic else say("sel.browse.none")
        return Card(title, (say("sel.browse.begin"),), choices=tuple(_add(kind) for kind in Kind))
    title = say("sel.browse.about", topic=topic) if topic else say("sel.browse.title")
    facts = tuple(Fact(_label(each, reader, names), _what(each)) for each in found)
    others = tuple(_touch(each, names) for each in found if each.person != reader)
    own = tuple(_close(each, named=True) for each in found if each.person == reader)
    body = (say("sel.browse.more", count=more),) if more else ()
    return Card(title, body, facts, (*others, *own))


def asked(answer: Answer, names: Names) -> Card[Text]:
    """To the one who asked."""
    name = names[answer.offer.person]
    return Card(say("sel.touch.asked", name=name), (say("sel.touch.private"),))


def question(answer: Answer, names: Names) -> Card[Text]:
    """To the author: whether he agrees."""
    name = names[answer.person]
    key = "sel.touch.wants" if answer.offer.kind is Kind.OFFER else "sel.touch.helps"
    return Card(
        say(key, name=name, what=answer.offer.name),
        (say("sel.touch.shares"),),
        choices=(_answer(answer, "agree", "sel.choice.agree"), _answer(answer, "decline", "sel.choice.decline")),
    )


def agreed(answer: Answer, contact: Contact, reader: UUID) -> Card[Text]:
    """To each of the two: how to find the other. Who asked for help may take his request down now."""
    done = reader == answer.offer.person and answer.offer.kind is Kind.REQUEST
    return Card(
        say("sel.touch.agreed", name=contact.name, what=answer.offer.name),
        (say("sel.touch.afterwards"),),
        reached_at(contact),
        (_close(answer.offer),) if done else (),
    )


def declined(answer: Answer, names: Names) -> Card[Text]:
    """To the one who asked."""
    return Card(say("sel.touch.declined", name=names[answer.offer.person], what=answer.offer.name), choices=(browse(),))


def declined_by_you(answer: Answer, names: Names) -> Card[Text]:
    return Card(say("sel.touch.you_declined", name=names[answer.person]))


def closed(offer: Offer) -> Card[Text]:
    """To its author: it is taken down."""
    return Card(say("sel.closed", what=offer.name))


def expired(offer: Offer) -> Card[Text]:
    """To its author: its last day is over."""
    again = Choice(Intent(ADD[offer.kind], {"service": offer.name}), say("sel.choice.again"))
    return Card(say("sel.expired", what=offer.name), choices=(again,))


def waits(answer: Answer, names: Names) -> Choice[Text]:
    """The choice to say yes to one of several questions."""
    label = say("sel.choice.agree_with", name=names[answer.person], what=answer.offer.name)
    return _answer(answer, "agree", label)


def browse() -> Choice[Text]:
    return Choice(Intent(INTENT), say("help.offer.sel.browse"))


def _what(offer: Offer) -> Text:
    """What it is, in its author's words, with its days where it has some."""
    if offer.days is None:
        return literal(offer.name)
    one_day = offer.days.first == offer.days.last
    return say("sel.what_on", what=offer.name, days=offer.days.first if one_day else offer.days)


def _label(offer: Offer, reader: UUID, names: Names) -> Text:
    if offer.person == reader:
        return say("sel.browse.you_offer" if offer.kind is Kind.OFFER else "sel.browse.you_ask")
    key = "sel.browse.offers" if offer.kind is Kind.OFFER else "sel.browse.asks"
    return say(key, name=names[offer.person])


def _touch(offer: Offer, names: Names) -> Choice[Text]:
    key = "sel.choice.touch_offer" if offer.kind is Kind.OFFER else "sel.choice.touch_request"
    return Choice(_intent("touch", offer), say(key, name=names[offer.person], what=offer.name))


def _close(offer: Offer, *, named: bool = False) -> Choice[Text]:
    label = say("sel.choice.close_this", what=offer.name) if named else say("sel.choice.close")
    return Choice(_intent("close", offer), label)


def _add(kind: Kind) -> Choice[Text]:
    return Choice(Intent(ADD[kind]), say(f"help.offer.{ADD[kind]}"))


def _choice(do: str, offer: Offer, key: str) -> Choice[Text]:
    return Choice(_intent(do, offer), Text(key))


def _intent(do: str, offer: Offer) -> Intent:
    return Intent(INTENT, {"do": do, "offer": str(offer.offer_id)})


def _answer(answer: Answer, do: str, label: str | Text) -> Choice[Text]:
    intent = Intent(INTENT, {"do": do, "answer": str(answer.answer_id)})
    return Choice(intent, Text(label) if isinstance(label, str) else label)
