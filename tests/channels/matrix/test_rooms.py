"""What the state of a room says of who sees it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.matrix.rooms import view

US, LEA, TOM = "@koprogo:home.example", "@lea:home.example", "@tom:home.example"


def member(user: str, membership: str, **more: Any) -> dict[str, Any]:
    return {"type": "m.room.member", "state_key": user, "sender": user, "content": {"membership": membership}, **more}


def rule(name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"type": name, "state_key": "", "sender": LEA, "content": content}


PRIVATE = [rule("m.room.join_rules", {"join_rule": "invite"})]
TWO = [member(US, "join"), member(LEA, "join"), *PRIVATE]


@pytest.mark.parametrize(
    ("state", "direct"),
    [
        (TWO, True),
        ([member(US, "join"), member(LEA, "invite"), *PRIVATE], True),
        ([*TWO, member(TOM, "join")], False),
        ([*TWO, member(TOM, "invite")], False),
        ([*TWO, member(TOM, "leave")], True),
        ([member(US, "join"), member(LEA, "join")], False),
        ([*TWO[:2], rule("m.room.join_rules", {"join_rule": "public"})], False),
        ([*TWO[:2], rule("m.room.join_rules", {"join_rule": "restricted"})], False),
        ([*TWO[:2], rule("m.room.join_rules", {"join_rule": ["invite"]})], False),
        ([*TWO[:2], rule("m.room.join_rules", {"join_rule": "knock"})], True),
        ([*TWO, rule("m.room.history_visibility", {"history_visibility": "world_readable"})], False),
        ([*TWO, rule("m.room.history_visibility", {"history_visibility": "joined"})], True),
        ([], False),
    ],
)
def test_a_talk_is_seen_by_two_and_nobody_else(state: list[Any], direct: bool) -> None:
    seen = view(state, US)
    assert seen.between(US, LEA) is direct
    assert not seen.between(US, TOM)


def test_who_is_there() -> None:
    expelled = view([member(US, "ban", sender=LEA), member(LEA, "join"), member(TOM, "leave")], US)
    assert (expelled.expelled_by, expelled.joined, expelled.left) == (LEA, {LEA}, {US, TOM})
    named = view([*TWO, rule("m.room.encryption", {}), {"type": "m.room.member", "state_key": US, "content": 1}], US)
    assert (named.encrypted, named.others(US), named.expelled_by) == (True, 1, None)


JSON = st.recursive(
    st.none() | st.integers() | st.text() | st.sampled_from([US, "join", "leave", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["membership", "displayname", "join_rule"]), inner)
    ),
    max_leaves=5,
)
KINDS = st.sampled_from(["m.room.member", "m.room.join_rules", "m.room.history_visibility"])


@given(st.lists(JSON | st.fixed_dictionaries({"type": KINDS, "state_key": JSON, "content": JSON, "sender": JSON})))
def test_state_that_makes_no_sense_opens_no_talk(state: list[Any]) -> None:
    assert not view(state, US).between(US, LEA)
