"""The concierge: turns what arrived into a person, an intent or the next step of a talk, and has it answered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.dialogues import welcome
from bot.registry import BY_INTENT, BY_NAME, DIALOGUES, OFFERED
from bot.trace import trace
from bot.turn import PATIENCE, Step, Turn
from bot.understanding import Understanding, command, picked
from core.database import STRANGERS, Busy, Database, UnitOfWork
from core.inbox import service as inbox
from core.inbox.model import Waiting
from core.inbox.service import Speaker
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES
from core.kernel.periods import CALENDAR_YEAR
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.channel import Address
from core.messaging.conversation import Conversation
from core.messaging.delivery import ANSWER, Claimed, Reader
from core.messaging.intent import Intent
from core.outbox import service as outbox
from core.people import service as people

logger = logging.getLogger(__name__)

LIKELY = ("charges.owed", "charges.pay", "help")
"""What is offered where nothing likely was found in what somebody wrote."""
BREAKS_OFF = ("cancel", "help", "human")
"""What ends a talk that waits for free text."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One message answered: what this process is to send, and the choice that was pressed, in which delivery.

    `more`: another message waits at the address.
    """

    deliveries: Sequence[Claimed]
    pressed: tuple[UUID, UUID, Intent] | None = None
    more: bool = False


class Concierge:
    """Answers the message that has waited longest at an address, in one transaction with all that it changes.

    `building`: speak of that building only, where a caller has chosen one.
    """

    def __init__(self, database: Database, understanding: Understanding, building: str | None = None) -> None:
        self._database, self._understanding, self._building = database, understanding, building

    async def answer_next(self, address: Address) -> Answered | None:
        """None where nothing waits at the address. What fails is set aside, and an apology with its number is the answer."""
        waiting: Waiting | None = None
        try:
            async with self._database.work() as uow:
                found = await inbox.next_at(uow, address)
                if found is None:
                    return None
                waiting, persons = found
                pressed = await self._answer(uow, waiting, persons)
                await inbox.answered(uow, waiting)
                await uow.commit()
                return Answered(uow.claimed, pressed, waiting.more)
        except (Busy, OSError):
            raise
        except Exception as error:
            if waiting is None:
                raise
            return await self._apologise(waiting, error)

    async def _answer(
        self, uow: UnitOfWork, waiting: Waiting, persons: Sequence[tuple[UUID, UUID]]
    ) -> tuple[UUID, UUID, Intent] | None:
        if waiting.kind == "gone":
            # Who puts us out of a group has not left us himself.
            for organisation, _ in persons if waiting.room is None else ():
                await uow.enter(organisation)
                await people.leave(uow, waiting.address)
            return None
        if waiting.kind != "message" or not waiting.addressed:
            return None
        if not persons:
            return await self._welcome(uow, waiting)
        if (code := welcome.code_in(waiting.start or waiting.text)) is not None:
            linked = await people.redeem(uow, code, waiting.address)
            if linked is not None:
                _tell(uow, waiting, welcome.greeting(linked), Reader(linked.person.person_id, linked.person.language))
                return None
        if waiting.choice and len(persons) > 1:
            # A choice was offered in one organisation; the others have nothing to say to it.
            persons = [each for each in persons if await self._offered(uow, waiting, *each)] or persons[:1]
        pressed = None
        for organisation, person in persons:
            await uow.enter(organisation)
            speaker = await inbox.speaker(uow, person, waiting.address)
            if speaker is not None:
                pressed = await self._speak(uow, waiting, speaker) or pressed
            await uow.flush()
        return pressed

    async def _speak(self, uow: UnitOfWork, waiting: Waiting, speaker: Speaker) -> tuple[UUID, UUID, Intent] | None:
        """One turn with somebody we know."""
        person, talk = speaker.person, speaker.talk
        places = tuple(place for place in speaker.places if self._building in (None, place.building.slug))
        turn = Turn(uow, person, places, waiting, person.language, DIALOGUES)
        chosen, delivery = await self._chosen(uow, waiting, person.person_id, talk)
        try:
            if chosen is not None:
                step, dialogue = await BY_INTENT[chosen.name].start(turn, chosen), BY_INTENT[chosen.name]
            elif talk is not None and not waiting.choice and not self._breaks_off(turn):
                step, dialogue = await self._resume(turn, talk), BY_NAME.get(talk.dialogue, BY_INTENT["help"])
            else:
                intent, likely = self._understood(turn)
                if intent is None:
                    step, dialogue = _not_understood(likely, bool(waiting.choice)), BY_INTENT["help"]
                else:
                    step, dialogue = await BY_INTENT[intent.name].start(turn, intent), BY_INTENT[intent.name]
        except DomainError as refusal:
            step, dialogue = Step((Card(refusal.text),)), BY_INTENT["help"]
        for place, card in enumerate(step.say):
            _tell(uow, waiting, card, Reader(person.person_id, turn.language), place)
        if step.wait is not None:
            await inbox.keep_talk(
                uow, Conversation(waiting.address, dialogue.name, step.wait, uow.now + PATIENCE, dialogue.version)
            )
        return (uow.organisation, delivery, chosen) if chosen is not None and delivery is not None else None

    async def _offered(self, uow: UnitOfWork, waiting: Waiting, organisation: UUID, person: UUID) -> bool:
        await uow.enter(organisation)
        return await outbox.choice_by_token(uow, waiting.choice or "", waiting.address, person) is not None

    async def _chosen(
        self, uow: UnitOfWork, waiting: Waiting, person: UUID | None, talk: Conversation | None
    ) -> tuple[Intent | None, UUID | None]:
        """The choice that was pressed, or named by its number on the last card."""
        found = None
        if waiting.choice:
            found = await outbox.choice_by_token(uow, waiting.choice, waiting.address, person)
        elif talk is None and (number := picked(waiting.text)) is not None:
            found = await outbox.choice_by_number(uow, waiting.address, number)
        return found or (None, None)

    def _breaks_off(self, turn: Turn) -> bool:
        """Whether a message ends the talk in progress: a command, or a short word for it."""
        text = turn.waiting.text
        if command(text) is not None:
            return True
        if len(text.split()) > 4:
            return False
        reading = self._understanding.read(text, language=turn.language, today=local_day(turn.waiting.at))
        return reading.intent.name in BREAKS_OFF

    async def _resume(self, turn: Turn, talk: Conversation) -> Step:
        dialogue = BY_NAME.get(talk.dialogue)
        if dialogue is None or dialogue.version != talk.version:
            return Step((Card(say("bot.talk_over"), choices=_choices(LIKELY)),))
        return await dialogue.resume(turn, talk.state)

    def _understood(self, turn: Turn) -> tuple[Intent | None, Sequence[str]]:
        """The intent of a message; None with what it might have been."""
        waiting = turn.waiting
        if waiting.start is not None:
            return Intent("help"), ()
        if waiting.choice or picked(waiting.text) is not None:
            return None, ()
        start = turn.places[0].building.financial_year_start if turn.places else CALENDAR_YEAR
        reading = self._understanding.read(
            waiting.text, language=turn.language, today=local_day(turn.uow.now), year_start=start
        )
        return (None, reading.likely) if reading.intent.name == "none" else (reading.intent, ())

    async def _welcome(self, uow: UnitOfWork, waiting: Waiting) -> tuple[UUID, UUID, Intent] | None:
        """One turn with a stranger."""
        talk = await inbox.talk_of(uow, waiting.address)
        pressed, delivery = await self._chosen(uow, waiting, None, None)
        guessed = None
        if waiting.text and not waiting.language and welcome.code_in(waiting.text) is None:
            guessed = self._understanding.read(waiting.text, language=None, today=local_day(uow.now)).language
        outcome = await welcome.welcome(uow, waiting, talk.state if talk else {}, pressed, guessed)
        person = outcome.person if isinstance(outcome, welcome.Known) else None
        if isinstance(outcome, welcome.Greeted):
            state = dict(outcome.state)
            await inbox.keep_talk(
                uow, Conversation(waiting.address, welcome.NAME, state, uow.now + welcome.PAUSE, welcome.VERSION)
            )
        _tell(uow, waiting, outcome.card, Reader(person, outcome.language))
        return (STRANGERS, delivery, pressed) if pressed is not None and delivery is not None else None

    async def _apologise(self, waiting: Waiting, error: Exception) -> Answered:
        reference = await inbox.set_aside(self._database, waiting, type(error).__name__)
        logger.error("a message failed and was set aside as %s\n%s", reference, trace(error))
        persons = await people.known_at(self._database, waiting.address)
        organisation, person_id = persons[0] if persons else (STRANGERS, None)
        async with self._database.work(organisation) as uow:
            person = await people.person(uow, person_id) if person_id else None
            language = (
                person.language if person else waiting.language if waiting.language in LANGUAGES else DEFAULT_LANGUAGE
            )
            uow.tell(
                waiting.address,
                Card(
                    say("bot.sorry"), (say("bot.sorry_body", reference=reference),), choices=_choices(("human", "help"))
                ),
                ANSWER,
                key=f"sorry:{waiting.inbound_id}",
                reader=Reader(person_id, language or DEFAULT_LANGUAGE),
            )
            await uow.commit()
            return Answered(uow.claimed, more=waiting.more)


def _tell(uow: UnitOfWork, waiting: Waiting, card: Card[Text], reader: Reader, place: int = 0) -> None:
    """The answer to a message, or one of several, to the address that asked."""
    uow.tell(waiting.address, card, ANSWER, key=f"answer:{waiting.inbound_id}:{place}", reader=reader)


def _not_understood(likely: Sequence[str], button: bool) -> Step:
    """A short, kind answer with three likely choices: of what exists, and can be offered in words."""
    offered = [intent for intent in likely if intent in OFFERED]
    offered += [intent for intent in LIKELY if intent not in offered]
    title = say("bot.unknown_button") if button else say("bot.not_understood")
    return Step((Card(title, (say("bot.perhaps"),), choices=_choices(offered[:3])),))


def _choices(intents: Sequence[str]) -> tuple[Choice[Text], ...]:
    labels = {"help": "bot.choice.help", "human": "bot.choice.human"}
    return tuple(Choice(Intent(intent), say(labels.get(intent, f"help.offer.{intent}"))) for intent in intents)
