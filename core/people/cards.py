"""What is said about people and the ways to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Fact
from core.people.model import Person, Place


@dataclass(frozen=True, slots=True)
class Linked:
    """A person whose address was just tied to him: his buildings, and his lots in each."""

    person: Person
    lots: Sequence[tuple[str, str]]


def linked(done: Linked) -> Card[Text]:
    """Shows back whom the address leads to now."""
    facts = [
        Fact(literal(building), say("welcome.lots", lots=lots) if lots else say("welcome.no_lot"))
        for building, lots in done.lots
    ]
    facts.append(Fact(say("welcome.fact.language"), say(f"language.{done.person.language}")))
    return Card(say("welcome.linked", name=done.person.name), (say("welcome.linked_body"),), tuple(facts))


def passed_on(sender: Person, place: Place, text: str) -> Card[Text]:
    """What somebody asked to be passed on to the syndic or the council."""
    return Card(
        say("human.message_title", name=sender.name),
        (say("human.message_from", building=place.building.name), literal(text)),
    )
