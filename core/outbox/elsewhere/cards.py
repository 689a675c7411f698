"""What is said when a way to somebody has come to its end."""

from __future__ import annotations

from dataclasses import replace

from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.channel import Address
from core.messaging.intent import Intent


def moved_on(card: Card[Text], failed: Address) -> Card[Text]:
    """The same card, told by another way, with the reason why it comes there."""
    return replace(card, body=(*card.body, say("elsewhere.moved", channel=say(f"channel.{failed.channel}"))))


def lost(address: Address) -> Card[Text]:
    """Told on another channel, once: an address that was good reaches its person no more."""
    channel = say(f"channel.{address.channel}")
    return Card(
        say("elsewhere.lost", channel=channel),
        (say("elsewhere.lost_body"),),
        choices=(
            Choice(Intent("settings.link", {"channel": address.channel}), say("elsewhere.choice", channel=channel)),
        ),
    )
