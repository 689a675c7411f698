"""`koprogo admin`: a one-time link for the first administrator; and the link of the demo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from koprogo.demo import ORGANISATION, SYNDIC
from tests.koprogo.conftest import Command


def test_the_first_administrator_gets_a_link(koprogo: Command) -> None:
    made = koprogo("admin", "Boss@Kopro.Example", "--json", KOPROGO_PUBLIC_URL="https://kopro.example").json
    assert made["address"] == "boss@kopro.example"
    assert made["link"].startswith("https://kopro.example/office/link/")
    assert len(made["link"].rpartition("/")[2]) == 43
    left = datetime.fromisoformat(made["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < left <= timedelta(hours=1)
    told = koprogo("admin", "boss@kopro.example")
    assert told.code == 0
    assert "http://127.0.0.1:8080/office/link/" in told.out
    assert made["link"].rpartition("/")[2] not in told.out, "another one each time"
    assert told.err == ""


@pytest.mark.parametrize("wrong", ["", "boss", "boss@", "@kopro.example", "a b@kopro.example", "a@b@c"])
def test_what_is_no_address_is_wrong_usage(koprogo: Command, wrong: str) -> None:
    ran = koprogo("admin", wrong)
    assert (ran.code, len(ran.lines), ran.out) == (2, 1, "")


def test_the_sample_has_a_syndic_of_that_address() -> None:
    from tests.ground_floor import SAMPLE

    people = (SAMPLE / "people.csv").read_text(encoding="utf-8")
    (row,) = [line for line in people.splitlines() if SYNDIC[0] in line]
    assert ",syndic," in row
    assert SYNDIC[1] in row
    assert ORGANISATION == "demo"
