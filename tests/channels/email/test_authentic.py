"""Nobody but the trusted server says who wrote."""

from __future__ import annotations

import pytest

from channels.email.authentic import authentic, authors, read_results
from channels.email.mime import read_mail
from tests.channels.email.writing import MARIE, TRUSTED, mail, results

FORGED = results("pass")


def judged(raw: bytes, authserv_id: str | None = TRUSTED) -> str:
    return authentic(read_mail(raw).headers, authserv_id)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("pass", "pass"),
        ("fail", "fail"),
        ("none", "none"),
        ("temperror", "none"),
        ("bestguesspass", "none"),
        ("permerror", "none"),
    ],
)
def test_the_result_of_the_trusted_server(said: str, expected: str) -> None:
    assert judged(mail("x", results(said))) == expected


def test_nobody_is_trusted_unless_somebody_is_named() -> None:
    assert judged(mail("x", FORGED), None) == judged(mail("x", FORGED), "") == "none"
    assert judged(mail("x")) == "none"


@pytest.mark.parametrize(
    "server",
    [
        f"{TRUSTED}.attaquant.example",
        f"x{TRUSTED}",
        "immeuble.example",
        f"{TRUSTED} 2",
        f'"{TRUSTED} "',
        "",
        f"{TRUSTED},x",
        f"x {TRUSTED}",
    ],
)
def test_another_name_is_another_server(server: str) -> None:
    assert judged(mail("x", results("pass", server))) == "none"


@pytest.mark.parametrize(
    "server", [TRUSTED, f"{TRUSTED} 1", f'"{TRUSTED}"', f"(ours) {TRUSTED} (yes)", f" {TRUSTED}\r\n\t1"]
)
def test_the_same_name_in_other_ways(server: str) -> None:
    assert judged(mail("x", results("pass", server))) == "pass"


def test_only_the_topmost_of_the_trusted_server_counts() -> None:
    other = results("pass", "mx.attaquant.example")
    assert judged(mail("x", results("fail"), FORGED)) == "fail"
    assert judged(mail("x", other, results("fail"), FORGED)) == "fail"
    assert judged(mail("x", other, results("pass"))) == "pass"
    assert judged(mail("x", f"Authentication-Results: {TRUSTED}; none", FORGED)) == "none"
    assert judged(mail("x", f"Authentication-Results: {TRUSTED}; dkim=pass header.d=a.example", FORGED)) == "none"
    assert judged(mail("x", f"Authentication-Results: {TRUSTED} 9; dmarc=fail", FORGED)) == "none"


@pytest.mark.parametrize(
    "said",
    [
        "spf=fail (dmarc=pass) smtp.mailfrom=a@b.example",
        "spf=fail (x\\) ; dmarc=pass) smtp.mailfrom=a@b.example",
        'spf=fail reason="; dmarc=pass"',
        'spf=fail smtp.mailfrom="a;dmarc=pass;"@b.example',
        "x-dmarc=pass",
        "dmarc=passed",
        "dmarc=pass-ish",
        "dmarc=pass; dmarc=none",
        "dkim=pass dmarc=pass",
        "arc=pass (i=1 dmarc=pass)",
    ],
)
def test_what_only_looks_like_a_result(said: str) -> None:
    assert judged(mail("x", f"Authentication-Results: {TRUSTED}; {said}")) == "none"


def test_two_results_that_differ_are_a_failure() -> None:
    assert judged(mail("x", f"Authentication-Results: {TRUSTED}; dmarc=pass; dmarc=fail")) == "fail"


@pytest.mark.parametrize(
    "line",
    [
        f"Authentication-Results: {TRUSTED}; dmarc=pass action=none header.from=telenet.example;compauth=pass reason=100",
        f"Authentication-Results: {TRUSTED} 1; spf=pass smtp.mailfrom={MARIE};\r\n dkim=pass header.i=@telenet.example;\r\n"
        " dmarc=pass header.from=telenet.example; arc=none",
        f"authentication-results: {TRUSTED}; iprev=pass policy.iprev=192.0.2.2; auth=none; dkim=pass (Good; 2048 bit);\r\n"
        "   dmarc=pass (p=reject,d=none) header.from=telenet.example",
        f"Authentication-Results: {TRUSTED}; DMARC = Pass (p=none (x)) header.from=Telenet.Example",
        f"Authentication-Results: {TRUSTED}; dmarc/1=pass",
    ],
)
def test_the_ways_of_real_servers(line: str) -> None:
    assert judged(mail("x", line)) == "pass"


def test_a_result_of_another_domain_is_not_of_this_author() -> None:
    assert judged(mail("x", results(domain="attaquant.example"))) == "none"
    assert judged(mail("x", results(domain="example"))) == "pass"
    assert judged(mail("x", results(domain="net.example"))) == "none"
    raw = mail("x", results(domain="xn--bcher-kva.example"), **{"from": "Jo <jo@bücher.example>"})
    assert judged(raw) == "pass"


@pytest.mark.parametrize(
    "extra",
    [
        "From: Tom <tom@telenet.example>",
        "from : tom@telenet.example",
        "FROM: nobody at all",
        "From: ",
    ],
)
def test_more_than_one_from_never_passes(extra: str) -> None:
    for raw in (mail("x", FORGED, extra), mail("x", FORGED).replace(b"Subject:", extra.encode() + b"\r\nSubject:")):
        assert judged(raw) == "none"
        assert len(authors(read_mail(raw).headers)) == 2
    assert judged(mail("x", results("fail"), extra)) == "fail"


def test_two_authors_in_one_from_never_pass() -> None:
    assert judged(mail("x", FORGED, **{"from": f"{MARIE}, tom@telenet.example"})) == "none"
    assert judged(mail("x", FORGED, **{"from": "nobody"})) == "none"
    assert judged(mail("x", FORGED, **{"from": None})) == "none"


def test_a_field_without_end_is_read_in_no_time() -> None:
    assert read_results(f"{TRUSTED};" + "dmarc=pass(" * 200_000)[1] == [("pass", "")]
    assert read_results(";" * 200_000) == ("", [])
