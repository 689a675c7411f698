"""What is said about people and the ways to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.kernel.clock import local_day
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.channel import Address
from core.messaging.intent import Intent
from core.people.model import OwnAddress, Person, Place


@dataclass(frozen=True, slots=True)
class Linked:
    """A person whose address was just tied to him: his buildings, and his lots in each."""

    person: Person
    lots: Sequence[tuple[str, str]]
    address: Address


def linked(done: Linked) -> Card[Text]:
    """Shows back whom the address leads to now."""
    facts = [
        Fact(literal(building), say("welcome.lots", lots=lots) if lots else say("welcome.no_lot"))
        for building, lots in done.lots
    ]
    facts.append(Fact(say("welcome.fact.language"), say(f"language.{done.person.language}")))
    facts.append(Fact(say("welcome.fact.address"), named(done.address)))
    return Card(say("welcome.linked", name=done.person.name), (say("welcome.linked_body"),), tuple(facts))


def was_it_you(address: Address) -> Card[Text]:
    """Told wherever else a person writes from: whoever has a code of his speaks for him from now on."""
    return Card(
        say("link.told", address=named(address)),
        (say("link.told_body"),),
        choices=(Choice(_unlink(address, stolen=True), say("link.choice.not_me")),),
    )


def settings(
    person: Person,
    addresses: Sequence[OwnAddress],
    here: Address,
    linkable: Sequence[str],
    wishes: Sequence[Fact[Text]] = (),
) -> Card[Text]:
    """How somebody is spoken to, by which addresses he is known and what he wants to be told; what he can change."""
    facts = [Fact(say("welcome.fact.language"), say(f"language.{person.language}"))]
    facts += [Fact(named(each.address), _last_used(each, here)) for each in addresses]
    facts += wishes
    choices = [Choice(Intent("settings.language"), say("help.offer.settings.language"))]
    choices += [Choice(Intent("settings.link", {"channel": name}), link_it(name)) for name in linkable]
    choices += [
        Choice(_unlink(each.address), say("link.choice.unlink", address=named(each.address))) for each in addresses
    ]
    return Card(say("settings.title"), (say("settings.body"),), tuple(facts), tuple(choices))


def unlinked(address: Address, stolen: bool, last: bool) -> Card[Text]:
    """It is done, and how to come back."""
    body = "stolen" if stolen else "last" if last else "back"
    return Card(
        say("link.unlinked", address=named(address)),
        (say(f"link.unlinked_{body}"),),
        choices=() if last else (Choice(Intent("settings.link"), say("help.offer.settings.link")),),
    )


def not_linked(address: Address) -> Card[Text]:
    return Card(say("link.not_linked", address=named(address)))


def too_young(address: Address) -> Card[Text]:
    """An address that was linked only now does not take the others away."""
    return Card(say("link.young", address=named(address)), (say("link.young_body"),))


def the_last(address: Address) -> Card[Text]:
    """What it means to unlink the only address that one writes from."""
    return Card(
        say("link.last", address=named(address)),
        (say("link.last_body"),),
        choices=(
            Choice(Intent("cancel"), say("link.choice.keep")),
            Choice(_unlink(address, sure=True), say("link.choice.sure")),
        ),
    )


def unlinked_there() -> Card[Text]:
    """For whoever is at an address that leads to nobody any more."""
    return Card(say("link.gone"), (say("link.gone_body"),))


def named(address: Address) -> Text:
    """An address as people know it: some wires give it a number that says nothing to them."""
    channel = say(f"channel.{address.channel}")
    return channel if address.handle.isdigit() else say("channel.named", channel=channel, handle=address.handle)


def link_it(channel: str) -> Text:
    return say("link.choice.link", channel=say(f"channel.{channel}"))


def passed_on(sender: Person, place: Place, text: str) -> Card[Text]:
    """What somebody asked to be passed on to the syndic or the council."""
    return Card(
        say("human.message_title", name=sender.name),
        (say("human.message_from", building=place.building.name), literal(text)),
    )


def _unlink(address: Address, **why: bool) -> Intent:
    return Intent("settings.link", {"channel": address.channel, "unlink": address.handle, **why})


def _last_used(own: OwnAddress, here: Address) -> Text:
    if own.address == here:
        return say("settings.here")
    if own.last_used is None:
        return say("settings.never_used")
    return say("settings.last_used", day=local_day(own.last_used))
