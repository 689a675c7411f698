"""What is said to whom it belonged, and to those who decide. Pure."""

from __future__ import annotations

from core.community.removals.model import Told
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent

HUMAN = "human"
"""Those who decide are people; what is said to them goes the way of what is said to people, whatever module is on."""


def removed(told: Told) -> Card[Text]:
    """To its author: it is up no more, and why."""
    body = (say("removals.removed_body"),)
    return Card(say("removals.removed", name=told.name), body, (_reason(told),), (_choice(told, "object"),))


def which_objection(told: Told) -> Card[Text]:
    return Card(say("removals.why_object", name=told.name), (say("removals.why_object_body"),))


def nobody() -> Card[Text]:
    """To its author: who decides has never written to us, so that nothing would find them."""
    return Card(say("removals.nobody"), choices=(Choice(Intent(HUMAN), say("bot.choice.human")),))


def objected() -> Card[Text]:
    return Card(say("removals.objected"), (say("removals.objected_body"),))


def objection(told: Told, author: str, words: str) -> Card[Text]:
    """To those who decide: what its author says, as neighbours call him."""
    return Card(
        say("removals.objects", name=told.name),
        (say("removals.objects_body", author=author), literal(words), say("removals.objects_next")),
        (_reason(told),),
        (_choice(told, "lift"), _choice(told, "uphold")),
    )


def ruled(told: Told, lifted: bool) -> Card[Text]:
    """To its author."""
    how = "lifted" if lifted else "upheld"
    return Card(say(f"removals.{how}", name=told.name), (say(f"removals.{how}_body"),))


def decided(told: Told, lifted: bool) -> Card[Text]:
    """To the one who decided."""
    return Card(say("removals.you_lifted" if lifted else "removals.you_upheld", name=told.name))


def _reason(told: Told) -> Fact[Text]:
    return Fact(say("removals.fact.reason"), literal(told.reason), "reason")


def _choice(told: Told, do: str) -> Choice[Text]:
    return Choice(Intent(HUMAN, {**told.slots, "do": do}), say(f"removals.choice.{do}"))
