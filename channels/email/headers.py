"""The headers of a mail as a stranger may have written them: read without fail, in a time that grows no faster than they do.

RFC 5322 (fields, addresses), RFC 2045 and 2231 (parameters), RFC 2047 (encoded words), RFC 6532 (UTF-8), RFC 5890 (names of hosts).
"""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from channels import shaping

LONGEST_VALUE = 16_384
"""Signs of a value that are looked into; no client writes more."""

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bq])\?([^?\r\n]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t]+(?==\?[^?\s]{1,64}\?[bq]\?)", re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))', re.DOTALL)
_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_ADDRESS = re.compile(r'("(?:[^"\\\r\n]|\\.)*"|[^\s@<>,;:"()\[\]\\\x00-\x20\x7f]+)@([^\s@<>,;:"()\\\x00-\x20\x7f]+)')
_LONGEST_ADDRESS = 320

_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
"""Codecs of Python's that no mail is written in."""
_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of a sign, which some charsets can name alone."""
_WESTERN = frozenset({"iso8859-1", "cp1252", "ascii", "iso8859-15"})


class Headers:
    """Fields in their order, topmost first: (name in lower case, value unfolded but not decoded)."""

    def __init__(self, fields: Sequence[tuple[str, str]] = ()) -> None:
        self.fields = fields
        self._named: dict[str, list[str]] = {}
        for name, value in fields:
            self._named.setdefault(name, []).append(value)

    def all(self, name: str) -> Sequence[str]:
        """Every value of a field, topmost first."""
        return self._named.get(name, ())

    def first(self, name: str) -> str:
        """The topmost value of a field; empty where there is none."""
        return self._named[name][0] if name in self._named else ""

    def __contains__(self, name: str) -> bool:
        return name in self._named

    def text(self, name: str) -> str:
        """The topmost value of a field in words, on one line."""
        return words(self.first(name))

    def ids(self, name: str) -> tuple[str, ...]:
        """The Message-IDs in a field, in their angle brackets."""
        return tuple(_MESSAGE_ID.findall(self.first(name)[-LONGEST_VALUE:]))


def read_headers(head: bytes) -> Headers:
    """The fields of a head. Lines that are neither a field nor the rest of one say nothing."""
    fields: list[tuple[str, str]] = []
    name, value = "", [b""]
    for line in head.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            value.append(line)
            continue
        if name:
            fields.append((name, _raw_text(b"".join(value))))
        match = _FIELD.fullmatch(line)
        name, value = (match[1].decode("ascii").lower(), [match[2]]) if match else ("", [b""])
    if name:
        fields.append((name, _raw_text(b"".join(value))))
    return Headers(tuple(fields))


def _raw_text(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("cp1252", "replace")
    return text.replace("\r", " ").replace("\x00", "").strip()


@lru_cache(maxsize=64)
def codec(charset: str) -> str | None:
    """Python's name of a charset; None where it is unknown, or none that text is written in."""
    try:
        found = codecs.lookup(charset.strip().strip("'\""))
    except (LookupError, ValueError, UnicodeError):
        return None
    return (
        found.name
        if getattr(found, "_is_text_encoding", True) and found.name.replace("-", "_") not in _NO_CHARSETS
        else None
    )


def decoded(content: bytes, charset: str) -> str:
    """Bytes as text. What is said of the charset is a hint only: UTF-8 that calls itself something else is still UTF-8."""
    name = codec(charset) if charset else None
    if name is None or name in _WESTERN or name == "utf-8":
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # A text that was cut off within a sign, or that has one bad byte, is no other charset for that.
            if name == "utf-8" and (text := content.decode("utf-8", "replace")).count("\ufffd") * 200 < len(text):
                return text
            return content.decode("iso8859-15" if name == "iso8859-15" else "cp1252", "replace")
    try:
        return _HALVES.sub("\ufffd", content.decode(name, "replace"))
    except (UnicodeError, ValueError, LookupError):
        return content.decode("cp1252", "replace")


