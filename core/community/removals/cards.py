"""What is said to whom it belonged. Pure."""

from __future__ import annotations

from core.community.removals.model import Removal
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Fact


def removed(removal: Removal) -> Card[Text]:
    """It is up no more, and why."""
    reason = Fact(say("removals.fact.reason"), literal(removal.reason), "reason")
    return Card(say("removals.removed", name=removal.name), (say("removals.removed_body"),), (reason,))
