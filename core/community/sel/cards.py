"""What is said about the hours of somebody: what he has, how far it may go, what was booked last, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from core.community.sel.accounts.model import Account, Booked, Kind
from core.community.sel.exchanges import cards as exchange_cards
from core.community.sel.exchanges.model import Exchange, State
from core.community.sel.model import time
from core.community.sel.offers import cards as offer_cards
from core.community.sel.offers.model import Answer
from core.kernel.clock import local_day
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent


@dataclass(frozen=True, slots=True)
class Sight:
    """`waiting`: exchanges of his that are not settled; `asked`: questions to get in touch; `cases`: what he decides on as council."""

    account: Account
    last: tuple[Booked, ...]
    waiting: tuple[Exchange, ...]
    asked: tuple[Answer, ...]
    cases: tuple[Exchange, ...]
    names: Mapping[UUID, str]

    @property
    def something(self) -> bool:
        """Whether there is anything to see at all."""
        return bool(self.account.balance or self.account.held or self.last or self.waiting or self.asked or self.cases)


def balance(building: str, sight: Sight, reader: UUID) -> Card[Text]:
    """To the one whose hours they are."""
    account, names = sight.account, sight.names
    facts = [Fact(say("sel.fact.balance"), time(account.balance), key="balance")]
    facts.append(Fact(say("sel.fact.limits"), say("sel.limits", low=time(-account.limit), high=time(account.limit))))
    if account.held:
        facts.append(Fact(say("sel.fact.held"), time(account.held)))
    facts += [Fact(literal(local_day(entry.at)), _entry(entry, names)) for entry in sight.last]
    facts += [Fact(_waits(each, reader), exchange_cards.line(each, reader, names)) for each in sight.waiting]
    choices = [
        exchange_cards.confirm(each, reader, names)
        for each in sight.waiting
        if each.other == reader and each.state is State.WAITING
    ]
    choices += [offer_cards.waits(each, names) for each in sight.asked]
    choices += [exchange_cards.decide(each, names) for each in sight.cases]
    choices += [offer_cards.browse(), Choice(Intent(exchange_cards.INTENT), say("help.offer.sel.done"))]
    return Card(exchange_cards.standing(account.balance), (literal(building),), tuple(facts), tuple(choices))


def _entry(entry: Booked, names: Mapping[UUID, str]) -> Text:
    minutes = say("sel.time.plus", time=time(entry.minutes)) if entry.minutes > 0 else time(entry.minutes)
    if entry.other is None:
        return say("sel.entry.pot", time=minutes)
    return say(f"sel.entry.{Kind(entry.kind)}", time=minutes, name=names[entry.other])


def _waits(exchange: Exchange, reader: UUID) -> Text:
    if exchange.state is State.DISPUTED:
        return say("sel.waits.council")
    return say("sel.waits.you" if exchange.other == reader else "sel.waits.other")
