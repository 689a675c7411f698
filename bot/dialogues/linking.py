"""One person behind many addresses: which lead to him, how to add one, how to take one away, and how to tie a group to a building."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.turn import Step, Turn
from bot.ways import Way
from core.kernel.clock import local_day
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import Address
from core.messaging.intent import Intent
from core.people import cards, service
from core.people.codes.model import ASKED_LASTS
from core.people.groups import service as groups
from core.people.model import Place
from core.people.wishes import cards as wishes_cards
from core.people.wishes import service as wishes

MINUTES = int(ASKED_LASTS.total_seconds() // 60)


class Linking:
    """`channel`: the one to add. From our own choices also `unlink`, an address of that channel, and `group`, to tie one to a building."""

    name = "linking"
    version = 1
    module = ""
    intents = ("settings.link",)
    offers = (("settings.link", say("help.offer.settings.link")),)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        channel, handle = intent.slots.get("channel"), intent.slots.get("unlink")
        if handle is not None:
            return Step((await self._unlinked(turn, Address(str(channel), str(handle)), intent),))
        if "group" in intent.slots:
            return Step(await self._group(turn, intent, channel))
        if channel is None:
            return Step((await self._settings(turn),))
        return Step((await self._how(turn, str(channel)),))

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        return await self.start(turn, Intent("settings.link"))

    async def _settings(self, turn: Turn) -> Card[Text]:
        known = await service.addresses(turn.uow, turn.person)
        wanted = await wishes.wishes(turn.uow, turn.person.person_id)
        facts = wishes_cards.facts(wanted, local_day(turn.uow.now))
        card = cards.settings(turn.person, known, turn.waiting.address, turn.ways.channels, facts)
        ties = [_tie(place, None) for place in turn.places if place.manages] if turn.ways.groups else []
        language, *others = card.choices
        return Card(card.title, card.body, card.facts, (language, wishes_cards.more(), *others, *ties))

    async def _how(self, turn: Turn, channel: str) -> Card[Text]:
        way = turn.ways.by_channel.get(channel)
        if way is None:
            return _elsewhere(channel, turn.ways.channels)
        code = await service.ask_code(turn.uow, turn.person, channel)
        return Card(
            say("link.how", channel=say(f"channel.{channel}")),
            (way.say, say("link.code", minutes=MINUTES), say("link.secret")),
            _code(code, way.link),
        )

    async def _unlinked(self, turn: Turn, address: Address, intent: Intent) -> Card[Text]:
        """At once where another address remains that he writes from; after a question where none does."""
        known = {each.address: each for each in await service.addresses(turn.uow, turn.person)}
        here = turn.waiting.address
        if address not in known:
            return cards.not_linked(address)
        if here in known and not known[here].may_unlink(known[address], turn.uow.now):
            return cards.too_young(address)
        others = [each for each in known.values() if each.address != address]
        last = not any(each.last_used is not None or each.address == here for each in others)
        if last and "sure" not in intent.slots:
            return cards.the_last(address)
        stolen = "stolen" in intent.slots
        await service.unlink(turn.uow, turn.person, address, here, stolen=stolen)
        return cards.unlinked(address, stolen, last)

    async def _group(self, turn: Turn, intent: Intent, channel: str | None) -> tuple[Card[Text], ...]:
        """A code with which a group is tied, for each building of which he may speak."""
        places = [place for place in turn.places_for(intent) if place.manages]
        if not places:
            return (Card(say("group.not_yours"), choices=_to_others()),)
        channel = channel or turn.waiting.address.channel
        if channel not in turn.ways.groups:
            offered = tuple(_tie(place, each) for place in places for each in turn.ways.groups)
            return (Card(say("group.where" if offered else "group.nowhere"), choices=offered),)
        way = turn.ways.by_channel[channel]
        return tuple([await self._how_to_tie(turn, place, channel, way) for place in places])

    async def _how_to_tie(self, turn: Turn, place: Place, channel: str, way: Way) -> Card[Text]:
        code = await groups.invite(turn.uow, turn.person, place, channel)
        return Card(
            say("group.how", building=place.building.name, channel=say(f"channel.{channel}")),
            (say("group.code", minutes=MINUTES, where=way.where), say("group.rules")),
            _code(code, way.group_link),
        )


def _code(code: str, link: str | None) -> tuple[Fact[Text], ...]:
    facts = [Fact(say("link.fact.code"), literal(code), "code")]
    if link:
        facts.append(Fact(say("link.fact.link"), literal(link.replace("{code}", code)), "link"))
    return tuple(facts)


def _elsewhere(channel: str, channels: Sequence[str]) -> Card[Text]:
    """For a channel that this installation does not have."""
    choices = tuple(Choice(Intent("settings.link", {"channel": each}), cards.link_it(each)) for each in channels)
    what = say("link.these") if choices else say("link.none")
    return Card(say("link.not_here", channel=say(f"channel.{channel}")), (what,), choices=choices or _to_others())


def _tie(place: Place, channel: str | None) -> Choice[Text]:
    slots = {"group": True, "building": place.building.slug}
    if channel is None:
        return Choice(Intent("settings.link", slots), say("group.choice", building=place.building.name))
    label = say("group.choice_on", building=place.building.name, channel=say(f"channel.{channel}"))
    return Choice(Intent("settings.link", {**slots, "channel": channel}), label)


def _to_others() -> tuple[Choice[Text], ...]:
    return (Choice(Intent("human"), say("bot.choice.human")), Choice(Intent("help"), say("bot.choice.help")))
