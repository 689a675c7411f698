"""What is said to somebody who moves out about his hours."""

from __future__ import annotations

from datetime import date

from core.community.sel.model import time
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent


def leaving(building: str, balance: int, day: date) -> Card[Text]:
    """To somebody who is no neighbour any more: what happens to his hours, and when."""
    if balance > 0:
        body = (say("sel.leaving.gift", time=time(balance), day=day),)
    elif balance < 0:
        body = (say("sel.leaving.debt", time=time(-balance), day=day),)
    else:
        body = (say("sel.leaving.open", day=day),)
    return Card(
        say("sel.leaving.title", building=building),
        body,
        choices=(Choice(Intent("sel.balance"), say("help.offer.sel.balance")),),
    )


def closed(building: str, minutes: int) -> Card[Text]:
    """To him, once it is done. `minutes`: what passed to the pot; below zero, what it took over."""
    if minutes > 0:
        return Card(say("sel.left.gift", building=building, time=time(minutes)))
    return Card(say("sel.left.debt", building=building, time=time(-minutes)))
