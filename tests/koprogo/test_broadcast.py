"""`koprogo broadcast`: as a syndic and as a script meet it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from core.documents.service import Shelf
from tests.ground_floor import SAMPLE
from tests.koprogo.conftest import Command

LEA, TOM, ANNA = (f"{name}@tilleuls.example" for name in ("lea.dubois", "tom.vermeulen", "anna.schmitz"))
AT = "2026-11-23T12:00"
DRAFT = ("broadcast", "tilleuls", "--title", "Coupure d'eau", "--text", "-")
WORDS = "L'eau est coupée jeudi de 9 à 12 h.\n\nMerci."


def draft(koprogo: Command, *more: str, given: str | bytes = WORDS, **environment: str) -> Any:
    return koprogo(*DRAFT, *more, given=given, **environment)


def in_calendar(file: str) -> list[Any]:
    """The events in a calendar file."""
    return list(Calendar.from_ical(Path(file).read_bytes()).walk("VEVENT"))


@pytest.fixture
def opened(koprogo: Command) -> Command:
    """The command where the three have opened their terminals."""
    for who in (LEA, TOM, ANNA):
        assert koprogo("inbox", "--as", who).code == 0
    return koprogo


def test_a_preview_writes_nothing(opened: Command) -> None:
    seen = draft(opened, "--audience", "owners", "--preview", "--json").json
    assert (seen["reached"], seen["unreached"]) == (3, 9)
    assert seen["channels"] == {"console": 3}
    assert seen["reasons"] == {"no_address": 9}
    assert sum(seen["when"].values()) == 3
    row = next(row for row in seen["recipients"] if row["person"] == "anna-schmitz")
    assert (row["name"], row["channel"], row["language"], row["without"]) == ("Anna Schmitz", "console", "fr", [])
    told = draft(opened, "--audience", "owners")
    assert told.code == 0
    assert "Marguerite Lambert: no address leads to this person" in told.out
    assert opened("outbox", "--json").json == []


async def test_sent_watched_and_stopped(opened: Command, tmp_path: Path) -> None:
    shelf = Shelf(Path(opened.settings["KOPROGO_DATA"]) / "files")
    await shelf.put((SAMPLE / "documents" / "roi-2024.pdf").read_bytes())
    (tmp_path / "nl.txt").write_text("Donderdag is er geen water.", encoding="utf-8")
    more = ["--audience", "council", "--translation", "nl", "Waterpanne", str(tmp_path / "nl.txt")]
    more += ["--urgency", "urgent", "--attach", "roi-2024.pdf"]
    more += ["--event", "2026-12-03T09:00/2026-12-03T12:00", "--place", "Hall"]
    ran = draft(opened, *more, "--send", "--json")
    assert ran.code == 0, ran.err
    sent = ran.json
    assert (sent["people"], sent["pending"], sent["fates"]) == (3, 2, {"waiting": 2, "skipped": 1})
    assert [row["name"] for row in sent["unreached"]] == ["Léa Dubois", "Sofie De Smet", "Tom Vermeulen"]
    assert draft(opened, *more, "--send", "--json").json == sent, "pressed twice"
    assert len(opened("outbox", "--json").json) == 3
    (shown,) = opened("inbox", "--as", TOM, "--json").json
    assert shown["title"] == "Waterpanne"
    assert shown["body"][0] == "Donderdag is er geen water."
    names = [file["name"] for file in shown["attachments"]]
    assert names == ["roi-2024.pdf", "calendar.ics"]
    (event,) = in_calendar(shown["attachments"][1]["path"])
    assert (event["SUMMARY"], event["LOCATION"]) == ("Waterpanne", "Hall")
    assert event["UID"] == sent["broadcast"]
    now = opened("broadcast", "tilleuls", "--progress", sent["broadcast"][:8], "--json").json
    assert (now["fates"], now["evidence"], now["pending"]) == ({"sent": 2, "skipped": 1}, {"delivered": 2}, 0)
    assert [row["reason"] for row in now["unreached"]] == ["no_address"]
    opened("inbox", "--as", "sofie.desmet@tilleuls.example")
    again = opened("broadcast", "tilleuls", "--again", sent["broadcast"], "--json").json
    assert (again["attempts"], again["pending"]) == (2, 1)
    stopped = opened("broadcast", "tilleuls", "--stop", sent["broadcast"], "--json").json
    assert stopped == {"broadcast": sent["broadcast"], "left": 2, "leaving": 0, "cancelled": 1}
    told = opened("broadcast", "tilleuls", "--progress", sent["broadcast"])
    assert "Sofie De Smet: not sent (the broadcast was stopped before)" in told.out
    refused = opened("broadcast", "tilleuls", "--again", sent["broadcast"])
    assert (refused.code, len(refused.lines)) == (1, 1)


def test_only_who_speaks_for_the_building(opened: Command) -> None:
    for mine in ((*DRAFT, "--audience", "owners", "--send"), (*DRAFT, "--audience", "owners")):
        refused = opened(*mine, "--as", ANNA, given=WORDS)
        assert (refused.code, refused.out) == (1, "")
        assert refused.lines == ["Only the syndic and the co-ownership council may write to the whole building."]
    assert draft(opened, "--audience", "council", "--as", LEA).code == 0
    assert draft(opened, "--audience", "council", "--as", "nobody@tilleuls.example").code == 1
    assert opened("outbox", "--json").json == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--audience", "neighbours"), 2),
        (("--audience", "lots:9Z"), 1),
        (("--audience", "owners", "--lang", "es"), 2),
        (("--audience", "owners", "--kind", "answer"), 1),
        (("--audience", "owners", "--urgency", "now"), 2),
        (("--audience", "owners", "--attach", "nothing.pdf"), 1),
        (("--audience", "owners", "--event", "soon"), 2),
        (("--audience", "owners", "--event", "2026-12-03/2026-12-01"), 1),
        (("--audience", "owners", "--translation", "fr", "Encore", os.devnull), 2),
        ((), 2),
        (("--audience", "owners", "--send", "--preview"), 2),
    ],
)
def test_what_cannot_be_sent(koprogo: Command, more: tuple[str, ...], code: int) -> None:
    ran = draft(koprogo, *more)
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert ran.lines


@pytest.mark.parametrize("given", [b"", b"\xff\xfe", b"x" * 30_000])
def test_no_text(koprogo: Command, given: bytes) -> None:
    ran = draft(koprogo, "--audience", "owners", "--send", given=given)
    assert ran.code in (1, 2)
    assert len(ran.lines) == 1


@pytest.mark.parametrize("option", ["--progress", "--stop", "--again"])
@pytest.mark.parametrize("name", ["00000000-0000-0000-0000-000000000000", "%", "x' OR 1"])
def test_what_was_never_sent(koprogo: Command, option: str, name: str) -> None:
    ran = koprogo("broadcast", "tilleuls", option, name)
    assert (ran.code, ran.lines) == (1, ["There is no such broadcast."])


def test_a_file_that_is_not_there(koprogo: Command, tmp_path: Path) -> None:
    mine = ("broadcast", "tilleuls", "--audience", "owners", "--title", "x", "--text", str(tmp_path / "nothing"))
    assert koprogo(*mine).code == 1
    assert koprogo("broadcast", "nowhere", *mine[2:]).code == 1
