"""`chat`, `press` and `inbox`: the bot in the terminal, for people and for scripts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.inbox import service as inbox
from core.outbox import service as outbox
from koprogo.commands.talk import clean_address, clock_at
from koprogo.output import WrongInput
from tests.ground_floor import Sample
from tests.koprogo.conftest import Command
from tests.talking import Card, Talking, cents, token

LEA, TOM = "lea.dubois@tilleuls.example", "tom.vermeulen@tilleuls.example"
JAMES, NATHALIE = "james.carter@tilleuls.example", "nathalie.renard@renard-gestion.example"
NOON = ("--at", "2026-11-22T12:00")
CARD = {"title", "body", "facts", "choices", "attachments", "text"}


def chat(koprogo: Command, who: str, *text: str, at: tuple[str, str] = NOON) -> list[dict]:
    ran = koprogo("chat", "--as", who, *at, "--json", "--", *text)
    assert (ran.code, ran.err) == (0, "")
    return ran.json


def test_a_card_has_exactly_these_keys(koprogo: Command) -> None:
    (owed,) = chat(koprogo, LEA, "combien je dois ce trimestre ?")
    assert set(owed) == CARD
    assert isinstance(owed["title"], str)
    assert all(isinstance(line, str) for line in owed["body"])
    for fact in owed["facts"]:
        assert {"label", "value", "key"} <= set(fact) <= {"label", "value", "key", "amount_cents", "date"}
        assert isinstance(fact.get("amount_cents", 0), int)
    assert cents(owed) == {"to_pay": 74040, "called_working": 72499, "called_reserve": 7020, "settled": -5479}
    assert [fact["date"] for fact in owed["facts"] if fact.get("key") == "due"] == ["2026-11-30"]
    assert all(set(choice) == {"token", "label"} for choice in owed["choices"])
    assert owed["attachments"] == []
    for words in (owed["title"], *owed["body"], *(fact["value"] for fact in owed["facts"])):
        assert words in owed["text"]

    (pay,) = chat(koprogo, LEA, "comment payer ?")
    (picture,) = pay["attachments"]
    assert set(picture) == {"name", "media_type", "path"}
    assert (picture["name"], picture["media_type"]) == ("epc-qr.png", "image/png")
    assert Path(picture["path"]).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert Path(picture["path"]).is_relative_to(koprogo.settings["KOPROGO_DATA"])


def test_for_people_it_prints_the_text_and_where_the_picture_is(koprogo: Command) -> None:
    (card,) = chat(koprogo, LEA, "comment payer ?")
    ran = koprogo("chat", "--as", LEA, *NOON, "comment", "payer", "?")
    text, _, rest = ran.out.partition("\n[")
    assert text == card["text"]
    assert Path(rest.strip().rstrip("]")).is_file()


def test_the_state_of_a_talk_is_kept_between_calls(koprogo: Command) -> None:
    chat(koprogo, NATHALIE, "bonjour", at=("--at", "2026-11-22T08:00"))
    (asked,) = chat(koprogo, JAMES, "I want to talk to a person", at=("--at", "2026-11-22T09:00"))
    assert asked["facts"][0]["value"] == "Renard Gestion SRL"
    (passed_on,) = chat(koprogo, JAMES, "The hot water is cold since Friday.", at=("--at", "2026-11-22T09:05"))
    assert "The hot water is cold since Friday." in passed_on["body"]

    told = koprogo("inbox", "--as", NATHALIE, "--json").json
    assert told[-1]["channel"] == "console"
    assert told[-1]["fate"] == "sent"
    assert set(told[-1]) == CARD | {"channel", "fate"}
    assert "James Carter" in told[-1]["title"]
    assert "The hot water is cold since Friday." in told[-1]["text"]
    (owed,) = chat(koprogo, JAMES, "what do I owe?", at=("--at", "2026-11-22T09:06"))
    assert cents(owed)["to_pay"] > 0


def test_a_number_is_the_choice_of_the_last_card(koprogo: Command) -> None:
    (owed,) = chat(koprogo, LEA, "combien je dois ?")
    assert owed["choices"][1]["label"] == "Payer"
    (pay,) = chat(koprogo, LEA, "2")
    assert pay["attachments"]


def test_a_choice_is_pressed_by_its_token(koprogo: Command) -> None:
    (owed,) = chat(koprogo, TOM, "wat moet ik betalen in het vierde kwartaal?")
    pressed = koprogo("press", "--as", TOM, "--json", owed["choices"][0]["token"], "--at", "2026-12-24")
    assert pressed.code == 0
    (explained,) = pressed.json
    assert sum(fact["amount_cents"] for fact in explained["facts"] if fact["key"] == "called_working") > 0
    assert koprogo("press", "--as", TOM, owed["choices"][0]["token"]).code == 0


@pytest.mark.parametrize("by", [JAMES, "a.stranger@elsewhere.example"])
def test_nobody_presses_the_choice_of_another(koprogo: Command, by: str) -> None:
    (owed,) = chat(koprogo, LEA, "combien je dois ?")
    pressed = koprogo("press", "--as", by, "--json", token(owed, "Payer"))
    assert pressed.code == 0
    (card,) = pressed.json
    assert card["attachments"] == []
    assert "740" not in card["text"]
    assert "010" not in card["text"]


def test_an_unknown_token_is_answered_kindly(koprogo: Command) -> None:
    (card,) = koprogo("press", "--as", LEA, "--json", "no-such-token").json
    assert card["title"] == "Ce bouton n'est plus valable."
    assert len(card["choices"]) == 3


def test_an_unknown_address_is_a_stranger(koprogo: Command) -> None:
    for words in ("combien je dois ce trimestre ?", "Léa Dubois", "2"):
        (card,) = chat(koprogo, "inconnue@ailleurs.example", words)
        assert card["facts"] == []
        assert [choice["label"] for choice in card["choices"]] == ["Français", "Nederlands", "Deutsch", "English"]
        assert "Tilleuls" not in card["text"]
    ran = koprogo("inbox", "--as", "inconnue@ailleurs.example")
    assert (ran.code, ran.out, len(ran.lines)) == (1, "", 1)


@pytest.mark.parametrize(
    ("at", "to_pay"),
    [
        ("2026-11-22", 74040),
        ("2026-11-22T00:00", 74040),
        ("2025-01-01T00:30", 8420),
        ("2024-12-31T23:30:00+00:00", 8420),  # half past midnight in Brussels
        ("2025-01-01T00:30+02:00", 0),  # still the old year there
        ("20250201T120000Z", 85730),
    ],
)
def test_at_sets_the_clock_for_the_turn(koprogo: Command, at: str, to_pay: int) -> None:
    (card,) = chat(koprogo, LEA, "combien je dois ce trimestre ?", at=("--at", at))
    assert cents(card)["to_pay"] == to_pay


def test_building_picks_one(koprogo: Command) -> None:
    ran = koprogo("chat", "--as", LEA, *NOON, "--building", "tilleuls", "--json", "combien je dois ?")
    assert cents(ran.json[0])["to_pay"] == 74040
    ran = koprogo("chat", "--as", LEA, *NOON, "--building", "elsewhere", "--json", "combien je dois ?")
    assert ran.code == 0
    assert cents(ran.json[0]) == {}


def test_without_text_it_is_a_conversation(koprogo: Command) -> None:
    lines = "combien je dois ?\n\n2\nmerci\n"
    ran = koprogo("chat", "--as", LEA, *NOON, "--json", given=lines)
    owed, pay, thanks = ran.json
    assert cents(owed)["to_pay"] == cents(pay)["to_pay"] == 74040
    assert thanks["title"] == "Avec plaisir !"
    spoken = koprogo("chat", "--as", LEA, *NOON, given=lines)
    assert spoken.out.count("Voici comment payer 740,40\u00a0€") == 1


HOSTILE = {
    "long": "combien je dois ? " * 6_000,
    "control": "combien \x01\x02\x1b[31mje\x07 dois \x7f\x85?",
    "right to left": "\u202e?erttirt ec siod ej neibmoc\u202c\u2066\u200f",
    "emoji": "👍🏽👩‍👩‍👧‍👦🎉🇧🇪",
    "no text": "\udcff\udcfe",
    "nothing": "",
}
MORE = {
    "one long word": "x" * 100_000,
    "combining": "a" + "\u0301" * 5_000,
    "private signs": "\ue000\ufffe\uffff",
    "html": "<b>combien</b> &amp; <script>alert(1)</script> {amount} %s {0} %(x)s",
    "sql": "'; DROP TABLE persons; --",
    "blank": " \t ",
    "halves": "\ud83d \udc4d",
    "nul": "combien\x00 je dois",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_written_is_answered_kindly(koprogo: Command, text: str) -> None:
    (card,) = chat(koprogo, LEA, text)
    kind(card)


@pytest.mark.parametrize("who", [LEA, "a.stranger@elsewhere.example"])
async def test_whatever_else_is_written_too(talking: Talking, sample: Sample, who: str) -> None:
    for text in (*HOSTILE.values(), *MORE.values()):
        (card,) = await talking.say(who, text)
        kind(card)
    async with sample.database.work(sample.organisation) as uow:
        assert await outbox.deliveries(uow, failed=True) == []
    assert (await inbox.counts(sample.database))["set_aside"] == 0


def kind(card: Card) -> None:
    assert card["title"]
    assert card["choices"] or card["facts"]
    assert "Excusez-moi" not in card["title"], "a mishap"


def test_whatever_is_piped_in_is_answered_kindly(koprogo: Command) -> None:
    given = (
        b"combien\x00 je dois ?\nb\xff\xfe\xe9\n"
        + b"y" * 100_000
        + b"\n\x00\n"
        + "بكم أدين؟".encode()
        + b"\r\ncombien je dois"
    )
    ran = koprogo("chat", "--as", LEA, *NOON, "--json", given=given)
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.json) in (5, 6)
    assert cents(ran.json[0])["to_pay"] == cents(ran.json[-1])["to_pay"] == 74040
    strict = koprogo("chat", "--as", LEA, *NOON, "--json", given=given, PYTHONIOENCODING="utf-8:strict")
    assert (strict.code, len(strict.json)) == (0, len(ran.json))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_with_few_signs(koprogo: Command, encoding: str) -> None:
    ran = koprogo("chat", "--as", LEA, *NOON, "--json", "combien je dois ?", PYTHONIOENCODING=encoding)
    assert (ran.code, cents(ran.json[0])["to_pay"]) == (0, 74040)
    told = koprogo("chat", "--as", LEA, *NOON, "merci", PYTHONIOENCODING=encoding)
    assert (told.code, told.out.strip()) == (0, "Avec plaisir !")


@pytest.mark.parametrize(
    "arguments",
    [
        ("chat", "--as", "lea", "bonjour"),
        ("chat", "--as", "l\udcffa@x.example", "bonjour"),
        ("chat", "--as", "", "bonjour"),
        ("chat", "--as", LEA, "--at", "demain", "bonjour"),
        ("chat", "--as", LEA, "--at", "0001-01-01T00:00+14:00", "bonjour"),
        ("chat", "--as", LEA, "--at", "9999-12-31T23:59-12:00", "bonjour"),
        ("press", "--as", LEA, "token", "--at", "25:00"),
        ("inbox", "--as", "lea"),
    ],
)
def test_wrong_input_is_one_sentence(koprogo: Command, arguments: tuple[str, ...]) -> None:
    ran = koprogo(*arguments)
    assert (ran.code, ran.out, len(ran.lines)) == (2, "", 1)


@pytest.mark.parametrize(
    "address", ["", "lea", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "l\udcffa@x.example", "a@b\x00"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(WrongInput):
        clean_address(address if address != "a@b\n" else "a\n@b")


@pytest.mark.parametrize(
    "time", ["", "demain", "2026-02-30", "25:00", "1899-12-31", "2200-01-01", "2026-11-22T12:00+99:00"]
)
def test_what_is_no_time(time: str) -> None:
    with pytest.raises(WrongInput):
        clock_at(time)


@pytest.mark.skipif(os.name != "posix", reason="the folder of processes is that of POSIX")
def test_a_folder_that_cannot_be_written(koprogo: Command) -> None:
    ran = koprogo("chat", "--as", LEA, *NOON, "comment payer ?", KOPROGO_DATA="/proc/nowhere")
    assert (ran.code, len(ran.lines)) == (1, 1)
    assert "/proc/nowhere" in ran.err


def test_two_at_once(koprogo: Command) -> None:
    asked = ("chat", *NOON, "--json", "--as")
    started = [koprogo.start(*asked, LEA, "combien je dois ?"), koprogo.start(*asked, LEA, "comment payer ?")]
    started += [koprogo.start(*asked, TOM, "wat moet ik betalen?"), koprogo.start(*asked, LEA, "merci")]
    (owed,), (pay,), (tom,), (thanks,) = (koprogo.finish(each).json for each in started)
    assert (cents(owed)["to_pay"], owed["attachments"]) == (74040, [])
    assert pay["attachments"]
    assert tom["title"].startswith(("U ", "Te betalen"))
    assert thanks["title"] == "Avec plaisir !"
