"""The concierge: turns what arrived into a person, an intent or the next step of a talk, and has it answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from uuid import UUID

from bot import which_building
from bot.dialogues import only_when, welcome
from bot.dialogues.notes import about_own
from bot.groups import Groups
from bot.open_questions import FEW, breaks_off, stays_open
from bot.registry import BY_INTENT, BY_NAME, DIALOGUES, OFFERED
from bot.trace import trace
from bot.turn import NO_WORDS, PATIENCE, Step, Turn
from bot.understanding import Understanding, picked, picked_in_reply
from bot.ways import NOWHERE, Ways
from core.database import STRANGERS, Busy, Database, UnitOfWork
from core.documents.service import Shelf
from core.inbox import service as inbox
from core.inbox.model import Waiting
from core.inbox.service import Speaker
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES, Catalogues
from core.kernel.periods import CALENDAR_YEAR
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice
from core.messaging.channel import Address, Trust
from core.messaging.conversation import Conversation
from core.messaging.delivery import Claimed, Reader
from core.messaging.intent import Intent
from core.messaging.kinds import ANSWER
from core.outbox import service as outbox
from core.people import service as people
from core.people.codes.model import TooManyTries, code_in, surely
from core.tickets.words import danger_of

logger = logging.getLogger(__name__)

LIKELY = ("charges.owed", "charges.pay", "help")
"""What is offered where nothing likely was found in what somebody wrote."""
SURELY_NOTHING = 92
"""From how sure on, of 100, that somebody wants nothing of us no guess is made at what: the weather is no matter of the assembly."""

BINDING = frozenset({"assembly.vote", "assembly.proxy", "privacy.erase"})
BINDING_SLOTS = frozenset({("settings.notify", "consent")})
"""What nobody does by a mail whose sender is only likely: it takes the reply address of a delivery of ours."""
MOST_AN_HOUR, MOST_TO_A_STRANGER = 30, 3
"""Answers to an address that anybody can write in the sender's place: no loop runs on, and nobody is flooded through us."""
LONGEST_QUOTED = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """What a message may do for whom it names as its sender. `delivery`: the one that it answers."""

    acts: bool = True
    binds: bool = True
    delivery: UUID | None = None


class _Refused(Exception):
    """What somebody asked for was refused in an organisation, with this sentence."""

    def __init__(self, organisation: UUID, text: Text) -> None:
        super().__init__(text.key)
        self.organisation, self.text = organisation, text


NOTHING_REFUSED: Mapping[UUID, Text] = MappingProxyType({})

