"""Raw mails for the tests, written as clients, servers and strangers write them."""

from __future__ import annotations

import base64

BOT = "bot@immeuble.example"
TRUSTED = "mx.immeuble.example"
MARIE = "marie.lambert@telenet.example"

MARKED = {
    "From": f"Marie Lambert <{MARIE}>",
    "To": BOT,
    "Subject": "Question",
    "Date": "Wed, 18 Nov 2026 09:04:26 +0100",
    "Message-ID": "<one@telenet.example>",
}


def mail(text: str | bytes = "Bonjour", *fields: str, delivered: str | None = BOT, **headers: str | None) -> bytes:
    """A mail of Marie's. `fields`: whole header lines put above; `headers`: changed or, as None, left out (`in_reply_to`)."""
    named = dict(MARKED)
    for name, value in headers.items():
        known = next((each for each in named if each.lower().replace("-", "_") == name), name.replace("_", "-").title())
        named.pop(known, None)
        if value is not None:
            named[known] = value
    above = [f"Delivered-To: {delivered}"] if delivered else []
    head = "\r\n".join([*above, *fields, *(f"{name}: {value}" for name, value in named.items())])
    body = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()
    return head.encode() + b"\r\n\r\n" + body


def part(content: str | bytes, media_type: str = "text/plain; charset=utf-8", *fields: str) -> bytes:
    raw = content if isinstance(content, bytes) else content.encode()
    return "\r\n".join([f"Content-Type: {media_type}", *fields]).encode() + b"\r\n\r\n" + raw


def many(kind: str, *parts: bytes, boundary: str = "limit", parameters: str = "") -> bytes:
    """A multipart, as a part of another one."""
    inner = b"".join(b"\r\n--" + boundary.encode() + b"\r\n" + each for each in parts)
    closing = b"\r\n--" + boundary.encode() + b"--\r\n"
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"{parameters}\r\n\r\n'.encode() + inner + closing


def with_parts(kind: str, *parts: bytes, parameters: str = "", **headers: str | None) -> bytes:
    """A mail of several parts."""
    head, _, body = many(kind, *parts, boundary="outermost", parameters=parameters).partition(b"\r\n\r\n")
    return mail(body, head.decode(), "MIME-Version: 1.0", **headers)


def file(content: bytes, media_type: str, name: str, placed: str = "attachment") -> bytes:
    coded = base64.encodebytes(content)
    return part(
        coded, media_type, f'Content-Disposition: {placed}; filename="{name}"', "Content-Transfer-Encoding: base64"
    )


def report(
    *recipients: str, kind: str = "delivery-status", said: str = "It did not arrive.", returned: str = ""
) -> bytes:
    """The parts of a report: `recipients` are groups of fields."""
    status = "Reporting-MTA: dns; mx.far.example\r\n\r\n" + "\r\n\r\n".join(recipients) + "\r\n"
    parts = [part(said), part(status, f"message/{kind}")]
    if returned:
        parts.append(part(returned, "text/rfc822-headers"))
    return with_parts(
        "report",
        *parts,
        parameters=f"; report-type={kind}",
        **{"from": "MAILER-DAEMON@mx.far.example (Mail Delivery System)", "subject": "Undelivered Mail"},
    )


def results(dmarc: str = "pass", server: str = TRUSTED, domain: str = "telenet.example", more: str = "") -> str:
    """A line of Authentication-Results."""
    return (
        f"Authentication-Results: {server};\r\n\tdkim={dmarc} header.d={domain} header.s=s1;\r\n"
        f"\tspf=pass ({server}: domain of {MARIE} designates 192.0.2.1 as permitted sender) smtp.mailfrom={MARIE};\r\n"
        f"\tdmarc={dmarc} (policy=quarantine) header.from={domain}{more}"
    )
