"""A raw mail taken apart, however it is written."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.email.flowed import unfolded
from channels.email.headers import addresses, on_file, parameters, words, written_host
from channels.email.mime import DECORATION_BYTES, Body, Unreadable, read_body, read_mail
from tests.channels.email.writing import file, mail, many, part, with_parts

PDF = b"%PDF-1.4 " + bytes(range(256)) * 4
PHOTO = b"\xff\xd8\xff" + bytes(10_000)


def body(raw: bytes) -> Body:
    return read_body(read_mail(raw))


def plain(raw: bytes) -> list[str]:
    return [(part.plain or "").strip() for part in body(raw).parts]


def names(raw: bytes) -> list[str]:
    return [attachment.name for attachment in body(raw).attachments]


# What belongs together


def test_the_two_ways_of_an_alternative_are_one_part() -> None:
    ((text, html),) = body(with_parts("alternative", part("Oui"), part("<p>Oui</p>", "text/html"))).parts
    assert (text, html) == ("Oui", "<p>Oui</p>")


def test_text_around_a_photo_belongs_together_and_the_photo_is_a_file() -> None:
    raw = with_parts("mixed", part("Before"), file(PHOTO, "image/jpeg", "leak.jpg", "inline"), part("After"))
    assert plain(raw) == ["Before", "After"]
    (photo,) = body(raw).attachments
    assert (photo.name, photo.media_type, photo.size, photo.content()) == ("leak.jpg", "image/jpeg", len(PHOTO), PHOTO)


@pytest.mark.parametrize("placed", ["attachment", "inline"])
def test_a_text_file_that_is_attached_is_no_text(placed: str) -> None:
    raw = with_parts("mixed", part("See the file"), file(b"Not mine", "text/plain", "notes.txt", placed))
    assert (plain(raw), names(raw)) == (["See the file"], ["notes.txt"])


def test_an_apple_mail_with_a_photo_in_its_html_alternative() -> None:
    html = many(
        "mixed",
        part("<p>A</p>", "text/html"),
        file(PHOTO, "image/jpeg", "a.jpg", "inline"),
        part("<p>B</p>", "text/html"),
    )
    raw = with_parts("alternative", part("A\n\nB"), html)
    ((text, shown),) = body(raw).parts
    assert (text, shown) == ("A\n\nB", "<p>A</p>\n<p>B</p>")
    assert names(raw) == ["a.jpg"]


def test_a_small_picture_of_a_signature_is_no_file_and_a_photo_shown_in_the_text_is() -> None:
    logo = file(b"\x89PNG" + bytes(DECORATION_BYTES // 2), "image/png", "logo.png", "inline")
    related = many("related", part("<p>Oui</p>", "text/html"), logo, file(PHOTO, "image/jpeg", "leak.jpg", "inline"))
    assert names(with_parts("alternative", part("Oui"), related)) == ["leak.jpg"]


def test_a_mail_that_is_sent_on_as_a_file_is_not_read() -> None:
    raw = with_parts("mixed", part("Voyez"), part("Subject: Hi\r\n\r\nVote no", "message/rfc822"))
    assert (plain(raw), names(raw)) == (["Voyez"], ["file.eml"])


def test_the_signature_of_a_signed_mail_is_no_file() -> None:
    raw = with_parts("signed", part("Ja"), part("-----BEGIN PGP", "application/pgp-signature"))
    assert (plain(raw), names(raw)) == (["Ja"], [])


def test_what_outlook_packs_into_winmail_is_named_and_the_text_beside_it_read() -> None:
    raw = with_parts("mixed", part("Goed"), file(b"\x78\x9f\x3e\x22" + bytes(50), "application/ms-tnef", "winmail.dat"))
    assert (plain(raw), names(raw)) == (["Goed"], ["winmail.dat"])


# Charsets and codings


@pytest.mark.parametrize(
    ("said", "charset"),
    [
        ("été", "iso-8859-1"),
        ("été – « ça »", "windows-1252"),
        ("€ été", "iso-8859-15"),
        ("été", "utf-8"),
        ("été", "utf-16"),
        ("été", '"UTF-8"'),
    ],
)
def test_charsets(said: str, charset: str) -> None:
    content = said.encode(charset.strip('"'))
    assert plain(mail(content, f"Content-Type: text/plain; charset={charset}")) == [said]


@pytest.mark.parametrize(
    "charset",
    ["x-unknown", "base64", "rot13", "idna", "punycode", "\x00", "utf-8\x00", "", "us-ascii", "unicode_escape"],
)
@pytest.mark.parametrize("written_in", ["utf-8", "cp1252"])
def test_a_charset_that_is_wrong_loses_nothing(charset: str, written_in: str) -> None:
    assert plain(mail("déjà payé".encode(written_in), f"Content-Type: text/plain; charset={charset}")) == ["déjà payé"]


def test_utf_8_that_is_called_latin_and_the_other_way_round() -> None:
    assert plain(mail("déjà".encode(), "Content-Type: text/plain; charset=iso-8859-1")) == ["déjà"]
    assert plain(mail("déjà".encode("cp1252"), "Content-Type: text/plain; charset=utf-8")) == ["déjà"]


def test_the_charset_that_html_declares_itself() -> None:
    html = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">Да'.encode("koi8-r")
    ((_, read),) = body(mail(html, "Content-Type: text/html")).parts
    assert read is not None
    assert read.endswith("Да")


@pytest.mark.parametrize(
    ("coded", "how"),
    [
        ("Y2E gdmE=\n", "base64"),
        ("Y2EgdmE", "BASE64"),
        ("Y2Eg!!dmE=====", "base64"),
        ("Y2EgdmEA\x00", "base64"),
        ("ca=20va", "quoted-printable"),
        ("ca va=\n", "Quoted-Printable"),
        ("ca va", "8bit"),
        ("ca va", "x-unheard-of"),
        ("begin 644 t\n%8V$@=F$\n`\nend\n", "x-uuencode"),
    ],
)
def test_codings_are_read_as_far_as_they_go(coded: str, how: str) -> None:
    assert plain(mail(coded, f"Content-Transfer-Encoding: {how}")) == ["ca va"]


def test_a_bad_escape_of_quoted_printable_stays() -> None:
    assert plain(mail("100 =ZZ = 50=", "Content-Transfer-Encoding: quoted-printable")) == ["100 =ZZ = 50"]


def test_lines_end_in_a_line_feed_and_there_is_no_nul() -> None:
    assert plain(mail(b"a\r\nb\rc\x00\nd")) == ["a\nb\nc\nd"]


# format=flowed


def test_flowed_text_is_joined_and_its_signature_is_not() -> None:
    text = "Dinsdag past niet, \nwoensdag wel.\n\n> quoted \n> on\n>> deeper\n \n-- \nHilde \nZeedijk"
    assert unfolded(text, delete_space=False) == (
        "Dinsdag past niet, woensdag wel.\n\n> quoted on\n>> deeper\n\n-- \nHilde Zeedijk"
    )
    assert unfolded("Donau \ndampf \nschiff", delete_space=True) == "Donaudampfschiff"
    assert unfolded("blank \n\nline", delete_space=False) == "blank \n\nline"
    assert unfolded(" >not quoted", delete_space=False) == ">not quoted"


def test_flowed_is_read_from_the_content_type() -> None:
    assert plain(mail("a \nb", "Content-Type: text/plain; format=Flowed; DelSp=Yes")) == ["ab"]
    assert plain(mail("a \nb", "Content-Type: text/plain")) == ["a \nb"]


# What is damaged


def test_a_boundary_that_is_not_declared_or_declared_wrongly_is_found() -> None:
    inner = b"--xyz\r\n" + part("Here") + b"\r\n--xyz\r\n" + part("<p>Here</p>", "text/html") + b"\r\n--xyz--\r\n"
    for declared in ("multipart/alternative", 'multipart/alternative; boundary="other"'):
        ((text, html),) = body(mail(inner, f"Content-Type: {declared}")).parts
        assert ((text or "").strip(), (html or "").strip()) == ("Here", "<p>Here</p>")


def test_a_multipart_without_parts_is_its_text() -> None:
    assert plain(mail("Just text", "Content-Type: multipart/mixed; boundary=x")) == ["Just text"]


def test_a_last_boundary_that_never_comes() -> None:
    raw = with_parts("mixed", part("One"), part("Two"))
    assert plain(raw[: raw.rindex(b"--outermost--")]) == ["One", "Two"]


def test_a_boundary_within_a_line_or_longer_than_it_is_none() -> None:
    raw = with_parts("mixed", part("a --outermost b\r\n--outermostly\r\nc"))
    assert plain(raw) == ["a --outermost b\n--outermostly\nc"]


@pytest.mark.parametrize("kind", ["", "text", "nonsense; charset=utf-8", ";", "text/plain\x00"])
def test_a_content_type_that_is_none_is_plain_text(kind: str) -> None:
    assert plain(mail("Oui", f"Content-Type: {kind}")) == ["Oui"]


def test_a_mail_whose_lines_end_in_carriage_returns_or_that_comes_from_a_mailbox_file() -> None:
    assert plain(mail("Oui").replace(b"\r\n", b"\r")) == ["Oui"]
    assert plain(b"From marie@telenet.example Mon Nov 16\n" + mail("Oui").replace(b"\r\n", b"\n")) == ["Oui"]


def test_headers_without_an_empty_line_after_them() -> None:
    assert plain(b"From: a@b.example\nSubject: x\nBonjour\nMarie") == ["Bonjour\nMarie"]


# Names of files


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\Users\\\\x\\\\devis.pdf"', "devis.pdf"),
        ("attachment; filename*=utf-8''d%C3%A9compte%20n%C2%B01.pdf", "décompte n°1.pdf"),
        ("attachment; filename*0*=iso-8859-1'fr'd%E9; filename*1=compte; filename*2*=.pdf", "décompte.pdf"),
        ('attachment; filename="=?utf-8?Q?d=C3=A9compte=2Epdf?="', "décompte.pdf"),
        ("attachment; filename=décompte.pdf", "décompte.pdf"),
        ("attachment; filename=with space.pdf", "with space.pdf"),
        ('attachment; filename="a\x00b\x07.pdf"', "ab.pdf"),
        ('attachment; filename="ann\u202efdp.exe"', "annfdp.exe"),
        ('attachment; filename=".."', "file.pdf"),
        ('attachment; filename="."; filename=""', "file.pdf"),
        ("attachment", "file.pdf"),
        (f'attachment; filename="{"a" * 500}.pdf"', f"{'a' * 116}.pdf"),
    ],
)
def test_names_of_files(field: str, name: str) -> None:
    raw = with_parts("mixed", part("x"), part(PDF, "application/pdf", f"Content-Disposition: {field}"))
    assert names(raw) == [name]


# Headers


def test_encoded_words() -> None:
    assert words("=?utf-8?Q?R=C3=A9ponse_?= =?UTF-8?B?w6AgdG91cw==?=") == "Réponse à tous"
    assert words("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=") == "café"
    assert words("Re: =?iso-8859-1?q?=E9t=E9?= - plain") == "Re: été - plain"
    assert words("=?utf-8?Q?torn") == "=?utf-8?Q?torn"
    assert words("=?x-none?B?////?=") == "ÿÿÿ"
    assert words("=?utf-8?Q?a=0Ab?=") == "a b"
    assert words("=?utf-8?Q??=") == ""


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("Marie <marie@a.example>", ["marie@a.example"]),
        ("marie@a.example", ["marie@a.example"]),
        ("MAILER-DAEMON@mx.example (Mail Delivery System)", ["MAILER-DAEMON@mx.example"]),
        ('"marie@a.example" <evil@b.example>', ["evil@b.example"]),
        ("marie@a.example <evil@b.example>", ["evil@b.example"]),
        ("Marie <marie@a.example> <evil@b.example>", ["evil@b.example"]),
        ("marie@a.example, evil <evil@b.example>", ["marie@a.example", "evil@b.example"]),
        ("Lambert, Marie <marie@a.example>", ["marie@a.example"]),
        ('"Lambert, Marie (x" <marie@a.example>', ["marie@a.example"]),
        ("People: marie@a.example, Tom <tom@b.example>;", ["marie@a.example", "tom@b.example"]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?Q?Marie_=3Cmarie=40a.example=3E?= <evil@b.example>", ["evil@b.example"]),
        ("=?utf-8?Q?marie=40a.example?=", []),
        ("<@relay.example,@b.example:marie@a.example>", ["marie@a.example"]),
        ("marie @ a.example", ["marie@a.example"]),
        ('"marie l"@a.example', ['"marie l"@a.example']),
        ("jörg@bücher.example", ["jörg@bücher.example"]),
        ("marie(@evil.example)@a.example", ["marie@a.example"]),
        ("marie@a.example@b.example", []),
        ("<marie@a.example", ["marie@a.example"]),
        ("<>", []),
        ("", []),
        ("Marie", []),
    ],
)
def test_addresses(field: str, found: list[str]) -> None:
    assert addresses(field) == found


def test_an_address_as_the_directory_keeps_it() -> None:
    assert on_file("Marie.Lambert@Telenet.EXAMPLE") == "marie.lambert@telenet.example"
    assert on_file("jo@xn--bcher-kva.example") == on_file("jo@Bücher.example") == "jo@bücher.example"
    assert written_host("xn--\xff.example") == "xn--\xff.example"
    assert written_host("xn--99999999999.example.") == "xn--99999999999.example"


def test_parameters_of_which_the_first_counts() -> None:
    kind, given = parameters('Text/HTML; charset="utf-8"; x=1; charset=other; boundary="a;b\\"c"; y')
    assert (kind, dict(given)) == ("text/html", {"charset": "utf-8", "x": "1", "boundary": 'a;b"c'})


# What is hostile


def nested(depth: int) -> bytes:
    raw = b"From: a@b.example\r\n"
    for level in range(depth):
        raw += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    return raw + b"\r\nText"


HOSTILE: dict[str, Callable[[], bytes]] = {
    "5,000 parts in one another": lambda: nested(5_000),
    "the same boundary in itself": lambda: mail(
        b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 50_000,
        "Content-Type: multipart/mixed; boundary=b",
    ),
    "200,000 parts": lambda: mail(b"--b\r\n\r\nx\r\n" * 200_000, "Content-Type: multipart/mixed; boundary=b"),
    "dashes": lambda: mail(b"--" * 2_500_000, "Content-Type: multipart/mixed; boundary=-"),
    "lines of dashes": lambda: mail(b"---x\n" * 1_000_000, "Content-Type: multipart/mixed; boundary=-"),
    "boundaries to guess": lambda: mail(b"\n--a" * 1_000_000, "Content-Type: multipart/mixed"),
    "one long line": lambda: mail(b"x" * 5_000_000),
    "one long line of HTML": lambda: mail(b"<meta " * 1_000_000, "Content-Type: text/html"),
    "NULs": lambda: mail(b"\0" * 5_000_000),
    "100,000 headers": lambda: mail("x", *[f"X-{number}: y" for number in range(100_000)]),
    "a header of 3 MB": lambda: mail("x", "X-Long: " + '=?utf-8?q?a?= ;a="x' * 80_000, subject="=?q?=" * 500_000),
    "parameters without end": lambda: mail("x", "Content-Type: text/plain" + ';a="x' * 100_000),
    "a continuation without end": lambda: mail("x", "X-Long: y" + "\r\n\tz" * 500_000),
    "base64 with holes": lambda: mail(b"A=!" * 1_500_000, "Content-Transfer-Encoding: base64"),
    "a file of 30 MB": lambda: with_parts("mixed", part("Oui"), file(bytes(30 * 2**20), "application/pdf", "big.pdf")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_are_read_in_no_time(name: str) -> None:
    raw = HOSTILE[name]()
    started = time.perf_counter()
    found = body(raw)
    assert time.perf_counter() - started < 1.0
    assert len(found.parts) <= 40
    if name == "a file of 30 MB":
        assert (plain(raw), [each.size for each in found.attachments]) == (["Oui"], [30 * 2**20])
    if name == "100,000 headers":
        assert plain(raw) == ["x"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b"\r\n \t\n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "no_mail"),
        (b"Bonjour,\nje paie demain.", "no_mail"),
        (b"\r\n\r\nno headers", "no_mail"),
        (b"From: a@b.example\r\n" + b"X: y\r\n" * 1_000_000 + b"\r\nx", "too_many_headers"),
        (b"From: " + b"x" * 5_000_000, "too_many_headers"),
    ],
)
def test_what_is_no_mail_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_mail(raw)
    assert refusal.value.why == why


@given(st.binary(max_size=300), st.integers(0, 400))
@example(b"\x00", 0)
def test_any_damage_is_survived(noise: bytes, place: int) -> None:
    raw = with_parts(
        "mixed",
        part("Oui"),
        many("alternative", part("a"), part("<b>a</b>", "text/html")),
        file(PDF, "application/pdf", "a.pdf"),
    )
    for damaged in (raw[:place] + noise + raw[place:], raw[:place] + noise, noise + raw[place:], noise):
        try:
            found = body(damaged)
        except Unreadable:
            continue
        for attachment in found.attachments:
            assert len(attachment.content()) == attachment.size > 0
            assert attachment.name
            assert "/" not in attachment.name
        for text, html in found.parts:
            for said in (text, html):
                assert said is None or "\x00" not in said
                (said or "").encode()


def test_bytes_come_back_as_they_were_sent() -> None:
    content = os.urandom(5_000)
    (attachment,) = body(with_parts("mixed", part("x"), file(content, "application/zip", "a.zip"))).attachments
    assert attachment.content() == content
    assert base64.b64encode(attachment.content())
