"""What an event of Matrix means, and that no event whatever makes the reading fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.matrix import parse
from channels.matrix.parse import Me, Place, Related
from channels.matrix.render import thread
from core.messaging.channel import Address, Ignored, Message, Room

ME = Me("@koprogo:home.example", "Kopro")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEA = "@lea:home.example"
DIRECT, GROUP = Place("!room:home.example", True), Place("!group:home.example", False)


async def fetch(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True).encode()


def event(content: Any, kind: Any = "m.room.message", **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "event_id": "$said",
        "sender": LEA,
        "origin_server_ts": 1_795_000_000_000,
        "content": content,
        **more,
    }


def said(body: str, **more: Any) -> dict[str, Any]:
    return event({"msgtype": "m.text", "body": body, **more})


def read(raw: Any, place: Place = DIRECT, related: Related | None = None) -> Any:
    return parse.inbound(raw, ME, place, related, fetch, NOW)


def test_words_their_sender_and_their_time() -> None:
    message = read(said("Que dois-je ?\n", formatted_body="<b>Autre chose</b>", format="org.matrix.custom.html"))
    assert isinstance(message, Message)
    assert (message.text, message.ref) == ("Que dois-je ?", "$said")
    assert message.at == datetime.fromtimestamp(1_795_000_000, UTC)
    assert (message.origin.sender, message.origin.room) == (Address("matrix", LEA), None)
    assert thread(message.thread) == thread(json.dumps({"room": DIRECT.room, "root": "", "event": "$said"}))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("> <@koprogo:home.example> Vous devez\n> 412 €\n\nPourquoi ?", "Pourquoi ?"),
        ("> * <@koprogo:home.example> écrit\n\nOui", "Oui"),
        ("> une citation à moi\n\nOui", "> une citation à moi\n\nOui"),
        ("Oui", "Oui"),
    ],
)
def test_the_quote_of_what_is_answered_goes(body: str, text: str) -> None:
    message = read(said(body, **{"m.relates_to": {"m.in_reply_to": {"event_id": "$card"}}}))
    assert (message.text, message.in_reply_to) == (text, "$card")


def test_a_thread_keeps_its_root_and_what_it_answers() -> None:
    relation = {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$last"},
    }
    message = read(said("2", **{"m.relates_to": relation}))
    kept = thread(message.thread)
    assert kept is not None
    assert (kept.root, kept.event, message.in_reply_to) == ("$root", "$said", "$last")


@pytest.mark.parametrize(
    ("body", "text", "addressed"),
    [
        ("Kopro: aide", "aide", True),
        ("@kopro, aide", "aide", True),
        ("@koprogo:home.example aide", "aide", True),
        ("koprogo aide", "aide", True),
        ("aide, Kopro !", "aide, Kopro !", True),
        ("!kopro help", "!kopro help", True),
        ("les koproprios", "les koproprios", False),
        ("!koproj", "!koproj", False),
        ("> <@koprogo:home.example> Vous devez\n\nrien pour lui", "rien pour lui", False),
    ],
)
def test_who_is_meant_in_a_group(body: str, text: str, addressed: bool) -> None:
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$other"}}} if body.startswith(">") else {}
    message = read(said(body, **relation), GROUP)
    assert (message.text, message.origin.addressed) == (text, addressed)
    assert message.origin.room == Room("matrix", GROUP.room)


@pytest.mark.parametrize(
    "mentions", [{"user_ids": [ME.id]}, {"user_ids": "x", "room": True}, ["x"], None, {"user_ids": [1]}]
)
def test_mentions(mentions: Any) -> None:
    message = read(said("Aide", **{"m.mentions": mentions}), GROUP)
    assert message.origin.addressed is (mentions == {"user_ids": [ME.id]})


@pytest.mark.parametrize(
    ("sign", "choice"),
    [
        ("1️⃣", "1"),
        ("1\u20e3", "1"),
        ("9️⃣", "9"),
        ("🔟", "10"),
        ("2", "2"),
        ("12", "12"),
        ("👍", None),
        ("0", None),
        ("١", None),
        ("1a", None),
    ],
)
def test_a_reaction_is_a_choice_by_its_number(sign: str, choice: str | None) -> None:
    raw = event({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$card", "key": sign}}, "m.reaction")
    found = read(raw, DIRECT, Related(ME.id, "$root"))
    if choice is None:
        assert found == Ignored("$said", found.at, "reaction")
    else:
        assert (found.choice, found.in_reply_to, found.text) == (choice, "$card", "")
        kept = thread(found.thread)
        assert kept is not None
        assert kept.root == "$root"
    assert parse.refers_to(raw, True) == "$card"


def test_only_our_own_cards_can_be_chosen_from() -> None:
    raw = event({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$card", "key": "1"}}, "m.reaction")
    assert read(raw, DIRECT, Related(LEA)).why == "reaction_to_another"
    assert read(raw, DIRECT).choice == "1"
    assert read(raw, GROUP).origin.addressed is False


def test_only_who_wrote_may_rewrite() -> None:
    new = {"msgtype": "m.text", "body": "Deux"}
    raw = said("* Deux", **{"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": "$first"}})
    message = read(raw, DIRECT, Related(LEA, "$root"))
    assert (message.text, message.edits) == ("Deux", "$first")
    assert read(raw, DIRECT, Related("@tom:home.example")).why == "forged"
    assert read(raw, DIRECT).why == "forged"
    del raw["content"]["m.new_content"]
    assert read(raw, DIRECT, Related(LEA)).why == "malformed"


async def test_files() -> None:
    content = {
        "msgtype": "m.image",
        "body": "Sous l'évier",
        "filename": "../../.fuite\n.png",
        "url": "mxc://home.example/abc",
        "info": {"mimetype": "image/png", "size": 12},
    }
    message = read(event(content))
    (file,) = message.files
    assert (message.text, file.name, file.media_type, file.size) == ("Sous l'évier", "fuite .png", "image/png", 12)
    assert json.loads(await file.read()) == content
    alone = read(
        event({"msgtype": "m.file", "body": "a.pdf", "file": {"url": "mxc://home.example/abc"}, "info": {"size": -1}})
    )
    assert (alone.text, alone.files[0].name, alone.files[0].size) == ("", "a.pdf", 0)
    assert alone.files[0].media_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (event({"msgtype": "m.notice", "body": "bip"}), "notice"),
        (event({"msgtype": "m.location", "body": "x"}), "unknown_kind"),
        (event({}, "m.sticker"), "unknown_kind"),
        (event({}, "m.room.encrypted"), "undecryptable"),
        (event({}, unsigned={"redacted_because": {}}), "redacted"),
        (event({"name": "x"}, "m.room.name", state_key=""), "state"),
        (event({"msgtype": "m.text", "body": "x"}, sender=ME.id), "own"),
        (event({"msgtype": "m.text", "body": " \n"}), "empty"),
        (event({"msgtype": "m.text"}), "malformed"),
        (event([]), "malformed"),
        (event({"msgtype": "m.text", "body": "x"}, origin_server_ts="now"), "malformed"),
        (event({"msgtype": "m.text", "body": "x"}, sender=7), "malformed"),
        (event({"msgtype": "m.file", "body": "x", "url": 7}), "malformed"),
        (event({"m.relates_to": {"rel_type": "m.reference", "event_id": "$x", "key": "1"}}, "m.reaction"), "malformed"),
        (event({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$x", "key": 1}}, "m.reaction"), "malformed"),
        (said("x", **{"m.relates_to": {"rel_type": "m.thread", "event_id": "no id"}}), "malformed"),
        (said("x", **{"m.relates_to": {"rel_type": "m.thread", "event_id": "$" + "x" * 300}}), "malformed"),
        (said("x", **{"m.relates_to": {"m.in_reply_to": "$x"}}), "malformed"),
        (said("x", **{"m.relates_to": [1]}), "malformed"),
        (said("x", **{"m.relates_to": {"rel_type": ["m.replace"], "event_id": "$x"}}), "malformed"),
        (None, "malformed"),
        (["$x"], "malformed"),
        ({}, "malformed"),
    ],
)
def test_what_is_only_counted(raw: Any, why: str) -> None:
    found = read(raw)
    assert isinstance(found, Ignored)
    assert found.why == why
    if isinstance(raw, dict) and raw:  # what may still be decrypted must not pass for known then
        assert found.ref == ("sealed-$said" if why == "undecryptable" else "$said")


def test_time_that_makes_no_sense_is_now() -> None:
    ahead = int((NOW + timedelta(days=1)).timestamp() * 1000)
    for wrong in (ahead, -1, 10**20):
        assert read(event({"msgtype": "m.text", "body": "x"}, origin_server_ts=wrong)).at == NOW


def test_receipts() -> None:
    content = {
        "$a": {"m.read": {LEA: {"ts": 1_795_000_000_000, "thread_id": "main"}, ME.id: {"ts": 1}}},
        "$b": {"m.read": {LEA: {"thread_id": "$root"}, "@tom:home.example": {}}, "m.read.private": {LEA: {}}},
        "$c": {"m.read": [1]},
        "d": {"m.read": {LEA: {}}},
        "$e": 1,
    }
    found = list(parse.seen(content, ME, DIRECT.room, NOW))
    assert [(each.origin.sender.handle, each.wire_ref, each.up_to) for each in found] == [
        (LEA, "$a", True),
        (LEA, "$b", False),
        ("@tom:home.example", "$b", True),
    ]
    assert len({each.ref for each in found}) == 3
    assert found == list(parse.seen(content, ME, DIRECT.room, NOW))
    assert list(parse.seen([content], ME, DIRECT.room, NOW)) == []


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["$x", "m.text", LEA, ME.id, "m.thread"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CONTENT = st.fixed_dictionaries(
    {},
    optional={
        "msgtype": st.sampled_from(["m.text", "m.notice", "m.file", "m.image"]) | JSON,
        "body": st.text() | JSON,
        "url": JSON,
        "file": st.fixed_dictionaries({"url": JSON}) | JSON,
        "filename": JSON,
        "info": st.fixed_dictionaries({"size": JSON, "mimetype": JSON}) | JSON,
        "m.mentions": st.fixed_dictionaries({"user_ids": JSON}) | JSON,
        "m.new_content": st.fixed_dictionaries({"msgtype": st.just("m.text"), "body": JSON}) | JSON,
        "m.relates_to": st.fixed_dictionaries(
            {
                "rel_type": st.sampled_from(["m.replace", "m.annotation", "m.thread"]) | JSON,
                "event_id": st.just("$x") | JSON,
                "key": st.sampled_from(["1", "2️⃣"]) | JSON,
            },
            optional={"m.in_reply_to": st.fixed_dictionaries({"event_id": st.just("$y") | JSON}) | JSON},
        )
        | JSON,
    },
)
EVENT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["m.room.message", "m.reaction", "m.room.encrypted"]) | JSON,
        "event_id": st.just("$said") | JSON,
        "sender": st.just(LEA) | JSON,
        "origin_server_ts": st.integers() | JSON,
        "content": CONTENT | JSON,
    },
    optional={"unsigned": JSON, "state_key": JSON},
)


@given(EVENT | JSON, st.sampled_from([DIRECT, GROUP]), st.sampled_from([None, Related(LEA), Related(ME.id, "$root")]))
def test_nothing_that_arrives_makes_the_reading_fail(raw: Any, place: Place, related: Related | None) -> None:
    found = read(raw, place, related)
    assert found.ref
    assert isinstance(found, Message | Ignored)
    json.dumps(found.ref).encode()
    if isinstance(found, Message):
        assert found.text or found.choice or found.files
        assert (found.origin.room is None) is place.direct
        assert "\x00" not in found.text
        found.text.encode()  # no halves of a character
    asked = parse.refers_to(raw, place.direct)
    assert asked is None or asked.startswith("$")
    parse.related(raw)


@given(JSON)
def test_no_receipt_makes_the_reading_fail(content: Any) -> None:
    for each in parse.seen(content, ME, DIRECT.room, NOW):
        assert each.wire_ref.startswith("$")
