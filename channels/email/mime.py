"""A raw mail taken apart: its body as text, its attachments. Nothing that arrives makes it fail, run on or use memory without end.

What is damaged is read as far as it goes: boundaries that are not declared, base64 with holes, charsets that do not exist.
A mail within a mail (message/rfc822) is an attachment; nobody's words are looked for in it.
"""

from __future__ import annotations

import binascii
import mimetypes
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from channels import shaping
from channels.email.flowed import unfolded
from channels.email.headers import Headers, base64_bytes, decoded, parameters, read_headers, words
from channels.email.parts import Part

LARGEST_HEAD = 4 * 2**20
"""Bytes of headers; a mail with more is refused, since what stands behind could be a second author."""
DEEPEST, MOST_PARTS, MOST_BODIES = 20, 400, 40
"""How deep parts may stand in one another, how many are looked at, and how many of them may be text of the body."""
LONGEST_TEXT, MOST_LINES = 200_000, 2_000
"""Signs and lines that are read of all texts together, as text or as HTML; nobody writes more by hand, and quoted history may go."""
DECORATION_BYTES = 6_000
"""A picture shown within the text that is smaller belongs to a signature, and is no file that somebody sends."""

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_GUESSED_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,199}|-{1,60}[^\s-][^\r\n]{0,199}?)[ \t]*\r?\n[A-Za-z-]+:")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_UU_BEGIN = re.compile(rb"(?:\A|\n)begin [0-7]{3,4} [^\r\n]*\r?\n")
_LINE = re.compile("\n")
_LINE_OF_HTML = re.compile(
    r"<(?:br|p|div|li|tr|t[dh]|h[1-6r]|d[tdl]|[uo]l|table|blockquote|pre|section|article|center|form|address)\b|\n",
    re.IGNORECASE,
)
"""Where a new line may be shown. A line break is shown in preformatted text only, and clients write many that are not."""
_TAGS_ALONE = re.compile(_LINE_OF_HTML.pattern.removesuffix(r"|\n"), re.IGNORECASE)
_PREFORMATTED = re.compile(r"<(?:pre|textarea|listing|xmp)\b|white-space", re.IGNORECASE)
_TELLING = ("from", "to", "subject", "date", "message-id", "received", "return-path", "content-type", "mime-version")
"""Without any of these it is no mail."""
_MOST_TRIES = 10_000
"""Lines that begin as a boundary and are looked at."""
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})


class Unreadable(Exception):
    """A mail that is not taken apart, for its size or because there is none. `why` is a word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class Entity:
    """A mail or a part of one: its headers, and where its content stands in the raw bytes."""

    raw: bytes = field(repr=False)
    headers: Headers
    start: int
    end: int
    parts: tuple[Entity, ...] = ()
    closed: bool = False
    """It stands too deep to be taken apart."""

    @cached_property
    def _typed(self) -> tuple[str, Mapping[str, str]]:
        return parameters(self.headers.first("content-type"))

    @property
    def media_type(self) -> str:
        """In lower case. What has none, or none that is one, is plain text."""
        found = self._typed[0].split()[0] if self._typed[0] else ""
        if _TYPE.fullmatch(found):
            return found
        return "application/octet-stream" if "/" in found else "text/plain"

    @property
    def parameters(self) -> Mapping[str, str]:
        return self._typed[1]

    @cached_property
    def _placed(self) -> tuple[str, Mapping[str, str]]:
        return parameters(self.headers.first("content-disposition"))

    @property
    def attached(self) -> bool:
        return self._placed[0] == "attachment"

    @property
    def file_name(self) -> str:
        """The name that it was given as a file, in words; empty where it was given none."""
        return words(self._placed[1].get("filename", "") or self.parameters.get("name", ""))

    @property
    def placed_as_file(self) -> bool:
        return self.attached or "filename" in self._placed[1]

    def content(self, most: int | None = None) -> bytes:
        """The bytes that were sent, decoded. `most`: of how many coded ones."""
        coded = self.raw[self.start : self.end if most is None else min(self.end, self.start + most)]
        match self.headers.first("content-transfer-encoding").partition(";")[0].strip().lower():
            case "base64":
                return base64_bytes(coded)
            case "quoted-printable":
                return binascii.a2b_qp(coded)
            case "x-uuencode" | "uuencode" | "x-uue" | "uue":
                return _uu_bytes(coded)
        return coded

    def text(self) -> str:
        """The content as text, its lines ended by a line feed."""
        content = self.content(12 * LONGEST_TEXT)
        charset = self.parameters.get("charset", "")
        if self.media_type == "text/html" and not charset and (declared := _META_CHARSET.search(content[:4096])):
            charset = declared[1].decode("ascii")
        text = decoded(content, charset).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
        text = text[:LONGEST_TEXT]
        if self.media_type != "text/html" and self.parameters.get("format", "").lower() == "flowed":
            return unfolded(text, delete_space=self.parameters.get("delsp", "").lower() == "yes")
        return text

    def walk(self) -> Iterator[Entity]:
        """Itself and all its parts, in their order."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail. Its bytes are decoded when they are wanted."""

    name: str
    media_type: str
    size: int
    entity: Entity = field(repr=False)

    def content(self) -> bytes:
        return self.entity.content()


