"""Legal notices: the ways by which they come, a channel accepted for them, that taken back. Reached by choices of `settings.notify` only."""

from __future__ import annotations

from bot.turn import Turn
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.channel import Address
from core.messaging.intent import Intent
from core.people.consents import cards, service
from core.people.consents.model import fingerprint
from core.people.model import Place

INTENT = cards.INTENT


def about(places: tuple[Place, ...]) -> tuple[Choice[Text], ...]:
    """A choice for each building in which the law has something to tell him: he owns there."""
    return tuple(
        Choice(
            Intent(INTENT, {"legal": True, "building": place.building.slug}),
            say("consent.choice.about", building=place.building.name),
        )
        for place in places
        if place.owns_today
    )


async def remaining(turn: Turn) -> tuple[Text, ...]:
    """What is told whatever he stops, and by which way: for each of his buildings."""
    places = [place for place in turn.places if place.owns_today]
    if not places:
        return (say("notify.remains"),)
    ways = [
        say(
            "notify.remains_law",
            building=place.building.name,
            way=cards.way(await service.lawful(turn.uow, turn.person, place)),
        )
        for place in places
    ]
    return (*ways, say("notify.remains"))


async def answer(turn: Turn, intent: Intent) -> tuple[Card[Text], ...]:
    """`legal`: the ways. `consent` and `address`: which channel it is about; with `text`, the hash of what was read, it is accepted,
    with `withdraw` taken back, with neither asked."""
    places = [place for place in turn.places_for(intent) if place.owns_today]
    if "consent" not in intent.slots:
        shown = [cards.ways(await service.lawful(turn.uow, turn.person, place)) for place in places]
        return tuple(shown) or (Card(say("consent.not_yours")),)
    if len(places) != 1:
        return (Card(say("consent.not_yours")),)
    place = places[0]
    address = Address(str(intent.slots["consent"]), str(intent.slots.get("address", "")))
    if turn.pressed is None:
        # By words alone nobody accepts, nor takes back, anything.
        return (cards.ways(await service.lawful(turn.uow, turn.person, place)),)
    if "withdraw" in intent.slots:
        done = await service.withdraw(turn.uow, turn.person, place, address, turn.pressed)
        return (cards.withdrawn(done, address),)
    words = turn.words(cards.text(turn.person, place, address))
    if intent.slots.get("text") != fingerprint(words):
        return (cards.question(place, address, words),)
    done = await service.accept(turn.uow, turn.person, place, address, words, turn.pressed)
    return (cards.accepted(done, address),)
