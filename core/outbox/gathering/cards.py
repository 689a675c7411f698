"""A card of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.kernel.text import Text, say
from core.messaging.card import Card


def gathered(parts: Sequence[Card[Text]], digest: bool) -> Card[Text]:
    """All that the parts say, in full: each title with its text and its facts, and all that can be chosen, with the title that it is about.

    The choices keep their tokens, so that each is still that of its own delivery; only they are numbered, on the card as a whole.
    """
    title = say("gathered.digest" if digest else "gathered.burst", count=len(parts))
    body: list[Text] = []
    for part in parts:
        body.append(say("gathered.part", title=part.title))
        body += part.body
        body += [say("gathered.fact", label=fact.label, value=fact.value) for fact in part.facts]
    choices = [
        replace(choice, label=say("gathered.choice", label=choice.label, title=part.title))
        for part in parts
        for choice in part.choices
    ]
    attachments = [attachment for part in parts for attachment in part.attachments]
    return Card(title, tuple(body), (), tuple(choices), tuple(attachments))
