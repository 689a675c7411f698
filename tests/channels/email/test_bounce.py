"""What came back, for whom, and whether for good."""

from __future__ import annotations

import time

import pytest

from channels.email.automatic import is_automatic
from channels.email.bounce import Failure, read_bounce
from channels.email.mime import read_mail
from tests.channels.email.writing import BOT, MARIE, mail, part, report, with_parts

DAEMON = "MAILER-DAEMON@mx.far.example (Mail Delivery System)"
GONE = "oude.bewoner@far.example"


def bounce(raw: bytes, sender_path: str | None = None) -> Failure | None:
    return read_bounce(read_mail(raw), sender_path)


def recipient(
    status: str = "5.1.1", action: str = "failed", final: str = GONE, said: str = "", original: str = ""
) -> str:
    fields = [f"Final-Recipient: rfc822; {final}", f"Action: {action}", f"Status: {status}"]
    fields += [f"Diagnostic-Code: smtp; {said}"] if said else []
    fields += [f"Original-Recipient: {original}"] if original else []
    return "\r\n".join(fields)


def test_the_address_that_failed_and_the_mail_that_came_back() -> None:
    returned = f"Return-Path: <{BOT}>\r\nTo: {GONE}\r\nMessage-ID: <{'a' * 32}@immeuble.example>\r\n"
    assert bounce(report(recipient(), returned=returned)) == Failure(GONE, True, (f"<{'a' * 32}@immeuble.example>",))


@pytest.mark.parametrize(
    ("status", "said", "hard"),
    [
        ("5.1.1", "550 5.1.1 User unknown", True),
        ("5.1.2", "", True),
        ("5.2.1", "550 5.2.1 disabled", True),
        ("5.0.0", "", True),
        ("5.0.0", "552 5.2.2 full", False),
        ("5.0.0", "550 5.1.1 unknown", True),
        ("4.4.7", "timed out", False),
        ("4.2.2", "full", False),
        ("5.2.2", "552 5.2.2 Mailbox full", False),
        ("5.2.3", "too long", False),
        ("5.3.4", "552 5.3.4 too big", False),
        ("5.7.1", "550 5.7.1 blocked as spam", False),
        ("5.7.26", "unauthenticated", False),
        ("5.4.7", "expired", False),
        ("", "550 no such user", True),
        ("", "452 try again", False),
        ("", "", True),
    ],
)
def test_for_good_or_not(status: str, said: str, hard: bool) -> None:
    failure = bounce(report(recipient(status, said=said)))
    assert failure is not None
    assert (failure.address, failure.hard) == (GONE, hard)


@pytest.mark.parametrize("action", ["delayed", "Delayed", "delivered", "relayed", "expanded"])
def test_what_did_not_fail_is_no_bounce_but_automatic(action: str) -> None:
    raw = report(recipient("4.4.1" if "elay" in action else "2.0.0", action))
    assert bounce(raw) is None
    assert is_automatic(read_mail(raw))


def test_of_several_the_first_that_failed() -> None:
    later, other = recipient("4.4.1", "delayed", "first@far.example"), recipient(final="third@far.example")
    failure = bounce(report(later, recipient(), other))
    assert failure is not None
    assert failure.address == GONE


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        (recipient(original="rfc822;marie@own.example"), "marie@own.example"),
        (recipient(original="rfc822; bot+2Bx@own.example"), "bot+x@own.example"),
        (recipient(original="x400; /S=marie"), GONE),
        (recipient(final="<marie@far.example>"), "marie@far.example"),
        (recipient(action="failed (permanent)"), GONE),
        (recipient(action="error"), GONE),
        (f"Final-Recipient: RFC822;{GONE}\r\nStatus: 5.1.1", GONE),
        ("Final-Recipient: utf-8; jö@bücher.example\r\nAction: failed", "jö@bücher.example"),
        (f"final-recipient: {GONE}\r\naction:failed\r\nstatus:5.1.1 (bad mailbox)", GONE),
    ],
)
def test_how_servers_name_the_address(fields: str, address: str) -> None:
    failure = bounce(report(fields))
    assert failure is not None
    assert failure.address == address


