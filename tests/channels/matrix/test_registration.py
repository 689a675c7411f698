"""The file that lets us into a homeserver: what it says, and the command that prints it. test_appservice.py gives it to a real one."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Mapping

import pytest
import yaml

from channels.matrix.registration import as_yaml, registration, user_parts
from koprogo.commands.matrix_registration import matrix_registration
from koprogo.output import DONE, Output, WrongInput
from koprogo.settings import read_settings

USER = "@kopro.go:home.example"


GIVEN = {
    "KOPROGO_MATRIX_AS_TOKEN": "ours-ours-ours-ours-ours-ours-ours-ours-ours",
    "KOPROGO_MATRIX_HS_TOKEN": "theirs-theirs-theirs-theirs-theirs-theirs-the",
    "KOPROGO_MATRIX_HOMESERVER": "http://127.0.0.1:8008",
    "KOPROGO_MATRIX_USER": USER,
}
URL = "https://kopro.home.example"


async def printed(
    capsys: pytest.CaptureFixture[str],
    given: Mapping[str, str] | None = None,
    *,
    as_json: bool = False,
    url: str | None = None,
    user: str | None = None,
) -> str:
    options = Namespace(url=url, user=user)
    assert await matrix_registration(options, read_settings(given or {}), Output(as_json)) == DONE
    return capsys.readouterr().out


def test_only_the_bots_user_is_reserved() -> None:
    made = registration(USER, "https://kopro.home.example/", "a", "h")
    (reserved,) = made["namespaces"]["users"]
    assert reserved["exclusive"] is True
    assert re.match(reserved["regex"], USER)
    assert not re.match(reserved["regex"], "@koproxgo:home.example")
    assert (made["sender_localpart"], made["url"], made["rate_limited"]) == (
        "kopro.go",
        "https://kopro.home.example",
        False,
    )


@pytest.mark.parametrize("user", ["koprogo", "@koprogo", "@:home.example", "@Kopro:home.example", "@a:b:c d", ""])
def test_what_is_no_user_id(user: str) -> None:
    with pytest.raises(ValueError, match="@name:server"):
        user_parts(user)


def test_yaml_reads_back_whatever_is_in_it() -> None:
    made = registration(USER, "https://x.example", 'quote " colon: # hash', "\\back\nline")
    assert yaml.safe_load(as_yaml(made)) == made


async def test_new_tokens_each_time_and_how_to_set_them(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = await printed(capsys), await printed(capsys)
    read, again = yaml.safe_load(first), yaml.safe_load(second)
    assert len({read["as_token"], read["hs_token"], again["as_token"], again["hs_token"]}) == 4
    assert min(map(len, (read["as_token"], read["hs_token"]))) >= 43
    assert read["url"] == "http://127.0.0.1:8080"
    to_set = dict(line.removeprefix("#   ").split("=", 1) for line in first.splitlines() if line.startswith("#   "))
    assert (to_set["KOPROGO_MATRIX_AS_TOKEN"], to_set["KOPROGO_MATRIX_HS_TOKEN"]) == (
        read["as_token"],
        read["hs_token"],
    )
    settings = read_settings(to_set)
    assert settings.matrix_user
    assert re.match(read["namespaces"]["users"][0]["regex"], settings.matrix_user)


async def test_tokens_that_are_set_are_kept_and_not_told_twice(capsys: pytest.CaptureFixture[str]) -> None:
    text = await printed(capsys, GIVEN, url=URL)
    read = yaml.safe_load(text)
    assert (read["as_token"], read["hs_token"]) == (
        GIVEN["KOPROGO_MATRIX_AS_TOKEN"],
        GIVEN["KOPROGO_MATRIX_HS_TOKEN"],
    )
    assert read["sender_localpart"] == "kopro.go"
    assert "KOPROGO_MATRIX" not in text
    assert json.loads(await printed(capsys, GIVEN, as_json=True, url=URL)) == read


async def test_another_name_for_the_bot(capsys: pytest.CaptureFixture[str]) -> None:
    text = await printed(capsys, user="@concierge:home.example")
    assert yaml.safe_load(text)["sender_localpart"] == "concierge"
    assert "KOPROGO_MATRIX_USER=@concierge:home.example" in text


@pytest.mark.parametrize("wrong", [{"url": "kopro.home.example"}, {"user": "concierge"}])
async def test_what_no_server_could_use(capsys: pytest.CaptureFixture[str], wrong: dict[str, str]) -> None:
    with pytest.raises(WrongInput):
        await printed(capsys, **wrong)
