"""What these pages ask of the installation: which channels it has, how it is reached, and letters drawn. Filled in where it is wired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from aiohttp import web

from core.buildings.model import Building
from core.outbox.letter_texts.model import LetterTexts
from core.people.invitations.model import Invited, Way
from web_admin.pages import Visit


@dataclass(frozen=True, slots=True)
class Wire:
    """A channel as this installation has it. `needs`: the names of the settings that switch it on; `guides`: files of the handbook.

    `on_paper`: what it sends is printed and posted.
    """

    channel: str
    on: bool
    needs: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    on_paper: bool = False


class Installation(Protocol):
    def wires(self) -> Sequence[Wire]:
        """Every channel that there is, on or off."""

    async def ways(self) -> Sequence[Way]:
        """How residents reach us. A channel that does not tell at this moment who we are there is left out."""

    async def invitations(
        self, building: Building, given: Sequence[Invited], texts: Mapping[str, LetterTexts], day: date
    ) -> bytes:
        """One PDF with a letter for each, in his language. DomainError where it cannot be drawn. `texts`: by language."""

    async def specimen(self, building: Building, language: str, texts: LetterTexts, day: date) -> bytes:
        """A letter to nobody, as PDF, in which these texts stand. DomainError where it cannot be drawn."""


INSTALLATION: web.AppKey[Installation] = web.AppKey("installation", Installation)


def installation(visit: Visit) -> Installation:
    """404 where the pages were not told of theirs."""
    found = visit.request.config_dict.get(INSTALLATION)
    if found is None:
        raise web.HTTPNotFound
    return found
