"""Identifiers and secrets."""

from __future__ import annotations

import re

from core.kernel.ids import ALPHABET, digest, new_code, new_id, new_token


def test_secrets_are_their_own_each_time() -> None:
    for make in (new_id, new_token, new_code):
        assert len({make() for _ in range(500)}) == 500


def test_a_code_can_be_copied_from_paper() -> None:
    assert not set("01IO") & set(ALPHABET)
    assert len(ALPHABET) == 32
    assert all(re.fullmatch(f"[{ALPHABET}]{{10}}", new_code()) for _ in range(100))


def test_a_token_goes_into_a_link() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", new_token()) for _ in range(100))
    assert len(new_token(24)) == 32


def test_a_secret_is_kept_as_its_hash() -> None:
    assert digest("A") == digest("A")
    assert digest("A") != digest("B")
    assert len(digest("A")) == 32
