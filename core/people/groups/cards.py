"""What is said in a group: never a name, a lot or an amount of anybody, and nothing to press."""

from __future__ import annotations

from core.kernel.text import Text, say
from core.messaging.card import Card, Fact
from core.people.groups.model import Tie


def joined() -> Card[Text]:
    """Who we are, and how the group is tied."""
    return Card(say("group.joined"), (say("group.untied"),))


def untied() -> Card[Text]:
    return Card(say("group.untied"))


def tied(tie: Tie) -> Card[Text]:
    languages = (Fact(say("welcome.fact.language"), say(f"language.{language}")) for language in tie.languages)
    return Card(say("group.tied", building=tie.building), (say("group.rules"),), tuple(languages))


def wrong_code() -> Card[Text]:
    return Card(say("group.wrong_code"))


def help_here() -> Card[Text]:
    return Card(say("group.help"), (say("group.help_more"),))


def written() -> Card[Text]:
    """The answer went to the person."""
    return Card(say("group.written"))


def privately() -> Card[Text]:
    """For somebody whom we do not know."""
    return Card(say("group.privately"))
