"""A card as a mail: a complete plain part, the same as minimal HTML, and what is attached. Pure.

RFC 5322 (headers and threads), 2047 (words in headers), 3834 (automatic mail), 8058 (one click to unsubscribe).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage, Message
from email.policy import SMTP, Policy
from email.utils import format_datetime, formataddr
from html import escape
from typing import ClassVar, Literal

from channels import shaping
from core.messaging.card import Card

SUBJECT_LIMIT = 200
FILE_NAME_LIMIT = 120
REFERENCES_LIMIT = 20
"""How many messages of a thread are named: its first, and its last."""
ID_LIMIT = 250

_ID = re.compile(rf"<[\x21-\x3b\x3d\x3f-\x7e]{{1,{ID_LIMIT}}}>")
_ANSWERED = re.compile(r"(?:(?:re|ré|rép|aw|antw|antwort|sv)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"(application|audio|font|image|model|text|video)/([a-z0-9][a-z0-9!#$&^_.+-]{0,126})")
_LINE = 76


class _Verbatim(BaseHeader):
    """A header whose value is already as it goes over the wire. The library would wrap a long link or message id as an encoded word."""

    max_count: ClassVar[Literal[1]] = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, object]) -> None:
        kwds |= {"decoded": value, "parse_tree": None}

    def fold(self, *, policy: Policy) -> str:
        lines = [f"{self.name}:"]
        for word in self.split():
            if len(lines[-1]) + 1 + len(word) > _LINE and not lines[-1].endswith(":"):
                lines.append("")
            lines[-1] += f" {word}"
        return policy.linesep.join(lines) + policy.linesep


_REGISTRY = HeaderRegistry()
for _name in (
    *("from", "to", "reply-to", "subject", "message-id", "date", "in-reply-to", "references"),
    *("auto-submitted", "x-auto-response-suppress", "list-unsubscribe", "list-unsubscribe-post"),
):
    _REGISTRY.map_to_type(_name, _Verbatim)
POLICY = SMTP.clone(header_factory=_REGISTRY, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file with its content, to be attached."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Thread:
    """What an answer has to know of the message that it answers. What strangers wrote in it is taken only where it is well-formed."""

    id: str | None = None
    references: tuple[str, ...] = ()
    subject: str = ""

    @classmethod
    def of(cls, stored: str | None) -> Thread | None:
        """From the `thread` of a message: JSON with `id`, `references` and `subject`. None where it is none."""
        try:
            given = json.loads(stored) if stored else None
        except (ValueError, RecursionError):
            return None
        if not isinstance(given, dict):
            return None
        named, before, subject = given.get("id"), given.get("references"), given.get("subject")
        return cls(
            next(iter(_ids(named)), None),
            tuple(_ids(before)),
            shaping.line(subject) if isinstance(subject, str) else "",
        )

    @property
    def chain(self) -> tuple[str, ...]:
        """The whole thread for References, oldest first, without what stands twice."""
        chain = tuple(dict.fromkeys([*self.references, *([self.id] if self.id else [])]))
        return chain if len(chain) <= REFERENCES_LIMIT else (chain[0], *chain[1 - REFERENCES_LIMIT :])


@dataclass(frozen=True, slots=True)
class Ends:
    """Between whom a mail goes: bare addresses, and the name beside ours. `answers`: where an answer to it is to go."""

    sender: str
    name: str
    recipient: str
    answers: str


def mail(
    card: Card[str],
    enclosures: Sequence[Enclosure],
    ends: Ends,
    *,
    message_id: str,
    at: datetime,
    above: str,
    thread: Thread | None = None,
    links: Mapping[str, str] | None = None,
    unsubscribe: str | None = None,
) -> EmailMessage:
    """The card as a mail. `above`: the line above which answers are to be written; `links`: the page of a choice, by its token.

    `thread`: what is answered, where it answers; `unsubscribe`: the page that ends mails like this one.
    """
    message = EmailMessage(POLICY)
    message["From"] = address(ends.name, ends.sender)
    message["To"] = ends.recipient
    message["Reply-To"] = address(ends.name, ends.answers)
    message["Subject"] = words(subject(card, thread))
    message["Message-ID"] = message_id
    message["Date"] = format_datetime(at)
    if thread and thread.id:
        message["In-Reply-To"] = thread.id
    if thread and thread.chain:
        message["References"] = " ".join(thread.chain)
    message["Auto-Submitted"] = "auto-replied" if thread else "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(plain(card, above, links or {}), cte="quoted-printable")
    message.add_alternative(html(card, above, links or {}), subtype="html", cte="quoted-printable")
    for enclosure in enclosures:
        _attach(message, enclosure)
    return message


def wire_bytes(message: EmailMessage) -> bytes:
    """The mail as it goes over the wire: lines ended by CR LF, in ASCII but for an address with other letters."""
    utf8 = not str(message["To"]).isascii()
    return message.as_bytes(policy=POLICY.clone(utf8=utf8))


def plain(card: Card[str], above: str, links: Mapping[str, str]) -> str:
    """All that the card says, as text; under a choice its page, on a line of its own."""
    blocks = [shaping.line(above), shaping.plain(replace(card, choices=()))] if _says(card) else [shaping.line(above)]
    choices = []
    for choice, numbered in zip(card.choices, shaping.numbered(card.choices), strict=True):
        choices.append(f"{numbered}\n{links[choice.token]}\n" if choice.token in links else numbered)
    if choices:
        blocks.append("\n".join(choices))
    return "\n\n".join(block for block in blocks if block).rstrip() + "\n"


def html(card: Card[str], above: str, links: Mapping[str, str]) -> str:
    """The same as a small page without pictures, that a screen reader reads in order."""
    above = shaping.line(above)
    blocks = [f'<p style="color:#555">{escape(above)}</p>'] if above else []
    if _says(card):
        blocks.append(shaping.minimal_html(replace(card, choices=())))
    if card.choices:
        items = []
        for choice in card.choices:
            label = escape(shaping.line(choice.label) or shaping.BLANK)
            link = links.get(choice.token)
            items.append(f'<li><a href="{escape(link)}">{label}</a></li>' if link else f"<li>{label}</li>")
        blocks.append(f"<ol>{''.join(items)}</ol>")
    title = escape(shaping.line(card.title))
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    return "\n".join(["<!doctype html>", "<html>", head, "<body>", *blocks, "</body>", "</html>", ""])


def subject(card: Card[str], thread: Thread | None) -> str:
    """The subject of the thread that it answers, else its title."""
    if thread and shaping.visible(bare := _ANSWERED.sub("", thread.subject, count=1).strip()):
        return f"Re: {shaping.shorten(bare, SUBJECT_LIMIT)}"
    return shaping.shorten(card.title, SUBJECT_LIMIT) or shaping.BLANK


def words(text: str) -> str:
    """A text as it stands in a header: encoded words (RFC 2047) where it is not plain ASCII, or would be taken for them."""
    one = " ".join(shaping.line(text).split(" "))
    plain_ascii = one.isascii() and "=?" not in one
    return one if plain_ascii else " ".join(Header(one, "utf-8", maxlinelen=_LINE).encode().split())


def address(name: str, bare: str) -> str:
    """A name and an address, for a header: nothing in the name can be taken for another address."""
    name = shaping.line(name)
    if not name:
        return bare
    if name.isascii() and "=?" not in name:
        return formataddr((name, bare))
    return f"{words(name)} <{bare}>"


def _says(card: Card[str]) -> bool:
    """Whether the card says anything besides its choices."""
    return shaping.plain(replace(card, choices=())) != shaping.BLANK or not card.choices


def _attach(message: Message, enclosure: Enclosure) -> None:
    assert isinstance(message, EmailMessage)
    main, sub = media_type(enclosure.media_type)
    message.add_attachment(
        enclosure.content,
        maintype=main,
        subtype=sub,
        filename=shaping.file_name(enclosure.name, FILE_NAME_LIMIT),
        params={"charset": "utf-8"} if main == "text" else {},
    )


def media_type(given: str) -> tuple[str, str]:
    """The two halves of a media type; of one that cannot be attached as it is, those of bytes."""
    found = _MEDIA_TYPE.fullmatch(given.partition(";")[0].strip().lower())
    return (found[1], found[2]) if found else ("application", "octet-stream")


def _ids(given: object) -> Iterable[str]:
    """The well-formed message ids in a text, or in a list of texts."""
    texts = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return [found for text in texts if isinstance(text, str) for found in _ID.findall(text)]
