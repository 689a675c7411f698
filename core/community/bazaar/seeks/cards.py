"""What is said to whoever looks for a thing. Pure."""

from __future__ import annotations

from datetime import date

from core.community.bazaar import cards
from core.community.bazaar.model import Item
from core.community.bazaar.seeks.model import Seek
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Fact


def sought(seek: Seek) -> Card[Text]:
    """Nobody gives such a thing now: he will be told."""
    last = date.fromordinal(seek.expires_on.toordinal() - 1)
    return Card(
        say("bazaar.sought.title", item=seek.name),
        (say("bazaar.sought.body"),),
        (Fact(say("bazaar.fact.told_until"), literal(last), day=last),),
        (cards.stop_seeking(str(seek.seek_id), seek.name),),
    )


def stopped(seek: Seek) -> Card[Text]:
    return Card(say("bazaar.sought.stopped", item=seek.name))


def given_now(seek: Seek, item: Item, giver: str) -> Card[Text]:
    """Somebody gives what he looks for."""
    return Card(
        say("bazaar.alert.title", who=giver, item=item.name),
        (say("bazaar.alert.body", item=seek.name),),
        cards.facts(item),
        (cards.take(item), cards.stop_seeking(str(seek.seek_id), seek.name)),
        cards.photos(item),
    )
