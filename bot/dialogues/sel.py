"""Talk about time credits: I can, who could, what is there, who helped whom for how long, how many hours do I have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from bot.dialogues import helped
from bot.modules import off, place_with
from bot.turn import BRIEF, Step, Turn
from core.community.neighbours import service as neighbours
from core.community.neighbours.model import Neighbour, takes_part
from core.community.sel import cards
from core.community.sel import service as sel
from core.community.sel.exchanges import service as exchanges
from core.community.sel.exchanges.model import checked
from core.community.sel.exchanges.service import Report
from core.community.sel.module import INTENTS, MODULE
from core.community.sel.offers import service as offers
from core.community.sel.offers.model import Kind
from core.kernel.errors import DomainError
from core.kernel.periods import Period
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent
from core.people.model import Place

DONE = "sel.done"
MOST_NAMES = 4
"""Words of a name that nobody has; more of them are a sentence, which is not said back."""
LONGEST_SAID = 300
"""Signs that are kept of a sentence while something is asked about it."""

Slots = Mapping[str, Any]


class Sel:
    """Slots from words: `service` and `period`; `person` and `hours`. From our own choices: `do` with `exchange`, `offer` or `answer`,
    and what was found out so far of help that is reported: `neighbour`, `minutes`, `gave`, `gift`, `said`, `again`."""

    name = "sel"
    version = 1
    module = MODULE.name
    intents = INTENTS
    offers = tuple((intent, say(f"help.offer.{intent}")) for intent in INTENTS)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        slots = intent.slots
        if "do" in slots:
            return await self._pressed(turn, slots)
        match intent.name:
            case "sel.offer":
                return await self._put_up(turn, Kind.OFFER, slots)
            case "sel.request":
                return await self._put_up(turn, Kind.REQUEST, slots)
            case "sel.browse":
                return await self._browse(turn, intent)
            case "sel.balance":
                return await self._balance(turn, intent)
        return await self._done(turn, _heard(turn, slots))

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        """The answer to a question: what it is, who it was, for how long, how much to book, what was different."""
        text, slots = turn.waiting.text, state.get("slots", {})
        match state.get("ask"):
            case "service":
                return await self._put_up(turn, Kind(state["kind"]), {**slots, "service": text})
            case "person":
                return await self._done(turn, {**slots, "person": text, "said": ""})
            case "hours":
                return await self._hours(turn, text, slots)
            case "minutes":
                return await self._decided(turn, text, state)
            case "words" if (exchange := helped.identity(state.get("exchange"))) is not None:
                return Step((await exchanges.explain(turn.uow, exchange, turn.person.person_id, text),))
        return await self.start(turn, Intent("sel.balance"))

    async def _put_up(self, turn: Turn, kind: Kind, slots: Slots) -> Step:
        place = place_with(turn, Intent(f"sel.{kind}", slots), MODULE)
        if isinstance(place, Step):
            return place
        what = str(slots.get("service") or "")
        if not what:
            kept = {**slots, "building": place.building.slug}
            state = {"ask": "service", "about": f"sel.{kind}", "kind": kind.value, "slots": kept, **BRIEF}
            return Step((Card(say(f"sel.ask.{kind}"), (say(f"sel.ask.{kind}_example"),)),), state)
        days = Period.parse(slots["period"]) if slots.get("period") else None
        return Step((await offers.add(turn.uow, place.known.building_id, turn.person.person_id, kind, what, days),))

    async def _browse(self, turn: Turn, intent: Intent) -> Step:
        place = place_with(turn, intent, MODULE)
        if isinstance(place, Step):
            return place
        topic = str(intent.slots.get("service") or "")
        return Step((await offers.browse(turn.uow, place.known.building_id, turn.person.person_id, topic),))

    async def _balance(self, turn: Turn, intent: Intent) -> Step:
        """One answer for each building; also where he has moved out, or it was switched off, as long as there is something to see."""
        found = []
        for place in turn.places_for(intent):
            on = MODULE.name in place.building.modules and takes_part(place)
            sight = await sel.sight(turn.uow, place.known.building_id, turn.person.person_id)
            if on or sight.something:
                found.append(cards.balance(place.building.name, sight, turn.person.person_id))
        return Step(tuple(found) or (off(turn, MODULE),))

    async def _done(self, turn: Turn, slots: Slots) -> Step:
        """Who, for how long, and which way: asks for the first that is missing, and reports it."""
        place = place_with(turn, Intent(DONE, slots), MODULE)
        if isinstance(place, Step):
            return place
        slots = {**slots, "building": place.building.slug}
        partner = await self._partner(turn, place, slots)
        if isinstance(partner, Step):
            return partner
        slots = {**slots, "neighbour": str(partner.person)}
        if slots.get("minutes") is None and not slots.get("gift"):
            about = (say("sel.ask.about"),) if helped.vague(str(slots.get("said") or "")) else ()
            return _ask_hours(slots, (*about, say("sel.ask.hours_example"), say("sel.ask.hours_gift")))
        if slots.get("minutes") is not None and not (slots.get("gift") and slots["minutes"] == 0):
            try:
                checked(slots["minutes"])
            except DomainError as wrong:
                return _ask_hours(slots, (wrong.text, say("sel.ask.hours_example")))
        if slots.get("gave") is None:
            ways = (("sel.choice.i_helped", True), ("sel.choice.was_helped", False))
            choices = tuple(
                Choice(Intent(DONE, {**slots, "gave": gave}), say(key, name=partner.called)) for key, gave in ways
            )
            return Step((Card(say("sel.ask.which_way", name=partner.called), choices=choices),))
        said = Report(
            partner.person, bool(slots["gave"]), slots.get("minutes"), bool(slots.get("gift")), bool(slots.get("again"))
        )
        return Step((await exchanges.report(turn.uow, place.known.building_id, turn.person.person_id, said),))

    async def _partner(self, turn: Turn, place: Place, slots: Slots) -> Neighbour | Step:
        """The neighbour who is meant, or the question who it is."""
        building, me = place.known.building_id, turn.person.person_id
        everybody = await neighbours.neighbours(turn.uow, building)
        if chosen := helped.identity(slots.get("neighbour")):
            found = [each for each in everybody if each.person == chosen]
        else:
            name = str(slots.get("person") or "")
            found = await neighbours.named(turn.uow, building, name, me) if name else []
            found = found or helped.named_in(
                f"{slots.get('said') or ''} {name}", (each for each in everybody if each.person != me)
            )
        if len(found) == 1:
            return found[0]
        if not found:
            name = str(slots.get("person") or "")
            oneself = bool(name) and bool(await neighbours.named(turn.uow, building, name))
            return _ask_person(slots, name, oneself)
        labels = _labels(found)
        choices = tuple(
            Choice(Intent(DONE, {**slots, "neighbour": str(each.person)}), literal(labels[each.person]))
            for each in found
        )
        return Step((Card(say("sel.ask.which_person"), choices=choices),))

    async def _hours(self, turn: Turn, text: str, slots: Slots) -> Step:
        if helped.gift(text):
            return await self._done(turn, {**slots, "gift": True})
        found = helped.minutes(text, turn.language, answer=True)
        if found is None:
            wrong = say("sel.ask.about" if helped.vague(text) else "sel.ask.not_hours")
            return _ask_hours(slots, (wrong, say("sel.ask.hours_example")))
        return await self._done(turn, {**slots, "minutes": found})

    async def _decided(self, turn: Turn, text: str, state: Mapping[str, Any]) -> Step:
        """A member of the council says how much is to be booked."""
        exchange = helped.identity(state.get("exchange"))
        found = helped.minutes(text, turn.language, answer=True)
        if exchange is None or found is None:
            return Step((Card(say("sel.ask.not_hours"), (say("sel.ask.hours_example"),)),), state)
        try:
            checked(found)
        except DomainError as wrong:
            return Step((Card(wrong.text, (say("sel.ask.hours_example"),)),), state)
        return Step((await exchanges.settle(turn.uow, exchange, turn.person.person_id, found),))

    async def _pressed(self, turn: Turn, slots: Slots) -> Step:
        act = _ACTS.get(str(slots["do"]))
        subject = next(
            (helped.identity(slots[name]) for name in ("exchange", "offer", "answer") if name in slots), None
        )
        if act is None or subject is None:
            raise DomainError("sel.over")
        return await act(turn, subject)


def _heard(turn: Turn, slots: Slots) -> Slots:
    """What the words say besides the slots that understanding fills; of a choice pressed, what was found out before."""
    if "neighbour" in slots or "said" in slots:
        return slots
    text = turn.waiting.text
    count = slots.get("hours")
    return {
        **{name: value for name, value in slots.items() if name != "hours"},
        "said": text[:LONGEST_SAID],
        "minutes": helped.minutes(text, turn.language) if count is None else round(count * helped.HOUR),
        "gave": helped.gave(text),
        "gift": helped.gift(text),
    }


def _ask_person(slots: Slots, name: str, oneself: bool) -> Step:
    kept = {key: value for key, value in slots.items() if key not in ("person", "neighbour", "said")}
    if len(name.split()) > MOST_NAMES:
        name = ""
    title = (
        say("sel.oneself") if oneself else say("sel.ask.unknown_person", name=name) if name else say("sel.ask.person")
    )
    return Step((Card(title, (say("sel.ask.person_example"),)),), {"ask": "person", "slots": kept, **BRIEF})


def _ask_hours(slots: Slots, body: tuple[Text, ...]) -> Step:
    kept = {name: value for name, value in slots.items() if name != "minutes"}
    return Step((Card(say("sel.ask.hours"), body),), {"ask": "hours", "slots": kept, **BRIEF})


def _labels(found: list[Neighbour]) -> dict[UUID, str]:
    """What each of several is called; in full where two would be called the same."""
    short = [each.called for each in found]
    return {each.person: each.called if short.count(each.called) == 1 else each.name for each in found}


Act = Callable[[Turn, UUID], Awaitable[Step]]


def _said(use: Callable[..., Awaitable[Card[Text]]]) -> Act:
    """A use case that needs to know who and what, and answers with a card."""

    async def act(turn: Turn, subject: UUID) -> Step:
        return Step((await use(turn.uow, subject, turn.person.person_id),))

    return act


async def _object(turn: Turn, exchange: UUID) -> Step:
    """He says that it was not so; what was different he may add."""
    card = await exchanges.object_to(turn.uow, exchange, turn.person.person_id)
    waits = await exchanges.unexplained(turn.uow, exchange)
    return Step((card,), {"ask": "words", "exchange": str(exchange)} if waits else None)


async def _minutes(turn: Turn, exchange: UUID) -> Step:
    card = await exchanges.ask_minutes(turn.uow, exchange, turn.person.person_id)
    return Step((card,), {"ask": "minutes", "exchange": str(exchange), **BRIEF})


_ACTS: Mapping[str, Act] = {
    "confirm": _said(exchanges.confirm),
    "gift": _said(exchanges.give),
    "object": _object,
    "withdraw": _said(exchanges.withdraw),
    "case": _said(exchanges.case_card),
    "settle": _said(exchanges.settle),
    "minutes": _minutes,
    "dismiss": _said(exchanges.dismiss),
    "touch": _said(offers.touch),
    "agree": _said(offers.agree),
    "decline": _said(offers.decline),
    "close": _said(offers.close),
}
