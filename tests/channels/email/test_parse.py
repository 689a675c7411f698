"""What a mail means to us: who speaks, with which right, on which delivery, and what was newly said."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from channels.email.addresses import Own, bounce_key, plain, token
from channels.email.parse import inbound, inspect
from core.messaging.channel import Address, Bounced, Ignored, Inbound, Message, Trust
from tests.channels.email.writing import BOT, MARIE, TRUSTED, file, mail, part, report, results, with_parts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OWN = Own(BOT, TRUSTED)
KEY, OTHER = "0123456789abcdef" * 2, "f" * 32
TOKEN, OTHERS = "a1" * 21, "b2" * 21
ANSWER = "In-Reply-To: <abc@immeuble.example>"


class Signed:
    """Pages that know two deliveries."""

    def choice(self, key: str, token: str) -> str | None:
        return None

    def unsubscribe(self, to: Address) -> str | None:
        return None

    def reply(self, key: str) -> str:
        return {KEY: TOKEN, OTHER: OTHERS}[key]

    def replied(self, token: str) -> str | None:
        return {TOKEN: KEY, OTHERS: OTHER}.get(token.lower())


def read(raw: bytes, recipient: str | None = None, sender_path: str | None = None, own: Own = OWN) -> Inbound:
    return inbound(raw, own, Signed(), NOW, recipient, sender_path)


def message(raw: bytes, recipient: str | None = None, own: Own = OWN) -> Message:
    found = read(raw, recipient, own=own)
    assert isinstance(found, Message), found
    return found


def ignored(raw: bytes, sender_path: str | None = None) -> str:
    found = read(raw, sender_path=sender_path)
    assert isinstance(found, Ignored), found
    assert found.at == NOW
    return found.why


# Who, and with which right


def test_a_new_mail() -> None:
    found = message(mail("Combien je dois ?", results()))
    assert found.origin.sender == Address("email", MARIE)
    assert (found.origin.trust, found.origin.token, found.origin.room) == (Trust.PASS, None, None)
    assert (found.text, found.at, found.in_reply_to, found.files) == ("Combien je dois ?", NOW, None, ())


@pytest.mark.parametrize(
    ("fields", "own", "trust"),
    [
        ([results("pass")], OWN, Trust.PASS),
        ([results("fail"), results("pass")], OWN, Trust.FAIL),
        ([results("pass", "mx.attaquant.example")], OWN, Trust.NONE),
        ([], OWN, Trust.NONE),
        ([results("pass")], Own(BOT), Trust.NONE),
    ],
)
def test_trust_is_what_the_trusted_server_says(fields: list[str], own: Own, trust: Trust) -> None:
    assert message(mail("Oui", *fields), own=own).origin.trust is trust


def test_an_answer_to_a_delivery_is_known_by_the_address_that_it_came_to() -> None:
    origin = message(mail("Oui", delivered=OWN.reply_address(TOKEN))).origin
    assert (origin.trust, origin.token) == (Trust.REPLY, KEY)
    assert message(mail("Oui"), recipient=OWN.reply_address(TOKEN.upper())).origin.token == KEY
    assert message(mail("Oui", delivered=f"Bot+{TOKEN}@Immeuble.EXAMPLE")).origin.token == KEY


def test_the_envelope_comes_before_what_the_mail_says_of_it() -> None:
    raw = mail("Oui", delivered=OWN.reply_address(OTHERS), to=OWN.reply_address(OTHERS))
    assert message(raw, recipient=OWN.reply_address(TOKEN)).origin.token == KEY
    assert message(raw).origin.token == OTHER


def test_a_server_that_cuts_the_plus_off_leaves_the_address_in_to() -> None:
    assert message(mail("Oui", delivered=BOT, to=f"Bellevue <{OWN.reply_address(TOKEN)}>")).origin.token == KEY


@pytest.mark.parametrize(
    "raw",
    [
        mail(f"bot+{TOKEN}@immeuble.example\n{TOKEN}"),
        mail("Oui", f"Reply-To: bot+{TOKEN}@immeuble.example", f"X-Token: {TOKEN}"),
        mail("Oui", subject=f"bot+{TOKEN}@immeuble.example"),
        mail("Oui", to=f'"bot+{TOKEN}@immeuble.example" <{BOT}>'),
        mail("Oui", to=f"bot+{TOKEN}@attaquant.example, {BOT}"),
        mail("Oui", to=f"marie+{TOKEN}@immeuble.example, {BOT}"),
        mail("Oui", to=f"bot+{TOKEN}x@immeuble.example"),
        mail("Oui", in_reply_to=f"<x.{TOKEN}@immeuble.example>"),
        mail("Oui", "Received: from x by y", f"X-Original-To: bot+{TOKEN}@immeuble.example"),
        mail("Oui", "Received: from x by y", f"Received: from z by x for <bot+{TOKEN}@immeuble.example>"),
        mail("Oui", delivered=OWN.bounce_address(KEY)),
    ],
)
def test_a_token_that_stands_anywhere_else_is_none(raw: bytes) -> None:
    origin = message(raw).origin
    assert (origin.token, origin.trust) == (None, Trust.NONE)


@pytest.mark.parametrize(
    "raw",
    [
        mail("Oui", results(), "From: tom@telenet.example", delivered=OWN.reply_address(TOKEN)),
        mail("Oui", results(), **{"from": f"{MARIE}, tom@telenet.example"}),
        mail("Oui", **{"from": "Marie"}),
        mail("Oui", **{"from": None}),
        mail("Oui", **{"from": "<>"}),
    ],
)
def test_a_mail_of_nobody_or_of_two_is_of_no_one(raw: bytes) -> None:
    assert ignored(raw) == "no_sender"


def test_the_address_of_a_person_is_written_as_the_directory_keeps_it() -> None:
    found = message(mail("Oui", **{"from": "J <Jo.Peeters@XN--BCHER-KVA.example>"}))
    assert found.origin.sender.handle == "jo.peeters@bücher.example"


# What is never answered


def test_our_own_mail_that_comes_back_is_a_loop() -> None:
    for sender in (BOT, "Bellevue <BOT+x@immeuble.example>", f"{MARIE}, {BOT}"):
        assert ignored(mail("Oui", "Auto-Submitted: auto-replied", **{"from": sender})) == "loop"
    assert ignored(mail("Oui", message_id=OWN.message_id(KEY))) == "loop"
    assert message(mail("Oui", message_id="<anything@immeuble.example>")).text == "Oui"
    assert message(mail("Oui", **{"from": "sophie@immeuble.example"})).origin.sender.handle == "sophie@immeuble.example"


def test_automatic_mail_is_counted_only() -> None:
    assert ignored(mail("Absent", "Auto-Submitted: auto-replied")) == "automatic"
    assert ignored(mail("Absent"), sender_path="") == "automatic"
    assert ignored(mail("Liste", "List-Id: <x.example>", delivered=OWN.reply_address(TOKEN))) == "automatic"
    assert ignored(report("Final-Recipient: rfc822; x@y.example\r\nAction: delayed")) == "automatic"


@pytest.mark.parametrize(("raw", "why"), [(b"", "empty"), (b"\x89PNG\r\n" + bytes(99), "no_mail")])
def test_what_is_no_mail_is_counted_only(raw: bytes, why: str) -> None:
    assert ignored(raw) == why


# What came back

GONE = "Final-Recipient: rfc822; Gone@Far.example\r\nAction: failed\r\nStatus: 5.1.1"
FULL = "Final-Recipient: rfc822; gone@far.example\r\nAction: failed\r\nStatus: 4.2.2"


def to(address: str, raw: bytes) -> bytes:
    return raw.replace(f"Delivered-To: {BOT}".encode(), f"Delivered-To: {address}".encode())


def test_a_bounce_names_its_delivery() -> None:
    for raw in (
        to(OWN.bounce_address(KEY), report(GONE)),
        to(OWN.bounce_address(KEY).upper(), report(GONE)),
        to(OWN.reply_address(TOKEN), report(GONE)),
        report(GONE, returned=f"To: gone@far.example\r\nMessage-ID: {OWN.message_id(KEY)}\r\n"),
    ):
        found = read(raw)
        assert isinstance(found, Bounced)
        assert (found.key, found.address, found.hard, found.at) == (KEY, None, True, NOW)
    soft = read(report(FULL), recipient=OWN.bounce_address(KEY))
    assert isinstance(soft, Bounced)
    assert (soft.key, soft.hard) == (KEY, False)


def test_a_bounce_of_no_delivery_that_we_know_names_the_address() -> None:
    found = read(report(GONE, returned=f"Message-ID: <{KEY}@attaquant.example>\r\n"))
    assert isinstance(found, Bounced)
    assert (found.key, found.address) == (None, Address("email", "gone@far.example"))


def test_somebody_away_who_writes_to_where_bounces_go_has_not_failed() -> None:
    raw = mail("Absent", "Auto-Submitted: auto-replied", delivered=OWN.bounce_address(KEY))
    assert ignored(raw) == "automatic"


# What was said


def test_an_empty_mail_says_its_subject_without_what_clients_put_before_it() -> None:
    for subject in (
        "Combien je dois ?",
        "Fwd: Re: Combien je dois ?",
        "TR : Combien je dois ?",
        "Antw: Combien je dois ?",
        "Re[2]: Combien je dois ?",
    ):
        assert message(mail("", subject=subject)).text == "Combien je dois ?"
    assert message(mail("", subject="Regel: x")).text == "Regel: x"
    assert message(mail("", subject="")).text == ""


@pytest.mark.parametrize(
    "raw", [mail("", ANSWER), mail("", "References: <a@b.example>"), mail("", delivered=OWN.reply_address(TOKEN))]
)
def test_the_subject_of_an_answer_is_not_its_writers(raw: bytes) -> None:
    assert message(raw).text == ""


@pytest.mark.parametrize("order", ["STOP", "help", "Aide", "HULP", "Hilfe!", "LANG NL", "taal: de", "stopp"])
def test_an_order_as_the_subject_of_a_new_mail_wins(order: str) -> None:
    assert message(mail("Marie Lambert\nRue Haute 1", subject=order)).text == order
    assert message(mail("Ja", ANSWER, subject=order)).text == "Ja"


def test_a_subject_that_only_begins_as_an_order_is_none() -> None:
    assert message(mail("Il pleut dans la cave.", subject="Stop à l'humidité")).text == "Il pleut dans la cave."
    assert message(mail("Ja", subject="Re: STOP")).text == "Ja"


def test_the_quote_of_our_mail_is_not_said_by_its_reader() -> None:
    raw = mail(f"Nee.\n\nOp 16-11-2026 om 09:12 schreef Bellevue <{BOT}>:\n> 1. Ja\n> 2. Nee\n", ANSWER)
    assert message(raw).text == "Nee."


async def test_a_paper_alone_is_a_message_with_a_file_and_no_text() -> None:
    raw = with_parts(
        "mixed", part(""), file(b"%PDF-1", "application/pdf", "../bon.pdf"), in_reply_to="<abc@immeuble.example>"
    )
    found = message(raw)
    (paper,) = found.files
    assert (found.text, paper.name, paper.media_type, paper.size) == ("", "bon.pdf", "application/pdf", 6)
    assert await paper.read() == b"%PDF-1"


# Threads


def test_what_an_answer_needs_to_stand_in_the_thread() -> None:
    before = [f"<{number}@x.example>" for number in range(30)]
    raw = mail("Oui", ANSWER, f"References: {' '.join(before)}", subject="=?utf-8?Q?d=C3=A9compte?=")
    found = message(raw)
    assert found.in_reply_to == "<abc@immeuble.example>"
    assert json.loads(found.thread or "") == {
        "id": "<one@telenet.example>",
        "references": [before[0], *before[-9:]],
        "subject": "décompte",
    }
    assert json.loads(message(mail("Oui", ANSWER)).thread or "")["references"] == ["<abc@immeuble.example>"]
    assert message(mail("Oui", message_id=None)).thread is None


# References: each mail once, and nobody in another's place


def test_the_same_mail_has_the_same_reference_whichever_way_it_comes() -> None:
    raw = mail("Oui")
    again = b"Return-Path: <x@y.example>\r\nReceived: from a by b; now\r\n" + raw
    assert read(raw).ref == read(again).ref == read(raw, recipient=BOT, sender_path=MARIE).ref


@pytest.mark.parametrize(
    "other",
    [
        mail("Non"),
        mail("Oui", **{"from": "tom@telenet.example"}),
        mail("Oui", delivered=OWN.reply_address(TOKEN)),
        mail("Oui", message_id="<two@telenet.example>"),
        mail("Oui", subject="Autre"),
    ],
)
def test_another_mail_has_another_reference(other: bytes) -> None:
    assert read(other).ref != read(mail("Oui")).ref


def test_a_reference_tells_nothing() -> None:
    ref = read(mail("Oui", delivered=OWN.reply_address(TOKEN))).ref
    assert len(ref) == 64
    assert TOKEN not in ref


# Our addresses


def test_our_addresses_are_made_and_read_in_one_place() -> None:
    assert OWN.reply_address(TOKEN) == f"bot+{TOKEN}@immeuble.example"
    assert OWN.bounce_address(KEY) == f"bot+bounce-{KEY}@immeuble.example"
    assert token(OWN.reply_address(TOKEN)) == TOKEN
    assert bounce_key(OWN.bounce_address(KEY)) == bounce_key(OWN.bounce_address(KEY).upper()) == KEY
    assert bounce_key(OWN.reply_address(TOKEN)) is bounce_key(OWN.reply_address(KEY)) is bounce_key(BOT) is None
    assert bounce_key(f"bot+bounce-{KEY}0@immeuble.example") is None
    assert token(BOT) is token("bot+@immeuble.example") is token("") is None
    assert plain("Bot+a+b@Immeuble.example") == BOT
    assert OWN.owns("BOT+x@immeuble.example")
    assert not OWN.owns("bot@immeuble.example.attaquant.example")
    assert not OWN.owns("robot@immeuble.example")
    assert OWN.message_key(OWN.message_id(KEY)) == KEY
    assert OWN.message_key(f"<{KEY}@attaquant.example>") is OWN.message_key("<x@immeuble.example>") is None


# What `inspect` shows


def test_inspect_shows_what_stands_there_as_it_is_written() -> None:
    raw = mail("Oui", results(), delivered="bot+AbC-d@immeuble.example", **{"from": "M <Marie@Telenet.example>"})
    seen = inspect(raw, None, TRUSTED)
    assert (seen.sender, seen.token, seen.text, seen.automatic) == ("Marie@Telenet.example", "AbC-d", "Oui", False)
    assert (seen.bounce_of, seen.authentic, seen.attachments) == (None, "pass", ())
    assert (seen.subject, seen.message_id) == ("Question", "<one@telenet.example>")
    assert inspect(raw).authentic == "none"


@pytest.mark.parametrize(
    ("fields", "delivered", "to_field", "expected"),
    [
        ([], "bot+T@immeuble.example", "marie+x@gmail.example", "T"),
        ([], BOT, "bot+T@immeuble.example", None),
        (["X-Original-To: bot+T@immeuble.example"], None, BOT, "T"),
        (["X-Original-To: bot+T@immeuble.example", f"Delivered-To: {BOT}"], None, BOT, "T"),
        (["Delivered-To: box@host.example"], None, "bot+T@immeuble.example", "T"),
        (["Delivered-To: bot+T@immeuble.example", "Delivered-To: bot+U@immeuble.example"], None, BOT, "T"),
        (["Received: from a by b", "Delivered-To: bot+U@immeuble.example"], BOT, BOT, None),
        (["Received: from a by b", "Delivered-To: bot+U@immeuble.example"], None, BOT, None),
        (["Received: from a by b for <bot+T@immeuble.example>; now"], None, "x@y.example", "T"),
        ([], None, "Marie <marie+x@gmail.example>, Bellevue <bot+T@immeuble.example>", "T"),
        ([], None, "bot+A+b@immeuble.example", "A+b"),
        ([], None, "undisclosed-recipients:;", None),
        ([], None, None, None),
    ],
)
def test_the_token_is_of_the_address_that_the_mail_was_delivered_to(
    fields: list[str], delivered: str | None, to_field: str | None, expected: str | None
) -> None:
    assert inspect(mail("x", *fields, delivered=delivered, to=to_field), None, TRUSTED).token == expected


def test_of_two_authors_inspect_shows_the_first_and_believes_neither() -> None:
    seen = inspect(mail("x", results(), "From: tom@telenet.example"), None, TRUSTED)
    assert (seen.sender, seen.authentic) == ("tom@telenet.example", "none")
