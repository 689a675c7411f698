"""What a message is while a question is open: its answer, or something else that is answered first. Pure."""

from __future__ import annotations

from bot import which_building
from bot.dialogues.notes import day_of
from bot.dialogues.short_answers import bare
from bot.registry import BY_INTENT, BY_NAME
from bot.turn import Turn
from bot.understanding import Reading, Understanding, command, is_question
from core.kernel.clock import local_day
from core.messaging.conversation import Conversation
from core.messaging.intent import Intent
from core.tickets.words import danger_of

ENDS = ("cancel", "help", "human")
"""What ends a talk that waits for free text, said in so few words."""
FEW = 4
SMALL_TALK = ("greet", "thanks")
"""What is answered between a question and its answer."""
LANGUAGE = "settings.language"
"""Said as a command between a question and its answer, it leaves the question open too."""
LOOKS = ("loans.available", "sel.browse", "sel.balance", "bazaar.browse", "notices.browse", "tickets.status")
"""What only looks at what there is: asked in the middle of a talk of the same matter, it is no answer either."""
NAMES = frozenset({"item", "service", "skill"})
"""The slots that name what something is about."""
SURE_ENOUGH, WITHOUT_DOUBT = 80, 95
"""How sure it has to be, of 100, that somebody asks for something else than he was asked, or drops it; and that he asks for help, and
neither offers it nor says something else, or greets, and names no day."""


def breaks_off(understanding: Understanding, turn: Turn, talk: Conversation) -> bool:
    """Whether a message is no answer in the talk in progress: a command, a short word that ends it, or plainly something else."""
    text, brief = turn.waiting.text, _brief(talk)
    if command(text) is not None:
        return True
    if bare(text) in talk.state.get("answers", ()):
        return False
    if danger_of(text) and (brief or talk.dialogue == "human" or not _planned(turn)):
        return True
    if which_building.asked(talk.state):
        reading = understanding.read(text, language=turn.language, today=local_day(turn.waiting.at))
        return reading.intent.name != "none" and reading.confidence >= SURE_ENOUGH
    short = len(text.split()) <= FEW
    if not short and not brief:
        return False
    reading = understanding.read(text, language=turn.language, today=local_day(turn.waiting.at))
    if short and reading.intent.name in ENDS:
        # `Help with homework` is what one can do, `that does not belong here` a reason; `help` is neither.
        if reading.intent.name == "cancel":
            return brief or reading.confidence >= SURE_ENOUGH
        return reading.confidence >= WITHOUT_DOUBT
    return brief and (_whole_sentence(reading, talk) or _something_else(reading, text, talk))


def stays_open(talk: Conversation, answered: Intent) -> bool:
    """Whether the question is still open after that was answered in between."""
    return _brief(talk) and answered.name in (*SMALL_TALK, LANGUAGE)


def _brief(talk: Conversation) -> bool:
    return bool(talk.state.get("brief"))


def _planned(turn: Turn) -> bool:
    """Whether a message names a day to come: a fire drill on Tuesday is for the board."""
    today = local_day(turn.waiting.at)
    day = day_of(turn.waiting.text, turn.language, today)
    return day is not None and day > today


def _something_else(reading: Reading, text: str, talk: Conversation) -> bool:
    """Whether somebody who was asked for a thing, a day or a number asks for something else himself, or greets.

    Only a question is no answer: `writing invoices` is what one is good at, and no wish to see any.
    """
    asked, meant = BY_NAME.get(talk.dialogue), BY_INTENT.get(reading.intent.name)
    if meant is None or reading.confidence < SURE_ENOUGH or (meant is asked and reading.intent.name not in LOOKS):
        return False
    if reading.intent.name in SMALL_TALK:
        return reading.confidence >= WITHOUT_DOUBT
    return is_question(text)


def _whole_sentence(reading: Reading, talk: Conversation) -> bool:
    """Whether what was asked for is said in a sentence that says all by itself: `I give away a bicycle`, where a name was asked for."""
    named = not NAMES.isdisjoint(reading.intent.slots)
    return named and reading.intent.name == talk.state.get("about") and reading.confidence >= SURE_ENOUGH
