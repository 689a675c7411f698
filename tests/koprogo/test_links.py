"""What the installation signs: its own, whole, and for one purpose."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.kernel.ids import new_id
from core.messaging.channel import Address
from koprogo.links import Links, secret_of

LINKS = Links(b"s" * 32, "https://kopro.example")
KEYS = st.uuids().map(lambda each: each.hex)


@given(KEYS)
def test_a_reply_token_comes_back_in_any_case(key: str) -> None:
    token = LINKS.reply(key)
    assert len(token) == 42
    assert token.isascii()
    assert token.isalnum()
    assert token == token.lower()
    assert LINKS.replied(token) == LINKS.replied(token.upper()) == key


@given(KEYS, st.integers(0, 40), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_token_is_nobodys(key: str, place: int, sign: str) -> None:
    token = LINKS.reply(key)
    changed = token[:place] + sign + token[place + 1 :]
    assert LINKS.replied(changed) == (key if changed == token else None)


@given(st.text(max_size=60))
def test_any_text_is_no_token(text: str) -> None:
    assert LINKS.replied(text) is None
    assert LINKS.unsubscribed(text) is None


def test_a_token_serves_one_purpose_and_one_installation() -> None:
    key = new_id().hex
    other = Links(b"t" * 32, "https://kopro.example")
    assert other.replied(LINKS.reply(key)) is None
    assert LINKS.chosen(LINKS.reply(key)) is None
    link = LINKS.choice(key, "tok-en")
    assert link is not None
    sealed = link.removeprefix("https://kopro.example/c/").removesuffix("/tok-en")
    assert LINKS.chosen(sealed) == key
    assert LINKS.replied(sealed) is None


def test_a_goodbye_names_its_address() -> None:
    address = Address("email", "lea@tilleuls.example")
    link = LINKS.unsubscribe(address)
    assert link is not None
    token = link.removeprefix("https://kopro.example/u/")
    assert LINKS.unsubscribed(token) == address
    assert Links(b"t" * 32, None).unsubscribed(token) is None


def test_without_a_public_address_there_are_no_links() -> None:
    silent = Links(b"s" * 32, None)
    assert silent.choice(new_id().hex, "t") is None
    assert silent.unsubscribe(Address("email", "a@b.example")) is None
    assert len(silent.reply(new_id().hex)) == 42


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = secret_of(folder, None)
    assert secret_of(folder, None) == first
    assert stat.S_IMODE(os.stat(folder / "secret").st_mode) == 0o600
    assert secret_of(folder, "a secret that was given") != first
    assert secret_of(tmp_path / "elsewhere", None) != first