@dataclass(frozen=True, slots=True)
class Body:
    """What a mail says, and what came with it."""

    parts: tuple[Part, ...]
    attachments: tuple[Attachment, ...]


def read_mail(raw: bytes) -> Entity:
    """Takes a mail apart. Unreadable where there is nothing, or more headers than any mail has."""
    if not raw.strip():
        raise Unreadable("empty")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    mail = _Reader(raw).entity(0, len(raw), 0)
    if not any(name in mail.headers for name in _TELLING):
        raise Unreadable("no_mail")
    return mail


class _Reader:
    """Takes one mail apart, and counts its parts."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._count = 0

    def entity(self, start: int, end: int, depth: int) -> Entity:
        self._count += 1
        head_end, content = self._head(start, end)
        if head_end - start > LARGEST_HEAD:
            raise Unreadable("too_many_headers")
        found = Entity(self._raw, read_headers(self._raw[start:head_end]), content, end)
        if found.media_type.startswith("multipart/"):
            found.closed = depth >= DEEPEST
            found.parts = () if found.closed else tuple(self._parts(found, depth))
        return found

    def _head(self, start: int, end: int) -> tuple[int, int]:
        """Where the headers end and the content starts: at the first empty line, else where the lines stop being headers."""
        raw = self._raw
        if raw[start : start + 1] == b"\n":
            return start, start + 1
        if raw[start : start + 2] == b"\r\n":
            return start, start + 2
        ends = [
            (place, place + len(mark))
            for mark in (b"\n\n", b"\n\r\n")
            if (place := raw.find(mark, start, min(end, start + LARGEST_HEAD + 4))) >= 0
        ]
        if ends:
            return min(ends)
        if end - start > LARGEST_HEAD:
            raise Unreadable("too_many_headers")
        place = start
        while place < end:
            line_end = raw.find(b"\n", place, end)
            line_end = end if line_end < 0 else line_end
            line = raw[place : min(line_end, place + 200)]
            if not re.match(rb"[ \t]|[!-9;-~]+[ \t]*:|From ", line):
                return place, place
            place = line_end + 1
        return end, end

    def _parts(self, parent: Entity, depth: int) -> Iterator[Entity]:
        boundary = parent.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        marks = list(self._marks(boundary, parent)) if boundary else []
        if not marks and (guess := _GUESSED_BOUNDARY.search(self._raw, parent.start, parent.end)):
            marks = list(self._marks(guess[1].rstrip(), parent))
        for number, (_, content, closes) in enumerate(marks):
            if closes or self._count >= MOST_PARTS:
                return
            end = marks[number + 1][0] if number + 1 < len(marks) else parent.end
            yield self.entity(content, max(content, end), depth + 1)

    def _marks(self, boundary: bytes, parent: Entity) -> Iterator[tuple[int, int, bool]]:
        """Where a boundary stands alone on a line: its line's start (with the line break before it), its end, whether it closes."""
        raw, mark = self._raw, b"\n--" + boundary
        at_once = raw.startswith(mark[1:], parent.start)
        place = parent.start - 1 if at_once else raw.find(mark, parent.start, parent.end)
        found, tries = 0, 0
        while place >= 0 and found <= MOST_PARTS and tries < _MOST_TRIES:
            tries += 1
            behind = place + len(mark)
            line_end = raw.find(b"\n", behind, min(parent.end, behind + 200))
            rest = raw[behind : line_end if line_end >= 0 else min(parent.end, behind + 200)].strip()
            if rest in (b"", b"--"):
                found += 1
                before = place - 1 if place > parent.start and raw[place - 1 : place] == b"\r" else place
                yield max(before, parent.start), line_end + 1 if line_end >= 0 else parent.end, rest == b"--"
                if rest == b"--":
                    return
            place = raw.find(mark, behind, parent.end)


