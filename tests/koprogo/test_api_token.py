"""`koprogo api-token`: made, shown once, listed, taken back."""

from __future__ import annotations

import pytest

from tests.koprogo.conftest import Command


def test_a_token_is_shown_once_and_taken_back(koprogo: Command) -> None:
    assert koprogo("api-token", "--json").json == []
    made = koprogo(
        "api-token", "--name", "books", "--scopes", "payments:write, accounts:read", "--days", "30", "--json"
    )
    assert made.code == 0
    assert made.json["token"].startswith("kpg_")
    assert made.json["scopes"] == ["accounts:read", "payments:write"]
    listed = koprogo("api-token", "--json")
    assert [row["name"] for row in listed.json] == ["books"]
    assert made.json["token"] not in listed.out
    told = koprogo("api-token")
    assert "books: accounts:read, payments:write" in told.out
    again = koprogo("api-token", "--name", "books", "--scopes", "accounts:read")
    assert (again.code, len(again.lines)) == (1, 1)
    assert koprogo("api-token", "--name", "books", "--revoke").code == 0
    assert koprogo("api-token", "--name", "books", "--revoke").code == 1
    assert koprogo("api-token", "--json").json == []
    shown = koprogo("api-token", "--name", "books", "--scopes", "accounts:read")
    assert shown.out.splitlines()[1].startswith("kpg_")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--organisation", "nobody"), 1),
        (("--name", "x", "--scopes", "everything"), 1),
        (("--name", "x", "--scopes", ""), 1),
        (("--scopes", "accounts:read"), 2),
        (("--revoke",), 2),
        (("--name", "x", "--scopes", "accounts:read", "--days", "many"), 2),
        (("--name", "x", "--scopes", "accounts:read", "--days", "0"), 1),
        (("--name", "x", "--scopes", "accounts:read", "--revoke"), 2),
        (("--name", "x\ny", "--scopes", "accounts:read"), 1),
    ],
)
def test_what_can_not_be_done_is_said(koprogo: Command, arguments: tuple[str, ...], code: int) -> None:
    ran = koprogo("api-token", *arguments)
    assert ran.code == code
    assert ran.lines
    assert "kpg_" not in ran.out
