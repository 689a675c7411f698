"""Groups: we answer only when we are addressed, show nothing about anybody, and write to each person privately."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import UUID

from bot.understanding import Understanding, picked
from core.database import STRANGERS, UnitOfWork
from core.inbox import service as inbox
from core.inbox.model import Waiting
from core.inbox.service import Speaker
from core.kernel.clock import local_day
from core.kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.channel import Room
from core.messaging.delivery import Reader
from core.messaging.kinds import ANSWER
from core.people import service as people
from core.people.codes.model import TooManyTries, code_in, surely
from core.people.groups import cards, service
from core.people.groups.model import Tie

HERE = {"help": cards.help_here(), "greet": cards.help_here(), "thanks": Card(say("help.thanks"))}
"""What is answered in the group itself: the same whoever asks."""
NOT_PRIVATE = ("room", "thread", "in_reply_to", "choice", "start")
"""What of a message of a group means nothing in the private talk with its sender."""

Speak = Callable[[UnitOfWork, Waiting, Speaker], Awaitable[object]]
"""Answers somebody whom we know, privately."""


class Groups:
    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    async def turn(
        self, uow: UnitOfWork, waiting: Waiting, room: Room, persons: Sequence[tuple[UUID, UUID]], speak: Speak
    ) -> None:
        """What happened in a room: we were taken in, put out, or addressed. `persons`: whom the sender's address leads to."""
        if waiting.kind == "gone":
            await service.left(uow, room)
        elif waiting.kind == "joined":
            await self._explain(uow, waiting, room, persons, cards.joined())
        elif waiting.addressed and not waiting.choice:
            # Nothing that we say in a room can be pressed: a choice there is none of ours.
            await self._addressed(uow, waiting, room, persons, speak)

    async def _addressed(
        self, uow: UnitOfWork, waiting: Waiting, room: Room, persons: Sequence[tuple[UUID, UUID]], speak: Speak
    ) -> None:
        code = code_in(waiting.start or waiting.text)
        if code is not None and await self._code(uow, waiting, room, persons, code):
            return
        tie = await service.tied(uow, room)
        if tie is None:
            await self._explain(uow, waiting, room, persons, cards.untied())
            return
        person = next((person for organisation, person in persons if organisation == tie.organisation), None)
        speaker = await self._neighbour(uow, waiting, tie, person) if person else None
        if speaker is None:
            # Once a day is enough for somebody whom we cannot write to.
            key = f"privately:{room.channel}:{room.handle}:{waiting.address.handle}:{local_day(uow.now)}"
            _tell(uow, room, cards.privately(), tie.languages[0], key)
            return
        await self._answered(uow, waiting, room, speaker, speak)

    async def _explain(
        self, uow: UnitOfWork, waiting: Waiting, room: Room, persons: Sequence[tuple[UUID, UUID]], card: Card[Text]
    ) -> None:
        """How the group is tied: once, and once more after each tie that has ended."""
        language = await self._language(uow, waiting, persons)
        key = f"untied:{room.channel}:{room.handle}:{await service.ties(uow, room)}"
        _tell(uow, room, card, language, key)

    async def _answered(self, uow: UnitOfWork, waiting: Waiting, room: Room, speaker: Speaker, speak: Speak) -> None:
        if speaker.talk is not None:
            # A talk in private goes on there: what is said in the group is no answer in it.
            await inbox.keep_talk(uow, speaker.talk)
        language, key = speaker.person.language, f"room:{waiting.inbound_id}"
        reading = self._understanding.read(waiting.text, language=language, today=local_day(uow.now))
        here = HERE.get(reading.intent.name)
        if here is not None:
            _tell(uow, room, here, language, key, waiting.thread)
            return
        private = {name: value for name, value in waiting.content.items() if name not in NOT_PRIVATE}
        if picked(waiting.text) is not None:
            # A number means a choice of a card, and there is no card in the group.
            private["text"] = ""
        await speak(uow, replace(waiting, content=private), replace(speaker, talk=None))
        _tell(uow, room, cards.written(), language, key, waiting.thread)

    async def _code(
        self, uow: UnitOfWork, waiting: Waiting, room: Room, persons: Sequence[tuple[UUID, UUID]], code: str
    ) -> bool:
        """Ties the group by the code that was written in it. False where it was none: it may be a word."""
        try:
            tie = await service.redeem(uow, code, room, waiting.address)
        except TooManyTries as refusal:
            card = Card(refusal.text)
        else:
            card = cards.tied(tie) if tie is not None else cards.wrong_code()
            if tie is None and not waiting.start and not surely(code):
                return False
        _tell(
            uow,
            room,
            card,
            await self._language(uow, waiting, persons),
            f"room:{waiting.inbound_id}",
            waiting.thread,
        )
        return True

    async def _neighbour(self, uow: UnitOfWork, waiting: Waiting, tie: Tie, person: UUID) -> Speaker | None:
        """Who is addressing us, and his place in the building of the group; None for somebody who has none there."""
        speaker = await inbox.speaker(uow, person, waiting.address)
        if speaker is None:
            return None
        places = tuple(place for place in speaker.places if place.known.building_id == tie.building_id)
        if not places:
            if speaker.talk is not None:
                await inbox.keep_talk(uow, speaker.talk)
            return None
        return replace(speaker, places=places)

    async def _language(self, uow: UnitOfWork, waiting: Waiting, persons: Sequence[tuple[UUID, UUID]]) -> str:
        """In which language to speak in a group that belongs to no building: its member's own, else what he seems to write."""
        for organisation, person_id in persons[:1]:
            await uow.enter(organisation)
            person = await people.person(uow, person_id)
            await uow.enter(STRANGERS)
            if person is not None:
                return person.language
        guessed = self._understanding.read(waiting.text, language=None, today=local_day(uow.now)).language
        return next((each for each in (waiting.language, guessed) if each in LANGUAGES), None) or DEFAULT_LANGUAGE


def _tell(uow: UnitOfWork, room: Room, card: Card[Text], language: str, key: str, reply_to: str | None = None) -> None:
    """Something for all in a room to read."""
    uow.tell(room, card, ANSWER, key=key, reply_to=reply_to, reader=Reader(None, language))
