"""`inspect-mail`: what the e-mail channel makes of a file, whatever the file is."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from koprogo.commands.inspect_mail import language_of
from tests.channels.email.writing import TRUSTED, file, mail, part, report, results, with_parts
from tests.koprogo.conftest import Command, Ran

SECONDS = 2.0
"""For any file, the start of the program included; a busy machine of four cores is given half as much again."""


@pytest.fixture
def inspected(tmp_path: Path) -> Callable[..., Ran]:
    """Inspects a file with this content, in no more time than is allowed."""
    command = Command({"KOPROGO_DATA": str(tmp_path / "data")})

    def run(content: bytes, *arguments: str, **settings: str) -> Ran:
        path = tmp_path / "mail.eml"
        path.write_bytes(content)
        started = time.perf_counter()
        ran = command("inspect-mail", str(path), *arguments, **settings)
        assert time.perf_counter() - started < SECONDS * 1.5
        return ran

    return run


def test_json_has_exactly_these_keys(inspected: Callable[..., Ran]) -> None:
    raw = with_parts(
        "mixed", part("Je choisis la réponse 2, merci beaucoup."), file(b"%PDF-1", "application/pdf", "bon.pdf")
    )
    raw = results().encode() + b"\r\n" + raw.replace(b"Delivered-To: bot@", b"Delivered-To: bot+To-Ken@")
    ran = inspected(raw, "--authserv-id", TRUSTED, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {
        "sender": "marie.lambert@telenet.example",
        "token": "To-Ken",
        "text": "Je choisis la réponse 2, merci beaucoup.",
        "automatic": False,
        "bounce_of": None,
        "authentic": "pass",
        "attachments": [{"name": "bon.pdf", "media_type": "application/pdf", "size": 6}],
        "language": "fr",
    }


def test_for_people_it_prints_the_same_in_lines(inspected: Callable[..., Ran]) -> None:
    raw = with_parts("mixed", part("Ja \x1b[31mrood"), file(b"%PDF-1", "application/pdf", "bon.pdf"))
    ran = inspected(raw)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    for said in ("marie.lambert@telenet.example", "bon.pdf", "Written by a person.", "Ja [31mrood"):
        assert said in ran.out
    assert "Sent by a program." in inspected(report("Final-Recipient: rfc822; x@y.example\r\nAction: failed")).out


def test_the_settings_say_whom_to_trust_and_who_we_are(inspected: Callable[..., Ran]) -> None:
    raw = mail("Oui", results(), delivered="box@host.example", to="bot+T@immeuble.example")
    assert inspected(raw, "--json").json["authentic"] == "none"
    settings = {
        "KOPROGO_EMAIL_AUTHSERV_ID": TRUSTED,
        "KOPROGO_EMAIL_ADDRESS": "bot@immeuble.example",
        "KOPROGO_EMAIL_SMTP": "smtp://127.0.0.1:25",
        "KOPROGO_EMAIL_LMTP": "127.0.0.1:2424",
    }
    ran = inspected(raw, "--json", **settings)
    assert (ran.json["authentic"], ran.json["token"]) == ("pass", "T")
    assert inspected(raw, "--json", "--authserv-id", "other.example").json["authentic"] == "none"


def nested() -> bytes:
    raw = b"From: a@b.example\r\n"
    for level in range(5_000):
        raw += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    return raw + b"\r\nText"


PDF = b"From: a@b.example\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
ANSWERED: dict[str, Callable[[], bytes]] = {
    "5,000 parts in one another": nested,
    "a file of 30 MB": lambda: PDF + base64.encodebytes(bytes(30 * 2**20)),
    "NULs": lambda: mail(b"\0" * 1_000_000, "X-Nul: \0\0"),
    "100,000 headers": lambda: mail("x", *[f"X-{number}: y" for number in range(100_000)]),
    "100,000 authors": lambda: mail("x", *[f"From: a{number}@b.example" for number in range(100_000)]),
    "a line of 5 MB": lambda: mail(b"x" * 5_000_000),
    "a line of 5 MB of HTML": lambda: mail(b"<b>x" * 1_250_000, "Content-Type: text/html"),
    "500,000 lines": lambda: mail(b"De: x\r\n" * 500_000),
    "500,000 lines of HTML": lambda: mail(b"De: x<br>" * 500_000, "Content-Type: text/html"),
    "5 MB of marks": lambda: mail(b">" * 5_000_000),
}
REFUSED: dict[str, bytes] = {
    "empty": b"",
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400,
    "a text": b"Bonjour,\nje paie demain.\n",
    "headers without end": b"From: a@b.example\r\n" + b"X: y\r\n" * 1_500_000,
    "70 MB": bytes(70 * 2**20),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_a_hostile_file_is_answered(name: str, inspected: Callable[..., Ran]) -> None:
    ran = inspected(ANSWERED[name](), "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["automatic"] is False


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_mail_is_refused_in_one_sentence(name: str, inspected: Callable[..., Ran]) -> None:
    ran = inspected(REFUSED[name], "--json")
    assert (ran.code, ran.out, len(ran.lines)) == (2, "", 1)


@pytest.mark.parametrize("name", ["", "nothing.eml"])
def test_a_folder_and_a_file_that_is_not_there_are_refused(name: str, tmp_path: Path) -> None:
    ran = Command({"KOPROGO_DATA": str(tmp_path / "data")})("inspect-mail", str(tmp_path / name), "--json")
    assert (ran.code, ran.out, len(ran.lines)) == (1, "", 1)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Je confirme ma voix pour la chaudière.", "fr"),
        ("Dinsdag past niet, woensdag wel.", "nl"),
        ("Guten Morgen, ich enthalte mich.", "de"),
        ("Tuesday does not suit me, Wednesday does.", "en"),
        ("Yes please", "en"),
        ("2", None),
        ("", None),
        ("👍", None),
        ("+32 2 555 12 34", None),
        ("Xqzt", None),
    ],
)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    assert language_of(text) == language
