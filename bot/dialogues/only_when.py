"""Somebody says a day or a period, and nothing that he wants of it: what may be meant is offered, for that time."""

from __future__ import annotations

from collections.abc import Sequence

from bot.turn import Turn
from core.community.neighbours.model import takes_part
from core.kernel.clock import local_day
from core.kernel.periods import Period
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent

WHEN = "when"
"""What `help` is asked about."""
LONG = 28
"""Days from which on a period is one of money."""
OF_MONEY = ("charges.owed", "charges.expenses", "charges.funds")
AHEAD = ("notices.browse", "loans.borrow", "charges.owed", "charges.pay")
BEFORE = ("notices.browse", "charges.paid", "charges.owed", "charges.pay")
FOR_A_TIME = frozenset({"charges.owed", "charges.expenses"})
"""What is asked for a period of money; a thing is borrowed for a day."""
MOST = 3


def card(turn: Turn, when: str) -> Card[Text]:
    """`when`: as a slot says it; "" where it is not clear which days are meant."""
    period = Period.parse(when) if when else None
    choices = tuple(_choice(name, period) for name in _likely(turn, period)[:MOST])
    return Card(say("help.only_when"), (say("bot.perhaps"),), _shown(period), choices)


def _likely(turn: Turn, period: Period | None) -> Sequence[str]:
    """What is offered, of that which is there where this person lives."""
    if period is not None and period.days >= LONG:
        return OF_MONEY
    on = {name for place in turn.places if takes_part(place) for name in place.building.modules}
    there = {intent for dialogue in turn.dialogues for intent in dialogue.intents if dialogue.module in ("", *on)}
    past = period is not None and period.last < local_day(turn.uow.now)
    return [name for name in (BEFORE if past else AHEAD) if name in there]


def _choice(name: str, period: Period | None) -> Choice[Text]:
    long = period is not None and period.days >= LONG
    meant = (name in FOR_A_TIME) if long else name == "loans.borrow"
    return Choice(Intent(name, {"period": str(period)} if meant and period else {}), say(f"help.offer.{name}"))


def _shown(period: Period | None) -> tuple[Fact[Text], ...]:
    if period is None:
        return ()
    return (Fact(say("help.when"), literal(period.first if period.days == 1 else period)),)
