"""What is told to somebody about his account of the office."""

from __future__ import annotations

from core.kernel.text import Text, literal, say
from core.messaging.card import Card
from core.people.accounts.model import LinkFor


def link(address: str, purpose: LinkFor) -> Card[Text]:
    """A one-time link, on a channel that its reader linked himself."""
    return Card(
        say(f"office.told.{purpose.value}"),
        (literal(address), say("office.told.not_me")),
    )
