"""On which line each key of a TOML text stands. The standard library's reader gives values only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\n=\[\]{}.]"
    r"|[A-Za-z0-9_-]+"
    r"|.",
    re.DOTALL,
)
_NAME = re.compile(r"""["'A-Za-z0-9_-].*""", re.DOTALL)

KeyPath = tuple[str, ...]


def key_lines(source: str) -> dict[KeyPath, int]:
    """The line of each table and key of a valid TOML text; what stands in an inline table has the line of its key."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for line, _, tokens in _statements(source):
        if tokens[0] == "[":
            table = path = _names(tokens)
        else:
            path = table + _names(tokens[: tokens.index("=")])
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], line)
    return lines


def key_spans(source: str) -> dict[KeyPath, tuple[int, int]]:
    """The first and last line of each statement of a valid TOML text, by the key that it assigns, or by the table that it opens."""
    spans: dict[KeyPath, tuple[int, int]] = {}
    table: KeyPath = ()
    for first, last, tokens in _statements(source):
        if tokens[0] == "[":
            table = path = _names(tokens)
        else:
            path = table + _names(tokens[: tokens.index("=")])
        spans[path] = first, last
    return spans


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int:
    """The line of a key, or of what it should stand in; 1 where there is neither."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _statements(source: str) -> Iterator[tuple[int, int, list[str]]]:
    """Each table header and each assignment with its first and last line, without spaces and comments."""
    line, first, depth = 1, 1, 0
    tokens: list[str] = []
    for match in _TOKEN.finditer(source):
        token = match[0]
        if token == "\n" and depth == 0:
            if tokens:
                yield first, line, tokens
            tokens = []
        elif token.strip() and not token.startswith("#"):
            first = first if tokens else line
            tokens.append(token)
            depth += (token in "[{") - (token in "]}")
        line += token.count("\n")
    if tokens:
        yield first, line, tokens


def _names(tokens: Sequence[str]) -> KeyPath:
    """The parts of a key, quotes taken off."""
    return tuple(
        next(iter(tomllib.loads(f"{token} = 0"))) if token[0] in "\"'" else token
        for token in tokens
        if _NAME.fullmatch(token)
    )
