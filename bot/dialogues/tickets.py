"""What is broken: reported, followed, moved on. Where life is in danger the numbers come first, and nothing is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from bot import which_building
from bot.modules import off
from bot.photos import photos
from bot.turn import BRIEF, Step, Turn
from bot.understanding.commands import spoken_command
from bot.understanding.periods import Moment, periods
from bot.understanding.wishes import day
from bot.understanding.words import cleaned, words
from core.buildings import service as buildings
from core.community.posts import service as posts
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.ids import new_id
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.intent import Intent
from core.people.audit.model import Actor
from core.people.model import Place
from core.tickets import cards, service
from core.tickets.cards import REPORT
from core.tickets.model import LONGEST_TEXT, Category, Hand, Move, Report, Spot, Story, Ticket
from core.tickets.module import INTENTS, MODULE
from core.tickets.words import alike, category_of, only_named, report_of

PRESSED = frozenset(move.value for moves in cards.NEXT.values() for move in moves)
"""Moves that are made by a button."""
ASKED = (Move.ASSIGN, Move.REFUSE)
"""Moves with which something has to be said."""
MOST_LOOKED_THROUGH = 20
"""Tickets in whose words a topic is looked for."""


class Tickets:
    """Slots from words: `topic`. From our own choices: `do` with `ticket`, and what was said already: `text`, `photos`, `building`."""

    name = "tickets"
    version = 1
    module = MODULE.name
    intents = INTENTS
    offers = tuple((intent, say(f"help.offer.{intent}")) for intent in INTENTS)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        do, slots = intent.slots.get("do"), intent.slots
        if intent.name == REPORT:
            match do:
                case "begin":
                    return Step((cards.ask_what(),), {"ask": "what", **BRIEF})
                case "same":
                    return await self._same(turn, slots)
                case "place":
                    return await self._placed(turn, slots)
                case "detail":
                    story, _, _ = await self._opened(turn, slots)
                    return Step((cards.ask_detail(story.ticket),), _waits("detail", story.ticket))
            return await self._report(turn, intent)
        if do == "show":
            story, _, hand = await self._opened(turn, slots)
            return Step((cards.one(story, hand, turn.uow.now),))
        if do in PRESSED:
            return await self._move(turn, Move(do), slots)
        return await self._status(turn, intent)

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        """The answer to a question. One that is none is asked for again."""
        if state.get("ask") == "what":
            named = {"text": f"{state['thing']}: {turn.waiting.text}"} if "thing" in state else {}
            return await self._report(turn, Intent(REPORT, named), again=True)
        story, place, hand = await self._opened(turn, state)
        ticket = story.ticket
        if state.get("ask") == "detail":
            shown, wrong = await _photos(turn)
            if not shown and not _says(turn.waiting.text):
                return Step((wrong or cards.ask_detail(ticket),), state)
            await service.add(turn.uow, turn.person, place, ticket.ticket, turn.waiting.text, shown)
            return Step((cards.added(ticket), *([wrong] if wrong else [])))
        move = Move(str(state.get("ask")))
        ticket.check(move, hand, turn.uow.now)
        try:
            return await self._done(turn, move, story, place, turn.waiting.text)
        except DomainError as refusal:
            # What was asked can still be answered.
            return Step((Card(refusal.text),), state)

    # ------------------------------------------------------------------------------------------------------------ reports

    async def _report(self, turn: Turn, intent: Intent, *, again: bool = False) -> Step:
        text = str(intent.slots.get("text", "")) or _heard(turn, intent)
        shown, wrong = _hashes(intent.slots), None
        if not shown:
            shown, wrong = await _photos(turn)
        said = report_of(text, (), shown)
        if not said.says_something:
            return Step((wrong or (cards.ask_what_again() if again else cards.ask_what()),), {"ask": "what", **BRIEF})
        if not (again or shown or turn.pressed) and only_named(said.text):
            return Step((cards.ask_about(said.text),), {"ask": "what", "thing": said.text, **BRIEF})
        slots: dict[str, Any] = {"text": said.text, "photos": [each.hex() for each in shown]}
        slots |= {name: intent.slots[name] for name in ("building", "do", "ticket") if name in intent.slots}
        found = _places(turn, intent)
        if said.danger is not None:
            card = await self._emergency(turn, Intent(REPORT, slots), said, found)
            waits = which_building.waits(turn, Intent(REPORT, slots), [place.building for place in found])
            return Step((card, *([wrong] if wrong else [])), waits if len(found) > 1 else None)
        if not found:
            return Step((off(turn, MODULE),))
        if len(found) > 1:
            return which_building.question(turn, Intent(REPORT, slots), [place.building for place in found])
        card = await self._reported(turn, slots, found[0], shown, cut=len(text) > LONGEST_TEXT)
        return Step((card, *([wrong] if wrong else [])))

    async def _reported(
        self, turn: Turn, slots: Mapping[str, Any], place: Place, shown: tuple[bytes, ...], *, cut: bool
    ) -> Card[Text]:
        said = report_of(str(slots["text"]), await buildings.lots(turn.uow, place.known.building_id), shown)
        sure = slots.get("do") == "new"
        identity = _identity(slots) if sure else new_id()
        outcome = await service.report(turn.uow, turn.person, place, said, identity, sure=sure)
        if outcome.made:
            await _can_be_undone(turn, outcome.ticket)
            return cards.made(outcome.ticket, await service.home(turn.uow, place), cut=cut)
        if outcome.followed:
            story, _, hand = await self._opened(turn, {"ticket": str(outcome.ticket.ticket)})
            return cards.one(story, hand, turn.uow.now)
        return cards.twin(outcome.ticket, said, place.building, new_id(), own=outcome.own)

    async def _emergency(self, turn: Turn, intent: Intent, said: Report, found: Sequence[Place]) -> Card[Text]:
        """The numbers, always; and a ticket where it is clear for which building, and one can be made."""
        danger = said.danger
        assert danger is not None
        if len(found) == 1:
            place, ticket = found[0], None
            said = report_of(said.text, await buildings.lots(turn.uow, place.known.building_id), said.photos)
            with suppress(DomainError):
                outcome = await service.report(turn.uow, turn.person, place, said, new_id())
                ticket = outcome.ticket
                if outcome.made:
                    await _can_be_undone(turn, ticket)
            return cards.emergency(danger, [place.building], ticket)
        near = found or turn.places_for(intent)
        choices = which_building.choices(intent, [place.building for place in found])
        return cards.emergency(danger, [place.building for place in near], choices=choices)

    async def _same(self, turn: Turn, slots: Mapping[str, Any]) -> Step:
        identity = _identity(slots)
        found = await service.story(turn.uow, identity, _buildings(turn))
        if found is None:
            raise DomainError("tickets.unknown")
        place = _place_of(turn, found.ticket)
        said = report_of(str(slots.get("text", "")), (), _hashes(slots))
        ticket = await service.join(turn.uow, turn.person, place, identity, said)
        before = turn.person.person_id in found.followers and found.ticket.is_open
        return Step((cards.added(ticket) if before else cards.followed(ticket),))

    async def _placed(self, turn: Turn, slots: Mapping[str, Any]) -> Step:
        story, place, _ = await self._opened(turn, slots)
        try:
            category = Category(slots["category"]) if "category" in slots else None
            spot = Spot.from_json(slots["spot"]) if "spot" in slots else None
        except ValueError as error:
            raise DomainError("tickets.unknown") from error
        ticket = await service.place_it(turn.uow, turn.person, place, story.ticket.ticket, category, spot)
        return Step((cards.placed(ticket, await service.home(turn.uow, place)),))

    # -------------------------------------------------------------------------------------------------------------- moves

    async def _move(self, turn: Turn, move: Move, slots: Mapping[str, Any]) -> Step:
        story, place, hand = await self._opened(turn, slots)
        story.ticket.check(move, hand, turn.uow.now)
        if move in ASKED:
            return Step((cards.ask(move, story.ticket),), _waits(move.value, story.ticket))
        return await self._done(turn, move, story, place, "")

    async def _done(self, turn: Turn, move: Move, story: Story, place: Place, words: str) -> Step:
        to, on = _whom(words, turn) if move is Move.ASSIGN else ("", None)
        done = await service.move(
            turn.uow,
            story.ticket.ticket,
            place.known.building_id,
            move,
            _actor(turn),
            manages=place.manages,
            note="" if move is Move.ASSIGN else words,
            to=to,
            on=on,
        )
        return Step((cards.done(done.story, done.moved, done.hand, turn.uow.now, done.told),))

    # ---------------------------------------------------------------------------------------------------------- looked up

    async def _status(self, turn: Turn, intent: Intent) -> Step:
        tickets = await service.of_person(turn.uow, turn.person, turn.places_for(intent))
        topic = str(intent.slots.get("topic", "")).strip()
        about = await self._about(turn, topic, tickets) if topic else tickets
        if topic and not about and (others := await self._of_others(turn, topic, _places(turn, intent))) is not None:
            return Step((others,))
        if not tickets:
            return Step((cards.nothing(topic) if _places(turn, intent) else off(turn, MODULE),))
        if len(about) == 1:
            story, _, hand = await self._opened(turn, {"ticket": str(about[0].ticket)})
            return Step((cards.one(story, hand, turn.uow.now),))
        here = {place.known.building_id: place for place in turn.places}
        names = {each.building: here[each.building].building.name for each in tickets}
        mine = {t.ticket for t in tickets if t.reporter == turn.person.person_id or here[t.building].manages}
        return Step((cards.several(about or tickets, names, mine, "" if about else topic),))

    async def _about(self, turn: Turn, topic: str, tickets: Sequence[Ticket]) -> list[Ticket]:
        """Those that are about a topic: by what it is, else by the words of who reported them."""
        category = category_of(topic)
        if category is not Category.OTHER:
            return [each for each in tickets if each.category is category]
        found = []
        for ticket in tickets[:MOST_LOOKED_THROUGH]:
            story = await service.story(turn.uow, ticket.ticket)
            if story and any(alike(topic, moved.note) for moved in story.moves):
                found.append(ticket)
        return found

    async def _of_others(self, turn: Turn, topic: str, places: Sequence[Place]) -> Card[Text] | None:
        """What somebody else reported about a topic, and is open still: he may follow it too."""
        category = category_of(topic)
        for place in places if category is not Category.OTHER else ():
            if (found := await service.last_open(turn.uow, place.known.building_id, category)) is not None:
                return cards.of_others(found, place.building)
        return None

    async def _opened(self, turn: Turn, slots: Mapping[str, Any]) -> tuple[Story, Place, Hand]:
        """A ticket that this person follows, or looks after. DomainError for any other, in the same words as for none."""
        story = await service.story(turn.uow, _identity(slots), _buildings(turn))
        if story is None:
            raise DomainError("tickets.unknown")
        place = _place_of(turn, story.ticket)
        hand = story.hand(_actor(turn), place.manages)
        if not (hand.follows or hand.manages):
            raise DomainError("tickets.unknown")
        return story, place, hand


def _places(turn: Turn, intent: Intent) -> list[Place]:
    """Where he has to do with a building in which defects can be reported: as a neighbour, or because he looks after it."""
    return [place for place in turn.places_for(intent) if MODULE.name in place.building.modules and place.roles]


def _buildings(turn: Turn) -> set[UUID]:
    return {place.known.building_id for place in turn.places}


def _place_of(turn: Turn, ticket: Ticket) -> Place:
    return next(place for place in turn.places if place.known.building_id == ticket.building)


async def _can_be_undone(turn: Turn, ticket: Ticket) -> None:
    """Neighbours do not read it; it is noted so that `undo` finds it, as long as anything more of his is noted today."""
    with suppress(DomainError):
        await posts.post(turn.uow, turn.person.person_id, ticket.building, service.POST, ticket.ticket)


def _heard(turn: Turn, intent: Intent) -> str:
    """What he wrote; of a command what stands behind it; of a button nothing but what it says itself."""
    if turn.pressed is not None:
        return str(intent.slots.get("topic", ""))
    command = spoken_command(turn.waiting.text)
    return command.rest if command else turn.waiting.text


async def _photos(turn: Turn) -> tuple[tuple[bytes, ...], Card[Text] | None]:
    """The photos that came along; and what is said of a file that is none. No report is lost for it."""
    try:
        return tuple(await photos(turn)), None
    except DomainError as refusal:
        return (), Card(refusal.text)


def _hashes(slots: Mapping[str, Any]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(str(each)) for each in slots.get("photos", ()))


def _identity(slots: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(slots.get("ticket")))
    except ValueError as error:
        raise DomainError("tickets.unknown") from error


def _waits(what: str, ticket: Ticket) -> dict[str, str]:
    return {"ask": what, "ticket": str(ticket.ticket)}


def _actor(turn: Turn) -> Actor:
    return Actor(turn.person.person_id, turn.person.name)


def _says(text: str) -> bool:
    return any(map(str.isalpha, text))


def _whom(said: str, turn: Turn) -> tuple[str, date | None]:
    """`Ascenseurs Duval, jeudi`: who, and the day behind the comma, where it is one. A day by itself is nobody."""
    who, _, when = said.replace("\n", ",").partition(",")
    today, heard = local_day(turn.uow.now), cleaned(said)
    on = day(when, turn.language, today) if when.strip() else None
    if any(
        (each.start, each.end) == (0, len(words(heard)))
        for each in periods(words(heard), heard, turn.language, Moment(today))
    ):
        return "", None
    return (who if on else said.rstrip(" ,\n"), on)
