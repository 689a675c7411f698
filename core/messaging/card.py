"""A card: the one thing that is ever said. Of `Text` until its reader is known, of `str` for him."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from core.kernel.text import Text, Value, from_json, say, to_json
from core.messaging.intent import Intent

T = TypeVar("T")
U = TypeVar("U")

COLON = say("card.fact", label="", value="")
"""What a language writes between a label and its value: French sets a space before the colon."""


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A label and its value. `key`, `cents` and `day` are what scripts rely on; people read `label` and `value`."""

    label: T
    value: T
    key: str | None = None
    cents: int | None = None
    day: date | None = None

    def map(self, words: Callable[[T], U]) -> Fact[U]:
        return Fact(words(self.label), words(self.value), self.key, self.cents, self.day)


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """Something the reader may press. The token is minted when the delivery is recorded, and empty before."""

    intent: Intent
    label: T
    token: str = ""

    def map(self, words: Callable[[T], U]) -> Choice[U]:
        return Choice(self.intent, words(self.label), self.token)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored document (`kind` "document", its id among the values), or something drawn for the one reader by the courier."""

    kind: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card(Generic[T]):
    """Title, paragraphs, facts, choices, attachments. `may_stop`: its reader may end the likes of it with one click.

    `colon` stands between the label and the value of a fact, where both are written on one line.
    """

    title: T
    body: tuple[T, ...] = ()
    facts: tuple[Fact[T], ...] = ()
    choices: tuple[Choice[T], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    may_stop: bool = False
    colon: str = ": "

    def map(self: Card[Text], words: Callable[[Text], str]) -> Card[str]:
        """The only translation there is: `Card[Text]` to `Card[str]`."""
        return Card(
            words(self.title),
            tuple(words(paragraph) for paragraph in self.body),
            tuple(fact.map(words) for fact in self.facts),
            tuple(choice.map(words) for choice in self.choices),
            self.attachments,
            self.may_stop,
            words(COLON),
        )

    def offered(self, token: Callable[[], str]) -> Card[T]:
        """The same card, each of its choices with a token of its own."""
        choices = tuple([Choice(choice.intent, choice.label, token()) for choice in self.choices])
        return Card(self.title, self.body, self.facts, choices, self.attachments, self.may_stop, self.colon)


def card_to_json(card: Card[Text]) -> dict[str, Any]:
    """What a row of the outbox keeps of a card."""
    return {
        "title": to_json(card.title),
        "body": [to_json(paragraph) for paragraph in card.body],
        "facts": [
            {
                "label": to_json(fact.label),
                "value": to_json(fact.value),
                "key": fact.key,
                "cents": fact.cents,
                "day": fact.day.isoformat() if fact.day else None,
            }
            for fact in card.facts
        ],
        "choices": [
            {
                "intent": choice.intent.name,
                "slots": dict(choice.intent.slots),
                "label": to_json(choice.label),
                "token": choice.token,
            }
            for choice in card.choices
        ],
        "attachments": [
            {"kind": attachment.kind, "values": {name: to_json(value) for name, value in attachment.values.items()}}
            for attachment in card.attachments
        ],
    }


def card_from_json(stored: Mapping[str, Any]) -> Card[Text]:
    return Card(
        _text(stored["title"]),
        tuple(_text(paragraph) for paragraph in stored["body"]),
        tuple(
            Fact(
                _text(fact["label"]),
                _text(fact["value"]),
                fact["key"],
                fact["cents"],
                date.fromisoformat(fact["day"]) if fact["day"] else None,
            )
            for fact in stored["facts"]
        ),
        tuple(
            Choice(Intent(choice["intent"], choice["slots"]), _text(choice["label"]), choice["token"])
            for choice in stored["choices"]
        ),
        tuple(
            Attachment(attachment["kind"], {name: from_json(value) for name, value in attachment["values"].items()})
            for attachment in stored["attachments"]
        ),
    )


def _text(stored: Any) -> Text:
    value = from_json(stored)
    if not isinstance(value, Text):
        raise ValueError(f"a text is expected, not {stored!r}")
    return value
