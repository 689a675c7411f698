"""What is said about legal notices and the ways by which they come."""

from __future__ import annotations

from dataclasses import dataclass

from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import Address
from core.messaging.intent import Intent
from core.people.cards import named
from core.people.consents.model import fingerprint
from core.people.model import Person, Place

INTENT = "settings.notify"
"""No intent of its own: nobody accepts anything by words alone, but by the choice below the text."""


@dataclass(frozen=True, slots=True)
class Lawful:
    """The ways of what the law counts in one building: the addresses that a person accepted, his other ones, and whether a letter comes."""

    place: Place
    accepted: tuple[Address, ...]
    others: tuple[Address, ...]
    letter: bool


def way(lawful: Lawful) -> Text:
    """How legal notices of the building come to him now."""
    if lawful.accepted:
        return say("consent.way", address=named(lawful.accepted[0]))
    return say("consent.way_letter" if lawful.letter else "consent.way_none")


def ways(lawful: Lawful) -> Card[Text]:
    """How legal notices come to him, and what he may change about it."""
    slots = {"building": lawful.place.building.slug}
    choices = [
        Choice(Intent(INTENT, {**slots, **_slots(each)}), say("consent.choice.accept", address=named(each)))
        for each in lawful.others
    ]
    choices += [
        Choice(
            Intent(INTENT, {**slots, **_slots(each), "withdraw": True}),
            say("consent.choice.withdraw", address=named(each)),
        )
        for each in lawful.accepted
    ]
    return Card(
        say("consent.title", building=lawful.place.building.name),
        (way(lawful), say("consent.what")),
        tuple(Fact(say("consent.fact.accepted"), named(each)) for each in lawful.accepted),
        tuple(choices),
    )


def text(person: Person, place: Place, address: Address) -> Text:
    """What somebody says yes to. To change it means that whoever is asked says yes to something else; what was accepted stays as it was."""
    return say("consent.text", name=person.name, building=place.building.name, address=_exactly(address))


def question(place: Place, address: Address, words: str) -> Card[Text]:
    """The text in the words of its reader, and below it the choice that accepts this very text."""
    slots = {"building": place.building.slug, **_slots(address), "text": fingerprint(words)}
    return Card(
        say("consent.question"),
        (literal(words), say("consent.free")),
        choices=(
            Choice(Intent("cancel"), say("consent.choice.no")),
            Choice(Intent(INTENT, slots), say("consent.choice.yes")),
        ),
    )


def accepted(lawful: Lawful, address: Address) -> Card[Text]:
    return Card(
        say("consent.accepted", address=named(address), building=lawful.place.building.name),
        (say("consent.kept"),),
        choices=(
            Choice(
                Intent(INTENT, {"building": lawful.place.building.slug, **_slots(address), "withdraw": True}),
                say("consent.choice.withdraw", address=named(address)),
            ),
        ),
    )


def withdrawn(lawful: Lawful, address: Address) -> Card[Text]:
    """It is done, and how it comes now."""
    return Card(say("consent.withdrawn", address=named(address), building=lawful.place.building.name), (way(lawful),))


def _slots(address: Address) -> dict[str, str]:
    return {"consent": address.channel, "address": address.handle}


def _exactly(address: Address) -> Text:
    """An address without any doubt, be it a number."""
    return say("channel.named", channel=say(f"channel.{address.channel}"), handle=address.handle)
