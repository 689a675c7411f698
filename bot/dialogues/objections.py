"""Talk about what was taken down: its author does not agree, and those who decide answer him. No module has to be on for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.turn import Step, Turn
from core.community.removals import cards, service
from core.community.removals.model import told_of
from core.kernel.errors import DomainError
from core.messaging.card import Card

MARK = "removal"
"""The slot, and the name in the state of a talk, by which such a one is known."""
_ASKED_AGAIN = frozenset({"removals.no_words", "community.long_text", "community.insulting"})


async def started(turn: Turn, slots: Mapping[str, Any]) -> Step:
    """`do` of our own choices: `object`, or `lift` and `uphold` of those who decide; whether he may is judged by the use case."""
    told, person = told_of(slots), turn.person.person_id
    if slots.get("do") != "object":
        return Step((await service.rule(turn.uow, person, told, lifts=slots.get("do") == "lift"),))
    question = await service.ask(turn.uow, person, told)
    return Step((question,), told.slots) if question else Step((cards.nobody(),))


async def said(turn: Turn, state: Mapping[str, Any]) -> Step:
    """What the author says; asked again, with the reason, where the words do not do."""
    try:
        card = await service.object_to(turn.uow, turn.person.person_id, told_of(state), turn.waiting.text)
    except DomainError as refusal:
        if refusal.text.key not in _ASKED_AGAIN:
            raise
        return Step((Card(refusal.text),), state)
    return Step((card,))
