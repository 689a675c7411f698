"""What is said about what somebody is told, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent
from core.messaging.kinds import KINDS
from core.messaging.preferences import Preferences, Rhythm

INTENT = "settings.notify"


def shown(
    title: Text, wishes: Preferences, channels: Sequence[str], today: date, remains: Sequence[Text] = ()
) -> Card[Text]:
    """What is set, and what can be changed. `channels`: those by which he can be told things; `remains`: what is told after a stop."""
    return Card(title, tuple(remains), tuple(facts(wishes, today)), tuple(_choices(wishes, channels, today)))


def facts(wishes: Preferences, today: date) -> list[Fact[Text]]:
    """All that is set, a line each; what was never said stands as it is by default."""
    found = [Fact(say("notify.fact.quiet"), _quiet(wishes)), Fact(say("notify.fact.rhythm"), _rhythm(wishes.rhythm))]
    if wishes.stopped:
        found.insert(0, Fact(say("notify.fact.stopped"), say("notify.yes")))
    for kind, channels in sorted(wishes.only.items()):
        label = say("notify.fact.only_for", kind=say(f"kind.{kind}")) if kind else say("notify.fact.only")
        found += [Fact(label, say(f"channel.{channel}")) for channel in sorted(channels)]
    found += [Fact(say("notify.fact.off"), say(f"kind.{kind}")) for kind in sorted(wishes.off & set(KINDS))]
    if wishes.away is not None and wishes.away >= today:
        found.append(Fact(say("notify.fact.away"), literal(wishes.away)))
    return found


def kinds(wishes: Preferences) -> Card[Text]:
    """What may be switched off, each with a button."""
    return Card(say("notify.kinds"), (say("notify.kinds_body"),), choices=tuple(_switches(wishes)))


def switched(wishes: Preferences, remains: Sequence[Text]) -> Card[Text]:
    """One more is off, or on again; and the others."""
    return Card(say("notify.done"), tuple(remains), choices=(*_switches(wishes), more()))


def stopped(remains: Sequence[Text]) -> Card[Text]:
    return Card(say("notify.stopped"), (say("notify.stopped_body"), *remains), choices=(_again(), more()))


def more() -> Choice[Text]:
    """The way to all that can be set."""
    return Choice(Intent(INTENT, {"do": "show"}), say("help.offer.settings.notify"))


def stop() -> Choice[Text]:
    return Choice(Intent(INTENT, {"do": "stop"}), say("notify.choice.stop"))


def _again() -> Choice[Text]:
    return Choice(Intent(INTENT, {"do": "start"}), say("notify.choice.start"))


def _choices(wishes: Preferences, channels: Sequence[str], today: date) -> list[Choice[Text]]:
    if wishes.stopped:
        return [_again()]
    choices = [Choice(Intent(INTENT, {"do": "hours"}), say("notify.choice.hours"))]
    choices += [
        Choice(Intent(INTENT, {"do": "rhythm", "value": rhythm.value}), say(f"notify.choice.{rhythm.value}"))
        for rhythm in Rhythm
        if rhythm is not wishes.rhythm
    ]
    allowed = wishes.only.get("")
    if len(channels) > 1:
        choices += [
            Choice(
                Intent(INTENT, {"do": "only", "value": channel}),
                say("notify.choice.only", channel=say(f"channel.{channel}")),
            )
            for channel in channels
            if allowed != frozenset({channel})
        ]
    if allowed is not None:
        choices.append(Choice(Intent(INTENT, {"do": "only", "value": ""}), say("notify.choice.any")))
    choices.append(Choice(Intent(INTENT, {"do": "kinds"}), say("notify.choice.kinds")))
    away = wishes.away is not None and wishes.away >= today
    choices.append(Choice(Intent(INTENT, {"do": "back" if away else "away"}), _away(away)))
    return [*choices, stop()]


def _away(away: bool) -> Text:
    return say("notify.choice.back") if away else say("notify.choice.away")


def _switches(wishes: Preferences) -> list[Choice[Text]]:
    return [
        Choice(
            Intent(INTENT, {"do": "on" if kind.name in wishes.off else "off", "value": kind.name}),
            say("notify.choice.on" if kind.name in wishes.off else "notify.choice.off", kind=say(f"kind.{kind.name}")),
        )
        for kind in KINDS.values()
        if kind.may_stop
    ]


def _quiet(wishes: Preferences) -> Text:
    begin, end = (each.isoformat("minutes") for each in (wishes.quiet.begin, wishes.quiet.end))
    return say("notify.quiet", begin=begin, end=end) if begin != end else say("notify.no_quiet")


def _rhythm(rhythm: Rhythm) -> Text:
    return say(f"notify.rhythm.{rhythm.value}")