SURE = Standing()
"""Of a message whose wire vouches for its sender."""


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

    `building`: speak of that building only, where a caller has chosen one. `ways`: how else we are reached. `catalogues`: where what
    somebody accepts is kept word by word. `shelf`: where the files lie that people send along.
    """

    def __init__(
        self,
        database: Database,
        understanding: Understanding,
        building: str | None = None,
        ways: Ways = NOWHERE,
        catalogues: Catalogues = NO_WORDS,
        shelf: Shelf | None = None,
    ) -> None:
        self._shelf = shelf
        self._database, self._understanding, self._building, self._ways = database, understanding, building, ways
        self._catalogues = catalogues
        self._groups = Groups(understanding)

    async def answer_next(self, address: Address) -> Answered | None:
        """None where nothing waits at the address. What fails is set aside, and an apology with its number is the answer."""
        waiting: Waiting | None = None
        refused: dict[UUID, Text] = {}
        try:
            while True:
                try:
                    async with self._database.work() as uow:
                        found = await inbox.next_at(uow, address)
                        if found is None:
                            return None
                        waiting, persons = found
                        pressed = await self._answer(uow, waiting, persons, refused)
                        await inbox.answered(uow, waiting)
                        await uow.commit()
                        return Answered(uow.claimed, pressed, waiting.more)
                except _Refused as refusal:
                    # Whatever was done before it was refused is undone; the second time, nothing is tried but to say so.
                    if refusal.organisation in refused:
                        raise
                    refused[refusal.organisation] = refusal.text
        except (Busy, OSError):
            raise
        except Exception as error:
            if waiting is None:
                raise
            return await self._apologise(waiting, error)

    async def _answer(
        self,
        uow: UnitOfWork,
        waiting: Waiting,
        persons: Sequence[tuple[UUID, UUID]],
        refused: Mapping[UUID, Text],
    ) -> tuple[UUID, UUID, Intent] | None:
        if waiting.kind == "bounced":
            await self._bounced(uow, waiting)
            return None
        if waiting.kind == "seen":
            for organisation, _ in persons:
                await uow.enter(organisation)
                await outbox.seen(uow, waiting.address, waiting.content["wire_ref"], bool(waiting.content.get("up_to")))
            return None
        if (room := waiting.room) is not None:
            await self._groups.turn(uow, waiting, room, persons, partial(self._speak, refused=refused))
            return None
        if waiting.kind == "gone" and waiting.unsubscribes:
            await people.stop(uow, waiting.address)
            return None
        if waiting.kind == "gone":
            for organisation, _ in persons:
                await uow.enter(organisation)
                await people.leave(uow, waiting.address)
            return None
        if waiting.kind != "message" or not waiting.addressed:
            return None
        standing = Standing()
        if waiting.trust is not Trust.SURE:
            standing, persons = await self._judged(uow, waiting, persons)
        if not persons:
            return await self._welcome(uow, waiting, standing)
        code = code_in(waiting.start or waiting.text) if standing.acts else None
        if code is not None and await self._linked(uow, waiting, code, persons[0]):
            return None
        if waiting.choice and len(persons) > 1:
            # A choice was offered in one organisation; the others have nothing to say to it.
            persons = [each for each in persons if await self._offered(uow, waiting, *each)] or persons[:1]
        pressed = None
        for organisation, person in persons:
            await uow.enter(organisation)
            speaker = await inbox.speaker(uow, person, waiting.address)
            if speaker is not None:
                pressed = await self._speak(uow, waiting, speaker, standing, refused) or pressed
            await uow.flush()
        return pressed

    async def _linked(self, uow: UnitOfWork, waiting: Waiting, code: str, known: tuple[UUID, UUID]) -> bool:
        """A code that is sent by somebody whom we know already. False where it was none: it may be a word."""
        try:
            linked = await people.redeem(uow, code, waiting.address)
        except TooManyTries as refusal:
            wrong = refusal.text
        else:
            if linked is not None:
                _tell(uow, waiting, welcome.greeting(linked), Reader(linked.person.person_id, linked.person.language))
                return True
            wrong = say("welcome.wrong_code")
        if not waiting.start and not surely(code):
            return False
        organisation, person_id = known
        await uow.enter(organisation)
        person = await people.person(uow, person_id)
        reader = Reader(person_id, person.language if person else DEFAULT_LANGUAGE)
        _tell(uow, waiting, welcome.refused(wrong), reader)
        return True

    async def _judged(
        self, uow: UnitOfWork, waiting: Waiting, persons: Sequence[tuple[UUID, UUID]]
    ) -> tuple[Standing, Sequence[tuple[UUID, UUID]]]:
        """What a mail may do, and whom it speaks for. Its sender is only what it says; the reply address of a delivery is known to one."""
        answered = await outbox.answered_by(uow, waiting.token, waiting.address) if waiting.token else None
        if answered is None:
            return Standing(acts=waiting.trust is Trust.PASS, binds=False), persons
        return Standing(delivery=answered.delivery), [
            (organisation, person) for organisation, person in persons if organisation == answered.organisation
        ]

    async def _bounced(self, uow: UnitOfWork, waiting: Waiting) -> None:
        """A delivery came back. Only the key tells that it was ours: a bounce is as easily forged as any mail."""
        key, hard = waiting.content.get("key"), bool(waiting.content.get("hard"))
        if key:
            await outbox.bounced(uow, key, waiting.address, hard)

    async def _speak(
        self,
        uow: UnitOfWork,
        waiting: Waiting,
        speaker: Speaker,
        standing: Standing = SURE,
        refused: Mapping[UUID, Text] = NOTHING_REFUSED,
    ) -> tuple[UUID, UUID, Intent] | None:
        """One turn with somebody we know. `refused`: what was, in the organisations where it was tried already."""
        person, talk = speaker.person, speaker.talk
        places = tuple(place for place in speaker.places if self._building in (None, place.building.slug))
        turn = Turn(
            uow,
            person,
            places,
            waiting,
            person.language,
            DIALOGUES,
            self._ways,
            self._catalogues,
            shelf=self._shelf,
        )
        if waiting.trust is not Trust.SURE and await outbox.said_lately(uow, waiting.address) >= MOST_AN_HOUR:
            logger.warning("an address is answered no more within this hour")
            return None
        chosen, delivery = None, None
        if standing.acts:
            chosen, delivery = await self._chosen(uow, waiting, person.person_id, talk, standing)
            turn.pressed = delivery
        try:
            if (refusal := refused.get(uow.organisation)) is not None:
                step, dialogue = Step((Card(refusal),)), BY_INTENT["help"]
            elif not standing.acts:
                step, dialogue = self._asked_back(turn, self._understood(turn)[0]), BY_INTENT["help"]
                if talk is not None:
                    await inbox.keep_talk(uow, talk)
            elif chosen is not None and _binds(chosen) and not standing.binds:
                step, dialogue = self._asked_back(turn, chosen), BY_INTENT["help"]
            elif chosen is not None:
                step, dialogue = await BY_INTENT[chosen.name].start(turn, chosen), BY_INTENT[chosen.name]
            elif talk is not None and (meant := self._meant(turn, talk)) is not None:
                which_building.as_said(turn, talk.state)
                step, dialogue = await BY_INTENT[meant.name].start(turn, meant), BY_INTENT[meant.name]
            elif talk is not None and not waiting.choice and not breaks_off(self._understanding, turn, talk):
                step, dialogue = await self._resume(turn, talk), BY_NAME.get(talk.dialogue, BY_INTENT["help"])
            else:
                intent, likely = self._understood(turn)
                if intent is None:
                    step, dialogue = _not_understood(likely, bool(waiting.choice)), BY_INTENT["help"]
                elif _binds(intent) and not standing.binds:
                    step, dialogue = self._asked_back(turn, intent), BY_INTENT["help"]
                else:
                    step, dialogue = await BY_INTENT[intent.name].start(turn, intent), BY_INTENT[intent.name]
                    if talk is not None and stays_open(talk, intent):
                        await inbox.keep_talk(uow, talk)
        except DomainError as error:
            raise _Refused(uow.organisation, error.text) from error
        for place, card in enumerate(step.say):
            _tell(uow, waiting, card, Reader(person.person_id, turn.language), place)
        if step.wait is not None:
            await inbox.keep_talk(
                uow, Conversation(waiting.address, dialogue.name, step.wait, uow.now + PATIENCE, dialogue.version)
            )
        return (uow.organisation, delivery, chosen) if chosen is not None and delivery is not None else None

    def _asked_back(self, turn: Turn, intent: Intent | None) -> Step:
        """Asks at the address on file whether it was them: nothing is done, and nothing told, for whoever only says who he is."""
        return Step(
            (
                Card(
                    say("trust.title"),
                    (say("trust.body"), literal(turn.waiting.text[:LONGEST_QUOTED])),
                    choices=(
                        Choice(intent or Intent("help"), say("trust.mine")),
                        Choice(Intent("cancel"), say("trust.not_mine")),
                    ),
                ),
            )
        )

    async def _offered(self, uow: UnitOfWork, waiting: Waiting, organisation: UUID, person: UUID) -> bool:
        await uow.enter(organisation)
        return await outbox.choice_by_token(uow, waiting.choice or "", waiting.address, person) is not None

    async def _chosen(
        self,
        uow: UnitOfWork,
        waiting: Waiting,
        person: UUID | None,
        talk: Conversation | None,
        standing: Standing,
    ) -> tuple[Intent | None, UUID | None]:
        """The choice that was pressed, or named by its number: on the card that is answered, else on the last one."""
        found = None
        if (standing.delivery or waiting.in_reply_to) and (number := picked_in_reply(waiting.choice or waiting.text)):
            found = await outbox.choice_by_number(
                uow,
                waiting.address,
                number,
                delivery=standing.delivery,
                wire_ref=None if standing.delivery else waiting.in_reply_to,
            )
        if found is not None:
            return found
        if waiting.choice:
            found = await outbox.choice_by_token(uow, waiting.choice, waiting.address, person)
        elif talk is None and (number := picked(waiting.text)) is not None:
            found = await outbox.choice_by_number(uow, waiting.address, number)
        return found or (None, None)

    def _meant(self, turn: Turn, talk: Conversation) -> Intent | None:
        """What was wanted before it was asked for which building, where a message names that one, and wants nothing else of it."""
        if turn.waiting.choice or not which_building.asked(talk.state):
            return None
        meant, text = which_building.answered(turn, talk.state), turn.waiting.text
        if danger_of(text) and not danger_of(talk.state["said"]):
            return None
        short = len(text.split()) <= FEW or bool(danger_of(text))
        return meant if short or not breaks_off(self._understanding, turn, talk) else None

    async def _resume(self, turn: Turn, talk: Conversation) -> Step:
        dialogue = BY_NAME.get(talk.dialogue)
        if dialogue is None or dialogue.version != talk.version:
            return Step((Card(say("bot.talk_over"), choices=_choices(LIKELY)),))
        if which_building.asked(talk.state):
            return which_building.asked_again(turn, talk.state)
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
        if reading.intent.name != "none":
            return reading.intent, ()
        # Whoever cries fire is not asked what he means.
        if danger_of(waiting.text):
            return Intent("tickets.report"), ()
        if about_own(waiting.text):
            return Intent("notices.browse"), ()
        if reading.when is not None:
            return Intent("help", {"about": only_when.WHEN, "period": reading.when}), ()
        return None, reading.likely if reading.confidence < SURELY_NOTHING else ()

    async def _welcome(self, uow: UnitOfWork, waiting: Waiting, standing: Standing) -> tuple[UUID, UUID, Intent] | None:
        """One turn with a stranger. Nobody is written to in answer to a mail that is forged, nor again and again."""
        if waiting.trust is Trust.FAIL or (
            waiting.trust is not Trust.SURE
            and await outbox.said_lately(uow, waiting.address) >= MOST_TO_A_STRANGER
            and standing.delivery is None
        ):
            return None
        talk = await inbox.talk_of(uow, waiting.address)
        pressed, delivery = await self._chosen(uow, waiting, None, None, standing)
        guessed = None
        if waiting.text and not waiting.language and code_in(waiting.text) is None:
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
                reply_to=waiting.thread,
                reader=Reader(person_id, language or DEFAULT_LANGUAGE),
            )
            await uow.commit()
            return Answered(uow.claimed, more=waiting.more)


def _binds(intent: Intent) -> bool:
    """Whether it takes more than a likely sender: by what it is, or by what it says."""
    return intent.name in BINDING or any((intent.name, slot) in BINDING_SLOTS for slot in intent.slots)


def _tell(uow: UnitOfWork, waiting: Waiting, card: Card[Text], reader: Reader, place: int = 0) -> None:
    """The answer to a message, or one of several, to the address that asked."""
    key = f"answer:{waiting.inbound_id}:{place}"
    uow.tell(waiting.address, card, ANSWER, key=key, reply_to=waiting.thread, reader=reader)


def _not_understood(likely: Sequence[str], button: bool) -> Step:
    """A short, kind answer with three likely choices: of what exists, and can be offered in words."""
    offered = [intent for intent in likely if intent in OFFERED]
    offered += [intent for intent in LIKELY if intent not in offered]
    title = say("bot.unknown_button") if button else say("bot.not_understood")
    return Step((Card(title, (say("bot.perhaps"),), choices=_choices(offered[:3])),))


def _choices(intents: Sequence[str]) -> tuple[Choice[Text], ...]:
    labels = {"help": "bot.choice.help", "human": "bot.choice.human"}
    return tuple(Choice(Intent(intent), say(labels.get(intent, f"help.offer.{intent}"))) for intent in intents)
