"""A card as contents of events."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from channels.matrix import render
from channels.matrix.render import BYTE_LIMIT, TEXT_LIMIT, Thread
from core.messaging.card import Card, Fact
from tests.channels.matrix.conftest import OFFER


def size(content: render.Content) -> int:
    return len(json.dumps(content, ensure_ascii=False).encode())


def test_a_card_is_a_notice_with_its_choices_numbered() -> None:
    (content,) = render.contents(OFFER)
    assert content["msgtype"] == "m.notice"
    assert content["body"].splitlines()[-2:] == ["1. Expliquer", "2. Payer"]
    assert content["formatted_body"].endswith("<ol><li>Expliquer</li><li>Payer</li></ol>")


def test_nothing_of_a_card_becomes_markup() -> None:
    for card in (Card("<b>", ("a & b <i>",)), Card("<b>", ("a & b <i> " * 4_000,))):
        for content in render.contents(card):
            assert "<i>" not in content["formatted_body"]
            assert "a & b <i>" in content["body"]


@given(st.text(min_size=1), st.integers(1, 9_000), st.sampled_from(['"', "\n", "🏠", "\\", "a ", "é", "&"]))
def test_every_event_fits_whatever_it_says(word: str, count: int, sign: str) -> None:
    pieces = render.contents(
        Card("Titre", (word * 3, sign * count, f"{word} {sign}" * min(count, 500)), (Fact("A", sign * 200),))
    )
    for content in pieces:
        assert len(content["body"]) <= TEXT_LIMIT
        assert size(content) <= BYTE_LIMIT
        assert size(render.replacement("$x", content)) < 60_000
    if len(pieces) > 1:
        assert pieces[0]["formatted_body"].startswith("<p><strong>Titre</strong></p>")


def test_the_choice_stands_where_the_choices_stood() -> None:
    content = render.closed(OFFER, "Payer <vite>")
    assert content["body"].endswith("\n\n✓ Payer <vite>")
    assert "1. Expliquer" not in content["body"]
    assert content["formatted_body"].endswith("<p>✓ Payer &lt;vite&gt;</p>")


def test_an_edit_shows_its_beginning_to_old_clients() -> None:
    (content,) = render.contents(OFFER)
    edit = render.replacement("$x", content)
    assert edit["m.new_content"] == content
    assert edit["body"].startswith("* Vous devez 412,60 €")
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$x"}


def test_a_thread_comes_back_as_it_was() -> None:
    kept = Thread("!room:é.example", "$root", "$last")
    assert render.thread(kept.text()) == kept
    for wrong in (None, "", "$event", "{", "[1]", '{"room": 1, "root": "x", "event": "y"}', "[" * 100_000):
        assert render.thread(wrong) is None
