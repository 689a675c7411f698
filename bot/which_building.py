"""Which of his buildings somebody means: the question with a button for each, and its answer by name, street, town or number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.turn import BRIEF, Step, Turn
from bot.understanding import picked
from bot.understanding.words import cleaned, listed, words
from core.buildings.model import Building
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent

ASK = "building"
"""What stands under `ask` in the state of a talk that waits for this."""
MOST_WORDS = 10
"""Words of an answer that names a building; more of them are a story."""
BEGINNING = 4
"""Letters of the beginning of a name that are enough: `tilleul` for `Les Tilleuls`."""
_SMALL = listed(
    "le la les l un une de du des d au aux a et en ou pour chez dans sur c est ce celui celle j ai je suis "
    "het een van der den dat is in op aan bij voor ik die te "
    "das ein eine dem im am an auf zu zum zur fur ich es "
    "the of at on for it s i one and "
    "residence residentie residenz immeuble batiment gebouw building gebaude haus huis house blok bloc block "
    "rue avenue av chaussee boulevard bd place quai dreve straat laan steenweg plein kaai strasse str platz allee street road"
)
"""Words that many buildings and streets share, and those that only join others."""
_NOT = listed("pas non ni niet geen nee nicht kein nein not no neither")


def question(turn: Turn, intent: Intent, buildings: Sequence[Building]) -> Step:
    """Asks for which of them something is. The choices are the same intent with the building in its slots."""
    card = Card(say("modules.which_building"), choices=choices(intent, buildings))
    return Step((card,), waits(turn, intent, buildings))


def choices(intent: Intent, buildings: Sequence[Building]) -> tuple[Choice[Text], ...]:
    return tuple(Choice(_for(intent, each.slug), literal(each.name)) for each in buildings)


def waits(turn: Turn, intent: Intent, buildings: Sequence[Building]) -> Mapping[str, Any]:
    """The state of a talk in which that was asked, with what had been said."""
    offered = [each.slug for each in buildings]
    asked = {"intent": intent.name, "slots": dict(intent.slots), "said": turn.waiting.text}
    return {"ask": ASK, "offered": offered, **asked, **BRIEF}


def asked(state: Mapping[str, Any]) -> bool:
    return state.get("ask") == ASK and "offered" in state


def answered(turn: Turn, state: Mapping[str, Any]) -> Intent | None:
    """What is wanted, for the building that a message names; None where it names none of those asked about, or several."""
    offered = _offered(turn, state)
    number = picked(turn.waiting.text)
    by_number = dict(enumerate(offered, 1))
    meant = named(turn.waiting.text, offered) if number is None else by_number.get(number)
    return _for(Intent(state["intent"], state["slots"]), meant.slug) if meant else None


def as_said(turn: Turn, state: Mapping[str, Any]) -> None:
    """The turn is that of the words for which the building was asked."""
    turn.waiting = replace(turn.waiting, content={**turn.waiting.content, "text": state["said"]})


def asked_again(turn: Turn, state: Mapping[str, Any]) -> Step:
    buttons = choices(Intent(state["intent"], state["slots"]), _offered(turn, state))
    return Step((Card(say("modules.which_building"), (say("modules.which_building.again"),), choices=buttons),), state)


def named(text: str, buildings: Sequence[Building]) -> Building | None:
    """The one of which most is said, by its name, street or town; None where that is none, or more than one."""
    said = [word.plain for word in words(cleaned(text))]
    if not said or len(said) > MOST_WORDS or not _NOT.isdisjoint(said):
        return None
    telling = set(said) - _SMALL or {word for word in said if len(word) >= BEGINNING}
    counts = [sum(_worth(word, each) for word in telling) for each in buildings]
    best = max(counts, default=0)
    found = [each for each, count in zip(buildings, counts, strict=True) if count == best]
    return found[0] if best and len(found) == 1 else None


def _offered(turn: Turn, state: Mapping[str, Any]) -> list[Building]:
    """Those that were asked about, in the order of their numbers, and are his still."""
    here = {place.building.slug: place.building for place in turn.places}
    return [here[slug] for slug in state["offered"] if slug in here]


def _for(intent: Intent, slug: str) -> Intent:
    return Intent(intent.name, {**intent.slots, "building": slug})


def _worth(word: str, building: Building) -> int:
    """A word of the name is worth more than one of the address: many a building is called after the street of others."""
    if any(_alike(word, part) for part in _parts(building.name)):
        return 2
    return int(any(_alike(word, part) for part in _parts(f"{building.address} {building.city}")))


def _parts(text: str) -> frozenset[str]:
    return frozenset(word.plain for word in words(cleaned(text)))


def _alike(said: str, part: str) -> bool:
    return (
        said == part
        or (len(said) >= BEGINNING and part.startswith(said))
        or (len(part) >= BEGINNING and said == f"{part}s")
    )