def test_a_report_that_only_delays_though_its_words_frighten() -> None:
    raw = report(recipient("4.4.1", "delayed"), said="Undelivered. It failed. 550 5.1.1 unknown")
    assert bounce(raw) is None


# Bounces that are no reports

QMAIL = f"""Hi. This is the qmail-send program at far.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{GONE}>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 User unknown
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Return-Path: <{BOT}>
To: {GONE}
"""
EXIM = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {GONE}
    host mx.far.example [192.0.2.1]
    550 5.1.1 Unknown user

------ This is a copy of the message, including all the headers. ------
"""


@pytest.mark.parametrize(
    ("text", "subject", "fields"),
    [
        (QMAIL, "failure notice", ()),
        (EXIM, "Mail delivery failed: returning message to sender", (f"X-Failed-Recipients: {GONE}",)),
        (EXIM, "Mail delivery failed: returning message to sender", ()),
        (f"Votre message n'a pas pu être remis à {GONE} : boîte inconnue.", "Message non distribuable", ()),
        (f"Uw bericht aan {GONE} kon niet worden bezorgd.", "Onbestelbaar: Stemming", ()),
        (f"Ihre Nachricht an <{GONE}> wurde nicht zugestellt.", "Unzustellbar: Abstimmung", ()),
        (f"Delivery has failed to these recipients: {GONE}", "Undeliverable: Vote", ()),
    ],
)
def test_bounces_in_words_only(text: str, subject: str, fields: tuple[str, ...]) -> None:
    raw = mail(text, *fields, subject=subject, to="bot+abc@immeuble.example", **{"from": DAEMON})
    failure = bounce(raw)
    assert failure is not None
    assert (failure.address, failure.hard) == (GONE, True)
    assert is_automatic(read_mail(raw))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (
            f"Your message to {GONE} has not yet been delivered. We will keep trying.",
            "Warning: message delayed 4 hours",
        ),
        (f"Uw bericht aan {GONE} is vertraagd.", "Bericht vertraagd"),
        (f"A message to {GONE} is delayed.\nIt is still being retried.", "Delivery status"),
        ("Nothing is named here.", "Undelivered Mail Returned to Sender"),
    ],
)
def test_words_that_name_no_failure(text: str, subject: str) -> None:
    assert bounce(mail(text, subject=subject, **{"from": DAEMON})) is None


def test_a_person_who_writes_of_a_bounce_is_no_bounce() -> None:
    assert bounce(mail(QMAIL, subject="failure notice")) is None
    assert bounce(mail(f"Is {GONE} right? It failed.", subject="Undelivered Mail")) is None
    inner = report(recipient()).replace(b"outermost", b"inner")
    assert bounce(with_parts("mixed", part("What is this?"), part(inner, "message/rfc822"))) is None


def test_somebody_who_is_away_is_no_bounce_though_nothing_may_come_back_to_his_mail() -> None:
    text = f"Je suis absent. Écrivez à {GONE}."
    assert bounce(mail(text, "Return-Path: <>", subject="Absence")) is None
    assert bounce(mail(text, subject="Réponse automatique : Vote"), sender_path="") is None


def test_a_bounce_whose_envelope_alone_says_so() -> None:
    raw = mail(EXIM, subject="Mail delivery failed", **{"from": f"Mail <{MARIE}>"})
    assert bounce(raw, sender_path=MARIE) is None
    failure = bounce(raw, sender_path="")
    assert failure is not None
    assert failure.address == GONE


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "<a@b.example> " * 60_000,
        "a@" * 400_000,
        "\n" * 800_000,
        "<" * 800_000,
        "- " * 400_000,
        "a." * 400_000,
    ],
)
def test_a_hostile_bounce_is_read_in_no_time(text: str) -> None:
    started = time.perf_counter()
    bounce(mail(text, subject="Undelivered", **{"from": DAEMON}))
    assert time.perf_counter() - started < 1.5


def test_a_report_of_very_many_recipients() -> None:
    failure = bounce(report(*[recipient(final=f"p{number}@far.example") for number in range(5_000)]))
    assert failure is not None
    assert failure.address == "p0@far.example"
