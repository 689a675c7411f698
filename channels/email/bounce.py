"""What came back: who could not be reached, and whether for good. RFC 3464 (reports), 3463 (status codes), and what other servers write.

A report that it takes longer is none: nothing failed yet.
"""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flufl.bounce import all_failures

from channels.email.automatic import has_no_return, is_daemon
from channels.email.headers import Headers, addresses, read_headers
from channels.email.mime import Entity, read_body

_REPORTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED: Final = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_MOST_REPORT_BYTES: Final = 200_000
_MOST_READ: Final = 60_000
"""Bytes of a bounce that is no report in which the recipient is looked for."""
_MOST_PARTS: Final = 20
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_SMTP_CODE = re.compile(r"(?<!\d)([45])\d\d(?!\d)")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_MENTIONED = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_NO_FAULT_OF_THE_ADDRESS: Final = frozenset({("2", "2"), ("2", "3"), ("3", "1"), ("3", "4"), ("4", "7")})
"""Mailbox full, message too long, system full, message too big, took too long: the next mail may arrive."""
_POLICY: Final = "7"
"""Class of details by which a server refuses us or what we wrote, whoever it is for."""
_UNDELIVERED = re.compile(
    r"undeliver|not\sdelivered|non-?deliver|delivery\s(?:has\s)?(?:status|fail|problem|error|not)|fail(?:ed|ure)|"
    r"return(?:ed|ing)\s(?:mail|message|to\ssender)|message\srejected|could\snot\sbe\s(?:delivered|sent)|mail\serror|"
    r"non[\s-](?:remis|distribu|livr|d[ée]livr)|[ée]chec|impossible\s(?:de|à)\s(?:remettre|livrer|distribuer)|retour(?:n[ée])?|"
    r"onbestelbaar|niet\s(?:bezorgd|afgeleverd|besteld)|kan\sniet\sworden|mislukt|teruggestuurd|"
    r"unzustellbar|nicht\szugestellt|unzustellbarkeit|zustell(?:ung|fehler)|fehlgeschlagen|zurückgesandt",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delayed?\b|warning:|still\sbeing\sretried|will\s(?:keep|continue)\s(?:trying|to\stry)|not\syet\sbeen\sdelivered|"
    r"retard[ée]|diff[ée]r[ée]|vertraagd|vertraging|verzögert|verspätet|temporary\sfailure|for\s\d+\shours",
    re.IGNORECASE,
)

# The library writes every detector that it tries into the log, and the text of a mail with an error.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Failure:
    """A mail of ours that did not arrive. `hard`: the address will not take the next one either.

    `message_ids`: those that the report gives for the mail that came back.
    """

    address: str
    hard: bool
    message_ids: tuple[str, ...] = ()


def read_bounce(mail: Entity, sender_path: str | None = None) -> Failure | None:
    """The first recipient that a bounce names as failed; None where the mail is none, or nothing failed yet.

    `sender_path`: the envelope's sender where it is known; "" where nothing may come back.
    """
    reports = [part for part in mail.walk() if part.media_type in _REPORTS]
    if reports:
        recipients = [recipient for report in reports for recipient in _recipients(report)]
        failed = [failure for fields in recipients if (failure := _failure(fields)) is not None]
        if failed or any(_action(fields) for fields in recipients):
            return _with_ids(failed[0], mail) if failed else None
    if not _reports_without_form(mail.headers, sender_path):
        return None
    failure = _read_text(mail)
    return _with_ids(failure, mail) if failure else None


def _recipients(report: Entity) -> Iterator[Headers]:
    """The groups of fields of a report: of the message first, then of each recipient."""
    content = report.content(_MOST_REPORT_BYTES).replace(b"\r\n", b"\n").strip(b"\n")
    for group in re.split(rb"\n[ \t]*\n", content)[:100]:
        fields = read_headers(group)
        if "final-recipient" in fields or "original-recipient" in fields or "action" in fields:
            yield fields


def _action(fields: Headers) -> str:
    return re.split(r"[\s;(]", fields.first("action").lower())[0]


