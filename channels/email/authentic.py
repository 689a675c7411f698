"""What the trusted server found out about the author's domain: the dmarc result in its Authentication-Results (RFC 8601, RFC 7489).

Anybody can write such a header. Only the topmost one of the server that we trust counts, and only where there is one author.
"""

from __future__ import annotations

import re
from typing import Final

from channels.email.headers import LONGEST_VALUE, Headers, addresses, written_host

PASS: Final = "pass"
FAIL: Final = "fail"
NONE: Final = "none"
MOST_AUTHORS: Final = 20
"""Fields in which authors are looked for: a second one is one too many."""

_RESULT = re.compile(r"dmarc(?:\s*/\s*\d+)?\s*=\s*([a-z]+)(?![\w-])(.*)", re.IGNORECASE | re.DOTALL)
_HEADER_FROM = re.compile(r"(?<![\w.-])header\.from\s*=\s*(\"[^\"]*\"|[^\s;\"]+)", re.IGNORECASE)


def authentic(headers: Headers, authserv_id: str | None) -> str:
    """`pass` or `fail` as the trusted server says of the one author in From; `none` where it says neither, or nobody is trusted."""
    if not authserv_id:
        return NONE
    for value in headers.all("authentication-results"):
        name, results = read_results(value)
        if name == authserv_id:
            return _judged(results, authors(headers))
    return NONE


def authors(headers: Headers) -> list[str]:
    """Every address in every From. More than one is nobody's word."""
    found = [address for value in headers.all("from")[:MOST_AUTHORS] for address in addresses(value)]
    # A second From that names nobody is still one that another reader may take for the first.
    return found if len(headers.all("from")) < 2 else [*found, *[""] * (2 - len(found))]


def _judged(dmarc: list[tuple[str, str]], found: list[str]) -> str:
    results = {result for result, _ in dmarc}
    if FAIL in results:
        return FAIL
    if results != {PASS} or len(found) != 1:
        return NONE
    host = written_host(found[0].rpartition("@")[2])
    # The result is of the domain that it names; of the author's, or of the organisation above it, where all is well.
    named = [written_host(domain.rpartition("@")[2]) for _, domain in dmarc if domain]
    return PASS if all(host == domain or host.endswith(f".{domain}") for domain in named) else NONE


def read_results(value: str) -> tuple[str, list[tuple[str, str]]]:
    """The name of the server that speaks, and each dmarc result with the author's domain that it names."""
    name, *results = _split(value[:LONGEST_VALUE])
    words = name.split() or [""]
    if words[1:] not in ([], ["1"]):
        # A version of the header that we do not know says nothing that we understand.
        results = []
    found = []
    for said in results:
        match = _RESULT.fullmatch(said)
        if match:
            domain = _HEADER_FROM.search(match[2])
            found.append((match[1].lower(), domain[1].strip('"') if domain else ""))
    return words[0].strip('"'), found


def _split(value: str) -> list[str]:
    """A field at its semicolons, without its comments. What stands in quotes is kept together."""
    pieces: list[list[str]] = [[]]
    depth, quoted, escaped = 0, False, False
    for sign in value:
        if escaped:
            escaped = False
            if depth:
                continue
        elif sign == "\\" and (quoted or depth):
            escaped = True
            continue
        elif depth:
            depth += (sign == "(") - (sign == ")")
            continue
        elif sign == '"':
            quoted = not quoted
        elif sign == "(" and not quoted:
            depth = 1
            sign = " "
        elif sign == ";" and not quoted:
            pieces.append([])
            continue
        pieces[-1].append(sign)
    return ["".join(piece).strip() for piece in pieces]
