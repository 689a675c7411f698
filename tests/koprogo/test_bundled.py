"""The bundled database: started by the first command in a data folder, stopped after the last."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import psutil
import pytest

from koprogo.demo import TALK
from tests import oracle
from tests.ground_floor import SAMPLE
from tests.koprogo.conftest import Command
from tests.koprogo.picture import read_qr
from tests.servers.postgres import new_folder, remove
from tests.talking import cents

pytestmark = pytest.mark.xdist_group("koprogo-bundled")


@pytest.fixture(scope="module")
def demo(bundled: Command) -> list[dict]:
    """What the demo says on an empty data folder, as JSON."""
    ran = bundled("demo", "--once", "--json")
    assert (ran.code, ran.err) == (0, "")
    return ran.json


def servers(folder: Path) -> list[psutil.Process]:
    """The processes that serve that folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if any(Path(part) == folder / "postgres" for part in line):
            found.append(process)
    return found


def test_the_demo_in_four_languages(demo: list[dict]) -> None:
    files = oracle.read(SAMPLE)
    by_mail = {row["email"]: row["person"] for row in files.rows("people")}
    assert len(demo) == len(TALK)
    assert {email: None for email, *_ in TALK}.keys() <= by_mail.keys()
    asked = oracle.day("2026-11-22")
    for (email, _, _), card in zip(TALK, demo, strict=True):
        owed = oracle.owed(files, by_mail[email], *oracle.quarter_of(files, asked), asked)
        shown = cents(card)
        if "to_pay" in shown:
            assert shown["to_pay"] == owed.to_pay, card["title"]
        for key in ("called_working", "settled", "opening"):
            assert shown.get(key, 0) in (0, getattr(owed, key))
    languages = {row["language"] for row in files.rows("people") if row["email"] in {email for email, *_ in TALK}}
    assert languages == {"fr", "nl", "de", "en"}
    funds = next(shown for card in demo if "fund_reserve" in (shown := cents(card)))
    assert funds["fund_reserve"] == reserve(files, asked)


def reserve(files: oracle.Files, day: date) -> int:
    """What was called for the reserve by a day, due or not, less what the reserve paid."""
    called = [row for row in files.rows("calls") if row["fund"] == "reserve" and oracle.day(row["date"]) <= day]
    spent = [row for row in files.rows("expenses") if row["fund"] == "reserve" and oracle.day(row["date"]) <= day]
    return sum(oracle.cents(row["total"]) for row in called) - sum(oracle.cents(row["total"]) for row in spent)


def test_its_picture_can_be_paid_with(demo: list[dict], bundled: Command) -> None:
    (picture,) = [attachment for card in demo for attachment in card["attachments"]]
    path = Path(picture["path"])
    assert path.is_relative_to(bundled.settings["KOPROGO_DATA"])
    card = next(card for card in demo if card["attachments"])
    facts = {fact["key"]: fact["value"].replace("\u00a0", "").replace(" ", "") for fact in card["facts"]}
    wanted = [
        *("BCD", "002", "1", "SCT", "", "Résidence Les Tilleuls", facts["account"]),
        *("EUR{}.{:02}".format(*divmod(cents(card)["to_pay"], 100)), "", "", facts["communication"]),
    ]
    assert read_qr(path.read_bytes()).splitlines() == wanted


def test_again_it_is_quick_and_loads_nothing(demo: list[dict], bundled: Command) -> None:
    began = time.monotonic()
    ran = bundled("demo", "--once")
    lasted = time.monotonic() - began
    assert ran.code == 0
    assert lasted < 15, "five seconds alone on a machine; the tests share theirs"
    for _, name, question in TALK:
        assert f"{name}> {question}" in ran.out
    assert [row["building"] for row in bundled("verify", "--json").json] == ["tilleuls"]


def test_two_commands_at_once(demo: list[dict], bundled: Command, folder: Path) -> None:
    started = [bundled.start("verify", "--json") for _ in range(3)]
    asked = ("chat", "--as", TALK[0][0], "--at", "2026-11-22", "--json", "combien je dois ?")
    started += [bundled.start(*asked) for _ in range(2)]
    ran = [bundled.finish(each) for each in started]
    assert [each.code for each in ran] == [0] * 5
    assert [cents(each.json[0])["to_pay"] for each in ran[3:]] == [74040, 74040]
    until = time.monotonic() + 10
    while servers(folder) and time.monotonic() < until:
        time.sleep(0.1)
    assert servers(folder) == []


def test_migrate_on_an_empty_folder(bundled: Command) -> None:
    other = new_folder()
    try:
        ran = bundled("migrate", "--json", KOPROGO_DATA=str(other / "deep" / "er"))
        assert (ran.code, ran.json["changed"]) == (0, True)
    finally:
        remove(other)


def test_a_file_instead_of_a_folder(bundled: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    ran = bundled("verify", KOPROGO_DATA=str(tmp_path / "file"))
    assert (ran.code, ran.out, len(ran.lines)) == (1, "", 1)


def test_what_was_shown_is_nobody_elses(demo: list[dict]) -> None:
    """Amounts and references stand on the pictures."""
    (picture,) = [attachment for card in demo for attachment in card["attachments"]]
    assert Path(picture["path"]).parent.stat().st_mode & 0o077 == 0
