"""From a raw mail to what it means. Pure: nothing is fetched, and nothing that arrives makes it fail.

inspect    what there is to see in a mail, for whoever looks into why it was taken as it was
inbound    what it means to us: Message, Bounced, Ignored
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from channels.email.addresses import Own, bounce_key, token
from channels.email.authentic import authentic, authors
from channels.email.automatic import is_automatic
from channels.email.bounce import Failure, read_bounce
from channels.email.delivered import bot_address, recipients
from channels.email.headers import Headers, on_file
from channels.email.mime import Attachment, Body, Entity, Unreadable, read_body, read_mail
from channels.email.written import newly_written
from core.messaging.channel import Address, Bounced, File, Ignored, Inbound, Message, Origin, Pages, Trust

NAME: Final = "email"
MOST_REFERENCES: Final = 10
LONGEST_SUBJECT: Final = 300

_ANSWERED = re.compile(
    r"\s*(?:re|ré|rép|réf|fwd?|fw|tr|antw|antwoord|betr|doorst|doorgest|aw|wg|antwort|weiterl|sv|vs|rif|i)\s*(?:[\[(]\d+[\])])?\s*[:：]",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"\s*(?:help|aide|hulp|hilfe|stopp?|(?:lang|langue|language|taal|sprache)[ :]+\w+)\s*[.!]*\s*", re.IGNORECASE
)
"""What a subject alone may order."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What there is to see in a mail. Addresses and token as written; `bounce_of`: who could not be reached."""

    sender: str | None
    token: str | None
    text: str
    automatic: bool
    bounce_of: str | None
    authentic: str
    attachments: tuple[Attachment, ...]
    subject: str
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]


def inspect(
    raw: bytes, own: Own | None = None, authserv_id: str | None = None, recipient: str | None = None
) -> Inspected:
    """What there is to see in a mail. `recipient`: the envelope's. Unreadable where it is no mail, or more than one."""
    mail = read_mail(raw)
    headers, body, failure = mail.headers, read_body(mail), read_bounce(mail)
    delivered = bot_address(headers, own, recipient, authserv_id)
    return Inspected(
        sender=next((author for author in authors(headers) if author), None),
        token=token(delivered) if delivered else None,
        text=newly_written(body.parts),
        automatic=failure is not None or is_automatic(mail),
        bounce_of=failure.address if failure else None,
        authentic=authentic(headers, authserv_id),
        attachments=body.attachments,
        subject=_subject(headers),
        message_id=_message_id(headers),
        in_reply_to=_in_reply_to(headers),
        references=headers.ids("references"),
    )


def inbound(
    raw: bytes,
    own: Own,
    pages: Pages,
    now: datetime,
    recipient: str | None = None,
    sender_path: str | None = None,
) -> Inbound:
    """What a mail means. `recipient` and `sender_path`: the envelope's, where they are known; `sender_path` "" where nothing may come back.

    The delivery that it answers is named by the address that it came to, and by nothing that its author wrote.
    """
    try:
        mail = read_mail(raw)
    except Unreadable as refusal:
        return Ignored(sha256(raw).hexdigest(), now, refusal.why)
    return _Arrived(mail, own, pages, now, recipient, sender_path).inbound()


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A mail that came to us."""

    mail: Entity
    own: Own
    pages: Pages
    now: datetime
    recipient: str | None
    sender_path: str | None

    def inbound(self) -> Inbound:
        headers, ref = self.mail.headers, self.ref()
        failure = read_bounce(self.mail, self.sender_path)
        if failure is not None:
            return self._bounced(failure, ref)
        found = authors(headers)
        if any(map(self.own.owns, found)) or self.own.message_key(headers.first("message-id")):
            return Ignored(ref, self.now, "loop")
        if is_automatic(self.mail, self.sender_path):
            return Ignored(ref, self.now, "automatic")
        if len(found) != 1 or not found[0]:
            return Ignored(ref, self.now, "no_sender")
        return self._message(found[0], ref)

    def ref(self) -> str:
        """The same however often and by whichever way a mail comes; another's with the same Message-ID has another one."""
        headers, digest = self.mail.headers, sha256()
        delivered = bot_address(headers, self.own, self.recipient) or ""
        written = [headers.first(name) for name in ("message-id", "from", "date", "subject")]
        for piece in (delivered.lower(), *written):
            digest.update(piece.encode("utf-8", "replace") + b"\0")
        digest.update(memoryview(self.mail.raw)[self.mail.start : self.mail.end])
        return digest.hexdigest()

    def _bounced(self, failure: Failure, ref: str) -> Inbound:
        """Which delivery came back: by the address that its bounces go to, the one that its answers go to, or its Message-ID."""
        key = next(filter(None, map(bounce_key, self._recipients())), None) or self._answered()
        key = key or next(filter(None, map(self.own.message_key, failure.message_ids)), None)
        address = None if key else Address(NAME, on_file(failure.address))
        return Bounced(ref, self.now, key, address, failure.hard)

    def _message(self, sender: str, ref: str) -> Message:
        headers, body = self.mail.headers, read_body(self.mail)
        key = self._answered()
        in_reply_to = _in_reply_to(headers)
        trust = Trust.REPLY if key else Trust(authentic(headers, self.own.authserv_id))
        return Message(
            Origin(Address(NAME, on_file(sender)), trust=trust, token=key),
            ref,
            self.now,
            self._text(body, is_answer=bool(key or in_reply_to or headers.ids("references"))),
            in_reply_to=in_reply_to,
            files=tuple(map(_file, body.attachments)),
            thread=_thread(headers),
        )

    def _text(self, body: Body, is_answer: bool) -> str:
        """What was newly written. The subject of an answer is ours; that of another mail may say it all."""
        text, subject = newly_written(body.parts), _subject(self.mail.headers)
        if is_answer:
            return text
        if _COMMAND.fullmatch(subject):
            return subject.strip()
        return text or _without_prefixes(subject)

    def _answered(self) -> str | None:
        """The key of the delivery to whose reply address the mail came."""
        tokens = filter(None, map(token, self._recipients()))
        return next(filter(None, map(self.pages.replied, tokens)), None)

    def _recipients(self) -> Sequence[str]:
        """Those of our addresses that it came to, the surest first. What is behind the plus is proven by itself."""
        groups = recipients(self.mail.headers, self.recipient)
        return [address for group in groups for address in group if self.own.owns(address)]


def _file(attachment: Attachment) -> File:
    async def read() -> bytes:
        return attachment.content()

    return File(attachment.name, attachment.media_type, attachment.size, read)


def _thread(headers: Headers) -> str | None:
    """What an answer needs to stand in the thread of a mail: `id`, `references` (its first and last ones), `subject`."""
    message_id = _message_id(headers)
    if message_id is None:
        return None
    before = headers.ids("references") or headers.ids("in-reply-to")
    if len(before) > MOST_REFERENCES:
        before = (before[0], *before[1 - MOST_REFERENCES :])
    return json.dumps({"id": message_id, "references": before, "subject": _subject(headers)}, ensure_ascii=False)


def _message_id(headers: Headers) -> str | None:
    return next(iter(headers.ids("message-id")), None)


def _in_reply_to(headers: Headers) -> str | None:
    return next(iter(headers.ids("in-reply-to")), None)


def _subject(headers: Headers) -> str:
    return headers.text("subject")[:LONGEST_SUBJECT]


def _without_prefixes(subject: str) -> str:
    while match := _ANSWERED.match(subject):
        subject = subject[match.end() :]
    return subject.strip()
