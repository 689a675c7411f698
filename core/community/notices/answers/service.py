"""Use cases: write to the author of a note, and he back; neither learns where the other reads it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.community.neighbours import service as neighbours
from core.community.neighbours.model import Neighbour
from core.community.notices import service as notices
from core.community.notices import store as notes
from core.community.notices.answers import cards, store
from core.community.notices.model import Notice, words_of
from core.community.posts.insults import insulting
from core.database import UnitOfWork
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import Text
from core.messaging.card import Card
from core.messaging.kinds import ACCOUNT

MOST_A_DAY = 20
"""What one person may have passed on within a day."""
DAY = timedelta(days=1)
WRITERS = "notices:writers"


async def ask(uow: UnitOfWork, person: UUID, notice: UUID, to: UUID | None = None) -> Card[Text]:
    """What he wants to write: to the author, or as the author `to` somebody who wrote before. DomainError where he may not."""
    found, writer, reader = await _between(uow, person, notice, to)
    return cards.ask(found.title_in(writer.language), reader.called)


async def answer(uow: UnitOfWork, person: UUID, notice: UUID, words: str, to: UUID | None = None) -> Card[Text]:
    """Passes it on. What was written is kept nowhere but in what was told.

    DomainError: nobody to write to, nothing said or too much, an insult, or more than twenty a day.
    """
    words = words_of(words)
    if insulting(words):
        raise DomainError("community.insulting")
    found, writer, reader = await _between(uow, person, notice, to)
    await notes.lock(uow, WRITERS, person)
    if await store.count(uow, person, uow.now - DAY) >= MOST_A_DAY:
        raise DomainError("notices.many_answers", count=MOST_A_DAY)
    answer_id = new_id()
    await store.add(uow, answer_id, notice, person, reader.person)
    card = cards.passed_on(found, reader.language, person, writer.called, words)
    uow.tell(reader.person, card, ACCOUNT, key=f"notice:{notice}:answer:{answer_id}", building=found.building)
    return cards.sent(reader.called)


async def _between(uow: UnitOfWork, person: UUID, notice: UUID, to: UUID | None) -> tuple[Notice, Neighbour, Neighbour]:
    """The note, who writes and who is written to.

    What was begun goes on when the note is down or the module off, as long as both live there.
    """
    found = await notes.find(uow, notice)
    if found is None:
        raise DomainError("notices.gone")
    if person == found.author:
        if to is None:
            raise DomainError("notices.own_answer")
        if not await store.wrote(uow, notice, to, person):
            raise DomainError("notices.not_yours")
        reader = to
    else:
        reader = found.author
        if not await store.wrote(uow, notice, reader, person):
            await notices.standing_for(uow, person, notice)
    return found, await _here(uow, found, person), await _here(uow, found, reader)


async def _here(uow: UnitOfWork, notice: Notice, person: UUID) -> Neighbour:
    """DomainError for whoever lives there no more."""
    found = await neighbours.neighbour(uow, notice.building, person)
    if found is None:
        raise DomainError("notices.moved_out")
    return found