def words(value: str) -> str:
    """A value with its encoded words decoded, on one line."""
    text = value[:LONGEST_VALUE]
    if "=?" not in text:
        return shaping.line(text)
    text = _BETWEEN_WORDS.sub(r"\1", text)
    made: list[str] = []
    place, held, held_charset = 0, b"", ""
    for match in _WORD.finditer(text):
        charset = match[1].partition("*")[0].lower()
        if match.start() > place or charset != held_charset:
            made.append(decoded(held, held_charset))
            made.append(text[place : match.start()])
            held = b""
        # A sign of several bytes may be torn apart by two words: they are joined before they are decoded.
        held, held_charset, place = held + _word_bytes(match[2], match[3]), charset, match.end()
    made += (decoded(held, held_charset), text[place:])
    return shaping.line("".join(made))


def _word_bytes(how: str, coded: str) -> bytes:
    raw = coded.encode("utf-8", "replace")
    return base64_bytes(raw) if how in "bB" else binascii.a2b_qp(raw, header=True)


def base64_bytes(coded: bytes) -> bytes:
    """What base64 says, as far as it can be read."""
    try:
        return binascii.a2b_base64(coded)
    except binascii.Error:
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", coded)
        whole = clean[: len(clean) - (len(clean) % 4 == 1)]
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """A field such as Content-Type: its value in lower case, and its parameters by name. Of several alike the first counts."""
    text = value[:LONGEST_VALUE]
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(text):
        name, given = match[1].lower(), match[3]
        said = _ESCAPED.sub(r"\1", match[2]) if given is None else given.strip()
        section = _SECTION.fullmatch(name)
        if section is None:
            plain.setdefault(name, said)
        else:
            coded = section[2] is None or section[3] is not None
            pieces.setdefault(section[1], {}).setdefault(int(section[2] or 0), (said, coded))
    for name, parts in pieces.items():
        plain[name] = _joined(parts)
    return text.partition(";")[0].strip().lower(), plain


def _joined(parts: Mapping[int, tuple[str, bool]]) -> str:
    """The pieces of a parameter in their order (RFC 2231), as far as none is missing."""
    charset, raw = "utf-8", b""
    for number, place in enumerate(sorted(parts)):
        said, coded = parts[place]
        if number != place:
            break
        if coded and place == 0 and said.count("'") >= 2:
            charset, _, said = said.split("'", 2)
        raw += unquote_to_bytes(said) if coded else said.encode("utf-8", "replace")
    return decoded(raw, charset or "utf-8")


def addresses(value: str) -> list[str]:
    """The addresses in a field, as written, without their names; of a group, its members. What is no address is left out."""
    return [found for mailbox in _mailboxes(value[:LONGEST_VALUE]) if (found := _address(mailbox))]


def _mailboxes(text: str) -> Iterator[str]:
    """The mailboxes of a list, each without comments; of one with angle brackets, what stands in the last of them."""
    made: list[str] = []
    angle: list[str] | None = None
    last_angle: str | None = None
    depth, quoted, escaped = 0, False, False
    for sign in f"{text},":
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif depth:
            depth += (sign == "(") - (sign == ")")
            continue
        elif sign == '"':
            quoted = not quoted
        elif quoted:
            pass
        elif sign == "(":
            depth = 1
            continue
        elif sign == "<":
            angle = []
            continue
        elif sign == ">" and angle is not None:
            last_angle, angle = "".join(angle), None
            continue
        elif sign in ",;" and angle is None:
            yield last_angle if last_angle is not None else "".join(made)
            made, last_angle = [], None
            continue
        elif sign == ":" and angle is None:
            made = []
            continue
        if not depth:
            (made if angle is None else angle).append(sign)
    yield last_angle if last_angle is not None else "".join(angle if angle is not None else made).rstrip(",")


def _address(mailbox: str) -> str | None:
    text = mailbox.strip()
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    text = re.sub(r"[ \t]*([@.])[ \t]*", r"\1", text) if not text.startswith('"') else text
    return text if len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) else None


def written_host(host: str) -> str:
    """The name of a host as people write it: lower case, `xn--bcher-kva.example` as `bücher.example`."""
    lower = unicodedata.normalize("NFC", host.lower().rstrip("."))
    if "xn--" not in lower:
        return lower
    labels = []
    for label in lower.split("."):
        try:
            labels.append(
                label.encode("ascii").decode("idna") if label.startswith("xn--") and len(label) < 64 else label
            )
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)


def on_file(address: str) -> str:
    """An address as the directory keeps it: in lower case, the host as people write it."""
    local, _, host = address.rpartition("@")
    return f"{unicodedata.normalize('NFC', local.lower())}@{written_host(host)}"
