"""What somebody is told unasked, where and when: in words, by buttons; and how to stop it all and to start again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from bot.dialogues import consent
from bot.turn import BRIEF, Step, Turn
from bot.understanding.wishes import Heard, day, heard, times
from core.kernel.clock import local_day
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.channel import Address
from core.messaging.intent import Intent
from core.messaging.kinds import KINDS
from core.messaging.preferences import Preferences, QuietHours, Rhythm
from core.people import cards as people_cards
from core.people import service as people
from core.people.model import LETTER
from core.people.wishes import cards, service

INTENT = cards.INTENT
CHANNELS = ("telegram", "matrix", "email")
"""Those by which people are told things. A terminal is opened by whoever wants to read, and a letter is for what the law counts."""


class Notify:
    """Slots from words: `channel`, `hours`, and what the text says besides. From our own choices: `do`, `legal` or `consent`."""

    name = "notify"
    version = 1
    module = ""
    intents = (INTENT,)
    offers = ((INTENT, say("help.offer.settings.notify")),)

    async def start(self, turn: Turn, intent: Intent) -> Step:
        slots = intent.slots
        if "consent" in slots or "legal" in slots:
            return Step(await consent.answer(turn, intent))
        if "do" in slots:
            return await self._pressed(turn, slots)
        return await self._said(turn, slots)

    async def resume(self, turn: Turn, state: Mapping[str, Any]) -> Step:
        """The answer to a question: which hours, or until when."""
        if state.get("ask") == "away":
            last = day(turn.waiting.text, turn.language, local_day(turn.uow.now))
            if last is None:
                return Step((Card(say("notify.ask_away"), (say("notify.not_a_day"),)),), state)
            return await self._changed(turn, "away", await service.be_away(turn.uow, turn.person.person_id, last))
        begin, end = times(turn.waiting.text)
        quiet = await self._quiet(turn, begin, end)
        if quiet is None:
            return Step((Card(say("notify.ask_hours"), (say("notify.not_hours"),)),), state)
        return await self._changed(turn, "quiet", await service.keep_quiet(turn.uow, turn.person.person_id, quiet))

    async def _said(self, turn: Turn, slots: Mapping[str, Any]) -> Step:
        """All that a message asks for at once: `only by e-mail, not after 8 pm`."""
        channel = slots.get("channel")
        asked = heard(turn.waiting.text, turn.language, channel, local_day(turn.uow.now))
        if channel == LETTER:
            return Step((await self._by_letter(turn),))
        if asked.stop:
            return await self._stop(turn)
        if asked.again:
            return await self._start_again(turn)
        if (asked.only or asked.without) and not await self._has(turn, str(channel)):
            return Step((self._not_linked(turn, str(channel)),))
        changed = await self._all(turn, asked, channel)
        if changed is None:
            return Step((await self._shown(turn, say("notify.title")),))
        return Step((await self._shown(turn, say("notify.done")),))

    async def _all(self, turn: Turn, asked: Heard, channel: str | None) -> Preferences | None:
        """Does what was asked for; None where that is nothing."""
        uow, person, done = turn.uow, turn.person.person_id, None
        if asked.only and channel:
            done = await service.only_by(uow, person, channel)
        if asked.without and channel:
            for address in await self._addresses(turn):
                if address.channel == channel:
                    await people.stop(uow, address)
            done = await service.wishes(uow, person)
        if (quiet := await self._quiet(turn, asked.begin, asked.end)) is not None:
            done = await service.keep_quiet(uow, person, quiet)
        if asked.rhythm:
            done = await service.gather(uow, person, Rhythm(asked.rhythm))
        if asked.away:
            done = await service.be_away(uow, person, asked.away)
        return done

    async def _pressed(self, turn: Turn, slots: Mapping[str, Any]) -> Step:
        uow, person, what, value = turn.uow, turn.person.person_id, slots["do"], slots.get("value")
        if what == "stop":
            return await self._stop(turn)
        if what == "start":
            return await self._start_again(turn)
        if what == "kinds":
            return Step((cards.kinds(await service.wishes(uow, person)),))
        if what in ("hours", "away") and value is None:
            return Step((Card(say(f"notify.ask_{what}"), (say(f"notify.example_{what}"),)),), {"ask": what, **BRIEF})
        act = _ACTS.get(what)
        if act is None:
            return Step((await self._shown(turn, say("notify.title")),))
        return await self._changed(turn, what, await act(turn, value))

    async def _changed(self, turn: Turn, what: str, wishes: Preferences) -> Step:
        """It is done: what is set now; what remains, where something was switched off."""
        if what == "off":
            return Step((cards.switched(wishes, await consent.remaining(turn)),))
        if what == "on":
            return Step((cards.switched(wishes, ()),))
        return Step((await self._shown(turn, say("notify.done")),))

    async def _stop(self, turn: Turn) -> Step:
        await service.stop(turn.uow, turn.person.person_id)
        return Step((cards.stopped(await consent.remaining(turn)),))

    async def _start_again(self, turn: Turn) -> Step:
        await service.stop(turn.uow, turn.person.person_id, stopped=False)
        await people.resume(turn.uow, turn.person)
        return Step((await self._shown(turn, say("notify.started")),))

    async def _shown(self, turn: Turn, title: Text) -> Card[Text]:
        wishes = await service.wishes(turn.uow, turn.person.person_id)
        channels = sorted({address.channel for address in await self._addresses(turn)}, key=CHANNELS.index)
        remains = await consent.remaining(turn) if wishes.stopped else ()
        card = cards.shown(title, wishes, channels, local_day(turn.uow.now), remains)
        return replace(card, choices=(*card.choices, *consent.about(turn.places)))

    async def _addresses(self, turn: Turn) -> list[Address]:
        known = await people.addresses(turn.uow, turn.person)
        return [each.address for each in known if each.address.channel in CHANNELS]

    async def _has(self, turn: Turn, channel: str) -> bool:
        return any(address.channel == channel for address in await self._addresses(turn))

    async def _quiet(self, turn: Turn, begin: time | None, end: time | None) -> QuietHours | None:
        """The hours that were named; where one end was, with the other one as it stands. None where that says nothing."""
        before = (await service.wishes(turn.uow, turn.person.person_id)).quiet
        quiet = QuietHours(begin or before.begin, end or before.end)
        return None if (begin is None and end is None) or quiet.begin == quiet.end else quiet

    async def _by_letter(self, turn: Turn) -> Card[Text]:
        """Nobody gets everything by letter; but what the law counts comes so where nothing else was accepted."""
        return Card(
            say("notify.by_letter"), await consent.remaining(turn), choices=(*consent.about(turn.places), cards.stop())
        )

    def _not_linked(self, turn: Turn, channel: str) -> Card[Text]:
        label = say(f"channel.{channel}")
        choices = (
            (Choice(Intent("settings.link", {"channel": channel}), people_cards.link_it(channel)),)
            if channel in turn.ways.channels
            else ()
        )
        return Card(say("notify.not_linked", channel=label), choices=(*choices, cards.more()))


Act = Callable[[Turn, Any], Awaitable[Preferences]]


async def _quiet(turn: Turn, value: Any) -> Preferences:
    begin, end = (time.fromisoformat(each) for each in str(value).split("/"))
    return await service.keep_quiet(turn.uow, turn.person.person_id, QuietHours(begin, end))


async def _rhythm(turn: Turn, value: Any) -> Preferences:
    return await service.gather(turn.uow, turn.person.person_id, Rhythm(value))


async def _only(turn: Turn, value: Any) -> Preferences:
    return await service.only_by(turn.uow, turn.person.person_id, value or None)


async def _off(turn: Turn, value: Any) -> Preferences:
    return await service.switch(turn.uow, turn.person.person_id, _kind(value), on=False)


async def _on(turn: Turn, value: Any) -> Preferences:
    return await service.switch(turn.uow, turn.person.person_id, _kind(value), on=True)


async def _back(turn: Turn, value: Any) -> Preferences:
    return await service.be_away(turn.uow, turn.person.person_id, None)


def _kind(value: Any) -> str:
    """The kind of an old choice may be none any more."""
    return str(value) if value in KINDS else "answer"


_ACTS: Mapping[str, Act] = {
    "hours": _quiet,
    "rhythm": _rhythm,
    "only": _only,
    "off": _off,
    "on": _on,
    "back": _back,
}
