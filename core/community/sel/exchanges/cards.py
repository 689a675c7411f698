"""What is said about help that was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from core.community.sel.exchanges.model import Exchange, State
from core.community.sel.model import time
from core.kernel.clock import local_day
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent

INTENT = "sel.done"
BALANCE = "sel.balance"
Names = Mapping[UUID, str]
"""What each person of an exchange is called among neighbours."""


def reported(exchange: Exchange, names: Names) -> Card[Text]:
    """To the one who reported it."""
    gave = exchange.reporter == exchange.giver
    name = names[exchange.other]
    if exchange.gift:
        title = say("sel.reported.gift_gave" if gave else "sel.reported.gift_received", name=name)
    else:
        title = say("sel.reported.gave" if gave else "sel.reported.received", name=name, time=time(exchange.minutes))
    return Card(title, _waits(exchange, name), choices=(*_gift(exchange, exchange.reporter), _withdraw(exchange)))


def question(exchange: Exchange, names: Names) -> Card[Text]:
    """To the other: whether it was so."""
    gave = exchange.other == exchange.giver
    name = names[exchange.reporter]
    if exchange.gift:
        title = say("sel.question.gift_gave" if gave else "sel.question.gift_received", name=name)
    else:
        title = say("sel.question.gave" if gave else "sel.question.received", name=name, time=time(exchange.minutes))
    thanks = exchange.gift and not gave
    return Card(
        title,
        () if thanks or exchange.due is None else (say("sel.question.silence", day=local_day(exchange.due)),),
        choices=(
            _choice(exchange, "confirm", "sel.choice.thanks" if thanks else "sel.choice.confirm"),
            *_gift(exchange, exchange.other),
            _choice(exchange, "object", "sel.choice.object"),
        ),
    )


def noted_otherwise(exchange: Exchange, names: Names, again: Intent) -> Card[Text]:
    """To somebody who reports what the other has reported in another way. `again`: to have it noted as one more."""
    asked = question(exchange, names)
    another = Choice(again, say("sel.choice.another"))
    return replace(asked, body=(say("sel.question.same"), *asked.body), choices=(*asked.choices, another))


def booked(exchange: Exchange, reader: UUID, names: Names, balance: int, why: str = "") -> Card[Text]:
    """To each of the two. `why`: `silence` or `council` where it was not the other who confirmed it."""
    name = names[exchange.partner(reader)]
    gave = reader == exchange.giver
    if exchange.gift:
        title = say("sel.booked.gift_gave" if gave else "sel.booked.gift_received", name=name)
    else:
        title = say("sel.booked.gave" if gave else "sel.booked.received", name=name, time=time(exchange.minutes))
    body = (say(f"sel.booked.by_{why}"),) if why else ()
    if not exchange.gift:
        body = (*body, standing(balance))
    return Card(title, body, choices=(show_balance(),))


def standing(balance: int) -> Text:
    """What somebody has, in words."""
    if balance == 0:
        return say("sel.standing.even")
    key = "sel.standing.above" if balance > 0 else "sel.standing.below"
    return say(key, time=time(abs(balance)))


def objected(judged: bool) -> Card[Text]:
    """To the one who objected. `judged`: there is a council that was told."""
    told = say("sel.objected.council" if judged else "sel.objected.nobody")
    return Card(say("sel.objected.title"), (told, say("sel.objected.explain")))


def explained(judged: bool) -> Card[Text]:
    return Card(say("sel.explained" if judged else "sel.explained_nobody"))


def disputed(exchange: Exchange, names: Names, judged: bool) -> Card[Text]:
    """To the one who reported it: the other sees it differently."""
    told = say("sel.disputed.council") if judged else say("sel.disputed.nobody")
    return Card(
        say("sel.disputed.title", name=names[exchange.other], said=_said(exchange, names)),
        (told,),
        choices=(*_gift(exchange, exchange.reporter), _withdraw(exchange)),
    )


def case(exchange: Exchange, names: Names) -> Card[Text]:
    """To the council: both sides, and what it can do."""
    reporter, other = names[exchange.reporter], names[exchange.other]
    theirs = (
        say("sel.case.words", name=other, words=exchange.objection)
        if exchange.objection
        else say("sel.case.not_so", name=other)
    )
    choices = [_choice(exchange, "settle", "sel.choice.as_said")]
    choices += [
        _choice(exchange, "minutes", "sel.choice.other_time"),
        _choice(exchange, "dismiss", "sel.choice.nothing"),
    ]
    return Card(
        say("sel.case.title", name=reporter, other=other),
        (
            say("sel.case.says", name=reporter, said=_said(exchange, names), day=local_day(exchange.reported_at)),
            theirs,
            say("sel.case.your_turn"),
        ),
        choices=tuple(choices),
    )


def ask_minutes(exchange: Exchange, names: Names) -> Card[Text]:
    """To a member of the council: how much is to be booked."""
    return Card(say("sel.ask.settled_time", said=_said(exchange, names)), (say("sel.ask.hours_example"),))


def settled(exchange: Exchange, names: Names) -> Card[Text]:
    """To the member of the council who decided."""
    if exchange.state is State.BOOKED:
        return Card(say("sel.settled.booked", said=_said(exchange, names)), (say("sel.settled.told"),))
    return Card(say("sel.settled.nothing"), (say("sel.settled.told"),))


def cancelled(exchange: Exchange, reader: UUID, names: Names, why: str) -> Card[Text]:
    """To those who should know. `why`: `withdrawn`, `refused` (a gift), `council`, `undecided` or `left`."""
    name = names[exchange.partner(reader)]
    return Card(say(f"sel.cancelled.{why}", name=name), (say("sel.cancelled.nothing"),))


def stuck(exchange: Exchange, reader: UUID, names: Names, limit: int) -> Card[Text]:
    """To each of the two: its day has come, but the limits leave no room for it."""
    name = names[exchange.partner(reader)]
    key = "sel.stuck.gave" if reader == exchange.giver else "sel.stuck.received"
    withdraw = (_withdraw(exchange),) if reader == exchange.reporter else ()
    return Card(
        say(key, name=name, time=time(exchange.minutes)),
        (say("sel.stuck.limit", limit=time(limit)),),
        choices=(*_gift(exchange, reader), *withdraw),
    )


def line(exchange: Exchange, reader: UUID, names: Names) -> Text:
    """An exchange that waits, in one line for one of the two."""
    name = names[exchange.partner(reader)]
    gave = reader == exchange.giver
    if exchange.gift:
        return say("sel.line.gift_gave" if gave else "sel.line.gift_received", name=name)
    return say("sel.line.gave" if gave else "sel.line.received", name=name, time=time(exchange.minutes))


def confirm(exchange: Exchange, reader: UUID, names: Names) -> Choice[Text]:
    """The choice to confirm one of several."""
    label = say("sel.choice.confirm_this", said=line(exchange, reader, names))
    return Choice(Intent(INTENT, {"do": "confirm", "exchange": str(exchange.exchange_id)}), label)


def decide(exchange: Exchange, names: Names) -> Choice[Text]:
    """To a member of the council: the choice to see a case again."""
    label = say("sel.choice.decide", name=names[exchange.reporter], other=names[exchange.other])
    return Choice(Intent(INTENT, {"do": "case", "exchange": str(exchange.exchange_id)}), label)


def show_balance() -> Choice[Text]:
    return Choice(Intent(BALANCE), say("help.offer.sel.balance"))


def _said(exchange: Exchange, names: Names) -> Text:
    """Who helped whom, and for how long, for somebody who is none of the two, or for both."""
    giver, receiver = names[exchange.giver], names[exchange.receiver]
    if exchange.gift:
        return say("sel.said.gift", giver=giver, receiver=receiver)
    return say("sel.said.time", giver=giver, receiver=receiver, time=time(exchange.minutes))


def _waits(exchange: Exchange, name: str) -> tuple[Text, ...]:
    if exchange.gift and exchange.reporter == exchange.giver:
        return (say("sel.reported.gift_waits", name=name),)
    return () if exchange.due is None else (say("sel.reported.waits", name=name, day=local_day(exchange.due)),)


def _gift(exchange: Exchange, reader: UUID) -> tuple[Choice[Text], ...]:
    """Only the giver can give it."""
    if exchange.gift or reader != exchange.giver:
        return ()
    return (_choice(exchange, "gift", "sel.choice.gift"),)


def _withdraw(exchange: Exchange) -> Choice[Text]:
    return _choice(exchange, "withdraw", "sel.choice.withdraw")


def _choice(exchange: Exchange, do: str, key: str) -> Choice[Text]:
    return Choice(Intent(INTENT, {"do": do, "exchange": str(exchange.exchange_id)}), Text(key))
