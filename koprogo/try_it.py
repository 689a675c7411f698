"""Trying the bot in a resident's place, for the office. Each time the whole talk is played again from its beginning, and forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.courier import Courier
from core.kernel.text import Text, literal, say
from core.messaging.channel import Address
from core.messaging.delivery import Claimed
from koprogo.application import Application
from koprogo.rehearsal import Stage, stage, token_of
from web_admin.preview.protocols import Answer, Exchange, Line, NotOffered, Overheard, Talk

AT_ONCE = 2
"""Talks that are played at the same time: each holds a connection for as long as it takes."""


class Trials:
    """The `TryIt` of an installation."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._places = asyncio.Semaphore(AT_ONCE)

    async def played(self, talk: Talk) -> Sequence[Exchange]:
        if not talk.lines:
            return ()
        application = self._application
        await asyncio.to_thread(lambda: application.understanding)
        async with self._places, stage(application, talk.sitter, talk.number, talk.begun) as played:
            courier = Courier(played.database, {}, application.catalogues, application.shelf)
            offered: dict[str, tuple[str, str]] = {}
            exchanges: list[Exchange] = []
            cards = 0
            for line in talk.lines:
                said, token = _pressed(line, offered)
                answers = []
                for delivery in await played.says(line, token):
                    answer = await _answer(courier, talk, delivery, cards, offered)
                    cards += 1
                    answers.append(answer)
                exchanges.append(Exchange(said, tuple(answers), await _others(played)))
            return exchanges


def _pressed(line: Line, offered: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """What is shown of a line, and the token that the bot knows."""
    if not line.choice:
        return line.text, ""
    if line.choice not in offered:
        raise NotOffered("office.try.not_offered")
    return offered[line.choice]


async def _answer(
    courier: Courier, talk: Talk, delivery: Claimed, place: int, offered: dict[str, tuple[str, str]]
) -> Answer:
    language = delivery.reader.language
    card, files = await courier.rendered(delivery.card, language, delivery.organisation, delivery.reader.person)
    choices = []
    for number, choice in enumerate(card.choices):
        ours = token_of(talk.number, place, number)
        offered[ours] = (choice.label, choice.token)
        choices.append(replace(choice, token=ours))
    return Answer(replace(card, choices=tuple(choices)), language, tuple(files))


async def _others(played: Stage) -> tuple[Overheard, ...]:
    found = []
    for notice in played.others:
        who: Text = literal(await played.named(notice.to))
        if isinstance(notice.to, Address):
            who = say("office.try.own_address", channel=say(f"channel.{notice.to.channel}"))
        found.append(Overheard(who, notice.card))
    return tuple(found)
