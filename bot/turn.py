"""A turn of a talk: what a dialogue knows when it is asked, and what it answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

from bot.ways import NOWHERE, Ways
from core.database import UnitOfWork
from core.documents.service import Shelf
from core.inbox.model import Waiting
from core.kernel.i18n import Catalogues
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.intent import Intent
from core.people.model import Person, Place

NO_WORDS: Catalogues = MappingProxyType({})
PATIENCE = timedelta(hours=2)
"""For how long a dialogue waits for an answer to its question."""
BRIEF: Mapping[str, Any] = MappingProxyType({"brief": True})
"""In the state of a talk that waits for a thing, a name, a day, a number or a photo: whoever asks something else then is answered.

Without it, whatever is said is the answer: a message that is passed on, a note for the board. Where `answers` stand beside it, these
words are answers, be they what ends a talk elsewhere: `nothing`, in return for a bicycle. `about`: the intent for which it is asked; who
says it as a whole sentence (`I give away a bicycle`) is taken at that.
"""


@dataclass
class Turn:
    """One message of one person in one organisation. `language` is what he is answered in; a dialogue may change it.

    `pressed`: the delivery whose choice this is. `shelf`: where the files lie that came along; None where there is none.
    """

    uow: UnitOfWork
    person: Person
    places: tuple[Place, ...]
    waiting: Waiting
    language: str
    dialogues: Sequence[Dialogue]
    ways: Ways = NOWHERE
    catalogues: Catalogues = field(default_factory=lambda: NO_WORDS)
    pressed: UUID | None = None
    shelf: Shelf | None = None

    def words(self, text: Text) -> str:
        """A text as this person reads it, for what has to be kept word by word."""
        return self.catalogues[self.language](text)

    def places_for(self, intent: Intent) -> tuple[Place, ...]:
        """The buildings that an intent is about: the one that it names, else all of the person's."""
        slug = intent.slots.get("building")
        return tuple(place for place in self.places if slug in (None, place.building.slug))


@dataclass(frozen=True, slots=True)
class Step:
    """What a dialogue says, and whether it waits for an answer. `wait`: its state until then; None ends the talk."""

    say: tuple[Card[Text], ...]
    wait: Mapping[str, Any] | None = field(default=None)


class Dialogue(Protocol):
    """A form: it fills slots from what was said, asks for what is missing, confirms what binds, and calls a use case.

    `version` is that of its state: a stored one of another version ends politely. `offers`: what `help` shows of it. `module`: the name
    of the module that has to be on for it; "": it is always there.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def intents(self) -> tuple[str, ...]: ...

    @property
    def module(self) -> str: ...

    @property
    def offers(self) -> tuple[tuple[str, Text], ...]: ...

    async def start(self, turn: Turn, intent: Intent) -> Step: ...

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step: ...
