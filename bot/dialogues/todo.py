"""What waits for me, and what neighbours did together: two lists across everything, which `help` offers."""

from __future__ import annotations

from bot.turn import Step, Turn
from core.bulletin.agenda import cards as agenda_cards
from core.bulletin.agenda import service as agenda
from core.bulletin.agenda.cards import AGENDA
from core.bulletin.impact import cards as impact_cards
from core.bulletin.impact import service as impact
from core.bulletin.impact.cards import IMPACT
from core.kernel.text import Text
from core.messaging.card import Choice
from core.messaging.intent import Intent
from core.people.model import Place

DECIDED = ("loan", "exchange", "answer", "ask", "gift")
"""What of the list is opened before it is decided."""


def offers(turn: Turn, others: tuple[Choice[Text], ...]) -> tuple[Choice[Text], ...]:
    """What is offered, `others` among it: the list first, to whoever has a place in a building; to the council what came of it all, last."""
    first = (agenda_cards.to_the_list(),) if turn.places else ()
    last = (impact_cards.to_the_figures(),) if _managed(turn) else ()
    return (*first, *others, *last)


async def answer(turn: Turn, intent: Intent) -> Step | None:
    """None where it is about something else."""
    about, slots = intent.slots.get("about"), intent.slots
    if about == AGENDA and any(name in slots for name in DECIDED):
        return Step(await agenda.opened(turn.uow, turn.person.person_id, slots))
    if about == AGENDA:
        return Step((await agenda.todo(turn.uow, turn.person, turn.places_for(intent)),))
    if about == IMPACT and (places := _managed(turn)):
        return Step(tuple([await impact.of_building(turn.uow, place.known) for place in places]))
    return None


def _managed(turn: Turn) -> list[Place]:
    """Where he sits on the council, or is the syndic."""
    return [place for place in turn.places if place.manages]
