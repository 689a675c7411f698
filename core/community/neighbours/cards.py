"""How to find a neighbour with whom something was agreed. Pure."""

from __future__ import annotations

from core.community.neighbours.model import Contact
from core.kernel.text import Text, literal, say
from core.messaging.card import Fact


def found_at(contact: Contact | None) -> tuple[Fact[Text], ...]:
    """His name, where to ring and what to dial, as far as they are known; nothing of somebody who is gone."""
    if contact is None:
        return ()
    facts = (
        (say("neighbours.fact.name"), contact.name),
        (say("neighbours.fact.lots"), contact.lots),
        (say("neighbours.fact.phone"), contact.phone),
    )
    return tuple(Fact(label, literal(value)) for label, value in facts if value)
