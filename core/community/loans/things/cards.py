"""What is said about a thing that somebody lends. Pure."""

from __future__ import annotations

from core.community.loans.things.model import Thing, Wish
from core.community.sel.model import time
from core.kernel.periods import Period
from core.kernel.text import Text, literal, say
from core.messaging.card import Attachment, Card, Choice, Fact
from core.messaging.intent import Intent

LEND, BORROW, AVAILABLE = "loans.lend", "loans.borrow", "loans.available"
MOST_DESCRIBED = 280
"""Signs of a condition that stand on a card about a loan."""


def put_up(thing: Thing, deposits: bool) -> Card[Text]:
    """It can be borrowed now: what neighbours read of it, and what its owner can still say."""
    return _own(say("loans.lent.title", thing=thing.name), (say("loans.lent.body"),), thing, deposits)


def listed_already(thing: Thing, deposits: bool) -> Card[Text]:
    """He put up a thing of that name before."""
    return _own(say("loans.listed_already", thing=thing.name), (), thing, deposits)


def changed(thing: Thing, deposits: bool) -> Card[Text]:
    return _own(say("loans.changed.title", thing=thing.name), (), thing, deposits)


def own(thing: Thing, deposits: bool) -> Card[Text]:
    """For its owner, who wants to change something."""
    return _own(say("loans.own.title", thing=thing.name), (), thing, deposits)


def withdrawn(thing: Thing, *, asked_for: bool) -> Card[Text]:
    """It is put up no more. `asked_for`: somebody has it, or asked for it."""
    body = (say("loans.withdrawn.body"),) if asked_for else ()
    return Card(say("loans.withdrawn.title", thing=thing.name), body)


def facts(thing: Thing) -> tuple[Fact[Text], ...]:
    """What its owner says of it."""
    return tuple(
        fact
        for fact in (
            Fact(say("loans.fact.condition"), literal(_short(thing.condition))) if thing.condition else None,
            Fact(say("loans.fact.longest"), say("loans.day_count", count=thing.longest)),
            deposit(thing.deposit),
        )
        if fact is not None
    )


def deposit(minutes: int) -> Fact[Text] | None:
    return Fact(say("loans.fact.deposit"), time(minutes)) if minutes else None


def photos(name: str, *hashes: str | None) -> tuple[Attachment, ...]:
    return tuple(Attachment("photo", {"sha256": each, "name": name}) for each in hashes if each)


def none_yet(words: str, building: str) -> Card[Text]:
    """Nobody lends such a thing: he may be told when somebody does."""
    return Card(
        say("loans.none.title", words=words),
        (say("loans.none.body"),),
        choices=(
            Choice(Intent(BORROW, {"do": "alert", "words": words, "building": building}), say("loans.choice.alert")),
            Choice(Intent(AVAILABLE, {"building": building}), say("loans.choice.all")),
        ),
    )


def noted(wish: Wish) -> Card[Text]:
    return Card(
        say("loans.alert.noted", words=wish.words),
        choices=(Choice(Intent(BORROW, {"do": "no_alert", "wish": str(wish.wish_id)}), say("loans.choice.no_alert")),),
    )


def no_more(words: str) -> Card[Text]:
    return Card(say("loans.alert.ended", words=words))


def put_up_at_last(wish: Wish, thing: Thing, owner: str) -> Card[Text]:
    """For whoever waited for it."""
    return Card(
        say("loans.alert.told", who=owner, thing=thing.name),
        (say("loans.alert.body", words=wish.words),),
        facts(thing),
        (borrow(thing),),
        photos(thing.name, thing.photo),
    )


def borrow(thing: Thing, days: Period | None = None) -> Choice[Text]:
    slots = {"thing": str(thing.thing_id)} | ({"period": str(days)} if days is not None else {})
    return Choice(Intent(BORROW, slots), say("loans.choice.borrow", thing=thing.name))


def change(thing: Thing) -> Choice[Text]:
    return Choice(_edit(thing, "show"), say("loans.choice.change", thing=thing.name))


def _own(title: Text, body: tuple[Text, ...], thing: Thing, deposits: bool) -> Card[Text]:
    choices = [
        Choice(_edit(thing, "condition"), say("loans.choice.condition")),
        Choice(_edit(thing, "photo"), say("loans.choice.photo")),
        Choice(_edit(thing, "longest"), say("loans.choice.longest")),
        *([Choice(_edit(thing, "deposit"), say("loans.choice.deposit"))] if deposits else []),
        Choice(_edit(thing, "withdraw"), say("loans.choice.withdraw")),
    ]
    return Card(title, body, facts(thing), tuple(choices), photos(thing.name, thing.photo))


def _edit(thing: Thing, do: str) -> Intent:
    return Intent(LEND, {"do": do, "thing": str(thing.thing_id)})


def _short(text: str) -> str:
    return text if len(text) <= MOST_DESCRIBED else f"{text[: MOST_DESCRIBED - 1].rstrip()}…"