def read_body(mail: Entity) -> Body:
    """The text of a mail, part by part, and its files."""
    attachments: list[Attachment] = []
    parts = [part for part in _texts(mail, attachments) if (part.plain or "").strip() or (part.html or "").strip()]
    in_html = _LINE_OF_HTML if any(_PREFORMATTED.search(part.html or "") for part in parts) else _TAGS_ALONE
    plain = _within_bounds([part.plain for part in parts], _LINE)
    html = _within_bounds([part.html for part in parts], in_html)
    return Body(tuple(map(Part, plain, html))[:MOST_BODIES], tuple(attachments))


def _within_bounds(texts: Sequence[str | None], line: re.Pattern[str]) -> Iterator[str | None]:
    """The texts as far as all of them together are no longer than one may be."""
    signs, lines = LONGEST_TEXT, MOST_LINES
    for text in texts:
        if text is not None:
            text = text[:signs]
            ends = [match.start() for match in islice(line.finditer(text), lines + 1)]
            text = text[: ends[lines]] if len(ends) > lines else text
            signs, lines = signs - len(text), max(0, lines - len(ends))
        yield text


def _texts(entity: Entity, attachments: list[Attachment], before: bool = False) -> list[Part]:
    """The texts of a part in their order; its files are added to the list. `before`: a text came already."""
    kind = entity.media_type
    if kind.startswith("multipart/") and entity.parts:
        if kind == "multipart/alternative":
            return _alternatives(entity, attachments)
        if kind == "multipart/report":
            return _texts(entity.parts[0], attachments, before)
        found: list[Part] = []
        root = _root(entity) if kind == "multipart/related" else None
        for part in entity.parts:
            if root is not None and part is not root and not part.media_type.startswith("text/"):
                _attach(part, attachments, shown=True)
            else:
                found += _texts(part, attachments, before or bool(found))
        return found
    if kind.startswith("multipart/"):
        # Declared to have parts, but none is there: what stands there is read as it is.
        return [] if entity.closed else [Part(plain=entity.text())]
    if kind == "text/html" and not entity.placed_as_file:
        return [Part(html=entity.text())]
    if kind in ("text/plain", "text/markdown") and not entity.placed_as_file and not (before and entity.file_name):
        return [Part(plain=entity.text())]
    _attach(entity, attachments)
    return []


def _alternatives(entity: Entity, attachments: list[Attachment]) -> list[Part]:
    """The same text in several ways: one part. What comes with one of them (pictures, papers) comes with all."""
    plain: list[str] = []
    html: list[str] = []
    for part in entity.parts:
        if part.media_type.startswith("text/") and part.media_type not in ("text/plain", "text/html"):
            continue
        texts = _texts(part, attachments)
        if not plain:
            plain = [text.plain for text in texts if text.plain is not None]
        if not html:
            html = [text.html for text in texts if text.html is not None]
    return [Part("\n".join(plain) if plain else None, "\n".join(html) if html else None)]


def _root(entity: Entity) -> Entity:
    """The part of multipart/related that the others belong to (RFC 2387)."""
    start = entity.parameters.get("start", "")
    named = [part for part in entity.parts if start and part.headers.first("content-id").strip() == start.strip()]
    return (named or list(entity.parts))[0]


def _attach(entity: Entity, attachments: list[Attachment], shown: bool = False) -> None:
    """Adds a file; of several parts, each."""
    if entity.media_type.startswith("multipart/") and entity.parts:
        for part in entity.parts:
            _attach(part, attachments, shown)
        return
    kind = entity.media_type
    size = len(entity.content())
    if kind in _SIGNATURES or not size:
        return
    if shown and kind.startswith("image/") and size < DECORATION_BYTES and not entity.attached:
        return
    attachments.append(Attachment(_name(entity), kind, size, entity))


def _name(entity: Entity) -> str:
    """A name without folders and unseen signs, at most 120 characters; one made of the type where it was given none."""
    given = unicodedata.normalize("NFC", entity.file_name)
    name = shaping.line(re.split(r"[/\\]", given)[-1]).strip(" .")
    if not shaping.visible(name):
        ending = ".eml" if entity.media_type == "message/rfc822" else mimetypes.guess_extension(entity.media_type) or ""
        return f"file{ending}"
    stem, dot, ending = name.rpartition(".")
    return name if len(name) <= 120 else f"{stem[: 120 - len(ending) - 1]}{dot}{ending}"[:120]


def _uu_bytes(coded: bytes) -> bytes:
    begin = _UU_BEGIN.search(coded)
    made: list[bytes] = []
    for line in coded[begin.end() if begin else 0 :].splitlines():
        if line.strip() in (b"", b"end", b"`"):
            continue
        try:
            made.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders leave blanks away at the end of a line: its first sign tells its length.
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                made.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                continue
    return b"".join(made)
