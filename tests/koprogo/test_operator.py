"""The commands for whoever runs the installation, and what is wrong usage."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from core.messaging.intent import INTENTS
from koprogo.settings import KNOWN
from tests.koprogo.conftest import Command

LEA = "lea.dubois@tilleuls.example"
DELIVERY = {"to", "channel", "kind", "fate", "evidence", "attempts", "reason", "at", "sent_at", "tried", "went_on"}
NOBODY_LISTENS = "postgresql://somebody:secret@127.0.0.1:1/nothing"


def test_deliveries(koprogo: Command) -> None:
    assert koprogo("outbox", "--json").json == []
    koprogo("chat", "--as", LEA, "--at", "2026-11-22T12:00", "combien je dois ?")
    (sent,) = koprogo("outbox", "--json").json
    assert set(sent) == DELIVERY
    assert (sent["to"], sent["channel"], sent["kind"], sent["fate"]) == (LEA, "console", "answer", "sent")
    assert (sent["evidence"], sent["attempts"], sent["reason"]) == ("delivered", 1, "")
    assert datetime.fromisoformat(sent["at"]) == datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
    assert koprogo("outbox", "--failed", "--json").json == []
    told = koprogo("outbox")
    assert (told.code, LEA in told.out) == (0, True)


def test_nothing_failed(koprogo: Command) -> None:
    empty = koprogo("outbox", "--failed")
    assert (empty.code, len(empty.out.splitlines())) == (0, 1)


def test_understand_is_one_object_a_line(koprogo: Command) -> None:
    lines = [
        "combien je dois ce trimestre ?",
        "wat kost de lift?",
        "",
        "qwrtz 17 #",
        "x" * 20_000,
        "\u202eolleh",
        "merci",
    ]
    ran = koprogo("understand", "--today", "2026-11-22", given="\n".join(lines) + "\n")
    assert (ran.code, ran.err) == (0, "")
    read = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["text"] for row in read] == lines
    for row in read:
        assert set(row) == {"text", "lang", "intent", "confidence", "slots"}
        assert row["intent"] in INTENTS
        assert isinstance(row["slots"], dict)
    assert (read[0]["intent"], read[0]["lang"]) == ("charges.owed", "fr")
    assert read[0]["slots"] == {"period": "2026-10-01/2026-12-31"}
    assert (read[2]["intent"], read[3]["intent"], read[4]["intent"]) == ("none", "none", "none")
    assert read[6]["intent"] == "thanks"


def test_understand_needs_no_database_and_takes_any_bytes(bare: Command) -> None:
    given = b"combien je dois\r\n\xff\xfe\x00\n\xe9t\xe9 combien je dois\nlast line without an end"
    ran = bare("understand", given=given, DATABASE_URL=NOBODY_LISTENS)
    assert ran.code == 0
    read = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["text"] for row in read][::3] == ["combien je dois", "last line without an end"]
    assert len(read) == 4


def test_understand_with_a_language_a_day_and_a_building(koprogo: Command) -> None:
    for today in ("2025-02-01T12:00", "0001-01-01", "9999-12-31"):
        ran = koprogo("understand", "--lang", "en", "--today", today, given="what do I owe this quarter?\nlast year\n")
        assert ran.code == 0
        assert json.loads(ran.out.splitlines()[0])["intent"] == "charges.owed"
    ran = koprogo(
        "understand", "--building", "tilleuls", "--today", "2025-02-01", given="what do I owe this quarter?\n"
    )
    assert json.loads(ran.out)["slots"] == {"period": "2025-01-01/2025-03-31"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("understand", "--lang", "it"), 2),
        (("understand", "--today", "demain"), 2),
        (("understand", "--building", "nowhere"), 1),
        (("invite", "--as", "nobody@elsewhere.example", "--channel", "telegram"), 1),
        (("invite", "--as", LEA, "--channel", "pigeon"), 2),
        (("invite", "--as", "lea", "--channel", "telegram"), 2),
        (("tick", "--at", "bientôt"), 2),
        (("serve", "--only", "bot,kitchen"), 2),
        (("serve", "--only", ""), 2),
    ],
)
def test_refused_in_one_sentence(koprogo: Command, arguments: tuple[str, ...], code: int) -> None:
    ran = koprogo(*arguments)
    assert (ran.code, ran.out, len(ran.lines)) == (code, "", 1), ran


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("frobnicate",),
        ("chat",),
        ("chat", "--as"),
        ("press", "--as", LEA),
        ("export", "tilleuls"),
        ("outbox", "--faile"),
        ("verify", "one", "two"),
        ("chat", "--as", LEA, "--frob", "bonjour"),
    ],
)
def test_wrong_usage(bare: Command, arguments: tuple[str, ...]) -> None:
    ran = bare(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usage: koprogo")


@pytest.mark.parametrize("language", ["fr_BE.UTF-8", "C"])
def test_help_in_the_language_of_the_terminal(bare: Command, language: str) -> None:
    ran = bare("--help", LC_ALL=language)
    assert (ran.code, ran.err) == (0, "")
    for command in (
        "demo",
        "serve",
        "import",
        "export",
        "chat",
        "press",
        "inbox",
        "outbox",
        "understand",
        "tick",
        "verify",
    ):
        assert re.search(rf"^ +{command}\s+\w", ran.out, re.MULTILINE)


def test_tick(koprogo: Command) -> None:
    ran = koprogo("tick", "--json")
    assert (ran.code, ran.json, ran.err) == (0, {"deliveries": 0}, "")
    assert koprogo("tick", "--at", "2026-11-22T12:00").code == 0


def test_an_invitation(koprogo: Command) -> None:
    ran = koprogo("invite", "--as", LEA.upper(), "--channel", "telegram", "--json")
    assert (ran.code, ran.err) == (0, "")
    (invitation,) = ran.json
    assert set(invitation) == {"channel", "code", "link", "expires"}
    assert re.fullmatch("[2-9A-HJ-NP-Z]{10}", invitation["code"])
    assert invitation["link"] is None
    assert timedelta(days=29) < datetime.fromisoformat(invitation["expires"]) - datetime.now(UTC) < timedelta(days=31)
    told = koprogo("invite", "--as", LEA, "--channel", "telegram")
    assert invitation["code"] not in told.out, "each is good once, and new"


def test_migrate(bare: Command) -> None:
    again = bare("migrate", "--json")
    assert (again.code, again.json["changed"]) == (0, False)
    assert bare("verify").code == 0


def test_doctor(koprogo: Command) -> None:
    ran = koprogo("doctor", "--json")
    assert ran.code == 0
    findings = {row["what"]: row for row in ran.json}
    assert {"program", "user", "database", "role", "telegram", "certificate", "backups", "set aside"} <= set(findings)
    assert all(set(row) == {"what", "state", "text"} and row["text"] for row in ran.json)
    assert findings["role"]["state"] == findings["database"]["state"] == "ok"
    told = koprogo("doctor")
    assert all(what in told.out for what in findings)


def test_doctor_where_telegram_is_not_reached(koprogo: Command) -> None:
    settings = {
        "KOPROGO_TELEGRAM_TOKEN": "110201543:a-token-for-tests-only",
        "KOPROGO_TELEGRAM_API": "http://127.0.0.1:1",
    }
    ran = koprogo("doctor", "--json", **settings)
    assert ran.code == 1
    assert {row["what"]: row["state"] for row in ran.json}["telegram"] == "bad"
    assert "a-token-for-tests-only" not in ran.out + ran.err


@pytest.mark.parametrize("language", ["fr", "de"])
def test_doctor_lists_every_setting(bare: Command, language: str) -> None:
    ran = bare("doctor", "--settings", LC_ALL=f"{language}.UTF-8", DATABASE_URL=NOBODY_LISTENS)
    assert (ran.code, ran.err) == (0, "")
    for known in KNOWN:
        assert re.search(rf"^{known.name}\n    \S", ran.out, re.MULTILINE)
    listed = bare("doctor", "--settings", "--json").json
    assert [row["name"] for row in listed] == [known.name for known in KNOWN]
    assert {row["name"] for row in listed if row["given"]} == {"DATABASE_URL", "KOPROGO_DATA"}
    assert "postgresql+asyncpg" not in json.dumps(listed), "what is secret is not shown"


def test_wrong_settings_are_named_all_at_once(bare: Command) -> None:
    wrong = {
        "DATABASE_URL": "mysql://somewhere/else",
        "KOPROGO_HTTP_PORT": "eighty",
        "KOPROGO_LOG_LEVEL": "LOUD",
        "KOPROGO_TELEGRAM_TOKEN": "short",
        "KOPROGO_COLOUR": "blue",
    }
    ran = bare("verify", **wrong)
    assert (ran.code, ran.out) == (2, "")
    assert sorted(line.split(": ")[0] for line in ran.lines) == sorted(wrong)


def test_a_database_that_does_not_answer(bare: Command) -> None:
    ran = bare("verify", DATABASE_URL=NOBODY_LISTENS)
    assert (ran.code, ran.out, len(ran.lines)) == (1, "", 1)
    assert "secret" not in ran.err


def test_json_is_asked_for_by_an_option_and_not_by_a_word(koprogo: Command) -> None:
    ran = koprogo("chat", "--as", LEA, "--", "merci", "--json")
    assert ran.code == 0
    assert not ran.out.startswith("[")
