"""What neighbours write to one another about a note, as it reaches them. Pure."""

from __future__ import annotations

from uuid import UUID

from core.community.notices.cards import BROWSE, to_board
from core.community.notices.model import Notice
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice
from core.messaging.intent import Intent


def ask(title: str, name: str) -> Card[Text]:
    """What he wants to say; that it is passed on, and what is not."""
    return Card(say("notices.what_to_say", name=name), (say("notices.passed_on_how", title=title),))


def passed_on(notice: Notice, language: str, writer: UUID, name: str, words: str) -> Card[Text]:
    """To the other, who reads that language: what was written, by whom, and a way to answer."""
    slots = {"do": "answer", "notice": str(notice.notice_id)}
    if writer != notice.author:
        slots |= {"do": "reply", "to": str(writer)}
    answer = Choice(Intent(BROWSE, slots), say("notices.choice.answer", name=name))
    return Card(say("notices.answer", name=name, title=notice.title_in(language)), (literal(words),), choices=(answer,))


def sent(name: str) -> Card[Text]:
    return Card(say("notices.passed_on", name=name), choices=(to_board(),))