def _failure(fields: Headers) -> Failure | None:
    """What a report says of one recipient; None where he was reached, or may still be."""
    status = _STATUS.search(fields.first("status"))
    action = _action(fields)
    # A few servers write `error`; some leave the action away.
    failed = action.startswith(("fail", "error")) if action else status is not None and status[1] == "5"
    address = _recipient(fields)
    if not failed or address is None:
        return None
    said = _STATUS.search(fields.first("diagnostic-code"))
    return Failure(address, _is_hard(status, said, fields.first("diagnostic-code")))


def _recipient(fields: Headers) -> str | None:
    """The address that we wrote to, else the one that it was sent on to."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        kind, _, named = fields.first(name).rpartition(";")
        written = _XTEXT.sub(lambda coded: chr(int(coded[1], 16)), named) if name == "original-recipient" else named
        for candidate in (written, named):
            found = addresses(candidate.strip())
            if found and kind.strip().lower() in ("", "rfc822", "utf-8"):
                return found[0]
    return None


def _is_hard(status: re.Match[str] | None, said: re.Match[str] | None, diagnostic: str) -> bool:
    """By the class of the status; the server's own words are finer where the status is the general one (5.0.0)."""
    if status is not None and status[1] == "5" and status[2] == "0" and said is not None:
        status = said
    if status is None:
        code = _SMTP_CODE.search(diagnostic)
        return code is None or code[1] == "5"
    return status[1] == "5" and status[2] != _POLICY and (status[2], status[3]) not in _NO_FAULT_OF_THE_ADDRESS


def _with_ids(failure: Failure, mail: Entity) -> Failure:
    return Failure(failure.address, failure.hard, tuple(dict.fromkeys(_returned_ids(mail))))


def _returned_ids(mail: Entity) -> Iterator[str]:
    for part in mail.walk():
        if part.media_type in _RETURNED:
            head = part.content(_MOST_REPORT_BYTES).replace(b"\r\n", b"\n").lstrip(b"\n").split(b"\n\n", 1)[0]
            yield from read_headers(head).ids("message-id")
    yield from mail.headers.ids("in-reply-to")
    yield from mail.headers.ids("references")


def _reports_without_form(headers: Headers, sender_path: str | None) -> bool:
    """Whether it is a bounce in words only: from a mail system, or with no way back, and with such a subject."""
    return "x-failed-recipients" in headers or (
        (any(map(is_daemon, addresses(headers.first("from")))) or has_no_return(headers, sender_path))
        and _UNDELIVERED.search(headers.text("subject")) is not None
    )


def _read_text(mail: Entity) -> Failure | None:
    """Who failed by the words of the servers that write no report; None where it only takes longer."""
    text = "\n".join(part.plain or part.html or "" for part in read_body(mail).parts)[:_MOST_READ]
    subject = mail.headers.text("subject")
    if _DELAYED.search(subject):
        return None
    named = addresses(mail.headers.first("x-failed-recipients"))
    if not named:
        later, named = _by_library(mail)
        if later and not named:
            return None
    if not named:
        if _DELAYED.search(text[:2_000]):
            return None
        named = _mentioned(text, mail.headers)
    if not named:
        return None
    return Failure(named[0], _is_hard(_STATUS.search(text), None, text[:_MOST_READ]))


def _by_library(mail: Entity) -> tuple[list[str], list[str]]:
    """(delayed, failed) by the patterns of servers that flufl.bounce knows. Its reader of mails takes very long where parts are many."""
    if sum(1 for _ in mail.walk()) > _MOST_PARTS:
        return [], []
    try:
        later, failed = all_failures(email.message_from_bytes(mail.raw[:_MOST_READ]))
    except Exception:  # whatever a stranger's bounce can cause in it
        return [], []
    return _addresses(later), _addresses(failed)


def _addresses(found: frozenset[bytes]) -> list[str]:
    return [address for raw in sorted(found) for address in addresses(raw.decode("ascii", "replace"))]


def _mentioned(text: str, headers: Headers) -> list[str]:
    """Addresses that stand in the words of a bounce before the returned mail, but for its author's and ours."""
    own = {
        address.lower()
        for name in ("from", "to", "delivered-to", "return-path")
        for address in addresses(headers.first(name))
    }
    before = re.split(r"(?m)^-{2,}.{0,80}(?:copy|original|copie|origine|kopie|oorspronkelijk|kopie|nachricht)", text)[0]
    return [found for found in _MENTIONED.findall(before[:20_000]) if found.lower() not in own and not is_daemon(found)]
