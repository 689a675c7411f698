"""Talk about the notice board: put a note up and change it, read what hangs, answer, come, report, decide."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.dialogues import notes
from bot.modules import off, place_with
from bot.photos import photos
from bot.turn import BRIEF, Step, Turn
from bot.understanding import picked
from core.community.notices import cards, service
from core.community.notices.answers import service as answers
from core.community.notices.cards import BROWSE, POST, Seen
from core.community.notices.model import MOST_PHOTOS, Draft, Kind, Notice, When, split
from core.community.notices.moderation import cards as moderation_cards
from core.community.notices.moderation import service as moderation
from core.community.notices.module import INTENTS, MODULE
from core.kernel.clock import local_day
from core.kernel.errors import DomainError
from core.kernel.text import Text, say
from core.messaging.card import Card
from core.messaging.intent import Intent
from core.people.model import Place

Slots = Mapping[str, Any]
Act = Callable[[Turn, UUID, Slots], Awaitable[Step]]


class Notices:
    """Slot from words: `text`. From our own choices: `do`, mostly with `notice`; whether he may is judged anew each time."""

    name = "notices"
    version = 1
    module = MODULE.name
    intents = INTENTS
    offers = tuple((intent, say(f"help.offer.{intent}")) for intent in INTENTS)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        if "notice" in intent.slots:
            return await _done(turn, str(intent.slots.get("do")), intent.slots)
        place = _place(turn, intent)
        if isinstance(place, Step):
            return place
        if turn.pressed is None and notes.about_own(turn.waiting.text):
            return Step((await service.mine(turn.uow, turn.person.person_id, place.known.building_id),))
        if intent.name == BROWSE:
            return await _browsed(turn, place, intent.slots)
        said = "" if turn.pressed else notes.note_in(turn.waiting.text, str(intent.slots.get("text", "")))
        return await _posted(turn, place, said, ())

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        ask, text = str(state["ask"]), turn.waiting.text.strip()
        number, offers = picked(text), state.get("offers", ())
        if number is not None and 1 <= number <= len(offers):
            return await _done(turn, str(offers[number - 1]["do"]), offers[number - 1])
        if ask == "note":
            place = _place(turn, Intent(POST, {"building": state["building"]}))
            return place if isinstance(place, Step) else await _posted(turn, place, text, tuple(state["photos"]))
        try:
            return await _ANSWERED[ask](turn, UUID(state["notice"]), {**state, "text": text})
        except DomainError as refusal:
            if refusal.text.key in _ASKED_AGAIN:
                return Step((Card(refusal.text),), state)
            raise


_ASKED_AGAIN = frozenset(
    {
        *("notices.past", "notices.too_far", "notices.too_long", "notices.no_words", "photo.not_one"),
        *("community.no_name", "community.long_name", "community.long_text", "community.insulting"),
    }
)
"""Refusals of an answer after which he may give another one."""


def _place(turn: Turn, intent: Intent) -> Place | Step:
    """The building that it is about: one where he is a neighbour; for its syndic, who is none, the one that he looks after."""
    found = place_with(turn, intent, MODULE)
    if isinstance(found, Step) and intent.name == BROWSE:
        managed = [each for each in turn.places_for(intent) if each.manages and MODULE.name in each.building.modules]
        return managed[0] if len(managed) == 1 else found
    return found


# ---------------------------------------------------------------------------------------------------------- the author


async def _posted(turn: Turn, place: Place, said: str, kept: tuple[str, ...]) -> Step:
    """Puts it up as it was said; asks what it says where that is nothing."""
    try:
        taken = (*kept, *[each.hex() for each in await photos(turn)])[:MOST_PHOTOS]
        if not said:
            return _ask_note(place, taken)
        heard = notes.heard(said, turn.language, local_day(turn.uow.now))
        when = When(heard.day, heard.clock, heard.place) if heard.day else None
        draft = Draft(heard.kind, *split(said), turn.language, taken, when)
        posted = await service.post(turn.uow, turn.person.person_id, place.known.building_id, draft)
    except DomainError as refusal:
        if refusal.text.key not in _ASKED_AGAIN:
            raise
        return _ask_note(place, kept, refusal.text)
    return Step((cards.put_up(posted.seen, posted.told),))


def _ask_note(place: Place, taken: tuple[str, ...], refused: Text | None = None) -> Step:
    title = refused or say("notices.ask")
    state = {"ask": "note", "building": place.building.slug, "photos": list(taken)}
    return Step((Card(title, (say("notices.ask_body"),)),), state)


async def _kinds(turn: Turn, notice: UUID, slots: Slots) -> Step:
    return Step((cards.kinds(await _his(turn, notice)),))


async def _kind(turn: Turn, notice: UUID, slots: Slots) -> Step:
    """An event takes a day: the one that the note names, else it is asked for."""
    kind = Kind(slots["value"])
    found = await _his(turn, notice)
    if kind is not Kind.EVENT or found.when is not None:
        return _changed(await service.change_kind(turn.uow, turn.person.person_id, notice, kind))
    text, today = f"{found.title}\n{found.text}", local_day(turn.uow.now)
    day = notes.day_of(text, found.language, today)
    if day is None or day < today:
        return _ask("when", notice)
    clock, where = notes.clock_of(text), notes.place_of(text)
    return _changed(await service.hold(turn.uow, turn.person.person_id, notice, day, clock, where))


async def _days(turn: Turn, notice: UUID, slots: Slots) -> Step:
    return _offer(cards.days(await _his(turn, notice)), "until", notice)


async def _until(turn: Turn, notice: UUID, slots: Slots) -> Step:
    """So many days from today, by a button; or the days or the day that were written."""
    today = local_day(turn.uow.now)
    days = slots["days"] if "days" in slots else notes.days_of(str(slots["text"]))
    if days is not None:
        last = today + timedelta(days=int(days))
    elif (day := notes.day_of(str(slots["text"]), turn.language, today)) is not None:
        last = day
    else:
        return _ask("until", notice, say("notices.no_such_day"))
    return _changed(await service.leave_until(turn.uow, turn.person.person_id, notice, last))


async def _languages(turn: Turn, notice: UUID, slots: Slots) -> Step:
    return Step((cards.languages(await _his(turn, notice)),))


async def _ask_title(turn: Turn, notice: UUID, slots: Slots) -> Step:
    found, language = await _his(turn, notice), str(slots["value"])
    title = say("notices.ask_retitle") if language == found.language else say(f"notices.ask_title.{language}")
    return _ask("title", notice, title, value=language)


async def _titled(turn: Turn, notice: UUID, slots: Slots) -> Step:
    person = turn.person.person_id
    return _changed(await service.title(turn.uow, person, notice, str(slots["value"]), str(slots["text"])))


async def _ask_photo(turn: Turn, notice: UUID, slots: Slots) -> Step:
    await _his(turn, notice)
    return _ask("photo", notice)


async def _pictured(turn: Turn, notice: UUID, slots: Slots) -> Step:
    taken = await photos(turn)
    if not taken:
        return _ask("photo", notice)
    found = await _his(turn, notice)
    for each in taken[: max(1, MOST_PHOTOS - len(found.photos))]:
        seen = await service.picture(turn.uow, turn.person.person_id, notice, each.hex())
    return _changed(seen)


async def _ask_when(turn: Turn, notice: UUID, slots: Slots) -> Step:
    await _his(turn, notice)
    return _ask("when", notice)


async def _held(turn: Turn, notice: UUID, slots: Slots) -> Step:
    text = str(slots["text"])
    day = notes.day_of(text, turn.language, local_day(turn.uow.now))
    if day is None:
        return _ask("when", notice, say("notices.no_such_day"))
    where = notes.place_of(text) or None
    return _changed(await service.hold(turn.uow, turn.person.person_id, notice, day, notes.clock_of(text), where))


async def _ask_place(turn: Turn, notice: UUID, slots: Slots) -> Step:
    await _his(turn, notice)
    return _ask("place", notice)


async def _placed(turn: Turn, notice: UUID, slots: Slots) -> Step:
    return _changed(await service.place(turn.uow, turn.person.person_id, notice, str(slots["text"])))


async def _withdrawn(turn: Turn, notice: UUID, slots: Slots) -> Step:
    return Step((await service.withdraw(turn.uow, turn.person.person_id, notice),))


async def _ask_appeal(turn: Turn, notice: UUID, slots: Slots) -> Step:
    seen = await service.seen(turn.uow, turn.person.person_id, notice)
    if not seen.own:
        raise DomainError("notices.not_yours")
    return Step((moderation_cards.which_objection(seen.notice),), {"ask": "appeal", "notice": str(notice)})


async def _appealed(turn: Turn, notice: UUID, slots: Slots) -> Step:
    return Step((await moderation.appeal(turn.uow, turn.person.person_id, notice, str(slots["text"])),))


async def _his(turn: Turn, notice: UUID) -> Notice:
    """His own note, as it is now, where he may change it."""
    return await service.own(turn.uow, turn.person.person_id, notice)


def _changed(seen: Seen) -> Step:
    return Step((cards.changed(seen),))


def _ask(what: str, notice: UUID, title: Text | None = None, **state: Any) -> Step:
    card = Card(title or say(f"notices.ask_{what}"), (say(f"notices.example_{what}"),))
    return Step((card,), {"ask": what, "notice": str(notice), **state, **(BRIEF if what in _BRIEF else {})})


def _offer(card: Card[Text], what: str, notice: UUID) -> Step:
    """A question with choices, which may be answered by their number too, or in words."""
    offers = [dict(each.intent.slots) for each in card.choices]
    brief = BRIEF if what in _BRIEF else {}
    return Step((card,), {"ask": what, "notice": str(notice), "offers": offers, **brief})


# --------------------------------------------------------------------------------------------------------- the readers


async def _browsed(turn: Turn, place: Place, slots: Slots) -> Step:
    person, building, do = turn.person.person_id, place.known.building_id, slots.get("do")
    if do == "cases":
        return Step((moderation_cards.cases(await moderation.waiting(turn.uow, person, building)),))
    if do in ("follow", "unfollow"):
        await service.follow(turn.uow, person, building, follows=do == "follow")
        return Step((Card(say(f"notices.{do}ed"), choices=(cards.to_board(),)),))
    page = await service.page(turn.uow, person, building, int(slots.get("after", 0)))
    return Step((cards.board(page, turn.language),))


async def _shown(turn: Turn, notice: UUID, slots: Slots) -> Step:
    return Step((cards.shown(await service.seen(turn.uow, turn.person.person_id, notice), turn.language),))


async def _come(turn: Turn, notice: UUID, slots: Slots) -> Step:
    comes = slots["do"] == "come"
    seen = await service.come(turn.uow, turn.person.person_id, notice, comes=comes)
    return Step((cards.coming(seen, turn.language),))


async def _ask_answer(turn: Turn, notice: UUID, slots: Slots) -> Step:
    to = slots.get("to")
    card = await answers.ask(turn.uow, turn.person.person_id, notice, UUID(to) if to else None)
    return Step((card,), {"ask": "answer", "notice": str(notice), "to": to})


async def _answered(turn: Turn, notice: UUID, slots: Slots) -> Step:
    to = slots.get("to")
    words = str(slots["text"])
    return Step((await answers.answer(turn.uow, turn.person.person_id, notice, words, UUID(to) if to else None),))


async def _report(turn: Turn, notice: UUID, slots: Slots) -> Step:
    """By a button with a reason on it, or in his own words."""
    if "because" in slots:
        because = str(slots["because"])
        return Step((await moderation.report(turn.uow, turn.person.person_id, notice, because=because),))
    seen = await service.seen(turn.uow, turn.person.person_id, notice)
    if seen.own:
        raise DomainError("notices.own_report")
    return _offer(moderation_cards.which_reason(seen.notice, turn.language), "report", notice)


async def _reported(turn: Turn, notice: UUID, slots: Slots) -> Step:
    return Step((await moderation.report(turn.uow, turn.person.person_id, notice, str(slots["text"])),))


# --------------------------------------------------------------------------------------------------------- the council

_DECISIONS = {
    "pin": moderation.pin,
    "unpin": moderation.unpin,
    "keep": moderation.keep,
    "restore": moderation.restore,
    "uphold": moderation.uphold,
}
"""What the council does with a note by one tap."""


async def _decided(turn: Turn, notice: UUID, slots: Slots) -> Step:
    do = str(slots["do"])
    actor = await moderation.moderator(turn.uow, turn.person.person_id, notice)
    return Step((moderation_cards.decided(do, await _DECISIONS[do](turn.uow, notice, actor)),))


async def _ask_reason(turn: Turn, notice: UUID, slots: Slots) -> Step:
    await moderation.moderator(turn.uow, turn.person.person_id, notice)
    seen = await service.seen(turn.uow, turn.person.person_id, notice)
    return Step((moderation_cards.which_removal(seen.notice),), {"ask": "remove", "notice": str(notice)})


async def _removed(turn: Turn, notice: UUID, slots: Slots) -> Step:
    actor = await moderation.moderator(turn.uow, turn.person.person_id, notice)
    removed = await moderation.remove(turn.uow, notice, actor, str(slots["text"]))
    return Step((moderation_cards.decided("remove", removed),))


async def _done(turn: Turn, do: str, slots: Slots) -> Step:
    """What a choice of ours asks for. Where the module is off, what that says."""
    try:
        return await _PRESSED.get(do, _shown)(turn, UUID(str(slots["notice"])), slots)
    except DomainError as refusal:
        if refusal.text.key != "notices.off":
            raise
        return Step((off(turn, MODULE),))


_PRESSED: Mapping[str, Act] = {
    "kinds": _kinds,
    "kind": _kind,
    "days": _days,
    "until": _until,
    "titles": _languages,
    "title": _ask_title,
    "photo": _ask_photo,
    "when": _ask_when,
    "place": _ask_place,
    "withdraw": _withdrawn,
    "appeal": _ask_appeal,
    "show": _shown,
    "come": _come,
    "stay": _come,
    "answer": _ask_answer,
    "reply": _ask_answer,
    "report": _report,
    "remove": _ask_reason,
    **dict.fromkeys(_DECISIONS, _decided),
}
_BRIEF = frozenset({"until", "photo", "when", "place"})
_ANSWERED: Mapping[str, Act] = {
    "until": _until,
    "title": _titled,
    "photo": _pictured,
    "when": _held,
    "place": _placed,
    "appeal": _appealed,
    "answer": _answered,
    "report": _reported,
    "remove": _removed,
}
