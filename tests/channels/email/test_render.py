"""A card as a mail, read back as a receiver reads it."""

from __future__ import annotations

import email
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels import shaping
from channels.email.render import Enclosure, Ends, Thread, mail, media_type, wire_bytes
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent

ABOVE = "--- Répondez au-dessus de cette ligne | Antwoord boven deze regel ---"
ENDS = Ends("koprogo@immeuble.example", "Résidence Zénith", "lea@post.example", f"koprogo+{'a1' * 21}@immeuble.example")
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CARD: Card[str] = Card(
    "Vous devez 412,60 €",
    ("Trimestre 4 de 2026.", "Merci."),
    (Fact("À payer", "412,60 €"), Fact("Échéance", "30 novembre 2026")),
    (Choice(Intent("charges.explain"), "Expliquer", "tok1"), Choice(Intent("charges.pay"), "Payer", "tok2")),
)
LINK = "https://kopro.example/c/tok1?a=1&b=2"


def made(card: Card[str] = CARD, *enclosures: Enclosure, ends: Ends = ENDS, **more: Any) -> bytes:
    given = {"message_id": "<k@immeuble.example>", "at": AT, "above": ABOVE, "links": {"tok1": LINK}}
    return wire_bytes(mail(card, enclosures, ends, **(given | more)))


def read(card: Card[str] = CARD, *enclosures: Enclosure, **more: Any) -> EmailMessage:
    message = email.message_from_bytes(made(card, *enclosures, **more), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def test_the_plain_part_says_everything_and_begins_with_the_line_to_answer_above() -> None:
    assert (
        part(read(), "plain")
        == f"""{ABOVE}

Vous devez 412,60 €

Trimestre 4 de 2026.

Merci.

À payer: 412,60 €
Échéance: 30 novembre 2026

1. Expliquer
{LINK}

2. Payer
"""
    )


def test_the_html_says_the_same_in_the_same_order_with_links_on_the_choices() -> None:
    html = part(read(), "html")
    body = html.partition("<body>")[2]
    said = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", body))
    plain = part(read(), "plain").replace(f"{LINK}\n", "")
    for text in filter(None, re.sub(r"^\d\. ", "", plain, flags=re.M).splitlines()):
        before, found, said = said.partition(text)
        assert found, (text, before)
    assert f'<li><a href="{LINK.replace("&", "&amp;")}">Expliquer</a></li><li>Payer</li>' in html
    assert "<img" not in html
    assert "http" not in html.replace(LINK.replace("&", "&amp;"), "")


def test_a_message_stands_by_itself() -> None:
    message = read()
    assert message["Subject"] == "Vous devez 412,60 €"
    assert message["Message-ID"] == "<k@immeuble.example>"
    assert message["Date"].datetime == AT
    assert message["From"].addresses[0].addr_spec == ENDS.sender
    assert message["From"].addresses[0].display_name == "Résidence Zénith"
    assert [address.addr_spec for address in message["Reply-To"].addresses] == [ENDS.answers]
    assert message["To"] == "lea@post.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None


def test_an_answer_stands_in_its_thread() -> None:
    stored = {
        "id": "<3@post.example>",
        "references": ["<1@post.example>", "<2@i.example>"],
        "subject": "RE: Antw: Clé ?",
    }
    message = read(thread=Thread.of(json.dumps(stored)))
    assert message["In-Reply-To"] == "<3@post.example>"
    assert message["References"].split() == ["<1@post.example>", "<2@i.example>", "<3@post.example>"]
    assert message["Subject"] == "Re: Clé ?"
    assert message["Auto-Submitted"] == "auto-replied"
    assert "Vous devez 412,60 €" in part(message, "plain")


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("", "Vous devez 412,60 €"),
        ("Re:", "Vous devez 412,60 €"),
        ("AW[2]: x", "Re: x"),
        ("Fwd: x", "Re: Fwd: x"),
        ("Retour", "Re: Retour"),
    ],
)
def test_the_subject_of_an_answer(subject: str, answer: str) -> None:
    assert read(thread=Thread("<1@x>", (), subject))["Subject"] == answer


@pytest.mark.parametrize(
    "stored",
    [
        *(None, "", "x", "[]", "null", "[" * 100_000, '{"id": 1, "references": {"a": 1}, "subject": []}'),
        json.dumps(
            {
                "id": "<a b>\r\nBcc: x@evil.example",
                "references": "x <é@x> <" + "a" * 999 + ">",
                "subject": "a\r\nBcc: x",
            }
        ),
    ],
)
def test_a_thread_that_makes_no_sense_adds_nothing(stored: str | None) -> None:
    message = read(thread=Thread.of(stored))
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    assert message["Bcc"] is None


def test_a_long_thread_keeps_its_first_and_last() -> None:
    ids = tuple(f"<{number}@post.example>" for number in range(100))
    references = read(thread=Thread("<last@post.example>", ids, "x"))["References"].split()
    assert len(references) == 20
    assert references[0] == ids[0]
    assert references[-2:] == [ids[-1], "<last@post.example>"]


