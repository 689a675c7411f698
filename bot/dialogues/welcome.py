"""Somebody whom we do not know: a kind word, no data, and the way to be known: a one-time code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.dialogues.settings import language_choices
from core.database import UnitOfWork
from core.inbox.model import Waiting
from core.kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES
from core.kernel.text import Text, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent
from core.people import cards, service
from core.people.codes.model import TooManyTries, code_in

NAME = "welcome"
VERSION = 1
PAUSE = timedelta(minutes=15)
"""For how long it is remembered in which language a stranger is spoken to."""


@dataclass(frozen=True, slots=True)
class Known:
    """A stranger no more: in which organisation, who, and what he is told."""

    organisation: UUID
    person: UUID
    language: str
    card: Card[Text]


@dataclass(frozen=True, slots=True)
class Greeted:
    """What a stranger is told, in which language, and what is remembered of the talk."""

    language: str
    card: Card[Text]
    state: Mapping[str, Any]


async def welcome(
    uow: UnitOfWork, waiting: Waiting, state: Mapping[str, Any], pressed: Intent | None, guessed: str | None
) -> Known | Greeted:
    """One turn with a stranger. `guessed`: the language in which he seems to write."""
    chosen = pressed.slots.get("language") if pressed and pressed.name == "settings.language" else None
    language = next(
        (each for each in (chosen, state.get("language"), waiting.language, guessed) if each in LANGUAGES),
        DEFAULT_LANGUAGE,
    )
    remembered = {"language": language}
    code = code_in(waiting.start or waiting.text)
    if code is None:
        return Greeted(
            language, Card(say("welcome.title"), (say("welcome.body"),), choices=language_choices()), remembered
        )
    try:
        linked = await service.redeem(uow, code, waiting.address)
    except TooManyTries as refusal:
        return Greeted(language, refused(refusal.text), remembered)
    if linked is None:
        return Greeted(language, refused(say("welcome.wrong_code")), remembered)
    return Known(uow.organisation, linked.person.person_id, linked.person.language, greeting(linked))


def refused(why: Text) -> Card[Text]:
    """A code that was not good, or not looked at."""
    return Card(why, (say("welcome.ask_syndic"),))


def greeting(linked: cards.Linked) -> Card[Text]:
    """What somebody is told whose address was just tied to him, and what he may ask first."""
    return replace(
        cards.linked(linked),
        choices=(
            Choice(Intent("charges.owed"), say("charges.choice.owed")),
            Choice(Intent("help"), say("bot.choice.help")),
        ),
    )
