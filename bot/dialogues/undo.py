"""What somebody put up last is taken back, for a quarter of an hour.

A folder whose use cases call `posts.post` says how by a function in its service: `take_back(uow, person, subject) -> Card[Text]`, which
gives what he is answered, and raises DomainError where it binds somebody already. One line in `TAKEN_BACK` for each of its kinds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from bot.turn import Step, Turn
from core.community.bazaar import service as bazaar
from core.community.bazaar.seeks import service as seeks
from core.community.loans import service as loans
from core.community.loans.things import service as things
from core.community.notices import service as notices
from core.community.posts import service as posts
from core.community.sel import service as sel
from core.community.skills import service as skills
from core.database import UnitOfWork
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent
from core.tickets import service as tickets

TakeBack = Callable[[UnitOfWork, UUID, UUID], Awaitable[Card[Text]]]
TAKEN_BACK: dict[str, TakeBack] = {
    things.POST: loans.take_back,
    loans.POST: loans.take_back,
    **dict.fromkeys(sel.POSTS, sel.take_back),
    notices.POST: notices.take_back,
    tickets.POST: tickets.take_back,
    bazaar.POST: bazaar.take_back,
    bazaar.BID: bazaar.take_bid_back,
    seeks.POST: seeks.take_back,
    skills.POST: skills.take_back,
    skills.ASK: skills.take_ask_back,
}
"""By the kind of a post. What is of another kind cannot be taken back."""


class Undo:
    """Takes back what one put up last."""

    name = "undo"
    version = 1
    module = ""
    intents = ("undo",)
    offers = ()

    async def start(self, turn: Turn, intent: Intent) -> Step:
        last = await posts.last(turn.uow, turn.person.person_id)
        take_back = TAKEN_BACK.get(last.kind) if last is not None else None
        if last is None or take_back is None:
            choices = (Choice(Intent("help"), say("bot.choice.help")),)
            return Step((Card(say("help.undo"), (say("help.undo_body"),), choices=choices),))
        card = await take_back(turn.uow, turn.person.person_id, last.subject)
        await posts.undone(turn.uow, last.subject)
        return Step((card,))

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        return await self.start(turn, Intent("undo"))
