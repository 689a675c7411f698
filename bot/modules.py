"""Which of a person's buildings a module of the neighbourhood is on in, and what is said where it is on in none."""

from __future__ import annotations

from bot import which_building
from bot.turn import Step, Turn
from core.buildings.model import Module
from core.community.neighbours.model import takes_part
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent
from core.modules import title
from core.people.model import Place


def places_with(turn: Turn, intent: Intent, module: Module) -> tuple[Place, ...]:
    """Where he is a neighbour today and the module is on: in the building that the intent names, else in all of his."""
    return tuple(
        place for place in turn.places_for(intent) if module.name in place.building.modules and takes_part(place)
    )


def place_with(turn: Turn, intent: Intent, module: Module) -> Place | Step:
    """The one building that something is about; else what is said instead: it is on in none of his, or which one he means."""
    found = places_with(turn, intent, module)
    if len(found) == 1:
        return found[0]
    if not found:
        return Step((off(turn, module),))
    return which_building.question(turn, intent, [place.building for place in found])


def off(turn: Turn, module: Module) -> Card[Text]:
    """The module is not on where he lives; who decides that, and whom to ask. Or he lives there no more, or looks after it only."""
    choices = (Choice(Intent("human"), say("bot.choice.human")), Choice(Intent("help"), say("bot.choice.help")))
    on = any(module.name in place.building.modules for place in turn.places)
    if on and not any(takes_part(place) for place in turn.places):
        return Card(say("modules.neighbours_only", module=title(module)), choices=choices)
    return Card(say("modules.off.title", module=title(module)), (say("modules.off.body"),), choices=choices)
