"""A card: translated once, and kept in a row as it was."""

from __future__ import annotations

import json
from datetime import date

import pytest

from core.kernel.money import Money
from core.kernel.text import Text, literal, say
from core.messaging.card import Attachment, Card, Choice, Fact, card_from_json, card_to_json
from core.messaging.channel import Evidence, Rejected, TryLater, Unreachable
from core.messaging.intent import INTENTS, Intent

CARD = Card(
    say("charges.owed.title", amount=Money(500), due=date(2026, 11, 30)),
    (say("charges.owed.past", to_pay=say("charges.value.owed")), literal("Léa 🌳")),
    (
        Fact(say("charges.fact.to_pay"), literal(Money(500)), "to_pay", 500),
        Fact(say("charges.fact.due"), literal(date(2026, 11, 30)), "due", day=date(2026, 11, 30)),
    ),
    (Choice(Intent("charges.explain", {"building": "tilleuls"}), say("charges.choice.explain"), "token"),),
    (Attachment("epc_qr", {"amount": Money(500), "name": "ACP"}),),
)


def test_a_card_is_kept_as_it_was() -> None:
    assert card_from_json(json.loads(json.dumps(card_to_json(CARD)))) == CARD
    assert card_from_json(card_to_json(Card(say("bot.sorry")))) == Card(say("bot.sorry"))


def test_only_texts_make_a_card() -> None:
    stored = card_to_json(CARD)
    with pytest.raises(ValueError, match="a text is expected"):
        card_from_json({**stored, "title": "a bare word"})


def test_every_text_of_a_card_is_translated_and_nothing_else() -> None:
    seen: list[Text] = []

    def words(text: Text) -> str:
        seen.append(text)
        return f"<{text.key}>"

    card = CARD.map(words)
    assert card.title == "<charges.owed.title>"
    assert card.body == ("<charges.owed.past>", "<>")
    assert [(fact.label, fact.value) for fact in card.facts] == [
        ("<charges.fact.to_pay>", "<>"),
        ("<charges.fact.due>", "<>"),
    ]
    assert [choice.label for choice in card.choices] == ["<charges.choice.explain>"]
    assert card.colon == "<card.fact>"
    assert len(seen) == 9
    assert [(fact.key, fact.cents, fact.day) for fact in card.facts] == [
        (fact.key, fact.cents, fact.day) for fact in CARD.facts
    ]
    assert (card.choices[0].intent, card.choices[0].token) == (CARD.choices[0].intent, "token")
    assert card.attachments == CARD.attachments


def test_intents_are_a_closed_list() -> None:
    assert len(INTENTS) == len(set(INTENTS)) == 50
    assert Intent("help") == Intent("help", {})
    assert hash(Intent("help", {"a": 1})) == hash(Intent("help", {"a": 2}))
    assert Intent("help", {"a": 1}) != Intent("help", {"a": 2})


def test_evidence_has_an_order() -> None:
    assert list(Evidence) == sorted(Evidence)
    assert max(Evidence) is Evidence.ACKNOWLEDGED


@pytest.mark.parametrize("error", [Unreachable("gone"), TryLater("flood"), Rejected("too long")])
def test_a_channel_says_why_it_failed(error: Unreachable | TryLater | Rejected) -> None:
    assert error.reason == str(error)
