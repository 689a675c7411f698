"""How to find a neighbour with whom something was agreed. Pure."""

from __future__ import annotations

from core.community.neighbours.model import Contact
from core.kernel.text import Text, literal, say
from core.messaging.card import Fact


def found_at(contact: Contact | None) -> tuple[Fact[Text], ...]:
    """His name, where to ring and what to dial, as far as they are known; nothing of somebody who is gone."""
    if contact is None:
        return ()
    return (Fact(say("neighbours.fact.name"), literal(contact.name)), *reached_at(contact))


def reached_at(contact: Contact | None) -> tuple[Fact[Text], ...]:
    """The same without his name, which the card says already."""
    if contact is None:
        return ()
    lots = say("neighbours.fact.lot") if len(contact.lots) == 1 else say("neighbours.fact.lots")
    facts = (
        (lots, ", ".join(contact.lots)),
        (say("neighbours.fact.phone"), contact.phone),
    )
    return tuple(Fact(label, literal(value)) for label, value in facts if value)