def test_long_ids_and_links_go_over_the_wire_unbroken() -> None:
    link, long = f"https://kopro.example/stop/{'a' * 180}", f"<{'b' * 200}@post.example>"
    raw = made(thread=Thread(long, (f"<{'c' * 200}@post.example>",), "x"), unsubscribe=link)
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert f"In-Reply-To: {long}\r\n".encode() in raw
    assert f"\r\n {long}\r\n".encode() in raw
    long_host = replace(ENDS, answers=f"koprogo+{'a' * 42}@{'sub.' * 30}example")
    assert f"<{long_host.answers}>\r\n".encode() in made(ends=long_host)


def test_every_line_fits_and_is_ascii() -> None:
    raw = made(
        replace(CARD, title="é" * 3000, body=("x" * 5000, "ü " * 3000)),
        Enclosure("é" * 300, "text/calendar", b"\xff" * 9999),
    )
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "name",
    ['Léa" <x@evil.example>, "', "A, B", "a\r\nBcc: x@evil.example", "=?utf-8?q?x?= <x@evil.example>", "", "Z" * 300],
)
def test_a_name_is_nothing_but_a_name(name: str) -> None:
    message = read(ends=replace(ENDS, name=name))
    assert [address.addr_spec for address in message["From"].addresses] == [ENDS.sender]
    assert message["Bcc"] is None


TITLES = st.text(alphabet=st.characters(codec="utf-8"), max_size=150)


@given(TITLES)
@example("a\r\nBcc: x@evil.example\r\n\r\nbody")
@example("=?utf-8?q?=41?=")
@example("Vous devez 412,60 € " * 9)
@example("x" * 150)
@example("\u2028Bcc: x\x85y")
def test_every_title_comes_back_as_the_subject_and_nothing_else(title: str) -> None:
    message = read(replace(CARD, title=title))
    wanted = shaping.line(title) or shaping.BLANK
    assert " ".join(message["Subject"].split()) == " ".join(wanted.split())
    assert message["Bcc"] is None
    assert message["To"] == ENDS.recipient
    assert len(message.get_all("Subject", [])) == 1


def test_a_long_title_is_cut_in_the_subject_and_whole_in_the_text() -> None:
    title = "été " * 100
    message = read(replace(CARD, title=title))
    assert len(message["Subject"]) <= 200
    assert message["Subject"].endswith("…")
    assert title.strip() in part(message, "plain")


@given(st.lists(st.text(max_size=200), max_size=3), st.text(max_size=50))
def test_every_text_comes_back_in_the_plain_part(body: list[str], label: str) -> None:
    card = Card("T", tuple(body), (), (Choice(Intent("help"), label, "t"),))
    wanted = f"{ABOVE}\n\n{shaping.plain(card)}"
    assert part(read(card), "plain").split() == wanted.split()


def test_nothing_but_choices_is_still_a_mail() -> None:
    card: Card[str] = Card("", (), (), CARD.choices)
    assert part(read(card), "plain") == f"{ABOVE}\n\n1. Expliquer\n{LINK}\n\n2. Payer\n"
    assert part(read(Card("")), "plain") == f"{ABOVE}\n\n{shaping.BLANK}\n"


def test_what_is_attached_keeps_its_name_type_and_content() -> None:
    given = (
        Enclosure("Relevé de décompte – été.pdf", "application/pdf", bytes(range(256)) * 9),
        Enclosure("assemblée.ics", "text/calendar; charset=utf-8", "BEGIN:VCALENDAR\nSUMMARY:été\n".encode()),
        Enclosure("../../etc/passwd", "message/rfc822", b"Bcc: x\n\n"),
        Enclosure('a"b\r\nBcc: x.png', "IMAGE/PNG", b"\x89PNG\r\n\x1a\n"),
    )
    found = list(read(CARD, *given).iter_attachments())
    assert [attachment.get_filename() for attachment in found] == [
        *("Relevé de décompte – été.pdf", "assemblée.ics", "passwd", 'a"b Bcc: x.png'),
    ]
    assert [attachment.get_content_type() for attachment in found] == [
        *("application/pdf", "text/calendar", "application/octet-stream", "image/png"),
    ]
    assert [attachment.get_payload(decode=True) for attachment in found] == [enclosure.content for enclosure in given]
    assert found[1].get_content_charset() == "utf-8"
    assert all(attachment.get_content_disposition() == "attachment" for attachment in found)


@pytest.mark.parametrize("given", ["", "pdf", "multipart/mixed", "a/b", "text/", "text/pla in", "text/x\r\nBcc: y"])
def test_what_is_no_media_type_is_bytes(given: str) -> None:
    assert media_type(given) == ("application", "octet-stream")


def test_an_address_with_other_letters_stays_one() -> None:
    raw = made(ends=replace(ENDS, recipient="léa@post.example"))
    assert "To: léa@post.example\r\n".encode() in raw
    assert raw.partition(b"\r\n\r\n")[2].isascii()
